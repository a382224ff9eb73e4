"""Rows put together by resource: same code, or without code same name, provider and format."""

from __future__ import annotations

from collections.abc import Mapping

from shuqiao.catalog.spreadsheet.layout import Layout
from shuqiao.catalog.spreadsheet.parsing import Block, Row
from shuqiao.catalog.spreadsheet.unfolding import Classes
from shuqiao.catalog.types import SheetProblem, cell_name


class Grouping:
    """Takes the rows of a sheet in their order. `blocks` are the resources found, `lost` rows that belong to none."""

    def __init__(self, sheet: str, letters: Mapping[str, str], layout: Layout, classes: Classes) -> None:
        self._sheet, self._letters = sheet, letters
        self._layout, self._classes = layout, classes
        self._found: dict[tuple[str, ...], Block] = {}
        self._last: Block | None = None
        self.lost: list[SheetProblem] = []

    @property
    def blocks(self) -> list[Block]:
        """The resources in the order in which they begin."""
        return list(self._found.values())

    def add(self, row: Row) -> Block | None:
        """Put a row where it belongs; None when it belongs nowhere."""
        cells = row.cells
        if not cells.get("title") and not cells.get("code"):
            return self._without_name(row)
        key = _identity(cells)
        known = self._found.get(key)
        if known is None or self._starts_again(cells, known):
            # Kept under its own place: `mark_duplicates` tells which row it repeats.
            key = key if known is None else (*key, str(row.number))
            known = Block(self._sheet, self._letters, [], self._layout, self._classes)
            self._found[key] = known
        self._last = known
        known.rows.append(row)
        return known

    def _without_name(self, row: Row) -> Block | None:
        if self._last is not None and row.cells.get("item.name"):
            self._last.rows.append(row)
            return self._last
        what = "这一行没有信息资源名称，请填写或删去整行"
        cell = cell_name(self._letters["title"], row.number)
        self.lost.append(SheetProblem(self._sheet, cell, what, "（没有名称）"))
        return None

    def _starts_again(self, cells: Mapping[str, str], known: Block) -> bool:
        """A row that repeats a resource instead of adding an item to it."""
        if not cells.get("item.name"):
            return True
        return "code" not in cells and known is not self._last


def _identity(cells: Mapping[str, str]) -> tuple[str, ...]:
    if code := cells.get("code"):
        return ("code", code)
    kind = cells.get("format_type") or cells.get("format", "")
    return (cells.get("title", ""), cells.get("provider", ""), cells.get("inner_department", ""), kind)
