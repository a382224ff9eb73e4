"""Signed lookups through a real gateway process, beside the raw ceiling (bare ASGI and SQLite, no checks).

    python bench/lookup.py [--rows 1000000] [--seconds 4] [--rounds 5] [--connections 16]

Each round loads the gateway and the ceiling in turn over loopback; medians of the rounds are printed and written to
bench/results/lookup.json. Requests are signed before the clock starts, each with a nonce of its own. The grant
gives 4 of 6 columns and a row condition; every answer's evidence is durable before it is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import json
import os
import platform
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import orjson

from shuqiao import store
from shuqiao.gateway import (
    Book,
    ColumnRow,
    GrantRow,
    KeyRow,
    ResourceRow,
    book_path,
    ensure_master_key,
    mint_key,
    write_book,
)
from shuqiao.gateway.signing import sign
from shuqiao.journal import verify

ROOT = Path(__file__).parent.parent
COLUMNS = ["code", "name", "region", "founded", "person", "phone"]
TARGETS = {"rate": 10_000.0, "p99": 5.0, "share": 0.40}


def generate(home: Path, rows: int) -> str:
    """Build and publish a table of `rows` enterprises; its version id."""
    source = home / "source.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            day = date(1990, 1, 1) + timedelta(days=number % 12_000)
            person, phone = f"person {number % 9973}", f"139{number:08d}"
            writer.writerow([key_of(number), f"enterprise {number}", "营口", day.isoformat(), person, phone])
    recipe = msgspec.structs.replace(store.sniff(source).recipe(), keys=(("code",),))
    version = store.build(source, recipe, home / "store").id
    source.unlink()
    return version


def key_of(number: int) -> str:
    """The lookup key of a row: 18 characters, as credit codes have."""
    return f"91210800{number:010d}"


def write_city(home: Path, version: str) -> tuple[str, str]:
    """A book with one key and one grant; key id and secret."""
    master = ensure_master_key(home)
    minted = mint_key(master, "k-bench")
    key = KeyRow(
        id=minted.id,
        department="bench",
        system="bench",
        secret_sha256=minted.secret_sha256,
        sealed_secret=minted.sealed_secret,
    )
    grant = GrantRow(
        id="g-bench",
        case="bench",
        resource="enterprises",
        grantee="bench",
        keys=[key.id],
        columns=[ColumnRow(name) for name in COLUMNS[:4]],
        where=[{"column": "region", "op": "eq", "values": ["营口"]}],
        purpose="bench",
        legal_basis="bench",
        modes=["interface"],
        valid_from=date(2020, 1, 1),
        valid_until=None,
    )
    resource = ResourceRow(
        id="enterprises",
        entry="e",
        name="enterprises",
        version=version,
        lookup_keys=[["code"]],
        provider="bench",
        basis=["national-2025:25"],
    )
    book = Book(
        revision=1, written_at="", keys={key.id: key}, grants=[grant], resources={resource.id: resource}
    )
    write_book(book_path(home), book)
    return minted.id, minted.secret


# The ceiling: what the server, the event loop and SQLite can do when nothing is asked of them.


def ceiling():
    """An ASGI application that answers a lookup and does nothing else."""
    database = next(Path(os.environ["BENCH_HOME"]).glob("store/versions/*/*/rows.sqlite"))
    connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    table, columns = _table_of(connection)
    statement = f"SELECT {', '.join(columns[:4])} FROM {table} WHERE {columns[0]} = ?"

    async def app(scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        row = connection.execute(statement, (scope["path"].rpartition("/")[2],)).fetchone()
        body = orjson.dumps(dict(zip(COLUMNS, row, strict=False)))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _table_of(connection: sqlite3.Connection) -> tuple[str, list[str]]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (name,) in found:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        codes = [column for column in columns if column.startswith("c") and column[1:].isdigit()]
        if len(codes) == len(COLUMNS):
            return name, codes
    raise LookupError(f"no table with {len(COLUMNS)} columns among {found}")


@contextlib.contextmanager
def serving(target: str, home: Path) -> Iterator[int]:
    """A granian process of one worker; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SHUQIAO_HOME": str(home), "BENCH_HOME": str(home)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "bench")])
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--factory",
        "--no-ws",
        "--workers",
        "1",
    ]
    command += ["--log-level", "warning", "--port", str(port), target]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


class Connection(asyncio.Protocol):
    """One connection: the next request goes out when the answer is in. Keeps each answer's milliseconds."""

    def __init__(self, requests: Iterator[bytes], until: float, done: asyncio.Future[None]) -> None:
        self.requests, self.until, self.done = requests, until, done
        self.times: list[float] = []
        self.failed = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        length = int(lowered.partition(b"content-length:")[2].partition(b"\r")[0])
        if len(body) < length:
            return
        self.times.append((time.perf_counter() - self.sent) * 1000)
        self.failed += not head.startswith(b"HTTP/1.1 200")
        self.buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))


