"""The layouts a sheet may have, and how their headings are recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shuqiao.catalog.spreadsheet import layout_a, layout_b, layout_c
from shuqiao.catalog.spreadsheet.columns import CENSUS, YES_NO, Column, plain
from shuqiao.catalog.spreadsheet.unfolding import DERIVED

SHEET = "目录"
# A problem of the content is shown in the column that said it: these say more than one thing in one cell.
SAID_BY = {
    "format_category": "format",
    "format_type": "format",
    "method_category": "method",
    "method_type": "method",
    "classification": "class1",
    "kind": "class1",
    "storage_gb": "storage_mb",
    "records_wan": "records",
    "opening_type": "to_public",
    "item.opening_type": "item.to_public",
    "item.dictionary": "item.is_dictionary",
}
# Judged where they are read: what is demanded there may be said in several ways.
OTHERWISE_SAID = frozenset({"kind", "classification", "opening_type"})


@dataclass(frozen=True)
class Layout:
    """One layout: its columns in their order, and what its template offers beyond lists that are binding."""

    id: str
    name: str
    # The column that no other layout has: where its heading stands, there are the headings.
    anchor: str
    columns: tuple[Column, ...]
    heading_rows: int = 1
    suggested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # What is demanded may be missing all the same: the entry comes in as a draft and says so.
    lenient: bool = False

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """The columns by the value they hold."""
        return {column.key: column for column in self.columns}

    @cached_property
    def folds(self) -> bool:
        """Some of its cells say several things at once."""
        return bool(DERIVED & set(self.by_key))

    @cached_property
    def demanded(self) -> frozenset[str]:
        """Values of the content without which a resource of this layout is not whole."""
        own = {column.key for column in self.columns if column.required and not column.item}
        return (
            frozenset(key for key in RESOURCE_KEYS if key in own or SAID_BY.get(key) in own) - OTHERWISE_SAID
        )

    @cached_property
    def demanded_of_items(self) -> tuple[str, ...]:
        """The same of a data item."""
        own = {column.key for column in self.columns if column.required and column.item} - {"item.name"}
        return tuple(key for key in ITEM_KEYS if key in own or SAID_BY.get(key) in own)

    @property
    def has_items(self) -> bool:
        """One row per data item."""
        return any(column.item for column in self.columns)

    @property
    def required(self) -> tuple[Column, ...]:
        """Columns a sheet of this layout cannot do without."""
        return tuple(column for column in self.columns if column.required)

    def key_of(self, group: str, heading: str, taken: Mapping[str, int]) -> str | None:
        """The column a heading means: by group and heading, else by the heading alone; where it stands twice (an
        entry's and an item's 共享类型), the first one not yet `taken`."""
        wanted, under = plain(heading), plain(group)
        found = [column for column in self.columns if wanted in _spellings(column)]
        exact = [column for column in found if plain(column.group) == under]
        if exact or len(found) == 1:
            found = exact or found
        elif self.heading_rows > 1:
            return None
        return next((column.key for column in found if column.key not in taken), None)


def _spellings(column: Column) -> set[str]:
    return {plain(heading) for heading in (column.heading, *column.also)}


A = Layout("a", "布局 A：国家编制指南表（一行一个信息项）", "title", layout_a.COLUMNS, heading_rows=2)
B = Layout("b", "布局 B：市级 35 列表（一行一个信息项）", "item.name", layout_b.COLUMNS)
C = Layout("c", "布局 C：24 列表（一行一个资源）", "class1", layout_c.COLUMNS, suggested=layout_c.SUGGESTED)
LAYOUTS = {layout.id: layout for layout in (A, B, C)}
COLUMNS, BY_KEY = A.columns, A.by_key
# Every value of the content as one column says it; the other layouts' own columns are unfolded into these.
ITEM_KEYS = tuple(column.key for column in COLUMNS if column.item)
RESOURCE_KEYS = tuple(column.key for column in COLUMNS if not column.item)


def key_of(group: str, heading: str) -> str | None:
    """The column of layout A a heading means."""
    return A.key_of(group, heading, {})


__all__ = [
    "BY_KEY",
    "CENSUS",
    "COLUMNS",
    "ITEM_KEYS",
    "LAYOUTS",
    "RESOURCE_KEYS",
    "SAID_BY",
    "SHEET",
    "YES_NO",
    "A",
    "B",
    "C",
    "Column",
    "Layout",
    "key_of",
]
