"""What has left the log is found in its archive: one record by its receipt, and the leaves under a seal."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.ledger import ARCHIVED, Ledger, Part
from shuqiao.journal.record import Entry, Receipt, decode, parse_receipt_id, receipt_id
from shuqiao.journal.seals import Statement
from shuqiao.journal.segments import TAG_RECORD, Line
from shuqiao.journal.sm3 import sm3


def line_in(archive: Path, receipt: str) -> tuple[Path, str, Line] | None:
    """A receipt's record in the archive: its file, the hash before it (hex) and its line, the link checked; None
    when it is not there. Raises JournalDamaged, OSError."""
    parts = parse_receipt_id(receipt)
    if parts is None:
        return None
    node, seq, start_of_hash = parts
    part = part_of(archive / node, seq)
    if part is None:
        return None
    file = archive / node / part.file
    prev = bytes.fromhex(part.prev)
    for row in _rows(file, seq - 1, seq):
        if row["seq"] == seq and row["tag"].encode() == TAG_RECORD:
            return _checked(file, prev, row, start_of_hash)
        prev = row["hash"]
    return None


def entry_in(archive: Path, receipt: str) -> Entry | None:
    """A receipt's record in the archive; None when it is not there. Raises JournalDamaged, OSError."""
    found = line_in(archive, receipt)
    if found is None:
        return None
    file, _, line = found
    record = decode(line.payload)
    node = file.parent.name
    return Entry(Receipt(receipt_id(node, line.seq, line.hash), node, line.seq, record.at, line.hash), record)


def leaves_in(file: Path, statement: Statement) -> list[bytes]:
    """The chain hashes under a seal, from the archive's file of its segment."""
    rows = _rows(file, statement.seq_from, statement.seq_to, "seq", "tag", "hash")
    return [row["hash"] for row in rows if row["tag"].encode() == TAG_RECORD]


def end_in(archive: Path, receipt: str) -> Entry | None:
    """How a long answer ended whose beginning has `receipt`, when the archive holds that. Raises JournalDamaged."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    parts = parse_receipt_id(receipt)
    if parts is None:
        return None
    node, seq, _ = parts
    where = part_of(archive / node, seq)
    # The begin of an answer that was killed has no end: it is not looked for in all that came later.
    late = str(date.fromisoformat(where.until[:10]) + timedelta(days=2)) if where else ""
    for part in Ledger(archive / node).parts(ARCHIVED):
        if part.last <= seq:
            continue
        if late and part.since > late:
            return None
        wanted = (pc.field("kind") == "delivered") & (pc.field("seq") > seq)
        rows = pq.read_table(archive / node / part.file, columns=["seq", "hash", "extra"], filters=wanted)
        for row in rows.to_pylist():
            if receipt in row["extra"]:
                found = entry_in(archive, receipt_id(node, row["seq"], row["hash"].hex()))
                if found and found.record.extra.get("begun") == receipt:
                    return found
    return None


def part_of(folder: Path, seq: int) -> Part | None:
    """The archived segment in which the record `seq` of a node lies. Raises JournalDamaged."""
    parts = Ledger(folder).parts(ARCHIVED)
    place = bisect_left(parts, seq, key=lambda part: part.last)
    return parts[place] if place < len(parts) and parts[place].first <= seq else None


def _rows(file: Path, first: int, last: int, *columns: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = (pc.field("seq") >= first) & (pc.field("seq") <= last)
    columns = columns or ("seq", "tag", "hash", "line")
    rows: list[dict[str, Any]] = pq.read_table(file, columns=list(columns), filters=wanted).to_pylist()
    return rows


def _checked(
    file: Path, prev: bytes, row: dict[str, Any], start_of_hash: str
) -> tuple[Path, str, Line] | None:
    body: bytes = row["line"]
    digest: str = row["hash"].hex()
    if not digest.startswith(start_of_hash):
        return None
    if sm3(prev + body).hex() != digest:
        raise JournalDamaged(str(file), 0, row["seq"], "归档的内容与存证链不符")
    return file, prev.hex(), Line(0, 0, digest, TAG_RECORD, row["seq"], body)
