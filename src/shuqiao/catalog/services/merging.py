"""People decide about two entries that look the same: not the same, or one is merged into the other."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries
from shuqiao.catalog.models import DuplicatePair, Entry, Revision
from shuqiao.catalog.onesource import pairs as reads
from shuqiao.catalog.onesource import rules
from shuqiao.catalog.onesource.jurisdictions import parents, root_of
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.services.followups import hand_over
from shuqiao.catalog.services.leaving import begin_again, close_draft
from shuqiao.catalog.types import OPEN_STATES, Change, PairStatus, Status
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


def _pair_to_decide(actor: Actor, pair_id: UUID) -> DuplicatePair:
    pair = reads.get_pair_for(actor, pair_id, lock=True)
    if not reads.may_decide(actor, pair):
        raise NotAllowed(
            P.CATALOG_ENTRY_REVIEW.value, "两个条目由主管部门处理；同属一个部门的，也可由该部门负责人处理"
        )
    return pair


def _decided(pair: DuplicatePair, wanted: PairStatus, actor: Actor, note: str, on: date) -> None:
    pair.move_to(wanted)
    pair.decided_by_id, pair.decided_on, pair.note = actor.user_id, on, note.strip()[:300]
    pair.save()


@transaction.atomic
def keep_both(*, actor: Actor, pair_id: UUID, note: str, on: date) -> DuplicatePair:
    """The two are not the same, and why; they are proposed again only when their content changes much."""
    pair = _pair_to_decide(actor, pair_id)
    if pair.status != PairStatus.FOUND:
        raise IllegalMove("疑似重复的条目", PairStatus(pair.status).label, PairStatus.DISTINCT.label)
    if not note.strip():
        raise InvalidInput.one("理由", "写明两者为什么不是重复")
    _decided(pair, PairStatus.DISTINCT, actor, note, on)
    shown = pair.first.published or pair.second.published
    if shown is not None:
        shown.entry = pair.first if pair.first.published else pair.second
        events.record(
            E.PAIR_DECIDED, actor=actor, case=shown.case(), on=on,
            data={"first": str(pair.first_id), "second": str(pair.second_id), "status": pair.status, "note": pair.note},
        )  # fmt: skip
    return pair


@transaction.atomic
def merge_entries(*, actor: Actor, pair_id: UUID, keep_id: UUID, note: str, on: date) -> Entry:
    """One entry is merged into the other (Dongchangfu 15): it is withdrawn, its code and addresses lead to the one
    that stays, tables mounted on it and grants on them run on, and both departments are told. A draft of its next
    revision is given up with it, so that no department holds the bureau up; update duties and the quarter's
    maintenance follow to the one that stays. Returns the one that stays."""
    pair = _pair_to_decide(actor, pair_id)
    if keep_id not in (pair.first_id, pair.second_id):
        raise InvalidInput.one("保留的条目", "须是这两个条目之一")
    if pair.status != PairStatus.FOUND:
        raise IllegalMove("疑似重复的条目", PairStatus(pair.status).label, PairStatus.MERGED.label)
    locked = Entry.objects.select_for_update(of=("self",)).select_related("published", "department")
    both = {entry.pk: entry for entry in locked.filter(pk__in=[pair.first_id, pair.second_id]).order_by("pk")}
    keep = both.pop(keep_id)
    leave = next(iter(both.values()))
    unfinished = (
        Revision.objects.select_for_update(of=("self",)).filter(entry=leave, status__in=OPEN_STATES).first()
    )
    up = parents()
    facts = rules.MergeFacts(
        keeps_published=keep.published is not None,
        leaves_published=leave.published is not None,
        same_jurisdiction=root_of(keep.division_id, up) == root_of(leave.division_id, up),
        unfinished=unfinished.number if unfinished and unfinished.status == Status.SUBMITTED else 0,
        note=note,
    )
    decision = rules.may_merge(facts, organizations.regime_of(keep.division_id, on)).or_raise()
    _decided(pair, PairStatus.MERGED, actor, note, on)
    gone, stays = leave.published, keep.published
    if gone is None or stays is None:  # the rule has refused this already
        raise IllegalMove("目录条目", "未发布", "合并")
    if unfinished:
        unfinished.entry = leave
        close_draft(unfinished, actor, on, f"条目并入 {keep.code}", told=True)
    gone.move_to(Status.WITHDRAWN)
    leave.published, leave.withdrawn_at, leave.merged_into = None, now(), keep
    leave.withdrawn_reason = f"与 {keep.code} 重复，已并入：{note.strip()}"[:300]
    leave.save()
    gone.save(update_fields=["status", "changed_at"])
    Entry.objects.filter(merged_into=leave).update(merged_into=keep)
    DuplicatePair.objects.filter(status=PairStatus.FOUND).filter(reads.touches(leave.pk)).delete()
    followed = hand_over(leave, keep, actor, on)
    note_change(leave, Change.DELETED, revision_id=gone.pk)
    note_change(keep, Change.UPDATED, revision_id=stays.pk)
    told: dict[str, object] = {
        "note": pair.note,
        "draft_given_up": unfinished.number if unfinished else None,
        **followed,
    }
    _record_merge(actor, ((leave, gone), (keep, stays)), decision, told, on)
    return keep


def _record_merge(
    actor: Actor,
    sides: tuple[tuple[Entry, Revision], tuple[Entry, Revision]],
    decision: Decision,
    told: dict[str, object],
    on: date,
) -> None:
    """An event for both, what left and what stays, and a notice to both departments."""
    (leave, gone), (keep, stays) = sides
    data = {"entry": str(leave.pk), "code": leave.code, "into": str(keep.pk), "into_code": keep.code}
    for revision in (gone, stays):
        events.record(
            E.ENTRY_MERGED, actor=actor, case=revision.case(), on=on, decision=decision,
            data={**data, **told},
        )  # fmt: skip
    text = f"目录条目“{gone.title}”（{leave.code}）已并入“{stays.title}”（{keep.code}）：{told['note']}"
    for department_id in {leave.department_id, keep.department_id}:
        procedures.notify(case=stays.case(), department_id=department_id, text=text)


@transaction.atomic
def separate_entry(*, actor: Actor, entry_id: UUID, reason: str, on: date) -> Revision:
    """A merged entry is to stand for itself again: a new revision begins as a copy of its last one and goes through
    signature and review like every other; once published, its code and addresses are its own again."""
    entry = Entry.objects.select_for_update(of=("self",)).select_related("merged_into", "department").filter(
        pk=entry_id, merged_into__isnull=False
    ).first()  # fmt: skip
    if entry is None:
        raise NotFound("并入其他条目的条目")
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=entry.department_id)
    if existing := queries.open_revision_of(entry.pk):
        raise IllegalMove(f"目录条目 {entry}", f"第 {existing.number} 版未办结", "再起草一版")
    if not reason.strip():
        raise InvalidInput.one("理由", "写明为什么要恢复为单独的条目")
    revision = begin_again(entry)
    for pair in DuplicatePair.objects.select_for_update().filter(
        reads.touches(entry.pk), status=PairStatus.MERGED
    ):
        _decided(pair, PairStatus.DISTINCT, actor, reason, on)
    events.record(
        E.ENTRY_DRAFTED, actor=actor, case=revision.case(), department_id=entry.department_id, on=on,
        data={"entry": str(entry.pk), "separates_from": str(entry.merged_into_id), "reason": reason.strip()[:300]},
    )  # fmt: skip
    return revision
