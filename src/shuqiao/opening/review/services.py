"""Steps of a review before opening: begun by the provider or by a new version, submitted, decided, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.law import PRIORITY_DOMAINS
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.models.review import ReviewDomain
from shuqiao.opening.review import queries, rules
from shuqiao.opening.review.types import (
    LICENCES,
    WRITABLE,
    ColumnChoice,
    ReviewDraft,
    ReviewedColumn,
    ReviewFacts,
    ReviewStatus,
)
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.resources import queries as resources
from shuqiao.resources import services as resource_services
from shuqiao.resources.types import OpenColumn


@transaction.atomic
def begin_review(*, actor: Actor, resource_id: UUID, why: str = "", on: date) -> OpeningReview:
    """The provider begins the review of a published resource, or goes on with the one under way."""
    table = resources.published_table(resource_id)
    actor.demand(P.OPENING_REVIEW_SUBMIT, department_id=table.department_id, division=table.division)
    resource = resources.get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_READ, lock=True)
    if found := queries.under_way(resource_id):
        return found
    entry = catalog.facts_of(table.entry_id)
    regime = organizations.regime_of(table.division, on)
    decision = rules.may_begin(ReviewFacts(entry.opening_type), regime).or_raise()
    review = OpeningReview.objects.create(
        number=procedures.next_case_number(kind=CaseKind.OPENING_REVIEW, division=table.division, on=on),
        resource=resource,
        version_id=table.version_id,
        entry_id=table.entry_id,
        department_id=table.department_id,
        division_id=table.division,
        title=entry.title,
        opening_type=entry.opening_type,
        why=why[:300],
        columns=[one.to_json() for one in queries.columns_now(resource_id)],
        begun_on=on,
    )
    _to_provider(review, decision, why or "逐列审查后提交主管部门")
    events.record(
        E.OPENING_BEGUN, actor=actor, case=review.case_ref(), department_id=review.department_id, on=on,
        decision=decision, data={"why": why[:300], "version": str(review.version_id)},
    )  # fmt: skip
    return review


def _to_provider(review: OpeningReview, decision: Decision, detail: str) -> None:
    procedures.settle(case=review.case_ref())
    procedures.assign(
        case=review.case_ref(),
        department=review.department,
        permission=P.OPENING_REVIEW_SUBMIT,
        action="提交开放审查",
        detail=detail,
        basis=decision.basis,
        stage="decision",
    )


@transaction.atomic
def submit_review(*, actor: Actor, review_id: UUID, draft: ReviewDraft, on: date) -> OpeningReview:
    """The provider has checked secrecy and personal data, and says of every column how it opens. Whatever blocks is
    named at once (RuleRefused); the columns are those of the version in force on the day."""
    review = queries.get_review_for(actor, review_id, P.OPENING_REVIEW_SUBMIT, lock=True)
    if review.status not in WRITABLE:
        raise IllegalMove(f"开放审查 {review.number}", ReviewStatus(review.status).label, "提交")
    table = resources.published_table(review.resource_id)
    entry, kind = catalog.facts_as_of(review.entry_id), queries.kind_now(review.entry_id)
    columns = _decided(queries.columns_now(review.resource_id), draft.columns)
    _check(draft)
    facts = ReviewFacts(kind, columns, draft.licence, draft.secrecy_checked, draft.personal_checked)
    decision = rules.may_submit(facts, queries.regime_for(review, on)).or_raise()
    review.move_to(ReviewStatus.SUBMITTED)
    review.version_id, review.opening_type, review.title = table.version_id, kind, entry.title
    review.columns = [one.to_json() for one in columns]
    review.licence = draft.licence
    review.secrecy_checked, review.secrecy_note = draft.secrecy_checked, draft.secrecy_note.strip()[:300]
    review.personal_checked, review.personal_note = draft.personal_checked, draft.personal_note.strip()[:300]
    review.submitted_by_id, review.submitted_by_name, review.submitted_on = actor.user_id, actor.name, on
    review.decided_by, review.decided_by_name, review.decided_on = None, "", None
    review.decision_json, review.reason = None, ""
    review.save()
    review.domains.all().delete()
    ReviewDomain.objects.bulk_create(ReviewDomain(review=review, domain=one) for one in draft.domains)
    case = review.case_ref()
    procedures.settle(case=case)
    procedures.assign(
        case=case,
        department=organizations.bureau_of(review.division_id),
        permission=P.OPENING_REVIEW_DECIDE,
        action="审查开放",
        detail=f"{review.department.short_name}提交，{sum(one.opens for one in columns)} 列拟开放",
        basis=decision.basis,
        stage="decision",
    )
    events.record(
        E.OPENING_SUBMITTED, actor=actor, case=case, department_id=review.department_id, on=on, decision=decision,
        data={"version": str(review.version_id), "columns": review.columns, "licence": review.licence},
    )  # fmt: skip
    return review


def _decided(
    columns: tuple[ReviewedColumn, ...], choices: Mapping[str, ColumnChoice]
) -> tuple[ReviewedColumn, ...]:
    known = {one.name for one in columns}
    if strange := [Problem(name, "现行版本没有这一列") for name in choices if name not in known]:
        raise InvalidInput(strange)
    done = []
    for one in columns:
        choice = choices.get(one.name, ColumnChoice("" if one.may_open else "drop"))
        said = replace(one, treatment=choice.treatment, reason=choice.reason.strip()[:300])
        mask = choice.mask if choice.treatment == "mask" else ""
        done.append(replace(said, mask=mask, basis=choice.basis.strip()[:300]))
    return tuple(done)


def _check(draft: ReviewDraft) -> None:
    problems = [
        Problem("优先领域", f"没有这个领域：{one}") for one in draft.domains if one not in PRIORITY_DOMAINS
    ]
    if len(set(draft.domains)) != len(draft.domains):
        problems.append(Problem("优先领域", "同一个领域选了两次"))
    if draft.licence and draft.licence not in LICENCES:
        problems.append(Problem("开放许可", f"没有这个许可：{draft.licence}"))
    if problems:
        raise InvalidInput(problems)


@transaction.atomic
def pass_review(*, actor: Actor, review_id: UUID, on: date) -> OpeningReview:
    """The bureau's yes: from now on these columns are open, under their masks; what was open before is replaced."""
    review = queries.get_review_for(actor, review_id, P.OPENING_REVIEW_DECIDE, lock=True)
    review.move_to(ReviewStatus.OPENED)
    facts = queries.facts_of(review, queries.kind_now(review.entry_id))
    decision = rules.may_open(facts, queries.regime_for(review, on), by=actor.user_id).or_raise()
    _replace(review, actor, decision, on)
    _sign(review, actor, decision, on)
    review.save()
    columns = review.reviewed()
    resource_services.open_columns(
        resource_id=review.resource_id,
        review_id=review.id,
        kind=review.opening_type,
        columns=[OpenColumn(one.name, one.mask or "none") for one in columns if one.opens],
        reviewed=queries.shapes_of(columns),
        decision=decision,
        on=on,
    )
    procedures.settle(case=review.case_ref())
    procedures.notify(
        case=review.case_ref(),
        department_id=review.department_id,
        text=f"“{review.title}”开放审查通过，已开放",
    )
    events.record(
        E.OPENING_REVIEWED, actor=actor, case=review.case_ref(), on=on, decision=decision,
        data={"columns": [one.name for one in columns if one.opens], "licence": review.licence},
    )  # fmt: skip
    return review


