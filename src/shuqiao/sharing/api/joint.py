"""REST of joint applications: the basket, its entries, one signature, and what became of each part."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing import queries, services
from shuqiao.sharing.api.requests import OFFSET_MAX, PAGE_MAX, RequestItemIn, RequestNoteIn, RequestOut
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.types import JointStatus

router = Router(tags=["sharing"])


class AddIn(Schema):
    """An entry (and its table) for the basket of a department, with the columns to begin with."""

    entry_id: UUID
    resource_id: UUID | None = None
    department_id: UUID
    items: list[RequestItemIn] = []


class PartIn(Schema):
    """Which items and rows of one entry. `seen`: the part's `mark` you started from."""

    items: list[RequestItemIn]
    where: list[dict[str, Any]] = []
    daily_quota: int | None = None
    seen: str | None = None


class CommonIn(Schema):
    """What all entries share. `seen`: the `mark` you started from."""

    purpose: str = ""
    scenario: str = ""
    legal_basis: str = ""
    legal_basis_level: str = ""
    legal_basis_text: str = ""
    service_item: str = ""
    modes: list[str] = []
    valid_until: date | None = None
    onward: bool = False
    onward_to: str = ""
    seen: str | None = None

    def common(self) -> services.Common:
        """The form that services take."""
        said = self.dict(exclude={"modes", "seen"})
        return services.Common(modes=tuple(self.modes), **said)


class SignIn(Schema):
    """`seen`: the `mark` of what is signed."""

    seen: str | None = None


class VerdictOut(Schema):
    """Whether a part can be submitted, by which rule, and why not."""

    allowed: bool
    rule: str
    reason: str
    basis: list[str]


class PartOut(Schema):
    """One part, as everybody involved sees it."""

    id: UUID
    number: str
    title: str
    provider_id: UUID
    provider: str
    status: str
    delivery_state: str
    due_on: date | None
    verdict: VerdictOut | None


class JointOut(Schema):
    """A joint application."""

    id: UUID
    number: str
    status: str
    requester_id: UUID
    purpose: str
    scenario: str
    legal_basis: str
    legal_basis_level: str
    service_item: str
    modes: list[str]
    valid_until: date | None
    onward: bool
    onward_to: str
    signed_on: date | None
    ended_on: date | None
    mark: str

    @staticmethod
    def resolve_mark(joint: Any) -> str:
        """What to send as `seen`."""
        return str(joint["mark"] if isinstance(joint, dict) else joint.mark())


class WholeOut(JointOut):
    """A joint application with its parts."""

    parts: list[PartOut]


class JointPage(Schema):
    """Some joint applications, and how many there are in all."""

    count: int
    items: list[JointOut]


@router.get("/joint", response=JointPage, url_name="sharing-joints")
def list_joint(request: Request, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Joint applications the caller may see, with the baskets of the caller's departments. At most 200 at once."""
    found = queries.list_joint_for(request.actor)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("/joint/parts", response={201: RequestOut}, url_name="sharing-joint-add")
def add(request: Request, body: AddIn) -> Status[SharingRequest]:
    """An entry goes into the basket; twice changes nothing."""
    part = services.add_part(
        actor=request.actor,
        department_id=body.department_id,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        items=tuple((item.name, item.mask) for item in body.items),
        on=today(),
    )
    return Status(201, part)


@router.put("/joint/parts/{request_id}", response=RequestOut, url_name="sharing-joint-part")
def save_part(request: Request, request_id: UUID, body: PartIn) -> SharingRequest:
    """Items and rows of one entry in the basket."""
    return services.save_part(
        actor=request.actor,
        request_id=request_id,
        items=tuple((item.name, item.mask) for item in body.items),
        where=tuple(body.where),
        daily_quota=body.daily_quota,
        seen=body.seen,
        on=today(),
    )


@router.delete("/joint/parts/{request_id}", response=RequestOut, url_name="sharing-joint-remove")
def remove(request: Request, request_id: UUID) -> SharingRequest:
    """An entry is taken out of the basket."""
    return services.remove_part(actor=request.actor, request_id=request_id, on=today())


@router.get("/joint/{joint_id}", response=WholeOut, url_name="sharing-joint")
def get(request: Request, joint_id: UUID) -> dict[str, Any]:
    """One joint application with the state, provider and clock of each part; of a basket, what each still lacks."""
    return _whole(queries.get_joint_for(request.actor, joint_id, P.SHARING_REQUEST_READ))


@router.put("/joint/{joint_id}", response=WholeOut, url_name="sharing-joint-save")
def save(request: Request, joint_id: UUID, body: CommonIn) -> dict[str, Any]:
    """What all entries share."""
    joint = services.save_joint(
        actor=request.actor, joint_id=joint_id, common=body.common(), seen=body.seen, on=today()
    )
    return _whole(joint)


@router.post("/joint/{joint_id}/submit", response=WholeOut, url_name="sharing-joint-submit")
def submit(request: Request, joint_id: UUID, body: SignIn) -> dict[str, Any]:
    """Sign once for all parts. What is wrong is named part by part."""
    return _whole(services.submit_joint(actor=request.actor, joint_id=joint_id, seen=body.seen, on=today()))


@router.post("/joint/{joint_id}/withdraw", response=WholeOut, url_name="sharing-joint-withdraw")
def withdraw(request: Request, joint_id: UUID, body: RequestNoteIn) -> dict[str, Any]:
    """Nothing of it is asked for any more; `note` says why."""
    return _whole(
        services.withdraw_joint(actor=request.actor, joint_id=joint_id, reason=body.note, on=today())
    )


def _whole(joint: JointRequest) -> dict[str, Any]:
    parts = queries.parts_of(joint)
    terms = procedures.open_terms_of_many(CaseKind.SHARING_REQUEST, [part.id for part in parts])
    basket = joint.status == JointStatus.DRAFT
    verdicts = {part.id: said for part, said in services.check_joint(joint, parts, today())} if basket else {}
    shown: dict[str, Any] = {name: getattr(joint, name) for name in JointOut.model_fields if name != "mark"}
    shown["mark"] = joint.mark()
    shown["parts"] = [_part(part, terms.get(part.id), verdicts.get(part.id)) for part in parts]
    return shown


def _part(part: SharingRequest, term: Any, verdict: Any) -> dict[str, Any]:
    return {
        "id": part.id,
        "number": part.number,
        "title": part.title,
        "provider_id": part.provider_id,
        "provider": part.provider.name,
        "status": part.status,
        "delivery_state": part.delivery_state,
        "due_on": term.due_on if term else None,
        "verdict": {
            "allowed": verdict.allowed,
            "rule": verdict.rule,
            "reason": verdict.reason,
            "basis": [str(article) for article in verdict.basis],
        }
        if verdict
        else None,
    }
