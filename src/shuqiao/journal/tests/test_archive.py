"""The archive: the same chain in other files, asked by DuckDB; the log gives up nothing too early."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from shuqiao.journal import (
    JournalDamaged,
    Kind,
    Ledger,
    SealKey,
    Writer,
    archive,
    compress,
    counts,
    ends_of,
    find,
    find_entry,
    iter_records,
    prove,
    public_keys,
    remove_archived,
    seal,
    seal_key,
    search,
    verify,
    verify_archive,
)
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read, write_log
from shuqiao.kernel import InvalidInput

SOURCE = str(Path(__file__).parents[3])
LATE = date(2031, 1, 1)
AT = "2026-02-01T09:00:00.000+08:00"


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return seal_key(tmp_path / "secrets")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def sealed(root: Path, key: SealKey) -> Path:
    write_log(root, 200, segment_bytes=15_000)
    seal(root, "gw1", key)
    compress(root)
    return root


def test_the_archive_holds_the_chain_and_answers_sql(sealed: Path, into: Path, key: SealKey) -> None:
    sent: dict[str, bytes] = {}
    parts = archive(sealed, into, key, put=lambda name, path: sent.update({name: path.read_bytes()}))
    segments = list_segments(sealed / "gw1")
    assert [part.first for part in parts] == [segment.first for segment in segments[:-1]]
    assert set(sent) == {f"gw1/{path.name}" for path in (into / "gw1").iterdir()}
    assert {"gw1/archive.jsonl", "gw1/seals.jsonl", "gw1/seal-keys"} < set(sent)
    assert verify_archive(into, public_keys(sealed)) == (parts[-1].last, [])
    rows = duckdb.sql(
        f"SELECT count(*), sum(\"rows\"), max(seq) FROM '{into}/gw1/*.parquet' WHERE tag = 'R'"
    ).fetchall()
    assert rows == [(parts[-1].last, sum(range(parts[-1].last)), parts[-1].last)]
    assert archive(sealed, into, key) == []
    assert verify(sealed).ok


def test_what_is_not_sealed_or_not_yet_asked_for_is_not_archived(
    root: Path, into: Path, key: SealKey
) -> None:
    with Writer(root, "gw1") as writer:
        writer.append_many_sync(a_read(n, at=f"2026-03-0{1 + n}T09:00:00.000+08:00") for n in range(5))
    assert archive(root, into, key) == []
    seal(root, "gw1", key)
    assert [part.last for part in archive(root, into, key, through=date(2026, 3, 2))] == [1, 2]
    assert [part.last for part in archive(root, into, key)] == [3, 4]
    assert verify_archive(into, public_keys(root)) == (4, [])


def test_a_changed_archive_is_found(sealed: Path, into: Path, key: SealKey) -> None:
    archive(sealed, into, key)
    keys = public_keys(sealed)
    path = sorted((into / "gw1").glob("*.parquet"))[1]
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert verify_archive(into, keys)[1]
    with pytest.raises(JournalDamaged):
        remove_archived(sealed, into, key, on=LATE)
    path.write_bytes(whole)
    assert verify_archive(into, keys)[1] == []
    assert verify_archive(into, {})[1]
    path.unlink()
    assert verify_archive(into, keys)[1]


@pytest.mark.article("national-2025", "29")
def test_nothing_younger_than_three_years_leaves_the_log(sealed: Path, into: Path, key: SealKey) -> None:
    archive(sealed, into, key)
    before = [segment.path.name for segment in list_segments(sealed / "gw1")]
    year, month, day = (
        int(part) for part in Ledger(sealed / "gw1").parts("archived")[0].since[:10].split("-")
    )
    assert remove_archived(sealed, into, key, on=date(year + 3, month, day)) == []
    with pytest.raises(InvalidInput, match="3"):
        remove_archived(sealed, into, key, on=LATE, years=2)
    assert [segment.path.name for segment in list_segments(sealed / "gw1")] == before


def test_after_removal_the_rest_still_verifies_and_nothing_else_may_be_missing(
    sealed: Path, into: Path, key: SealKey
) -> None:
    receipts = [entry.receipt for entry in iter_records(sealed, "gw1")]
    assert len(search(sealed, limit=1000)) == 200
    counted = counts(sealed)
    removed = remove_archived(sealed, into, key, on=LATE) or archive(sealed, into, key)
    removed = remove_archived(sealed, into, key, on=LATE)
    gone = removed[-1].last
    [left] = list_segments(sealed / "gw1")
    assert left.first == gone + 1
    report = verify(sealed)
    assert report.findings == []
    assert report.records == 200 - gone
    assert verify(sealed, processes=2) == report
    assert verify_archive(into, public_keys(sealed)) == (gone, [])
    assert [entry.receipt for entry in iter_records(sealed, "gw1")] == receipts[gone:]
    assert find(sealed, receipts[0].id) is None
    assert find(sealed, receipts[-1].id) is not None
    assert len(search(sealed, limit=1000)) == 200 - gone
    assert counts(sealed) == counted
    for path in (sealed / "gw1").glob("index.sqlite*"):
        path.unlink()
    assert len(search(sealed, limit=1000)) == 200 - gone
    write_log(sealed, 30)
    seal(sealed, "gw1", key)
    assert verify(sealed).findings == []
    list_segments(sealed / "gw1")[0].path.unlink()
    assert Kind.MISSING_SEGMENT in {finding.kind for finding in verify(sealed).findings}


def test_a_ledger_that_was_tampered_with_hides_nothing(sealed: Path, into: Path, key: SealKey) -> None:
    archive(sealed, into, key)
    ledger = Ledger(sealed / "gw1").path
    whole = ledger.read_bytes()
    ledger.write_bytes(whole.replace(b'"what":"archived"', b'"what":"removed"'))
    list_segments(sealed / "gw1")[0].path.unlink()
    assert Kind.ARCHIVE in {finding.kind for finding in verify(sealed).findings}
    ledger.write_bytes(whole)
    assert Kind.MISSING_SEGMENT in {finding.kind for finding in verify(sealed).findings}
    ledger.write_bytes(b"nothing\n")
    assert Kind.ARCHIVE in {finding.kind for finding in verify(sealed).findings}


@pytest.mark.article("yingkou-2022", "24")
def test_a_receipt_is_found_proven_and_its_end_told_from_the_archive(
    root: Path, into: Path, key: SealKey
) -> None:
    with Writer(root, "gw1", segment_bytes=3000) as writer:
        receipts = writer.append_many_sync(a_read(number, at=AT) for number in range(30))
        begun = writer.append_sync(a_read(0, action="export", at=AT, extra={"phase": "begun"}))
        receipts += writer.append_many_sync(a_read(number, at=AT) for number in range(30))
        told = {"begun": begun.id, "bytes": 9, "complete": False, "reason": "客户端断开"}
        ended = writer.append_sync(a_read(7, kind="delivered", action="export", at=AT, extra=told))
        writer.append_many_sync(a_read(number, at=AT) for number in range(30))
    seal(root, "gw1", key)
    live = {receipt.id: (find_entry(root, receipt.id), prove(root, receipt.id)) for receipt in receipts}
    assert ends_of(root, [begun.id, receipts[0].id])[begun.id].receipt.id == ended.id
    archive(root, into, key)
    assert remove_archived(root, into, key, on=LATE)
    gone = [receipt.id for receipt in receipts if find_entry(root, receipt.id) is None]
    assert gone[0] == receipts[0].id
    assert len(gone) > 30
    for id_ in gone:
        assert (find_entry(root, id_, into), prove(root, id_, archive=into)) == live[id_]
        assert prove(root, id_) is None
        assert find_entry(root, id_[:-1] + ("0" if id_[-1] != "0" else "1"), into) is None
    ends = ends_of(root, [begun.id, receipts[0].id], into)
    assert [(one, end.receipt.id, end.record.rows) for one, end in ends.items()] == [(begun.id, ended.id, 7)]


def test_a_record_changed_in_the_archive_is_not_given_out(root: Path, into: Path, key: SealKey) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with Writer(root, "gw1", segment_bytes=3000) as writer:
        receipts = writer.append_many_sync(a_read(number, at=AT) for number in range(30))
    seal(root, "gw1", key)
    archive(root, into, key)
    remove_archived(root, into, key, on=LATE)
    file = min((into / "gw1").glob("*.parquet"))
    table = pq.read_table(file)
    rows = table.to_pylist()
    rows[3]["line"] = rows[3]["line"].replace(b"g-1", b"g-2")
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    with pytest.raises(JournalDamaged):
        find_entry(root, receipts[2].id, into)


_ARCHIVER = """
import sys
from datetime import date
from pathlib import Path
from shuqiao.journal import archive, remove_archived, seal_key
root, into = Path(sys.argv[1]), Path(sys.argv[2])
key = seal_key(root.parent / "secrets")
import duckdb, pyarrow.parquet
print("begun", flush=True)
archive(root, into, key)
remove_archived(root, into, key, on=date(2031, 1, 1))
print("done", flush=True)
"""


@pytest.mark.crash
def test_killed_while_archiving_and_removing_every_record_is_in_one_of_both(root: Path, into: Path) -> None:
    key = seal_key(root.parent / "secrets")
    chance = random.Random()
    written, cut_short = 0, 0
    for _ in range(8):
        written += len(write_log(root, 600, segment_bytes=20_000))
        seal(root, "gw1", key)
        child = subprocess.Popen(
            [sys.executable, "-c", _ARCHIVER, str(root), str(into)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.4))
        child.send_signal(signal.SIGKILL)
        child.wait()
        cut_short += b"done" not in child.stdout.read()
        child.stdout.close()
        report = verify(root)
        assert report.findings == []
        assert report.nodes[0].seq == written
    assert cut_short
    archive(root, into, key)
    remove_archived(root, into, key, on=LATE)
    count, problems = verify_archive(into, public_keys(root))
    assert problems == []
    assert count + verify(root).records == written
    shutil.rmtree(into)
