"""REST of emergencies: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.kernel.time import today
from shuqiao.sharing.emergencies import queries, services, telling
from shuqiao.sharing.emergencies.queries import READ
from shuqiao.sharing.emergencies.types import Declaration, Sharing
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.types import Scope

router = Router(tags=["emergencies"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class DeclareIn(Schema):
    """An emergency: event, reason, where, until when."""

    division: str
    event: str = ""
    reason: str = ""
    divisions: list[str] = []
    until: date | None = None


class EmergencyItemIn(Schema):
    """A column and its mask."""

    name: str
    mask: str = "none"


class ShareIn(Schema):
    """What is opened, to whom. `valid_until` left out: to the emergency's last day."""

    entry_id: UUID
    resource_id: UUID | None = None
    departments: list[UUID] = []
    items: list[EmergencyItemIn] = []
    where: list[dict[str, Any]] = []
    modes: list[str] = []
    purpose: str = ""
    valid_until: date | None = None
    daily_quota: int | None = None


class EndEmergencyIn(Schema):
    """Why it ends."""

    reason: str = ""


class ReviewIn(Schema):
    """What the review found."""

    findings: str = ""
    measures: str = ""


class EmergencyOut(Schema):
    """An emergency as it stands."""

    id: UUID
    number: str
    status: str
    division_id: str
    event: str
    reason: str
    divisions: list[str]
    until: date
    declared_by_name: str
    declared_on: date
    ended_on: date | None
    end_reason: str
    findings: str
    measures: str
    reviewed_on: date | None


class OneEmergencyOut(EmergencyOut):
    """An emergency with what was opened, as far as the caller may see it, and what the caller may do next."""

    shares: list[dict[str, Any]]
    acts: list[dict[str, Any]]


class EmergencyPage(Schema):
    """Some emergencies, and how many there are in all."""

    count: int
    items: list[EmergencyOut]


@router.get("", response=EmergencyPage, url_name="sharing-emergencies")
def list_emergencies(request: Request, status: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Emergencies the caller may see. At most 200 at once."""
    request.actor.demand(READ)
    found = queries.list_emergencies_for(request.actor, status=status)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("", response={201: EmergencyOut}, url_name="sharing-emergency-declare")
def declare(request: Request, body: DeclareIn) -> Status[SharingEmergency]:
    """Declare."""
    said = Declaration(body.event, body.reason, tuple(body.divisions), body.until)
    made = services.declare_emergency(actor=request.actor, division=body.division, said=said, on=today())
    return Status(201, made)


@router.get("/{emergency_id}", response=OneEmergencyOut, url_name="sharing-emergency")
def get(request: Request, emergency_id: UUID) -> dict[str, Any]:
    """One emergency."""
    emergency = queries.get_emergency_for(request.actor, emergency_id)
    shares = queries.shares_of(emergency, request.actor)
    acts = telling.acts_for(request.actor, emergency, today())
    return {
        **{name: getattr(emergency, name) for name in EmergencyOut.model_fields},
        "shares": [
            {
                "grant_id": one.grant_id,
                "grant": one.grant.number,
                "state": one.grant.state,
                "department": one.department.name,
                "provider": one.provider.name,
                "opened_on": one.opened_on,
            }
            for one in shares
        ],
        "acts": [act.to_json() for act in acts],
    }


@router.post("/{emergency_id}/share", response={201: list[str]}, url_name="sharing-emergency-share")
def share(request: Request, emergency_id: UUID, body: ShareIn) -> Status[list[str]]:
    """Open an entry at once; returns the numbers of the grants."""
    scope = Scope(
        tuple((one.name, one.mask) for one in body.items),
        tuple(body.where),
        tuple(body.modes),
        body.valid_until,
        body.daily_quota,
    )
    sharing = Sharing(body.entry_id, body.resource_id, tuple(body.departments), scope, body.purpose)
    made = services.share_in_emergency(
        actor=request.actor, emergency_id=emergency_id, sharing=sharing, on=today()
    )
    return Status(201, [one.grant.number for one in made])


@router.post("/{emergency_id}/end", response=EmergencyOut, url_name="sharing-emergency-end")
def end(request: Request, emergency_id: UUID, body: EndEmergencyIn) -> SharingEmergency:
    """End it: every grant under it stops."""
    return services.end_emergency(
        actor=request.actor, emergency_id=emergency_id, reason=body.reason, on=today()
    )


@router.post("/{emergency_id}/review", response=EmergencyOut, url_name="sharing-emergency-review")
def review(request: Request, emergency_id: UUID, body: ReviewIn) -> SharingEmergency:
    """Review and close."""
    return services.review_emergency(
        actor=request.actor,
        emergency_id=emergency_id,
        findings=body.findings,
        measures=body.measures,
        on=today(),
    )
