"""REST of disputes: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import WithJsonSchema

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.sharing.api.requests import ScopeIn
from shuqiao.sharing.disputes import queries, services, telling
from shuqiao.sharing.disputes.types import Outcome, Result, RulingFacts, Side
from shuqiao.sharing.models import Dispute

router = Router(tags=["disputes"])
PAGE_MAX = 200
OFFSET_MAX = 1_000_000_000
# Delivery has sides of its own; OpenAPI keeps choices by name, so these are described in place.
SideOfDispute = Annotated[Side, WithJsonSchema({"type": "string", "enum": Side.values})]


class ResultIn(Schema):
    """What is to be done. `scope` left out: all that was in dispute."""

    outcome: Outcome
    text: str = ""
    scope: ScopeIn | None = None
    due_on: date | None = None

    def result(self) -> Result:
        """The form that services take."""
        return Result(self.outcome, self.text, self.scope.scope() if self.scope else None, self.due_on)


class RaiseIn(Schema):
    """About one request or one grant."""

    request_id: UUID | None = None
    grant_id: UUID | None = None
    claim: str = ""


class SideIn(Schema):
    """For which side one speaks; needed only by who may speak for both."""

    side: SideOfDispute | None = None


class SpeakIn(SideIn):
    """A view, with a way out if one is proposed."""

    text: str = ""
    proposal: ResultIn | None = None


class ReferIn(SideIn):
    """Why talking failed. `superior` and `keeper_id`: where the platform knows no common superior."""

    why: str = ""
    superior: str = ""
    keeper_id: UUID | None = None


class DisputeReasonIn(SideIn):
    """A reason."""

    reason: str = ""


class DecideDisputeIn(Schema):
    """The bureau's opinion."""

    result: ResultIn
    reason: str = ""
    basis: str = ""


class RuleIn(Schema):
    """A government's decision."""

    result: ResultIn
    government: str = ""
    number: str = ""
    decided_on: date | None = None
    text: str = ""


class DisputeOut(Schema):
    """A dispute as it stands."""

    id: UUID
    number: str
    status: str
    ground: str
    title: str
    claim: str
    raised_by: str
    requester_id: UUID
    provider_id: UUID
    request_id: UUID | None
    grant_id: UUID | None
    opened_on: date
    closed_on: date | None
    coordinator_id: UUID | None
    superior: str
    opinion: str
    opinion_basis: str
    requester_accepts: bool | None
    provider_accepts: bool | None
    objection: str
    government: str
    ruling_number: str
    ruling_on: date | None
    ruling_text: str
    result_json: dict[str, Any] | None
    decision_json: dict[str, Any] | None
    done: dict[str, Any] | None


class OneDisputeOut(DisputeOut):
    """A dispute with what was said and what the caller may do next."""

    statements: list[dict[str, Any]]
    acts: list[dict[str, Any]]


class DisputePage(Schema):
    """Some disputes, and how many there are in all."""

    count: int
    items: list[DisputeOut]


class DisputeFilterIn(Schema):
    """`which`: ours, against, to_coordinate; `status`: one state, or open; `ground`; `q`: words."""

    which: str = ""
    status: str = ""
    ground: str = ""
    q: str = ""
    limit: int = 50
    offset: int = 0


@router.get("", response=DisputePage, url_name="sharing-disputes")
def list_disputes(request: Request, filters: Query[DisputeFilterIn]) -> dict[str, Any]:
    """Disputes the caller may see. At most 200 at once."""
    request.actor.demand(P.SHARING_DISPUTE_READ)
    found = queries.list_disputes_for(request.actor, filters.dict(include={"which", "status", "ground", "q"}))
    first = max(0, min(filters.offset, OFFSET_MAX))
    return {
        "count": found.count(),
        "items": list(found[first : first + max(1, min(filters.limit, PAGE_MAX))]),
    }


@router.post("", response={201: DisputeOut}, url_name="sharing-dispute-create")
def create(request: Request, body: RaiseIn) -> Status[Dispute]:
    """Raise a dispute."""
    made = services.raise_dispute(
        actor=request.actor, request_id=body.request_id, grant_id=body.grant_id, claim=body.claim, on=today()
    )
    return Status(201, made)