async def load(port: int, batches: list[list[bytes]], seconds: float) -> dict[str, float]:
    """Requests per second and percentiles (ms) of all connections at once."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    protocols = []
    for batch in batches:
        done = loop.create_future()
        _, protocol = await loop.create_connection(
            lambda batch=batch, done=done: Connection(iter(batch), started + seconds, done), "127.0.0.1", port
        )
        protocols.append(protocol)
    await asyncio.gather(*(protocol.done for protocol in protocols))
    elapsed = time.perf_counter() - started
    times = sorted(value for protocol in protocols for value in protocol.times)
    return {
        "rate": len(times) / elapsed,
        "p50": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
        "failed": float(sum(protocol.failed for protocol in protocols)),
        "answers": float(len(times)),
    }


def requests_for(port: int, key: tuple[str, str], rows: int, count: int, seed: int) -> list[bytes]:
    """Signed requests for random rows, ready to be sent."""
    chance = random.Random(seed)
    host = f"127.0.0.1:{port}"
    made = []
    for _ in range(count):
        path = f"/v1/resources/enterprises/rows/{key_of(chance.randrange(rows))}"
        headers = sign(method="GET", url=f"http://{host}{path}", key_id=key[0], secret=key[1])
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        made.append(("\r\n".join(lines) + "\r\n\r\n").encode())
    return made


def measure(
    home: Path, key: tuple[str, str], options: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    """Rounds of gateway and ceiling in turn."""
    results: dict[str, list[dict[str, float]]] = {"gateway": [], "ceiling": []}
    targets = {"gateway": "shuqiao.gateway.serve:app", "ceiling": "lookup:ceiling"}
    for round_number in range(options.rounds):
        for name, target in targets.items():
            with serving(target, home) as port:
                each = int(options.expect * options.seconds / options.connections)
                batches = [
                    requests_for(port, key, options.rows, each, seed=round_number * 1000 + number)
                    for number in range(options.connections)
                ]
                result = asyncio.run(load(port, batches, options.seconds))
            results[name].append(result)
            print(
                f"  round {round_number + 1} {name:8} "
                + "  ".join(f"{k} {v:,.2f}" for k, v in result.items())
            )
            if result["failed"]:
                raise SystemExit(f"{result['failed']:.0f} answers of {name} were not 200")
    return results


def report(results: dict[str, list[dict[str, float]]], rows: int, connections: int) -> bool:
    """Print the table, write the result file; whether every figure reaches its target."""
    middle = {
        name: {figure: statistics.median(one[figure] for one in rounds) for figure in ("rate", "p50", "p99")}
        for name, rounds in results.items()
    }
    share = statistics.median(
        mine["rate"] / bare["rate"] for mine, bare in zip(results["gateway"], results["ceiling"], strict=True)
    )
    figures = [
        figure("signed lookups", "requests/s", middle, "rate", TARGETS["rate"], at_least=True),
        figure("p50", "ms", middle, "p50", None, at_least=False),
        figure("p99", "ms", middle, "p99", TARGETS["p99"], at_least=False),
        {
            "name": "share of the ceiling",
            "unit": "",
            "value": round(share, 3),
            "target": TARGETS["share"],
            "ok": share >= TARGETS["share"],
            "beside": {},
        },
    ]
    print(
        f"\nlookup: {rows:,} rows, {connections} connections, one worker, evidence durable before each answer"
    )
    for one in figures:
        target = "" if one["target"] is None else f"target {one['target']:,}"
        beside = "".join(f"  {name} {value:,}" for name, value in one["beside"].items())
        print(
            f"  {one['name']:22}{one['value']:>12,} {one['unit']:11}{'ok' if one['ok'] else 'MISSED':7}{target}{beside}"
        )
    out = ROOT / "bench" / "results" / "lookup.json"
    out.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs"
    versions = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "rows": rows}
    written = {"id": "lookup", "date": date.today().isoformat(), "machine": machine, "versions": versions}
    out.write_text(json.dumps({**written, "figures": figures}, indent=1, ensure_ascii=False) + "\n")
    return all(one["ok"] for one in figures)


def figure(name: str, unit: str, middle: dict, key: str, target: float | None, *, at_least: bool) -> dict:
    """One figure of the result file."""
    value = middle["gateway"][key]
    ok = target is None or (value >= target if at_least else value <= target)
    beside = {"bare ASGI + SQLite": round(middle["ceiling"][key], 2)}
    return {
        "name": name,
        "unit": unit,
        "value": round(value, 2),
        "target": target,
        "ok": ok,
        "beside": beside,
    }


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--expect", type=int, default=30_000, help="requests per second prepared at most")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        started = time.perf_counter()
        key = write_city(home, generate(home, options.rows))
        print(f"built {options.rows:,} rows in {time.perf_counter() - started:.1f} s")
        results = measure(home, key, options)
        evidence = verify(home / "journal")
        answers = int(sum(one["answers"] for one in results["gateway"]))
        print(f"  evidence holds: {evidence.ok}; answers {answers:,}")
        return 0 if report(results, options.rows, options.connections) and evidence.ok else 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
