"""All pairs of a catalogue: cards that meet under a key are compared, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shuqiao.catalog.duplicates.blocks import block_keys
from shuqiao.catalog.duplicates.cards import Card
from shuqiao.catalog.duplicates.comparing import KEPT_FROM, Likeness, compare

# Under one key at most this many neighbours are compared with each card: a title that hundreds hold is a chain,
# which is as telling as all its pairs and does not grow with the square.
NEIGHBOURS = 40


@dataclass(frozen=True, slots=True)
class Found:
    """Two cards that may be one; the lower id first."""

    first: Card
    second: Card
    likeness: Likeness


def neighbours(cards: list[Card]) -> Iterator[tuple[Card, Card]]:
    """Pairs of cards that share a key: all of a small block; in a large one each with those next to it by title
    and holder."""
    if len(cards) > NEIGHBOURS:
        cards = sorted(cards, key=lambda card: (card.plain, card.holder, str(card.id)))
    for place, card in enumerate(cards):
        for other in cards[place + 1 : place + 1 + NEIGHBOURS]:
            yield card, other


def find_pairs(cards: Iterable[Card]) -> Iterator[Found]:
    """Pairs of at least `KEPT_FROM`, scope by scope, so that memory follows the largest jurisdiction."""
    scopes: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        scopes[card.scope].append(card)
    for scope in sorted(scopes):
        yield from _of_scope(scopes.pop(scope))


def _of_scope(cards: list[Card]) -> Iterator[Found]:
    blocks: dict[int, list[int]] = defaultdict(list)
    for place, card in enumerate(cards):
        for key in block_keys(card):
            blocks[key].append(place)
    seen: set[int] = set()
    for places in blocks.values():
        if len(places) < 2:
            continue
        for one, other in neighbours([cards[place] for place in places]):
            first, second = (one, other) if one.id < other.id else (other, one)
            mark = hash((first.id, second.id))
            if mark in seen:
                continue
            seen.add(mark)
            likeness = compare(first, second)
            if likeness.score >= KEPT_FROM:
                yield Found(first, second, likeness)
