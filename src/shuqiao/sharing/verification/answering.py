"""The provider's steps: confirm that the data are right, accept that they are wrong, state anew what they will be
corrected to, or reject with reason and basis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import findings, queries, rules, steps
from shuqiao.sharing.verification.types import AcceptFacts, Finding, VerificationStatus

V = VerificationStatus


@transaction.atomic
def confirm_verification(*, actor: Actor, verification_id: UUID, reason: str, on: date) -> Verification:
    """The provider found the data right, and explains how it checked."""
    verification = _for_answer(actor, verification_id)
    decision = rules.may_confirm(reason, queries.regime_for(verification, on)).or_raise()
    verification.move_to(V.CONFIRMED)
    return _answered(actor, verification, decision, E.VERIFICATION_CONFIRMED, on)


@transaction.atomic
def reject_verification(
    *, actor: Actor, verification_id: UUID, reason: str, basis: str, on: date
) -> Verification:
    """The provider does not correct, with reason and basis."""
    verification = _for_answer(actor, verification_id)
    decision = rules.may_reject(reason, basis, queries.regime_for(verification, on)).or_raise()
    verification.move_to(V.REJECTED)
    verification.answer_basis = basis.strip()[:500]
    return _answered(actor, verification, decision, E.VERIFICATION_REJECTED, on)


@transaction.atomic
def accept_verification(
    *,
    actor: Actor,
    verification_id: UUID,
    found: Mapping[UUID, Finding],
    reason: str,
    correct_by: date | None,
    on: date,
) -> Verification:
    """The provider found fields wrong and says what it corrects them to and until when. The case stays open until a
    published version carries the values (Decree 26: corrected within the 10 working days, Yingkou 23: promptly)."""
    verification = _for_answer(actor, verification_id)
    fields = queries.fields_of(verification)
    regime = queries.regime_for(verification, on)
    resolved = regime.term(rules.CORRECTION)
    facts = AcceptFacts(
        findings=tuple(found.get(one.id, Finding("")) for one in fields),
        reason=reason,
        correct_by=correct_by,
        on=on,
        due=findings.due_of(resolved, verification.asked_on),
    )
    late = facts.due is not None and on > facts.due
    decision = rules.may_accept(findings.without_due(facts) if late else facts, regime).or_raise()
    findings.write(verification, fields, found)
    verification.move_to(V.ACCEPTED)
    verification.correct_by = correct_by
    _answered(actor, verification, decision, E.VERIFICATION_ACCEPTED, on)
    case, provider = verification.case_ref(), verification.provider
    term = None
    if resolved:
        received = verification.asked_on
        term = procedures.open_term(case=case, resolved=resolved, received_on=received, department=provider)
    procedures.assign(
        case=case,
        department=provider,
        permission=P.RESOURCES_RESOURCE_EDIT,
        action="发布更正后的数据",
        detail=f"承诺{correct_by:%Y-%m-%d}以前更正：{reason.strip()}",
        basis=[term.clock().source] if term else decision.basis,
        term=term,
    )
    return verification


@transaction.atomic
def restate_correction(
    *, actor: Actor, verification_id: UUID, found: Mapping[UUID, Finding], reason: str, on: date
) -> Verification:
    """The provider states anew to what an accepted field will be corrected, and why: what was stated cannot be met."""
    verification = _for_answer(actor, verification_id)
    if V(verification.status) != V.ACCEPTED:
        raise IllegalMove(f"校核 {verification.number}", V(verification.status).label, "更改更正内容")
    fields = queries.fields_of(verification)
    stated = tuple(found.get(one.id, Finding("")) for one in fields)
    promised = max(on, verification.correct_by or on)
    facts = AcceptFacts(stated, reason, promised, on)
    decision = rules.may_accept(facts, queries.regime_for(verification, on)).or_raise()
    findings.write(verification, fields, found)
    verification.checked_version = None
    verification.answer_reason = reason.strip()[:1000]
    verification.save()
    procedures.notify(
        case=verification.case_ref(),
        department_id=verification.asker_id,
        text=f"{verification.provider.name}更改了更正内容：{reason.strip()}",
    )
    steps.record(
        E.VERIFICATION_RESTATED, actor, verification, verification.provider_id, on=on, decision=decision
    )
    return verification


def _for_answer(actor: Actor, verification_id: UUID) -> Verification:
    return queries.get_verification_for(actor, verification_id, P.SHARING_VERIFICATION_ANSWER, lock=True)


def _answered(
    actor: Actor, verification: Verification, decision: Decision, event: E, on: date
) -> Verification:
    """The answer is signed, the clock of the answer stops, and who asked is told."""
    verification.answered_by_id, verification.answered_by_name = actor.user_id, actor.name
    verification.answered_on = on
    verification.answer_reason = decision.reason[:1000]
    verification.decision_json = decision.as_json()
    verification.save()
    steps.close(verification, on)
    label = V(verification.status).label
    procedures.notify(
        case=verification.case_ref(),
        department_id=verification.asker_id,
        text=f"{verification.provider.name}：{label}。{decision.reason}",
    )
    steps.record(event, actor, verification, verification.provider_id, on=on, decision=decision)
    return verification
