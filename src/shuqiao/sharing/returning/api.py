"""REST of return flows: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning import queries, services, telling
from shuqiao.sharing.returning.types import AreaForm, NoFacts, ReturnDraft

router = Router(tags=["returns"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class AskReturnIn(Schema):
    """What a department of a lower division asks for."""

    department_id: UUID
    entry_id: UUID
    resource_id: UUID | None = None
    items: list[str] = []
    modes: list[str] = []
    purpose: str = ""
    valid_until: date | None = None


class MarkIn(Schema):
    """Which column says the area, as code or as name."""

    entry_id: UUID
    resource_id: UUID | None = None
    column: str = ""
    form: AreaForm = AreaForm.NAME


class MarkOut(Schema):
    """A mark."""

    resource_id: UUID
    column: str
    form: str
    marked_on: date


class EmptyIn(Schema):
    """Nothing to say."""


class RefuseReturnIn(Schema):
    """A no with the law it rests on."""

    reason: str = ""
    basis: str = ""
    level: law.BasisLevel | None = None


class WithdrawReturnIn(Schema):
    """A reason."""

    reason: str = ""


class ReturnOut(Schema):
    """A return flow as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    department_id: UUID
    provider_id: UUID
    entry_id: UUID
    resource_id: UUID
    items: list[dict[str, Any]]
    modes: list[str]
    purpose: str
    valid_until: date | None
    asked_on: date
    where: list[dict[str, Any]]
    grant_id: UUID | None
    answer_basis: str
    answer_level: str
    decision_json: dict[str, Any] | None
    closed_on: date | None


class OneReturnOut(ReturnOut):
    """A return flow with what the caller may do next."""

    acts: list[dict[str, Any]]


class ReturnPage(Schema):
    """Some return flows, and how many there are in all."""

    count: int
    items: list[ReturnOut]


@router.get("", response=ReturnPage, url_name="sharing-returns")
def list_returns(request: Request, status: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Return flows the caller may see. At most 200 at once."""
    request.actor.demand(P.SHARING_REQUEST_READ)
    found = queries.list_returns_for(request.actor, status=status)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("", response={201: ReturnOut}, url_name="sharing-return-ask")
def ask(request: Request, body: AskReturnIn) -> Status[ReturnFlow]:
    """Ask."""
    draft = ReturnDraft(tuple(body.items), tuple(body.modes), body.purpose, body.valid_until)
    made = services.ask_return(
        actor=request.actor,
        department_id=body.department_id,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        draft=draft,
        on=today(),
    )
    return Status(201, made)


@router.post("/marks", response=MarkOut, url_name="sharing-return-mark")
def mark(request: Request, body: MarkIn) -> ReturnMark:
    """Mark the column that says the area; what waits for it opens."""
    return services.mark_resource(
        actor=request.actor,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        column=body.column,
        form=body.form,
        on=today(),
    )


@router.get("/{flow_id}", response=OneReturnOut, url_name="sharing-return")
def get(request: Request, flow_id: UUID) -> dict[str, Any]:
    """One return flow."""
    flow = queries.get_return_for(request.actor, flow_id, P.SHARING_REQUEST_READ)
    acts = telling.acts_for(request.actor, flow, today())
    shown = {name: getattr(flow, name) for name in ReturnOut.model_fields}
    return {**shown, "acts": [act.to_json() for act in acts]}


@router.post("/{flow_id}/open", response=ReturnOut, url_name="sharing-return-open")
def open_(request: Request, flow_id: UUID, body: EmptyIn) -> ReturnFlow:
    """Open what waits, once it is marked."""
    return services.open_return(actor=request.actor, flow_id=flow_id, on=today())


@router.post("/{flow_id}/refuse", response=ReturnOut, url_name="sharing-return-refuse")
def refuse(request: Request, flow_id: UUID, body: RefuseReturnIn) -> ReturnFlow:
    """Refuse on the law."""
    no = NoFacts(body.reason, body.basis, body.level)
    return services.refuse_return(actor=request.actor, flow_id=flow_id, no=no, on=today())


@router.post("/{flow_id}/withdraw", response=ReturnOut, url_name="sharing-return-withdraw")
def withdraw(request: Request, flow_id: UUID, body: WithdrawReturnIn) -> ReturnFlow:
    """No longer needed."""
    return services.withdraw_return(actor=request.actor, flow_id=flow_id, reason=body.reason, on=today())
