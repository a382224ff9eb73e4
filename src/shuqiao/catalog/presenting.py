"""What lists need beside their rows: facets with labels, addresses that undo a choice, a line of the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from shuqiao.catalog.types import EDITABLE_STATES, EntryFilters, Status

SHOWN_AT_ONCE = 12
# Facet, name in the address, heading; in the order of the page.
FACETS = (
    ("sharing", "sharing", "共享属性"),
    ("opening", "opening", "开放属性"),
    ("departments", "department", "提供部门"),
    ("divisions", "division", "区划"),
    ("formats", "format", "格式"),
    ("kinds", "kind", "类"),
    ("themes", "theme", "主题"),
    ("cycles", "cycle", "更新周期"),
    ("freshness", "fresh", "新鲜度"),
)


def facets_of(counted: dict[str, list[dict[str, Any]]], filters: EntryFilters) -> list[dict[str, Any]]:
    """Facets as the page draws them: heading, name in the address, values with label, count and whether chosen."""
    drawn = []
    for facet, name, heading in FACETS:
        chosen = getattr(filters, facet)
        values = [{**row, "chosen": row["value"] in chosen} for row in counted[facet]]
        values.sort(key=lambda row: not row["chosen"])
        if len(values) > 1 or chosen:
            drawn.append(
                {
                    "name": name,
                    "heading": heading,
                    "values": values[:SHOWN_AT_ONCE],
                    "rest": values[SHOWN_AT_ONCE:],
                }
            )
    return drawn


def chosen_of(query: QueryDict, filters: EntryFilters) -> int:
    """How many filters narrow the list now, the words not counted."""
    return sum(len(query.getlist(name)) for _, name, _ in FACETS)


def address_with(query: QueryDict, words: str) -> str:
    """The address of the same search with other words, from its first page on."""
    changed = query.copy()
    changed["q"] = words
    changed.pop("page", None)
    return changed.urlencode()


def own_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A revision's row as its department's workbench shows it: with its address, its state in words, and whether the
    department may change it."""
    return {
        **row,
        "url": f"/catalog/revisions/{row['pk']}/",
        "state": Status(row["status"]).label,
        "editable": row["status"] in EDITABLE_STATES,
    }
