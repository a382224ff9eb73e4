"""What the pages of the open platform show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shuqiao.catalog.types import EntryFacts
from shuqiao.resources.types import ResourceFacts

# A mark at the beginning of the CSV, because citizens open it in spreadsheet programs that misread it otherwise.
DOWNLOADS = (
    ("csv", "逗号分隔文本，UTF-8", "csv?bom=1"),
    ("xlsx", "电子表格", "xlsx"),
    ("json", "结构化文本，供程序读取", "json"),
)


@dataclass(frozen=True, slots=True)
class OpenTable:
    """One published table with the columns anybody may read, and where to get it."""

    table: ResourceFacts
    columns: tuple[str, ...]
    address: str
    preview: Sequence[dict[str, Any]]

    @property
    def downloads(self) -> tuple[tuple[str, str, str], ...]:
        """Format, words, address of each download; of a file its own."""
        if self.table.file is not None:
            return ((self.table.file.filename, self.table.file.media_type, f"{self.address}/file"),)
        return tuple((kind, words, f"{self.address}/export.{ending}") for kind, words, ending in DOWNLOADS)

    @property
    def items(self) -> frozenset[UUID]:
        """The data items that the open columns carry; a file carries all of its entry and names none."""
        return frozenset(
            column.item for column in self.table.columns if column.item and column.name in self.columns
        )


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """The public face of an entry: its open tables, and the data items of it that nobody gets without a grant."""

    facts: EntryFacts
    tables: Sequence[OpenTable]

    @property
    def withheld(self) -> frozenset[UUID]:
        """Items that are personal, or that no open table carries."""
        if any(table.table.file for table in self.tables):
            return frozenset(item.id for item in self.facts.items if item.sensitive)
        offered = frozenset[UUID]().union(*(table.items for table in self.tables))
        return frozenset(
            item.id for item in self.facts.items if item.sensitive or (self.tables and item.id not in offered)
        )
