"""From words and filters to queries of the index.

Words: every term must be there, within a long Chinese term most of its words. A word is there when its letters
stand side by side in the text, when the department is called so, or when a synonym is there. Points: title before
items before the rest; the title that is the query itself, and titles that begin with it, come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from tantivy import FieldType, Occur, Query

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life.freshness import State
from shuqiao.catalog.search import index
from shuqiao.catalog.search.documents import PUBLIC, SHARED
from shuqiao.catalog.search.freshness import LABELS, NEVER
from shuqiao.catalog.search.types import View
from shuqiao.catalog.search.words import Term, Word, is_chinese, pairs
from shuqiao.catalog.searching import normalized

EXACT, BEGINS, CODE = 1_000.0, 100.0, 50.0
TITLE, WHOLE_WORD, ITEMS, TEXT, DEPARTMENT, SYNONYM = 4.0, 2.0, 2.0, 1.0, 3.0, 0.6
# Filter of `EntryFilters` and the field that holds it.
FIELDS: Mapping[str, str] = {
    "divisions": "division",
    "departments": "department",
    "sharing": "sharing",
    "opening": "opening",
    "formats": "format",
    "kinds": "kind",
    "themes": "theme",
    "cycles": "cycle",
}
# Departments whose name holds a word, by word: names are the database's, so that a new name holds at once.
Named = Mapping[str, Sequence[str]]


def one(field: str, value: str, option: str = "freq") -> Query:
    """Documents that hold a token."""
    return Query.term_query(index.schema(), field, value, option)


def any_of(field: str, values: Iterable[str]) -> Query:
    """Documents that hold one of these tokens."""
    return Query.term_set_query(index.schema(), field, list(values))


def all_of(queries: Sequence[Query]) -> Query:
    """Documents that all of these find."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, one) for one in queries])


def some_of(queries: Sequence[Query], least: int = 1) -> Query:
    """Documents that at least so many of these find."""
    if not queries:
        return Query.empty_query()
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, one) for one in queries], minimum_number_should_match=least)


def begins(field: str, start: str) -> Query:
    """Documents with a token that begins so."""
    return Query.fuzzy_term_query(index.schema(), field, start, distance=0, prefix=True)


def without_points(query: Query) -> Query:
    """The same documents, of no weight in the order."""
    return Query.const_score_query(query, 0.0)


def visible(actor: Actor, view: View) -> Query:
    """What the actor may find in a view: `EntryQuerySet.visible_to` as a question to the index."""
    if view is View.PUBLIC or (actor.is_anonymous and view is View.SHARED):
        return one("seen", PUBLIC, "basic")
    if view is View.SHARED:
        return one("seen", SHARED, "basic")
    tokens = [f"d:{department}" for department in actor.departments_with(P.CATALOG_ENTRY_READ)]
    if view is View.SEEN:
        if actor.is_platform:
            return Query.boolean_query(
                [(Occur.Must, Query.all_query()), (Occur.MustNot, one("entry", index.STATE_ID, "basic"))]
            )
        tokens += [f"v:{division}" for division in actor.divisions_with(P.CATALOG_ENTRY_READ)]
        tokens.append(PUBLIC if actor.is_anonymous else SHARED)
    return any_of("seen", tokens) if tokens else Query.empty_query()


def fresh(wanted: Iterable[str], on: date) -> Query:
    """Documents whose data stands so on this day."""
    return some_of([_fresh(State(value), on.toordinal()) for value in wanted if value in LABELS])


def _fresh(wanted: State, day: int) -> Query:
    if wanted is State.UNKNOWN:
        return between("due", 0, 0)
    if wanted is State.OVERDUE:
        return between("due", 1, day - 1)
    if wanted is State.NEAR:
        return all_of([between("remind", 1, day), between("due", day, NEVER)])
    return between("remind", day + 1, NEVER)


def between(field: str, least: int, most: int) -> Query:
    """Documents with a number in these bounds, both included."""
    return Query.range_query(index.schema(), field, FieldType.Integer, least, most)


def asked(terms: Sequence[Term], named: Named, *, loose: bool = False) -> Query:
    """What the words of a query find, with points. `loose`: one word of them all is enough."""
    said = " ".join(term.text for term in terms)
    must = [_term(term, named, loose=loose) for term in terms]
    found = some_of(must) if loose else all_of(must)
    first = [(Occur.Must, found)]
    for title in dict.fromkeys((said, said.replace(" ", ""))):
        first.append((Occur.Should, Query.const_score_query(one("key", title, "basic"), EXACT)))
        if len(title) > 1:
            first.append((Occur.Should, Query.boost_query(begins("key", title), BEGINS)))
    return Query.boolean_query(first)


def _term(term: Term, named: Named, *, loose: bool) -> Query:
    counted = [_word(word, named) for word in term.counted]
    parts: list[tuple[Occur, Query]] = [(Occur.Must, some_of(counted, 1 if loose else term.least))]
    parts += [
        (Occur.Should, Query.boost_query(_word(word, {}), 0.5))
        for word in term.words
        if word not in term.counted
    ]
    if len(term.words) > 1 and is_chinese(term.text) and len(term.text) <= 30:
        parts.append((Occur.Should, Query.boost_query(stands_in("title", term.text), TITLE / 2)))
    ways = [Query.boolean_query(parts)]
    if term.text in named:
        ways.append(_department(named[term.text]))
    if not is_chinese(term.text) and len(term.text) > 2:
        ways.append(Query.boost_query(begins("codes", term.text), CODE))
    return some_of(ways)


def _word(word: Word, named: Named) -> Query:
    ways = _ways(word.text)
    if departments := named.get(word.text):
        ways.append(_department(departments))
    ways += [Query.boost_query(some_of(_ways(normalized(other))), SYNONYM) for other in word.others]
    return some_of(ways)


def _department(departments: Sequence[str]) -> Query:
    return Query.const_score_query(any_of("department", departments), DEPARTMENT)


def _ways(word: str) -> list[Query]:
    """How a word may be in a document, each with its points."""
    if not is_chinese(word):
        return _latin_ways(word)
    ways = [Query.boost_query(stands_in("title", word), TITLE)]
    if len(word) > 1:
        ways += [
            Query.boost_query(one("words", word), WHOLE_WORD),
            Query.boost_query(stands_in("items", word), ITEMS),
            Query.boost_query(stands_in("text", word), TEXT),
        ]
    return ways


def _latin_ways(word: str) -> list[Query]:
    ways = [Query.boost_query(one("words", word), TITLE), Query.boost_query(one("latin", word), TEXT)]
    if len(word) > 1:
        ways.append(begins("latin", word))
    if word.isascii() and word.isalpha() and len(word) > 1:
        ways.append(Query.boost_query(begins("initials", word), TITLE))
        if len(word) > 3:
            ways.append(Query.boost_query(one("sounds", word), TITLE))
    return ways


def stands_in(field: str, word: str) -> Query:
    """Documents whose field holds the letters of a word side by side, pair by pair."""
    return all_of([one(field, pair) for pair in dict.fromkeys(pairs(word))])
