"""Layout A written: an empty template with drop-down lists, or entries filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from shuqiao.catalog.spreadsheet.cells import letter_of
from shuqiao.catalog.spreadsheet.layout import BY_KEY, CENSUS, COLUMNS, SHEET, Column
from shuqiao.catalog.types import FORMAT_TYPES, FormatCategory, ItemContent, OpeningType, RevisionContent

LISTS = "列表"
NOTES = "填写说明"
TEMPLATE_ROWS = 5000
HEAD = PatternFill("solid", fgColor="E9EEF4")
BOLD = Font(bold=True)
WRAP = Alignment(wrap_text=True, vertical="center", horizontal="center")
GUIDE = (
    "一行写一个信息项；同一资源有几个信息项就写几行，资源各列逐行重复（或留空，表示同上）。",
    "信息资源代码可留空，由平台在发布时编定；已有代码的，同一资源各行填同一代码。",
    "资源名称写数据的名称，不写系统或平台的名称。",
    "格式的分类和类型成对：先选分类，再在该分类的类型里选。",
    "大普查六列只填数字，不写单位，不清楚填 0。",
    "共享条件：无条件共享填“无条件”或留空；有条件共享写具体条件；不予共享写依据。",
    "补充要素各列可以不填，但报送前平台会逐项指出缺少的要素。",
)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One entry to write: its content and what stands beside it in the sheet."""

    content: RevisionContent
    code: str
    provider: str
    provider_code: str


def template(into: Path) -> Path:
    """An empty workbook with drop-down lists and the filling notes."""
    return write((), into)


def write(entries: Iterable[SheetEntry], into: Path) -> Path:
    """Write entries in layout A, one row per data item (one row for an entry without items). Returns the file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "B3"
    for index, column in enumerate(COLUMNS):
        sheet.column_dimensions[letter_of(index)].width = column.width
    _merge_headings(sheet)
    _add_lists(sheet)
    for row in _headings(sheet):
        sheet.append(row)
    for entry in entries:
        for values in rows_of(entry):
            sheet.append([_inert(sheet, value) for value in values])
    _write_lists(book)
    notes = book.create_sheet(NOTES)
    for line in GUIDE:
        notes.append([line])
    book.save(into)
    return into


def rows_of(entry: SheetEntry) -> Iterator[list[Any]]:
    """The rows of one entry, cell by cell in the order of `COLUMNS`."""
    base = [None if column.item else _resource_cell(column, entry) for column in COLUMNS]
    for item in entry.content.items or (None,):
        row = list(base)
        if item is not None:
            for index, column in enumerate(COLUMNS):
                if column.item:
                    row[index] = _item_cell(column, item)
        yield row


def _resource_cell(column: Column, entry: SheetEntry) -> Any:
    content, key = entry.content, column.key
    if key in {"code", "provider", "provider_code"}:
        return getattr(entry, key) or None
    if key == "to_public":
        return "否" if content.opening_type == OpeningType.CLOSED else "是"
    value = getattr(content, key)
    if key in CENSUS:
        return float(value)
    if key == "published_on":
        return value.isoformat() if value else None
    return _label(column, value)


def _item_cell(column: Column, item: ItemContent) -> Any:
    return _label(column, getattr(item, column.key.removeprefix("item.")))


def _label(column: Column, value: Any) -> Any:
    """What a person reads in the cell: the label of a choice, 是 or 否 of a flag."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if not value:
        return None
    if column.choices:
        return next((label for label, meant in column.choices.items() if meant == value), value)
    return str(value)


def _inert(sheet: Any, value: Any) -> Any:
    """Text stays text: a value that begins with = must not become a formula in whoever opens the file."""
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def _headings(sheet: Any) -> list[list[Any]]:
    upper = [column.group or column.heading for column in COLUMNS]
    for _, indexes in groupby(range(len(COLUMNS)), key=lambda index: upper[index]):
        for index in list(indexes)[1:]:
            upper[index] = ""
    lower = [column.heading if column.group else "" for column in COLUMNS]
    return [[_head(sheet, text) for text in row] for row in (upper, lower)]


def _head(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text or None)
    cell.font, cell.fill, cell.alignment = BOLD, HEAD, WRAP
    return cell


def _merge_headings(sheet: Any) -> None:
    for index, column in enumerate(COLUMNS):
        if not column.group:
            sheet.merged_cells.add(f"{letter_of(index)}1:{letter_of(index)}2")
    for group, columns in groupby(enumerate(COLUMNS), key=lambda pair: pair[1].group):
        indexes = [index for index, _ in columns]
        if group and len(indexes) > 1:
            sheet.merged_cells.add(f"{letter_of(indexes[0])}1:{letter_of(indexes[-1])}1")


def _list_columns() -> list[tuple[str, list[str]]]:
    """Columns of the sheet of lists: one per drop-down, then one per format category with its types."""
    lists = [(column.key, column.offered) for column in COLUMNS if column.choices]
    return lists + [
        (FormatCategory(category).label, list(types)) for category, types in FORMAT_TYPES.items() if types
    ]


def _add_lists(sheet: Any) -> None:
    """Drop-down lists; the list of format types follows the category chosen beside it."""
    letters = {column.key: letter_of(index) for index, column in enumerate(COLUMNS)}
    places = {name: (letter_of(index), len(values)) for index, (name, values) in enumerate(_list_columns())}
    for column in COLUMNS:
        if column.choices:
            letter, count = places[column.key]
            _add_list(sheet, f"{LISTS}!${letter}$2:${letter}${count + 1}", letters[column.key])
    names = "$" + letter_of(0) + "$1:$" + letter_of(len(places) - 1) + "$1"
    category = f"{letters[BY_KEY['format_category'].key]}3"
    linked = f"OFFSET({LISTS}!$A$2,0,MATCH({category},{LISTS}!{names},0)-1,20,1)"
    _add_list(sheet, linked, letters["format_type"])


def _add_list(sheet: Any, formula: str, letter: str) -> None:
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.error, rule.errorTitle = "请从列表中选择", "不在列表中"
    rule.add(f"{letter}3:{letter}{TEMPLATE_ROWS}")
    sheet.data_validations.append(rule)


def _write_lists(book: Any) -> None:
    sheet = book.create_sheet(LISTS)
    columns = _list_columns()
    sheet.append([name for name, _ in columns])
    for index in range(max(len(values) for _, values in columns)):
        sheet.append([values[index] if index < len(values) else None for _, values in columns])
