"""Rows of the catalogue: entries and their revisions, imports, exports, lists, themes, duties, sources, changes."""

from shuqiao.catalog.models.changes import ChangeCounter, EntryChange
from shuqiao.catalog.models.duties import Campaign, CampaignEntry, DutyEntry, UpdateDuty
from shuqiao.catalog.models.entries import Entry, EntryQuerySet
from shuqiao.catalog.models.exports import Export
from shuqiao.catalog.models.imports import ColumnMapping, ImportRecord
from shuqiao.catalog.models.lists import Classification, CodeCounter, Synonyms
from shuqiao.catalog.models.revisions import (
    CONTENT_COLUMNS,
    ITEM_COLUMNS,
    DataItem,
    Revision,
    search_text_of,
)
from shuqiao.catalog.models.sources import (
    DuplicateCursor,
    DuplicatePair,
    EmergencyCollection,
    EntryBlock,
    ItemSpread,
    PairQuerySet,
    SourceDesignation,
)
from shuqiao.catalog.models.themes import ThemeCatalogue, ThemeMember

__all__ = [
    "CONTENT_COLUMNS",
    "ITEM_COLUMNS",
    "Campaign",
    "CampaignEntry",
    "ChangeCounter",
    "Classification",
    "CodeCounter",
    "ColumnMapping",
    "DataItem",
    "DuplicateCursor",
    "DuplicatePair",
    "DutyEntry",
    "EmergencyCollection",
    "Entry",
    "EntryBlock",
    "EntryChange",
    "EntryQuerySet",
    "Export",
    "ImportRecord",
    "ItemSpread",
    "PairQuerySet",
    "Revision",
    "SourceDesignation",
    "Synonyms",
    "ThemeCatalogue",
    "ThemeMember",
    "UpdateDuty",
    "search_text_of",
]
