"""Both sides confirm the agreement, and access begins; it ends with the agreement's last day, or on a breach."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.delivery import queries as delivery_queries
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround, GrantOrder, GrantState, Mode
from shuqiao.kernel import Decision, IllegalMove
from shuqiao.kernel.time import now
from shuqiao.law import BasisLevel
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import rules as requests
from shuqiao.sharing.models import OutsideAgreement, OutsideRequest
from shuqiao.sharing.outside import queries, rules, steps
from shuqiao.sharing.outside.types import OutsideStatus
from shuqiao.sharing.types import RequestFacts, Scope

LIVE = (GrantState.ACTIVE, GrantState.SUSPENDED)


@transaction.atomic
def confirm_agreement(*, actor: Actor, request_id: UUID, on: date) -> OutsideRequest:
    """The applicant, or the bureau, confirms the agreement as it stands. When both have, the grant opens in exactly the
    scope that was given (Dongchangfu 20)."""
    case = queries.get_outside_for(actor, request_id, lock=True)
    by_party = queries.is_applicant(actor, case)
    if not by_party:
        actor.demand(P.SHARING_OUTSIDE_DECIDE, division=case.division_id)
    given = case.given()
    if case.status != OutsideStatus.AGREED or given is None:
        raise IllegalMove(f"机关以外单位申请 {case.number}", OutsideStatus(case.status).label, "确认协议")
    agreement = OutsideAgreement.objects.select_for_update().get(request=case)
    decision = rules.may_confirm(
        already=bool(agreement.party_at if by_party else agreement.bureau_at),
        ready=still_offered(case, given, on),
        regime=queries.regime_for(case, on),
        gone=case.gone(),
    ).or_raise()
    if by_party:
        agreement.party_by_id, agreement.party_by_name, agreement.party_at = actor.user_id, actor.name, now()
    else:
        agreement.bureau_by_id, agreement.bureau_by_name = actor.user_id, actor.name
        agreement.bureau_at = now()
        procedures.settle(case=case.case_ref())
    agreement.save()
    events.record(
        E.OUTSIDE_SIGNED, actor=actor, case=case.case_ref(),
        department_id=None if by_party else case.bureau_id, on=on, decision=decision,
        data={"side": "party" if by_party else "bureau", "digest": agreement.digest},
    )  # fmt: skip
    if agreement.is_signed:
        _open(case, given, actor, on)
    return case


def still_offered(case: OutsideRequest, given: Scope, on: date) -> bool:
    """Whether all that was given is still within what the entry offers, to a body still registered, in time."""
    facts = queries.facts_of(case)
    asked = RequestFacts(scope=given, offer=facts.offer)
    shared = facts.offer.type_of(tuple(name for name, _ in given.items)) != "none"
    late = given.valid_until is None or given.valid_until <= on
    return shared and facts.registered and not late and not requests.beyond_offer(given, asked)


def _open(case: OutsideRequest, given: Scope, actor: Actor, on: date) -> None:
    decision = case.decision()
    if decision is None:  # the database demands a decision of every yes
        raise IllegalMove(f"机关以外单位申请 {case.number}", "没有决定", "开通")
    case.move_to(OutsideStatus.OPENED)
    case.opened_on = on
    case.save()
    procedures.settle(case=case.case_ref())
    titles = law.article_titles(decision.basis)
    order = GrantOrder(
        resource_id=case.resource_id,
        grantee_id=None,
        party_id=case.party_id,
        columns=given.items,
        where=tuple(dict(predicate) for predicate in given.where),
        purpose=case.purpose,
        scenario=case.scenario,
        legal_basis=f"使用协议 {case.number}" + (f"，{titles}" if titles else ""),
        legal_basis_level=level_of(decision),
        modes=tuple(Mode(mode) for mode in given.modes),
        valid_from=on,
        valid_until=given.valid_until,
        daily_quota=given.daily_quota,
        rate_per_minute=given.rate_per_minute,
        conditions=(case.conditions,) if case.conditions else (),
        case=case.case_ref(),
    )
    delivery.issue_grant(actor=actor, order=order, decision=decision, on=on)
    procedures.notify(
        case=case.case_ref(),
        department_id=case.provider_id,
        text=f"协议已由双方确认，{case.party.name}开始使用“{case.title}”",
    )
    events.record(
        E.OUTSIDE_OPENED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision, data={"scope": given.to_json()},
    )  # fmt: skip


def level_of(decision: Decision) -> BasisLevel:
    """The level of the text on which a decision rests."""
    packs = law.load_packs()
    found = [packs[article.pack].level for article in decision.basis if article.pack in packs]
    return found[0] if found else BasisLevel.NORMATIVE


@transaction.atomic
def revoke_outside(*, actor: Actor, request_id: UUID, breach: str, ground: str, on: date) -> OutsideRequest:
    """The data is used against the agreement: the grant ends at once, with the breach and the clause named."""
    case = queries.get_outside_for(actor, request_id, P.SHARING_OUTSIDE_DECIDE, lock=True)
    case.move_to(OutsideStatus.REVOKED)
    regime = queries.regime_for(case, on)
    decision = rules.may_revoke(breach=breach, ground=ground, regime=regime).or_raise()
    case.end_reason, case.end_ground, case.ended_on = breach.strip()[:500], ground.strip()[:500], on
    case.save()
    for grant in delivery_queries.grants_of_case(case.case_ref()):
        if grant.state in LIVE:
            delivery.end_grant(
                actor=PLATFORM, grant_id=grant.id, ground=EndGround.DECIDED, reason=decision.reason,
                decision=decision, on=on,
            )  # fmt: skip
    said = f"主管部门已收回使用。\n情况：{case.end_reason}\n依据：{case.end_ground}"
    steps.write_to_applicant(case, "数据使用已收回", said)
    procedures.notify(
        case=case.case_ref(), department_id=case.provider_id, text=f"已收回{case.party.name}的使用"
    )
    events.record(
        E.OUTSIDE_REVOKED, actor=actor, case=case.case_ref(), department_id=case.bureau_id, on=on,
        decision=decision, data={"ground": case.end_ground},
    )  # fmt: skip
    return case


@transaction.atomic
def end_outside(*, request_id: UUID, on: date) -> OutsideRequest | None:
    """The last day of the agreement has passed, or its grant is over: so is the case. None when there is nothing to
    end."""
    case = (
        OutsideRequest.objects.select_for_update().filter(id=request_id, status=OutsideStatus.OPENED).first()
    )
    given = case.given() if case else None
    if case is None or given is None:
        return None
    grants = delivery_queries.grants_of_case(case.case_ref())
    expired = given.valid_until is not None and given.valid_until < on
    if not expired and any(grant.state in LIVE for grant in grants):
        return None
    case.move_to(OutsideStatus.ENDED)
    stopped = next((grant.state_reason for grant in grants if grant.state_reason), "")
    case.end_reason = "协议期限届满" if expired else f"授权已终止：{stopped}"[:500]
    case.ended_on = on
    case.save()
    procedures.settle(case=case.case_ref())
    steps.write_to_applicant(
        case, "数据使用已结束", f"{case.end_reason}，授权已停止。需要继续使用的，请重新申请。"
    )
    events.record(
        E.OUTSIDE_ENDED, actor=PLATFORM, case=case.case_ref(), department_id=case.bureau_id, on=on,
        data={"reason": case.end_reason},
    )  # fmt: skip
    return case
