"""The words of a query marked in what is shown of an entry. Everything that is not a mark is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape as escaped
from itertools import islice

from django.utils.safestring import SafeString

from shuqiao.catalog.search.sounds import initials_of
from shuqiao.catalog.search.words import Term, is_chinese, title_words
from shuqiao.catalog.searching import normalized

WINDOW, LEAD = 110, 24
MARKUP = re.compile("[&<>\"']")


def pattern_of(terms: Sequence[Term]) -> re.Pattern[str] | None:
    """What is to be marked: the terms whole, their words and the synonyms, the longest first."""
    found = {term.text for term in terms}
    for term in terms:
        for word in term.words:
            found |= {word.text, *word.others}
    words = sorted((word for word in found if word), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words[:200])), re.IGNORECASE) if words else None


def escape(text: str) -> SafeString:
    """The text as it stands in a page."""
    return SafeString(escaped(text))


def marked(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """The text with every place marked."""
    if pattern is None:
        return escape(text)
    if not MARKUP.search(text):  # as nearly all are
        return SafeString(pattern.sub(r"<mark>\g<0></mark>", text))
    pieces, at = [], 0
    for found in pattern.finditer(text):
        pieces += [escaped(text[at : found.start()]), "<mark>", escaped(found.group()), "</mark>"]
        at = found.end()
    pieces.append(escaped(text[at:]))
    return SafeString("".join(pieces))


def marked_title(title: str, pattern: re.Pattern[str] | None, terms: Sequence[Term]) -> SafeString:
    """The title with the words marked, or, where it was found by its initials, the letters these stand for."""
    if pattern is None or pattern.search(title):
        return marked(title, pattern)
    longest = title_words(normalized(title))[1]
    for term in terms:
        if term.text.isascii() and (letters := _behind(term.text, longest)):
            return marked(title, re.compile(re.escape(letters), re.IGNORECASE))
    return escape(title)


def _behind(initials: str, words: Sequence[str]) -> str:
    """The letters of which these are the initials, from the first of the words on that fits."""
    for start in range(len(words)):
        rest = "".join(words[start:])
        if not rest.isascii() and "".join(map(initials_of, words[start:])).startswith(initials):
            return rest[: len(initials)] if all(map(is_chinese, words[start:])) else ""
    return ""


def excerpt(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """The part of a longer text in which most of the words stand, marked; its beginning when none does."""
    text = " ".join(text.split())
    if len(text) <= WINDOW:
        return marked(text, pattern)
    places = [(found.start(), found.group().lower()) for found in pattern.finditer(text)] if pattern else []
    best, most = 0, 0
    for start, _ in places[:50]:
        there = {word for at, word in places if start <= at < start + WINDOW - LEAD}
        if len(there) > most:
            best, most = start, len(there)
    begin = max(0, min(best - LEAD, len(text) - WINDOW)) if best > LEAD else 0
    shown = marked(text[begin : begin + WINDOW], pattern)
    before, after = "…" if begin else "", "…" if begin + WINDOW < len(text) else ""
    return SafeString(f"{before}{shown}{after}")


def marked_items(names: Iterable[str], pattern: re.Pattern[str] | None, most: int = 6) -> list[SafeString]:
    """The names of items in which a word stands, marked."""
    if pattern is None:
        return []
    return [marked(name, pattern) for name in islice(filter(pattern.search, names), most)]
