"""Titles while one types, and what was perhaps meant. Only what the asker may see is ever proposed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tantivy import Occur, Query

from shuqiao.accounts.types import Actor
from shuqiao.catalog.search import compiling, index
from shuqiao.catalog.search.asking import Ground, Question, found_on, with_sound_index
from shuqiao.catalog.search.documents import line_of
from shuqiao.catalog.search.index import Reader
from shuqiao.catalog.search.sounds import pinyin_of
from shuqiao.catalog.search.types import Found, View
from shuqiao.catalog.search.words import folded, is_chinese, title_words
from shuqiao.catalog.searching import normalized, words_of
from shuqiao.catalog.types import EntryFilters

SHOWN, TYPED_MAX, SPAN_MAX, TRIES, NEAR_TRIES = 8, 40, 8, 4, 2
Corrections = Callable[[Reader, str, Query], Iterator[tuple[str, str]]]


def suggest(actor: Actor, typed: str, *, view: View = View.SHARED) -> list[str]:
    """At most eight titles: those that begin with what is typed, those in which it stands, those with its initials."""
    said = normalized(typed[:TYPED_MAX])
    if not said:
        return []
    return with_sound_index(lambda ground: _suggest(ground.reader, actor, said, view))


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
    titles = dict.fromkeys(line_of(reader.searcher.doc(address)).title for _, address in found.hits)
    return list(titles)[:SHOWN]


def did_you_mean(actor: Actor, filters: EntryFilters, found: Found, *, view: View = View.SHARED) -> str:
    """The query with one word put right: one that sounds the same as a title's word, or is one letter away from it,
    and finds more. Empty when there is none."""
    if not found.terms:
        return ""
    return with_sound_index(lambda ground: meant_on(ground, Question(actor, filters, view), found))


def meant_on(ground: Ground, question: Question, found: Found) -> str:
    """What was perhaps meant, as `did_you_mean` says it."""
    if not found.terms:
        return ""
    filters, best, most = question.filters, "", 0 if found.loose else found.total
    # Nothing at all was found: worth more tries than where something that has some of the words is shown already.
    near = NEAR_TRIES if not found.total else 1
    for corrections in (_same_sound, partial(_one_letter, tries=near)):
        tried: dict[str, None] = {}
        for words in _proposals(ground.reader, question, corrections):
            tried[words] = None
            if len(tried) == TRIES:
                break
        for words in tried:
            other = replace(question, filters=replace(filters, words=words))
            again = found_on(ground, other, 0, 1, facets=False)
            if again.total > most and not again.loose:
                best, most = words, again.total
        if best:
            break
    return best


def _proposals(reader: Reader, question: Question, corrections: Corrections) -> Iterator[str]:
    terms = words_of(question.filters.words[:TYPED_MAX])
    visible = compiling.without_points(compiling.visible(question.actor, question.view))
    for at, term in enumerate(terms):
        for wrong, right in corrections(reader, term, visible):
            yield " ".join([*terms[:at], term.replace(wrong, right, 1), *terms[at + 1 :]])


def _same_sound(reader: Reader, term: str, visible: Query) -> Iterator[tuple[str, str]]:
    """Words of titles that sound as a part of the term does: longer parts first."""
    parts = [part for part in _parts(term) if is_chinese(part)]
    sounds = dict.fromkeys(map(pinyin_of, parts))
    known: dict[str, list[str]] = {}
    for word in _title_words(reader, visible, [compiling.any_of("sounds", sounds)] if sounds else []):
        known.setdefault(pinyin_of(word), []).append(word)
    for part in parts:
        for word in known.get(pinyin_of(part), ()):
            if word != part and len(word) == len(part):
                yield part, word


def _one_letter(reader: Reader, term: str, visible: Query, *, tries: int) -> Iterator[tuple[str, str]]:
    """Words of titles that differ from a part of the term by a letter. Walking through all words of the index takes
    long: only a few parts are tried, none longer than a word is."""
    parts = [part for part in _parts(term) if (2 < len(part) <= 5 if is_chinese(part) else len(part) > 3)]
    for part in parts[:tries]:
        near = Query.fuzzy_term_query(index.schema(), "words", part, distance=1)
        for word in _title_words(reader, visible, [near]):
            if _one_away(part, word):
                yield part, word


def _title_words(reader: Reader, visible: Query, ways: list[Query]) -> list[str]:
    if not ways:
        return []
    query = Query.boolean_query([(Occur.Must, compiling.some_of(ways)), (Occur.Must, visible)])
    found = reader.searcher.search(query, 30, count=False)
    words: dict[str, None] = {}
    for _, address in found.hits:
        title = line_of(reader.searcher.doc(address)).title
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
