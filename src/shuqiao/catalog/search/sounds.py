"""How Chinese sounds: initials of titles for those who type them, full pinyin for slips of the pen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import accumulate

INITIALS_MAX, STARTS_MAX = 16, 24


@cache
def _dictionaries() -> tuple[Mapping[int, str], Mapping[str, list[list[str]]]]:
    """Readings of letters and of phrases, some 50,000 of them: loaded with the first word."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    return PINYIN_DICT, PHRASES_DICT


@lru_cache(maxsize=20_000)
def _plain(reading: str) -> str:
    """A reading without its tone: chǔ is chu, nǚ is nv."""
    bare = unicodedata.normalize("NFD", reading.replace("ü", "v").replace("ǚ", "v").replace("ǜ", "v"))
    return "".join(letter for letter in bare if "a" <= letter <= "z")


@lru_cache(maxsize=20_000)
def _letter(letter: str) -> str:
    letters, _ = _dictionaries()
    return _plain(letters.get(ord(letter), "").partition(",")[0])


@lru_cache(maxsize=200_000)
def readings_of(word: str) -> tuple[str, ...]:
    """The sound of each letter, as it is in this word; other letters and digits are their own."""
    if word.isascii():
        return (word,)
    _, phrases = _dictionaries()
    if phrase := phrases.get(word):
        return tuple(_plain(readings[0]) for readings in phrase)
    return tuple(_letter(letter) for letter in word)


@lru_cache(maxsize=200_000)
def pinyin_of(word: str) -> str:
    """A word as it sounds, without tones: 处罚 is chufa."""
    return "".join(readings_of(word))


@lru_cache(maxsize=200_000)
def initials_of(word: str) -> str:
    """The first letter of each sound: 处罚 is cf. Other letters and digits stay."""
    return word if word.isascii() else "".join(sound[:1] for sound in readings_of(word))


def title_initials(words: Iterable[str]) -> str:
    """Initials of a title from each of its words on (words in their order, none inside another): typing those of
    any word, and of those that follow, finds it."""
    letters = list(map(initials_of, words))
    whole = "".join(letters)
    starts = accumulate(map(len, letters[:-1][: STARTS_MAX - 1]), initial=0) if letters else ()
    return " ".join([whole[at : at + INITIALS_MAX] for at in starts])


def title_sounds(words: Iterable[str]) -> str:
    """The sound of each Chinese word of two letters and more."""
    return " ".join(set(filter(None, map(_sound, words))))


@lru_cache(maxsize=200_000)
def _sound(word: str) -> str:
    return pinyin_of(word) if len(word) > 1 and not word.isascii() else ""
