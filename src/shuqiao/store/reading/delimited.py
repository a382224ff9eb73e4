"""Delimited text: blocks in, records out, with physical line numbers and the raw text of every record.

A line without a quote is split; a line with one goes through the csv module, which may take more lines for
a quoted field. A quote that never closes costs its own line, not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator

from shuqiao.store.reading.chunks import CHUNK_ROWS, Cells, Chunk
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

MAX_RECORD_CHARS = 1 << 20
MAX_RECORD_LINES = 1_000
_QUOTE = '"'
csv.field_size_limit(MAX_RECORD_CHARS * 2)


class _OpenQuote(Exception):
    """The csv module asks for more lines than a record may have."""


class DelimitedReader:
    """CSV, TSV and their kin."""

    format = Format.CSV

    def __init__(self, source: Source, encoding: str, delimiter: str) -> None:
        self._source = source
        self._encoding = encoding
        self._delimiter = delimiter

    @property
    def position(self) -> int:
        """Bytes of the source read so far."""
        return self._source.position

    def chunks(self) -> Iterator[Chunk]:
        """All records of the file."""
        lines = PhysicalLines(text_blocks(self._source, self._encoding))
        chunk = Chunk()
        while (line := lines.take()) is not None:
            number = lines.number
            if not line.strip():
                chunk.blanks += 1
                continue
            cells = self._one_line(line)
            if cells is None:
                self._quoted(line, number, lines, chunk)
            else:
                chunk.lines.append(number)
                chunk.rows.append(cells)
                chunk.raws.append(line.removesuffix("\r"))
            if len(chunk.rows) >= CHUNK_ROWS:
                yield chunk
                chunk = Chunk()
        yield chunk

    def _one_line(self, line: str) -> Cells | None:
        """The record of a line that is one for certain; None where a quote makes it doubtful."""
        if _QUOTE not in line:
            return line.removesuffix("\r").split(self._delimiter)  # type: ignore[return-value]  # list is invariant
        try:
            return next(csv.reader((line,), delimiter=self._delimiter, strict=True))  # type: ignore[return-value]
        except csv.Error:
            return None

    def _quoted(self, line: str, number: int, lines: PhysicalLines, chunk: Chunk) -> None:
        taken = [line]
        size = len(line)
        bare = line.removesuffix("\r")

        def feed() -> Iterator[str]:
            nonlocal size
            yield line + "\n"
            while True:
                more = lines.peek(len(taken) - 1)
                if more is None or len(taken) >= MAX_RECORD_LINES or size > MAX_RECORD_CHARS:
                    raise _OpenQuote
                taken.append(more)
                size += len(more)
                yield more + "\n"

        try:
            cells: Cells = next(csv.reader(feed(), delimiter=self._delimiter, strict=True))  # type: ignore[arg-type]
        except _OpenQuote:
            chunk.faults[len(chunk.rows)] = ("quote", "引号没有配对")
            chunk.add(number, [bare], bare)
            return
        except csv.Error as error:
            chunk.faults[len(chunk.rows)] = ("record", f"不是有效的分隔文本：{error}")
            chunk.add(number, [bare], bare)
            return
        lines.drop(len(taken) - 1)
        if len(taken) > 1:
            chunk.ends[len(chunk.rows)] = number + len(taken) - 1
        chunk.add(number, cells, "\n".join(taken).removesuffix("\r"))


class PhysicalLines:
    """Physical lines with look-ahead; `number` is that of the line taken last, from 1."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._ready: deque[str] = deque()
        self._partial = ""
        self._ended = False
        self.number = 0

    def take(self) -> str | None:
        """The next line without its end, or None after the last."""
        if not self._ready and not self._fill():
            return None
        self.number += 1
        return self._ready.popleft()

    def peek(self, ahead: int) -> str | None:
        """The line `ahead` places after the one to be taken next."""
        while len(self._ready) <= ahead:
            if not self._fill():
                return None
        return self._ready[ahead]

    def drop(self, count: int) -> None:
        """Take `count` lines and forget them."""
        for _ in range(count):
            self._ready.popleft()
        self.number += count

    def _fill(self) -> bool:
        while not self._ended:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                if self._partial:
                    self._ready.append(self._partial)
                    self._partial = ""
                    return True
                return False
            lines = (self._partial + block).split("\n")
            self._partial = lines.pop()
            if len(self._partial) > 16 * MAX_RECORD_CHARS:  # not a line of any table: hand it on in parts
                lines.append(self._partial)
                self._partial = ""
            if lines:
                self._ready.extend(lines)
                return True
        return False


def text_blocks(source: Source, encoding: str) -> Iterator[str]:
    """Decoded text, block by block. A file whose first block knows CR but no LF gets LF line ends.

    Bytes that cannot be decoded stay recognisable (and recoverable, where the encoding allows it), so that
    the rows holding them can be set aside.
    """
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    old_mac: bool | None = None
    for block in source.blocks():
        text = decoder.decode(block)
        if old_mac is None:
            old_mac = "\r" in text and "\n" not in text
        yield text.replace("\r", "\n") if old_mac else text
    yield decoder.decode(b"", final=True)


def readable(raw: str) -> str:
    """Raw text for reports: bytes that could not be decoded are written as ``\\xNN``."""
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if raw else raw
