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
from functools import lru_cache

import orjson
from django.db.models import CharField, ExpressionWrapper, F, TextField
from django.db.models.functions import Cast
from tantivy import Document

from shuqiao.catalog.models import DataItem, Entry, Revision
from shuqiao.catalog.search import freshness
from shuqiao.catalog.search.counting import mixed, number_of
from shuqiao.catalog.search.index import tag
from shuqiao.catalog.search.sounds import title_initials, title_sounds
from shuqiao.catalog.search.types import Line
from shuqiao.catalog.search.words import essence_of, folded, latin_words, title_words
from shuqiao.catalog.types import OpeningType, Status

SHARED, PUBLIC = "shared", "public"
WRITTEN = (
    "number", "status", "title", "english_name", "summary", "kind", "theme", "format_category",
    "format_type", "update_cycle", "sharing_type", "sharing_basis", "opening_type", "opening_basis",
    "source_system",
    "priority_domains",
)  # fmt: skip
OWNED = ("entry__code", "entry__division_id")
# As they lie in the database, text in some: reading each day anew is a third of the reading, there are few different.
DAYS = {"published": "published_on", "updated": "entry__data_updated_on"}
# Ids come as text: making a hundred thousand UUIDs to write them out again is a third of the reading.
IDS = {
    "revision": "id",
    "entry_key": "entry_id",
    "department": "entry__department_id",
    "shown": "entry__published_id",
}
TOLD = ("status", "kind", "opening", "format", "cycle", "sharing")
ITEMS_MAX = 2_000


@dataclass(slots=True)
class Row:
    """A revision with what the index needs of its entry."""

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
    sharing_basis: str
    opening_type: str
    opening_basis: str
    source_system: str
    priority_domains: str
    code: str | None
    division: str
    published_on: date | None
    data_updated_on: date | None
    id: str
    entry: str
    department: str
    shown: str | None
    former: Sequence[str] = ()


# Name, column and opening type (empty: as the entry) of an item.
Item = tuple[str, str, str]


def dashed(key: str) -> str:
    """An id as it is written everywhere; some databases give it without dashes."""
    return key if len(key) == 36 else f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


_department = lru_cache(maxsize=100_000)(dashed)


@lru_cache(maxsize=100_000)
def _day(kept: str | date | None) -> date | None:
    """A day as it lies in the database."""
    return date.fromisoformat(kept) if isinstance(kept, str) else kept


def as_text(column: str) -> Cast:
    """An id column as text."""
    return Cast(column, CharField(max_length=36))


def documents_of(**which: object) -> Iterator[Document]:
    """The documents of these entries (a condition on a revision's `entry`, as for filter). Three queries."""
    for row, items in rows_of(**which):
        yield from documents_for(row, items)


def rows_of(**which: object) -> Iterator[tuple[Row, list[Item]]]:
    """What the documents of these entries are made from. Three queries."""
    former: dict[str, list[str]] = {}
    merged = Entry.objects.filter(
        **{f"merged_into{name.removeprefix('entry')}": value for name, value in which.items()}
    )
    for into, code in (
        merged.exclude(code=None).annotate(into=as_text("merged_into_id")).values_list("into", "code")
    ):
        former.setdefault(into, []).append(str(code))
    items: dict[str, list[Item]] = {}
    listed = (
        DataItem.objects.filter(**{f"revision__{name}": value for name, value in which.items()})
        .annotate(of=as_text("revision_id"))
        .order_by("of", "order")
    )
    for of, name, column, opening in listed.values_list("of", "name", "column", "opening_type"):
        items.setdefault(of, []).append((name, column, opening))
    revisions = (
        Revision.objects.filter(**which)
        .exclude(status=Status.GIVEN_UP)
        .order_by()
        .annotate(**{k: as_text(v) for k, v in IDS.items()})
        .annotate(**{k: ExpressionWrapper(F(v), output_field=TextField()) for k, v in DAYS.items()})
    )
    for values in revisions.values_list(*WRITTEN, *OWNED, *DAYS, *IDS):
        row = Row(*values)
        key, shown = row.id, row.shown
        if former:
            row.former = former.get(row.entry, ())
        row.id, row.entry, row.department = dashed(key), dashed(row.entry), _department(row.department)
        row.shown = row.id if shown == key else dashed(shown) if shown else None
        row.published_on, row.data_updated_on = _day(row.published_on), _day(row.data_updated_on)
        yield row, items.get(key, [])[:ITEMS_MAX] if items else []


