"""What the index holds of an entry: one document for each view of it that differs.

Tokens in `seen` say who finds a document, so that visibility is part of the question put to the index:
`shared` everybody signed in, `public` everybody, `d:<department>` that department's people, `v:<division>` those
who watch over the division. They repeat `EntryQuerySet.visible_to` and `queries._revisions_seen`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tantivy import Document

from shuqiao.catalog.models import DataItem, Entry, Revision
from shuqiao.catalog.search import freshness
from shuqiao.catalog.search.sounds import title_initials, title_sounds
from shuqiao.catalog.search.words import folded, latin_words, title_words
from shuqiao.catalog.types import OpeningType, Status

SHARED, PUBLIC = "shared", "public"
COLUMNS = (
    "id", "entry_id", "number", "status", "title", "english_name", "summary", "kind", "theme", "format_category",
    "format_type", "update_cycle", "sharing_type", "opening_type", "opening_basis", "source_system",
    "priority_domains", "published_on",
)  # fmt: skip
ITEMS_MAX = 2_000


@dataclass(slots=True)
class Row:
    """A revision as read for the index."""

    id: UUID
    entry_id: UUID
    number: int
    status: str
    title: str
    english_name: str
    summary: str
    kind: str
    theme: str
    format_category: str
    format_type: str
    update_cycle: str
    sharing_type: str
    opening_type: str
    opening_basis: str
    source_system: str
    priority_domains: str
    published_on: date | None


@dataclass(slots=True)
class Owner:
    """An entry as read for the index."""

    id: UUID
    division: str
    department: UUID
    code: str | None
    published: UUID | None
    data_updated_on: date | None


# Name, column and opening type (empty: as the entry) of an item.
Item = tuple[str, str, str]


def documents_of(entry_ids: Sequence[UUID]) -> Iterator[tuple[str, list[Document]]]:
    """Every entry of these that exists, with its documents. Three queries."""
    entries = Entry.objects.filter(pk__in=entry_ids).values_list(
        "id", "division_id", "department_id", "code", "published_id", "data_updated_on"
    )
    owners = {row[0]: Owner(*row) for row in entries}
    revisions: dict[UUID, list[Row]] = {}
    for values in Revision.objects.filter(entry__in=entry_ids).order_by().values_list(*COLUMNS):
        row = Row(*values)
        revisions.setdefault(row.entry_id, []).append(row)
    items: dict[UUID, list[Item]] = {}
    listed = DataItem.objects.filter(revision__entry__in=entry_ids).order_by("revision", "order")
    for revision_id, *item in listed.values_list("revision_id", "name", "column", "opening_type"):
        items.setdefault(revision_id, []).append((item[0], item[1], item[2]))
    for entry_id, owner in owners.items():
        made: list[Document] = []
        for row in revisions.get(entry_id, ()):
            made += _documents(owner, row, items.get(row.id, [])[:ITEMS_MAX])
        yield str(entry_id), made


def _documents(owner: Owner, row: Row, items: list[Item]) -> list[Document]:
    seen = [f"d:{owner.department}"]
    if row.status != Status.DRAFT:
        seen.append(f"v:{owner.division}")
    if owner.published != row.id:
        return [_whole(owner, row, items, seen)]
    seen.append(SHARED)
    if row.opening_type == OpeningType.CLOSED:
        return [_whole(owner, row, items, seen), _closed(owner, row)]
    opened = [item for item in items if item[2] != OpeningType.CLOSED]
    if len(opened) == len(items):
        return [_whole(owner, row, items, [*seen, PUBLIC])]
    return [_whole(owner, row, items, seen), _whole(owner, row, opened, [PUBLIC])]


def _whole(owner: Owner, row: Row, items: list[Item], seen: list[str]) -> Document:
    """A revision with all that is written in it."""
    document = Document()
    named = folded(" ".join(name for name, _, _ in items))
    columns = " ".join(column for _, column, _ in items)
    written = folded(
        f"{row.summary} {row.theme} {row.priority_domains} {row.source_system} {row.format_type} "
        f"{row.english_name} {columns}"
    )
    _title(document, owner, row, seen)
    _text(document, f"{folded(row.title)} {written} {named}")
    if named:
        document.add_text("items", named)
    for name, value in (
        ("format", row.format_category),
        ("cycle", row.update_cycle),
        ("sharing", row.sharing_type),
    ):
        if value:
            document.add_text(name, value)
    remind, due = freshness.due_of(row.update_cycle, owner.data_updated_on or row.published_on)
    document.add_integer("remind", remind)
    document.add_integer("due", due)
    _order(document, owner, row, row.published_on)
    return document


def _closed(owner: Owner, row: Row) -> Document:
    """What the public may read of a closed entry: its name and why it is closed (Yingkou 30)."""
    document = Document()
    _title(document, owner, row, [PUBLIC])
    _text(document, f"{folded(row.title)} {folded(row.opening_basis)}")
    document.add_integer("remind", freshness.HIDDEN)
    document.add_integer("due", freshness.HIDDEN)
    _order(document, owner, row, None)
    return document


def _title(document: Document, owner: Owner, row: Row, seen: list[str]) -> None:
    title = folded(row.title)
    every, longest = title_words(title)
    document.add_text("entry", str(owner.id))
    document.add_text("revision", str(row.id))
    document.add_text("title_shown", row.title)
    document.add_text("status", row.status)
    for token in seen:
        document.add_text("seen", token)
    document.add_text("key", title)
    document.add_text("title", title)
    document.add_text("words", " ".join(word for word in every if len(word) > 1))
    document.add_text("sounds", title_sounds(every))
    document.add_text("initials", title_initials(longest))
    if owner.code:
        document.add_text("codes", folded(owner.code))
    document.add_text("division", owner.division)
    document.add_text("department", str(owner.department))
    for name, value in (("kind", row.kind), ("theme", row.theme), ("opening", row.opening_type)):
        if value:
            document.add_text(name, value)


def _text(document: Document, text: str) -> None:
    document.add_text("text", text)
    if latin := latin_words(text):
        document.add_text("latin", latin)


def _order(document: Document, owner: Owner, row: Row, newest: date | None) -> None:
    """What lists are ordered by; the entry's id decides between equals, so that pages never shift."""
    by_id = zlib.crc32(row.id.bytes)
    document.add_text("by_title", f"{row.title}\0{owner.id}\0{row.number}")
    document.add_text("by_code", f"{owner.code or '~'}\0{owner.id}\0{row.number}")
    document.add_unsigned("by_newest", (newest.toordinal() if newest else 0) << 32 | by_id)
    document.add_float("tie", by_id / 2**42)  # below 0.001: weighs less than any difference of content
