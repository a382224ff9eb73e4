"""REST of sharing requests: the same steps and reads as the pages. Refused by a rule: 409 with rule and basis."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.sharing import acting, queries, services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import Scope

router = Router(tags=["sharing"])
PAGE_MAX = 200
OFFSET_MAX = 1_000_000_000


class RequestItemIn(Schema):
    """One column and its mask: none, keep_ends, hash, year, or drop for one that is not given."""

    name: str
    mask: str = "none"


class RequestDraftIn(Schema):
    """What a requester writes. `where`: the JSON of a condition; `modes`: interface, batch, file."""

    items: list[RequestItemIn] = []
    where: list[dict[str, Any]] = []
    purpose: str = ""
    scenario: str = ""
    legal_basis: str = ""
    legal_basis_level: str = ""
    legal_basis_text: str = ""
    modes: list[str] = []
    valid_until: date | None = None
    daily_quota: int | None = None
    service_item: str = ""
    onward: bool = False
    onward_to: str = ""

    def draft(self) -> services.Draft:
        """The form that services take."""
        said = self.dict(exclude={"items", "where", "modes"})
        return services.Draft(
            items=tuple((item.name, item.mask) for item in self.items),
            where=tuple(self.where),
            modes=tuple(self.modes),
            **said,
        )


class NewRequestIn(RequestDraftIn):
    """A new request: of which entry (and table), for which department. `once`: any UUID of your own; sent twice with
    the same one, it makes one request."""

    entry_id: UUID
    resource_id: UUID | None = None
    department_id: UUID
    once: UUID | None = None

    def draft(self) -> services.Draft:
        """The form that services take."""
        return RequestDraftIn(
            **self.dict(exclude={"entry_id", "resource_id", "department_id", "once"})
        ).draft()


class SupplementRequestIn(RequestDraftIn):
    """The request anew, and what has been supplied. `seen`: the `mark` you started from."""

    note: str = ""
    seen: str | None = None

    def draft(self) -> services.Draft:
        """The form that services take."""
        return RequestDraftIn(**self.dict(exclude={"note", "seen"})).draft()


class ScopeIn(Schema):
    """What is given. Left out as a whole: everything as asked."""

    items: list[RequestItemIn]
    where: list[dict[str, Any]] = []
    modes: list[str]
    valid_until: date | None = None
    daily_quota: int | None = None
    rate_per_minute: int | None = Field(None, ge=1, le=1_000_000)

    def scope(self) -> Scope:
        """The form that rules take."""
        return Scope(
            items=tuple((item.name, item.mask) for item in self.items),
            where=tuple(self.where),
            modes=tuple(self.modes),
            valid_until=self.valid_until,
            daily_quota=self.daily_quota,
            rate_per_minute=self.rate_per_minute,
        )


class RequestNoteIn(Schema):
    """A remark, or a reason."""

    note: str = ""


class TermOut(Schema):
    """The clock of the answer: days, last day, the article applied and those considered."""

    days: int
    due_on: date
    paused: bool
    source: str
    considered: list[dict[str, Any]]


class RequestOut(Schema):
    """A request as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    entry_id: UUID
    resource_id: UUID | None
    requester_id: UUID
    provider_id: UUID
    sharing_type: str
    items: list[dict[str, Any]]
    where: list[dict[str, Any]]
    purpose: str
    scenario: str
    legal_basis: str
    legal_basis_level: str
    modes: list[str]
    valid_until: date | None
    daily_quota: int | None
    onward: bool
    onward_to: str
    signed_on: date | None
    answered_on: date | None
    answer_reason: str
    answer_basis: str
    answer_basis_level: str
    decided: dict[str, Any] | None
    decision_json: dict[str, Any] | None
    extension_state: str
    supplements: list[dict[str, Any]]
    conditions: list[str]
    delivery_state: str
    delivery_note: str
    delivered_on: date | None
    reminded_on: date | None
    joint_id: UUID | None
    renews_id: UUID | None
    gone: str
    mark: str

    @staticmethod
    def resolve_gone(case: Any) -> str:
        """That the entry has left the catalogue since, with when and why; empty while it is in force."""
        return str(case["gone"] if isinstance(case, dict) else case.gone())

    @staticmethod
    def resolve_mark(case: Any) -> str:
        """What to send as `seen` when saving."""
        return str(case["mark"] if isinstance(case, dict) else case.mark())


