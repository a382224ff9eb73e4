"""Signed lookups through a real gateway process, beside the raw ceiling (bare ASGI and SQLite, no checks) and peers.

    python bench/lookup.py [--rows 10000000] [--seconds 3] [--rounds 5] [--home DIR] [--villages FILE] [--no-peers]

Two tables: the 620,573 villages of `--villages` (left out when the file is not there) and a generated one of `--rows`
enterprises (BENCH_ROWS in the environment). The grant gives 4 of 6 columns and a row condition; evidence is durable
before each answer. Each round loads gateway and ceiling in turn, at 16 and at 64 connections, with the same client and
the same requests, signed before the clock starts, each with a nonce of its own; figures are medians of the rounds. On
the villages Datasette (a row's page as JSON) and ROAPI (a filter) answer the same keys at 16 connections, each in an
environment of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import random
import shutil
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from _client import load
from _results import figure, write
from _serving import (
    COLUMNS,
    ROOT,
    WHERE,
    free_port,
    gateway,
    peer_python,
    process,
    publish,
    signed,
    write_city,
)

from shuqiao import store
from shuqiao.journal import verify

VILLAGES = ROOT.parent / "shared" / "data" / "admin_villages_2023.csv.gz"
VILLAGE_COLUMNS = ["code", "name", "streetCode", "cityCode"]
VILLAGE_WHERE = [{"column": "provinceCode", "op": "ne", "values": ["11"]}]
AT_ONCE = (16, 64)
Results = dict[str, list[dict[str, float]]]


@dataclass
class Table:
    """A published table, its grant, and keys of rows inside the grant."""

    name: str
    home: Path
    version: str
    columns: list[str]
    where: list[dict]
    key_of: Callable[[random.Random], str]
    rows: int


def generated(home: Path, rows: int) -> Table:
    """The enterprises; 9 of 10 meet the condition."""

    def key_of(chance: random.Random) -> str:
        number = chance.randrange(rows)
        return f"91210800{number - (number % 10 == 9):010d}"

    version = publish(home, rows)
    return Table("generated", home, version, COLUMNS[:4], WHERE, key_of, rows)


def villages(home: Path, file: Path) -> Table:
    """The villages; those outside Beijing meet the condition."""
    present = store.Store(home / "store").list_versions()
    if present:
        version = present[0]
    else:
        recipe = msgspec.structs.replace(store.sniff(file).recipe(), keys=(("code",),))
        version = store.build(file, recipe, home / "store").id
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        next(lines)
        codes = [line.partition(",")[0] for line in lines]
    granted = [code for code in codes if not code.startswith("11")]
    choose = random.Random.choice
    return Table(
        "villages",
        home,
        version,
        VILLAGE_COLUMNS,
        VILLAGE_WHERE,
        lambda chance: choose(chance, granted),
        len(codes),
    )


def request(port: int, path: str, headers: dict[str, str] | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def batches(
    table: Table, port: int, key: tuple[str, str], at_once: int, each: int, seed: int
) -> list[list[bytes]]:
    """Signed requests for random rows, a list for each connection."""
    chance = random.Random(seed)
    made = []
    for _ in range(at_once * each):
        path = f"/v1/resources/enterprises/rows/{table.key_of(chance)}"
        made.append(request(port, path, signed(port, path, key)[1]))
    return [made[number::at_once] for number in range(at_once)]


def measure(table: Table, options: argparse.Namespace) -> Results:
    """Rounds of gateway and ceiling in turn, and of the peers where there are any."""
    key = write_city(table.home, table.version, columns=table.columns, where=table.where)
    handle = store.Store(table.home / "store").open(table.version)
    os.environ["BENCH_SQLITE"], os.environ["BENCH_COLUMNS"] = (
        str(handle.path / "rows.sqlite"),
        ",".join(table.columns),
    )
    handle.close()
    with_peers = table.name == "villages" and not options.no_peers
    others = peers(table, options.home) if with_peers else {}
    results: Results = {}
    for number in range(options.rounds):
        for name in ("gateway", "ceiling"):
            measure_ours(table, key, name, number, options, results)
        for name, (command_of, path_of) in others.items():
            measure_peer(table, name, command_of, path_of, number, options, results)
    return results


def measure_ours(
    table: Table, key: tuple[str, str], name: str, number: int, options: argparse.Namespace, results: Results
) -> None:
    """One start of the gateway or of the ceiling, loaded at each number of connections."""
    port = free_port()
    command = gateway(port) if name == "gateway" else [*gateway(port)[:-1], "_ceiling:app"]
    with process(command, port, table.home):
        load(port, batches(table, port, key, 16, 50, seed=-1 - number), 5)  # opens files, fills caches
        for at_once in AT_ONCE:
            each = int(options.expect * options.seconds / at_once)
            ready = batches(table, port, key, at_once, each, seed=number * 1000 + at_once)
            note(table, f"{name} {at_once}", number, load(port, ready, options.seconds), results)


def note(table: Table, name: str, number: int, result: dict[str, float], results: Results) -> None:
    """Keep and print one result. Whoever does not answer 200 is not measured."""
    results.setdefault(name, []).append(result)
    print(
        f"  {table.name} round {number + 1} {name:12}",
        *(f"{k} {v:,.2f}" for k, v in result.items()),
        flush=True,
    )
    if result["failed"]:
        raise SystemExit(f"{result['failed']:.0f} answers of {name} were not 200")


# Peers


def peers(table: Table, home: Path) -> dict[str, tuple[Callable[[int], list[str]], Callable[[str], str]]]:
    """Command and path of a row for each peer, over the same rows."""
    folder = home / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    plain, database = folder / "villages.csv", folder / "villages.db"
    if not plain.exists():
        handle = store.Store(table.home / "store").open(table.version)
        names = ",".join(column.name for column in handle.columns)
        source = sqlite3.connect(handle.path / "rows.sqlite")
        codes = [row[1] for row in source.execute("PRAGMA table_info(rows)") if row[1][1:].isdigit()]
        rows = source.execute(f"SELECT {', '.join(codes)} FROM rows").fetchall()
        target = sqlite3.connect(database)
        typed = names.replace(",", " TEXT,") + " TEXT"
        target.execute(
            f"CREATE TABLE villages ({typed.replace('code TEXT', 'code TEXT PRIMARY KEY', 1)}) WITHOUT ROWID"
        )
        target.executemany(f"INSERT OR IGNORE INTO villages VALUES ({','.join('?' * len(codes))})", rows)
        target.commit()
        quoted = (",".join('"' + str(value).replace('"', '""') + '"' for value in row) for row in rows)
        plain.write_text("\n".join([names, *quoted]) + "\n", "utf-8")
    os.environ.setdefault("RUST_LOG", "error")  # ROAPI would write a line for each request
    datasette = peer_python("datasette", "datasette")
    roapi = peer_python("roapi", "roapi").with_name("roapi")
    columns = ",".join(table.columns)
    return {
        "Datasette": (
            lambda port: [
                str(datasette),
                "-m",
                "datasette",
                "serve",
                "-i",
                str(database),
                "--port",
                str(port),
            ],
            lambda code: f"/villages/villages/{code}.json",
        ),
        "ROAPI": (
            lambda port: [str(roapi), "-t", f"villages={plain}", "--addr-http", f"127.0.0.1:{port}"],
            lambda code: f"/api/tables/villages?columns={columns}&filter[code]={code}",
        ),
    }


def measure_peer(
    table: Table,
    name: str,
    command_of: Callable[[int], list[str]],
    path_of: Callable[[str], str],
    number: int,
    options: argparse.Namespace,
    results: Results,
) -> None:
    """One start of a peer, loaded with 16 connections."""
    port, chance = free_port(), random.Random(number)
    with process(command_of(port), port, table.home):
        ready = [[request(port, path_of(table.key_of(chance))) for _ in range(2_000)] for _ in range(16)]
        load(port, [batch[:10] for batch in ready], 5)
        code = table.key_of(chance)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path_of(code)}") as answer:
            if code not in answer.read().decode():
                raise SystemExit(f"{name} does not answer with the row")
        note(
            table, f"{name} 16", number, load(port, [batch[10:] for batch in ready], options.seconds), results
        )


def figures_of(table: Table, results: Results) -> list[dict]:
    """The table's figures: medians, and the median of each round's ratios."""

    def middle(name: str, what: str) -> float:
        return statistics.median(one[what] for one in results[name])

    def shares(at_once: int) -> float:
        pairs = zip(results[f"gateway {at_once}"], results[f"ceiling {at_once}"], strict=True)
        return statistics.median(mine["rate"] / bare["rate"] for mine, bare in pairs)

    others = {name.removesuffix(" 16"): middle(name, "rate") for name in results if name[0].isupper()}
    of = f"{table.name}, {table.rows:,} rows"
    made = []
    for at_once in AT_ONCE:
        mine, bare = f"gateway {at_once}", f"ceiling {at_once}"
        beside = {"bare ASGI + SQLite": middle(bare, "rate"), **(others if at_once == 16 else {})}
        rate, p99 = (10_000, 5.0) if at_once == 16 else (None, None)
        label = f"{of}, {at_once} connections"
        made += [
            figure(f"{label}: rate", "requests/s", middle(mine, "rate"), rate, at_least=True, beside=beside),
            figure(f"{label}: p50", "ms", middle(mine, "p50"), beside={"bare": middle(bare, "p50")}),
            figure(f"{label}: p99", "ms", middle(mine, "p99"), p99, beside={"bare": middle(bare, "p99")}),
            figure(
                f"{label}: share of the ceiling", "", shares(at_once), 0.4 if rate else None, at_least=True
            ),
        ]
    if others:
        times = middle("gateway 16", "rate") / max(others.values())
        made.append(figure(f"{of}: times the best peer", "", times, 20, at_least=True, beside=others))
    return made


def tables(options: argparse.Namespace) -> list[Table]:
    """What is to be measured, built where it is not yet there."""
    found = [generated(options.home / "generated", options.rows)]
    if options.villages.exists():
        found.insert(0, villages(options.home / "villages", options.villages))
    return found


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=int(os.environ.get("BENCH_ROWS") or 10_000_000))
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--expect", type=int, default=25_000, help="requests per second made ready at most")
    parser.add_argument("--home", type=Path, help="keeps the tables there for the next run")
    parser.add_argument("--villages", type=Path, default=VILLAGES)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    kept = options.home is not None
    options.home = options.home or Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    options.home.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop, it stops its servers too
    figures: list[dict] = []
    try:
        started = time.perf_counter()
        found = tables(options)
        print(f"tables ready after {time.perf_counter() - started:.0f} s")
        for table in found:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(table.home / "journal")
            results = measure(table, options)
            answers = sum(
                one["answers"] for name in results for one in results[name] if name.startswith("gateway")
            )
            evidence = verify(table.home / "journal")
            print(f"  {table.name}: evidence holds: {evidence.ok}; answers measured {answers:,.0f}")
            if not evidence.ok:
                return 1
            figures += figures_of(table, results)
        return 0 if write("lookup", figures) else 1
    finally:
        if not kept:
            shutil.rmtree(options.home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
