"""REST of the quarter's full maintenance: departments confirm their entries, the bureau reminds and closes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.life import campaigns
from shuqiao.catalog.models import Campaign
from shuqiao.catalog.types import CampaignStatus, Confirmation
from shuqiao.kernel.time import today

router = Router()


class CampaignOut(Schema):
    """A division's maintenance of one quarter."""

    id: UUID
    division: str
    quarter: str
    case_number: str
    opened_on: date
    due_on: date
    status: CampaignStatus
    closed_on: date | None


class CountedCampaignOut(CampaignOut):
    """With how many entries the person sees in it, and how many of them nobody has confirmed."""

    entries: int
    pending: int


class DepartmentOut(Schema):
    """How far a department has come."""

    id: UUID
    name: str
    total: int
    pending: int
    unchanged: int
    changed: int


class WholeCampaignOut(CampaignOut):
    """With its departments, for those who oversee the division; on closing they were written down for good."""

    departments: list[DepartmentOut]
    actions: list[str]


class CampaignLineOut(Schema):
    """An entry of the campaign, and what its department said of it."""

    entry: UUID
    code: str
    title: str
    department: str
    outcome: Confirmation
    on: date | None


class CampaignIn(Body):
    """A quarter, written 2026-Q4; by default it is due on its last day."""

    division: str
    quarter: str
    due_on: date | None = None


class ConfirmEntriesIn(Body):
    """Which entries still hold: those named, or (null) all undecided ones that `words` find."""

    entries: list[UUID] | None = None
    words: str = ""


class ConfirmedOut(Schema):
    """How many were confirmed."""

    confirmed: int


class RemindedOut(Schema):
    """How many departments were reminded."""

    departments: int


class LinesIn(PageIn):
    """Entries of a campaign, narrowed."""

    q: str = ""
    outcome: Confirmation | None = None
    department: UUID | None = None


def _campaign(one: Campaign) -> dict[str, Any]:
    names = ("id", "quarter", "case_number", "opened_on", "due_on", "status", "closed_on")
    return {name: getattr(one, name) for name in names} | {"division": one.division_id}


@router.get(
    "/campaigns", response=PageOut[CountedCampaignOut], url_name="catalog-campaigns", summary="季度维护"
)
def list_campaigns(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """Campaigns the person may see, the newest first."""
    rows, after = page_of(
        campaigns.list_campaigns_for(request.actor), ("-quarter", "division_id", "id"), asked
    )
    items = [_campaign(one) | {"entries": one.all_entries, "pending": one.pending_entries} for one in rows]  # type: ignore[attr-defined]
    return {"items": items, "next": after}


@router.post("/campaigns", response={201: CampaignOut}, url_name="catalog-campaigns", summary="开始季度维护")
def open_campaign(request: Request, body: CampaignIn) -> Status[dict[str, Any]]:
    """The bureau begins the current quarter's."""
    made = services.open_campaign(
        actor=request.actor, division=body.division, quarter=body.quarter, due_on=body.due_on, on=today()
    )
    return Status(201, _campaign(made))


@router.get(
    "/campaigns/{uuid:campaign_id}",
    response=WholeCampaignOut,
    url_name="catalog-campaign",
    summary="一次季度维护",
)
def get_campaign(request: Request, campaign_id: UUID) -> dict[str, Any]:
    """One campaign with its departments."""
    one = campaigns.get_campaign_for(request.actor, campaign_id)
    departments: list[dict[str, Any]] = []
    if campaigns.watches(request.actor, one):
        closed = one.status == CampaignStatus.CLOSED
        departments = one.summary["departments"] if closed else campaigns.by_department(one)
    actions = sorted(campaigns.actions_for(request.actor, one))
    return _campaign(one) | {"departments": departments, "actions": actions}


@router.get(
    "/campaigns/{uuid:campaign_id}/entries",
    response=PageOut[CampaignLineOut],
    url_name="catalog-campaign-entries",
    summary="待确认的条目",
)
def campaign_entries(request: Request, campaign_id: UUID, asked: Query[LinesIn]) -> dict[str, Any]:
    """Entries of a campaign that the person may see, by department."""
    one = campaigns.get_campaign_for(request.actor, campaign_id)
    found = campaigns.entries_for(
        request.actor, one, words=asked.q[:100], outcome=asked.outcome or "", department=asked.department
    )
    rows, after = page_of(found, ("department__name", "id"), asked)
    items = [
        {
            "entry": row.entry_id,
            "code": row.entry.code or "",
            "title": row.entry.published.title if row.entry.published else "",
            "department": row.department.name,
            "outcome": row.outcome,
            "on": row.on,
        }
        for row in rows
    ]
    return {"items": items, "next": after}


@router.post(
    "/campaigns/{uuid:campaign_id}/confirm",
    response=ConfirmedOut,
    url_name="catalog-campaign-confirm",
    summary="确认条目无变化",
)
def confirm(request: Request, campaign_id: UUID, body: ConfirmEntriesIn) -> dict[str, int]:
    """The department says of its entries that they still hold."""
    count = services.confirm_entries(
        actor=request.actor,
        campaign_id=campaign_id,
        entry_ids=body.entries,
        words=body.words[:100],
        on=today(),
    )
    return {"confirmed": count}


@router.post(
    "/campaigns/{uuid:campaign_id}/remind",
    response=RemindedOut,
    url_name="catalog-campaign-remind",
    summary="催办",
)
def remind(request: Request, campaign_id: UUID) -> dict[str, int]:
    """Departments with entries left are reminded, at most once a day."""
    left = services.remind_campaign(actor=request.actor, campaign_id=campaign_id, on=today())
    return {"departments": left}


@router.post(
    "/campaigns/{uuid:campaign_id}/close",
    response=CampaignOut,
    url_name="catalog-campaign-close",
    summary="结束",
)
def close(request: Request, campaign_id: UUID) -> dict[str, Any]:
    """The bureau ends it; what each department did and left is written down."""
    return _campaign(services.close_campaign(actor=request.actor, campaign_id=campaign_id, on=today()))