class RequestActOut(Schema):
    """A next step of the caller's: whether its rule allows it, and why."""

    act: str
    label: str
    allowed: bool
    rule: str
    reason: str
    basis: list[str]


class OneRequestOut(RequestOut):
    """A request with its clock, and what the caller may do next."""

    term: TermOut | None = None
    next: list[RequestActOut] = []


class RequestPage(Schema):
    """Some requests, and how many there are in all."""

    count: int
    items: list[RequestOut]


@router.get("/requests", response=RequestPage, url_name="sharing-requests")
def list_requests(request: Request, which: str = "all", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Requests the caller may see; `which`: by_us, of_us, consent or all. At most 200 at once."""
    found = queries.list_requests_for(request.actor, which=which)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("/requests", response={201: RequestOut}, url_name="sharing-create")
def create(request: Request, body: NewRequestIn) -> Status[SharingRequest]:
    """A draft."""
    made = services.create_draft(
        actor=request.actor,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        department_id=body.department_id,
        draft=body.draft(),
        once=body.once,
        on=today(),
    )
    return Status(201, made)


@router.post("/use", response={201: RequestOut}, url_name="sharing-use")
def use(request: Request, body: NewRequestIn) -> Status[SharingRequest]:
    """Unconditional data at once."""
    made = services.use_unconditional(
        actor=request.actor,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        department_id=body.department_id,
        draft=body.draft(),
        once=body.once,
        on=today(),
    )
    return Status(201, made)


@router.get("/requests/{request_id}", response=OneRequestOut, url_name="sharing-request")
def get(request: Request, request_id: UUID) -> dict[str, Any]:
    """One request with its clock and the caller's next steps."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_READ)
    term = procedures.open_term_of(case.case_ref())
    shown: dict[str, Any] = {name: getattr(case, name) for name in RequestOut.model_fields} | {
        "mark": case.mark(),
        "gone": case.gone(),
    }
    shown["next"] = [
        {
            "act": act,
            "label": acting.LABELS[act],
            "allowed": said.allowed,
            "rule": said.rule,
            "reason": said.reason,
            "basis": [str(article) for article in said.basis],
        }
        for act, said in acting.acts_of(request.actor, case, today()).items()
    ]
    if term:
        clock = term.clock()
        shown["term"] = {
            "days": clock.days,
            "due_on": clock.due.on,
            "paused": clock.paused,
            "source": str(clock.source),
            "considered": [source.to_json() for source in clock.rule.considered],
        }
    return shown


@router.put("/requests/{request_id}", response=RequestOut, url_name="sharing-save")
def save(request: Request, request_id: UUID, body: RequestDraftIn, seen: str | None = None) -> SharingRequest:
    """The draft anew. `seen`: the `mark` you started from; when somebody saved in between, nothing is written."""
    return services.save_draft(
        actor=request.actor, request_id=request_id, draft=body.draft(), on=today(), seen=seen
    )


@router.post("/requests/{request_id}/submit", response=RequestOut, url_name="sharing-submit")
def submit(request: Request, request_id: UUID) -> SharingRequest:
    """Sign and submit."""
    return services.submit_request(actor=request.actor, request_id=request_id, on=today())


@router.post("/requests/{request_id}/supplement", response=RequestOut, url_name="sharing-supplement")
def supplement(request: Request, request_id: UUID, body: SupplementRequestIn) -> SharingRequest:
    """Supply what was asked for, and sign again."""
    return services.supplement_request(
        actor=request.actor,
        request_id=request_id,
        draft=body.draft(),
        note=body.note,
        seen=body.seen,
        on=today(),
    )


@router.post("/requests/{request_id}/withdraw", response=RequestOut, url_name="sharing-withdraw")
def withdraw(request: Request, request_id: UUID, body: RequestNoteIn) -> SharingRequest:
    """No longer ask; `note` says why."""
    return services.withdraw_request(actor=request.actor, request_id=request_id, reason=body.note, on=today())
