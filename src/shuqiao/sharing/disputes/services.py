"""Steps of a dispute. The only code that writes disputes; what a result does is in `carrying`.

Negotiation first, then the bureau, then the government above it (Yingkou 27, Shenyang 21, Decree 28).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing.disputes import queries, rules, steps, superiors, telling
from shuqiao.sharing.disputes.types import (
    DisputeStatus,
    Ground,
    Result,
    RulingFacts,
    Side,
)
from shuqiao.sharing.models import Dispute, DisputeStatement


@transaction.atomic
def raise_dispute(
    *, actor: Actor, request_id: UUID | None = None, grant_id: UUID | None = None, claim: str, on: date
) -> Dispute:
    """One side disputes a refused, narrowed or overdue request, a stopped grant, or how its data is used. The other
    side is to answer first."""
    subject = queries.subject_for(actor, request_id=request_id, grant_id=grant_id)
    side = queries.side_on(actor, subject)
    if side is None:
        raise NotAllowed(P.SHARING_DISPUTE_RAISE.value, f"您没有“{P.SHARING_DISPUTE_RAISE.label}”的权限")
    thing = subject.thing
    type(thing).objects.select_for_update().get(
        pk=thing.pk
    )  # two who raise at once: the second finds the first
    regime = organizations.regime_of(thing.provider.division_id, on)
    facts = queries.facts_of(subject, side, on)
    decision = rules.may_raise(facts, claim, regime).or_raise()
    ground, requester_id = rules.ground_of(facts), subject.requester_id
    if ground is None or requester_id is None:  # may_raise has refused these
        raise NotFound("争议所涉的申请或授权")
    dispute = Dispute.objects.create(
        number=procedures.next_case_number(kind=CaseKind.DISPUTE, division=thing.provider.division_id, on=on),
        division_id=thing.provider.division_id,
        requester_id=requester_id,
        provider_id=thing.provider_id,
        request=subject.request,
        grant=subject.grant,
        title=thing.title,
        ground=ground,
        raised_by=side,
        claim=claim.strip()[:1000],
        opened_on=on,
    )
    steps.ask_to_talk(dispute, side.other, f"{Ground(dispute.ground).label}：{dispute.claim}", decision)
    steps.record(
        E.DISPUTE_RAISED,
        actor=actor,
        dispute=dispute,
        side=side,
        decision=decision,
        on=on,
        ground=dispute.ground,
    )
    return dispute


@transaction.atomic
def speak(
    *,
    actor: Actor,
    dispute_id: UUID,
    text: str,
    proposal: Result | None = None,
    side: Side | None = None,
    on: date,
) -> Dispute:
    """A side says its view, and may propose a way out, which the other may agree to."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    speaking = steps.side(actor, dispute, side)
    steps.demand_talking(dispute, "陈述意见")
    regime = queries.regime_for(dispute, on)
    decision = rules.may_speak(text, regime).or_raise()
    if proposal:
        steps.check(dispute, proposal, regime)
    last = dispute.statements.last()
    DisputeStatement.objects.create(
        dispute=dispute,
        order=last.order + 1 if last else 1,
        side=speaking,
        by_id=actor.user_id,
        by_name=actor.name,
        on=on,
        text=text.strip()[:2000],
        proposal=proposal.to_json() if proposal else None,
    )
    procedures.settle(case=dispute.case_ref(), department_id=dispute.department_of(speaking))
    if dispute.status == DisputeStatus.NEGOTIATING or proposal:
        said = f"{speaking.label}：{proposal.text if proposal else text.strip()}"
        steps.ask_to_talk(dispute, speaking.other, said, decision)
    steps.record(
        E.DISPUTE_ANSWERED,
        actor=actor,
        dispute=dispute,
        side=speaking,
        decision=decision,
        on=on,
        proposes=proposal is not None,
    )
    return dispute


