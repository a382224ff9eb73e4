"""Exports of 4 of 6 columns with a row condition through a real gateway, beside DuckDB's COPY to a file.

    python bench/export.py [--rows 10000000] [--rounds 5] [--home DIR]

Each round exports CSV and Parquet and copies the same query in turn; the median of the rounds' ratios counts.
`--home` keeps the built table for the next run.
"""

from __future__ import annotations

import argparse
import http.client
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from _results import figure, write
from _serving import free_port, gateway, peak_memory, process, publish, signed, write_city

KINDS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet"}
_COPY = """
import sys, time, duckdb
source, target, options = sys.argv[1:]
connection = duckdb.connect()
started = time.perf_counter()
rows = connection.execute(
    f"COPY (SELECT c1, c2, c3, c4 FROM read_parquet('{source}') WHERE c3 = '营口') TO '{target}' ({options})"
).fetchone()[0]
print(rows, time.perf_counter() - started)
"""


def copy(source: Path, target: Path, options: str) -> tuple[int, float]:
    """Rows and seconds of DuckDB's own way, in a process of its own."""
    command = [sys.executable, "-c", _COPY, str(source), str(target), options]
    out = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, seconds = out.stdout.split()[-2:]  # a progress bar may come before
    return int(rows), float(seconds)


def export(port: int, key: tuple[str, str], kind: str) -> tuple[int, float, float]:
    """Bytes, seconds, and seconds to the first of them."""
    url, headers = signed(port, f"/v1/resources/enterprises/export.{kind}", key)
    headers["accept-encoding"] = "identity"  # COPY packs nothing either
    started, first, size = time.perf_counter(), 0.0, 0
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=600)  # takes the least of the two cores
    with closing(connection):
        connection.request("GET", f"{where.path}?{where.query}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {answer.read().decode()}")
        while piece := answer.read1(1 << 20):
            first = first or time.perf_counter() - started
            size += len(piece)
    return size, time.perf_counter() - started, first


def measure(home: Path, version: str, options: argparse.Namespace) -> list[dict]:
    """Rounds of all kinds, product and peer in turn; the figures."""
    key, port = write_city(home, version), free_port()
    source = home / "store" / "versions" / version[:2] / version / "data.parquet"
    shares: dict[str, list[float]] = {kind: [] for kind in KINDS}
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    copied: dict[str, list[float]] = {kind: [] for kind in KINDS}
    firsts: list[float] = []
    with process(gateway(port), port, home) as server:
        time.sleep(1)
        for number in range(options.rounds):
            for kind, how in KINDS.items():
                rows, bare = copy(source, home / f"copied.{kind}", how)
                size, seconds, first = export(port, key, kind)
                shares[kind].append(bare / seconds)
                rates[kind].append(rows / seconds)
                copied[kind].append(rows / bare)
                firsts.append(first)
                print(
                    f"  round {number + 1} {kind:8} {size:,} bytes {seconds:.2f} s, COPY {bare:.2f} s",
                    flush=True,
                )
        memory = peak_memory(server.pid)
    figures = [figure("peak memory", "MB", memory, 1024), figure("first byte", "s", max(firsts), 1.0)]
    for kind in KINDS:
        beside = {"DuckDB COPY": statistics.median(copied[kind])}
        figures.append(figure(f"{kind} rows", "rows/s", statistics.median(rates[kind]), beside=beside))
        figures.append(
            figure(f"{kind} share of COPY", "", statistics.median(shares[kind]), 0.7, at_least=True)
        )
    return figures


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        return (
            0
            if write("export", measure(home, publish(home, options.rows), options), rows=options.rows)
            else 1
        )
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
