"""From a yes to a grant: shared by the provider's answer and the platform's automatic one."""

from __future__ import annotations

from datetime import date

from shuqiao import law
from shuqiao.accounts.types import Actor
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import GrantOrder, Mode, Onward
from shuqiao.kernel import Decision
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import Scope

DELIVERY = "sharing.delivery"


def open_grant(
    *, actor: Actor, request: SharingRequest, decided: Scope, decision: Decision, on: date
) -> None:
    """The grant in exactly the decided scope, naming the request it comes from."""
    order = GrantOrder(
        resource_id=request.resource_id,
        grantee_id=request.requester_id,
        columns=decided.items,
        where=tuple(dict(predicate) for predicate in decided.where),
        purpose=request.purpose,
        scenario=request.scenario,
        legal_basis=request.legal_basis,
        legal_basis_level=law.BasisLevel(request.legal_basis_level),
        modes=tuple(Mode(mode) for mode in decided.modes),
        valid_from=on,
        valid_until=decided.valid_until,
        service_item=request.service_item,
        daily_quota=decided.daily_quota,
        rate_per_minute=decided.rate_per_minute,
        onward=Onward.WITH_CONSENT if request.onward_consent else Onward.NEVER,
        onward_to=request.onward_to if request.onward_consent else "",
        case=request.case_ref(),
    )
    delivery.issue_grant(actor=actor, order=order, decision=decision, on=on)


def close_reply(request: SharingRequest, on: date) -> None:
    """The answer has been given, or is no longer wanted: its clock stops, its lines leave every inbox."""
    if term := procedures_queries.open_term_of(request.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=request.case_ref())


def record_delivery(request: SharingRequest, regime: law.Regime, on: date) -> dict[str, object]:
    """Delivery is done with the grant itself: its term, where a text sets one, opens and closes on the day
    (Decree 22). Returns what the event says of it."""
    resolved = regime.term(DELIVERY)
    if resolved is None:
        return {"delivered_on": on.isoformat()}
    term = procedures.open_term(
        case=request.case_ref(), resolved=resolved, received_on=on, department=request.provider
    )
    procedures.close_term(term_id=term.id, on=on)
    return {"delivered_on": on.isoformat(), "days": resolved.days, "source": str(resolved.source)}
