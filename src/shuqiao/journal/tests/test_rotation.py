"""Segments end by size and by day; closed ones are made small, and nobody who reads can tell."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shuqiao.journal import (
    JournalDamaged,
    Kind,
    Receipt,
    Record,
    Writer,
    compress,
    counts,
    find,
    find_entry,
    iter_records,
    search,
    verify,
)
from shuqiao.journal.framed import FRAME, FramesDamaged, open_framed
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read, write_log

SOURCE = str(Path(__file__).parents[3])


def _names(root: Path) -> list[str]:
    return [segment.path.name for segment in list_segments(root / "gw1")]


def test_a_record_of_a_later_day_begins_a_segment_also_after_reopening(root: Path) -> None:
    def on(day: int) -> Record:
        return a_read(at=f"2026-03-{day:02d}T23:59:59.999+08:00")

    with Writer(root, "gw1") as writer:
        writer.append_many_sync([on(1), on(1), on(2), on(1), on(2)])
    assert [segment.first for segment in list_segments(root / "gw1")] == [1, 3]
    with Writer(root, "gw1") as writer:
        writer.append_many_sync([on(2), on(3)])
    assert [segment.first for segment in list_segments(root / "gw1")] == [1, 3, 7]
    assert verify(root).ok


def test_compressed_segments_read_like_others(root: Path) -> None:
    receipts = write_log(root, 3000, segment_bytes=200_000)
    before = [(entry.receipt, entry.record) for entry in iter_records(root, "gw1")]
    asked = [entry.receipt.id for entry in search(root, limit=1000)]
    counted = counts(root)
    plain = sum(path.stat().st_size for path in (root / "gw1").glob("seg-*"))
    made = compress(root)
    assert [path.name for path in made] == _names(root)[:-1]
    assert all(name.endswith(".log.zst") for name in _names(root)[:-1])
    assert sum(path.stat().st_size for path in (root / "gw1").glob("seg-*")) < plain / 3
    assert [(entry.receipt, entry.record) for entry in iter_records(root, "gw1")] == before
    assert [entry.receipt.id for entry in search(root, limit=1000)] == asked
    assert all(find_entry(root, receipt.id).receipt == receipt for receipt in receipts[::37])
    report = verify(root)
    assert (report.ok, report.records, report.nodes[0].bytes) == (True, 3000, plain)
    (root / "gw1" / "index.sqlite").unlink()
    assert counts(root) == counted
    assert compress(root) == []
    write_log(root, 50)
    assert verify(root).ok


def test_a_compressed_segment_reads_byte_for_byte_from_any_place_and_zstd_itself_restores_it(
    root: Path,
) -> None:
    write_log(root, 4000, segment_bytes=FRAME * 2 + 77)
    plain = list_segments(root / "gw1")[0].path.read_bytes()
    packed = compress(root)[0]
    chance = random.Random(3)
    with open_framed(packed) as file:
        for _ in range(300):
            at, length = chance.randrange(len(plain) + 10), chance.randrange(2 * FRAME)
            file.seek(at)
            assert file.read(length) == plain[at : at + length]
        assert file.seek(0, os.SEEK_END) == len(plain)
    if subprocess.run(["which", "zstd"], capture_output=True, check=False).returncode == 0:
        restored = subprocess.run(["zstd", "-dc", str(packed)], capture_output=True, check=True)
        assert restored.stdout == plain


def test_whatever_happens_to_a_compressed_segment_is_found(root: Path) -> None:
    receipts = write_log(root, 1500, segment_bytes=100_000)
    path = compress(root)[1]
    whole = path.read_bytes()
    with open_framed(path) as file:
        plain = file.read()
    chance = random.Random(8)
    for _ in range(60):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        try:
            with open_framed(path) as file:
                same = file.read() == plain
        except FramesDamaged:
            same = False
        assert verify(root).ok is same
    path.write_bytes(whole[: len(whole) // 2])
    report = verify(root)
    assert {finding.kind for finding in report.findings} >= {Kind.MALFORMED}
    inside = int(path.name[4:16]) + 5
    with pytest.raises(JournalDamaged):
        find(root, receipts[inside - 1].id)
    with pytest.raises(JournalDamaged):
        list(iter_records(root, "gw1"))
    with pytest.raises(JournalDamaged):
        counts(root)


def test_an_interrupted_compression_is_taken_up(root: Path, log: list[Receipt]) -> None:
    segment = list_segments(root / "gw1")[0]
    plain = segment.path.read_bytes()
    packed = compress(root)[0]
    segment.path.write_bytes(plain)  # killed after the new name, before the old one went
    assert _names(root)[0] == segment.path.name
    assert verify(root).ok
    assert compress(root) == [packed]
    packed.write_bytes(b"half")
    segment.path.write_bytes(plain)
    assert verify(root).ok
    assert compress(root) == [packed]
    assert verify(root).ok
    assert not segment.path.exists()


def test_a_listing_during_a_compression_misses_no_segment(
    root: Path, log: list[Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list((root / "gw1").iterdir())
    first = _names(root)[0]
    seen = [[path for path in whole if path.name != first], whole, whole]
    monkeypatch.setattr(Path, "iterdir", lambda _: iter(seen.pop(0) if len(seen) > 1 else seen[0]))
    assert _names(root)[0] == first


_COMPRESSOR = """
import sys
from pathlib import Path
from shuqiao.journal import compress
print("begun", flush=True)
compress(Path(sys.argv[1]))
print("done", flush=True)
"""


@pytest.mark.crash
def test_killed_while_compressing_nothing_is_lost(root: Path) -> None:
    chance = random.Random()
    receipts: list[Receipt] = []
    cut_short = 0
    for _ in range(6):
        receipts += write_log(root, 2000, segment_bytes=10_000)
        child = subprocess.Popen(
            [sys.executable, "-c", _COMPRESSOR, str(root)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        child.wait()
        cut_short += b"done" not in child.stdout.read()
        child.stdout.close()
        report = verify(root)
        assert report.findings == []
        assert report.records == len(receipts)
        assert all(find(root, receipt.id) for receipt in random.sample(receipts, 50))
    assert cut_short
    compress(root)
    assert verify(root).ok
    assert all(name.endswith(".zst") for name in _names(root)[:-1])


@pytest.mark.race
def test_reading_and_writing_go_on_while_segments_are_compressed(root: Path) -> None:
    async def scenario() -> None:
        async with Writer(root, "gw1", segment_bytes=8_000, head_every=0.01) as writer:
            writing = asyncio.gather(*(writer.append(a_read(n)) for n in range(3000)))
            receipts: list[Receipt] = []
            for n in range(40):
                receipts += [await writer.append(a_read(n)) for _ in range(5)]
                await asyncio.to_thread(compress, root)
                assert await asyncio.to_thread(find, root, receipts[n].id) is not None
                assert sum(count.reads for count in await asyncio.to_thread(counts, root)) >= len(receipts)
                if n % 10 == 0:
                    assert (await asyncio.to_thread(verify, root)).ok
            await writing

    asyncio.run(scenario())
    assert verify(root).records == 3200
