"""Reading evidence back: one record by its receipt, or all in order. Safe while a writer is at work."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from shuqiao.journal.archived import entry_in
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.framed import FramesDamaged
from shuqiao.journal.record import Entry, Receipt, Record, decode, parse_receipt_id, receipt_id
from shuqiao.journal.segments import (
    MAX_LINE,
    TAG_RECORD,
    Line,
    Segment,
    list_segments,
    parse_line,
    read_lines,
)
from shuqiao.journal.sm3 import ZERO
from shuqiao.journal.walking import Walk, raise_damage


def find(dir: Path, receipt: str, archive: Path | None = None) -> Record | None:  # noqa: A002
    """The record of a receipt id; None when there is none with that node, sequence and hash.

    Reads a few pages, not the log: the segment is known by name and bisected by sequence. What has left the log is
    looked for in `archive`. The record's link to the chain is checked; raises JournalDamaged when it does not hold.
    """
    entry = find_entry(dir, receipt, archive)
    return entry.record if entry else None


def find_entry(dir: Path, receipt: str, archive: Path | None = None) -> Entry | None:  # noqa: A002
    """`find`, with the whole receipt."""
    found = find_line(Path(dir), receipt)
    if found is None:
        return entry_in(archive, receipt) if archive else None
    segment, _, line = found
    return to_entry(segment, segment.path.parent.name, line)


def find_line(root: Path, receipt: str) -> tuple[Segment, Line, Line] | None:
    """Where a receipt's record lies: its segment, the line before it and its own, the link checked."""
    parts = parse_receipt_id(receipt)
    if parts is None:
        return None
    node, seq, start_of_hash = parts
    segments = list_segments(root / node)
    place = bisect_right(segments, seq, key=lambda segment: segment.first)
    if not place:
        return None
    segment = segments[place - 1]
    with opened(segment, seq) as file:
        offset = bisect(file, segment, seq)
        found = _line_of(file, segment, seq, offset)
    if found is None or not found[1].hash.startswith(start_of_hash):
        return None
    return segment, *found


def iter_records(dir: Path, node: str, after_seq: int = 0) -> Iterator[Entry]:  # noqa: A002
    """All records of `node` after a sequence, oldest first, each checked against the chain.

    Ends where the log ends at this moment. Raises JournalDamaged at the first record that does not hold.
    """
    segments = list_segments(Path(dir) / node)
    place = max(0, bisect_right(segments, after_seq + 1, key=lambda segment: segment.first) - 1)
    walk: Walk | None = None
    for segment in segments[place:]:
        if walk is None:
            prev = ZERO if segment.first == 1 else None
            walk = Walk(node, seq=segment.first - 1, prev=prev, record_hash="")
        for line in walk.lines(segment, raise_damage(segment, torn_is_damage=False)):
            if line.seq > after_seq:
                yield to_entry(segment, node, line)


def read_at(dir: Path, node: str, first: int, offsets: tuple[int, int, int]) -> Entry:  # noqa: A002
    """The record whose line lies at known bytes: (start of the line before, start, end) in the segment of
    `first`.

    Raises JournalDamaged when what lies there is no record or does not follow from the line before.
    """
    before_at, at, end = offsets
    segment = next((s for s in list_segments(Path(dir) / node) if s.first == first), None)
    if segment is None:
        raise JournalDamaged(str(Path(dir) / node), 0, first, "缺少分段")
    with opened(segment, first) as file:
        file.seek(before_at)
        raw = file.read(end - before_at)
    before, line = parse_line(raw[: at - before_at], before_at), parse_line(raw[at - before_at :], at)
    if before is None or line is None:
        raise JournalDamaged(str(segment.path), at, 0, "这一行不是存证的格式")
    _check_link(segment, before, line)
    return to_entry(segment, node, line)


@contextmanager
def opened(segment: Segment, seq: int) -> Iterator[BinaryIO]:
    """The segment's lines; raises JournalDamaged where its compressed form cannot be read."""
    try:
        with segment.open() as file:
            yield file
    except FramesDamaged as error:
        raise JournalDamaged(str(segment.path), 0, seq, str(error)) from None


def to_entry(segment: Segment, node: str, line: Line) -> Entry:
    """The record in a line whose link has been checked."""
    try:
        record = decode(line.payload)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise JournalDamaged(str(segment.path), line.offset, line.seq, f"记录读不出来：{error}") from None
    return Entry(Receipt(receipt_id(node, line.seq, line.hash), node, line.seq, record.at, line.hash), record)


def _check_link(segment: Segment, before: Line, line: Line) -> None:
    try:
        holds = line.follows(bytes.fromhex(before.hash))
    except ValueError:
        holds = False
    if not holds:
        raise JournalDamaged(str(segment.path), line.offset, line.seq, "杂凑值与前一行和内容不符")


def bisect(file: BinaryIO, segment: Segment, seq: int) -> int:
    """The offset of a line at or a little before the record `seq`, and never the record itself."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > 8192:
        middle = (low + high) // 2
        file.seek(middle)
        offset = middle + len(file.readline(MAX_LINE))
        raw = file.readline(MAX_LINE)
        if offset >= high or not raw.endswith(b"\n"):
            high = middle
            continue
        line = parse_line(raw, offset)
        if line is None:
            raise JournalDamaged(str(segment.path), offset, seq, "这一行不是存证的格式")
        if line.seq < seq:
            low = offset
        else:
            high = middle
    return low


def _line_of(file: BinaryIO, segment: Segment, seq: int, offset: int) -> tuple[Line, Line] | None:
    """The line before the record `seq`, and the record, its link checked; both at or after `offset`."""
    before: Line | None = None
    for at, raw in read_lines(file, offset):
        if not raw.endswith(b"\n"):
            return None
        line = parse_line(raw, at)
        if line is None:
            raise JournalDamaged(str(segment.path), at, seq, "这一行不是存证的格式")
        if line.tag == TAG_RECORD and line.seq >= seq:
            if line.seq > seq or before is None:
                return None
            _check_link(segment, before, line)
            return before, line
        before = line
    return None
