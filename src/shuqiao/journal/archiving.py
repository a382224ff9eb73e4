"""Closed, sealed segments as Parquet: small, asked by any engine, and still the same provable chain.

A file holds every line of one segment (header too) with its hash and body as they stand in the log, and the
record's fields as columns beside them. It is read back and compared with the chain before the ledger names it.
Segments leave the log only when they are older than the years to keep, and their file has been checked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from shuqiao.journal.compressing import keeping
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.keys import PUBLISHED, PublicKey, SealKey, publish
from shuqiao.journal.ledger import ARCHIVED, REMOVED, Ledger, Part
from shuqiao.journal.ledger import NAME as LEDGER
from shuqiao.journal.reading import opened
from shuqiao.journal.record import Record, decode
from shuqiao.journal.seals import NAME as SEALS
from shuqiao.journal.seals import SealBook
from shuqiao.journal.segments import (
    TAG_RECORD,
    Line,
    Segment,
    list_nodes,
    list_segments,
    parse_line,
    read_lines,
    replace_durably,
    sync_folder,
)
from shuqiao.journal.sm3 import ZERO, sm3
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_YEARS = 3
"""Use records are kept for at least so long."""
ROWS = 16_384
Put = Callable[[str, Path], object]
"""Takes a name in the archive and a file: the object store's upload."""

_TEXTS = ("kind", "at", "grant", "key", "resource", "version", "action", "purpose", "query", "answer")
_MORE_TEXTS = ("client", "case")
_AS_JSON = ("columns", "decision", "extra")


def archive(
    dir: Path,  # noqa: A002
    into: Path,
    key: SealKey,
    *,
    through: date | None = None,
    node: str | None = None,
    put: Put | None = None,
) -> list[Part]:
    """Archive the closed and sealed segments that are not archived yet, up to the day `through`.

    The log keeps them (see `remove_archived`). `put` gets every file that is new or has changed, before the
    ledger names it. Raises JournalDamaged where the log or the new file does not hold, OSError.
    """
    root = Path(dir)
    made: list[Part] = []
    for name in [node] if node is not None else list_nodes(root):
        if not (root / name).is_dir():
            continue
        with keeping(root / name) as ours:
            if ours:
                publish(root, [key.public])
                made += _archive_node(root / name, Path(into) / name, key, through, put)
    return made


def _archive_node(
    folder: Path, into: Path, key: SealKey, through: date | None, put: Put | None
) -> list[Part]:
    ledger, last_seal = Ledger(folder), SealBook(folder).last()
    sealed = last_seal.statement.seq_to if last_seal else 0
    known = ledger.parts(ARCHIVED)
    done, end = (known[-1].last, known[-1].end) if known else (0, ZERO.hex())
    segments = list_segments(folder)
    made: list[Part] = []
    for segment, following in pairwise(segments):
        if segment.first <= done:
            continue
        if following.first - 1 > sealed:
            break
        into.mkdir(parents=True, exist_ok=True, mode=0o750)
        part = _write(segment, folder.name, into, end)
        if through is not None and part.until[:10] > through.isoformat():
            (into / part.file).unlink()
            break
        if part.first != done + 1 or part.last != following.first - 1:
            raise JournalDamaged(str(segment.path), 0, done + 1, "分段不相接，没有归档")
        check_part(into, part)
        if put:
            put(f"{folder.name}/{part.file}", into / part.file)
        made.append(ledger.append(part, key))
        done, end = part.last, part.end
    _copy_books(folder, into, put)
    return made


def remove_archived(
    dir: Path,  # noqa: A002
    into: Path,
    key: SealKey,
    *,
    on: date,
    years: int = LEAST_YEARS,
    put: Put | None = None,
) -> list[Part]:
    """Remove from the log the archived segments whose last record is more than `years` old on the day `on`.

    Each file of the archive is checked against the chain once more before; the ledger says "removed" before the
    segment goes. Raises InvalidInput for less than three years, JournalDamaged when the archive does not hold
    (then nothing is removed).
    """
    if years < LEAST_YEARS:
        raise InvalidInput.one("years", f"使用记录至少保存 {LEAST_YEARS} 年：{years}")
    root = Path(dir)
    removed: list[Part] = []
    for name in list_nodes(root):
        folder = root / name
        if not Ledger(folder).path.exists():
            continue
        with keeping(folder) as ours:
            if ours:
                removed += _remove(folder, Path(into) / name, key, _years_before(on, years))
                _copy_books(folder, Path(into) / name, put)
    return removed


def _remove(folder: Path, into: Path, key: SealKey, before: date) -> list[Part]:
    ledger, made = Ledger(folder), []
    gone = ledger.start().seq
    for part in ledger.parts(ARCHIVED):
        if part.first <= gone:
            continue
        if date.fromisoformat(part.until[:10]) >= before:
            break
        check_part(into, part)
        made.append(ledger.append(msgspec.structs.replace(part, what=REMOVED, at=_moment()), key))
        gone = part.last
    for segment in list_segments(folder)[:-1]:
        if segment.first <= gone:  # also those that a killed process left after its ledger line
            segment.path.unlink()
            sync_folder(folder)
    return made


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _copy_books(folder: Path, into: Path, put: Put | None) -> None:
    """The archive alone can be checked: ledger, seals and public keys lie in it too."""
    for source in (folder / LEDGER, folder / SEALS, folder.parent / PUBLISHED):
        target = into / source.name
        if not source.exists() or not into.is_dir():
            continue
        content = source.read_bytes()
        if not target.exists() or target.read_bytes() != content:
            replace_durably(target, content)
            if put:
                put(f"{folder.name}/{target.name}", target)


