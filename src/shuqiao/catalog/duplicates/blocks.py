"""Keys under which likely duplicates meet: the title's key whole, MinHash bands of its bigrams and of the items.

64-bit numbers, the same in every process and year: they are kept in the database and looked up there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from shuqiao.catalog.duplicates.cards import Card, bigrams

BANDS, WIDTH = 5, 3
ITEM_BANDS, ITEM_WIDTH = 3, 3
FEWEST_ITEMS = 3
PRIME = (1 << 61) - 1


def _number(*parts: object) -> int:
    """A signed 64-bit number of some words, as databases keep it."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


SEEDS = tuple(
    (abs(_number("a", i)) % PRIME or 1, abs(_number("b", i)) % PRIME)
    for i in range(max(BANDS * WIDTH, ITEM_BANDS * ITEM_WIDTH))
)


@lru_cache(maxsize=200_000)
def _hashes(word: str) -> tuple[int, ...]:
    number = _number(word) % PRIME
    return tuple((a * number + b) % PRIME for a, b in SEEDS)


def _bands(words: Iterable[str], bands: int, width: int) -> Iterator[tuple[int, ...]]:
    """The least hash of the words under each function, in bands: sets of Jaccard similarity s share a band with
    probability 1 - (1 - s**width) ** bands (0.9 for s = 0.75, five bands of three)."""
    least = tuple(map(min, zip(*map(_hashes, words), strict=True)))
    for band in range(bands):
        yield least[band * width : (band + 1) * width]


def block_keys(card: Card) -> tuple[int, ...]:
    """The keys of a card within its jurisdiction. A card without any letter in its title has none."""
    if not card.key:
        return ()
    keys = [_number(card.scope, "title", card.key)]
    keys += [
        _number(card.scope, "near", n, *band)
        for n, band in enumerate(_bands(bigrams(card.key), BANDS, WIDTH))
    ]
    if len(card.items) >= FEWEST_ITEMS:
        keys += [
            _number(card.scope, "items", n, *band)
            for n, band in enumerate(_bands(card.items, ITEM_BANDS, ITEM_WIDTH))
        ]
    return tuple(dict.fromkeys(keys))
