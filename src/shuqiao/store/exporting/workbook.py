"""XLSX, written straight into its zip: rows leave while the rest is read, a full sheet is followed by the next.

Text is written as text cells, which no spreadsheet program calculates. Numbers that a spreadsheet keeps exactly
are numbers; longer ones stay text.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from typing import IO

import pyarrow as pa

from shuqiao.kernel import InvalidInput
from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.exporting.encoding import Drain, Shown, text_of
from shuqiao.store.exporting.lines import escaped
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql, join
from shuqiao.store.types import Column, ColumnType

SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384
SHEET_BYTES = 1_900_000_000
"""A sheet ends before its part needs zip64, which not every spreadsheet program reads in a stream."""
CELL_CHARS = 32_767
SHEET_DIGITS = 15
_LEVEL = 3

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class _Package(zipfile.ZipFile):
    """The workbook's ZIP. Given up half-way, for instance by a client that leaves, it has no end to write."""

    def __del__(self) -> None:
        """Unlike its parent's, this writes nothing."""


class Workbook:
    """One workbook. Its sheets are 数据, 数据2, …, each with the names in its first row."""

    in_order = True

    def __init__(self, shown: Shown) -> None:
        if len(shown) > SHEET_COLUMNS:
            raise InvalidInput.one("format", f"一张工作表最多 {SHEET_COLUMNS} 列，请导出为 CSV")
        self._shown = shown
        self._drain = Drain()
        self._zip = _Package(self._drain, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._sheet: IO[bytes] | None = None
        self._sheets = self._rows = self._size = 0

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """The row element of a row."""
        cells = [_cell(column, mask, dialect.shown(column, mask, hash_key)) for column, mask in self._shown]
        row = join(", ", [Sql("'<row>'"), *cells, Sql("'</row>'")])
        return [Sql(f"concat({row.text})", row.params)]

    def head(self) -> bytes:
        """The first sheet begins."""
        self._begin_sheet()
        return self._drain.take()

    def piece(self, batch: pa.RecordBatch) -> bytes:
        """The rows, on as many sheets as they need."""
        rows, start = batch.column(0), 0
        while start < len(rows):
            if self._rows >= SHEET_ROWS or self._size >= SHEET_BYTES:
                self._end_sheet()
                self._begin_sheet()
            part = rows.slice(start, SHEET_ROWS - self._rows)
            self._write(text_of(part))
            self._rows += len(part)
            start += len(part)
        return self._drain.take()

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """As they come."""
        return piece

    def tail(self, *, empty: bool) -> bytes:
        """The last sheet ends; what names the sheets stands at the end of the file."""
        self._end_sheet()
        for name, text in _parts(self._sheets).items():
            self._zip.writestr(name, text)
        self._zip.close()
        return self._drain.take()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        names = "".join(_text_cell(escape(column.name, quote=False)) for column, _ in self._shown)
        self._size = 0
        self._write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData><row>{names}</row>'.encode())
        self._rows = 1

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _write(self, data: bytes) -> None:
        assert self._sheet is not None
        self._sheet.write(data)
        self._size += len(data)


def too_long(shown: Shown) -> Sql:
    """The SQL condition of rows with a text that no cell can hold."""
    return Sql(f"({' OR '.join(f'length({column.code}) > {CELL_CHARS}' for column, _ in shown)})")


def may_be_too_long(shown: Shown, longest: Mapping[str, int]) -> Shown:
    """The columns that may have such a text; `longest` says how long the texts of a column are, by its code, and
    nothing where nobody looked."""
    return [
        (column, mask)
        for column, mask in shown
        if column.type is ColumnType.TEXT
        and mask in (Mask.NONE, Mask.KEEP_ENDS)
        and longest.get(column.code, CELL_CHARS + 1) > CELL_CHARS
    ]


def refuse_too_long() -> InvalidInput:
    """Why a workbook is not made."""
    return InvalidInput.one("format", f"有单元格超过 {CELL_CHARS} 个字符，工作表放不下，请导出为 CSV")


def _text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cell(column: Column, mask: Mask, value: Sql) -> Sql:
    """The SQL of one cell; an empty one where the value is missing."""
    before, after = _text_cell("\0").split("\0")
    text = f"coalesce('{before}' || {_exact(column, mask, value.text)} || '{after}', '<c/>')"
    if mask is Mask.NONE and column.type is ColumnType.BOOLEAN:
        return Sql(f"CASE WHEN {column.code} IS NULL THEN '<c/>' WHEN {column.code} THEN '<c t=\"b\"><v>1</v></c>' "
                   "ELSE '<c t=\"b\"><v>0</v></c>' END")  # fmt: skip
    if mask is not Mask.NONE or column.type not in (ColumnType.INTEGER, ColumnType.DECIMAL):
        return Sql(text, value.params)
    written = f"CAST({value.text} AS VARCHAR)"
    if column.type is ColumnType.INTEGER:  # told by its size: a wide table has thousands of these
        most = 10**SHEET_DIGITS - 1
        number = f"'<c><v>' || {written} || '</v></c>'"
        return Sql(f"CASE WHEN {column.code} BETWEEN {-most} AND {most} THEN {number} ELSE {text} END")
    digits = f"length(replace(replace({written}, '-', ''), '.', ''))"
    return Sql(
        f"CASE WHEN {digits} <= {SHEET_DIGITS} THEN '<c><v>' || {written} || '</v></c>' ELSE {text} END"
    )


def _exact(column: Column, mask: Mask, text: str) -> str:
    """Character data; a text that looks like a spreadsheet's own escape (_x0041_) has its first stroke escaped."""
    shown = escaped(column, mask, text)
    # A hash or a year has no such text, and what they bind is bound once.
    if column.type is not ColumnType.TEXT or mask in (Mask.HASH, Mask.YEAR):
        return shown
    return (
        f"CASE WHEN contains({column.code}, '_x') "
        f"THEN regexp_replace({shown}, '_(x[0-9A-Fa-f]{{4}}_)', '_x005F_\\1', 'g') ELSE {shown} END"
    )


def _parts(sheets: int) -> dict[str, str]:
    """The parts of the package besides its sheets."""
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    named = "".join(f'<sheet name="数据{n if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = f'<Relationship Id="rId0" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}{styles}</Relationships>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>'
        ),
    }
