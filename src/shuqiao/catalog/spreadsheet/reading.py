"""A workbook of one of the layouts, read whole: every entry in it, and every problem with its sheet and cell."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from shuqiao.catalog.spreadsheet.cells import letter_of, text_of
from shuqiao.catalog.spreadsheet.duplicates import mark_duplicates
from shuqiao.catalog.spreadsheet.grouping import Grouping
from shuqiao.catalog.spreadsheet.headers import HEADER_WITHIN, Header, find_header, header_problems
from shuqiao.catalog.spreadsheet.parsing import Block, Row, draft_of
from shuqiao.catalog.spreadsheet.unfolding import NO_CLASSES, Classes
from shuqiao.catalog.types import EntryDraft, Reading, SheetProblem, cell_name
from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.marked_cells import Mark, MarkedCell, marked_cells
from shuqiao.store.reading.workbooks import demand_bounded

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 400
MAX_CELLS = 20_000_000
BELOW = 1_000  # rows of nothing but formulas without result that are named


UNREAD = {
    Mark.ERROR: "单元格是错误值 {}，请改正",
    Mark.NO_RESULT: "公式没有保存计算结果：请在表格软件中打开并保存后再传，或直接写值",
}


class Marks:
    """The marked cells of a sheet, asked for row by row from the top."""

    def __init__(self, cells: Iterator[MarkedCell]) -> None:
        self._cells = cells
        self._next = next(cells, None)

    def of(self, row: int) -> dict[int, MarkedCell]:
        """Those of a row from 0, by their column; what stands above it is passed over."""
        found = {}
        while self._next is not None and self._next.row <= row:
            if self._next.row == row:
                found[self._next.column] = self._next
            self._next = next(self._cells, None)
        return found

    def below(self) -> Iterator[int]:
        """Rows that have marked cells under those asked for; ask for each before the next."""
        while self._next is not None:
            yield self._next.row


def read(path: Path, *, classes: Classes = NO_CLASSES) -> Reading:
    """Read a workbook (`.xlsx`) of layout A, B or C, told by its headings. `classes`: what the four columns of
    classification in layout C may name.

    Raises InvalidInput when the file cannot be such a workbook at all; everything else wrong with it is in the
    answer, each problem with its cell and what to do.
    """
    _demand_bounded(path)
    try:
        with path.open("rb") as handle:
            workbook = CalamineWorkbook.from_filelike(handle)
            sheets = [(name, workbook.get_sheet_by_name(name)) for name in workbook.sheet_names]
            return _read_sheets(path, sheets, classes)
    except CalamineError as error:
        raise InvalidInput.one(
            "文件", f"不能作为 Excel 工作簿读取（{error}），请另存为 .xlsx 后再传"
        ) from error


def _demand_bounded(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput.one("文件", f"超过 {MAX_BYTES // 1024 // 1024} MB，请拆成几份导入")
    if not zipfile.is_zipfile(path):
        what = (
            "不是 .xlsx 工作簿：请用本平台的模板填写，或另存为 .xlsx；CSV、JSON、.xls 等请选“新建列对应方案”"
        )
        raise InvalidInput.one("文件", what)
    demand_bounded(path, "文件", max_bytes=MAX_UNPACKED, max_cells=MAX_CELLS)


def _read_sheets(path: Path, sheets: list[tuple[str, Any]], classes: Classes) -> Reading:
    drafts: list[EntryDraft] = []
    problems: list[SheetProblem] = []
    layouts: list[str] = []
    rows = 0
    found = False
    for name, sheet in sheets:
        if (sheet.height or 0) > MAX_ROWS + HEADER_WITHIN or (sheet.width or 0) > MAX_COLUMNS:
            what = f"最多 {MAX_ROWS:,} 行、{MAX_COLUMNS} 列，本表 {sheet.height:,} 行、{sheet.width:,} 列，请拆开导入"
            problems.append(SheetProblem(name, "", what))
            continue
        grid = sheet.to_python(skip_empty_area=False)
        header = find_header(grid)
        if header is None:
            continue
        found = True
        layouts.append(header.layout.id)
        problems += header_problems(name, header)
        if any(column.key not in header.columns for column in header.layout.required):
            continue
        marks = Marks(marked_cells(path, name))
        blocks, counted, lost = _blocks(name, _rows(grid, header, marks), header, classes)
        rows += counted
        problems += lost
        drafts += [draft_of(block) for block in blocks]
    if not found and not problems:
        raise InvalidInput.one(
            "文件",
            f"前 {HEADER_WITHIN} 行里没有找到“信息资源名称”表头（布局 A；B 为“字段名称”，C 为“分类1”），"
            "请用本平台的模板，或选用列对应方案",
        )
    return Reading(tuple(mark_duplicates(drafts)), tuple(problems), rows, "".join(dict.fromkeys(layouts)))


def _blocks(
    sheet: str, rows: Iterator[tuple[Row, dict[str, str]]], header: Header, classes: Classes
) -> tuple[list[Block], int, list[SheetProblem]]:
    """Rows put together by resource: same code, or without code same name, provider and format."""
    letters = {key: letter_of(index) for key, index in header.columns.items()}
    grouped = Grouping(sheet, letters, header.layout, classes)
    counted = 0
    for row, unread in rows:
        counted += 1
        block = grouped.add(row)
        for key, what in unread.items():
            if block is None:
                grouped.lost.append(
                    SheetProblem(sheet, cell_name(letters[key], row.number), what, "（没有名称）")
                )
            else:
                block.notes.append((row, key, what, True))
    return grouped.blocks, counted, grouped.lost


def _rows(grid: list[list[Any]], header: Header, marks: Marks) -> Iterator[tuple[Row, dict[str, str]]]:
    """Rows that are not empty, each with what cannot be read of it, by column key."""
    columns = list(header.columns.items())
    marks.of(header.data_from - 1)
    # The grid ends with the last cell that has a value.
    for index in chain(range(header.data_from, len(grid)), islice(marks.below(), BELOW)):
        values = grid[index] if index < len(grid) else []
        width = len(values)
        cells = {
            key: text
            for key, column in columns
            if column < width and (value := values[column]) != "" and (text := text_of(value))
        }
        unread = {}
        if marked := marks.of(index):
            for key, column in columns:
                if (mark := marked.get(column)) is None:
                    continue
                if mark.mark is Mark.ZEROS:
                    cells[key] = mark.text
                else:
                    cells.pop(key, None)
                    unread[key] = UNREAD[mark.mark].format(mark.text)
        if cells or unread:
            yield Row(index + 1, cells), unread
