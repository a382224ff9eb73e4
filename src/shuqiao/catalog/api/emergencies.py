"""REST of collection outside the catalogue in an emergency: recorded, and ended."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.models import EmergencyCollection
from shuqiao.catalog.onesource import emergencies, rules
from shuqiao.catalog.types import EmergencyStatus
from shuqiao.kernel.time import today

router = Router()


class CollectionEmergencyOut(Schema):
    """What is collected outside the catalogue, why, and until when. `late`: it should have ended."""

    id: UUID
    case_number: str
    department: str
    department_id: UUID
    what: str
    reason: str
    basis: str
    from_on: date
    until_on: date
    status: EmergencyStatus
    ended_on: date | None
    disposal: str
    late: bool


class EmergencyIn(Body):
    """A collection as it is recorded."""

    department: UUID
    what: str
    reason: str
    basis: str
    from_on: date
    until_on: date


class EndCollectionIn(Body):
    """What becomes of the data: catalogued, handed over, destroyed."""

    disposal: str = ""


class EmergenciesIn(PageIn):
    """Collections in one state."""

    status: EmergencyStatus | None = None


def _emergency(row: EmergencyCollection) -> dict[str, Any]:
    names = (
        "id", "case_number", "department_id", "what", "reason", "basis", "from_on", "until_on", "status", "ended_on",
        "disposal",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {
        "department": row.department.name,
        "late": emergencies.is_late(row, today()),
    }


@router.get(
    "/emergencies",
    response=PageOut[CollectionEmergencyOut],
    url_name="catalog-emergencies",
    summary="应急采集",
)
def list_emergencies(request: Request, asked: Query[EmergenciesIn]) -> dict[str, Any]:
    """Collections of the person's departments and divisions: running ones first, the soonest to end on top."""
    found = emergencies.emergencies_for(request.actor, status=asked.status or "")
    rows, after = page_of(found, ("-status", "until_on", "id"), asked)
    return {"items": [_emergency(row) for row in rows], "next": after}


@router.post(
    "/emergencies",
    response={201: CollectionEmergencyOut},
    url_name="catalog-emergencies",
    summary="登记应急采集",
)
def open_emergency(request: Request, body: EmergencyIn) -> Status[dict[str, Any]]:
    """The department's head, or the bureau, records one."""
    facts = rules.EmergencyFacts(body.what, body.reason, body.basis, body.from_on, body.until_on)
    made = services.open_emergency(
        actor=request.actor, department_id=body.department, facts=facts, on=today()
    )
    return Status(201, _emergency(made))


@router.get(
    "/emergencies/{uuid:emergency_id}",
    response=CollectionEmergencyOut,
    url_name="catalog-emergency",
    summary="一项应急采集",
)
def get_emergency(request: Request, emergency_id: UUID) -> dict[str, Any]:
    """One collection."""
    return _emergency(emergencies.get_emergency_for(request.actor, emergency_id))


@router.post(
    "/emergencies/{uuid:emergency_id}/end",
    response=CollectionEmergencyOut,
    url_name="catalog-emergency-end",
    summary="结束",
)
def end_emergency(request: Request, emergency_id: UUID, body: EndCollectionIn) -> dict[str, Any]:
    """It ends, and what becomes of the data."""
    row = services.end_emergency(
        actor=request.actor, emergency_id=emergency_id, disposal=body.disposal, on=today()
    )
    return _emergency(row)
