"""REST of the search: the entries of the catalogue, with words or without, and what is typed for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import ANONYMOUS, Actor
from shuqiao.catalog import queries, search
from shuqiao.catalog.api.doors import BOUND, PUBLIC, READERS
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of, place_of, written_place
from shuqiao.catalog.models import Entry
from shuqiao.catalog.presenting import FACETS
from shuqiao.catalog.search import View
from shuqiao.catalog.types import EntryFilters, OpeningType
from shuqiao.kernel import InvalidInput

router = Router()
VALUES_MAX, DEEPEST = 50, 100_000
ORDERS = {
    "newest": ("-published__published_on", "id"),
    "title": ("published__title", "id"),
    "code": ("code", "id"),
}
Face = Literal["shared", "public"]
Order = Literal["", "relevance", "newest", "title", "code"]
# What the public may not know of closed entries: by these only the index, which knows it, may narrow.
HIDDEN = ("sharing", "formats", "cycles")
LIST = ("title", "summary", "sharing_type", "opening_type", "format_category", "update_cycle", "published_on")


class Filters(Schema):
    """What a list of entries is narrowed to; several values of one filter are alternatives. `fresh`: fresh, near,
    overdue or unknown. `order`: by default relevance where there are words (`q`), newest where there are none."""

    q: str = ""
    division: list[str] = []
    department: list[str] = []
    sharing: list[str] = []
    opening: list[str] = []
    format: list[str] = []
    kind: list[str] = []
    theme: list[str] = []
    cycle: list[str] = []
    fresh: list[str] = []
    order: Order = ""

    def filters(self) -> EntryFilters:
        """As the queries take it. Raises InvalidInput for relevance without words."""
        if self.order == "relevance" and not self.q.strip():
            raise InvalidInput.one("order", "没有检索词，不能按相关度排序")
        chosen = {field: tuple(getattr(self, name)[:VALUES_MAX]) for field, name, _ in FACETS}
        return EntryFilters(words=self.q.strip()[:100], order=self.order, **chosen)


class SearchIn(PageIn, Filters):
    """A page of what the filters leave. `face`: as departments see it, or as the public does. `facets`: whether the
    values one may narrow by are counted as well."""

    face: Face = "shared"
    facets: bool = False


class HighlightsOut(Schema):
    """The words marked with `<mark>` in what is shown of an entry; all else is escaped as HTML. `items`: data items in
    whose names they stand."""

    title: str
    summary: str
    items: list[str]


class EntryOut(Schema):
    """An entry in a list. Of a closed one the public sees name, provider and that it is closed."""

    id: UUID
    code: str
    title: str
    summary: str
    division: str
    department: str
    sharing_type: str
    opening_type: str
    format_category: str
    update_cycle: str
    published_on: date | None
    highlights: HighlightsOut | None = None


class FacetOut(Schema):
    """One value one may narrow by: what to send, what to show, and how many entries it has under all other filters."""

    value: str
    label: str
    count: int


class NearOut(Schema):
    """An entry the words find without the filters."""

    id: UUID
    title: str


class EntriesOut(PageOut[EntryOut]):
    """One page of entries, and how many there are on all pages. `loose`: no entry has all the words, these have some.
    `meant`: the words as they were perhaps meant, if these find more. `near`: where the filters leave nothing, what the
    words find without them. `facets`: by the name of the filter; null unless asked for."""

    total: int
    loose: bool = False
    meant: str = ""
    near: list[NearOut] = []
    facets: dict[str, list[FacetOut]] | None = None


class SuggestIn(Schema):
    """What is being typed."""

    q: str = ""
    face: Face = "shared"


class SuggestionsOut(Schema):
    """Titles for it, at most eight."""

    titles: list[str]


def answer(actor: Actor, asked: SearchIn) -> EntriesOut:
    """A page of the catalogue. What words find is ordered by the index and paged by place (to 100,000 deep); all else
    is paged by keys, to its end. Raises InvalidInput for a cursor of another list, and relevance without words."""
    filters = asked.filters()
    reader, view = (ANONYMOUS, View.PUBLIC) if asked.face == PUBLIC else (actor, View.SHARED)
    hidden = view is View.PUBLIC and any(getattr(filters, name) for name in HIDDEN)
    if filters.words or filters.freshness or hidden:
        return _found(reader, asked, filters, view)
    if view is View.PUBLIC:
        entries = queries.list_public_entries(filters)
        total = entries.order_by().count()
    else:
        entries, total = queries.list_entries_for(reader, filters), queries.count_entries_for(reader, filters)
    rows, after = page_of(entries, ORDERS[filters.order or "newest"], asked)
    facets = None
    if asked.facets:
        facets = _facets(search.part_of(reader, filters, offset=0, limit=1, facets=True, view=view).facets)
    items = [_entry(entry, view) for entry in rows]
    return EntriesOut(items=items, next=after, total=total, facets=facets)


def _found(reader: Actor, asked: SearchIn, filters: EntryFilters, view: View) -> EntriesOut:
    order = (filters.order or "relevance", view.value)
    place = place_of(asked, order)
    if place > DEEPEST:
        raise InvalidInput.one("cursor", f"检索结果只能翻到第 {DEEPEST} 条，请缩小范围")
    part = search.part_of(
        reader, filters, offset=place, limit=asked.size, facets=asked.facets, view=view
    )  # fmt: skip
    end, total = place + asked.size, part.found.total
    near: Sequence[search.Result] = ()
    if not total and filters.words and any(getattr(filters, name) for name, _, _ in FACETS):
        near = search.near_titles(reader, filters, view=view)
    return EntriesOut(
        items=[_result(one, hit) for one, hit in zip(part.results, part.found.hits, strict=True)],
        next=written_place(order, end) if end < min(total, DEEPEST) else None,
        total=total,
        loose=part.found.loose,
        meant=part.meant,
        near=[NearOut(id=one.id, title=one.title) for one in near],
        facets=_facets(part.facets) if asked.facets else None,
    )


def _facets(counted: dict[str, list[dict[str, Any]]]) -> dict[str, list[FacetOut]]:
    """By the names one narrows with."""
    return {name: [FacetOut(**row) for row in counted[field]] for field, name, _ in FACETS}


def _result(one: search.Result, hit: search.Hit) -> EntryOut:
    marks = HighlightsOut(
        title=one.title_marked, summary=one.summary_marked, items=[str(item) for item in one.items_marked]
    )
    return EntryOut(
        id=one.id, code=one.code, division=hit.line.division, department=one.department, highlights=marks,
        **{name: getattr(one, name) for name in LIST},
    )  # fmt: skip


def _entry(entry: Entry, view: View) -> EntryOut:
    revision = entry.published
    shown: dict[str, Any] = {name: getattr(revision, name) for name in LIST}
    closed = view is View.PUBLIC and shown["opening_type"] == OpeningType.CLOSED
    if closed:
        shown |= {
            "summary": "",
            "sharing_type": "",
            "format_category": "",
            "update_cycle": "",
            "published_on": None,
        }
    return EntryOut(
        id=entry.id, code="" if closed else entry.code or "", division=entry.division_id,
        department=entry.department.name, **shown,
    )  # fmt: skip


@router.get(
    "/suggestions", response=SuggestionsOut, url_name="catalog-suggestions", auth=READERS, throttle=BOUND,
    summary="检索词提示",
)  # fmt: skip
def suggestions(request: Request, asked: Query[SuggestIn]) -> dict[str, Any]:
    """Titles that begin with what is typed, in which it stands, or with these initials; only what may be found."""
    if asked.face == PUBLIC:
        return {"titles": queries.public_suggestions(asked.q)}
    return {"titles": search.suggest(request.actor, asked.q)}
