"""REST of entries and their revisions: the same queries and services as the pages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, review_checks, rules, services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.models import CONTENT_COLUMNS, Entry, Revision
from shuqiao.catalog.types import EntryFilters, ItemContent, RevisionContent
from shuqiao.kernel import Problem
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations

router = Router()
ORDERS = {
    "newest": ("-published__published_on", "id"),
    "title": ("published__title", "id"),
    "code": ("code", "id"),
}


class ItemIn(Body):
    """One data item."""

    name: str
    column: str = ""
    data_type: str = ""
    length: str = ""
    is_key: bool = False
    nullable: bool = True
    dictionary: str = ""
    sharing_type: str = ""
    sharing_condition: str = ""
    method_category: str = ""
    method_type: str = ""
    opening_type: str = ""
    opening_condition: str = ""
    object_type: str = ""
    default_value: str = ""
    sensitive: str = ""
    base_item: bool = False
    description: str = ""


class ContentIn(Body):
    """The content of a revision; what is left out keeps the default of an empty form."""

    title: str
    english_name: str = ""
    summary: str = ""
    kind: str = "department"
    classification: str = ""
    theme: str = ""
    base_domain: str = ""
    inner_department: str = ""
    format_category: str = "database"
    format_type: str = ""
    format_note: str = ""
    update_cycle: str = ""
    update_note: str = ""
    priority_domains: str = ""
    collected: bool = False
    collection_method: str = ""
    sharing_type: str = "unconditional"
    sharing_condition: str = ""
    sharing_scope: str = ""
    sharing_use: str = ""
    sharing_reason: str = ""
    sharing_basis: str = ""
    sharing_basis_level: str = ""
    method_category: str = "platform"
    method_type: str = "interface"
    opening_type: str = "closed"
    opening_method: str = ""
    opening_condition: str = ""
    opening_basis: str = ""
    opening_basis_level: str = ""
    secrecy_mark: str = ""
    secrecy_assessed: bool = False
    personal_information_assessed: bool = False
    grade: str = ""
    source_system: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    published_on: date | None = None
    related_codes: str = ""
    online_address: str = ""
    ownership: str = ""
    management_mode: str = ""
    origin_mode: str = ""
    storage_gb: Decimal = Decimal(0)
    records_wan: Decimal = Decimal(0)
    shared_storage_gb: Decimal = Decimal(0)
    shared_records_wan: Decimal = Decimal(0)
    opened_storage_gb: Decimal = Decimal(0)
    opened_records_wan: Decimal = Decimal(0)
    items: list[ItemIn] = []

    def content(self) -> RevisionContent:
        """As the services take it."""
        values = {name: getattr(self, name) for name in CONTENT_COLUMNS}
        return RevisionContent(**values, items=tuple(ItemContent(**item.dict()) for item in self.items))


class EntryIn(ContentIn):
    """A new entry of a department."""

    department: UUID


class DraftIn(ContentIn):
    """The content anew. `seen`: the `lock_version` you started from; when somebody saved in between, nothing is
    written and the answer is 400 with what to do."""

    seen: int


class ReasonsIn(Body):
    """Everything that has to be changed, at once."""

    class ReasonIn(Body):
        where: str = ""
        what: str

    reasons: list[ReasonIn]


class WithdrawIn(Body):
    """Why the entry leaves the catalogue."""

    reason: str


class EntryOut(Schema):
    """An entry in a list."""

    id: UUID
    code: str
    title: str
    summary: str
    division: str
    department: str
    sharing_type: str
    opening_type: str
    format_category: str
    update_cycle: str
    published_on: date | None


class EntriesOut(PageOut[EntryOut]):
    """One page of entries, and how many there are on all pages."""

    total: int


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


class CheckOut(Schema):
    """One thing a reviewer should know: `stop` keeps the revision from being published, `look` wants a look."""

    id: str
    tone: str
    what: str
    element: str
    basis: list[str]
    entry: str


class SearchIn(PageIn):
    """What a list of entries is narrowed to; several values of one filter are alternatives."""

    q: str = ""
    division: list[str] = []
    department: list[str] = []
    sharing: list[str] = []
    opening: list[str] = []
    format: list[str] = []
    kind: list[str] = []
    cycle: list[str] = []
    order: str = "newest"

    def filters(self) -> EntryFilters:
        """As the queries take it."""
        return EntryFilters(
            words=self.q[:100],
            divisions=tuple(self.division),
            departments=tuple(self.department),
            sharing=tuple(self.sharing),
            opening=tuple(self.opening),
            formats=tuple(self.format),
            kinds=tuple(self.kind),
            cycles=tuple(self.cycle),
            order=self.order,
        )


def _entry(entry: Entry) -> dict[str, Any]:
    revision = entry.published
    return {
        "id": entry.id,
        "code": entry.code or "",
        "division": entry.division_id,
        "department": entry.department.name,
        **{
            name: getattr(revision, name)
            for name in (
                "title", "summary", "sharing_type", "opening_type", "format_category", "update_cycle", "published_on"
            )
        },
    }  # fmt: skip


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


@router.get("/entries", response=EntriesOut, summary="检索共享目录")
def list_entries(request: Request, search: Query[SearchIn]) -> dict[str, Any]:
    """Published entries the person may see, by `order`: newest, title or code."""
    found = queries.list_entries_for(request.actor, search.filters())
    rows, after = page_of(found, ORDERS.get(search.order, ORDERS["newest"]), search)
    return {
        "total": queries.count_entries_for(request.actor, search.filters()),
        "items": [_entry(entry) for entry in rows],
        "next": after,
    }


@router.post("/entries", response={201: RevisionOut}, summary="起草目录条目")
def create_entry(request: Request, body: EntryIn) -> Status[dict[str, Any]]:
    """Begin an entry."""
    revision = services.create_entry(
        actor=request.actor, department_id=body.department, content=body.content(), on=today()
    )
    return Status(201, _revision(revision))


@router.get("/entries/{entry_id}", summary="一个已发布条目的全部内容")
def get_entry(request: Request, entry_id: UUID) -> dict[str, Any]:
    """The published entry with its items; of one merged into another, which one that is."""
    if kept := queries.merge_target(entry_id):
        return {"id": entry_id, "merged_into": kept.pk, "merged_into_code": kept.code}
    queries.get_entry_for(request.actor, entry_id)
    return asdict(queries.facts_of(entry_id))


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
    "/revisions/{revision_id}/checks", response=list[CheckOut], url_name="catalog-checks", summary="审核预检"
)
def review_findings(request: Request, revision_id: UUID) -> list[dict[str, Any]]:
    """What the reviewer's checks find: doubles, odd names and codes, lists that do not fit, what the regime lacks."""
    revision = queries.get_revision_for(request.actor, revision_id)
    known = review_checks.known_of([revision], today())[revision.pk]
    return [asdict(check) | {"basis": list(map(str, check.basis))} for check in review_checks.run(known)]


@router.put("/revisions/{revision_id}", response=RevisionOut, summary="修改草稿")
def save_draft(request: Request, revision_id: UUID, body: DraftIn) -> dict[str, Any]:
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
