"""A layout written: an empty template with drop-down lists, or entries filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from shuqiao.catalog.spreadsheet.cells import letter_of
from shuqiao.catalog.spreadsheet.layout import CENSUS, SHEET, A, Column, Layout
from shuqiao.catalog.spreadsheet.offering import Offered, add_classes, write_classes
from shuqiao.catalog.spreadsheet.unfolding import ON_APPLICATION
from shuqiao.catalog.types import (
    FORMAT_TYPES,
    FormatCategory,
    ItemContent,
    MethodCategory,
    MethodType,
    OpeningType,
    RevisionContent,
    SharingType,
)

NOTHING = Offered()
LISTS = "列表"
NOTES = "填写说明"
TEMPLATE_ROWS = 5000
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
GUIDE = {
    "a": (
        "一行写一个信息项；同一资源有几个信息项就写几行，资源各列逐行重复（或留空，表示同上）。",
        "信息资源代码可留空，由平台在发布时编定；已有代码的，同一资源各行填同一代码。",
        "资源名称写数据的名称，不写系统或平台的名称。",
        "格式的分类和类型成对：先选分类，再在该分类的类型里选。",
        "大普查六列只填数字，不写单位，不清楚填 0。",
        "共享条件：无条件共享填“无条件”或留空；有条件共享写具体条件；不予共享写依据。",
        "补充要素各列可以不填，但报送前平台会逐项指出缺少的要素。",
    ),
    "b": (
        "一行写一个字段；同一资源有几个字段就写几行，资源各列逐行重复（或留空，表示同上）。",
        "本表没有提供单位：写入的是上传时所选的部门。",
        "数据存储总量以 MB 计，结构化记录总数以条计，只填数字。",
        "主题分类、重点领域分类可填几个，用逗号分开；是否归集数据填“是”的，要写归集方式。",
        "字段的共享、开放属性逐个填写，可以与资源不同。",
    ),
    "c": (
        "一行写一个资源，没有信息项；表格类资源的信息项导入后在平台补齐，或改用布局 A、B。",
        "分类1 至分类4 依次写类、项、目、细目，写名称或代码都可以。",
        "格式写作“分类/类型”，例如“数据库/MySQL”；共享方式写作“共享平台/接口”。",
        "提供方写部门全称或通用简称；信息资源代码可留空，由平台在发布时编定。",
    ),
}


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One entry to write: its content and what stands beside it in the sheet."""

    content: RevisionContent
    code: str
    provider: str
    provider_code: str


def template(into: Path, layout: Layout = A, offered: Offered = NOTHING) -> Path:
    """An empty workbook of a layout with drop-down lists, also of what the place `offered`, and the filling notes."""
    return write((), into, layout, offered)


def write(entries: Iterable[SheetEntry], into: Path, layout: Layout = A, offered: Offered = NOTHING) -> Path:
    """Write entries in a layout, one row per data item where it has such (one row for an entry without items).
    Returns the file."""
    from openpyxl import Workbook

    layout = offered.within(layout)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = f"B{layout.heading_rows + 1}"
    for index, column in enumerate(layout.columns):
        sheet.column_dimensions[letter_of(index)].width = column.width
    if layout.heading_rows > 1:
        _merge_headings(sheet, layout)
    _add_lists(sheet, layout)
    add_classes(sheet, layout, offered)
    _keep_rows_beside(sheet, into)
    for row in _headings(sheet, layout):
        sheet.append(row)
    try:
        for entry in entries:
            for values in rows_of(entry, layout):
                sheet.append([inert(sheet, value) for value in values])
    except BaseException:
        sheet.close()  # or its streams end in disorder
        into.with_suffix(".rows").unlink(missing_ok=True)
        raise
    _write_lists(book, layout)
    write_classes(book, layout, offered)
    notes = book.create_sheet(NOTES)
    for line in GUIDE[layout.id]:
        notes.append([line])
    book.save(into)
    return into


