"""What a step on an entry means for the duties and campaigns it is part of. Called in the step's transaction."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F

from shuqiao.accounts.types import Actor
from shuqiao.catalog.life.duties import RUNNING
from shuqiao.catalog.models import CampaignEntry, DutyEntry, Entry
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.types import CampaignStatus, Change, Confirmation, DutyStatus


def note_signed(entry: Entry, number: int) -> None:
    """The department has signed a new revision: open duties on the entry are followed."""
    DutyEntry.objects.filter(entry=entry, duty__status=DutyStatus.OPEN).update(
        outcome=Confirmation.CHANGED, note=f"第 {number} 版已报送"
    )


def note_returned(entry: Entry) -> None:
    """The revision came back: it is open again what the entry should say."""
    DutyEntry.objects.filter(
        entry=entry,
        duty__status__in=RUNNING,
        outcome=Confirmation.CHANGED,
        revision_before=F("entry__published"),
    ).update(outcome=Confirmation.PENDING, note="")


def note_revised(entry: Entry, actor: Actor, on: date, what: str) -> None:
    """A new revision is out, or the entry was withdrawn: duties are followed, and the running campaign knows."""
    DutyEntry.objects.filter(entry=entry, duty__status=DutyStatus.OPEN).update(
        outcome=Confirmation.CHANGED, note=what
    )
    CampaignEntry.objects.filter(
        entry=entry, campaign__status=CampaignStatus.RUNNING, campaign__opened_on__lte=on
    ).exclude(outcome=Confirmation.CHANGED).update(outcome=Confirmation.CHANGED, by_id=actor.user_id, on=on)


@transaction.atomic
def note_data(*, entry_id: UUID, on: date, rows: int | None = None) -> None:
    """Data of an entry has changed on a day: what freshness is judged by. Called by the apps that hold data, in the
    transaction that publishes it; an older day than the one known changes nothing."""
    entry = Entry.objects.filter(pk=entry_id).exclude(data_updated_on__gt=on).first()
    if entry is None:
        return
    Entry.objects.filter(pk=entry_id).update(data_updated_on=on, data_rows=rows)
    note_change(entry, Change.TOUCHED)
