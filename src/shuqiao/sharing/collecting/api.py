"""REST of the check before collecting: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import Decision
from shuqiao.kernel.time import today
from shuqiao.sharing.collecting import queries, services
from shuqiao.sharing.collecting.types import CheckStatus, Choice
from shuqiao.sharing.models import CollectionCheck, CollectionItem

router = Router(tags=["collecting"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class CheckBody(Schema):
    """A field nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


class ChecksIn(Schema):
    """Which checks: in one state, with words in the title; from `offset` on, at most 200."""

    status: CheckStatus | None = None
    q: str = ""
    offset: int = Field(0, ge=0, le=OFFSET_MAX)
    limit: int = Field(50, ge=1, le=PAGE_MAX)


class AskCheckIn(CheckBody):
    """What a department wants to collect, from whom, what for, on which ground; at most 200 items."""

    department: UUID
    title: str
    purpose: str
    collected_from: str
    basis: str = ""
    items: list[str]


class CheckChoiceIn(CheckBody):
    """What the department decides of one item: `share` instead, `collect` all the same, `drop`."""

    item: UUID
    choice: Choice
    reason: str = ""


class DecideCheckIn(CheckBody):
    """A decision on every item."""

    choices: list[CheckChoiceIn]


class HeldOut(Schema):
    """Where the catalogue has an item. `exact`: by this very name; else by one like it."""

    entry: UUID
    code: str
    title: str
    department: str
    item: str
    sharing_type: str
    exact: bool


class ItemOut(Schema):
    """An item, what the platform answered, and what the department decided."""

    id: UUID
    name: str
    verdict: str
    found: list[HeldOut]
    source: str
    choice: str
    reason: str


class CheckOut(Schema):
    """A check in a list."""

    id: UUID
    number: str
    title: str
    department: str
    status: str
    asked_on: date
    decided_on: date | None


class WholeCheckOut(CheckOut):
    """A check whole, with the platform's answer and the articles it rests on."""

    purpose: str
    collected_from: str
    basis: str
    allowed: bool
    answer: str
    articles: list[dict[str, str]]
    items: list[ItemOut]


class ChecksOut(Schema):
    """A part of the list, and how many there are."""

    items: list[CheckOut]
    total: int


def _line(check: CollectionCheck) -> dict[str, Any]:
    names = ("id", "number", "title", "status", "asked_on", "decided_on")
    return {name: getattr(check, name) for name in names} | {"department": check.department.name}


def _item(item: CollectionItem) -> dict[str, Any]:
    names = ("id", "name", "verdict", "found", "choice", "reason")
    return {name: getattr(item, name) for name in names} | {"source": item.source.get("department", "")}


def _whole(check: CollectionCheck) -> dict[str, Any]:
    answer = Decision.from_json(check.decision_json)
    return _line(check) | {
        "purpose": check.purpose,
        "collected_from": check.collected_from,
        "basis": check.basis,
        "allowed": answer.allowed,
        "answer": answer.reason,
        "articles": [law.cited(one) for one in answer.basis],
        "items": [_item(one) for one in check.items.all()],
    }


@router.get("/checks", response=ChecksOut, url_name="collecting-checks", summary="采集前查询记录")
def list_checks(request: Request, asked: Query[ChecksIn]) -> dict[str, Any]:
    """Checks of the person's departments and divisions, the newest first."""
    request.actor.demand(P.SHARING_REQUEST_READ)
    rows = queries.list_checks_for(request.actor, status=asked.status or "", words=asked.q[:100])
    part = rows[asked.offset : asked.offset + asked.limit]
    return {"items": [_line(one) for one in part], "total": rows.count()}


@router.post("/checks", response={201: WholeCheckOut}, url_name="collecting-ask", summary="采集前查询")
def ask(request: Request, body: AskCheckIn) -> Status[dict[str, Any]]:
    """Ask what of it can be had by sharing; the answer comes at once and is kept as it was that day."""
    wanted = services.Wanted(body.title, body.purpose, body.collected_from, tuple(body.items), body.basis)
    check = services.check_collection(
        actor=request.actor, department_id=body.department, wanted=wanted, on=today()
    )
    return Status(201, _whole(check))


@router.get(
    "/checks/{uuid:check_id}", response=WholeCheckOut, url_name="collecting-check", summary="一次采集前查询"
)
def get_check(request: Request, check_id: UUID) -> dict[str, Any]:
    """What was asked, answered and decided."""
    return _whole(queries.get_check_for(request.actor, check_id))


@router.post(
    "/checks/{uuid:check_id}/decide", response=WholeCheckOut, url_name="collecting-decide", summary="逐项确定"
)
def decide(request: Request, check_id: UUID, body: DecideCheckIn) -> dict[str, Any]:
    """Say of every item what becomes of it. Collecting what can be shared wants a reason (409)."""
    choices = {one.item: (one.choice.value, one.reason) for one in body.choices}
    check = services.decide_items(actor=request.actor, check_id=check_id, choices=choices, on=today())
    return _whole(check)