def _replace(review: OpeningReview, actor: Actor, decision: Decision, on: date) -> None:
    """The review that was in force until now."""
    old = (
        OpeningReview.objects.select_for_update()
        .filter(resource=review.resource_id, status=ReviewStatus.OPENED)
        .exclude(id=review.id)
        .first()
    )
    if old:
        old.move_to(ReviewStatus.REPLACED)
        old.ended_on = on
        old.save(update_fields=["status", "ended_on"])
        events.record(
            E.OPENING_REPLACED, actor=actor, case=old.case_ref(), on=on, decision=decision,
            data={"by": review.number},
        )  # fmt: skip


def _sign(review: OpeningReview, actor: Actor, decision: Decision, on: date) -> None:
    review.decided_by_id, review.decided_by_name, review.decided_on = actor.user_id, actor.name, on
    review.decision_json = decision.as_json()


@transaction.atomic
def return_review(*, actor: Actor, review_id: UUID, reason: str, on: date) -> OpeningReview:
    """The bureau's no: nothing opens, and the provider hears why."""
    review = queries.get_review_for(actor, review_id, P.OPENING_REVIEW_DECIDE, lock=True)
    decision = rules.may_return(reason, queries.regime_for(review, on)).or_raise()
    review.move_to(ReviewStatus.RETURNED)
    _sign(review, actor, decision, on)
    review.reason = reason.strip()[:500]
    review.save()
    _to_provider(review, decision, review.reason)
    procedures.notify(
        case=review.case_ref(), department_id=review.department_id, text=f"开放审查未通过：{review.reason}"
    )
    events.record(E.OPENING_BLOCKED, actor=actor, case=review.case_ref(), on=on, decision=decision)
    return review


@transaction.atomic
def stop_opening(*, actor: Actor, review_id: UUID, reason: str, ground: str, on: date) -> OpeningReview:
    """What is open stops being open: the provider or the bureau says why and on which basis."""
    review = queries.get_review_for(actor, review_id, P.OPENING_CASE_READ, lock=True)
    if not queries.may_on(actor, review, P.OPENING_REVIEW_DECIDE):
        actor.demand(P.OPENING_REVIEW_SUBMIT, department_id=review.department_id, division=review.division_id)
    decision = rules.may_stop(reason, ground, queries.regime_for(review, on)).or_raise()
    review.move_to(ReviewStatus.STOPPED)
    review.reason, review.ground, review.ended_on = reason.strip()[:500], ground.strip()[:500], on
    review.save()
    resource_services.close_columns(resource_id=review.resource_id, on=on)
    bureau = organizations.bureau_of(review.division_id)
    for department_id in {review.department_id, bureau.id}:
        text = f"已停止开放“{review.title}”：{review.reason}（{review.ground}）"
        procedures.notify(case=review.case_ref(), department_id=department_id, text=text)
    events.record(
        E.OPENING_STOPPED, actor=actor, case=review.case_ref(), on=on, decision=decision,
        data={"ground": review.ground},
    )  # fmt: skip
    return review


@transaction.atomic
def cancel_review(*, actor: Actor, review_id: UUID, reason: str, on: date) -> OpeningReview:
    """The provider no longer wants this opening; what is open stays as it is."""
    review = queries.get_review_for(actor, review_id, P.OPENING_REVIEW_SUBMIT, lock=True)
    decision = rules.may_return(reason, queries.regime_for(review, on)).or_raise()
    review.move_to(ReviewStatus.CANCELLED)
    review.reason, review.ended_on = reason.strip()[:500], on
    review.save()
    procedures.settle(case=review.case_ref())
    events.record(
        E.OPENING_CANCELLED, actor=actor, case=review.case_ref(), department_id=review.department_id, on=on,
        decision=decision,
    )  # fmt: skip
    return review
