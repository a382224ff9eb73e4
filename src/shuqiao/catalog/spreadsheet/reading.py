"""A workbook of layout A, read whole: every entry in it, and every problem with its sheet and cell."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from shuqiao.catalog.spreadsheet.cells import letter_of, text_of
from shuqiao.catalog.spreadsheet.duplicates import mark_duplicates
from shuqiao.catalog.spreadsheet.layout import BY_KEY, COLUMNS, key_of
from shuqiao.catalog.spreadsheet.parsing import Block, Row, draft_of
from shuqiao.catalog.types import EntryDraft, Reading, SheetProblem
from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.workbooks import demand_bounded

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 400
MAX_CELLS = 20_000_000
HEADER_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings of a sheet are: index of the first data row, and the column of each key."""

    data_from: int
    columns: dict[str, int]
    extra: tuple[tuple[int, str], ...]


def read(path: Path) -> Reading:
    """Read a workbook of layout A (`.xlsx`).

    Raises InvalidInput when the file cannot be such a workbook at all; everything else wrong with it is in the
    answer, each problem with its cell and what to do.
    """
    _demand_bounded(path)
    try:
        with path.open("rb") as handle:
            workbook = CalamineWorkbook.from_filelike(handle)
            sheets = [(name, workbook.get_sheet_by_name(name)) for name in workbook.sheet_names]
            return _read_sheets(sheets)
    except CalamineError as error:
        raise InvalidInput.one(
            "文件", f"不能作为 Excel 工作簿读取（{error}），请另存为 .xlsx 后再传"
        ) from error


def _demand_bounded(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput.one("文件", f"超过 {MAX_BYTES // 1024 // 1024} MB，请拆成几份导入")
    if not zipfile.is_zipfile(path):
        raise InvalidInput.one("文件", "不是 .xlsx 工作簿，请用本平台的模板填写，或另存为 .xlsx")
    demand_bounded(path, "文件", max_bytes=MAX_UNPACKED, max_cells=MAX_CELLS)


def _read_sheets(sheets: list[tuple[str, Any]]) -> Reading:
    drafts: list[EntryDraft] = []
    problems: list[SheetProblem] = []
    rows = 0
    found = False
    for name, sheet in sheets:
        if (sheet.height or 0) > MAX_ROWS + HEADER_WITHIN or (sheet.width or 0) > MAX_COLUMNS:
            what = f"最多 {MAX_ROWS:,} 行、{MAX_COLUMNS} 列，本表 {sheet.height:,} 行、{sheet.width:,} 列，请拆开导入"
            problems.append(SheetProblem(name, "", what))
            continue
        grid = sheet.to_python(skip_empty_area=False)
        header = _find_header(grid)
        if header is None:
            continue
        found = True
        problems += _header_problems(name, header)
        if any(column.required and column.key not in header.columns for column in COLUMNS):
            continue
        blocks, counted, lost = _blocks(name, grid, header)
        rows += counted
        problems += lost
        drafts += [draft_of(block) for block in blocks]
    if not found and not problems:
        raise InvalidInput.one("文件", f"前 {HEADER_WITHIN} 行里没有找到“信息资源名称”表头，请用本平台的模板")
    return Reading(tuple(mark_duplicates(drafts)), tuple(problems), rows)


def _find_header(grid: list[list[Any]]) -> Header | None:
    """The best reading of the rows around 信息资源名称: two rows of headings, or one."""
    best: Header | None = None
    for index, row in enumerate(grid[:HEADER_WITHIN]):
        if not any(isinstance(cell, str) and key_of("", cell) == "title" for cell in row):
            continue
        pairs = [(index, index + 1), (index - 1, index), (index, index)]
        for upper, lower in pairs:
            if upper >= 0 and lower < len(grid):
                header = _header(grid[upper], grid[lower], lower + 1)
                if best is None or len(header.columns) > len(best.columns):
                    best = header
        return best
    return None


def _header(upper: list[Any], lower: list[Any], data_from: int) -> Header:
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
        key = key_of(group if below else "", heading)
        if key and key not in columns:
            columns[key] = index
        else:
            extra.append((index, heading))
    return Header(data_from, columns, tuple(extra))


def _header_problems(sheet: str, header: Header) -> list[SheetProblem]:
    missing = [column for column in COLUMNS if column.required and column.key not in header.columns]
    problems = [
        SheetProblem(
            sheet,
            "",
            f"缺少“{f'{column.group}／' if column.group else ''}{column.heading}”列，请对照模板补上",
        )
        for column in missing
    ]
    row = header.data_from
    problems += [
        SheetProblem(sheet, f"{letter_of(index)}{row}", f"“{heading}”列不在模板中，未读取", blocks=False)
        for index, heading in header.extra
    ]
    return problems


def _blocks(sheet: str, grid: list[list[Any]], header: Header) -> tuple[list[Block], int, list[SheetProblem]]:
    """Rows put together by resource: same code, or without code same name, provider and format."""
    letters = {key: letter_of(index) for key, index in header.columns.items()}
    blocks: dict[tuple[str, ...], Block] = {}
    lost: list[SheetProblem] = []
    last: Block | None = None
    counted = 0
    for row in _rows(grid, header):
        counted += 1
        cells = row.cells
        if not cells.get("title") and not cells.get("code"):
            if last is not None and cells.get("item.name"):
                last.rows.append(row)
            else:
                what = "这一行没有信息资源名称，请填写或删去整行"
                lost.append(SheetProblem(sheet, f"{letters['title']}{row.number}", what))
            continue
        key = _identity(cells)
        known = blocks.get(key)
        if known is None or _starts_again(cells, known, last):
            # Kept under its own place: `mark_duplicates` tells which row it repeats.
            key = key if known is None else (*key, str(row.number))
            blocks[key] = known = Block(sheet, letters, [])
        last = known
        last.rows.append(row)
    return list(blocks.values()), counted, lost


def _identity(cells: dict[str, str]) -> tuple[str, ...]:
    if code := cells.get("code"):
        return ("code", code)
    return tuple(cells.get(key, "") for key in ("title", "provider", "inner_department", "format_type"))


def _starts_again(cells: dict[str, str], known: Block, last: Block | None) -> bool:
    """A row that repeats a resource instead of adding an item to it."""
    if not cells.get("item.name"):
        return True
    return "code" not in cells and known is not last


def _rows(grid: list[list[Any]], header: Header) -> Iterator[Row]:
    for index in range(header.data_from, len(grid)):
        values = grid[index]
        cells = {
            key: text
            for key, column in header.columns.items()
            if column < len(values) and (text := text_of(values[column]))
        }
        if cells:
            yield Row(index + 1, cells)


assert BY_KEY["title"].required  # `_blocks` relies on the column of titles being there
