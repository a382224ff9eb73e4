"""What a search found, as a file: in the order of the search, a part of it in memory at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Prefetch

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries, search
from shuqiao.catalog.models import DataItem, Entry
from shuqiao.catalog.spreadsheet import Layout, SheetEntry
from shuqiao.catalog.spreadsheet.writing import rows_of
from shuqiao.catalog.types import EntryFilters

INSTANT = 1_500  # rows of a workbook made while one waits, in about 0.7 s; larger ones the worker makes
BOOK_MAX = 20_000  # entries of a workbook
ROWS_MAX = 1_000_000  # rows of a workbook; a sheet has 1,048,576
PART = 1_000  # entries a search is asked for at a time
READ = 250  # entries read at a time, with up to 500 items each
DEEPEST = 100_000  # how deep a search goes
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def is_instant(actor: Actor, asked: EntryFilters, layout: Layout) -> bool:
    """Whether the workbook of a search is small enough to be made while one waits."""
    part = search.find(actor, asked, limit=INSTANT, facets=False)
    if part.total > INSTANT or not layout.has_items:
        return part.total <= INSTANT
    items = DataItem.objects.filter(revision__in=part.revision_ids).count()
    return part.total + items <= INSTANT


def most_of(total: int, asked: EntryFilters) -> int:
    """How many of the entries of a search a CSV can have: all, unless only the index can find them, which goes to
    `DEEPEST`."""
    return min(total, DEEPEST) if asked.words.strip() or asked.freshness else total


def found(actor: Actor, asked: EntryFilters, most: int | None = None) -> Iterator[SheetEntry]:
    """The published entries a search finds, in its order, at most so many; as many as `most_of` when nothing is said.
    Each once, also when entries are published meanwhile."""
    for _, entry in numbered(actor, asked, most):
        yield entry


def numbered(actor: Actor, asked: EntryFilters, most: int | None = None) -> Iterator[tuple[UUID, SheetEntry]]:
    """The same, each with its id."""
    for ids in _parts(actor, asked, most):
        yield from _entries(actor, ids)


def within_sheet(
    entries: Iterable[tuple[UUID, SheetEntry]], layout: Layout
) -> Iterator[tuple[UUID, SheetEntry]]:
    """As many of them as a sheet has room for."""
    rows = 0
    for entry_id, entry in entries:
        rows += max(1, len(entry.content.items)) if layout.has_items else 1
        if rows > ROWS_MAX:
            return
        yield entry_id, entry


def _parts(actor: Actor, asked: EntryFilters, most: int | None) -> Iterator[list[UUID]]:
    total = search.find(actor, asked, limit=1, facets=False).total
    most = most_of(total, asked) if most is None else min(most, total)
    if most > DEEPEST:
        yield from _from_database(actor, asked, most)
        return
    told: set[UUID] = set()
    offset = 0
    while len(told) < most and offset < min(total, DEEPEST):
        part = search.find(actor, asked, offset=offset, limit=PART, facets=False)
        ids = [one for one in part.entry_ids if one not in told][: most - len(told)]
        told.update(ids)
        yield ids
        offset, total = offset + PART, part.total


def _from_database(actor: Actor, asked: EntryFilters, most: int) -> Iterator[list[UUID]]:
    """Deeper than the index goes; sixteen bytes an entry are kept, no cursor stays open while somebody reads slowly."""
    ids = queries.list_entries_for(actor, asked).values_list("pk", flat=True)[:most]
    kept = b"".join(one.bytes for one in ids.iterator(chunk_size=PART))
    for start in range(0, len(kept), 16 * PART):
        part = kept[start : start + 16 * PART]
        yield [UUID(bytes=part[place : place + 16]) for place in range(0, len(part), 16)]


def _entries(actor: Actor, ids: list[UUID]) -> Iterator[tuple[UUID, SheetEntry]]:
    """Three queries for each 250."""
    items = Prefetch("published__items", DataItem.objects.order_by("order"))
    seen = Entry.objects.all().visible_to(actor).published().select_related("published", "department")
    for start in range(0, len(ids), READ):
        some = ids[start : start + READ]
        rows = {entry.pk: entry for entry in seen.filter(pk__in=some).prefetch_related(items)}
        for entry in (rows[one] for one in some if one in rows):
            if entry.published:
                department = entry.department
                content = entry.published.content()
                yield entry.pk, SheetEntry(content, entry.code or "", department.name, department.credit_code)


def as_csv(entries: Iterable[SheetEntry], layout: Layout) -> Iterator[str]:
    """The rows of a layout as CSV, with a byte-order mark so that spreadsheets read it as UTF-8; one line of headings,
    and no cell a spreadsheet takes for a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    out.write("\ufeff")
    rows.writerow(
        [
            f"{one.group}／{one.heading}" if one.group and one.heading else one.heading
            for one in layout.columns
        ]
    )
    for entry in entries:
        rows.writerows([[_cell(value) for value in row] for row in rows_of(entry, layout)])
        if out.tell() > 64_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return "" if value is None else value
