"""The scope of a grant: which columns, how masked, which rows. What is not in it does not exist for a query."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from shuqiao.kernel import Decision, RuleRefused
from shuqiao.store.conditions import Condition
from shuqiao.store.types import Column, ColumnType

NOT_WIDER = "sharing.scope.not_wider"


class Mask(StrEnum):
    """What a granted column shows. A column that is not in the scope is not there at all; a `drop` column is not
    there either, and the scope says so."""

    NONE = "none"
    KEEP_ENDS = "keep_ends"
    HASH = "hash"
    YEAR = "year"
    DROP = "drop"

    @property
    def label(self) -> str:
        """The Chinese word on screens."""
        return _MASK_LABELS[self]

    def fits(self, kind: ColumnType) -> bool:
        """Whether the mask can be laid over a column of this type."""
        return kind in _MASK_TYPES[self]


_MASK_LABELS = {
    Mask.NONE: "原值",
    Mask.KEEP_ENDS: "保留首尾",
    Mask.HASH: "加密散列",
    Mask.YEAR: "只留年份",
    Mask.DROP: "不提供",
}
_WRITTEN = frozenset({ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DATE, ColumnType.DATETIME})
_MASK_TYPES = {
    Mask.NONE: frozenset(ColumnType),
    Mask.KEEP_ENDS: _WRITTEN,
    Mask.HASH: _WRITTEN,
    Mask.YEAR: frozenset({ColumnType.TEXT, ColumnType.DATE, ColumnType.DATETIME}),
    Mask.DROP: frozenset(ColumnType),
}


class ColumnScope(msgspec.Struct, frozen=True):
    """One granted column and its mask."""

    name: str
    mask: Mask = Mask.NONE


class Scope(msgspec.Struct, frozen=True):
    """Columns, rows and the secret of the `hash` mask (32 bytes, one per grant, so that masked values of
    one grant can be joined with each other and with nothing else)."""

    columns: tuple[ColumnScope, ...]
    where: Condition = Condition()
    hash_key: bytes = b""

    @property
    def withheld(self) -> tuple[str, ...]:
        """Names of the columns that the grant says it does not give."""
        return tuple(column.name for column in self.columns if column.mask is Mask.DROP)

    @classmethod
    def of(cls, names: Iterable[str], where: Condition | None = None) -> Scope:
        """Unmasked columns by name."""
        return cls(tuple(ColumnScope(name) for name in names), where or Condition())

    @classmethod
    def whole(cls, columns: Iterable[Column]) -> Scope:
        """Everything of a version: for its own provider, never for a grant."""
        return cls.of(column.name for column in columns)


class NotInScope(RuleRefused):
    """The query touches columns (or uses them in a way) that the grant does not give."""

    def __init__(self, columns: Iterable[str], reason: str) -> None:
        self.columns = tuple(columns)
        super().__init__(Decision(False, NOT_WIDER, reason))
