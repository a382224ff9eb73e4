"""Rules proposed for a table by its headings: a start for whoever maps it, and what is used for portals unknown."""

from __future__ import annotations

from collections.abc import Sequence

from shuqiao.catalog.mappings.rules import FieldRule, Rules, usual
from shuqiao.catalog.mappings.vocabulary import HEADINGS, ITEM_LISTS
from shuqiao.catalog.spreadsheet.columns import plain
from shuqiao.catalog.spreadsheet.layout import A


def propose(headings: Sequence[str]) -> Rules:
    """The rules that the headings suggest: known words for each element, then the headings of layout A. A column is
    used once. Without a column for the title the rules are not usable yet (`fields` lacks it)."""
    left = {plain(heading): heading for heading in reversed(headings)}
    fields: dict[str, FieldRule] = {}
    for key, words in HEADINGS.items():
        found = next((left.pop(plain(word)) for word in words if plain(word) in left), None)
        if found is not None:
            fields[key] = usual(key, found)
    for column in A.columns:
        heading = plain(column.heading)
        if column.key not in fields and heading in left and column.group in {"", "补充要素", "信息项补充"}:
            fields[column.key] = usual(column.key, left.pop(heading))
    listed = next((left[plain(word)] for word in ITEM_LISTS if plain(word) in left), "")
    return Rules(fields, "item" if "item.name" in fields else "entry", listed)
