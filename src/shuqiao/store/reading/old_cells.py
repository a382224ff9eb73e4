"""What the spreadsheet reader does not tell of the cells of an old binary workbook (.xls): errors, and numbers shown
with leading zeros. xlrd knows both (docs/adr/0018)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import xlrd

from shuqiao.store.reading.marked_cells import Mark, MarkedCell, padded, zero_digits

# What xlrd raises for a file that is no workbook, or a damaged one.
_DAMAGE = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, LookupError, ValueError, TypeError, AttributeError, AssertionError,
    OverflowError, RecursionError, NotImplementedError, struct.error,
)  # fmt: skip


def old_marked_cells(file: Path | io.BytesIO, sheet: int) -> Iterator[MarkedCell]:
    """The marked cells of the n-th sheet of an .xls, row by row. Nothing for a file that is none, or is damaged: the
    spreadsheet reader says so."""
    content = file.read_bytes() if isinstance(file, Path) else file.getvalue()
    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
        )
        digits = [zero_digits(book.format_map[style.format_key].format_str) for style in book.xf_list]
        yield from _marked(book.sheet_by_index(sheet), digits)
    except _DAMAGE:
        return


def _marked(cells: xlrd.sheet.Sheet, digits: list[int]) -> Iterator[MarkedCell]:
    zeros = any(digits)
    for row in range(cells.nrows):
        if not zeros and xlrd.XL_CELL_ERROR not in cells.row_types(row):
            continue
        for column, cell in enumerate(cells.row(row)):
            if cell.ctype == xlrd.XL_CELL_ERROR:
                name = xlrd.error_text_from_code.get(cell.value, "#UNKNOWN!")
                yield MarkedCell(row, column, Mark.ERROR, name)
            elif cell.ctype == xlrd.XL_CELL_NUMBER and (text := padded(cell.value, digits[cell.xf_index])):
                yield MarkedCell(row, column, Mark.ZEROS, text)
