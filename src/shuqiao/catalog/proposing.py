"""Reverse cataloguing: an entry proposed from what a table is, for a person to complete. Pure; no value of the table
comes in, only what its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shuqiao.catalog.types import (
    DataType,
    FormatCategory,
    ItemContent,
    MethodType,
    RevisionContent,
    Sensitive,
)

# The store's column types as the standard's letters.
LETTERS = {
    "text": DataType.C,
    "integer": DataType.I,
    "decimal": DataType.N,
    "date": DataType.D,
    "datetime": DataType.T,
    "boolean": DataType.L,
}
PERSONAL = {"name": Sensitive.NAME, "id_number": Sensitive.ID_NUMBER, "mobile": Sensitive.MOBILE}
FILES = {"csv": "csv", "xlsx": "xlsx", "xls": "xls"}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of one column: the store's type, whether it is (part of) the key, whether cells may be empty, the
    longest text in characters (0: unknown), and the kind of personal datum suspected."""

    name: str
    type: str
    is_key: bool = False
    nullable: bool = True
    length: int = 0
    personal: str = ""


def propose_content(*, name: str, columns: Sequence[ColumnFacts], file_format: str = "") -> RevisionContent:
    """A draft's content with every column as data item. `file_format`: csv, xlsx, xls for a file, empty for a table of
    a database. Sharing, opening, cycle and the like are left to the department: they do not follow from the data."""
    kind = FILES.get(file_format, "")
    items: dict[str, ItemContent] = {}
    for column in columns:
        title = column.name.strip()[:128]
        if title and title not in items:
            items[title] = _item(title, column)
    return RevisionContent(
        title=name.strip()[:200],
        format_category=FormatCategory.SPREADSHEET if kind else FormatCategory.DATABASE,
        format_type=kind,
        method_type=MethodType.FILE if kind else MethodType.INTERFACE,
        items=tuple(items.values()),
    )


def _item(title: str, column: ColumnFacts) -> ItemContent:
    return ItemContent(
        name=title,
        column=title if title.isascii() else "",
        data_type=LETTERS.get(column.type, DataType.C),
        length=str(column.length) if column.length else "",
        is_key=column.is_key,
        nullable=column.nullable and not column.is_key,
        sensitive=PERSONAL.get(column.personal, Sensitive.OTHER if column.personal else Sensitive.NONE),
    )
