"""What a search found, as a file: in the order of the search, a part of it in memory at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Prefetch

from shuqiao.accounts.types import Actor
from shuqiao.catalog import search
from shuqiao.catalog.models import DataItem, Entry
from shuqiao.catalog.spreadsheet import Layout, SheetEntry
from shuqiao.catalog.spreadsheet.writing import rows_of
from shuqiao.catalog.types import EntryFilters

BOOK_MAX = 20_000  # entries of a workbook, which is made as a whole before it is sent
PART = 1_000
DEEPEST = 100_000  # how deep a search goes part by part; what is deeper comes as one
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def found(actor: Actor, asked: EntryFilters, most: int | None = None) -> Iterator[SheetEntry]:
    """The published entries a search finds, in its order, at most so many; all of them when nothing is said. Each
    once, also when entries are published meanwhile."""
    told: set[UUID] = set()
    offset, limit = 0, PART
    while most is None or len(told) < most:
        part = search.find(actor, asked, offset=offset, limit=limit, facets=False)
        ids = [one for one in part.entry_ids if one not in told]
        if most is not None:
            ids = ids[: most - len(told)]
        told.update(ids)
        yield from _entries(actor, ids)
        offset += limit
        if offset >= part.total or limit > PART:
            return
        if offset >= DEEPEST:
            offset, limit = DEEPEST, max(part.total - DEEPEST, PART + 1)


def _entries(actor: Actor, ids: list[UUID]) -> Iterator[SheetEntry]:
    """Three queries for each thousand."""
    items = Prefetch("published__items", DataItem.objects.order_by("order"))
    seen = Entry.objects.all().visible_to(actor).published().select_related("published", "department")
    for start in range(0, len(ids), PART):
        some = ids[start : start + PART]
        rows = {entry.pk: entry for entry in seen.filter(pk__in=some).prefetch_related(items)}
        for entry in (rows[one] for one in some if one in rows):
            if entry.published:
                department = entry.department
                content = entry.published.content()
                yield SheetEntry(content, entry.code or "", department.name, department.credit_code)


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
