"""What a difference is made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from shuqiao.store.types import ColumnType


class ChangeKind(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        """The Chinese word on screens and in files."""
        return {"added": "新增", "removed": "删除", "changed": "修改"}[self.value]


class Cell(msgspec.Struct, frozen=True):
    """One changed cell, both values as answers carry them."""

    column: str
    old: Any
    new: Any


class RowChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row that is not the same in both versions. `row` is the whole row where it was added or removed, `cells`
    what is different where it was changed. `repeated`: its key names several rows, so rows were compared as wholes."""

    change: ChangeKind
    key: dict[str, Any]
    cells: tuple[Cell, ...] = ()
    row: dict[str, Any] = {}
    repeated: bool = False


class RepeatedKey(msgspec.Struct, frozen=True):
    """A key that names several rows of a version: how many in the old one and in the new one."""

    key: dict[str, Any]
    old: int
    new: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows; `cells` says for each compared column in how many changed rows it is different."""

    added: int
    removed: int
    changed: int
    unchanged: int
    repeated_keys: int
    cells: dict[str, int]

    def of(self, kind: ChangeKind) -> int:
        """The rows of one kind."""
        return {"added": self.added, "removed": self.removed, "changed": self.changed}[kind.value]

    @property
    def same(self) -> bool:
        """Whether no row is different."""
        return not (self.added or self.removed or self.changed)


class SchemaChanges(msgspec.Struct, frozen=True):
    """Columns only in the new version, only in the old one, and those whose type changed (name, old, new)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[tuple[str, ColumnType, ColumnType], ...] = ()
