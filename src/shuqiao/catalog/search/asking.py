"""Searching: words, filters and an actor in; the hits of a page, the total and the facets out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from tantivy import Occur, Order, Query, Searcher

from shuqiao.accounts.types import Actor
from shuqiao.catalog.search import catching_up, compiling, counting, knowing
from shuqiao.catalog.search.compiling import FIELDS, Asked
from shuqiao.catalog.search.counting import FACETS, Counts, Narrowing
from shuqiao.catalog.search.documents import line_of
from shuqiao.catalog.search.index import Reader
from shuqiao.catalog.search.knowing import Known
from shuqiao.catalog.search.types import Found, Hit, View
from shuqiao.catalog.search.words import terms_of
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel.time import today

log = logging.getLogger("shuqiao.search")
DEEPEST, KEPT_MAX = 100_000, 200
ORDERS = {
    "newest": ("by_newest", Order.Desc),
    "title": ("key", Order.Asc),
    "code": ("codes", Order.Asc),
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
    question = Question(actor, filters, view, status)
    return with_sound_index(lambda ground: found_on(ground, question, offset, limit, facets=facets))


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question is answered from: the index as new as the database, and what the database says besides."""

    reader: Reader
    known: Known


def with_sound_index(ask: Callable[[Ground], T]) -> T:
    """Ask the index as new as the database. One that turns out to be damaged is made anew and asked again."""
    known = knowing.known()
    reader = catching_up.current(known.seq)
    try:
        return ask(Ground(reader, known))
    except ValueError as error:
        if reader.is_sound():
            raise
        log.warning("the search index is damaged (%s): it is made anew", error)
    catching_up.replace_damaged(reader)
    return ask(Ground(catching_up.current(known.seq), known))


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what."""

    actor: Actor
    filters: EntryFilters
    view: View
    status: str = ""

    def seen(self) -> list[Query]:
        """What may be found at all."""
        seen = [compiling.visible(self.actor, self.view)]
        if self.status:
            seen.append(compiling.one("status", self.status, "basic"))
        return [compiling.without_points(query) for query in seen]

    @property
    def chosen(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The filters that are set, with their values."""
        every = ((name, tuple(getattr(self.filters, name))) for name in FACETS)
        return tuple(pair for pair in every if pair[1])

    @property
    def is_common(self) -> bool:
        """Whether what is seen depends on the view alone, not on who asks."""
        return self.view is View.PUBLIC or (self.view is View.SHARED and not self.actor.is_anonymous)

    @property
    def narrowed_by(self) -> list[str]:
        """Names of the filters that are set."""
        return [name for name in FACETS if getattr(self.filters, name)]

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


def found_on(ground: Ground, question: Question, offset: int, limit: int, *, facets: bool) -> Found:
    """The answer to a question, as `find` says it."""
    searcher, on, filters = ground.reader.searcher, today(), question.filters
    terms = terms_of(filters.words, ground.known.groups) if filters.words.strip() else ()
    seen, narrowed = question.seen(), question.narrowed(on)
    offset = max(0, min(offset, DEEPEST))
    window = slice(offset, offset + max(1, min(limit, DEEPEST)))
    loose = False
    asked = compiling.asked(terms, ground.known.names.holding) if terms else None
    if filters.words.strip() and not terms:  # nothing but punctuation
        asked = Asked(Query.empty_query(), ())
    hits, total = _hits(searcher, asked, [*seen, *narrowed.values()], filters, window)
    if terms and not total and (len(terms) > 1 or len(terms[0].counted) > 1):
        asked = compiling.asked(terms, ground.known.names.holding, loose=True)
        hits, total = _hits(searcher, asked, [*seen, *narrowed.values()], filters, window)
        loose = total > 0
    counted: dict[str, Counts] = {}
    if facets:
        by = Narrowing([*([asked.match] if asked else []), *seen], narrowed, dict(question.chosen))
        counted = _facets(ground, question, by, on)
    return Found(hits, total, counted, terms, loose)


def _all(queries: Sequence[Query], points: Sequence[Query] = ()) -> Query:
    parts = [(Occur.Must, query) for query in queries]
    return Query.boolean_query(parts + [(Occur.Should, query) for query in points])


def _hits(
    searcher: Searcher, asked: Asked | None, narrowing: Sequence[Query], filters: EntryFilters, window: slice
) -> tuple[tuple[Hit, ...], int]:
    offset, limit = window.start, window.stop - window.start
    order = filters.order or ("relevance" if filters.words.strip() else "newest")
    if order in ORDERS or asked is None:
        field, way = ORDERS.get(order, ORDERS["newest"])
        query = _all([*([asked.match] if asked else []), *narrowing])
        found = searcher.search(query, limit, order_by_field=field, order=way, offset=offset)
    else:
        query = _all([asked.match, *narrowing], asked.points)
        found = searcher.search(query, limit, offset=offset, weight_by_field="tie")
    hits = tuple(Hit(line_of(searcher.doc(address))) for _, address in found.hits)
    return hits, found.count  # type: ignore[attr-defined]


def _facets(ground: Ground, question: Question, by: Narrowing, on: date) -> dict[str, Counts]:
    """Each facet's values and counts. Those of a view without words are kept until the index changes: it is what
    everybody opens first, and all documents have to be counted for it."""
    kept, key = ground.reader.kept, (question.view, question.status, question.chosen, on)
    keeps = question.is_common and not question.filters.words
    if keeps and key in kept:
        return kept[key]
    found = counting.counted(ground.reader.searcher, by, on, ground.known.names.of_number)
    if keeps and len(kept) < KEPT_MAX:
        kept[key] = found
    return found


def all_ids(actor: Actor, filters: EntryFilters, *, view: View = View.SHARED, status: str = "") -> list[UUID]:
    """Entries (revisions in View.OWN) that a search finds, in order, at most 20,000: for exports and lists."""
    found = find(actor, filters, view=view, limit=20_000, facets=False, status=status)
    return found.revision_ids if view is View.OWN else found.entry_ids
