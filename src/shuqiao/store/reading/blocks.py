"""Blocks of sound delimited text as Arrow columns: the quick way through a file.

A block is only made where the careful reader (delimited.py) is certain to find the same records: every quote
stands where RFC 4180 wants it, line ends are plain, every record has the same number of cells and no
character that cannot be right. Records of which this is not known are named, and go the careful way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

from shuqiao.store.compute import compute as arrow
from shuqiao.store.reading.chunks import NOT_TEXT, Chunk
from shuqiao.store.reading.layout import FOOTER_WORDS, TOTAL_WORDS, Layout

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_QUOTE, _LF, _CR = 34, 10, 13
_MOST_LINES = 900
_LONGEST = 1 << 19
_MOST_DOUBTFUL = 0.05
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_NOT_TEXT = re.compile(
    b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xef\xbf[\xbd-\xbf]|\xed[\xa0-\xbf]"
)
"""The same as NOT_TEXT of chunks.py, in UTF-8 (surrogates included)."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ColumnBlock:
    """Records that follow each other, as one string array per column; no cell is null.

    `lines` and `ends` hold each record's first and last physical line, `starts` and `stops` where its text
    stands in `text`.
    """

    columns: list[Any]
    lines: Places
    ends: Places
    starts: Places
    stops: Places
    text: bytes

    def __len__(self) -> int:
        return len(self.lines)

    def slice(self, start: int, stop: int) -> ColumnBlock:
        """Some of the records, without copying."""
        part = slice(start, stop)
        columns = [column.slice(start, stop - start) for column in self.columns]
        return ColumnBlock(
            columns, self.lines[part], self.ends[part], self.starts[part], self.stops[part], self.text
        )

    def runs(self, marked: Mask) -> list[tuple[int, int, bool]]:
        """(start, stop, marked) of the runs of records that are all marked or all not."""
        edges = [0, *(np.flatnonzero(np.diff(marked)) + 1).tolist(), len(self)]
        return [(start, stop, bool(marked[start])) for start, stop in pairwise(edges)]

    def maybe_no_data(self, layout: Layout) -> Mask:
        """Records that may be banners, sums, notes or repeated headers: `Layout.kind` decides."""
        found = np.zeros(len(self), bool)
        if not layout.banners:
            return found
        if layout.header_row and not NOT_TEXT.search(layout.headers[0]):
            found |= _flags(arrow.equal(self.columns[0], layout.headers[0]))
        if len(self.columns) >= 3:
            empty = _flags(arrow.equal(self.columns[1], ""))
            if empty.any():
                for words in (TOTAL_WORDS, FOOTER_WORDS):
                    found |= empty & _flags(arrow.match_substring_regex(self.columns[0], words))
                for column in self.columns[2:]:
                    empty = empty & _flags(arrow.equal(column, ""))
                found |= empty
        return found

    def chunk(self) -> Chunk:
        """The records as the careful reader hands them on."""
        lines, ends = self.lines.tolist(), self.ends.tolist()
        rows = [list(row) for row in zip(*(column.to_pylist() for column in self.columns), strict=True)]
        raws: list[str | None] = [
            self.text[start:stop].decode().removesuffix("\r")
            for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        ]
        spans = {place: end for place, (line, end) in enumerate(zip(lines, ends, strict=True)) if end > line}
        return Chunk(lines, rows, raws, spans)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Records for the careful reader: their text, and the line the first stands on."""

    text: bytes
    line: int


@dataclass(frozen=True, slots=True)
class Found:
    """The sound part of a region of text: what it holds in order, its bytes and its line ends."""

    parts: list[ColumnBlock | Doubtful]
    size: int
    lines: int


def find_blocks(text: bytes, line: int, delimiter: str, width: int, *, final: bool) -> Found | None:
    """What of `text`, which begins at a record's start on physical line `line`, can go the quick way.

    None: nothing, or too little to be worth it. `final` says that the file ends with the text.
    """
    if len(text) == 0 or text.startswith(_BOM) or not _plain_line_ends(text, final=final):
        return None
    array = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(array == _LF)
    stops = _record_ends(array, newlines, ord(delimiter), final=final)
    stops = stops[stops <= _decodable(text)]
    if len(stops) == 0:
        return None
    size = min(int(stops[-1]) + 1, len(text))
    newlines = newlines[: np.searchsorted(newlines, size)]
    starts = np.concatenate(([0], stops[:-1] + 1))
    lines = line + np.searchsorted(newlines, starts)
    ends = line + np.searchsorted(newlines, stops)
    if int((ends - lines).max()) > _MOST_LINES or int((stops - starts).max()) > _LONGEST:
        return None
    parts = _Records(text[:size], starts, stops, lines, ends, delimiter, width).parts()
    return None if parts is None else Found(parts, size, len(newlines))


def _decodable(text: bytes) -> int:
    """How many of the bytes are UTF-8."""
    if text.isascii():
        return len(text)
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(text)


def _plain_line_ends(text: bytes, *, final: bool) -> bool:
    """Every carriage return belongs to a line end (one cut off at the text's end may yet)."""
    returns = text.count(b"\r")
    if returns == 0:
        return True
    return returns - (text.endswith(b"\r") and not final) == text.count(b"\r\n")


def _record_ends(array: npt.NDArray[np.uint8], newlines: Places, delimiter: int, *, final: bool) -> Places:
    """Where records end, as far as every quote stands at a cell's edge or is doubled: those of odd number open
    a cell or are the second of a pair, those of even number close it or are the first of a pair."""
    quotes = np.flatnonzero(array == _QUOTE)
    size = len(array)
    ends = newlines
    if final and size and array[-1] != _LF:
        ends = np.append(ends, size)
    if len(quotes) == 0:
        return ends
    ends = ends[(np.searchsorted(quotes, ends) & 1) == 0]
    opening, closing = quotes[::2], quotes[1::2]
    before = array[np.maximum(opening - 1, 0)]
    well_opened = (opening == 0) | (before == delimiter) | (before == _LF) | (before == _QUOTE)
    after = array[np.minimum(closing + 1, size - 1)]
    at_end = closing == size - 1
    well_closed = at_end | (after == delimiter) | (after == _LF) | (after == _CR) | (after == _QUOTE)
    wrong = np.concatenate((opening[~well_opened], closing[~well_closed]))
    sound: Places = ends[: np.searchsorted(ends, wrong.min())] if len(wrong) else ends
    return sound


@dataclass(frozen=True, slots=True)
class _Records:
    """The records of a region with where they stand."""

    text: bytes
    starts: Places
    stops: Places
    lines: Places
    ends: Places
    delimiter: str
    width: int

    def parts(self) -> list[ColumnBlock | Doubtful] | None:
        """Sound blocks and doubtful records in order; None where all must go the careful way."""
        absent = np.zeros(len(self.starts), bool)
        absent |= self._blank()
        ragged: list[int] = []
        columns = self._parse(ragged)
        if columns is None:
            return None
        if ragged:
            absent |= self._ragged()
        if len(columns[0]) != len(absent) - int(absent.sum()):
            return None
        doubtful = absent | self._not_text() | self._white(columns)
        if doubtful.sum() > max(_MOST_DOUBTFUL * len(doubtful), 64):
            return None
        return list(self._split(columns, absent, doubtful | _hollow(columns, absent)))

    def _parse(self, ragged: list[int]) -> list[Any] | None:
        names = [str(place) for place in range(self.width)]

        def skip(row: Any) -> Literal["skip"]:
            ragged.append(row.actual_columns)
            return "skip"

        source: Any = pa.BufferReader(self.text)
        try:
            table = pc.read_csv(
                source,
                read_options=pc.ReadOptions(
                    use_threads=False, block_size=len(self.text) + 1, column_names=names
                ),
                parse_options=pc.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=True,
                    invalid_row_handler=skip,
                ),
                convert_options=pc.ConvertOptions(
                    strings_can_be_null=False,
                    check_utf8=False,
                    column_types=dict.fromkeys(names, pa.string()),
                ),
            )
        except pa.ArrowInvalid:
            return None
        return [_whole(column) for column in table.columns]

    def _blank(self) -> Mask:
        sizes = self.stops - self.starts
        blank: Mask = sizes == 0
        for place in np.flatnonzero(sizes == 1):
            blank[place] = self.text[self.starts[place]] == _CR
        return blank

    def _ragged(self) -> Mask:
        array = np.frombuffer(self.text, np.uint8)
        marks = np.flatnonzero(array == ord(self.delimiter))
        quotes = np.flatnonzero(array == _QUOTE)
        if len(quotes):
            marks = marks[(np.searchsorted(quotes, marks) & 1) == 0]
        counts = np.searchsorted(marks, self.stops) - np.searchsorted(marks, self.starts)
        ragged: Mask = counts != self.width - 1
        return ragged

    def _not_text(self) -> Mask:
        doubtful = np.zeros(len(self.starts), bool)
        if _may_hold_bad_characters(self.text):
            found = [match.start() for match in _NOT_TEXT.finditer(self.text)]
            doubtful[np.searchsorted(self.stops, found)] = True
        return doubtful

    def _white(self, columns: list[Any]) -> Mask:
        """Records the careful reader may see as blank lines: nothing but white space and delimiters."""
        doubtful = np.zeros(len(self.starts), bool)
        if len(columns) > 1 and not self.delimiter.isspace():
            return doubtful
        for place, (start, stop) in enumerate(zip(self.starts.tolist(), self.stops.tolist(), strict=True)):
            doubtful[place] = self.text[start] in _MAY_BE_WHITE and not self.text[start:stop].decode().strip()
        return doubtful

    def _split(
        self,
        columns: list[Any],
        absent: Mask,
        doubtful: Mask,
    ) -> Iterator[ColumnBlock | Doubtful]:
        rows: Places = np.cumsum(~absent) - ~absent  # where each record stands in the columns
        edges = np.flatnonzero(np.diff(doubtful)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(doubtful)], strict=True):
            if doubtful[start]:
                text = self.text[self.starts[start] : self.stops[stop - 1] + 1]
                yield Doubtful(text, int(self.lines[start]))
                continue
            part = slice(start, stop)
            row = int(rows[start])
            yield ColumnBlock(
                [column.slice(row, stop - start) for column in columns],
                self.lines[part],
                self.ends[part],
                self.starts[part],
                self.stops[part],
                self.text,
            )


def _hollow(columns: list[Any], absent: Mask) -> Mask:
    """Records of several empty cells: blank lines, as spreadsheet programs write them below a table."""
    found = np.zeros(len(absent), bool)
    if len(columns) < 2:
        return found
    empty = _flags(arrow.equal(columns[0], ""))
    for column in columns[1:]:
        if not empty.any():
            return found
        empty = empty & _flags(arrow.equal(column, ""))
    found[np.flatnonzero(~absent)[empty]] = True
    return found


_MAY_BE_WHITE = frozenset(b"\t\n\r \xc2\xe1\xe2\xe3")


def _may_hold_bad_characters(text: bytes) -> bool:
    """Quickly no, for the common clean text; yes where it must be looked for."""
    if len(text.translate(None, _CONTROLS)) != len(text):
        return True
    if text.isascii():
        return False
    return b"\xc2" in text or (b"\xef" in text and b"\xef\xbf" in text)


def _whole(column: Any) -> Any:
    whole: Any = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    return whole if column.num_chunks else pa.array([], pa.string())


def _flags(answers: Any) -> Mask:
    mask: Mask = answers.to_numpy(zero_copy_only=False)
    return mask
