"""REST of what lies between a draft and the catalogue: our own revisions, sign-off, batches, history, differences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.catalog import queries, services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.leaving import StandOut
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.life import differences, freshness, stale
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.types import Status
from shuqiao.kernel import InvalidInput, NotFound, Problem, RuleRefused, ShuqiaoError
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures

router = Router()
BATCH_MAX = 500


class OwnIn(PageIn):
    """In which state; by default all but those given up. `q`: words in them."""

    status: Status | None = None
    q: str = ""


class OwnOut(Schema):
    """A revision of one's own departments and where it stands."""

    id: UUID
    entry: UUID
    title: str
    number: int
    status: str
    case_number: str
    department: str
    lock_version: int
    changed_at: datetime


class RevisionsIn(Body):
    """Several revisions, each to be taken by itself."""

    revisions: list[UUID] = Field(min_length=1, max_length=BATCH_MAX)


class VerdictIn(Body):
    """The bureau's word on one revision: without reasons it is published, with them it is returned."""

    class VerdictReasonIn(Body):
        where: str = ""
        what: str

    revision: UUID
    publish: bool
    reasons: list[VerdictReasonIn] = []


class VerdictsIn(Body):
    """A word on each of several revisions."""

    verdicts: list[VerdictIn] = Field(min_length=1, max_length=BATCH_MAX)


class RefusedOut(Schema):
    """Why one could not be done: in words, by which articles, and what is wrong where."""

    revision: UUID
    title: str
    what: str
    basis: list[dict[str, str]]
    problems: list[dict[str, str]]


class BatchOut(Schema):
    """What became of each. `missing`: ids under which one can see nothing."""

    done: list[StandOut]
    returned: list[StandOut] = []
    refused: list[RefusedOut]
    missing: list[UUID]


class RevisionVersionOut(Schema):
    """A revision of an entry."""

    id: UUID
    number: int
    status: str
    case_number: str
    title: str
    signed_on: date | None
    reviewed_on: date | None
    published_on: date | None
    changed_at: datetime


class EventOut(Schema):
    """One thing that happened to an entry."""

    at: datetime
    event: str
    label: str
    case_number: str
    by: str
    reason: str


class ChangedFieldOut(Schema):
    """A field that says something else now."""

    name: str
    before: Any
    after: Any


class ItemChangeOut(Schema):
    """A data item that is `added`, `removed`, `changed` or `moved`; places count from 1, 0 is nowhere."""

    kind: str
    name: str
    place_before: int
    place_after: int
    fields: list[ChangedFieldOut]


class DifferenceOut(Schema):
    """What changed from one revision to another of an entry."""

    before: int
    after: int
    fields: list[ChangedFieldOut]
    items: list[ItemChangeOut]


class DifferenceIn(Schema):
    """Numbers of two revisions; by default the newest and the one before it."""

    before: int | None = None
    after: int | None = None


class StaleOut(Schema):
    """An entry whose data is later than the cycle it promises, and by how many calendar days."""

    id: UUID
    code: str
    title: str
    department: str
    update_cycle: str
    data_updated_on: date | None
    due_on: date | None
    late_by: int


def _stand(revision: Revision) -> StandOut:
    return StandOut(
        revision=revision.pk, entry=revision.entry_id, number=revision.number, status=revision.status
    )


def _refused(revision: Revision, error: ShuqiaoError) -> RefusedOut:
    basis = error.decision.basis if isinstance(error, RuleRefused) else ()
    problems = error.problems if isinstance(error, InvalidInput) else ()
    return RefusedOut(
        revision=revision.pk, title=revision.title, what=str(error), basis=[dict(law.cited(one)) for one in basis],
        problems=[{"where": one.where, "what": one.what} for one in problems],
    )  # fmt: skip


def _batch(result: services.BatchResult, returned: Iterable[Revision] = ()) -> BatchOut:
    return BatchOut(
        done=[_stand(one) for one in result.done],
        returned=[_stand(one) for one in returned],
        refused=[_refused(revision, error) for revision, error in result.refused],
        missing=list(result.missing),
    )


@router.get("/revisions", response=PageOut[OwnOut], url_name="catalog-own", summary="本部门的目录草稿与各版")
def own(request: Request, asked: Query[OwnIn]) -> dict[str, Any]:
    """Revisions of the person's departments, the last changed first."""
    found = queries.list_revisions_for(request.actor, status=asked.status, words=asked.q[:200])
    rows, after = page_of(found, ("-changed_at", "-id"), asked)
    names = ("id", "title", "number", "status", "case_number", "lock_version", "changed_at")
    items = [
        {name: getattr(one, name) for name in names}
        | {"entry": one.entry_id, "department": one.entry.department.name}
        for one in rows
    ]
    return {"items": items, "next": after}


@router.post(
    "/revisions/{uuid:revision_id}/ask-sign-off", response=StandOut, url_name="catalog-ask-sign-off",
    summary="请审签",
)  # fmt: skip
def ask_sign_off(request: Request, revision_id: UUID) -> StandOut:
    """Put the finished draft before the head of the sharing body."""
    return _stand(services.ask_sign_off(actor=request.actor, revision_id=revision_id, on=today()))


