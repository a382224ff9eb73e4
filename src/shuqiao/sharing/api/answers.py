"""REST of the provider's and the bureau's steps on requests, and of what follows a yes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.kernel.time import today
from shuqiao.sharing import services
from shuqiao.sharing.api.requests import RequestNoteIn, RequestOut, ScopeIn
from shuqiao.sharing.models import SharingRequest

router = Router(tags=["sharing"])


class ApproveIn(Schema):
    """Yes, as asked or in a narrower scope. `conditions` go with it; `prepare`: what has to be set up before it can be
    delivered; `seen`: the `mark` of the request you answer, nothing is written when it has changed since."""

    decided: ScopeIn | None = None
    reason: str = ""
    onward_consent: str = ""
    conditions: list[str] = []
    prepare: str = ""
    seen: str | None = None


class RefuseRequestIn(Schema):
    """No: reason, legal basis and its level (law, administrative_regulation, …). The rule says what is missing."""

    reason: str = ""
    basis: str = ""
    level: law.BasisLevel | None = None
    seen: str | None = None


class RequestPointsIn(Schema):
    """Everything that is missing."""

    points: list[str] = []


class ExtendIn(Schema):
    """How many more working days, and why."""

    days: int
    reason: str = ""


@router.post("/requests/{request_id}/approve", response=RequestOut, url_name="sharing-approve")
def approve(request: Request, request_id: UUID, body: ApproveIn) -> SharingRequest:
    """Yes."""
    return services.approve_request(
        actor=request.actor,
        request_id=request_id,
        decided=body.decided.scope() if body.decided else None,
        reason=body.reason,
        onward_consent=body.onward_consent,
        conditions=body.conditions,
        prepare=body.prepare,
        seen=body.seen,
        on=today(),
    )


@router.post("/requests/{request_id}/refuse", response=RequestOut, url_name="sharing-refuse")
def refuse(request: Request, request_id: UUID, body: RefuseRequestIn) -> SharingRequest:
    """No."""
    return services.refuse_request(
        actor=request.actor,
        request_id=request_id,
        reason=body.reason,
        basis=body.basis,
        level=body.level,
        seen=body.seen,
        on=today(),
    )


@router.post("/requests/{request_id}/lapse", response=RequestOut, url_name="sharing-lapse")
def lapse(request: Request, request_id: UUID, body: RequestNoteIn) -> SharingRequest:
    """The entry has left the catalogue: the request ends; `note` is the word to the requester."""
    return services.lapse_request(actor=request.actor, request_id=request_id, note=body.note, on=today())


@router.post("/requests/{request_id}/ask-supplement", response=RequestOut, url_name="sharing-ask-supplement")
def ask_supplement(request: Request, request_id: UUID, body: RequestPointsIn) -> SharingRequest:
    """Ask once for everything that is missing."""
    return services.ask_supplement(
        actor=request.actor, request_id=request_id, points=tuple(body.points), on=today()
    )


@router.post("/requests/{request_id}/ask-extension", response=RequestOut, url_name="sharing-ask-extension")
def ask_extension(request: Request, request_id: UUID, body: ExtendIn) -> SharingRequest:
    """Ask the bureau for more time."""
    return services.ask_extension(
        actor=request.actor, request_id=request_id, days=body.days, reason=body.reason, on=today()
    )


@router.post("/requests/{request_id}/consent", response=RequestOut, url_name="sharing-consent")
def consent(request: Request, request_id: UUID, body: RequestNoteIn) -> SharingRequest:
    """The bureau consents to more time."""
    return services.consent_extension(actor=request.actor, request_id=request_id, note=body.note, on=today())


@router.post("/requests/{request_id}/deny", response=RequestOut, url_name="sharing-deny")
def deny(request: Request, request_id: UUID, body: RequestNoteIn) -> SharingRequest:
    """The bureau does not consent; `note` says why."""
    return services.deny_extension(actor=request.actor, request_id=request_id, note=body.note, on=today())


class DeliverIn(Schema):
    """What was agreed to is there. `resource_id`: which table carries it, where none was mounted before."""

    note: str = ""
    resource_id: UUID | None = None


class RenewIn(Schema):
    """Until when the grant is to run on."""

    valid_until: date | None = None


@router.post("/requests/{request_id}/deliver", response=RequestOut, url_name="sharing-deliver")
def deliver(request: Request, request_id: UUID, body: DeliverIn) -> SharingRequest:
    """The provider has delivered: the grant opens."""
    return services.confirm_delivery(
        actor=request.actor,
        request_id=request_id,
        note=body.note,
        resource_id=body.resource_id,
        on=today(),
    )


@router.post("/requests/{request_id}/remind", response=RequestOut, url_name="sharing-remind")
def remind(request: Request, request_id: UUID, body: RequestNoteIn) -> SharingRequest:
    """Remind the provider, once a day."""
    return services.remind_provider(actor=request.actor, request_id=request_id, note=body.note, on=today())


@router.post("/requests/{request_id}/renew", response={201: RequestOut}, url_name="sharing-renew")
def renew(request: Request, request_id: UUID, body: RenewIn) -> Status[SharingRequest]:
    """A draft of a new request for the grant that this one led to, for longer; one that is under way is returned."""
    made = services.renew_request(
        actor=request.actor, request_id=request_id, valid_until=body.valid_until, on=today()
    )
    return Status(201, made)
