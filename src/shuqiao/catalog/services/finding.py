"""Looking for doubles: in full by command, and by the worker what changed. Decisions of people are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from shuqiao.catalog.duplicates import KEPT_FROM, Card, Found, block_keys, compare, find_pairs
from shuqiao.catalog.models import (
    ChangeCounter,
    DuplicateCursor,
    DuplicatePair,
    Entry,
    EntryBlock,
    EntryChange,
)
from shuqiao.catalog.onesource.cards import CardMaker, places_now
from shuqiao.catalog.onesource.pairs import met_by_many
from shuqiao.catalog.types import PairStatus

T = TypeVar("T")
BATCH = 500
AT_ONCE = 300  # changes of one round of the worker
FULL_FROM = 5_000  # with more changes waiting, looking at everything is quicker
ROSE = 0.05  # a decided pair is proposed again when it became this much more alike


def _fingerprint(pair: Found) -> str:
    said = "\x1f".join(f"{card.plain}\x1e{card.holder}" for card in (pair.first, pair.second))
    return blake2b(said.encode(), digest_size=16).hexdigest()


def find_all_duplicates(*, at: datetime) -> int:
    """Compare the whole catalogue, jurisdiction by jurisdiction; short transactions, so that nobody waits.
    Returns the number of pairs found."""
    DuplicateCursor.objects.get_or_create(pk=1)
    seen = ChangeCounter.objects.values_list("last", flat=True).first() or 0
    places = places_now()
    DuplicateCursor.objects.filter(pk=1).update(places=places)
    maker = CardMaker(places)
    cards: list[Card] = []
    ids = Entry.objects.filter(published__isnull=False).order_by("pk").values_list("pk", flat=True)
    for batch in _batches(ids.iterator(), BATCH):
        made = maker.published(Entry.objects.filter(pk__in=batch))
        _file(batch, made)
        cards += made
    found: set[tuple[UUID, UUID]] = set()
    for pairs in _batches(find_pairs(cards), BATCH):
        _keep(pairs, at)
        found |= {(pair.first.id, pair.second.id) for pair in pairs}
    _drop_stale(found)
    DuplicateCursor.objects.filter(pk=1).update(seen=seen)
    return len(found)


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


@transaction.atomic
def _file(entry_ids: Sequence[UUID], cards: Iterable[Card]) -> None:
    EntryBlock.objects.filter(entry__in=entry_ids).delete()
    EntryBlock.objects.bulk_create(
        (EntryBlock(entry_id=card.id, key=key) for card in cards for key in block_keys(card)),
        batch_size=2_000,
    )


@transaction.atomic
def _keep(pairs: Sequence[Found], at: datetime) -> None:
    """Write pairs: new ones; those still open with what is true now; a decided one again only when the titles or
    holders are others, or the two have become more alike."""
    known = {
        (row.first_id, row.second_id): row
        for row in DuplicatePair.objects.select_for_update().filter(
            first__in={pair.first.id for pair in pairs}, second__in={pair.second.id for pair in pairs}
        )
    }
    new = []
    for pair in pairs:
        row = known.get((pair.first.id, pair.second.id))
        if row is None:
            row = DuplicatePair(first_id=pair.first.id, second_id=pair.second.id)
            new.append(_written(row, pair, at))
        elif row.status == PairStatus.FOUND and row.score != pair.likeness.score:
            _written(row, pair, at).save()
        elif row.status == PairStatus.DISTINCT and _changed_much(row, pair):
            row.move_to(PairStatus.FOUND)
            _written(row, pair, at).save()
    DuplicatePair.objects.bulk_create(new, ignore_conflicts=True)


def _changed_much(row: DuplicatePair, pair: Found) -> bool:
    return row.fingerprint != _fingerprint(pair) or pair.likeness.score >= row.score + ROSE


def _written(row: DuplicatePair, pair: Found, at: datetime) -> DuplicatePair:
    row.score, row.found_at, row.fingerprint = pair.likeness.score, at, _fingerprint(pair)
    row.reasons = [reason.to_json() for reason in pair.likeness.reasons]
    return row


def _drop_stale(found: set[tuple[UUID, UUID]]) -> None:
    """Open pairs that no longer hold: what nobody decided needs no trace."""
    rows = DuplicatePair.objects.filter(status=PairStatus.FOUND).values_list("pk", "first_id", "second_id")
    gone = [pk for pk, first, second in rows.iterator() if (first, second) not in found]
    for batch in _batches(gone, BATCH):
        DuplicatePair.objects.filter(pk__in=batch, status=PairStatus.FOUND).delete()


def find_changed_duplicates(*, at: datetime) -> int:
    """Compare the entries changed since the last time with those they meet under a key. Returns how many changes
    were looked at; with very many waiting, everything is looked at once."""
    cursor, _ = DuplicateCursor.objects.get_or_create(pk=1)
    last = ChangeCounter.objects.values_list("last", flat=True).first() or 0
    if last - cursor.seen > FULL_FROM:
        find_all_duplicates(at=at)
        return last - cursor.seen
    return _find_changed(at)


@transaction.atomic
def _find_changed(at: datetime) -> int:
    cursor = DuplicateCursor.objects.select_for_update().get(pk=1)
    changes = list(
        EntryChange.objects.filter(seq__gt=cursor.seen)
        .order_by("seq")
        .values_list("seq", "entry_id")[:AT_ONCE]
    )
    if not changes:
        return 0
    ids = list(dict.fromkeys(entry_id for _, entry_id in changes))
    maker = CardMaker()
    mine = maker.published(Entry.objects.filter(pk__in=ids))
    _file(ids, mine)
    pairs = _pairs_of(mine, maker)
    DuplicatePair.objects.filter(status=PairStatus.FOUND, first__in=ids).exclude(
        pk__in=_still(pairs, ids)
    ).delete()
    DuplicatePair.objects.filter(status=PairStatus.FOUND, second__in=ids).exclude(
        pk__in=_still(pairs, ids)
    ).delete()
    for batch in _batches(pairs, BATCH):
        _keep(batch, at)
    cursor.seen = changes[-1][0]
    cursor.save(update_fields=["seen"])
    return len(changes)


def _still(pairs: Sequence[Found], ids: Sequence[UUID]) -> list[UUID]:
    found = {(pair.first.id, pair.second.id) for pair in pairs}
    rows = DuplicatePair.objects.filter(
        status=PairStatus.FOUND, first__in=ids
    ) | DuplicatePair.objects.filter(status=PairStatus.FOUND, second__in=ids)
    return [pk for pk, *pair in rows.values_list("pk", "first_id", "second_id") if tuple(pair) in found]


def _pairs_of(mine: Sequence[Card], maker: CardMaker) -> list[Found]:
    keys = {card.id: block_keys(card) for card in mine}
    met = met_by_many(key for some in keys.values() for key in some)
    wanted = {entry_id for some in met.values() for entry_id in some[:BATCH]}
    cards = {card.id: card for card in mine}
    for batch in _batches(sorted(wanted - cards.keys()), BATCH):
        cards |= {card.id: card for card in maker.published(Entry.objects.filter(pk__in=batch))}
    found: dict[tuple[UUID, UUID], Found] = {}
    for card in mine:
        for other_id in {one for key in keys[card.id] for one in met.get(key, [])[:BATCH]} - {card.id}:
            if other_id not in cards:
                continue
            first, second = sorted((card, cards[other_id]), key=lambda one: one.id)
            if (first.id, second.id) in found or first.scope != second.scope:
                continue
            likeness = compare(first, second)
            if likeness.score >= KEPT_FROM:
                found[first.id, second.id] = Found(first, second, likeness)
    return list(found.values())
