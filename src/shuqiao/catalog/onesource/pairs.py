"""Reads of pairs that may be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.duplicates import KEPT_FROM, Card, Reason, block_keys, compare
from shuqiao.catalog.models import DuplicatePair, Entry, EntryBlock, PairQuerySet, Revision
from shuqiao.catalog.onesource.cards import BATCH, CardMaker
from shuqiao.catalog.types import PairStatus
from shuqiao.kernel import NotFound

MOST_MET = 400


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """A published entry that a revision may double: how likely (0.7 to 1) and why."""

    entry: Entry
    score: float
    reasons: tuple[Reason, ...] = field(default=())


def likely_duplicates(revision: Revision, *, limit: int = 10) -> list[LikelyDuplicate]:
    """Published entries of the jurisdiction that this revision may double, the likeliest first (Dongchangfu 15).

    For the reviewer's page and for the department before it submits. Found by the index of blocks: at most eight
    queries, however large the catalogue; entries published since the worker's last round are not in it yet.
    """
    maker = CardMaker()
    mine = maker.of_revision(revision)
    others = maker.published(Entry.objects.filter(pk__in=_met(mine)).exclude(pk=revision.entry_id))
    alike = [(compare(mine, other), other.id) for other in others if other.scope == mine.scope]
    best = sorted((pair for pair in alike if pair[0].score >= KEPT_FROM), key=lambda pair: -pair[0].score)
    best = best[:limit]
    ids = [entry_id for _, entry_id in best]
    rows = Entry.objects.filter(pk__in=ids).select_related("published", "department", "division").in_bulk()
    return [
        LikelyDuplicate(rows[entry_id], likeness.score, likeness.reasons)
        for likeness, entry_id in best
        if entry_id in rows
    ]


def _met(card: Card) -> list[UUID]:
    rows = EntryBlock.objects.filter(key__in=block_keys(card)).order_by()
    return list(rows.values_list("entry_id", flat=True).distinct()[:MOST_MET])


def met_by_many(keys: Iterable[int]) -> dict[int, list[UUID]]:
    """Entries under each key."""
    wanted = sorted(set(keys))
    found: dict[int, list[UUID]] = {}
    for start in range(0, len(wanted), BATCH):
        rows = EntryBlock.objects.filter(key__in=wanted[start : start + BATCH]).order_by("key", "entry_id")
        for key, entry_id in rows.values_list("key", "entry_id"):
            found.setdefault(key, []).append(entry_id)
    return found


def list_pairs_for(
    actor: Actor, *, status: str = PairStatus.FOUND, words: str = "", kind: str = ""
) -> PairQuerySet:
    """Pairs the actor may see, the likeliest first, with both entries, revisions and departments."""
    pairs: PairQuerySet = DuplicatePair.objects.all().visible_to(actor)
    if status in PairStatus.values:
        pairs = pairs.filter(status=status)
    if words.strip():
        text = words.strip()
        pairs = pairs.filter(
            Q(first__revisions__title__icontains=text) | Q(second__revisions__title__icontains=text)
        ).distinct()
    if kind == "formats":
        pairs = pairs.filter(score=1)
    elif kind == "other":
        pairs = pairs.filter(score__lt=1)
    return pairs.select_related(*_JOINED).order_by("-score", "id")


_JOINED = tuple(
    f"{side}__{what}" for side in ("first", "second") for what in ("published", "department", "division")
)


def counts_of_pairs(actor: Actor) -> dict[str, int]:
    """How many pairs the actor sees in each state. One query."""
    from django.db.models import Count

    rows = DuplicatePair.objects.all().visible_to(actor).values("status").annotate(n=Count("pk")).order_by()
    return {row["status"]: row["n"] for row in rows}


def get_pair_for(actor: Actor, pair_id: UUID, *, lock: bool = False) -> DuplicatePair:
    """One pair the actor may see. Raises NotFound."""
    pairs = DuplicatePair.objects.all()
    seen = DuplicatePair.objects.all().visible_to(actor).filter(pk=pair_id).values("pk")
    if lock:
        pairs = pairs.select_for_update(of=("self",))
    pair = pairs.select_related(*_JOINED).filter(pk__in=seen).first()
    if pair is None:
        raise NotFound("疑似重复的条目")
    return pair


def may_decide(actor: Actor, pair: DuplicatePair) -> bool:
    """The bureau over both divisions; a department's head when both entries are the department's."""
    one, other = pair.first, pair.second
    if all(actor.may(P.CATALOG_ENTRY_REVIEW, division=side.division_id) for side in (one, other)):
        return True
    return one.department_id == other.department_id and actor.may(
        P.CATALOG_ENTRY_SIGN, department_id=one.department_id
    )


def merge_target(entry_id: UUID) -> Entry | None:
    """The published entry another was merged into, to which its addresses lead; None when it was not merged."""
    entry = Entry.objects.filter(pk=entry_id, merged_into__isnull=False).select_related("merged_into").first()
    seen = {entry_id}
    while entry is not None and entry.merged_into is not None and entry.merged_into.pk not in seen:
        kept = entry.merged_into
        seen.add(kept.pk)
        if kept.published_id:
            return kept
        entry = Entry.objects.filter(pk=kept.pk).select_related("merged_into").first()
    return None


def merged_codes(entry_id: UUID) -> list[Entry]:
    """Entries merged into this one: their codes go on leading here."""
    return list(Entry.objects.filter(merged_into=entry_id).select_related("department").order_by("code"))


def touches(entry_id: UUID) -> Q:
    """Pairs one of whose sides is this entry."""
    return Q(first=entry_id) | Q(second=entry_id)


def merged_from(entry: Entry, text: str) -> Entry | None:
    """The entry merged into this one whose id is `text`: whose address led here."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return Entry.objects.filter(pk=wanted, merged_into=entry).select_related("department").first()
