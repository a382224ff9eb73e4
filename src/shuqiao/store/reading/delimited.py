"""Delimited text: blocks in, records out, with physical line numbers and the raw text of every record.

Two ways through the same file. `chunks` is the careful one: a line without a quote is split; a line with one
goes through the csv module, which may take more lines for a quoted field, and a quote that never closes costs
its own line, not the rest of the file. `blocks` is the quick one: Arrow columns wherever nothing is doubtful,
the careful way for everything else.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Generator, Iterable, Iterator

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.reading.blocks import ColumnBlock, find_blocks
from shuqiao.store.reading.chunks import CHUNK_ROWS, Cells, Chunk
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.texts import SourceText, text_blocks
from shuqiao.store.types import Format

__all__ = ["DelimitedReader", "PhysicalLines", "readable", "text_blocks"]

MAX_RECORD_CHARS = 1 << 20
MAX_RECORD_LINES = 1_000
MAX_LINE_CHARS = 16 << 20
FIRST_REGION, LARGEST_REGION = 1 << 18, 1 << 23
_FEWEST_LINES, _MOST_LINES = 512, 1 << 17
_QUOTE = '"'
_NO_DELIMITER = frozenset('"\r\n')
csv.field_size_limit(MAX_RECORD_CHARS * 2)


class LineTooLong(InvalidInput):
    """A line longer than any row of a table."""

    def __init__(self, line: int) -> None:
        super().__init__([Problem(f"第 {line} 行", f"超过 {MAX_LINE_CHARS >> 20} MB，不会是一行数据")])


class _OpenQuote(Exception):
    """The csv module asks for more lines than a record may have."""


class DelimitedReader:
    """CSV, TSV and their kin. `quote` is the sign around cells that hold delimiters; "" when there is none."""

    format = Format.CSV

    def __init__(self, source: Source, encoding: str, delimiter: str, quote: str = _QUOTE) -> None:
        self._source = source
        self._encoding = encoding
        self._delimiter = delimiter
        self._quote = quote

    @property
    def position(self) -> int:
        """Bytes of the source read so far."""
        return self._source.position

    def chunks(self) -> Iterator[Chunk]:
        """All records of the file."""
        text = SourceText(self._source, self._encoding)
        yield from self._records(PhysicalLines(text.pieces()))

    def blocks(self, width: int, header_row: int) -> Iterator[ColumnBlock | Chunk]:
        """All records of the file again: columns where every record is sound and has `width` cells, chunks for
        the lines down to the header and wherever anything is doubtful."""
        text = SourceText(self._source, self._encoding)
        if not self._quick(width):
            yield from self._records(PhysicalLines(text.pieces()))
            return
        number, careful = 0, _FEWEST_LINES
        if header_row:
            number = yield from self._carefully(text, number, header_row)
        size = FIRST_REGION
        while region := text.region(size):
            found = find_blocks(region, number + 1, self._delimiter, width, final=text.ended)
            if found is None:
                number = yield from self._carefully(text, number, number + careful)
                careful = min(careful * 2, _MOST_LINES)
                continue
            text.take(found.size)
            for part in found.parts:
                if isinstance(part, ColumnBlock):
                    yield part
                else:
                    lines = PhysicalLines(iter((text.decoded(part.text),)), part.line - 1)
                    yield from self._records(lines)
            number += found.lines
            if found.size > size // 2:
                size, careful = min(size * 2, LARGEST_REGION), _FEWEST_LINES

    def _quick(self, width: int) -> bool:
        delimiter = self._delimiter
        return width > 0 and self._quote == _QUOTE and delimiter.isascii() and delimiter not in _NO_DELIMITER

    def _carefully(self, text: SourceText, number: int, until: int) -> Generator[Chunk, None, int]:
        """The records that start on lines after `number`, up to `until`. Returns the line of the last one's end."""
        lines = PhysicalLines(text.pieces(), number)
        yield from self._records(lines, until)
        text.give_back(lines.rest())
        return lines.number

    def _records(self, lines: PhysicalLines, until: int | None = None) -> Iterator[Chunk]:
        chunk = Chunk()
        while until is None or lines.number < until:
            line = lines.take()
            if line is None:
                break
            number = lines.number
            if not line.strip():
                chunk.blanks += 1
                chunk.hollow += self._delimiter in line
                continue
            cells = self._one_line(line)
            if cells is None:
                self._quoted(line, number, lines, chunk)
            elif len(cells) > 1 and not any(cells):
                chunk.blanks += 1
                chunk.hollow += 1
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
        if not self._quote or self._quote not in line:
            return line.removesuffix("\r").split(self._delimiter)  # type: ignore[return-value]  # list is invariant
        try:
            return next(self._reader((line,)))  # type: ignore[return-value]  # list is invariant
        except csv.Error:
            return None

    def _reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._delimiter, quotechar=self._quote, strict=True)

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
            cells: Cells = next(self._reader(feed()))  # type: ignore[arg-type]
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

    def __init__(self, blocks: Iterator[str], number: int = 0) -> None:
        self._blocks = blocks
        self._ready: deque[str] = deque()
        self._partial: list[str] = []
        self._held = 0
        self._ended = False
        self.number = number

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

    def rest(self) -> str:
        """The text read ahead of the line taken last."""
        return "".join(line + "\n" for line in self._ready) + "".join(self._partial)

    def _fill(self) -> bool:
        while not self._ended:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                if self._partial:
                    self._ready.append("".join(self._partial))
                    self._partial.clear()
                    return True
                return False
            first, *others = block.split("\n")
            self._partial.append(first)
            self._held += len(first)
            if others:
                self._ready.append("".join(self._partial))
                self._ready.extend(others[:-1])
                self._partial = [others[-1]] if others[-1] else []
                self._held = len(others[-1])
                return True
            if self._held > MAX_LINE_CHARS:
                raise LineTooLong(self.number + len(self._ready) + 1)
        return False


def readable(raw: str) -> str:
    """Raw text for reports: bytes that could not be decoded are written as ``\\xNN``."""
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if raw else raw
