"""Where the headings of a sheet stand, and which layout they are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shuqiao.catalog.spreadsheet.cells import letter_of, text_of
from shuqiao.catalog.spreadsheet.columns import plain
from shuqiao.catalog.spreadsheet.layout import LAYOUTS, Layout
from shuqiao.catalog.types import SheetProblem

HEADER_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Header:
    """The layout, the index of the first data row, and the column of each key."""

    layout: Layout
    data_from: int
    columns: dict[str, int]
    extra: tuple[tuple[int, str], ...]


def find_header(grid: list[list[Any]]) -> Header | None:
    """The best reading of the rows around the heading only one layout has: two rows of headings, or one."""
    for index, row in enumerate(grid[:HEADER_WITHIN]):
        said = {plain(cell) for cell in row if isinstance(cell, str)}
        for layout in LAYOUTS.values():
            if plain(layout.by_key[layout.anchor].heading) in said:
                return _best(layout, grid, index)
    return None


def _best(layout: Layout, grid: list[list[Any]], index: int) -> Header:
    pairs = [(index - 1, index), (index, index)]
    if layout.heading_rows > 1:
        pairs.insert(0, (index, index + 1))
    found = [
        _header(layout, grid[upper], grid[lower], lower + 1)
        for upper, lower in pairs
        if upper >= 0 and lower < len(grid)
    ]
    return max(found, key=lambda header: len(header.columns))


def _header(layout: Layout, upper: list[Any], lower: list[Any], data_from: int) -> Header:
    columns: dict[str, int] = {}
    extra: list[tuple[int, str]] = []
    group = ""
    for index in range(max(len(upper), len(lower))):
        above = text_of(upper[index]) if index < len(upper) else ""
        below = text_of(lower[index]) if index < len(lower) else ""
        group = above or group
        heading = below or above
        if not heading:
            continue
        key = layout.key_of(group if below else "", heading, columns)
        if key and key not in columns:
            columns[key] = index
        else:
            extra.append((index, heading))
    return Header(layout, data_from, columns, tuple(extra))


def header_problems(sheet: str, header: Header) -> list[SheetProblem]:
    """Columns that are missing, which keeps the whole sheet out, and columns nobody asked for."""
    problems = [
        SheetProblem(
            sheet,
            "",
            f"缺少“{f'{column.group}／' if column.group else ''}{column.heading}”列，请对照模板补上",
        )
        for column in header.layout.required
        if column.key not in header.columns
    ]
    row = header.data_from
    problems += [
        SheetProblem(sheet, f"{letter_of(index)}{row}", f"“{heading}”列不在模板中，未读取", blocks=False)
        for index, heading in header.extra
    ]
    return problems
