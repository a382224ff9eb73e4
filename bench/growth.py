"""How the cost of a lookup and of a page grows with the table, from ten thousand to ten million rows.

    python bench/growth.py [--most 10000000] [--asks 400] [--rounds 5] [--home DIR]

One connection asks one thing after another through a real gateway, every size in turn, round after round, so that a
busy moment of the machine falls on all of them. A cost that follows the logarithm of the rows grows by 1.75 from 10^4
to 10^7; what is measured must not grow faster.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from _results import figure, write
from _serving import free_port, gateway, process, publish, signed, write_city

LEAST = 10_000
KINDS = ("lookup", "page", "deep page", "filtered page")


class Table:
    """A table of one size behind a gateway of its own."""

    def __init__(self, home: Path, rows: int, stack: contextlib.ExitStack) -> None:
        self.rows, self.port = rows, free_port()
        self.key = write_city(home, publish(home, rows))
        stack.enter_context(process(gateway(self.port), self.port, home))
        self.client = stack.enter_context(httpx.Client(timeout=120))
        self.chance = random.Random(rows)
        self.deep = ""

    def code(self) -> str:
        """The key of a row that the grant lets through: every tenth is of another city."""
        number = self.chance.randrange(self.rows)
        return f"91210800{number - (number % 10 == 9):010d}"

    def path(self, kind: str) -> str:
        """The address of one read of a kind."""
        base = "/v1/resources/enterprises/rows"
        return {
            "lookup": f"{base}/{self.code()}",
            "page": f"{base}?limit=100",
            "deep page": f"{base}?limit=100&cursor={self.deep}",
            "filtered page": f"{base}?limit=100&founded=1995-03-04&count=exact",
        }[kind]

    def ask(self, kind: str) -> float:
        """Milliseconds of one signed read."""
        url, headers = signed(self.port, self.path(kind), self.key)
        started = time.perf_counter()
        answer = self.client.get(url, headers=headers)
        took = (time.perf_counter() - started) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{kind} of {self.rows:,} rows: {answer.status_code} {answer.text[:300]}")
        return took

    def go_deep(self) -> None:
        """Walk to the middle of the table as a reader would, ten thousand rows a page, at most 500 pages."""
        base = "/v1/resources/enterprises/rows?limit=10000"
        cursor = ""
        for _ in range(max(1, min(500, self.rows // 20_000))):
            url, headers = signed(self.port, base + (f"&cursor={cursor}" if cursor else ""), self.key)
            found = self.client.get(url, headers=headers).json()["next"]
            if not found:
                break
            cursor = found
        self.deep = cursor


def measure(tables: list[Table], options: argparse.Namespace) -> dict[str, dict[int, float]]:
    """For each kind the median milliseconds at each size: the median of the rounds' medians."""
    taken: dict[str, dict[int, list[float]]] = {kind: {table.rows: [] for table in tables} for kind in KINDS}
    for table in tables:
        table.go_deep()
        for kind in KINDS:
            table.ask(kind)  # caches warm, as for everything after the first reader
    for _ in range(options.rounds):
        for kind in KINDS:
            asks = options.asks if kind == "lookup" else options.asks // 4
            for table in tables:
                taken[kind][table.rows].append(statistics.median(table.ask(kind) for _ in range(asks)))
    return {
        kind: {rows: statistics.median(one) for rows, one in sizes.items()} for kind, sizes in taken.items()
    }


def report(measured: dict[str, dict[int, float]]) -> bool:
    """Print the table and write the result."""
    figures = []
    for kind, sizes in measured.items():
        least, most = min(sizes), max(sizes)
        print(f"  {kind:14} " + "  ".join(f"{rows:>10,}: {took:6.2f} ms" for rows, took in sizes.items()))
        beside = {f"{rows:,} rows, ms": took for rows, took in sizes.items()}
        growth = sizes[most] / sizes[least]
        allowed = round(math.log(most) / math.log(least), 3) if most > least else None
        figures.append(
            figure(f"{kind}: growth {least:,} to {most:,}", "times", growth, allowed, beside=beside)
        )
    return write("growth", figures)


def main() -> int:
    """Run it; 1 when something grows faster than the logarithm."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=10_000_000)
    parser.add_argument("--asks", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--home", type=Path, help="keep the tables here and use them again")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    sizes = [10**power for power in range(round(math.log10(LEAST)), round(math.log10(options.most)) + 1)]
    try:
        with contextlib.ExitStack() as stack:
            tables = [Table(home / f"rows-{rows}", rows, stack) for rows in sizes]
            return 0 if report(measure(tables, options)) else 1
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
