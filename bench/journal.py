"""How fast evidence becomes durable: `python bench/journal.py [--runs 5]`.

Appends a second at 1, 16 and 64 concurrent appenders beside what this disk gives: one write and one fdatasync a
record (the ceiling of a log without group commit), alternating, medians. Then reading back: seal,
verify, prove, find, search. Writes `bench/results/journal.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from shuqiao import journal
from shuqiao.journal.sm3 import through_cryptography, through_hashlib

RESULTS = Path(__file__).parent / "results" / "journal.json"
APPENDS = 8000
RECORD = journal.Record(
    kind="read",
    grant="019a7f0e-1111-7000-8000-000000000001",
    key="019a7f0e-2222-7000-8000-000000000002",
    resource="019a7f0e-3333-7000-8000-000000000003",
    version="b3" * 32,
    action="row",
    purpose="核对经营地址",
    columns=["统一社会信用代码", "企业名称", "地区", "登记状态"],
    rows=1,
    query="统一社会信用代码=91210800MA0XXXXXXX",
    answer="5e" * 32,
    client="10.21.4.17",
)


@contextmanager
def a_folder() -> Iterator[Path]:
    """On the disk of the project, not in a memory file system."""
    folder = Path(tempfile.mkdtemp(prefix="journal-", dir=Path(__file__).parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def fsync_baseline() -> float:
    """Records a second with one write and one fdatasync each."""
    with a_folder() as folder:
        fd = os.open(folder / "file", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        line = b"x" * 900
        start = time.perf_counter()
        for _ in range(1000):
            os.write(fd, line)
            os.fdatasync(fd)
        took = time.perf_counter() - start
        os.close(fd)
    return 1000 / took


def appends(concurrent: int) -> tuple[float, float]:
    """Appends a second, and the 99th percentile of one append in ms."""
    waits: list[float] = []

    async def one(writer: journal.Writer) -> None:
        for _ in range(APPENDS // concurrent):
            start = time.perf_counter()
            await writer.append(RECORD)
            waits.append(time.perf_counter() - start)

    async def scenario(folder: Path) -> float:
        async with journal.Writer(folder, "gw1") as writer:
            start = time.perf_counter()
            await asyncio.gather(*(one(writer) for _ in range(concurrent)))
            return len(waits) / (time.perf_counter() - start)

    with a_folder() as folder:
        rate = asyncio.run(scenario(folder))
    return rate, statistics.quantiles(waits, n=100)[98] * 1000


def reading(count: int) -> dict[str, float]:
    """Verify (records/s), index from nothing (records/s), find (ms), a search over the caught-up index (ms)."""
    with a_folder() as folder:
        with journal.Writer(folder, "gw1") as writer:
            receipts = [r for _ in range(count // 10_000) for r in writer.append_many_sync([RECORD] * 10_000)]
        took = {name: _seconds(call) for name, call in _readings(folder, receipts).items()}
        return {
            "seal": count / took["seal"],
            "verify": count / took["verify"],
            "verify, all cores": count / took["verify, all cores"],
            "prove": took["prove"] * 1000 / 50,
            "index": count / took["index"],
            "find": took["find"] * 1000 / 500,
            "search": took["search"] * 1000,
        }


def _readings(folder: Path, receipts: list[journal.Receipt]) -> dict[str, Callable[[], object]]:
    key = journal.seal_key(folder.with_name(f"{folder.name}-secrets"))
    shutil.rmtree(folder.with_name(f"{folder.name}-secrets"))

    def verified(processes: int = 1) -> None:
        report = journal.verify(folder, processes=processes)
        assert report.ok
        assert report.records == report.nodes[0].sealed == len(receipts)

    def proven() -> None:
        for receipt in receipts[:: len(receipts) // 50][:50]:
            proof = journal.prove(folder, receipt.id)
            assert proof
            assert journal.verify_proof(proof, key.public)

    def found() -> None:
        for receipt in receipts[:: len(receipts) // 500][:500]:
            assert journal.find(folder, receipt.id)

    return {
        "seal": lambda: journal.seal(folder, "gw1", key),
        "verify": verified,
        "verify, all cores": lambda: verified(os.cpu_count() or 1),
        "prove": proven,
        "index": lambda: journal.counts(folder),
        "find": found,
        "search": lambda: journal.search(folder, grant=RECORD.grant, limit=100),
    }


def hashing() -> dict[str, float]:
    """Microseconds for SM3 of a 900-byte record."""
    data = b"x" * 900
    times = {}
    for name, make in (("hashlib", through_hashlib), ("cryptography", through_cryptography)):
        try:
            digest = make()
        except ValueError:
            continue
        times[name] = (
            min(_seconds(lambda d=digest: [d(data) for _ in range(5000)]) for _ in range(5)) / 5000 * 1e6
        )
    return times


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def figure(
    name: str, unit: str, value: float, target: float | None = None, **beside: float
) -> dict[str, object]:
    """One row in the form all benchmarks share. Without a target a figure is for information."""
    ok = target is None or value >= target
    rounded = {key: round(number, 2) for key, number in beside.items()}
    return {
        "name": name,
        "unit": unit,
        "value": round(value, 2),
        "target": target,
        "ok": ok,
        "beside": rounded,
    }


def main() -> int:
    """Run, print, write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=int, default=200_000)
    given = parser.parse_args()
    base: list[float] = []
    rates: dict[int, list[tuple[float, float]]] = {1: [], 16: [], 64: []}
    for _ in range(given.runs):
        base.append(fsync_baseline())
        for concurrent, measured in rates.items():
            measured.append(appends(concurrent))
    one_sync_each = statistics.median(base)
    figures = []
    targets = {1: None, 16: 10_000, 64: 10_000}  # the lookup job needs as much of one gateway worker
    for concurrent, measured in rates.items():
        rate = statistics.median(rate for rate, _ in measured)
        p99 = statistics.median(wait for _, wait in measured)
        beside = {"write+fdatasync each": one_sync_each, "ratio": rate / one_sync_each, "p99 ms": p99}
        figures.append(
            figure(f"append, {concurrent} at once", "records/s", rate, targets[concurrent], **beside)
        )
    back = reading(given.records)
    figures.append(figure("verify", "records/s", back["verify"], 50_000))
    every = back["verify, all cores"]
    ten_million = {"minutes for 10 million": 10_000_000 / every / 60}
    figures.append(figure("verify, all cores", "records/s", every, **ten_million))
    figures.append(figure("seal", "records/s", back["seal"]))
    figures.append(figure("prove and check one receipt", "ms", back["prove"]))
    figures.append(figure("index from nothing", "records/s", back["index"]))
    figures.append(figure("find one receipt", "ms", back["find"]))
    figures.append(figure("search newest 100 of a grant", "ms", back["search"]))
    for name, micros in hashing().items():
        figures.append(figure(f"SM3 of 900 bytes, {name}", "µs", micros))
    report = {
        "id": "journal",
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {
            "python": platform.python_version(),
            "openssl": ssl.OPENSSL_VERSION,
            "records": given.records,
        },
        "figures": figures,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for row in figures:
        mark = "" if row["target"] is None else ("ok" if row["ok"] else f"MISSED {row['target']}")
        print(f"{row['name']:32} {row['value']:>12,.2f} {row['unit']:10} {row['beside'] or ''} {mark}")
    return 0 if all(row["ok"] for row in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
