"""Finding one record without the log being read, and asking the index, which is never the truth."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest

from shuqiao.journal import (
    JournalDamaged,
    Receipt,
    Record,
    Writer,
    counts,
    find,
    find_entry,
    index,
    iter_records,
    search,
    verify,
)
from shuqiao.journal.head import Head, write_head
from shuqiao.journal.segments import Segment, list_segments
from shuqiao.journal.tests.conftest import a_read, write_log
from shuqiao.kernel import InvalidInput


def test_every_receipt_is_found_in_large_and_small_segments(root: Path) -> None:
    for node, segment_bytes in (("gw1", 3000), ("gw-2", 1 << 20)):
        receipts = write_log(root, 700, node=node, segment_bytes=segment_bytes)
        for number, receipt in enumerate(receipts):
            entry = find_entry(root, receipt.id)
            assert entry is not None
            assert (entry.receipt, entry.record.rows) == (receipt, number)


def test_a_record_is_found_by_reading_pages_not_the_log(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Writer(root, "gw1") as writer:
        receipts = writer.append_many_sync(
            a_read(n, purpose="x" * random.Random(n).randint(0, 3000)) for n in range(4000)
        )
    [segment] = list_segments(root / "gw1")
    size = segment.path.stat().st_size
    assert size > 6_000_000
    read = 0
    real = Path.open

    def counted(self: Path, mode: str = "r"):
        file = real(self, mode)
        readline = file.readline

        class Counted:
            def readline(self, limit: int = -1) -> bytes:
                nonlocal read
                line = readline(limit)
                read += len(line)
                return line

            def __getattr__(self, name: str) -> object:
                return getattr(file, name)

            def __enter__(self) -> Counted:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

        return Counted()

    monkeypatch.setattr(Path, "open", counted)
    assert find(root, receipts[2345].id) is not None
    assert 0 < read < 100_000


@pytest.mark.parametrize(
    "text",
    ["", "gw1", "gw1-000000000001", "../../etc-000000000001-00000000", "gw9-000000000001-00000000", "营口"],
)
def test_what_is_no_receipt_of_ours_is_not_found(root: Path, log: list[Receipt], text: str) -> None:
    assert find(root, text) is None


def test_a_receipt_with_another_hash_or_sequence_is_not_found(root: Path, log: list[Receipt]) -> None:
    right = log[20].id
    assert find(root, right) is not None
    assert find(root, right[:-1] + ("0" if right[-1] != "0" else "1")) is None
    assert find(root, right.replace("000000000021", "000000000022")) is None
    assert find(root, right.replace("000000000021", "000000009999")) is None
    assert find(root, right.replace("000000000021", "000000000000")) is None


def test_a_changed_record_is_not_given_out(root: Path, log: list[Receipt]) -> None:
    search(root)
    path = list_segments(root / "gw1")[-1].path
    path.write_bytes(path.read_bytes().replace("营口".encode(), "沈阳".encode()))
    with pytest.raises(JournalDamaged):
        find(root, log[-1].id)
    with pytest.raises(JournalDamaged):
        list(iter_records(root, "gw1"))
    with pytest.raises(JournalDamaged):
        search(root)


def test_iterating_starts_after_a_sequence_in_any_segment(root: Path, log: list[Receipt]) -> None:
    for after in (0, 1, 17, 59, 60, 99):
        assert [e.receipt.seq for e in iter_records(root, "gw1", after)] == list(range(after + 1, 61))


def _mixed(root: Path) -> dict[str, list[Record]]:
    chance = random.Random(22)
    written: dict[str, list[Record]] = {}
    for node in ("gw1", "gw2"):
        rows = [
            Record(
                kind=chance.choice(["read", "read", "refusal", "event", "delivered"]),
                at=f"2026-03-{1 + n // 40:02d}T{n % 24:02d}:00:00.{chance.randrange(1000):03d}+08:00",
                grant=chance.choice(["", "g-1", "g-2"]),
                key=chance.choice(["k-1", "k-2"]),
                resource=chance.choice(["r-1", "r-2", "r-3"]),
                case=chance.choice(["", "c-1"]),
                rows=n,
                extra=chance.choice([{}, {"complete": False}, {"complete": True, "keys": [["a"], ["b"]]}]),
            )
            for n in range(200)
        ]
        with Writer(root, node, segment_bytes=5000) as writer:
            writer.append_many_sync(rows)
        written[node] = rows
    return written


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "29")
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"grant": "g-1"},
        {"grant": ""},
        {"key": "k-2", "resource": "r-3"},
        {"case": "c-1", "kind": "refusal"},
        {"kind": "event"},
        {"since": datetime.fromisoformat("2026-03-03T00:00:00+08:00"), "grant": "g-2"},
        {"node": "gw2", "key": "k-1"},
        {"grant": "nobody"},
    ],
)
def test_search_gives_what_a_walk_through_all_records_gives(root: Path, asked: dict[str, object]) -> None:
    written = _mixed(root)
    nodes = [asked["node"]] if "node" in asked else list(written)
    since = asked.get("since")
    fields = {name: value for name, value in asked.items() if name not in ("since", "node")}
    expected = [
        record
        for node in nodes
        for record in written[node]
        if all(getattr(record, name) == value for name, value in fields.items())
        and (since is None or datetime.fromisoformat(record.at) >= since)
    ]
    found = search(root, **asked, limit=1000)
    assert sorted((e.record.at, e.record.rows) for e in found) == sorted((r.at, r.rows) for r in expected)
    for node in nodes:
        seqs = [entry.receipt.seq for entry in found if entry.receipt.node == node]
        assert seqs == sorted(seqs, reverse=True)
    assert search(root, **asked, limit=3) == found[:3]


@pytest.mark.article("yingkou-2022", "22")
def test_counts_are_those_of_a_walk_through_all_records(root: Path) -> None:
    written = [record for rows in _mixed(root).values() for record in rows]
    got = {(count.grant, count.day): count for count in counts(root)}
    for (grant, day), count in got.items():
        here = [r for r in written if r.grant == grant and r.at.startswith(str(day))]
        reads = [r for r in here if r.kind == "read"]
        ends = [r for r in here if r.kind == "delivered"]
        assert count.reads == len(reads)
        assert count.refusals == sum(r.kind == "refusal" for r in here)
        assert count.rows == sum(r.rows for r in [*reads, *ends])
        assert count.broken == sum(r.extra.get("complete") is False for r in ends)
        assert count.taken == sum(len(r.extra.get("keys", "1")) for r in reads)
    assert sum(one.reads + one.refusals for one in got.values()) == sum(
        r.kind in ("read", "refusal") for r in written
    )
    only = counts(root, grant="g-1", since=date(2026, 3, 2), until=date(2026, 3, 3))
    assert [(count.grant, count.day.day) for count in only] == [("g-1", 2), ("g-1", 3)]


def test_the_index_is_caught_up_before_each_query_and_can_be_lost(root: Path) -> None:
    write_log(root, 10)
    assert len(search(root)) == 10
    write_log(root, 15)
    assert len(search(root)) == 25
    file = root / "gw1" / "index.sqlite"
    file.unlink()
    assert len(search(root)) == 25
    file.write_bytes(b"not a database at all" * 500)
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    assert [entry.receipt.seq for entry in search(root, limit=2)] == [25, 24]
    assert sum(count.reads for count in counts(root)) == 25


def test_records_taken_back_after_a_failed_sync_leave_the_index_too(root: Path) -> None:
    write_log(root, 10)
    assert len(search(root)) == 10
    path = list_segments(root / "gw1")[-1].path
    lines = path.read_bytes().splitlines(keepends=True)
    last = next(iter_records(root, "gw1", 6))
    path.write_bytes(b"".join(lines[:-3]))
    write_head(root / "gw1", Head("gw1", 7, last.receipt.hash))
    with Writer(root, "gw1", segment_bytes=1 << 20) as writer:
        writer.append_many_sync(a_read(grant="g-new", purpose="p" * 50 * n) for n in range(6))
    assert [entry.receipt.seq for entry in search(root, grant="g-1")] == list(range(7, 0, -1))
    assert [entry.receipt.seq for entry in search(root, grant="g-new")] == list(range(13, 7, -1))
    assert [(count.grant, count.reads) for count in counts(root)] == [("g-1", 7), ("g-new", 6)]


@pytest.mark.race
def test_a_question_begun_before_a_rotation_does_not_throw_the_index_away(
    root: Path, log: list[Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(counts(root)) == 1
    with sqlite3.connect(root / "gw1" / "index.sqlite") as db:
        db.execute("INSERT INTO days VALUES ('mark', '2026-01-01', 1, 0, 0, 0, 1)")
    db.close()
    fresh = [list_segments]

    def stale_at_first(folder: Path) -> list[Segment]:
        return fresh.pop()(folder)[:1] if fresh else list_segments(folder)

    _nodes = index._nodes(root, None)
    monkeypatch.setattr(index, "_nodes", lambda *_: _nodes)
    monkeypatch.setattr(index, "list_segments", stale_at_first)
    assert "mark" in [count.grant for count in counts(root)]
    assert not fresh


def test_a_torn_tail_does_not_keep_the_index_busy(root: Path, log: list[Receipt]) -> None:
    with list_segments(root / "gw1")[-1].path.open("ab") as file:
        file.write(b"torn")
    assert len(search(root, limit=1000)) == 60
    assert len(search(root, limit=1000)) == 60


@pytest.mark.race
def test_asking_while_a_writer_is_at_work(root: Path) -> None:
    async def scenario() -> None:
        async with Writer(root, "gw1", segment_bytes=20_000) as writer:

            async def write() -> None:
                for n in range(1000):
                    await writer.append(a_read(n))

            async def ask() -> int:
                before = writer.seq
                found = await asyncio.to_thread(search, root, limit=1)
                assert not before or found[0].receipt.seq >= before
                return sum(count.reads for count in await asyncio.to_thread(counts, root))

            writing = asyncio.create_task(write())
            while not writing.done():
                totals = await asyncio.gather(ask(), ask(), ask())
                assert max(totals) <= 1000
            await writing
            assert await ask() == 1000

    asyncio.run(scenario())
    with sqlite3.connect(root / "gw1" / "index.sqlite") as db:
        assert db.execute("SELECT count(*), max(seq) FROM records").fetchone() == (1000, 1000)
    db.close()
    assert verify(root).ok


def test_misuse_is_named(root: Path, log: list[Receipt]) -> None:
    with pytest.raises(InvalidInput, match="1000"):
        search(root, limit=1001)
    with pytest.raises(InvalidInput, match="时区"):
        search(root, since=datetime(2026, 1, 1))
    assert search(root.with_name("nothing")) == []
    assert [path.name for path in root.parent.iterdir()] == ["journal"]
