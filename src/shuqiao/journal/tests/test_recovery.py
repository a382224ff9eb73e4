"""Opening again: a torn tail is cut and the cut recorded; anything else wrong is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuqiao.journal import JournalDamaged, Receipt, Writer, find, iter_records, sm3, verify
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read, write_log


def _last(root: Path) -> Path:
    return list_segments(root / "gw1")[-1].path


@pytest.mark.parametrize("torn", [b"a", b"\0" * 700, b"0f" * 32 + b" R 0000000", "半条{".encode()])
def test_a_torn_tail_is_cut_kept_and_recorded(root: Path, log: list[Receipt], torn: bytes) -> None:
    size = _last(root).stat().st_size
    with _last(root).open("ab") as file:
        file.write(torn)
    assert [finding.kind.value for finding in verify(root).findings] == ["torn"]
    with Writer(root, "gw1") as writer:
        assert writer.append_sync(a_read()).seq == 62
    note = next(iter_records(root, "gw1", 60)).record
    assert (note.kind, note.action) == ("journal", "journal.tail_cut")
    assert (note.extra["offset"], note.extra["bytes"]) == (size, len(torn))
    assert note.extra["sm3"] == sm3(torn).hex()
    assert (root / "gw1" / note.extra["kept"]).read_bytes() == torn
    assert verify(root).ok
    assert all(find(root, receipt.id) for receipt in log)


def test_a_crash_between_cutting_and_recording_is_made_good(root: Path, log: list[Receipt]) -> None:
    (root / "gw1" / "cut-000000000061.bin").write_bytes(b"torn")
    Writer(root, "gw1").close()
    assert next(iter_records(root, "gw1", 60)).record.extra["sm3"] == sm3(b"torn").hex()
    Writer(root, "gw1").close()
    assert verify(root).records == 61


def test_a_change_in_the_last_segment_is_an_error_not_repaired(root: Path, log: list[Receipt]) -> None:
    content = bytearray(_last(root).read_bytes())
    content[-100] ^= 1
    _last(root).write_bytes(content)
    with pytest.raises(JournalDamaged, match="seg-"):
        Writer(root, "gw1")
    assert _last(root).read_bytes() == content
    with pytest.raises(JournalDamaged):  # and the refused opening has not kept the lock
        Writer(root, "gw1")


def test_records_missing_behind_the_head_are_an_error(root: Path, log: list[Receipt]) -> None:
    lines = _last(root).read_bytes().splitlines(keepends=True)
    _last(root).write_bytes(b"".join(lines[:-1]))
    with pytest.raises(JournalDamaged, match="末尾的记录缺失"):
        Writer(root, "gw1")
    _last(root).write_bytes(b"".join(lines)[:-1])  # only the last line break
    with pytest.raises(JournalDamaged, match="末尾的记录缺失"):
        Writer(root, "gw1")


def test_a_missing_last_segment_head_or_whole_log_is_an_error(root: Path, log: list[Receipt]) -> None:
    head = root / "gw1" / "HEAD"
    content = head.read_bytes()
    head.unlink()
    with pytest.raises(JournalDamaged):
        Writer(root, "gw1")
    head.write_bytes(content.replace(b'"seq":60', b'"seq":59'))
    with pytest.raises(JournalDamaged):
        Writer(root, "gw1")
    head.write_bytes(content)
    _last(root).unlink()
    with pytest.raises(JournalDamaged):
        Writer(root, "gw1")
    for segment in list_segments(root / "gw1"):
        segment.path.unlink()
    with pytest.raises(JournalDamaged):
        Writer(root, "gw1")


def test_a_crash_right_after_rotation_goes_on(root: Path) -> None:
    log = write_log(root, 10, segment_bytes=500)
    last = _last(root)
    header, _, rest = last.read_bytes().partition(b"\n")
    records = rest.count(b"\n")
    (root / "gw1" / "HEAD").unlink()
    write_log(root.with_name("other"), 10 - records, segment_bytes=500)
    from shuqiao.journal.head import Head, write_head

    before = log[9 - records]
    write_head(root / "gw1", Head("gw1", before.seq, before.hash))
    last.write_bytes(header + b"\n")
    with Writer(root, "gw1") as writer:
        assert writer.append_sync(a_read()).seq == 11 - records
    assert verify(root).ok


def test_a_half_made_log_of_a_first_start_is_begun_again(root: Path) -> None:
    (root / "gw1").mkdir(parents=True)
    with Writer(root, "gw1") as writer:
        assert writer.append_sync(a_read()).seq == 1
    assert verify(root).ok
