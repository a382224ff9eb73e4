"""What the steps of a dispute share: who speaks, whose turn it is, the end, the event row."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotAllowed
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing.disputes import carrying, queries, rules, superiors
from shuqiao.sharing.disputes.types import TALKING, DisputeStatus, Ground, Result, Side
from shuqiao.sharing.models import Dispute


def finish(dispute: Dispute, decision: Decision, on: date) -> Dispute:
    """The end: carried out, every clock stopped, every line gone."""
    dispute.decision_json = decision.as_json()
    dispute.closed_on = on
    carrying.carry_out(dispute=dispute, decision=decision, on=on)
    dispute.save()
    close_term(dispute, on)
    procedures.settle(case=dispute.case_ref())
    return dispute


def check(dispute: Dispute, result: Result, regime: law.Regime) -> None:
    """Whether a result fits what is disputed and gives no more than it may."""
    live = queries.grant_in_dispute(dispute) is not None
    rules.may_propose(Ground(dispute.ground), result, live=live, regime=regime).or_raise()
    carrying.check_result(dispute, result, regime)


def side(actor: Actor, dispute: Dispute, wanted: Side | None) -> Side:
    """For which side the actor speaks; whoever may for both has to say."""
    sides = queries.sides_of(actor, dispute)
    if wanted in sides:
        return wanted
    if wanted is None and len(sides) == 1:
        return next(iter(sides))
    if wanted is None:
        raise InvalidInput.one("一方", "您在双方都任职，请写明代表哪一方")
    raise NotAllowed(P.SHARING_DISPUTE_RAISE.value, f"您不能代表{wanted.label}")


def keeper(dispute: Dispute, keeper_id: UUID | None) -> Department:
    found = superiors.keepers(dispute.requester, dispute.provider)
    chosen = [bureau for bureau in found if keeper_id in {None, bureau.id}]
    if not chosen:
        raise InvalidInput.one("转报和记录的主管部门", "须为任一方所在区划、且不是当事一方的主管部门")
    return chosen[0]


def demand_talking(dispute: Dispute, wanted: str) -> None:
    if dispute.status not in TALKING:
        raise IllegalMove(f"共享争议 {dispute.number}", DisputeStatus(dispute.status).label, wanted)


def demand_decided(dispute: Dispute, wanted: str) -> None:
    if dispute.status != DisputeStatus.DECIDED:
        raise IllegalMove(f"共享争议 {dispute.number}", DisputeStatus(dispute.status).label, wanted)


def ask_to_talk(dispute: Dispute, side: Side, detail: str, decision: Decision) -> None:
    department = dispute.requester if side is Side.REQUESTER else dispute.provider
    procedures.settle(case=dispute.case_ref(), department_id=department.id)
    procedures.assign(
        case=dispute.case_ref(),
        department=department,
        permission=P.SHARING_DISPUTE_RAISE,
        action="协商共享争议",
        detail=detail,
        basis=decision.basis,
        stage="decision",
    )


def tell_other(dispute: Dispute, side: Side, text: str) -> None:
    procedures.notify(case=dispute.case_ref(), department_id=dispute.department_of(side.other), text=text)


def close_term(dispute: Dispute, on: date) -> None:
    if term := procedures_queries.open_term_of(dispute.case_ref()):
        procedures.close_term(term_id=term.id, on=on)


def record(
    event: E,
    *,
    actor: Actor,
    dispute: Dispute,
    side: Side | None,
    decision: Decision,
    on: date,
    **data: object,
) -> None:
    department = dispute.department_of(side) if side else dispute.coordinator_id
    events.record(
        event,
        actor=actor,
        case=dispute.case_ref(),
        department_id=department,
        on=on,
        decision=decision,
        data={"side": side.value if side else "bureau", **data},
    )
