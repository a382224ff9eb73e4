"""What changed between two contents of an entry: fields, and items added, removed, changed or moved. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum

from shuqiao.catalog.types import ItemContent, RevisionContent

FIELDS = tuple(one.name for one in fields(RevisionContent) if one.name != "items")
ITEM_FIELDS = tuple(one.name for one in fields(ItemContent))


class ItemKind(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"

    @property
    def label(self) -> str:
        """The word shown."""
        return {"added": "新增", "removed": "删去", "changed": "修改", "moved": "移动"}[self.value]

    @property
    def tone(self) -> str:
        """The tone of the word."""
        return {"added": "jade", "removed": "late", "changed": "ochre", "moved": ""}[self.value]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that says something else now."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that is new, gone, says something else, or stands elsewhere; places count from 1, 0 is nowhere."""

    kind: ItemKind
    name: str
    place_before: int
    place_after: int
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed between two contents."""

    fields: tuple[FieldChange, ...] = field(default=())
    items: tuple[ItemChange, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.fields or self.items)


def between(before: RevisionContent, after: RevisionContent) -> Difference:
    """The difference of two contents. Items are matched by name, then by column name (a renamed item)."""
    return Difference(
        _fields(FIELDS, before, after),
        _items(before.items, after.items),
    )


def _fields(names: Sequence[str], before: object, after: object) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, getattr(before, name), getattr(after, name))
        for name in names
        if getattr(before, name) != getattr(after, name)
    )


def _items(before: Sequence[ItemContent], after: Sequence[ItemContent]) -> tuple[ItemChange, ...]:
    pairs = _matched(before, after)
    moved = _moved([pairs[place] for place in sorted(pairs)])
    matched_before = set(pairs.values())
    changes = []
    for place, item in enumerate(after):
        if place not in pairs:
            changes.append(ItemChange(ItemKind.ADDED, item.name, 0, place + 1))
            continue
        old = before[pairs[place]]
        said = _fields(ITEM_FIELDS, old, item)
        if said:
            changes.append(ItemChange(ItemKind.CHANGED, item.name, pairs[place] + 1, place + 1, said))
        elif pairs[place] in moved:
            changes.append(ItemChange(ItemKind.MOVED, item.name, pairs[place] + 1, place + 1))
    gone = [
        ItemChange(ItemKind.REMOVED, item.name, place + 1, 0)
        for place, item in enumerate(before)
        if place not in matched_before
    ]
    return tuple(changes + gone)


def _matched(before: Sequence[ItemContent], after: Sequence[ItemContent]) -> dict[int, int]:
    """Places after → places before, of the items that are in both."""
    by_name = {item.name: place for place, item in enumerate(before)}
    pairs = {place: by_name[item.name] for place, item in enumerate(after) if item.name in by_name}
    taken = set(pairs.values())
    by_column = {
        item.column: place for place, item in enumerate(before) if item.column and place not in taken
    }
    for place, item in enumerate(after):
        if place not in pairs and item.column in by_column:
            pairs[place] = by_column.pop(item.column)
    return pairs


def _moved(places: Sequence[int]) -> set[int]:
    """Places before that left their order: all but a longest run that kept it."""
    tails: list[int] = []
    at: list[int] = []  # length of the longest rising run that ends at each place
    for place in places:
        found = bisect_left(tails, place)
        tails[found : found + 1] = [place]
        at.append(found)
    kept, wanted = set[int](), len(tails) - 1
    for place, length in zip(reversed(places), reversed(at), strict=True):
        if length == wanted and (not kept or place < min(kept)):
            kept.add(place)
            wanted -= 1
    return set(places) - kept