@router.get("/{dispute_id}", response=OneDisputeOut, url_name="sharing-dispute")
def get(request: Request, dispute_id: UUID) -> dict[str, Any]:
    """One dispute, with what each side said and what may be done next."""
    dispute = queries.get_dispute_for(request.actor, dispute_id, P.SHARING_DISPUTE_READ)
    shown: dict[str, Any] = {name: getattr(dispute, name) for name in DisputeOut.model_fields}
    shown["statements"] = [
        {"side": one.side, "by": one.by_name, "on": one.on, "text": one.text, "proposal": one.proposal}
        for one in dispute.statements.all()
    ]
    shown["acts"] = [act.to_json() for act in telling.acts_for(request.actor, dispute, today())]
    return shown


@router.post("/{dispute_id}/speak", response=DisputeOut, url_name="sharing-dispute-speak")
def speak(request: Request, dispute_id: UUID, body: SpeakIn) -> Dispute:
    """A side's view."""
    return services.speak(
        actor=request.actor,
        dispute_id=dispute_id,
        text=body.text,
        proposal=body.proposal.result() if body.proposal else None,
        side=body.side,
        on=today(),
    )


@router.post("/{dispute_id}/agree", response=DisputeOut, url_name="sharing-dispute-agree")
def agree(request: Request, dispute_id: UUID, body: SideIn) -> Dispute:
    """Yes to what the other side proposed last; carried out."""
    return services.agree(actor=request.actor, dispute_id=dispute_id, side=body.side, on=today())


@router.post("/{dispute_id}/refer", response=DisputeOut, url_name="sharing-dispute-refer")
def refer(request: Request, dispute_id: UUID, body: ReferIn) -> Dispute:
    """To the bureau."""
    return services.refer_dispute(
        actor=request.actor,
        dispute_id=dispute_id,
        why=body.why,
        superior=body.superior,
        keeper_id=body.keeper_id,
        side=body.side,
        on=today(),
    )


@router.post("/{dispute_id}/decide", response=DisputeOut, url_name="sharing-dispute-decide")
def decide(request: Request, dispute_id: UUID, body: DecideDisputeIn) -> Dispute:
    """The bureau's opinion."""
    return services.decide_dispute(
        actor=request.actor,
        dispute_id=dispute_id,
        result=body.result.result(),
        reason=body.reason,
        basis=body.basis,
        on=today(),
    )


@router.post("/{dispute_id}/accept", response=DisputeOut, url_name="sharing-dispute-accept")
def accept(request: Request, dispute_id: UUID, body: SideIn) -> Dispute:
    """A side accepts the opinion; when both have, it is carried out."""
    return services.accept_opinion(actor=request.actor, dispute_id=dispute_id, side=body.side, on=today())


@router.post("/{dispute_id}/object", response=DisputeOut, url_name="sharing-dispute-object")
def object_(request: Request, dispute_id: UUID, body: DisputeReasonIn) -> Dispute:
    """A side does not accept the opinion; to the government."""
    return services.object_to_opinion(
        actor=request.actor, dispute_id=dispute_id, reason=body.reason, side=body.side, on=today()
    )


@router.post("/{dispute_id}/rule", response=DisputeOut, url_name="sharing-dispute-rule")
def rule(request: Request, dispute_id: UUID, body: RuleIn) -> Dispute:
    """The government's decision is recorded and carried out."""
    on = today()
    ruling = RulingFacts(body.government, body.number, body.text, body.decided_on, on)
    return services.record_ruling(
        actor=request.actor, dispute_id=dispute_id, result=body.result.result(), ruling=ruling, on=on
    )


@router.post("/{dispute_id}/withdraw", response=DisputeOut, url_name="sharing-dispute-withdraw")
def withdraw(request: Request, dispute_id: UUID, body: DisputeReasonIn) -> Dispute:
    """No longer disputed."""
    return services.withdraw_dispute(
        actor=request.actor, dispute_id=dispute_id, reason=body.reason, side=body.side, on=today()
    )
