"""Reads of the open platform. Nobody need be signed in; what is shown is what the public may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from shuqiao import store
from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters, OpeningType
from shuqiao.opening.types import OpenEntry, OpenTable
from shuqiao.resources import previewing
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ResourceFacts

PREVIEW_ROWS = 8
NEWEST = 6
MOST_THEMES = 12


def home() -> dict[str, Any]:
    """The figures and lists of the home page, each from a counted query."""
    counts = catalog.counts_for(ANONYMOUS)
    open_entries = catalog.list_public_entries(EntryFilters(opening=(OpeningType.UNCONDITIONAL,)))
    themes = catalog.count_published("theme", opening=[OpeningType.UNCONDITIONAL]).exclude(theme="")
    open_tables = [table for table in resources.list_published() if table.open_columns]
    return {
        "counts": counts,
        "rows": sum(table.rows for table in open_tables),
        "tables": len(open_tables),
        "themes": list(themes[:MOST_THEMES]),
        "catalogues": catalog.list_public_themes(),
        "newest": list(open_entries[:NEWEST]),
        "why": bases()[:4],
        "why_total": counts["opening_conditional"] + counts["opening_closed"],
    }


def bases() -> list[dict[str, Any]]:
    """Every legal basis for not opening, with the number of entries that rest on it, the most used first."""
    counted = catalog.count_published(
        "opening_basis", "opening_basis_level", opening=[OpeningType.CONDITIONAL, OpeningType.CLOSED]
    )
    return [{"basis": basis, "level": level, "count": count} for basis, level, count in counted]


def not_open() -> Any:
    """Entries on application or closed, for the public list of legal bases (Yingkou 30)."""
    return catalog.list_public_entries(
        EntryFilters(opening=(OpeningType.CONDITIONAL, OpeningType.CLOSED), order="title")
    )


def entry(entry_id: UUID) -> OpenEntry:
    """The public face of an entry and its open tables. Raises NotFound."""
    facts = catalog.public_facts_of(entry_id)
    if facts.opening_type != OpeningType.UNCONDITIONAL:
        return OpenEntry(facts, ())
    tables = []
    for table in resources.list_resources_of_entry(entry_id):
        if not table.open_columns:
            continue
        tables.append(
            OpenTable(
                table=table,
                columns=table.open_columns,
                address=f"{settings.GATEWAY_URL}/v1/resources/{table.id}",
                preview=[] if table.file else preview(table),
            )
        )
    return OpenEntry(facts, tables)


def preview(table: ResourceFacts) -> list[dict[str, Any]]:
    """The first rows of the published version, in the open columns only, masked as the review wants."""
    with previewing.open_handle(table.id) as handle:
        return list(handle.rows(store.Query(limit=PREVIEW_ROWS), table.open_scope()).rows)