def _keep_rows_beside(sheet: Any, into: Path) -> None:
    """The rows wait for the end in a file beside the book, not in the system's folder for temporary files, where they
    would stay when the process is killed."""
    from openpyxl.worksheet._writer import ALL_TEMP_FILES, WorksheetWriter

    sheet._writer = WorksheetWriter(sheet, out=str(into.with_suffix(".rows")))
    ALL_TEMP_FILES.append(sheet._writer.out)
    sheet._writer.write_top()


def rows_of(entry: SheetEntry, layout: Layout = A) -> Iterator[list[Any]]:
    """The rows of one entry, cell by cell in the order of the layout's columns."""
    columns = layout.columns
    whole = "item.to_public" in layout.by_key  # the layout wants every attribute of every item
    base = [None if column.item else _resource_cell(column, entry, layout.by_key) for column in columns]
    for item in (entry.content.items if layout.has_items else ()) or (None,):
        row = list(base)
        if item is not None:
            for index, column in enumerate(columns):
                if column.item:
                    row[index] = _item_cell(column, item, entry.content, whole=whole)
        yield row


def _on_application(opening_type: str) -> str:
    """What stands for a condition nobody wrote: without a word there the type would read as wide open."""
    return ON_APPLICATION if opening_type == OpeningType.CONDITIONAL else ""


def _resource_cell(column: Column, entry: SheetEntry, held: Container[str]) -> Any:
    content, key = entry.content, column.key
    if key in {"code", "provider", "provider_code"}:
        return getattr(entry, key) or None
    if key in SAID_TOGETHER:
        return SAID_TOGETHER[key](content)
    value = getattr(content, key)
    if (
        key == "sharing_condition"
        and content.sharing_type == SharingType.NONE
        and "sharing_basis" not in held
    ):
        value = content.sharing_basis or value
    if key == "opening_condition" and "opening_type" not in held:
        value = value or _on_application(content.opening_type)
    if key in CENSUS:
        return float(value)
    if key == "published_on":
        return value.isoformat() if value else None
    return _label(column, value)


def _both(category: str, kind: str) -> str | None:
    return "/".join(part for part in (category, kind) if part) or None


def _format(content: RevisionContent) -> str | None:
    category = content.format_category
    return _both(FormatCategory(category).label if category else "", content.format_type)


def _method(content: RevisionContent) -> str | None:
    category, kind = content.method_category, content.method_type
    return _both(MethodCategory(category).label if category else "", MethodType(kind).label if kind else "")


def _class(content: RevisionContent, upto: int) -> str | None:
    code = content.classification
    if upto > 6:
        return code if len(code) > 6 else None
    return code[:upto] if len(code) >= upto else None


def _yes(opening_type: str) -> str:
    return "否" if opening_type == OpeningType.CLOSED else "是"


SAID_TOGETHER: dict[str, Callable[[RevisionContent], Any]] = {
    "to_public": lambda content: _yes(content.opening_type),
    "format": _format,
    "method": _method,
    "storage_mb": lambda content: float(content.storage_gb * 1024),
    "records": lambda content: float(content.records_wan * Decimal(10_000)),
    "class1": lambda content: _class(content, 1),
    "class2": lambda content: _class(content, 3),
    "class3": lambda content: _class(content, 6),
    "class4": lambda content: _class(content, 24),
}
# Where a layout demands attributes of each item, one that says nothing is as its entry. Value: what it must not say
# for that.
INHERITED = {
    "sharing_type": "sharing_type",
    "sharing_condition": "sharing_type",
    "method_category": "method_category",
    "method_type": "method_category",
    "opening_condition": "opening_type",
}


def _item_cell(column: Column, item: ItemContent, content: RevisionContent, *, whole: bool) -> Any:
    key = column.key.removeprefix("item.")
    if key == "to_public":
        return _yes(item.opening_type or content.opening_type)
    if key == "is_dictionary":
        return "是" if item.dictionary else "否"
    value = getattr(item, key)
    if whole and not value and key in INHERITED and not getattr(item, INHERITED[key]):
        value = getattr(content, key)
    if whole and key == "opening_condition":
        value = value or _on_application(item.opening_type or content.opening_type)
    return _label(column, value)


