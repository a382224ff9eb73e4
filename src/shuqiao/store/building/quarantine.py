"""The quarantine report: every line that did not become a row, where it stood, why, and as it stood."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import TracebackType

import msgspec

from shuqiao.store.reading import Chunk, readable
from shuqiao.store.reading.layout import Kind

MAX_HELD = 10_000
MAX_RAW = 1 << 20


class Reason(msgspec.Struct, frozen=True):
    """Why a row was set aside: the rule (fields, quote, record, characters, type or a check's name), the column
    where it is one column's fault, and words."""

    rule: str
    column: str | None
    text: str


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of quarantine.jsonl. `kind` is ``row`` for data that cannot be right; other kinds are not data."""

    line: int
    kind: str
    raw: str
    reasons: tuple[Reason, ...] = ()
    line_end: int | None = None


class Quarantine:
    """Writes quarantine.jsonl and counts. Banner rows are held until it is known whether data follows:
    those after the last data row are notes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._encoder = msgspec.json.Encoder()
        self._held: list[Entry] = []
        self.rows = 0
        self.reasons: Counter[str] = Counter()
        self.reported: Counter[str] = Counter()

    def __enter__(self) -> Quarantine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def row(self, chunk: Chunk, index: int, reasons: list[Reason]) -> None:
        """Set a data row aside."""
        self.rows += 1
        self.reasons.update({reason.rule for reason in reasons})
        self._write(_entry(chunk, index, "row", tuple(reasons)))

    def report(self, chunk: Chunk, index: int, kind: Kind) -> None:
        """Report a line that is not data. The header is in the schema and needs no report."""
        if kind is Kind.HEADER:
            return
        entry = _entry(chunk, index, kind)
        if kind is not Kind.SEPARATOR:
            self._write_reported(entry)
            return
        self._held.append(entry)
        if len(self._held) > MAX_HELD:
            self.data_seen()

    def data_seen(self) -> None:
        """Data follows: what was held are separators."""
        if self._held:
            for entry in self._held:
                self._write_reported(entry)
            self._held.clear()

    def finish(self) -> None:
        """No more data: what is still held are notes below the table."""
        for entry in self._held:
            self._write_reported(msgspec.structs.replace(entry, kind=Kind.NOTE.value))
        self._held.clear()
        self._file.flush()

    def _write_reported(self, entry: Entry) -> None:
        self.reported[entry.kind] += 1
        self._write(entry)

    def _write(self, entry: Entry) -> None:
        self._file.write(self._encoder.encode(entry) + b"\n")


def _entry(chunk: Chunk, index: int, kind: str, reasons: tuple[Reason, ...] = ()) -> Entry:
    raw = chunk.raws[index]
    if raw is None:
        raw = msgspec.json.encode([readable(cell) if cell else cell for cell in chunk.rows[index]]).decode()
    return Entry(chunk.lines[index], str(kind), readable(raw)[:MAX_RAW], reasons, chunk.ends.get(index))
