"""The bureau's steps up to its answer, and the provider's word in between."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, InvalidInput
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import agreements, queries, rules, steps
from shuqiao.sharing.outside.types import Consent, OutsideStatus
from shuqiao.sharing.types import Scope

CONDITIONS_MOST = 500


@transaction.atomic
def ask_supplement(*, actor: Actor, request_id: UUID, points: tuple[str, ...], on: date) -> OutsideRequest:
    """The bureau says once everything that is missing; a clock rests until it is there."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_DECIDE, lock=True)
    said = tuple(point.strip() for point in points if point.strip())
    case.move_to(OutsideStatus.SUPPLEMENT_ASKED)
    decision = rules.may_ask_supplement(
        queries.facts_of(case),
        asked_before=bool(case.supplements),
        points=said,
        regime=queries.regime_for(case, on),
    ).or_raise()
    case.supplements = [*case.supplements, {"asked_on": on.isoformat(), "points": list(said)}]
    case.save()
    procedures.settle(case=case.case_ref())
    if term := procedures_queries.open_term_of(case.case_ref()):
        procedures.pause_term(term_id=term.id, on=on)
    steps.write_to_applicant(case, "申请需要补正", "需要补充：\n" + "\n".join(f"· {one}" for one in said))
    events.record(
        E.OUTSIDE_SUPPLEMENT_ASKED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision, data={"points": list(said)},
    )  # fmt: skip
    return case


@transaction.atomic
def consult_provider(*, actor: Actor, request_id: UUID, note: str = "", on: date) -> OutsideRequest:
    """The bureau finds the application complete and asks the provider whether it agrees."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_DECIDE, lock=True)
    decision = rules.may_consult(queries.facts_of(case), queries.regime_for(case, on), on)
    case.move_to(OutsideStatus.CONSULTING)
    decision.or_raise()
    case.consulted_on = on
    case.save()
    procedures.settle(case=case.case_ref())
    procedures.assign(
        case=case.case_ref(),
        department=case.provider,
        permission=P.SHARING_OUTSIDE_CONSENT,
        action="答复主管部门的征求意见",
        detail=f"{case.party.name}（机关以外）申请使用“{case.title}”。{note.strip()}",
        basis=decision.basis,
        stage="decision",
    )
    events.record(
        E.OUTSIDE_CONSULTED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision,
    )  # fmt: skip
    return case


@transaction.atomic
def say_consent(
    *, actor: Actor, request_id: UUID, consent: Consent | None, reason: str = "", on: date
) -> OutsideRequest:
    """The provider agrees, or not and why; the bureau then answers."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_CONSENT, lock=True)
    case.move_to(OutsideStatus.DECIDING)
    regime = queries.regime_for(case, on)
    decision = rules.may_say(consent=consent, reason=reason, regime=regime).or_raise()
    yes = consent is Consent.YES
    case.consent = Consent.YES if yes else Consent.NO
    case.consent_reason, case.consent_on = reason.strip()[:500], on
    case.consent_by_name = actor.name
    case.save()
    said = f"{case.provider.name}{case.get_consent_display()}。{case.consent_reason}"
    term = procedures_queries.open_term_of(case.case_ref())
    steps.ask_bureau(case, "答复机关以外单位的申请", said, decision, term)
    events.record(
        E.OUTSIDE_CONSENTED if yes else E.OUTSIDE_OBJECTED, actor=actor, case=case.case_ref(),
        department_id=case.provider_id, on=on, decision=decision,
    )  # fmt: skip
    return case


@transaction.atomic
def agree_outside(
    *,
    actor: Actor,
    request_id: UUID,
    given: Scope | None = None,
    conditions: str = "",
    reason: str = "",
    on: date,
) -> OutsideRequest:
    """The bureau says yes, to all or to less: the clock stops, an agreement is drawn up for both to confirm. Nothing
    can be read before. `given` None: everything as asked."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_DECIDE, lock=True)
    if len(conditions.strip()) > CONDITIONS_MOST:
        raise InvalidInput.one("使用条件", f"最多 {CONDITIONS_MOST} 个字")
    case.move_to(OutsideStatus.AGREED)
    decided = given or case.draft().scope()
    decision = rules.may_agree(
        queries.facts_of(case),
        decided,
        queries.regime_for(case, on),
        on,
        consent=Consent(case.consent) if case.consent else None,
        reason=reason,
    ).or_raise()
    case.given_json = decided.to_json()
    case.conditions = conditions.strip()
    _answer(case, actor, decision, on)
    agreements.draw_up(case, decided, on)
    steps.ask_bureau(case, "确认使用协议", f"与{case.party.name}的协议，双方确认后开通", decision)
    steps.write_to_applicant(
        case, "已同意使用申请", "主管部门已同意，请查看并确认协议。双方确认后即可读取数据。"
    )
    events.record(
        E.OUTSIDE_APPROVED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision, data={"scope": decided.to_json()},
    )  # fmt: skip
    return case


@transaction.atomic
def refuse_outside(*, actor: Actor, request_id: UUID, reason: str, ground: str, on: date) -> OutsideRequest:
    """The bureau says no, with reasons and the basis; also when a yes cannot be carried out any more."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_DECIDE, lock=True)
    awaited = queries.awaits_supplement(case)
    case.move_to(OutsideStatus.REFUSED)
    regime = queries.regime_for(case, on)
    decision = rules.may_refuse(reason=reason, ground=ground, regime=regime, awaited=awaited).or_raise()
    case.answer_ground = ground.strip()[:500]
    _answer(case, actor, decision, on)
    said = f"主管部门不同意。\n理由：{case.answer_reason}\n依据：{case.answer_ground}"
    steps.write_to_applicant(case, "未同意使用申请", said)
    events.record(
        E.OUTSIDE_REFUSED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision, data={"ground": case.answer_ground},
    )  # fmt: skip
    return case


def _answer(case: OutsideRequest, actor: Actor, decision: Decision, on: date) -> None:
    case.answered_by_id, case.answered_by_name = actor.user_id, actor.name
    case.answered_on, case.answer_reason = on, decision.reason[:1000]
    case.decision_json = decision.as_json()
    case.save()
    steps.close_reply(case, on)
