"""REST of one source per datum: items that several departments hold, and the department that is their source."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.duties import DutyReasonIn
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.models import SourceDesignation
from shuqiao.catalog.onesource import items
from shuqiao.kernel.time import today

router = Router()


class SpreadOut(Schema):
    """A data item that several departments hold, in all ways it is written."""

    id: UUID
    division: str
    datum: str
    data_type: str
    names: list[str]
    entries: int
    departments: int


class SourceOut(Schema):
    """The department that is the source of a datum (数源部门)."""

    id: UUID
    division: str
    datum: str
    department: str
    department_id: UUID
    entry: UUID | None
    reason: str
    on: date
    ended_on: date | None
    end_reason: str


class SourceIn(Body):
    """Which department is the source of which datum, why, and of which entry of its own."""

    division: str
    datum: str
    department: UUID
    reason: str = ""
    entry: UUID | None = None


class SpreadIn(PageIn):
    """Items of a division's jurisdiction, with a word in them."""

    division: str = ""
    q: str = ""


class SourcesIn(PageIn):
    """Source departments that count for a division, of one datum."""

    division: str = ""
    datum: str = ""


def _source(row: SourceDesignation) -> dict[str, Any]:
    names = ("id", "datum", "department_id", "reason", "on", "ended_on", "end_reason")
    return {name: getattr(row, name) for name in names} | {
        "division": row.division_id,
        "department": row.department.name,
        "entry": row.entry_id,
    }


@router.get(
    "/data-items", response=PageOut[SpreadOut], url_name="catalog-spread", summary="多部门持有的数据项"
)
def list_spread(request: Request, asked: Query[SpreadIn]) -> dict[str, Any]:
    """Items held by at least two departments, the widest spread first; for people of departments."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    found = items.list_spread(division=asked.division, words=asked.q[:100])
    rows, after = page_of(found, ("-departments", "-entries", "datum", "id"), asked)
    names = ("id", "datum", "data_type", "names", "entries", "departments")
    shown = [{name: getattr(row, name) for name in names} | {"division": row.division_id} for row in rows]
    return {"items": shown, "next": after}


@router.get("/sources", response=PageOut[SourceOut], url_name="catalog-sources", summary="数源部门")
def list_sources(request: Request, asked: Query[SourcesIn]) -> dict[str, Any]:
    """Source departments that count now, by datum."""
    found = items.designations(division=asked.division, datum=asked.datum[:128])
    rows, after = page_of(found, ("datum", "division_id", "id"), asked)
    return {"items": [_source(row) for row in rows], "next": after}


@router.post("/sources", response={201: SourceOut}, url_name="catalog-sources", summary="确定数源部门")
def designate(request: Request, body: SourceIn) -> Status[dict[str, Any]]:
    """The bureau names the source department; every holder is told."""
    made = services.designate_source(
        actor=request.actor,
        division=body.division,
        datum=body.datum,
        department_id=body.department,
        reason=body.reason,
        entry_id=body.entry,
        on=today(),
    )
    return Status(201, _source(made))


@router.post(
    "/sources/{uuid:designation_id}/end", response=SourceOut, url_name="catalog-source-end", summary="失效"
)
def end_source(request: Request, designation_id: UUID, body: DutyReasonIn) -> dict[str, Any]:
    """The bureau takes a designation back."""
    row = services.end_designation(
        actor=request.actor, designation_id=designation_id, reason=body.reason, on=today()
    )
    return _source(row)