def _write(segment: Segment, node: str, into: Path, prev: str) -> Part:
    """The segment as a Parquet file with its name, durable, each link checked on the way."""
    import pyarrow.parquet as pq

    name = f"{segment.path.name.partition('.')[0]}.parquet"
    draft = into / f".{name}.new"
    facts = _Facts(prev)
    try:
        with pq.ParquetWriter(draft, _schema(), compression="zstd") as writer:
            for lines in _batches(segment):
                writer.write_batch(facts.take(segment, lines))
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    content = draft.read_bytes()
    draft.replace(into / name)
    sync_folder(into)
    return Part(
        number=0,
        node=node,
        what=ARCHIVED,
        first=segment.first,
        last=facts.last,
        prev=prev,
        end=facts.end.hex(),
        since=facts.since,
        until=facts.until,
        file=name,
        bytes=len(content),
        sm3=sm3(content).hex(),
        at=_moment(),
        previous="",
        key="",
    )


class _Facts:
    """What is learnt while the lines of a segment pass."""

    def __init__(self, prev: str) -> None:
        self.end, self.last, self.since, self.until = bytes.fromhex(prev), 0, "", ""

    def take(self, segment: Segment, lines: list[Line]) -> pa.RecordBatch:
        """The lines as a batch of the file."""
        import pyarrow as pa

        rows: list[dict[str, Any]] = []
        for line in lines:
            if not line.follows(self.end):
                raise JournalDamaged(str(segment.path), line.offset, line.seq, "杂凑值与前一行和内容不符")
            self.end = bytes.fromhex(line.hash)
            record = _record(segment, line)
            if record is not None:
                self.last = line.seq
                self.since, self.until = self.since or record.at, max(self.until, record.at)
            rows.append(row_of(line.tag, line.seq, self.end, line.body, record))
        return pa.RecordBatch.from_pylist(rows, schema=_schema())


def _record(segment: Segment, line: Line) -> Record | None:
    if line.tag != TAG_RECORD:
        return None
    try:
        return decode(line.payload)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise JournalDamaged(str(segment.path), line.offset, line.seq, f"记录读不出来：{error}") from None


def row_of(tag: bytes, seq: int, digest: bytes, body: bytes, record: Record | None) -> dict[str, Any]:
    """One row of an archive file."""
    row: dict[str, Any] = {"tag": tag.decode("latin-1"), "seq": seq, "hash": digest, "line": body}
    if record is not None:
        row |= {name: getattr(record, name) for name in (*_TEXTS, *_MORE_TEXTS, "rows")}
        row |= {name: json.dumps(getattr(record, name), ensure_ascii=False) for name in _AS_JSON}
    return row


def _schema() -> pa.Schema:
    import pyarrow as pa

    fields: list[Any] = [
        ("tag", pa.string()),
        ("seq", pa.int64()),
        ("hash", pa.binary(32)),
        ("line", pa.binary()),
    ]
    fields += [(name, pa.string()) for name in (*_TEXTS, *_MORE_TEXTS, *_AS_JSON)]
    return pa.schema([*fields, ("rows", pa.int64())])


def _batches(segment: Segment) -> Iterator[list[Line]]:
    lines: list[Line] = []
    with opened(segment, segment.first) as file:
        for at, raw in read_lines(file):
            line = parse_line(raw, at)
            if line is None:
                raise JournalDamaged(str(segment.path), at, segment.first, "这一行不是存证的格式")
            lines.append(line)
            if len(lines) == ROWS:
                yield lines
                lines = []
    if lines:
        yield lines


def check_part(into: Path, part: Part) -> int:
    """Check one file of the archive: its SM3, its chain from `prev` to `end`, each column against its line.
    Returns the records in it. Raises JournalDamaged, OSError."""
    import pyarrow.parquet as pq

    path = into / part.file
    if sm3(path.read_bytes()).hex() != part.sm3:
        raise JournalDamaged(str(path), 0, part.first, "归档文件的杂凑值与登记的不符")
    prev, seq, count = bytes.fromhex(part.prev), part.first - 1, 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS):
            for row in batch.to_pylist():
                body: bytes = row["line"]
                digest = sm3(prev + body)
                is_record = body[:1] == TAG_RECORD
                record = decode(body[15:]) if is_record else None
                seq += is_record
                told = row_of(body[:1], int(body[2:14]), digest, body, record)
                if {name: value for name, value in row.items() if value is not None} != told or (
                    is_record and row["seq"] != seq
                ):
                    raise JournalDamaged(str(path), 0, seq, "归档的内容与存证链不符")
                prev, count = digest, count + is_record
    if (prev.hex(), seq) != (part.end, part.last):
        raise JournalDamaged(str(path), 0, seq, "归档文件的末尾与登记的不符")
    return count


def verify_archive(into: Path, keys: Mapping[str, PublicKey]) -> tuple[int, list[str]]:
    """Check all files of an archive and its ledgers: records that hold, and what is wrong, in words."""
    count, problems = 0, []
    for folder in sorted(path for path in Path(into).iterdir() if path.is_dir()):
        ledger = Ledger(folder)
        with suppress(JournalDamaged):
            problems += [f"{folder.name}：{problem}" for problem in ledger.problems(keys)]
        try:
            for part in ledger.parts(ARCHIVED):
                count += check_part(folder, part)
        except (JournalDamaged, OSError) as error:
            problems.append(f"{folder.name}：{error}")
    return count, problems


def _moment() -> str:
    return now().isoformat(timespec="milliseconds")
