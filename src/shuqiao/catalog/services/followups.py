"""What a step on an entry means for the duties and campaigns it is part of. Called in the step's transaction."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F

from shuqiao.accounts.types import Actor
from shuqiao.catalog.life.duties import RUNNING
from shuqiao.catalog.models import Campaign, CampaignEntry, DutyEntry, Entry
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.types import CampaignStatus, Change, Confirmation, DutyStatus
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


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
    rows = CampaignEntry.objects.filter(
        entry=entry, campaign__status=CampaignStatus.RUNNING, campaign__opened_on__lte=on
    ).exclude(outcome=Confirmation.CHANGED)
    found = list(rows.select_related("campaign"))
    rows.update(outcome=Confirmation.CHANGED, by_id=actor.user_id, on=on)
    for row in found:  # a department with nothing left is done in the inbox
        left = CampaignEntry.objects.filter(
            campaign=row.campaign, department=row.department_id, outcome=Confirmation.PENDING
        )
        if not left.exists():
            procedures.settle(case=row.campaign.case(), department_id=row.department_id)


def hand_over(gone: Entry, kept: Entry, actor: Actor, on: date) -> dict[str, list[str]]:
    """An entry is merged into another: what its department had still to do about it follows. Open duties of the same
    department take the entry that stays in its place; another department is told of them, since it now describes the
    data. In the running maintenance it counts as changed. Returns case numbers for the record."""
    pending = DutyEntry.objects.filter(
        entry=gone, duty__status=DutyStatus.OPEN, outcome=Confirmation.PENDING
    ).select_related("duty")
    handed, told = [], []
    for row in pending.order_by("duty__case_number"):
        duty = row.duty
        if duty.department_id == kept.department_id:
            DutyEntry.objects.get_or_create(
                duty=duty,
                entry=kept,
                defaults={"revision_before_id": kept.published_id, "note": f"由并入的 {gone.code} 转来"},
            )
            handed.append(duty.case_number)
        else:
            text = (
                f"条目 {gone.code} 已并入贵部门的 {kept.code}；{duty.case().title}（{duty.case_number}）"
                f"原涉及该条目，请核对 {kept.code} 是否须随之更新"
            )
            procedures.notify(case=duty.case(), department_id=kept.department_id, text=text)
            told.append(duty.case_number)
        data = {"entry": str(gone.pk), "code": gone.code, "into": str(kept.pk), "into_code": kept.code}
        events.record(E.ENTRY_MERGED, actor=actor, case=duty.case(), on=on, data=data)
    campaigns = Campaign.objects.filter(
        status=CampaignStatus.RUNNING, entries__entry=gone, entries__outcome=Confirmation.PENDING
    )
    settled = [campaign.case_number for campaign in campaigns]
    note_revised(gone, actor, on, f"已并入 {kept.code}")
    return {"duties_handed_over": handed, "duties_told_of": told, "campaigns_settled": settled}


@transaction.atomic
def note_data(*, entry_id: UUID, on: date, rows: int | None = None) -> None:
    """Data of an entry has changed on a day: what freshness is judged by. Called by the apps that hold data, in the
    transaction that publishes it; an older day than the one known changes nothing."""
    entry = Entry.objects.filter(pk=entry_id).exclude(data_updated_on__gt=on).first()
    if entry is None:
        return
    Entry.objects.filter(pk=entry_id).update(data_updated_on=on, data_rows=rows)
    note_change(entry, Change.TOUCHED)
