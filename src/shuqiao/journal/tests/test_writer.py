"""What the writer promises: durable before acknowledged, in one chain, few syncs, loud when it cannot."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from datetime import datetime
from pathlib import Path

import pytest

from shuqiao.journal import (
    JournalLocked,
    JournalUnavailable,
    Record,
    Writer,
    find,
    head,
    iter_records,
    verify,
)
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read
from shuqiao.kernel import InvalidInput


@pytest.mark.race
def test_a_thousand_appends_at_once_get_consecutive_places_in_few_syncs(root: Path) -> None:
    async def scenario() -> tuple[list[int], int]:
        async with Writer(root, "gw1") as writer:
            receipts = await asyncio.gather(*(writer.append(a_read(n)) for n in range(1000)))
            return [receipt.seq for receipt in receipts], writer.syncs

    seqs, syncs = asyncio.run(scenario())
    assert seqs == list(range(1, 1001))
    assert syncs <= 20
    assert verify(root).ok


@pytest.mark.race
def test_threads_and_a_loop_share_one_writer(root: Path) -> None:
    with Writer(root, "gw1", segment_bytes=20_000) as writer:
        taken: list[int] = []

        def from_a_thread() -> None:
            taken.extend(writer.append_sync(a_read(n)).seq for n in range(50))

        async def from_a_loop() -> None:
            receipts = await asyncio.gather(*(writer.append(a_read(n)) for n in range(200)))
            taken.extend(receipt.seq for receipt in receipts)

        threads = [threading.Thread(target=from_a_thread) for _ in range(4)]
        for thread in threads:
            thread.start()
        asyncio.run(from_a_loop())
        for thread in threads:
            thread.join()
    assert sorted(taken) == list(range(1, 401))
    assert verify(root).ok


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "29")
def test_what_was_recorded_is_read_back_whole(root: Path) -> None:
    record = a_read(
        7,
        at="2026-03-01T09:30:00.125+08:00",
        version="v-1",
        purpose="低保资格核对",
        columns=["统一社会信用代码", "企业名称"],
        answer="ab" * 32,
        decision={
            "allowed": True,
            "rule": "sharing.scope",
            "reason": "在授权范围内",
            "basis": ["yingkou-2022:22"],
        },
        client="10.1.2.3",
        case="营数享〔2026〕0001号",
        extra={"signature": "hmac-sha256"},
    )
    with Writer(root, "gw1") as writer:
        receipt = writer.append_sync(record)
    assert receipt.id == f"gw1-000000000001-{receipt.hash[:8]}"
    assert receipt.at == record.at
    assert find(root, receipt.id) == record


def test_the_moment_is_filled_in_and_kept_in_chinas_time(root: Path) -> None:
    with Writer(root, "gw1") as writer:
        stamped = writer.append_sync(Record(kind="event"))
        moved = writer.append_sync(Record(kind="event", at="2026-01-01T00:00:00Z"))
        for nonsense in ("yesterday", "2026-01-01T00:00:00"):
            with pytest.raises(InvalidInput):
                writer.append_sync(Record(kind="event", at=nonsense))
    assert datetime.fromisoformat(stamped.at).tzinfo is not None
    assert moved.at == "2026-01-01T08:00:00.000+08:00"
    assert [entry.receipt.seq for entry in iter_records(root, "gw1")] == [1, 2]


def test_odd_text_cannot_keep_a_read_out_of_the_log(root: Path) -> None:
    with Writer(root, "gw1") as writer:
        receipt = writer.append_sync(a_read(query="a=\udc80\n\x00", extra={"k\udcff": ["\ud800"]}))
    kept = find(root, receipt.id)
    assert kept is not None
    assert kept.query == "a=\\udc80\n\x00"
    assert verify(root).ok


def test_a_record_beyond_the_bound_is_refused_and_takes_no_place(root: Path) -> None:
    with Writer(root, "gw1") as writer:
        with pytest.raises(InvalidInput):
            writer.append_sync(a_read(query="x" * (1 << 20)))
        assert writer.append_sync(a_read()).seq == 1


def test_nothing_is_acknowledged_before_its_bytes_were_synced(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: dict[int, int] = {}
    real = os.fdatasync

    def watched(fd: int) -> None:
        size = os.fstat(fd).st_size
        real(fd)
        synced[os.fstat(fd).st_ino] = size

    monkeypatch.setattr(os, "fdatasync", watched)

    async def one(writer: Writer, number: int) -> None:
        receipt = await writer.append(a_read(number))
        durable = 0
        for segment in list_segments(root / "gw1"):
            content = segment.path.read_bytes()[: synced.get(segment.path.stat().st_ino, 0)]
            durable += content.count(f" R {receipt.seq:012d} ".encode())
        assert durable == 1

    async def scenario() -> None:
        async with Writer(root, "gw1", segment_bytes=3000) as writer:
            await asyncio.gather(*(one(writer, number) for number in range(100)))

    asyncio.run(scenario())


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_failed_write_fails_all_who_wait_and_refuses_until_reopened(
    root: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def scenario() -> None:
        async with Writer(root, "gw1") as writer:
            await asyncio.gather(*(writer.append(a_read(n)) for n in range(10)))
            with monkeypatch.context() as patch:
                patch.setattr(os, call, full)
                waiting = [writer.append(a_read(n)) for n in range(50)]
                outcomes = await asyncio.gather(*waiting, return_exceptions=True)
                assert {type(outcome) for outcome in outcomes} == {JournalUnavailable}
            assert "No space left" in writer.failure
            with pytest.raises(JournalUnavailable):
                await writer.append(a_read())
            with pytest.raises(JournalUnavailable):
                writer.append_sync(a_read())

    asyncio.run(scenario())
    assert verify(root).ok
    with Writer(root, "gw1") as writer:
        assert writer.append_sync(a_read()).seq == 11
    assert verify(root).records == 11


def test_a_full_disk_on_opening_is_said_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(JournalUnavailable, match="No space left"):
            Writer(root, "gw1")
    with Writer(root, "gw1") as writer:
        assert writer.append_sync(a_read()).seq == 1
    assert verify(root).ok


def test_appends_beyond_the_bound_wait_and_all_arrive(root: Path) -> None:
    most = 0

    async def scenario() -> None:
        nonlocal most
        async with Writer(root, "gw1", max_waiting=8) as writer:
            tasks = [asyncio.create_task(writer.append(a_read(n))) for n in range(100)]
            while not all(task.done() for task in tasks):
                most = max(most, writer._batch.count)
                await asyncio.sleep(0)
            receipts = [task.result() for task in tasks]
            assert sorted(receipt.seq for receipt in receipts) == list(range(1, 101))

    asyncio.run(scenario())
    assert 0 < most <= 8
    with Writer(root, "gw2", max_waiting=3) as writer:
        assert [r.seq for r in writer.append_many_sync(a_read(n) for n in range(20))] == list(range(1, 21))


def test_a_cancelled_append_harms_nobody_else(root: Path) -> None:
    async def scenario() -> None:
        async with Writer(root, "gw1") as writer:
            tasks = [asyncio.create_task(writer.append(a_read(n))) for n in range(20)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(task.result().id for task in tasks[1::2])
            await writer.append(a_read())

    asyncio.run(scenario())
    assert verify(root).records == 21


def test_segments_rotate_by_size_and_the_chain_runs_through(root: Path) -> None:
    with Writer(root, "gw1", segment_bytes=2000) as writer:
        receipts = writer.append_many_sync(a_read(n) for n in range(100))
    segments = list_segments(root / "gw1")
    assert len(segments) > 5
    assert all(2000 <= segment.path.stat().st_size < 2600 for segment in segments[:-1])
    assert verify(root).ok
    assert head(root, "gw1").seq == 100
    assert [entry.receipt for entry in iter_records(root, "gw1")] == list(receipts)


def test_a_second_writer_is_refused_and_told_who_writes(root: Path) -> None:
    with Writer(root, "gw1"):
        with pytest.raises(JournalLocked, match=str(os.getpid())):
            Writer(root, "gw1")
        Writer(root, "gw2").close()
    Writer(root, "gw1").close()


def test_a_closed_writer_refuses_and_closes_twice(root: Path) -> None:
    writer = Writer(root, "gw1")
    writer.close()
    writer.close()
    with pytest.raises(JournalUnavailable):
        writer.append_sync(a_read())


@pytest.mark.parametrize("node", ["", "GW1", "a/b", "..", "-a", "营口", "x" * 33])
def test_a_node_name_that_cannot_name_a_folder_is_refused(root: Path, node: str) -> None:
    with pytest.raises(InvalidInput):
        Writer(root, node)


def test_the_head_follows_within_its_interval_without_further_appends(root: Path) -> None:
    with Writer(root, "gw1", head_every=0.05) as writer:
        writer.append_sync(a_read())
        for _ in range(200):
            if head(root, "gw1").seq == 1:
                break
            threading.Event().wait(0.02)
        assert head(root, "gw1").seq == 1