def documents_for(row: Row, items: list[Item]) -> list[Document]:
    """A document for each view of a revision that differs."""
    seen = [f"d:{row.department}"]
    if row.status != Status.DRAFT:
        seen.append(f"v:{row.division}")
    if row.shown != row.id:
        return [_whole(row, items, seen)]
    seen.append(SHARED)
    if row.opening_type == OpeningType.CLOSED:
        return [_whole(row, items, seen), _closed(row)]
    opened = [item for item in items if item[2] != OpeningType.CLOSED]
    if len(opened) == len(items):
        return [_whole(row, items, [*seen, PUBLIC])]
    return [_whole(row, items, seen), _whole(row, opened, [PUBLIC])]


def _whole(row: Row, items: list[Item], seen: list[str]) -> Document:
    """A revision with all that is written in it."""
    names = [name for name, _, _ in items]
    named = folded(" ".join(names)) if names else ""
    columns = " ".join([column for _, column, _ in items])
    written = folded(
        f"{row.summary} {row.theme} {row.priority_domains} {row.source_system} {row.format_type} "
        f"{row.english_name} {columns}"
    )
    shown = _tags(
        row.status, row.kind, row.opening_type, row.format_category, row.update_cycle, row.sharing_type
    )
    document = _document(row, seen, shown, f"{written} {named}")
    if named:
        document.add_text("items", named)
    document.add_unsigned(
        "mixed", mixed(row.sharing_type, row.opening_type, row.kind, row.format_category, row.update_cycle)
    )
    if row.code:
        document.add_text("codes", folded(row.code))
    for code in row.former:
        document.add_text("former", folded(code))
    remind, due = freshness.due_of(row.update_cycle, row.data_updated_on)
    _days(document, row, remind, due, row.published_on)
    line = (
        row.entry, row.id, row.title, row.summary, row.code or "", row.division, row.department,
        row.data_updated_on, row.published_on, row.format_category, row.update_cycle, row.sharing_type,
        row.sharing_basis, row.opening_type, row.opening_basis, names,
    )  # fmt: skip
    document.add_bytes("line", orjson.dumps(line))
    return document


def _closed(row: Row) -> Document:
    """What the public may read of a closed entry: its name and why it is closed (Yingkou 30)."""
    document = _document(
        row, [PUBLIC], _tags(row.status, row.kind, row.opening_type), folded(row.opening_basis)
    )
    document.add_unsigned("mixed", mixed("", row.opening_type, row.kind, "", ""))
    _days(document, row, freshness.HIDDEN, freshness.HIDDEN, None)
    line: tuple[object, ...] = (
        row.entry, row.id, row.title, "", "", row.division, row.department,
        None, None, "", "", "", "", row.opening_type, row.opening_basis, [],
    )  # fmt: skip
    document.add_bytes("line", orjson.dumps(line))
    return document


def line_of(document: Document) -> Line:
    """What a list shows of a document found."""
    return Line(*orjson.loads(document.get_first("line")))  # type: ignore[arg-type]


def _document(row: Row, seen: list[str], shown: str, written: str) -> Document:
    """A document with what everybody who finds it may know, and the tags and the text it is found by."""
    document = Document()
    add = document.add_text
    title = folded(row.title)
    essence, words, sounds, initials = _told_by(title)
    add("entry", row.entry)
    for_whom = [tag("seen", token) for token in seen]
    add("tags", " ".join([tag("department", row.department), *for_whom, shown]))
    add("key", title)
    add("starts", title)
    add("essence", essence)
    add("title", title)
    add("words", words)
    add("sounds", sounds)
    add("initials", initials)
    document.add_unsigned("of_department", number_of(row.department))
    add("division", row.division)
    if row.theme:
        add("theme", row.theme)
    text = f"{title} {written}"
    add("text", text)
    if latin := latin_words(text):
        add("latin", latin)
    return document


@lru_cache(maxsize=20_000)
def _tags(*values: str) -> str:
    """The tags of TOLD with these values. What is empty is not said, nor what is no value of a list: with a space in
    it, it could say of itself who finds it."""
    return " ".join(
        [tag(name, value) for name, value in zip(TOLD, values, strict=False) if value.isidentifier()]
    )


@lru_cache(maxsize=20_000)
def _told_by(title: str) -> tuple[str, str, str, str]:
    """What a folded title is about, its words, how they sound, their initials. Many entries have the same title."""
    every, longest = title_words(title)
    words = " ".join([word for word in every if len(word) > 1])
    return essence_of(longest), words, title_sounds(every), title_initials(longest)


def _days(document: Document, row: Row, remind: int, due: int, newest: date | None) -> None:
    """Freshness, and what lists are ordered by; a number made of the id decides between equals, so that pages
    never shift."""
    by_id = zlib.crc32(row.id.encode())
    document.add_integer("remind", remind)
    document.add_integer("due", due)
    document.add_unsigned("by_newest", (newest.toordinal() if newest else 0) << 32 | by_id)
    document.add_float("tie", by_id / 2**42)  # below 0.001: weighs less than any difference of content
