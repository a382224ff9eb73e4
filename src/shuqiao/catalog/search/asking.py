"""Searching: words, filters and an actor in; the hits of a page, the total and the facets out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, Value
from django.db.models.functions import Concat
from tantivy import Occur, Order, Query, Searcher

from shuqiao.accounts.types import Actor
from shuqiao.catalog.life.freshness import State
from shuqiao.catalog.search import catching_up, compiling, synonyms
from shuqiao.catalog.search.compiling import FIELDS
from shuqiao.catalog.search.documents import as_text, dashed
from shuqiao.catalog.search.freshness import NEVER
from shuqiao.catalog.search.index import Reader
from shuqiao.catalog.search.types import Found, Hit, View
from shuqiao.catalog.search.words import Term, terms_of
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel.time import today
from shuqiao.organizations.models import Department

log = logging.getLogger("shuqiao.search")
FACETS = (*FIELDS, "freshness")
FACET_SIZE = 60
DEEPEST = 100_000
NAMED_MAX = 500
ORDERS = {
    "newest": ("by_newest", Order.Desc),
    "title": ("by_title", Order.Asc),
    "code": ("by_code", Order.Asc),
}
T = TypeVar("T")


def find(
    actor: Actor,
    filters: EntryFilters,
    *,
    view: View = View.SHARED,
    offset: int = 0,
    limit: int = 20,
    facets: bool = True,
    status: str = "",
) -> Found:
    """Published entries (or, by `view`, revisions) the actor may see, by words and filters: `limit` hits from
    `offset` on (to 100,000 deep), the total, and each facet's counts under all other filters.

    The order is that of `filters.order`: relevance, newest, title or code; relevance when there are words and
    nothing else is said. When no entry holds all words, those that hold some are found (`loose`)."""
    question = _Question(actor, filters, view, status)
    return with_sound_index(lambda reader: _find(reader, question, offset, limit, facets=facets))


def with_sound_index(ask: Callable[[Reader], T]) -> T:
    """Ask the index as new as the database. One that turns out to be damaged is made anew and asked again."""
    reader = catching_up.current()
    try:
        return ask(reader)
    except ValueError as error:
        if reader.is_sound():
            raise
        log.warning("the search index is damaged (%s): it is made anew", error)
    catching_up.replace_damaged(reader)
    return ask(catching_up.current())


@dataclass(frozen=True, slots=True)
class _Question:
    actor: Actor
    filters: EntryFilters
    view: View
    status: str

    def seen(self) -> list[Query]:
        """What may be found at all."""
        seen = [compiling.visible(self.actor, self.view)]
        if self.status:
            seen.append(compiling.one("status", self.status, "basic"))
        return [compiling.without_points(query) for query in seen]

    def narrowed(self, on: date) -> dict[str, Query]:
        """The filters that are set, each as a query."""
        filters = self.filters
        narrowed = {
            name: compiling.any_of(field, getattr(filters, name))
            for name, field in FIELDS.items()
            if getattr(filters, name)
        }
        if filters.freshness:
            narrowed["freshness"] = compiling.fresh(filters.freshness, on)
        return {name: compiling.without_points(query) for name, query in narrowed.items()}


def _find(reader: Reader, question: _Question, offset: int, limit: int, *, facets: bool) -> Found:
    searcher, on, filters = reader.searcher, today(), question.filters
    terms = terms_of(filters.words, synonyms.groups()) if filters.words.strip() else ()
    named = departments_named(terms)
    seen, narrowed = question.seen(), question.narrowed(on)
    loose = False
    points = compiling.asked(terms, named) if terms else None
    if filters.words.strip() and not terms:  # nothing but punctuation
        points = Query.empty_query()
    hits, total = _hits(searcher, _together(points, seen, narrowed), filters, offset, limit)
    if terms and not total and (len(terms) > 1 or len(terms[0].counted) > 1):
        points = compiling.asked(terms, named, loose=True)
        hits, total = _hits(searcher, _together(points, seen, narrowed), filters, offset, limit)
        loose = total > 0
    counted = _facets(searcher, points, seen, narrowed, on) if facets else {}
    return Found(hits, total, counted, terms, loose)


def departments_named(terms: Sequence[Term]) -> dict[str, list[str]]:
    """For each term and word of two letters and more, the departments whose name holds it. One query."""
    words = {term.text for term in terms} | {word.text for term in terms for word in term.counted}
    words = {word for word in words if 1 < len(word) <= 64}
    if not words:
        return {}
    asked = list(words)
    wanted = reduce(or_, (Q(name__icontains=word) | Q(short_name__icontains=word) for word in asked))
    rows = (
        Department.objects.filter(wanted)
        .annotate(key=as_text("id"), names=Concat("name", Value(" "), "short_name"))
        .order_by()
        .values_list("key", "names")[:NAMED_MAX]
    )
    named: dict[str, list[str]] = {}
    for key, both in rows:
        for word in asked:
            if word in both.lower():
                named.setdefault(word, []).append(dashed(key))
    return named


def _together(
    points: Query | None, seen: Sequence[Query], narrowed: dict[str, Query], but: str = ""
) -> Query:
    parts = [*([points] if points else []), *seen, *(one for name, one in narrowed.items() if name != but)]
    return Query.boolean_query([(Occur.Must, part) for part in parts])


def _hits(
    searcher: Searcher, query: Query, filters: EntryFilters, offset: int, limit: int
) -> tuple[tuple[Hit, ...], int]:
    offset, limit = max(0, min(offset, DEEPEST)), max(1, min(limit, DEEPEST))
    order = filters.order or ("relevance" if filters.words.strip() else "newest")
    if order in ORDERS or not filters.words.strip():
        field, way = ORDERS.get(order, ORDERS["newest"])
        found = searcher.search(query, limit, order_by_field=field, order=way, offset=offset)
    else:
        found = searcher.search(query, limit, offset=offset, weight_by_field="tie")
    documents = (searcher.doc(address) for _, address in found.hits)
    hits = tuple(
        Hit(UUID(one.get_first("entry")), UUID(one.get_first("revision")), str(one.get_first("title_shown")))
        for one in documents
    )
    return hits, found.count  # type: ignore[attr-defined]


def _facets(
    searcher: Searcher, points: Query | None, seen: Sequence[Query], narrowed: dict[str, Query], on: date
) -> dict[str, list[tuple[str, int]]]:
    """Each facet's values and counts. Those without a choice are counted in one go; one with a choice is counted
    without it, so that its other values can still be chosen."""
    free = [name for name in FACETS if name not in narrowed]
    rounds = [(free, "")] + [([name], name) for name in narrowed]
    counted: dict[str, list[tuple[str, int]]] = {}
    for names, but in rounds:
        if names:
            asked: dict[str, Any] = {}
            for name in names:
                asked |= _wanted(name, on)
            said = searcher.aggregate(_together(points, seen, narrowed, but), asked)
            counted |= {name: _counts(name, said) for name in names}
    return counted


def _wanted(name: str, on: date) -> dict[str, Any]:
    if name != "freshness":
        return {name: {"terms": {"field": FIELDS[name], "size": FACET_SIZE, "segment_size": FACET_SIZE * 10}}}
    day = on.toordinal()
    due = [{"key": "unknown", "from": 0, "to": 1}, {"key": "overdue", "from": 1, "to": day}]
    remind = [
        {"key": "reminded", "from": 1, "to": day + 1},
        {"key": "current", "from": day + 1, "to": NEVER + 1},
    ]
    return {
        "due": {"range": {"field": "due", "ranges": due}},
        "remind": {"range": {"field": "remind", "ranges": remind}},
    }


def _counts(name: str, said: dict[str, Any]) -> list[tuple[str, int]]:
    if name != "freshness":
        return [(str(bucket["key"]), bucket["doc_count"]) for bucket in said[name]["buckets"]]
    found = {
        bucket["key"]: bucket["doc_count"] for part in ("due", "remind") for bucket in said[part]["buckets"]
    }
    counts = {
        State.FRESH: found.get("current", 0),
        State.NEAR: found.get("reminded", 0) - found.get("overdue", 0),
        State.OVERDUE: found.get("overdue", 0),
        State.UNKNOWN: found.get("unknown", 0),
    }
    return [(value.value, count) for value, count in counts.items() if count > 0]


def all_ids(actor: Actor, filters: EntryFilters, *, view: View = View.SHARED, status: str = "") -> list[UUID]:
    """Entries (revisions in View.OWN) that a search finds, in order, at most 20,000: for exports and lists."""
    found = find(actor, filters, view=view, limit=20_000, facets=False, status=status)
    return found.revision_ids if view is View.OWN else found.entry_ids