@transaction.atomic
def agree(*, actor: Actor, dispute_id: UUID, side: Side | None = None, on: date) -> Dispute:
    """A side agrees to what the other proposed last: settled, and carried out at once."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    agreeing = steps.side(actor, dispute, side)
    offered = proposal_in_force(dispute)
    regime = queries.regime_for(dispute, on)
    proposed_by = Side(offered.side) if offered else None
    decision = rules.may_agree(proposed_by=proposed_by, side=agreeing, regime=regime).or_raise()
    dispute.move_to(DisputeStatus.SETTLED)
    dispute.result_json = offered.proposal if offered else None
    steps.record(
        E.DISPUTE_SETTLED,
        actor=actor,
        dispute=dispute,
        side=agreeing,
        decision=decision,
        on=on,
        result=dispute.result_json,
    )
    return steps.finish(dispute, decision, on)


def proposal_in_force(dispute: Dispute) -> DisputeStatement | None:
    """The way out that was proposed last."""
    return dispute.statements.exclude(proposal=None).last()


@transaction.atomic
def refer_dispute(
    *,
    actor: Actor,
    dispute_id: UUID,
    why: str,
    superior: str = "",
    keeper_id: UUID | None = None,
    side: Side | None = None,
    on: date,
) -> Dispute:
    """Talking has failed: one side asks the bureau. Across divisions that is the bureau of the nearest common one;
    where the platform knows none, the common superior is named, and one side's bureau forwards and records."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    asking = steps.side(actor, dispute, side)
    bureau = superiors.common_bureau(dispute.requester, dispute.provider)
    facts = telling.referral_of(dispute, why, superior, on)
    regime = queries.regime_for(dispute, on)
    decision = rules.may_refer(facts, regime).or_raise()
    dispute.move_to(DisputeStatus.REFERRED)
    dispute.coordinator = bureau or steps.keeper(dispute, keeper_id)
    dispute.superior = "" if bureau else superior.strip()[:128]
    dispute.referred_why, dispute.referred_on = decision.reason[:1000], on
    dispute.save()
    case = dispute.case_ref()
    procedures.settle(case=case)
    resolved = regime.term(rules.COORDINATE)
    term = (
        procedures.open_term(case=case, resolved=resolved, received_on=on, department=dispute.coordinator)
        if resolved
        else None
    )
    procedures.assign(
        case=case,
        department=dispute.coordinator,
        permission=P.SHARING_DISPUTE_DECIDE,
        action="协调共享争议",
        detail=f"{dispute.superior and f'转报{dispute.superior}并记录。'}{dispute.referred_why}",
        basis=decision.basis,
        term=term,
        stage="decision",
    )
    steps.tell_other(
        dispute, asking, f"已提请{dispute.superior or dispute.coordinator.name}协调：{dispute.referred_why}"
    )
    steps.record(E.DISPUTE_REFERRED, actor=actor, dispute=dispute, side=asking, decision=decision, on=on,
            coordinator=dispute.coordinator.name, superior=dispute.superior)  # fmt: skip
    return dispute


@transaction.atomic
def decide_dispute(
    *, actor: Actor, dispute_id: UUID, result: Result, reason: str, basis: str, on: date
) -> Dispute:
    """The bureau's opinion, with reason and basis. Where a text names the government above it, both sides say whether
    they accept; where none does, the opinion is the end and is carried out."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_DECIDE, lock=True)
    regime = queries.regime_for(dispute, on)
    decision = rules.may_decide(reason, basis, regime).or_raise()
    steps.check(dispute, result, regime)
    dispute.move_to(DisputeStatus.DECIDED)
    dispute.opinion, dispute.opinion_basis = reason.strip()[:1000], basis.strip()[:500]
    dispute.decided_on, dispute.decided_by_name = on, actor.name
    dispute.result_json, dispute.decision_json = result.to_json(), decision.as_json()
    dispute.save()
    steps.record(
        E.DISPUTE_DECIDED,
        actor=actor,
        dispute=dispute,
        side=None,
        decision=decision,
        on=on,
        result=result.to_json(),
        cited=dispute.opinion_basis,
    )
    if rules.is_final(regime):
        dispute.move_to(DisputeStatus.UPHELD)
        return steps.finish(dispute, decision, on)
    steps.close_term(dispute, on)
    case = dispute.case_ref()
    procedures.settle(case=case)
    for department in (dispute.requester, dispute.provider):
        procedures.assign(
            case=case,
            department=department,
            permission=P.SHARING_DISPUTE_RAISE,
            action="对协调意见表态",
            detail=f"{result.outcome.label}：{result.text}",
            basis=decision.basis,
            stage="decision",
        )
    return dispute


@transaction.atomic
def accept_opinion(*, actor: Actor, dispute_id: UUID, side: Side | None = None, on: date) -> Dispute:
    """A side accepts the bureau's opinion; when both have, it is carried out."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    accepting = steps.side(actor, dispute, side)
    steps.demand_decided(dispute, "接受协调意见")
    if getattr(dispute, f"{accepting.value}_accepts"):
        raise IllegalMove(f"共享争议 {dispute.number}", f"{accepting.label}已接受", "接受协调意见")
    setattr(dispute, f"{accepting.value}_accepts", True)
    decision = dispute.decision()
    if decision is None:
        raise ValueError(f"dispute {dispute.number} is decided without a decision")
    procedures.settle(case=dispute.case_ref(), department_id=dispute.department_of(accepting))
    steps.record(E.DISPUTE_ACCEPTED, actor=actor, dispute=dispute, side=accepting, decision=decision, on=on)
    if dispute.requester_accepts and dispute.provider_accepts:
        dispute.move_to(DisputeStatus.UPHELD)
        return steps.finish(dispute, decision, on)
    dispute.save()
    return dispute


