"""From the department's signature to the bureau's publication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import classification, queries, rules
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.services.codes import next_code
from shuqiao.catalog.services.followups import note_returned, note_revised, note_signed
from shuqiao.catalog.types import MOVES, Change, Status
from shuqiao.kernel import (
    IllegalMove,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    RuleRefused,
    ShuqiaoError,
)
from shuqiao.kernel.moves import label_of
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedure_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of each revision of a batch. `missing`: ids under which the actor can see none."""

    done: tuple[Revision, ...] = field(default=())
    refused: tuple[tuple[Revision, ShuqiaoError], ...] = field(default=())
    missing: tuple[UUID, ...] = field(default=())


@transaction.atomic
def submit_revision(*, actor: Actor, revision_id: UUID, on: date) -> Revision:
    """The head of the sharing body signs, and the revision goes to the bureau; where the regime sets a term
    for the review it starts (Decree 17: 2 working days)."""
    revision = queries.get_revision_for(actor, revision_id, P.CATALOG_ENTRY_SIGN, lock=True)
    entry = revision.entry
    _demand_move(revision, Status.SUBMITTED)
    _demand_class_in_use(revision)
    regime = organizations.regime_of(entry.division_id, on)
    decision = rules.may_submit(rules.RevisionFacts(revision.content(), consented=True), regime).or_raise()
    revision.move_to(Status.SUBMITTED)
    if not revision.case_number:
        revision.case_number = procedures.next_case_number(
            kind=CaseKind.CATALOG_REVISION, division=entry.division_id, on=on
        )
    revision.signed_by_id, revision.signed_on, revision.return_reasons = actor.user_id, on, []
    revision.save()
    Entry.objects.filter(pk=entry.pk).update(was_submitted=True)
    note_signed(entry, revision.number)
    note_change(entry, Change.TOUCHED, revision_id=revision.pk)
    case = revision.case()
    bureau = organizations.bureau_of(entry.division_id)
    resolved = regime.term("catalog.review")
    term = (
        procedures.open_term(case=case, resolved=resolved, received_on=on, department=bureau)
        if resolved
        else None
    )
    procedures.settle(case=case)
    procedures.assign(
        case=case,
        department=bureau,
        permission=P.CATALOG_ENTRY_REVIEW,
        action="审核目录",
        detail=f"{entry.department.name}报送，{len(revision.items.all())} 个信息项",
        basis=rules.review_articles(regime),
        term=term,
        stage="term",
    )
    events.record(
        E.ENTRY_SUBMITTED, actor=actor, case=case, department_id=entry.department_id, on=on, decision=decision
    )
    return revision


def _demand_move(revision: Revision, wanted: Status) -> None:
    """Refuse early what the state does not allow, before rules speak of a content nobody can change."""
    if wanted not in MOVES[Status(revision.status)]:
        raise IllegalMove(f"目录条目“{revision.title}”", label_of(Status(revision.status)), label_of(wanted))


def _demand_class_in_use(revision: Revision) -> None:
    """A class may have gone out of use since the draft was written."""
    code, division = revision.classification, revision.entry.division_id
    if code and not classification.in_use(division, code):
        raise InvalidInput(
            [Problem("classification", f"分类代码“{code}”已停用或不在分类表中，请另选一类再报送")]
        )


