"""Merged cells of a sheet: a header over several rows becomes one, merged data cells are filled downwards.

A spreadsheet keeps the value of a merged range in its first cell only. Below the header a value merged over several
rows belongs to each of them, so it is written into each. Across columns nothing is filled: a text over the whole
width is a banner, not data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shuqiao.store.reading.layout import is_unit_or_code, looks_like_header

JOINT = "_"
MAX_HEADER_ROWS = 5

Range = tuple[tuple[int, int], tuple[int, int]]
"""((first row, first column), (last row, last column)), from 0."""

Texts = list[str]


@dataclass(slots=True)
class _Down:
    """A value being filled downwards."""

    until: int
    value: str


class Merges:
    """The merged ranges of one sheet, `left` the number of its first column. `filled` counts the ranges whose value
    was written into further rows, `joined` the header rows made one."""

    def __init__(self, ranges: Sequence[Range], left: int) -> None:
        self._across: dict[int, list[tuple[int, int]]] = {}
        self._down: dict[int, list[tuple[int, int]]] = {}
        for (top, first), (bottom, last) in ranges:
            if last > first:
                self._across.setdefault(top, []).append((first - left, last - left))
            if bottom > top:
                self._down.setdefault(top, []).append((first - left, bottom))
        self._active: dict[int, _Down] = {}
        self.filled = 0
        self.joined = 0

    def fill(self, row: int, cells: Texts) -> None:
        """Write values merged from above into this row, and remember those that go on below."""
        for column, down in list(self._active.items()):
            if row > down.until:
                del self._active[column]
            elif column < len(cells) and not cells[column]:
                cells[column] = down.value
        for column, bottom in self._down.get(row, ()):
            if 0 <= column < len(cells) and cells[column]:
                self._active[column] = _Down(bottom, cells[column])
                self.filled += 1

    def starts_header(self, row: int, cells: Texts, *, first: bool) -> bool:
        """Whether a header over several rows could begin here: texts over some of the columns, not one over all. Where
        nothing is merged across, only the `first` row of the table can be one."""
        merged = self._across.get(row) or (first and self._down.get(row))
        return bool(merged) and sum(1 for cell in cells if cell) > 1

    def header(self, row: int, rows: Sequence[Texts]) -> tuple[Texts, int] | None:
        """The header beginning with `rows[0]`, its levels joined as ``甲_乙``, and how many rows it takes; None
        when this is no such header."""
        if not self._across.get(row):
            return self._header_downwards(row, rows)
        levels = [self._spread(row, rows[0])]
        width = len(rows[0])
        while len(levels) < min(len(rows), MAX_HEADER_ROWS) and self._across.get(row + len(levels) - 1):
            below = rows[len(levels)]
            if not self._belongs(row, len(levels), rows, width):
                return None
            levels.append(self._spread(row + len(levels), below))
        if len(levels) < 2:
            return None
        joined = [_joined(parts) for parts in zip(*levels, strict=True)]
        return (joined, len(levels)) if looks_like_header([*joined]) else None

    def _header_downwards(self, row: int, rows: Sequence[Texts]) -> tuple[Texts, int] | None:
        """A header in which nothing is merged across: some columns merged over the same rows, and beside them words
        above words. Those below are units or codes, or at least half of the columns are merged: rows of data that
        share a value would look alike."""
        merged = dict(self._down.get(row, ()))
        count = max(merged.values(), default=row) - row + 1
        if not 2 <= count <= min(len(rows), MAX_HEADER_ROWS) or set(merged.values()) != {row + count - 1}:
            return None
        below = [
            (column, cell)
            for cells in rows[1:count]
            for column, cell in enumerate(cells)
            if cell and cell.strip()
        ]
        if not below or any(column in merged or not rows[0][column] for column, _ in below):
            return None
        signs = all(is_unit_or_code(cell) for _, cell in below)
        if not signs and (
            len(merged) * 2 < len(rows[0]) or not all(looks_like_header([cell]) for _, cell in below)
        ):
            return None
        joined = [_joined(parts) for parts in zip(*rows[:count], strict=True)]
        return (joined, count) if looks_like_header([*joined]) else None

    def _spread(self, row: int, cells: Texts) -> Texts:
        spread = list(cells)
        for first, last in self._across.get(row, ()):
            for column in range(max(first, 0), min(last + 1, len(spread))):
                spread[column] = cells[first] if first >= 0 else ""
        return spread

    def _belongs(self, row: int, level: int, rows: Sequence[Texts], width: int) -> bool:
        """Whether the row `level` rows down is a further level: words under what is merged across above, nothing
        under the rest."""
        under = set(self._columns(self._across.get(row + level - 1, ()), width))
        below = rows[level]
        filled = {column for column, cell in enumerate(below) if cell}
        words = all(looks_like_header([below[column]]) for column in filled)
        return bool(filled) and filled <= under and words

    @staticmethod
    def _columns(across: Sequence[tuple[int, int]], width: int) -> Iterator[int]:
        for first, last in across:
            yield from range(max(first, 0), min(last + 1, width))


def _joined(parts: Sequence[str]) -> str:
    """The levels of one column, each said once."""
    said: list[str] = []
    for part in parts:
        word = " ".join(part.split())
        if word and word not in said[-1:]:
            said.append(word)
    return JOINT.join(said)
