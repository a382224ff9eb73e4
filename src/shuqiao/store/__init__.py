"""Any file in, an immutable version out, and only what a scope allows ever read from it.

Owns reading (formats, encodings, headers, proposed types), versions (data.parquet and rows.sqlite of the same
rows), the query language and the scope that narrows it, lookups, pages and exports. Knows no departments,
grants or articles: a scope comes in, rows go out. Pure Python.
"""

from shuqiao.store.aggregates import Aggregate, Figure
from shuqiao.store.building.build import build
from shuqiao.store.building.quarantine import Entry, Reason
from shuqiao.store.checks import CHECKS, find_check
from shuqiao.store.conditions import Condition, Op, Predicate
from shuqiao.store.differences import ChangeKind, Difference, RowChange, diff
from shuqiao.store.exporting import EXPORT_FORMATS, Export
from shuqiao.store.failures import Damaged, ObjectsUnavailable, StoreFull
from shuqiao.store.files import OpenContent, build_file
from shuqiao.store.handle import Page, Row, VersionHandle
from shuqiao.store.lookups import MAX_KEYS, PreparedLookup
from shuqiao.store.query import Query, SortKey
from shuqiao.store.running import Cancelled, DeadlinePassed, Running, Stopped
from shuqiao.store.scope import ColumnScope, Mask, NotInScope, Scope
from shuqiao.store.sniffing.sniff import sniff
from shuqiao.store.types import (
    BuiltVersion,
    Column,
    ColumnPlan,
    ColumnPreview,
    ColumnType,
    Content,
    Format,
    Key,
    Meta,
    Preview,
    Recipe,
)
from shuqiao.store.versions import Store, open_store

__all__ = [
    "CHECKS",
    "EXPORT_FORMATS",
    "MAX_KEYS",
    "Aggregate",
    "BuiltVersion",
    "Cancelled",
    "ChangeKind",
    "Column",
    "ColumnPlan",
    "ColumnPreview",
    "ColumnScope",
    "ColumnType",
    "Condition",
    "Content",
    "Damaged",
    "DeadlinePassed",
    "Difference",
    "Entry",
    "Export",
    "Figure",
    "Format",
    "Key",
    "Mask",
    "Meta",
    "NotInScope",
    "ObjectsUnavailable",
    "Op",
    "OpenContent",
    "Page",
    "Predicate",
    "PreparedLookup",
    "Preview",
    "Query",
    "Reason",
    "Recipe",
    "Row",
    "RowChange",
    "Running",
    "Scope",
    "SortKey",
    "Stopped",
    "Store",
    "StoreFull",
    "VersionHandle",
    "build",
    "build_file",
    "diff",
    "find_check",
    "open_store",
    "sniff",
]
