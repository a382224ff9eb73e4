"""The copy of an imported file with its problems written in: the original stays as it was."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shuqiao.catalog import mappings
from shuqiao.catalog.spreadsheet.writing import inert
from shuqiao.catalog.types import SheetProblem
from shuqiao.kernel import InvalidInput

HEADING = "问题"
MUST, HINT = "F6C7B6", "FFF1C9"  # colours of cells
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
LINE = re.compile(r"第 ?([0-9]+) ?行")
MAX_ROWS = 100_000


def annotated_workbook(path: Path, problems: Iterable[SheetProblem], into: Path) -> Path:
    """Copy a workbook: every cell that has a problem is coloured, and a further column 问题 says what to do, row by
    row. What concerns a whole sheet stands in the first row of that column."""
    from openpyxl import load_workbook

    with path.open("rb") as file:
        book = load_workbook(file)
    for sheet_name, found in _by_sheet(problems).items():
        if sheet_name not in book.sheetnames:
            continue
        sheet = book[sheet_name]
        column = sheet.max_column + 1
        lines: dict[int, list[str]] = defaultdict(list)
        coloured: set[str] = set()  # the first problem of a cell is its gravest
        for problem in found:
            row, cell = _row_of(problem), CELL.fullmatch(problem.cell)
            lines[row].append(_said(problem, cell[1] if cell else ""))
            if cell and problem.cell not in coloured:
                coloured.add(problem.cell)
                sheet[problem.cell].fill = _filled(MUST if problem.blocks else HINT)
        _write_lines(sheet, column, lines)
    book.save(into)
    return into


def _write_lines(sheet: Any, column: int, lines: dict[int, list[str]]) -> None:
    from openpyxl.comments import Comment

    first = min((row for row in lines if row > 1), default=2)
    heading = sheet.cell(row=max(first - 1, 1), column=column)
    heading.value = HEADING
    if whole := lines.pop(0, None):
        heading.comment = Comment("\n".join(whole), "数桥")
        heading.fill = _filled(MUST)
    for row, said in lines.items():
        cell = sheet.cell(row=row, column=column, value="；".join(said))
        cell.data_type = "s"


@cache
def _filled(colour: str) -> Any:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor=colour)


def annotated_table(source: mappings.Source, problems: Iterable[SheetProblem], into: Path) -> Path:
    """The records of any other file as a workbook, with the column 问题. Raises InvalidInput past `MAX_ROWS`."""
    from openpyxl import Workbook

    lines: dict[int, list[str]] = defaultdict(list)
    for problem in _gravest_first(problems):
        lines[_row_of(problem)].append(_said(problem, ""))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(["行", *source.columns, HEADING])
    for number, (line, record) in enumerate(source.records()):
        if number >= MAX_ROWS:
            raise InvalidInput.one("文件", f"超过 {MAX_ROWS:,} 行，请按提供单位拆开后再下载标注副本")
        cells = [record.get(name, "") for name in source.columns]
        said = "；".join(lines.get(line, ()))
        sheet.append([inert(sheet, value) for value in (line, *cells, said)])
    book.save(into)
    return into


def _by_sheet(problems: Iterable[SheetProblem]) -> dict[str, list[SheetProblem]]:
    found: dict[str, list[SheetProblem]] = defaultdict(list)
    for problem in _gravest_first(problems):
        found[problem.sheet].append(problem)
    return found


def _gravest_first(problems: Iterable[SheetProblem]) -> list[SheetProblem]:
    """What keeps an entry out before what is only a hint; otherwise in the order found."""
    return sorted(problems, key=lambda problem: not problem.blocks)


def _row_of(problem: SheetProblem) -> int:
    """The row a problem is about; 0 for a whole sheet."""
    if match := CELL.fullmatch(problem.cell):
        return int(match[2])
    match = LINE.match(problem.cell)
    return int(match[1]) if match else 0


def _said(problem: SheetProblem, letter: str) -> str:
    kind = "须改" if problem.blocks else "提示"
    return f"【{kind}】{f'{letter} 列：' if letter else ''}{problem.what}"
