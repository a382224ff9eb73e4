"""Titles while one types, and what was perhaps meant. Only what the asker may see is ever proposed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tantivy import Occur, Query

from shuqiao.accounts.types import Actor
from shuqiao.catalog.search import compiling, index
from shuqiao.catalog.search.asking import find, with_sound_index
from shuqiao.catalog.search.index import Reader
from shuqiao.catalog.search.sounds import pinyin_of
from shuqiao.catalog.search.types import Found, View
from shuqiao.catalog.search.words import folded, is_chinese, title_words
from shuqiao.catalog.searching import normalized, words_of
from shuqiao.catalog.types import EntryFilters

SHOWN, TYPED_MAX, SPAN_MAX, TRIES = 8, 40, 8, 4


def suggest(actor: Actor, typed: str, *, view: View = View.SHARED) -> list[str]:
    """At most eight titles: those that begin with what is typed, those in which it stands, those with its initials."""
    said = normalized(typed[:TYPED_MAX])
    if not said:
        return []
    return with_sound_index(lambda reader: _suggest(reader, actor, said, view))


def _suggest(reader: Reader, actor: Actor, said: str, view: View) -> list[str]:
    tight = said.replace(" ", "")
    ways = [Query.const_score_query(compiling.begins("key", said), 3.0)]
    if tight.isascii():
        ways.append(Query.const_score_query(compiling.begins("initials", tight), 2.0))
        ways.append(Query.const_score_query(compiling.begins("words", tight), 2.0))
    else:
        ways.append(Query.const_score_query(compiling.stands_in("title", tight), 1.0))
    query = Query.boolean_query(
        [
            (Occur.Must, compiling.some_of(ways)),
            (Occur.Must, compiling.without_points(compiling.visible(actor, view))),
        ]
    )
    found = reader.searcher.search(query, SHOWN * 8, count=False, weight_by_field="tie")
    titles = dict.fromkeys(
        str(reader.searcher.doc(address).get_first("title_shown")) for _, address in found.hits
    )
    return list(titles)[:SHOWN]


def did_you_mean(actor: Actor, filters: EntryFilters, found: Found, *, view: View = View.SHARED) -> str:
    """The query with one word put right: one that sounds the same as a title's word, or is one letter away from it,
    and finds more. Empty when there is none."""
    if not found.terms:
        return ""
    proposals = with_sound_index(lambda reader: list(_proposals(reader, actor, filters.words, view)))
    best, most = "", found.total if not found.loose else 0
    for words in list(dict.fromkeys(proposals))[:TRIES]:
        tried = find(actor, replace(filters, words=words), view=view, limit=1, facets=False)
        if tried.total > most and not tried.loose:
            best, most = words, tried.total
    return best


def _proposals(reader: Reader, actor: Actor, words: str, view: View) -> Iterator[str]:
    terms = words_of(words[:TYPED_MAX])
    for at, term in enumerate(terms):
        for wrong, right in _corrections(reader, actor, term, view):
            yield " ".join([*terms[:at], term.replace(wrong, right, 1), *terms[at + 1 :]])


def _corrections(reader: Reader, actor: Actor, term: str, view: View) -> Iterator[tuple[str, str]]:
    """What in the term could be another word: longer parts first, same sound before one letter away."""
    visible = compiling.without_points(compiling.visible(actor, view))
    parts = _parts(term)
    sounds = {pinyin_of(part): part for part in reversed(parts) if is_chinese(part)}
    near = [
        Query.fuzzy_term_query(index.schema(), "words", part, distance=1)
        for part in parts[:6]
        if len(part) > (2 if is_chinese(part) else 3)
    ]
    known = _title_words(reader, visible, [compiling.any_of("sounds", sounds)] if sounds else [])
    for part in parts:
        for word in known:
            if (
                is_chinese(part)
                and word != part
                and len(word) == len(part)
                and pinyin_of(word) == pinyin_of(part)
            ):
                yield part, word
    for part in parts[:6] if near else ():
        for word in _title_words(reader, visible, near):
            if len(part) > 2 and _one_away(part, word):
                yield part, word


def _title_words(reader: Reader, visible: Query, ways: list[Query]) -> list[str]:
    if not ways:
        return []
    query = Query.boolean_query([(Occur.Must, compiling.some_of(ways)), (Occur.Must, visible)])
    found = reader.searcher.search(query, 30, count=False)
    words: dict[str, None] = {}
    for _, address in found.hits:
        title = str(reader.searcher.doc(address).get_first("title_shown"))
        words |= dict.fromkeys(title_words(folded(title))[0])
    return list(words)


def _parts(term: str) -> list[str]:
    """Parts of a term that could be a word, longer ones first."""
    if not is_chinese(term):
        return [term]
    lengths = range(min(SPAN_MAX, len(term)), 1, -1)
    return [term[at : at + length] for length in lengths for at in range(len(term) - length + 1)][:60]


def _one_away(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two neighbours exchanged, make the one the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) > len(other):
        one, other = other, one
    start = next((at for at in range(len(one)) if one[at] != other[at]), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
