"""Numbering what happens to entries, for the search index and for other levels (Yingkou 11)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from shuqiao.catalog.models import ChangeCounter, Entry, EntryChange
from shuqiao.catalog.types import Change
from shuqiao.kernel.time import now


def note_change(entry: Entry, kind: Change, *, revision_id: UUID | None = None) -> None:
    """Number a change of an entry. To be called in the transaction that makes it."""
    note_changes([(entry, revision_id)], kind)


def note_changes(changed: Sequence[tuple[Entry, UUID | None]], kind: Change) -> None:
    """Number changes of several entries at once. Others who number wait until this transaction ends, so that
    nobody ever sees a number before a lower one."""
    if not changed:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a change is numbered in the transaction that makes it")
    ChangeCounter.objects.get_or_create(pk=1)
    ChangeCounter.objects.filter(pk=1).update(last=F("last") + len(changed))
    first = ChangeCounter.objects.values_list("last", flat=True).get(pk=1) - len(changed) + 1
    at = now()
    EntryChange.objects.bulk_create(
        (
            EntryChange(
                seq=seq,
                entry_id=entry.pk,
                kind=kind,
                revision_id=revision_id,
                division_id=entry.division_id,
                at=at,
            )
            for seq, (entry, revision_id) in enumerate(changed, first)
        ),
        batch_size=1_000,
    )
