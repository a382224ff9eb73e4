"""What of a version may be open: only what a review let open, and only while the version looks as it was reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts, OpeningType
from shuqiao.resources.models import Opening, Resource, Version
from shuqiao.resources.types import WHOLE_FILE, ColumnShape, Kind, OpenColumn

ORDER = (OpeningType.UNCONDITIONAL, OpeningType.CONDITIONAL, OpeningType.CLOSED)


def shapes_of(version: Version, entry: EntryFacts) -> tuple[ColumnShape, ...]:
    """The columns of a version as a review sees them. A file is one column, told apart by its content."""
    if version.resource.kind == Kind.FILE:
        return (_whole_file(version, entry),)
    suspected: dict[str, set[str]] = {}
    for one in version.personal:
        suspected.setdefault(one["column"], set()).add(str(one.get("kind", "")) or "personal")
    shapes = []
    for column in version.schema:
        item = entry.item(version.items.get(column["name"], ""))
        marked = {item.sensitive} if item and item.sensitive else set()
        shapes.append(
            ColumnShape(
                name=column["name"],
                type=column["type"],
                item=item.name if item else "",
                personal=tuple(sorted(suspected.get(column["name"], set()) | marked)),
                opening_type=_strictest(
                    entry.opening_type, item.opening_type if item else OpeningType.CLOSED
                ),
            )
        )
    return tuple(shapes)


def _whole_file(version: Version, entry: EntryFacts) -> ColumnShape:
    return ColumnShape(
        name=WHOLE_FILE,
        type=str(version.content.get("sha256", "")),
        item="",
        personal=tuple(sorted({item.sensitive for item in entry.items if item.sensitive})),
        opening_type=_strictest(entry.opening_type, *(item.opening_type for item in entry.items)),
    )


def _strictest(*kinds: str) -> str:
    return max((OpeningType(kind or OpeningType.CLOSED) for kind in kinds), key=ORDER.index).value


def unreviewed(reviewed: Iterable[Mapping[str, Any]], shapes: Iterable[ColumnShape]) -> list[str]:
    """Columns that a review has not seen as they are: new, of another type or item, or newly suspected."""
    seen = {one["name"]: one for one in reviewed}
    return [shape.name for shape in shapes if not _was_seen(seen.get(shape.name), shape)]


def _was_seen(one: Mapping[str, Any] | None, shape: ColumnShape) -> bool:
    if one is None or one["type"] != shape.type or one["item"] != shape.item:
        return False
    return set(shape.personal) <= set(one["personal"])


def offer_of(
    opening: Opening | None, version: Version, entry: EntryFacts | None
) -> tuple[OpenColumn, ...] | None:
    """Columns that may be open now, each with its mask; None when no review holds for this version and entry."""
    if opening is None or opening.ended_on or entry is None or entry.opening_type != opening.kind:
        return None
    shapes = shapes_of(version, entry)
    if unreviewed(opening.reviewed, shapes):
        return None
    masks = {one["name"]: one["mask"] for one in opening.columns}
    allowed = ORDER[: ORDER.index(OpeningType(opening.kind)) + 1]
    columns = tuple(
        OpenColumn(shape.name, masks[shape.name])
        for shape in shapes
        if shape.name in masks and shape.opening_type in allowed
    )
    return columns or None


def opening_of(resource: Resource) -> Opening | None:
    """The row, from what is joined."""
    return getattr(resource, "opening", None)


def published_shapes(resource_id: UUID) -> tuple[Version, tuple[ColumnShape, ...]] | None:
    """The version in force of a resource with its columns as a review sees them; None when nothing is published."""
    resource = (
        Resource.objects.select_related("current_version", "department", "entry")
        .filter(id=resource_id)
        .first()
    )
    if resource is None or resource.current_version is None:
        return None
    entry = catalog.facts_of_many([resource.entry_id]).get(resource.entry_id)
    return (resource.current_version, shapes_of(resource.current_version, entry)) if entry else None