@transaction.atomic
def object_to_opinion(
    *, actor: Actor, dispute_id: UUID, reason: str, side: Side | None = None, on: date
) -> Dispute:
    """A side does not accept the opinion: the bureau reports to its government and records what that decides."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    objecting = steps.side(actor, dispute, side)
    steps.demand_decided(dispute, "不接受协调意见")
    decision = rules.may_object(reason, queries.regime_for(dispute, on)).or_raise()
    dispute.move_to(DisputeStatus.ESCALATED)
    setattr(dispute, f"{objecting.value}_accepts", False)
    dispute.objection = f"{objecting.label}：{decision.reason}"[:1000]
    dispute.save()
    case = dispute.case_ref()
    procedures.settle(case=case)
    if dispute.coordinator:
        procedures.assign(
            case=case,
            department=dispute.coordinator,
            permission=P.SHARING_DISPUTE_DECIDE,
            action="报请人民政府决定并记录",
            detail=dispute.objection,
            basis=decision.basis,
            stage="decision",
        )
    steps.tell_other(
        dispute, objecting, f"{objecting.label}不接受协调意见，将报人民政府决定：{decision.reason}"
    )
    steps.record(E.DISPUTE_ESCALATED, actor=actor, dispute=dispute, side=objecting, decision=decision, on=on)
    return dispute


@transaction.atomic
def record_ruling(
    *, actor: Actor, dispute_id: UUID, result: Result, ruling: RulingFacts, on: date
) -> Dispute:
    """The bureau records what the government decided, with number, day and words; it is carried out."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_DECIDE, lock=True)
    regime = queries.regime_for(dispute, on)
    decision = rules.may_rule(ruling, regime).or_raise()
    steps.check(dispute, result, regime)
    dispute.move_to(DisputeStatus.RULED)
    dispute.government, dispute.ruling_number = ruling.government.strip()[:128], ruling.number.strip()[:64]
    dispute.ruling_on, dispute.ruling_text = ruling.decided_on, ruling.text.strip()[:2000]
    dispute.result_json = result.to_json()
    steps.record(
        E.DISPUTE_RULED,
        actor=actor,
        dispute=dispute,
        side=None,
        decision=decision,
        on=on,
        result=result.to_json(),
        number=dispute.ruling_number,
    )
    return steps.finish(dispute, decision, on)


@transaction.atomic
def withdraw_dispute(
    *, actor: Actor, dispute_id: UUID, reason: str, side: Side | None = None, on: date
) -> Dispute:
    """Who raised it no longer disputes, until there is an opinion."""
    dispute = queries.get_dispute_for(actor, dispute_id, P.SHARING_DISPUTE_RAISE, lock=True)
    leaving = steps.side(actor, dispute, side)
    is_raiser = leaving == dispute.raised_by
    decision = rules.may_withdraw(
        is_raiser=is_raiser, reason=reason, regime=queries.regime_for(dispute, on)
    ).or_raise()
    dispute.move_to(DisputeStatus.WITHDRAWN)
    dispute.closed_on = on
    dispute.save()
    steps.close_term(dispute, on)
    procedures.settle(case=dispute.case_ref())
    steps.tell_other(dispute, leaving, f"争议已撤回：{decision.reason}")
    steps.record(E.DISPUTE_WITHDRAWN, actor=actor, dispute=dispute, side=leaving, decision=decision, on=on)
    return dispute
