"""From words and filters to queries of the index.

Words: every term must be there, within a long Chinese term most of its words. A word is there when its letters
stand side by side in the text, when the department is called so, or when a synonym is there. Points: title before
items before the rest; the title that is the query itself comes first, then those about nothing else, wherever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations

from tantivy import FieldType, Occur, Query

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life.freshness import State
from shuqiao.catalog.search import index
from shuqiao.catalog.search.documents import PUBLIC, SHARED
from shuqiao.catalog.search.freshness import LABELS, NEVER
from shuqiao.catalog.search.types import View
from shuqiao.catalog.search.words import Term, Word, essence_of, is_chinese, pairs, title_words
from shuqiao.catalog.searching import normalized

EXACT, ABOUT, BEGINS, CODE = 1_000.0, 100.0, 5.0, 50.0
TITLE, WHOLE_WORD, ITEMS, TEXT, DEPARTMENT, SYNONYM = 4.0, 2.0, 2.0, 1.0, 3.0, 0.4
FEW_VALUES, TELLING_MAX, BEGINNING_MAX = 100, 20, 16
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
# Ids of the departments whose name holds a word: names are the database's, not the index's.
Named = Callable[[str], Sequence[str]]


def one(field: str, value: str, option: str = "freq") -> Query:
    """Documents that hold a token, or that have a tag."""
    if field in index.TAGS:
        field, value, option = "tags", index.tag(field, value), "basic"
    return Query.term_query(index.schema(), field, value, option)


def any_of(field: str, values: Iterable[str]) -> Query:
    """Documents that hold one of these tokens. A set of them is looked up as a whole, which reads all documents of
    each: worth it for many small ones only."""
    values = list(values)
    if len(values) <= FEW_VALUES:
        return some_of([one(field, value, "basic") for value in values])
    if field in index.TAGS:
        field, values = "tags", [index.tag(field, value) for value in values]
    return Query.term_set_query(index.schema(), field, values)


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


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a query: what they find, and what gives it points."""

    match: Query
    points: tuple[Query, ...]


def asked(terms: Sequence[Term], named: Named, *, loose: bool = False) -> Asked:
    """What the words of a query find, and the points. `loose`: one word of them all is enough."""
    must = [_matching(term, named, loose=loose) for term in terms]
    points = [query for term in terms for query in _points(term, named)]
    said = " ".join(term.text for term in terms)
    for title in dict.fromkeys((said, said.replace(" ", ""))):
        points.append(Query.const_score_query(one("key", title, "basic"), EXACT))
        if len(title) > 1:
            about = essence_of(title_words(title)[1]) or title
            points.append(Query.const_score_query(one("essence", about, "basic"), ABOUT))
            points.append(Query.const_score_query(_starting(title), BEGINS))
    return Asked(some_of(must) if loose else all_of(must), tuple(points))


def _starting(title: str) -> Query:
    """Documents whose title begins so."""
    return (
        one("starts", title, "basic")
        if len(title) <= index.START_MAX
        else begins("key", title[:BEGINNING_MAX])
    )


def _matching(term: Term, named: Named, *, loose: bool) -> Query:
    words = [_word_matching(word, term, named) for word in term.counted]
    ways = [_so_many(words, 1 if loose else term.least)]
    if departments := _of_term(term, named):
        ways.append(any_of("department", departments))
    if _may_be_code(term.text):
        ways.append(_coded(term.text))
    return without_points(some_of(ways))


def _so_many(words: Sequence[Query], least: int) -> Query:
    """At least so many of these: few ways are written out, which is answered much faster than by counting."""
    if 1 < least < len(words) <= 4:
        return some_of([all_of(some) for some in combinations(words, least)])
    return all_of(words) if least == len(words) else some_of(words, least)


def _word_matching(word: Word, term: Term, named: Named) -> Query:
    ways = [way for text in (word.text, *map(normalized, word.others)) for way in _places(text)]
    if departments := _of_word(word, term, named):
        ways.append(any_of("department", departments))
    return some_of(ways)


def _of_term(term: Term, named: Named) -> Sequence[str]:
    """Departments called as the whole term says."""
    return named(term.text)


def _of_word(word: Word, term: Term, named: Named) -> Sequence[str]:
    """Departments in whose name one word of a longer term stands: a word that stands in many tells nothing."""
    departments = named(word.text) if word.text != term.text else ()
    return departments if len(departments) <= TELLING_MAX else ()


def _places(word: str) -> list[Query]:
    """Where a word may be in a document. The text holds title and items too."""
    if is_chinese(word):
        return [stands_in("text" if len(word) > 1 else "title", word)]
    ways = [one("words", word), begins("latin", word) if len(word) > 1 else one("latin", word)]
    if _may_be_sound(word):
        ways.append(begins("initials", word))
        if len(word) > 3:
            ways.append(one("sounds", word))
    return ways


def _points(term: Term, named: Named) -> Iterator[Query]:
    for word in term.words:
        counts = word in term.counted
        for way in _ways(word.text):
            yield way if counts else Query.boost_query(way, 0.5)
        share = SYNONYM if counts else SYNONYM / 2
        others = [Query.boost_query(some_of(_ways(normalized(other))), share) for other in word.others]
        if others:
            yield Query.disjunction_max_query(others)
        if counts and (departments := _of_word(word, term, named)):
            yield _department(departments)
    if departments := _of_term(term, named):
        yield _department(departments)
    if len(term.words) > 1 and is_chinese(term.text) and len(term.text) <= 30:
        yield Query.boost_query(stands_in("title", term.text), TITLE / 2)
    if _may_be_code(term.text):
        yield Query.boost_query(_coded(term.text), CODE)


def _department(departments: Sequence[str]) -> Query:
    return Query.const_score_query(any_of("department", departments), DEPARTMENT)


def _coded(start: str) -> Query:
    """Documents whose code begins so, or the code of an entry that was merged into theirs."""
    return some_of([begins("codes", start), begins("former", start)])


def _may_be_code(word: str) -> bool:
    return len(word) > 2 and not is_chinese(word)


def _may_be_sound(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.isalpha()


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
    if _may_be_sound(word):
        ways.append(Query.boost_query(begins("initials", word), TITLE))
        if len(word) > 3:
            ways.append(Query.boost_query(one("sounds", word), TITLE))
    return ways


@lru_cache(maxsize=64)
def stands_in(field: str, word: str) -> Query:
    """Documents whose field holds the letters of a word side by side, pair by pair. Within a question the same is
    asked several times."""
    return all_of([one(field, pair) for pair in dict.fromkeys(pairs(word))])
