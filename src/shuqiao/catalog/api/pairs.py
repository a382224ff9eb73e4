"""REST of entries that look the same: keep both, merge, and separate again."""

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
from shuqiao.catalog.models import DuplicatePair, Entry
from shuqiao.catalog.onesource import pairs
from shuqiao.catalog.types import PairStatus
from shuqiao.kernel.time import today

router = Router()


class SideOut(Schema):
    """One of the two."""

    id: UUID
    code: str
    title: str
    division: str
    department: str


class PairOut(Schema):
    """Two entries, how likely they are one (0 to 1), why, and what people decided."""

    id: UUID
    first: SideOut
    second: SideOut
    score: float
    reasons: list[Any]
    status: PairStatus
    note: str
    decided_on: date | None


class OnePairOut(PairOut):
    """With whether the person may decide."""

    may_decide: bool


class PairNoteIn(Body):
    """Why."""

    note: str = ""


class MergePairIn(PairNoteIn):
    """Which of the two stays, and why."""

    keep: UUID


class KeptOut(Schema):
    """The entry that stays; id and code of the other lead to it."""

    id: UUID
    code: str


class SeparateOut(Schema):
    """The draft under which the entry will stand for itself again, once published."""

    revision: UUID


class PairsIn(PageIn):
    """Pairs in one state, with words in a title, of one kind: `formats` (the same data twice), or `other`."""

    status: PairStatus = PairStatus.FOUND
    q: str = ""
    kind: str = ""


def _side(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "code": entry.code or "",
        "title": entry.published.title if entry.published else "",
        "division": entry.division_id,
        "department": entry.department.name,
    }


def _pair(pair: DuplicatePair) -> dict[str, Any]:
    names = ("id", "score", "reasons", "status", "note", "decided_on")
    return {name: getattr(pair, name) for name in names} | {
        "first": _side(pair.first),
        "second": _side(pair.second),
    }


@router.get("/pairs", response=PageOut[PairOut], url_name="catalog-pairs", summary="疑似重复")
def list_pairs(request: Request, asked: Query[PairsIn]) -> dict[str, Any]:
    """Pairs of the person's departments and divisions, the likeliest first."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    found = pairs.list_pairs_for(request.actor, status=asked.status, words=asked.q[:100], kind=asked.kind)
    rows, after = page_of(found, ("-score", "id"), asked)
    return {"items": [_pair(one) for one in rows], "next": after}


@router.get("/pairs/{uuid:pair_id}", response=OnePairOut, url_name="catalog-pair", summary="一对疑似重复")
def get_pair(request: Request, pair_id: UUID) -> dict[str, Any]:
    """One pair."""
    pair = pairs.get_pair_for(request.actor, pair_id)
    return _pair(pair) | {"may_decide": pairs.may_decide(request.actor, pair)}


@router.post(
    "/pairs/{uuid:pair_id}/keep-both", response=PairOut, url_name="catalog-pair-keep", summary="不是重复"
)
def keep_both(request: Request, pair_id: UUID, body: PairNoteIn) -> dict[str, Any]:
    """The two are not the same, and why."""
    services.keep_both(actor=request.actor, pair_id=pair_id, note=body.note, on=today())
    return _pair(pairs.get_pair_for(request.actor, pair_id))


@router.post("/pairs/{uuid:pair_id}/merge", response=KeptOut, url_name="catalog-pair-merge", summary="合并")
def merge(request: Request, pair_id: UUID, body: MergePairIn) -> dict[str, Any]:
    """One entry is merged into the other; tables and grants run on."""
    kept = services.merge_entries(
        actor=request.actor, pair_id=pair_id, keep_id=body.keep, note=body.note, on=today()
    )
    return {"id": kept.pk, "code": kept.code or ""}


@router.post(
    "/entries/{uuid:entry_id}/separate",
    response={201: SeparateOut},
    url_name="catalog-separate",
    summary="恢复为单独的条目",
)
def separate(request: Request, entry_id: UUID, body: DutyReasonIn) -> Status[dict[str, Any]]:
    """A merged entry is to stand for itself again."""
    revision = services.separate_entry(actor=request.actor, entry_id=entry_id, reason=body.reason, on=today())
    return Status(201, {"revision": revision.pk})
