"""The difference of two versions of a table by key: counts first, then pages or a stream of what changed."""

from shuqiao.store.differences.difference import Difference, diff
from shuqiao.store.differences.types import Cell, ChangeKind, Counts, RepeatedKey, RowChange, SchemaChanges

__all__ = [
    "Cell",
    "ChangeKind",
    "Counts",
    "Difference",
    "RepeatedKey",
    "RowChange",
    "SchemaChanges",
    "diff",
]
