"""REST of applications from outside government, for both sides: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import queries, services, telling
from shuqiao.sharing.outside.types import Consent, Draft
from shuqiao.sharing.types import Scope

router = Router(tags=["outside"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class OutsideItemIn(Schema):
    """A column and its mask."""

    name: str
    mask: str = "none"


class OutsideDraftIn(Schema):
    """What an applicant writes."""

    items: list[OutsideItemIn] = []
    modes: list[str] = []
    purpose: str = ""
    scenario: str = ""
    safeguards: str = ""
    valid_until: date | None = None

    def draft(self) -> Draft:
        """The form that services take."""
        return Draft(
            items=tuple((one.name, one.mask) for one in self.items),
            modes=tuple(self.modes),
            purpose=self.purpose,
            scenario=self.scenario,
            safeguards=self.safeguards,
            valid_until=self.valid_until,
        )


class NewOutsideIn(OutsideDraftIn):
    """A new application: for which entry (and table)."""

    entry_id: UUID
    resource_id: UUID | None = None


class SupplementOutsideIn(OutsideDraftIn):
    """The application anew, and what was supplied."""

    note: str = ""


class OutsidePointsIn(Schema):
    """Everything that is missing."""

    points: list[str] = []


class OutsideNoteIn(Schema):
    """A word to the provider."""

    note: str = ""


class OutsideConsentIn(Schema):
    """The provider's word."""

    consent: Consent | None = None
    reason: str = ""


class AgreeOutsideIn(Schema):
    """What is given. `items` left out: everything as asked."""

    items: list[OutsideItemIn] | None = None
    valid_until: date | None = None
    daily_quota: int | None = None
    conditions: str = ""
    reason: str = ""


class OutsideReasonIn(Schema):
    """Reasons, and the basis on which they rest."""

    reason: str = ""
    ground: str = ""


class OutsideOut(Schema):
    """An application as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    entry_id: UUID
    resource_id: UUID
    provider_id: UUID
    bureau_id: UUID
    items: list[dict[str, Any]]
    modes: list[str]
    purpose: str
    scenario: str
    safeguards: str
    valid_until: date
    submitted_on: date
    supplements: list[dict[str, Any]]
    consulted_on: date | None
    consent: str
    consent_reason: str
    answered_on: date | None
    answer_reason: str
    answer_ground: str
    given_json: dict[str, Any] | None
    decision_json: dict[str, Any] | None
    opened_on: date | None
    ended_on: date | None
    end_reason: str
    end_ground: str


class MadeOutsideOut(OutsideOut):
    """A new application with its code, which is shown this once."""

    code: str


class OneOutsideOut(OutsideOut):
    """An application with its clock, what became of its entry, and what the caller may do next."""

    gone: str
    due_on: date | None
    acts: list[dict[str, Any]]


class OutsidePage(Schema):
    """Some applications, and how many there are in all."""

    count: int
    items: list[OutsideOut]


@router.get("", response=OutsidePage, url_name="sharing-outside-list")
def list_outside(request: Request, status: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Applications the caller may see, newest first. At most 200 at once."""
    found = queries.list_outside_for(request.actor, status=status)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("", response={201: MadeOutsideOut}, url_name="sharing-outside-apply")
def apply(request: Request, body: NewOutsideIn) -> Status[dict[str, Any]]:
    """Apply, as a registered body."""
    made, code = services.submit_outside(
        actor=request.actor,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        draft=body.draft(),
        on=today(),
    )
    return Status(201, {**_shown(made), "code": code})


def _shown(case: OutsideRequest) -> dict[str, Any]:
    return {name: getattr(case, name) for name in OutsideOut.model_fields}


@router.get("/{request_id}", response=OneOutsideOut, url_name="sharing-outside")
def get(request: Request, request_id: UUID) -> dict[str, Any]:
    """One application."""
    case = queries.get_outside_for(request.actor, request_id)
    term = procedures.open_term_of(case.case_ref())
    acts = telling.acts_for(request.actor, case, today())
    return {
        **_shown(case),
        "gone": case.gone(),
        "due_on": term.due_on if term else None,
        "acts": [act.to_json() for act in acts],
    }


@router.post("/{request_id}/supplement", response=OutsideOut, url_name="sharing-outside-supplement")
def supplement(request: Request, request_id: UUID, body: SupplementOutsideIn) -> OutsideRequest:
    """Supply what was asked for."""
    return services.supplement_outside(
        actor=request.actor, request_id=request_id, draft=body.draft(), note=body.note, on=today()
    )


@router.post("/{request_id}/withdraw", response=OutsideOut, url_name="sharing-outside-withdraw")
def withdraw(request: Request, request_id: UUID, body: OutsideReasonIn) -> OutsideRequest:
    """No longer ask."""
    return services.withdraw_outside(
        actor=request.actor, request_id=request_id, reason=body.reason, on=today()
    )


@router.post("/{request_id}/ask-supplement", response=OutsideOut, url_name="sharing-outside-ask-supplement")
def ask_supplement(request: Request, request_id: UUID, body: OutsidePointsIn) -> OutsideRequest:
    """Say once everything that is missing."""
    return services.ask_supplement(
        actor=request.actor, request_id=request_id, points=tuple(body.points), on=today()
    )


@router.post("/{request_id}/consult", response=OutsideOut, url_name="sharing-outside-consult")
def consult(request: Request, request_id: UUID, body: OutsideNoteIn) -> OutsideRequest:
    """Ask the provider."""
    return services.consult_provider(
        actor=request.actor, request_id=request_id, note=body.note[:200], on=today()
    )


@router.post("/{request_id}/consent", response=OutsideOut, url_name="sharing-outside-consent")
def consent(request: Request, request_id: UUID, body: OutsideConsentIn) -> OutsideRequest:
    """The provider's word."""
    return services.say_consent(
        actor=request.actor, request_id=request_id, consent=body.consent, reason=body.reason, on=today()
    )


@router.post("/{request_id}/agree", response=OutsideOut, url_name="sharing-outside-agree")
def agree(request: Request, request_id: UUID, body: AgreeOutsideIn) -> OutsideRequest:
    """Yes, to all or to less."""
    asked = queries.get_outside_for(request.actor, request_id).draft().scope()
    items = asked.items if body.items is None else tuple((one.name, one.mask) for one in body.items)
    given = Scope(items, (), asked.modes, body.valid_until or asked.valid_until, body.daily_quota)
    return services.agree_outside(
        actor=request.actor,
        request_id=request_id,
        given=given,
        conditions=body.conditions,
        reason=body.reason,
        on=today(),
    )


@router.post("/{request_id}/refuse", response=OutsideOut, url_name="sharing-outside-refuse")
def refuse(request: Request, request_id: UUID, body: OutsideReasonIn) -> OutsideRequest:
    """No, with reasons and basis."""
    return services.refuse_outside(
        actor=request.actor, request_id=request_id, reason=body.reason, ground=body.ground, on=today()
    )


@router.post("/{request_id}/confirm", response=OutsideOut, url_name="sharing-outside-confirm")
def confirm(request: Request, request_id: UUID) -> OutsideRequest:
    """Confirm the agreement, for the caller's side."""
    return services.confirm_agreement(actor=request.actor, request_id=request_id, on=today())


@router.post("/{request_id}/revoke", response=OutsideOut, url_name="sharing-outside-revoke")
def revoke(request: Request, request_id: UUID, body: OutsideReasonIn) -> OutsideRequest:
    """A breach: `reason` is the breach, `ground` the clause."""
    return services.revoke_outside(
        actor=request.actor, request_id=request_id, breach=body.reason, ground=body.ground, on=today()
    )
