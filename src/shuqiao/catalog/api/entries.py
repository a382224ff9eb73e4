"""REST of entries and their revisions: the same queries and services as the pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, review_checks, rules, services
from shuqiao.catalog.api import searching
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.contents import ContentIn
from shuqiao.catalog.api.doors import BOUND, READERS
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.api.searching import EntriesOut, SearchIn
from shuqiao.catalog.models import Revision
from shuqiao.catalog.types import EntryFacts
from shuqiao.kernel import Problem
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations

router = Router()


class NewEntryIn(ContentIn):
    """A new entry of a department."""

    department: UUID


class RevisionIn(ContentIn):
    """The content anew. `seen`: the `lock_version` you started from; when somebody saved in between, nothing is
    written and the answer is 400 with what to do."""

    seen: int


class ReasonsIn(Body):
    """Everything that has to be changed, at once."""

    class ReturnReasonIn(Body):
        where: str = ""
        what: str

    reasons: list[ReturnReasonIn]


class WithdrawIn(Body):
    """Why the entry leaves the catalogue."""

    reason: str


class MergedOut(Schema):
    """An entry that was merged into another."""

    id: UUID
    merged_into: UUID
    merged_into_code: str


class RevisionOut(Schema):
    """A revision and where it stands."""

    id: UUID
    entry: UUID
    code: str
    number: int
    status: str
    case_number: str
    lock_version: int
    content: dict[str, Any]
    return_reasons: list[dict[str, str]]
    checks: list[dict[str, Any]]


class ReviewCheckOut(Schema):
    """One thing a reviewer should know: `stop` keeps the revision from being published, `look` wants a look."""

    id: str
    tone: str
    what: str
    element: str
    basis: list[str]
    entry: str


def _revision(revision: Revision, regime: law.Regime | None = None) -> dict[str, Any]:
    content = revision.content()
    regime = regime or organizations.regime_of(revision.entry.division_id, today())
    facts = rules.RevisionFacts(content, consented=revision.signed_on is not None)
    return {
        "id": revision.id,
        "entry": revision.entry_id,
        "code": revision.entry.code or "",
        "number": revision.number,
        "status": revision.status,
        "case_number": revision.case_number,
        "lock_version": revision.lock_version,
        "content": asdict(content),
        "return_reasons": revision.return_reasons,
        "checks": [decision.as_json() for decision in rules.checks(facts, regime)],
    }


@router.get(
    "/entries",
    response=EntriesOut,
    url_name="list_entries",
    auth=READERS,
    throttle=BOUND,
    summary="检索共享目录",
)
def list_entries(request: Request, asked: Query[SearchIn]) -> EntriesOut:
    """Published entries as the reader may see them, or as the public may (`face=public`)."""
    return searching.answer(request.actor, asked)


@router.post("/entries", response={201: RevisionOut}, summary="起草目录条目")
def create_entry(request: Request, body: NewEntryIn) -> Status[dict[str, Any]]:
    """Begin an entry."""
    revision = services.create_entry(
        actor=request.actor, department_id=body.department, content=body.content(), on=today()
    )
    return Status(201, _revision(revision))


@router.get(
    "/entries/{entry_id}", response=EntryFacts | MergedOut, url_name="get_entry", auth=READERS, throttle=BOUND,
    summary="一个已发布条目的全部内容",
)  # fmt: skip
def get_entry(
    request: Request, entry_id: UUID, face: Literal["shared", "public"] = "shared"
) -> EntryFacts | MergedOut:
    """The published entry with its items; of one merged into another, which one that is."""
    if kept := queries.merge_target(entry_id):
        return MergedOut(id=entry_id, merged_into=kept.pk, merged_into_code=kept.code or "")
    if face == "public":
        return queries.public_facts_of(entry_id)
    queries.get_entry_for(request.actor, entry_id)
    return queries.facts_of(entry_id)


@router.post("/entries/{entry_id}/revise", response={201: RevisionOut}, summary="起草新版")
def start_revision(request: Request, entry_id: UUID) -> Status[dict[str, Any]]:
    """Begin the next revision."""
    return Status(201, _revision(services.start_revision(actor=request.actor, entry_id=entry_id, on=today())))


@router.post("/entries/{entry_id}/withdraw", response={204: None}, summary="撤下条目")
def withdraw_entry(request: Request, entry_id: UUID, body: WithdrawIn) -> Status[None]:
    """Take the entry out of the catalogue."""
    services.withdraw_entry(actor=request.actor, entry_id=entry_id, reason=body.reason, on=today())
    return Status(204, None)


@router.get("/revisions/{revision_id}", response=RevisionOut, summary="一版内容及规则的判断")
def get_revision(request: Request, revision_id: UUID) -> dict[str, Any]:
    """A revision the person may see, with what the rules say of it today."""
    return _revision(queries.get_revision_for(request.actor, revision_id))


@router.get(
    "/revisions/{revision_id}/checks",
    response=list[ReviewCheckOut],
    url_name="catalog-checks",
    summary="审核预检",
)
def review_findings(request: Request, revision_id: UUID) -> list[dict[str, Any]]:
    """What the reviewer's checks find: doubles, odd names and codes, lists that do not fit, what the regime lacks."""
    revision = queries.get_revision_for(request.actor, revision_id)
    known = review_checks.known_of([revision], today())[revision.pk]
    return [asdict(check) | {"basis": list(map(str, check.basis))} for check in review_checks.run(known)]


@router.put("/revisions/{revision_id}", response=RevisionOut, summary="修改草稿")
def save_draft(request: Request, revision_id: UUID, body: RevisionIn) -> dict[str, Any]:
    """Change a draft or a returned revision. 400 when somebody saved it since `seen`."""
    revision = services.save_draft(
        actor=request.actor,
        revision_id=revision_id,
        content=body.content(),
        on=today(),
        lock_version=body.seen,
    )
    return _revision(revision)


@router.post("/revisions/{revision_id}/submit", response=RevisionOut, summary="签署并报送")
def submit(request: Request, revision_id: UUID) -> dict[str, Any]:
    """Sign and send to the bureau."""
    return _revision(services.submit_revision(actor=request.actor, revision_id=revision_id, on=today()))


@router.post("/revisions/{revision_id}/return", response=RevisionOut, summary="退回")
def send_back(request: Request, revision_id: UUID, body: ReasonsIn) -> dict[str, Any]:
    """Return with all reasons at once."""
    reasons = [Problem(reason.where, reason.what) for reason in body.reasons]
    return _revision(
        services.return_revision(actor=request.actor, revision_id=revision_id, reasons=reasons, on=today())
    )


@router.post("/revisions/{revision_id}/publish", response=RevisionOut, summary="审核通过并发布")
def publish(request: Request, revision_id: UUID) -> dict[str, Any]:
    """Publish."""
    return _revision(services.publish_revision(actor=request.actor, revision_id=revision_id, on=today()))


@router.get("/review", response=PageOut[RevisionOut], summary="待审核")
def review(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """What waits for the person's review, the longest waiting first."""
    request.actor.demand(P.CATALOG_ENTRY_REVIEW)
    found = queries.list_review_for(request.actor).prefetch_related("items")
    waiting, after = page_of(found, ("signed_on", "case_number", "id"), asked)
    divisions = {revision.entry.division_id for revision in waiting}
    regimes = {division: organizations.regime_of(division, today()) for division in divisions}
    rows = [_revision(revision, regimes[revision.entry.division_id]) for revision in waiting]
    return {"items": rows, "next": after}