def _label(column: Column, value: Any) -> Any:
    """What a person reads in the cell: the label of a choice, 是 or 否 of a flag."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if not value:
        return None
    if column.choices:
        return next((label for label, meant in column.choices.items() if meant == value), value)
    return str(value)


def inert(sheet: Any, value: Any) -> Any:
    """Text stays text: a value that begins with = must not become a formula in whoever opens the file. What XML has no
    room for is left out."""
    if not isinstance(value, str):
        return value
    if not value.isprintable():
        value = NOT_XML.sub("", value)
    if not value.startswith("="):
        return value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def _headings(sheet: Any, layout: Layout) -> list[list[Any]]:
    columns = layout.columns
    if layout.heading_rows == 1:
        return [[_head(sheet, column.heading) for column in columns]]
    upper = [column.group or column.heading for column in columns]
    for _, indexes in groupby(range(len(columns)), key=lambda index: upper[index]):
        for index in list(indexes)[1:]:
            upper[index] = ""
    lower = [column.heading if column.group else "" for column in columns]
    return [[_head(sheet, text) for text in row] for row in (upper, lower)]


def _head(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(sheet, value=text or None)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E9EEF4")
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    return cell


def _merge_headings(sheet: Any, layout: Layout) -> None:
    for index, column in enumerate(layout.columns):
        if not column.group:
            sheet.merged_cells.add(f"{letter_of(index)}1:{letter_of(index)}2")
    for group, columns in groupby(enumerate(layout.columns), key=lambda pair: pair[1].group):
        indexes = [index for index, _ in columns]
        if group and len(indexes) > 1:
            sheet.merged_cells.add(f"{letter_of(indexes[0])}1:{letter_of(indexes[-1])}1")


def _list_columns(layout: Layout) -> list[tuple[str, list[str]]]:
    """Columns of the sheet of lists: one per drop-down, then one per format category with its types."""
    lists = [(column.key, column.offered) for column in layout.columns if column.choices]
    lists += [(key, list(words)) for key, words in layout.suggested.items()]
    if "format_category" not in layout.by_key:
        return lists
    return lists + [
        (FormatCategory(category).label, list(types)) for category, types in FORMAT_TYPES.items() if types
    ]


def _add_lists(sheet: Any, layout: Layout) -> None:
    """Drop-down lists; the list of format types follows the category chosen beside it."""
    first = layout.heading_rows + 1
    letters = {column.key: letter_of(index) for index, column in enumerate(layout.columns)}
    lists = _list_columns(layout)
    places = {name: (letter_of(index), len(values)) for index, (name, values) in enumerate(lists)}
    for column in layout.columns:
        if column.key in places:
            letter, count = places[column.key]
            formula = f"{LISTS}!${letter}$2:${letter}${count + 1}"
            _add_list(sheet, formula, letters[column.key], first, binding=bool(column.choices))
    if "format_category" in letters:
        names = "$" + letter_of(0) + "$1:$" + letter_of(len(places) - 1) + "$1"
        category = f"{letters['format_category']}{first}"
        linked = f"OFFSET({LISTS}!$A$2,0,MATCH({category},{LISTS}!{names},0)-1,20,1)"
        _add_list(sheet, linked, letters["format_type"], first)


def _add_list(sheet: Any, formula: str, letter: str, first: int, *, binding: bool = True) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=binding)
    rule.error, rule.errorTitle = "请从列表中选择", "不在列表中"
    rule.add(f"{letter}{first}:{letter}{TEMPLATE_ROWS}")
    sheet.data_validations.append(rule)


def _write_lists(book: Any, layout: Layout) -> None:
    sheet = book.create_sheet(LISTS)
    columns = _list_columns(layout)
    sheet.append([name for name, _ in columns])
    for index in range(max(len(values) for _, values in columns)):
        sheet.append([values[index] if index < len(values) else None for _, values in columns])