@router.post("/revisions/submit", response=BatchOut, url_name="catalog-submit-many", summary="成批签署并报送")
def submit_many(request: Request, body: RevisionsIn) -> BatchOut:
    """Sign several; what one lacks holds up no other."""
    return _batch(services.submit_revisions(actor=request.actor, revision_ids=body.revisions, on=today()))


@router.post("/review/publish", response=BatchOut, url_name="catalog-publish-many", summary="成批发布")
def publish_many(request: Request, body: RevisionsIn) -> BatchOut:
    """Publish several; each by itself."""
    return _batch(services.publish_revisions(actor=request.actor, revision_ids=body.revisions, on=today()))


@router.post("/review/decide", response=BatchOut, url_name="catalog-decide-many", summary="成批审核")
def decide_many(request: Request, body: VerdictsIn) -> BatchOut:
    """Publish some and return others, each with its own reasons. Where a word and its reasons do not fit, nothing is
    done and all such places are named (400)."""
    problems = []
    for place, one in enumerate(body.verdicts):
        if one.publish == any(reason.what.strip() for reason in one.reasons):
            what = "通过的不带退回理由" if one.publish else "退回须写明全部理由，一次告知"
            problems.append(Problem(f"verdicts.{place}.reasons", what))
    if len({one.revision for one in body.verdicts}) < len(body.verdicts):
        problems.append(Problem("verdicts", "同一件只能给一个意见"))
    if problems:
        raise InvalidInput(problems)
    verdicts = [
        services.Verdict(one.revision, tuple(Problem(reason.where, reason.what) for reason in one.reasons))
        if not one.publish
        else services.Verdict(one.revision)
        for one in body.verdicts
    ]
    result, returned = services.decide_revisions(actor=request.actor, verdicts=verdicts, on=today())
    return _batch(result, returned)


@router.get(
    "/entries/{uuid:entry_id}/revisions",
    response=list[RevisionVersionOut],
    url_name="catalog-versions",
    summary="各版次",
)
def versions(request: Request, entry_id: UUID) -> list[Revision]:
    """The revisions of an entry that the person may see, the newest first."""
    queries.get_entry_for(request.actor, entry_id)
    return queries.revisions_of(request.actor, entry_id)


@router.get(
    "/entries/{uuid:entry_id}/history",
    response=list[EventOut],
    url_name="catalog-history",
    summary="办理过程",
)
def history(request: Request, entry_id: UUID) -> list[EventOut]:
    """What happened to the revisions of an entry that the person may see, the oldest first."""
    queries.get_entry_for(request.actor, entry_id)
    cases = [one.case() for one in queries.revisions_of(request.actor, entry_id)]
    return [_event(one) for one in procedures.histories_of(cases)]


@router.get(
    "/entries/{uuid:entry_id}/differences", response=DifferenceOut, url_name="catalog-differences",
    summary="两版之间的差异",
)  # fmt: skip
def difference(request: Request, entry_id: UUID, asked: Query[DifferenceIn]) -> dict[str, Any]:
    """What changed between two revisions the person may see."""
    queries.get_entry_for(request.actor, entry_id)
    revisions = queries.revisions_of(request.actor, entry_id)
    after = next((one for one in revisions if asked.after in {None, one.number}), None)
    if after is None:
        raise NotFound("目录条目的版次")
    older = [one for one in revisions if one.number < after.number] if asked.before is None else revisions
    before = next((one for one in older if asked.before in {None, one.number}), None)
    if before is None and asked.before is not None:
        raise NotFound("目录条目的版次")
    before = before or after
    found = differences.between(before.content(), after.content())
    return {"before": before.number, "after": after.number, "fields": found.fields, "items": found.items}


@router.get("/stale", response=PageOut[StaleOut], url_name="catalog-stale", summary="逾期未更新的条目")
def stale_list(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """Entries of the person's departments and divisions whose data is overdue, the longest waiting first."""
    on = today()
    rows, after = page_of(stale.list_stale_for(request.actor, on), ("data_updated_on", "id"), asked)
    return {"items": [_stale(entry, on) for entry in rows], "next": after}


def _stale(entry: Entry, on: date) -> dict[str, Any]:
    revision = entry.published
    assert revision is not None  # only published entries are listed
    found = freshness.judge(revision.update_cycle, entry.data_updated_on, on)
    return {
        "id": entry.pk, "code": entry.code or "", "title": revision.title, "department": entry.department.name,
        "update_cycle": revision.update_cycle, "data_updated_on": entry.data_updated_on, "due_on": found.due_on,
        "late_by": found.late_by,
    }  # fmt: skip


def _event(event: Any) -> EventOut:
    said = event.decision or {}
    return EventOut(
        at=event.at, event=event.type, label=event.get_type_display(), case_number=event.case_number,
        by=event.actor_name, reason=str(said.get("reason", "")),
    )  # fmt: skip
