"""Reads of the open platform. Nobody need be signed in; what is shown is what the public may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from shuqiao import store
from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters, OpeningType
from shuqiao.kernel.time import CHINA, in_chinese
from shuqiao.opening.types import OpenEntry, OpenTable
from shuqiao.resources import previewing
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ResourceFacts

PREVIEW_ROWS = 8
NEWEST = 6
MOST_THEMES = 12
MOST_BASES = 4
_counted: tuple[Any, dict[str, Any]] | None = None


def home() -> dict[str, Any]:
    """The figures and lists of the home page, each from a counted query."""
    figures = _figures()
    counts = figures["counts"]
    open_entries = catalog.list_public_entries(EntryFilters(opening=(OpeningType.UNCONDITIONAL,)))
    open_tables = [table for table in resources.list_published() if table.open_columns]
    return {
        "counts": counts,
        "rows": sum(table.rows for table in open_tables),
        "tables": len(open_tables),
        "themes": figures["themes"],
        "catalogues": catalog.list_public_themes(),
        "newest": list(open_entries[:NEWEST]),
        "why": figures["why"],
        "why_total": counts["opening_conditional"] + counts["opening_closed"],
    }


def _figures() -> dict[str, Any]:
    """What is counted over the whole catalogue. Counted again when an entry has changed, not for every reader: each of
    the three walks through an index of all entries."""
    global _counted  # noqa: PLW0603 - one value of the process, replaced whole
    mark = (
        catalog.change_mark()
    )  # read first: what changes meanwhile has a later one, and is counted next time
    known = _counted
    if known is not None and mark is not None and known[0] == mark:
        return known[1]
    themes = catalog.count_published("theme", opening=[OpeningType.UNCONDITIONAL]).exclude(theme="")
    figures = {
        "counts": catalog.counts_for(ANONYMOUS),
        "themes": list(themes[:MOST_THEMES]),
        "why": bases()[:MOST_BASES],
    }
    _counted = (mark, figures)
    return figures


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
    """The first rows of the published version, in the open columns only, masked as the review wants; moments as
    Chinese readers write them."""
    with previewing.open_handle(table.id) as handle:
        rows = handle.rows(store.Query(limit=PREVIEW_ROWS), table.open_scope()).rows
    moments = {one.name for one in table.columns if one.type == store.ColumnType.DATETIME}
    return [
        {name: moment(value) if name in moments else value for name, value in row.items()} for row in rows
    ]


def moment(value: Any) -> Any:
    """2026年11月23日 09:41:17 of an ISO moment; what is masked or empty stays."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    if len(value) < len("2026-11-23T09"):
        return value
    at = at.astimezone(CHINA) if at.tzinfo else at
    return f"{in_chinese(at.date())} {at:%H:%M:%S}"
