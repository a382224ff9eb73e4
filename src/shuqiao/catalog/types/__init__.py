"""What other apps may know of the catalogue: value lists, states, contents and facts."""

from shuqiao.catalog.types.contents import EntryDraft, ItemContent, Reading, RevisionContent, SheetProblem
from shuqiao.catalog.types.facts import EntryFacts, EntryFilters, ItemFacts
from shuqiao.catalog.types.lists import (
    BASIS_LEVELS,
    FORMAT_TYPES,
    BaseDomain,
    DataType,
    FormatCategory,
    Grade,
    Kind,
    MethodCategory,
    MethodType,
    OpeningMethod,
    OpeningType,
    SecrecyMark,
    Sensitive,
    SharingType,
    UpdateCycle,
)
from shuqiao.catalog.types.states import IMPORT_MOVES, MOVES, OPEN_STATES, ImportStatus, Status

__all__ = [
    "BASIS_LEVELS",
    "FORMAT_TYPES",
    "IMPORT_MOVES",
    "MOVES",
    "OPEN_STATES",
    "BaseDomain",
    "DataType",
    "EntryDraft",
    "EntryFacts",
    "EntryFilters",
    "FormatCategory",
    "Grade",
    "ImportStatus",
    "ItemContent",
    "ItemFacts",
    "Kind",
    "MethodCategory",
    "MethodType",
    "OpeningMethod",
    "OpeningType",
    "Reading",
    "RevisionContent",
    "SecrecyMark",
    "Sensitive",
    "SharingType",
    "SheetProblem",
    "Status",
    "UpdateCycle",
]
