"""Exports: batches of rows as CSV, JSON or a workbook. Text is kept exact: nothing is added in front of ``=``
or ``+``, and in a workbook it is written as text cells, which no spreadsheet program calculates.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pacsv
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from shuqiao.kernel import InvalidInput
from shuqiao.store.scope import Mask
from shuqiao.store.types import Column, ColumnType

FORMATS = ("csv", "json", "xlsx")
SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384
CELL_CHARS = 32_767
SHEET_DIGITS = 15
_BLOCK = 1 << 18

Shown = Sequence[tuple[Column, Mask]]
Batches = Callable[[], Iterator[pa.RecordBatch]]


def export_rows(
    kind: str, shown: Shown, batches: Batches, count: Callable[[], int], *, bom: bool
) -> Iterator[bytes]:
    """The pieces of the file. Raises InvalidInput at once for a format that is not offered and for more rows
    than a sheet holds."""
    match kind:
        case "csv":
            return _csv(shown, batches, bom=bom)
        case "json":
            return _json(shown, batches)
        case "xlsx":
            if count() >= SHEET_ROWS or len(shown) > SHEET_COLUMNS:
                raise InvalidInput.one("format", f"超过一张工作表的容量（{SHEET_ROWS - 1} 行），请导出为 CSV")
            return _workbook(shown, batches)
        case _:
            raise InvalidInput.one("format", f"不支持的导出格式：{kind}（可用：{'、'.join(FORMATS)}）")


def _csv(shown: Shown, batches: Batches, *, bom: bool) -> Iterator[bytes]:
    """RFC 4180, UTF-8; all text quoted, so that a missing value and an empty text stay two things."""
    head = io.StringIO()
    csv.writer(head, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(column.name for column, _ in shown)
    yield (b"\xef\xbb\xbf" if bom else b"") + head.getvalue().encode()
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    for batch in batches():
        sink = io.BytesIO()
        pacsv.write_csv(batch, sink, write_options=options)
        yield sink.getvalue()


def _json(shown: Shown, batches: Batches) -> Iterator[bytes]:
    """One array of objects."""
    names = [column.name for column, _ in shown]
    encode = msgspec.json.Encoder().encode
    opened = b"["
    for batch in batches():
        columns = [array.to_pylist() for array in batch.columns]
        objects = [encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
        if objects:
            yield opened + b",\n".join(objects)
            opened = b",\n"
    yield b"[]\n" if opened == b"[" else b"]\n"


def _workbook(shown: Shown, batches: Batches) -> Iterator[bytes]:
    """One sheet, written to a temporary file first: a workbook's directory stands at its end."""
    with tempfile.TemporaryDirectory(prefix="shuqiao-") as folder:
        path = Path(folder) / "export.xlsx"
        _write_workbook(path, shown, batches())
        with path.open("rb") as file:
            while piece := file.read(_BLOCK):
                yield piece


def _write_workbook(path: Path, shown: Shown, batches: Iterator[pa.RecordBatch]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    turns = [_as_number(column, mask) for column, mask in shown]
    try:
        sheet.append([_cell(sheet, column.name) for column, _ in shown])
        for batch in batches:
            columns = [array.to_pylist() for array in batch.columns]
            for row in zip(*columns, strict=True):
                sheet.append([_cell(sheet, turn(value)) for turn, value in zip(turns, row, strict=True)])
    except BaseException:
        book.save(io.BytesIO())  # closes and removes the sheet's own temporary file
        raise
    book.save(path)


def _cell(sheet: Any, value: Any) -> Any:
    """A cell; text is a text cell whatever it begins with. Raises InvalidInput for text too long for one."""
    if not isinstance(value, str):
        return value
    if len(value) > CELL_CHARS:
        raise InvalidInput.one("format", f"有单元格超过 {CELL_CHARS} 个字符，工作表放不下，请导出为 CSV")
    cell = WriteOnlyCell(sheet, value="")
    cell.value = value
    cell.data_type = "s"
    return cell


def _as_number(column: Column, mask: Mask) -> Callable[[Any], Any]:
    """Numbers a spreadsheet keeps exactly are numbers; others stay text."""
    if mask is not Mask.NONE or column.type not in (ColumnType.INTEGER, ColumnType.DECIMAL):
        return lambda value: value

    def turn(value: Any) -> Any:
        if value is None or sum(letter.isdigit() for letter in str(value)) > SHEET_DIGITS:
            return None if value is None else str(value)
        return int(value) if column.type is ColumnType.INTEGER else float(value)

    return turn