@transaction.atomic
def return_revision(*, actor: Actor, revision_id: UUID, reasons: Sequence[Problem], on: date) -> Revision:
    """The bureau sends a revision back with all its reasons at once; the department may change and sign again."""
    revision = queries.get_revision_for(actor, revision_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    _demand_move(revision, Status.RETURNED)
    given = [Problem(reason.where.strip(), reason.what.strip()) for reason in reasons if reason.what.strip()]
    if not given:
        raise InvalidInput.one("退回意见", "退回须写明全部理由，一次告知")
    revision.move_to(Status.RETURNED)
    revision.return_reasons = [{"where": reason.where, "what": reason.what} for reason in given]
    revision.reviewed_by_id, revision.reviewed_on = actor.user_id, on
    revision.save()
    note_returned(revision.entry)
    note_change(revision.entry, Change.TOUCHED, revision_id=revision.pk)
    case, department = revision.case(), revision.entry.department
    regime = organizations.regime_of(revision.entry.division_id, on)
    _close_review(revision, on)
    text = "；".join(str(reason) if reason.where else reason.what for reason in given)
    procedures.assign(
        case=case, department=department, permission=P.CATALOG_ENTRY_EDIT, action="修改后再报送", detail=text,
        basis=rules.review_articles(regime), stage="decision",
    )  # fmt: skip
    procedures.notify(
        case=case, department_id=department.id, text=f"目录条目“{revision.title}”被退回：{text}"
    )
    events.record(
        E.ENTRY_RETURNED, actor=actor, case=case, on=on, decision=rules.returned(text, regime),
        data={"reasons": revision.return_reasons},
    )  # fmt: skip
    return revision


@transaction.atomic
def publish_revision(*, actor: Actor, revision_id: UUID, on: date) -> Revision:
    """The bureau publishes: the entry gets its code, the older revision is superseded, everybody sees it.

    The rules are asked again under this day's regime. Whoever signed for the department may not also review.
    """
    revision = queries.get_revision_for(actor, revision_id, P.CATALOG_ENTRY_REVIEW, lock=True)
    _demand_move(revision, Status.PUBLISHED)
    if actor.user_id is not None and revision.signed_by_id == actor.user_id:
        raise NotAllowed(P.CATALOG_ENTRY_REVIEW.value, "审签人不能审核自己报送的目录")
    regime = organizations.regime_of(revision.entry.division_id, on)
    decision = rules.may_publish(rules.RevisionFacts(revision.content(), consented=True), regime).or_raise()
    entry = (
        Entry.objects.select_for_update(of=("self",)).select_related("published").get(pk=revision.entry_id)
    )
    if older := entry.published:
        older.move_to(Status.SUPERSEDED)
        older.save(update_fields=["status", "changed_at"])
    revision.move_to(Status.PUBLISHED)
    revision.published_on = min(revision.published_on or on, on)
    revision.reviewed_by_id, revision.reviewed_on = actor.user_id, on
    revision.save()
    entry.code = entry.code or next_code(entry.division_id, revision.classification)
    entry.published, entry.withdrawn_at, entry.withdrawn_reason = revision, None, ""
    left, entry.merged_into = entry.merged_into, None  # published again, it stands for itself
    entry.save()
    note_revised(entry, actor, on, f"第 {revision.number} 版已发布")
    note_change(entry, Change.UPDATED if older else Change.INSERTED, revision_id=revision.pk)
    if left:  # it is no longer found by this entry's code
        note_change(left, Change.TOUCHED)
    _close_review(revision, on)
    case = revision.case()
    procedures.notify(
        case=case,
        department_id=entry.department_id,
        text=f"目录条目“{revision.title}”已发布，代码 {entry.code}",
    )
    events.record(
        E.ENTRY_PUBLISHED, actor=actor, case=case, on=on, decision=decision,
        data={"entry": str(entry.pk), "code": entry.code},
    )  # fmt: skip
    revision.entry = entry
    return revision


def _close_review(revision: Revision, on: date) -> None:
    case = revision.case()
    if term := procedure_queries.open_term_of(case):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=case)


def submit_revisions(*, actor: Actor, revision_ids: Sequence[UUID], on: date) -> BatchResult:
    """Several at once: each is signed or refused by itself; what one lacks does not hold up the others."""
    return _each(actor, revision_ids, lambda one: submit_revision(actor=actor, revision_id=one, on=on))


def publish_revisions(*, actor: Actor, revision_ids: Sequence[UUID], on: date) -> BatchResult:
    """Several at once: each is published or refused by itself."""
    return _each(actor, revision_ids, lambda one: publish_revision(actor=actor, revision_id=one, on=on))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The bureau's word on one revision of a batch: published, or returned with these reasons."""

    revision_id: UUID
    reasons: tuple[Problem, ...] = ()

    @property
    def publishes(self) -> bool:
        """No reason against it was given."""
        return not self.reasons


def decide_revisions(
    *, actor: Actor, verdicts: Sequence[Verdict], on: date
) -> tuple[BatchResult, tuple[Revision, ...]]:
    """Several at once, each with a word of its own: what was published or could not be, and what was returned."""
    by_id = {verdict.revision_id: verdict for verdict in verdicts}

    def decide(revision_id: UUID) -> Revision:
        verdict = by_id[revision_id]
        if verdict.publishes:
            return publish_revision(actor=actor, revision_id=revision_id, on=on)
        return return_revision(actor=actor, revision_id=revision_id, reasons=verdict.reasons, on=on)

    result = _each(actor, list(by_id), decide)
    published = tuple(one for one in result.done if by_id[one.pk].publishes)
    returned = tuple(one for one in result.done if not by_id[one.pk].publishes)
    return replace(result, done=published), returned


@transaction.atomic
def _each(actor: Actor, revision_ids: Sequence[UUID], step: Callable[[UUID], Revision]) -> BatchResult:
    """What is wrong with one is told beside it and holds up no other. Raises NotFound when there is none of them."""
    done, refused, missing = [], [], []
    for revision_id in dict.fromkeys(revision_ids):
        try:
            with transaction.atomic():
                done.append(step(revision_id))
        except NotFound:
            missing.append(revision_id)
        except (RuleRefused, IllegalMove, NotAllowed, InvalidInput) as error:
            refused.append((queries.get_revision_for(actor, revision_id), error))
    if missing and not done and not refused:
        raise NotFound("目录条目")
    return BatchResult(tuple(done), tuple(refused), tuple(missing))
