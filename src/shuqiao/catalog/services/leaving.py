"""Drafts that lead to nothing are given up; entries withdrawn by mistake come back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries
from shuqiao.catalog.models import DataItem, DuplicatePair, Entry, Revision
from shuqiao.catalog.onesource import pairs
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.types import Change, PairStatus, Status
from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E

REASON_MAX = 300
WAS_IN_FORCE = (Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)


@transaction.atomic
def give_up_revision(*, actor: Actor, revision_id: UUID, reason: str = "", on: date) -> Revision:
    """The department gives up a draft or a returned revision. What is published stays as it is; an entry that never
    was published leaves all lists and its code, if a sheet had given it one, is free again. The revision can still be
    read by its address and keeps its number. Raises IllegalMove once it has been submitted."""
    revision = queries.get_revision_for(actor, revision_id, lock=True)
    department_id = revision.entry.department_id
    if not actor.may(P.CATALOG_ENTRY_SIGN, department_id=department_id):
        actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department_id)
    close_draft(revision, actor, on, reason.strip()[:REASON_MAX])
    return revision


def close_draft(revision: Revision, actor: Actor, on: date, reason: str, *, told: bool = False) -> None:
    """Give a locked revision up. `told`: somebody else does it, so its department is told why."""
    revision.move_to(Status.GIVEN_UP)
    revision.save(update_fields=["status", "changed_at"])
    entry = Entry.objects.select_for_update(of=("self",)).get(pk=revision.entry_id)
    freed = ""
    if entry.code and not entry.revisions.filter(status__in=WAS_IN_FORCE).exists():
        freed, entry.code = entry.code, None
        entry.save(update_fields=["code", "changed_at"])
    if entry.merged_into_id:  # it was to stand for itself again, and now is not
        _merged_again(entry, actor, on)
    case = revision.case()
    procedures.settle(case=case)
    note_change(entry, Change.TOUCHED, revision_id=revision.pk)
    if told:
        text = f"目录条目“{revision.title}”第 {revision.number} 版草稿已放弃：{reason}"
        procedures.notify(case=case, department_id=entry.department_id, text=text)
    events.record(
        E.ENTRY_GIVEN_UP, actor=actor, case=case, department_id=entry.department_id, on=on,
        data={"entry": str(entry.pk), "number": revision.number, "reason": reason, "code_freed": freed},
    )  # fmt: skip


def _merged_again(entry: Entry, actor: Actor, on: date) -> None:
    both = DuplicatePair.objects.select_for_update().filter(
        pairs.touches(entry.pk), status=PairStatus.DISTINCT
    )
    for pair in both.filter(Q(first=entry.merged_into_id) | Q(second=entry.merged_into_id)):
        pair.move_to(PairStatus.MERGED)
        pair.decided_by_id, pair.decided_on, pair.note = actor.user_id, on, "放弃恢复为单独的条目"
        pair.save()


@transaction.atomic
def restore_entry(*, actor: Actor, entry_id: UUID, reason: str, on: date) -> Revision:
    """A withdrawn entry is to come back: its next revision begins as a copy of the last one in force and goes through
    signature and review like every other; once published it has its code and history again."""
    entry = queries.get_entry_for(actor, entry_id, P.CATALOG_ENTRY_EDIT, lock=True)
    what = f"目录条目 {entry}"
    if entry.withdrawn_at is None or entry.merged_into_id:
        now = "已并入其他条目" if entry.merged_into_id else "没有撤下"
        raise IllegalMove(what, now, "恢复")
    if existing := queries.open_revision_of(entry.pk):
        raise IllegalMove(what, f"第 {existing.number} 版{Status(existing.status).label}", "再起草一版")
    if not reason.strip():
        raise InvalidInput.one("理由", "写明为什么恢复")
    revision = begin_again(entry)
    events.record(
        E.ENTRY_DRAFTED, actor=actor, case=revision.case(), department_id=entry.department_id, on=on,
        data={"entry": str(entry.pk), "restores": entry.code, "withdrawn_reason": entry.withdrawn_reason,
              "reason": reason.strip()[:REASON_MAX]},
    )  # fmt: skip
    return revision


def begin_again(entry: Entry) -> Revision:
    """The next revision of an entry that has left the catalogue: a copy of the last that was in force."""
    numbers = entry.revisions.order_by("-number")
    last = numbers.filter(status=Status.WITHDRAWN)[0]
    content = last.content()
    revision = Revision(entry=entry, number=numbers[0].number + 1)
    revision.write(content)
    revision.save()
    DataItem.objects.bulk_create(DataItem.rows_of(revision.id, content.items))
    note_change(entry, Change.TOUCHED, revision_id=revision.pk)
    return revision
