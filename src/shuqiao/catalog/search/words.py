"""How text becomes the words of the index, and a query the words that are looked for.

Chinese is cut twice: into its words (a dictionary) and into every two neighbouring letters, so that a part of
a word is found even where the dictionary cuts otherwise. Words of two letters are such a pair themselves.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import rjieba

from shuqiao.catalog.searching import normalized, words_of

LISTS = Path(__file__).with_name("words.toml")
RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𲎯]+|[^\W_㐀-䶿一-鿿豈-﫿𠀀-𲎯]+")
LATIN = re.compile(r"[^\W_㐀-䶿一-鿿豈-﫿𠀀-𲎯]+")
PARTS = re.compile(r"\d+|[^\W\d_]+")
TEXT_MAX, WORD_MAX = 20_000, 64
TERMS_MAX, WORDS_MAX, QUERY_MAX = 8, 12, 100


@lru_cache(maxsize=1)
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    with LISTS.open("rb") as file:
        lists = tomllib.load(file)
    return frozenset(lists["empty"]), frozenset(lists["common"])


def is_chinese(run: str) -> bool:
    """Whether a run of letters is Chinese."""
    return bool(run) and ("㐀" <= run[0] <= "鿿" or "豈" <= run[0] <= "﫿" or run[0] >= "𠀀")


def runs_of(text: str) -> list[str]:
    """Runs of Chinese letters and runs of other letters and digits; what is between them is left out."""
    return RUNS.findall(normalized(text[:TEXT_MAX]))


def pairs(word: str) -> list[str]:
    """Every two neighbouring letters; a single letter is itself."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def folded(text: str) -> str:
    """A text as the index cuts it into pairs: normalized, bounded."""
    return normalized(text[:TEXT_MAX])


def latin_words(text: str) -> str:
    """Runs of other letters and digits in a folded text, and the letters and digits of a mixed run apart:
    gdp2023 is also gdp and 2023."""
    found: list[str] = []
    for run in LATIN.findall(text):
        found.append(run[:WORD_MAX])
        if not (run.isdigit() or run.isalpha()):
            found += [part[:WORD_MAX] for part in PARTS.findall(run)]
    return " ".join(found)


def title_words(title: str) -> tuple[list[str], list[str]]:
    """The words of a folded title: all, also those inside longer ones; and the longest only, in their order."""
    every, longest, left = [], [], len(title)
    for word, start, end in reversed(rjieba.tokenize(title, "search")):
        if not word[0].isalnum():
            continue
        if end - start > WORD_MAX:
            word = word[:WORD_MAX]  # noqa: PLW2901 - a run of letters and digits
        every.append(word)
        if end <= left:
            longest.append(word)
            left = start
    return every, longest[::-1]


def essence_of(words: Sequence[str]) -> str:
    """What a title is about: its words without place, year and those that stand in every other title (信息, 名录)."""
    return "".join([word for word in words if _tells(word)] or words)


@lru_cache(maxsize=200_000)
def _tells(word: str) -> bool:
    empty, common = _lists()
    return word not in common and word not in empty and not (_is_place(word) or word.isdigit())


def _is_place(word: str) -> bool:
    return (len(word) > 2 and word[-1] in "市县州省") or (len(word) == 3 and word[-1] == "区")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query. `common`: so frequent that an entry need not have it; `others`: its synonyms."""

    text: str
    common: bool = False
    others: tuple[str, ...] = field(default=())

    @property
    def chinese(self) -> bool:
        """Whether it is a Chinese word."""
        return is_chinese(self.text)


@dataclass(frozen=True, slots=True)
class Term:
    """What stands between two spaces of a query, with its words."""

    text: str
    words: tuple[Word, ...]

    @property
    def counted(self) -> tuple[Word, ...]:
        """The words of which most must be there."""
        return tuple(word for word in self.words if not word.common) or self.words

    @property
    def least(self) -> int:
        """How many of `counted` an entry must have: all of two, two of three, three of four, two thirds of more."""
        several = len(self.counted)
        return several if several <= 2 else -(-several * 2 // 3)


def terms_of(query: str, groups: Iterable[tuple[str, ...]] = ()) -> tuple[Term, ...]:
    """The terms of a query, at most eight, words that say nothing (的, 怎么, 查询) left out unless nothing else is
    there. `groups`: words that mean the same; such a word is never cut."""
    same = {word: group for group in groups for word in group}
    empty, common = _lists()
    terms = []
    for text in words_of(query[:QUERY_MAX])[:TERMS_MAX]:
        cut = list(_cut(text, same))
        said = [word for word in cut if word not in empty] or cut
        words = [
            Word(word, word in common, tuple(other for other in same.get(word, ()) if other != word))
            for word in dict.fromkeys(said)
        ]
        if words:
            terms.append(Term(text, tuple(words[:WORDS_MAX])))
    telling = [term for term in terms if any(word.text not in empty for word in term.words)]
    return tuple(telling or terms)


def _cut(text: str, same: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for run in RUNS.findall(text):
        if is_chinese(run):
            yield from _cut_chinese(run, same)
        else:
            yield run[:WORD_MAX]


def _cut_chinese(run: str, same: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Words of a Chinese run; a word that has synonyms is taken whole, single letters only beside nothing else."""
    known = sorted((word for word in same if len(word) > 1 and word in run), key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, known))})", run) if known else [run]
    words: list[str] = []
    for piece in pieces:
        if piece in same:
            words.append(piece)
        elif piece:
            words += rjieba.cut(piece)
    longer = [word for word in words if len(word) > 1]
    yield from longer if sum(map(len, longer)) * 2 >= len(run) else [run] if len(run) > 1 else words
