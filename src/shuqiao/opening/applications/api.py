"""REST of open applications, for applicants and officers: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.opening.applications import queries, scoping, services, telling
from shuqiao.opening.applications.types import Draft, Given
from shuqiao.opening.models import FollowUp, OpenApplication, OpenCompetition
from shuqiao.opening.replies import services as replies
from shuqiao.procedures import queries as procedures

router = Router(tags=["opening"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class ApplicationDraftIn(Schema):
    """What an applicant writes. `items`: columns of the table."""

    items: list[str] = []
    purpose_kind: str = "general"
    purpose: str = ""
    scenario: str = ""
    safeguards: str = ""
    valid_until: date | None = None
    public_benefit: bool = False
    written_reply: bool = False

    def draft(self) -> Draft:
        """The form that services take."""
        names = set(ApplicationDraftIn.model_fields) - {"items"}
        return Draft(items=tuple(self.items), **{name: getattr(self, name) for name in names})


class NewApplicationIn(ApplicationDraftIn):
    """A new application: for which entry (and table)."""

    entry_id: UUID
    resource_id: UUID | None = None


class SupplementApplicationIn(ApplicationDraftIn):
    """The application anew, and what was supplied."""

    note: str = ""


class ApplicationItemIn(Schema):
    """A column and its mask, as the review before opening has it."""

    name: str
    mask: str = "none"


class AgreeApplicationIn(Schema):
    """What is given. `items` left out: everything as asked; a mask may be stricter than the review's. `where`: the JSON
    of a condition on any column of the table, which limits the rows."""

    items: list[ApplicationItemIn] | None = None
    valid_until: date | None = None
    conditions: str = ""
    follow_up_months: int = 6
    where: list[dict[str, Any]] = []
    reason: str = ""

    def given(self, case: OpenApplication) -> Given:
        """What the service takes."""
        items = self.items
        if items is None:
            items = [ApplicationItemIn(name=one["name"], mask=one["mask"]) for one in case.items]
        return Given(
            tuple((one.name, one.mask) for one in items),
            self.valid_until or case.valid_until,
            self.conditions.strip()[:500],
            self.follow_up_months,
            tuple(self.where),
        )


class PreviewOut(Schema):
    """The first rows that the applicant would read, under the names of the items, and how many there would be.
    `shown`: false when the rows are not on this node, or it is a file."""

    shown: bool
    heads: list[str] = []
    rows: list[list[Any]] = []
    total: int | None = None


class ApplicationReasonIn(Schema):
    """Reasons, and the basis on which they rest."""

    reason: str = ""
    ground: str = ""


class ApplicationPointsIn(Schema):
    """Everything that is missing."""

    points: list[str] = []


class UseIn(Schema):
    """How the data is used, and which products came of it."""

    usage: str = ""
    products: str = ""
    cited: bool = False


class CompetitionIn(Schema):
    """An open competition that was held, and who won it."""

    entry_id: UUID
    number: str = ""
    method: str = ""
    held_on: date
    winner_id: UUID


class CompetitionOut(CompetitionIn):
    """A recorded competition."""

    id: UUID


class ApplicationOut(Schema):
    """An application as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    entry_id: UUID
    resource_id: UUID
    provider_id: UUID
    items: list[dict[str, Any]]
    purpose_kind: str
    purpose: str
    scenario: str
    safeguards: str
    valid_until: date
    submitted_on: date
    supplements: list[dict[str, Any]]
    answered_on: date | None
    answer_reason: str
    answer_ground: str
    given_json: dict[str, Any] | None
    decision_json: dict[str, Any] | None
    opened_on: date | None
    next_follow_up_on: date | None
    ended_on: date | None
    end_reason: str
    end_ground: str


class MadeApplicationOut(ApplicationOut):
    """A new application with its code, which is shown this once."""

    code: str


class OneApplicationOut(ApplicationOut):
    """An application with its clock, what the caller may do next, and how a product cites the data. `gone`: the entry
    has left the catalogue since, with when and why."""

    due_on: date | None
    steps: list[dict[str, Any]]
    citation: str
    gone: str


class ApplicationPage(Schema):
    """Some applications, and how many there are in all."""

    count: int
    items: list[ApplicationOut]


class ApplicationReportOut(Schema):
    """One look at the use."""

    number: int
    status: str
    usage: str
    products: str
    cited: bool


@router.get("/applications", response=ApplicationPage, url_name="opening-applications")
def list_applications(request: Request, status: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Applications the caller may see, newest first. At most 200 at once."""
    found = queries.list_applications_for(request.actor, status=status)
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("/applications", response={201: MadeApplicationOut}, url_name="opening-apply")
def apply(request: Request, body: NewApplicationIn) -> Status[dict[str, Any]]:
    """Apply, as a registered party."""
    made, code = services.submit_application(
        actor=request.actor,
        entry_id=body.entry_id,
        resource_id=body.resource_id,
        draft=body.draft(),
        on=today(),
    )
    return Status(201, {**_shown(made), "code": code})


def _shown(case: OpenApplication) -> dict[str, Any]:
    return {name: getattr(case, name) for name in ApplicationOut.model_fields}


@router.get("/applications/{application_id}", response=OneApplicationOut, url_name="opening-application")
def get(request: Request, application_id: UUID) -> dict[str, Any]:
    """One application."""
    case = queries.get_application_for(request.actor, application_id)
    term = procedures.open_term_of(case.case_ref())
    acts = telling.acts_for(request.actor, case, today())
    return {
        **_shown(case),
        "due_on": term.due_on if term else None,
        "steps": [act.to_json() for act in acts],
        "gone": case.gone(),
        "citation": telling.citation_of(case, today()) if case.opened_on else "",
    }


@router.post(
    "/applications/{application_id}/supplement", response=ApplicationOut, url_name="opening-supplement"
)
def supplement(request: Request, application_id: UUID, body: SupplementApplicationIn) -> OpenApplication:
    """Supply what was asked for."""
    return services.supplement_application(
        actor=request.actor, application_id=application_id, draft=body.draft(), note=body.note, on=today()
    )


@router.post("/applications/{application_id}/withdraw", response=ApplicationOut, url_name="opening-withdraw")
def withdraw(request: Request, application_id: UUID, body: ApplicationReasonIn) -> OpenApplication:
    """No longer ask; `reason` says why."""
    return services.withdraw_application(
        actor=request.actor, application_id=application_id, reason=body.reason, on=today()
    )


@router.post("/applications/{application_id}/agree", response=ApplicationOut, url_name="opening-agree")
def agree(request: Request, application_id: UUID, body: AgreeApplicationIn) -> OpenApplication:
    """Yes, to all or to less."""
    case = queries.get_application_for(request.actor, application_id, P.OPENING_APPLICATION_ANSWER)
    given = body.given(case)
    return services.agree_application(
        actor=request.actor, application_id=application_id, given=given, reason=body.reason, on=today()
    )


@router.post("/applications/{application_id}/preview", response=PreviewOut, url_name="opening-preview")
def preview(request: Request, application_id: UUID, body: AgreeApplicationIn) -> dict[str, Any]:
    """What would be read under masks and row conditions, before a yes is signed. Nothing changes."""
    case = queries.get_application_for(request.actor, application_id, P.OPENING_APPLICATION_ANSWER)
    found = scoping.preview(case, body.given(case), today())
    return {"shown": found is not None} | (found or {})


@router.post("/applications/{application_id}/refuse", response=ApplicationOut, url_name="opening-refuse")
def refuse(request: Request, application_id: UUID, body: ApplicationReasonIn) -> OpenApplication:
    """No, with reasons and basis."""
    return services.refuse_application(
        actor=request.actor, application_id=application_id, reason=body.reason, ground=body.ground, on=today()
    )


@router.post(
    "/applications/{application_id}/ask-supplement",
    response=ApplicationOut,
    url_name="opening-ask-supplement",
)
def ask_supplement(request: Request, application_id: UUID, body: ApplicationPointsIn) -> OpenApplication:
    """Ask once for everything that is missing."""
    return services.ask_supplement(
        actor=request.actor, application_id=application_id, points=tuple(body.points), on=today()
    )


@router.post("/applications/{application_id}/confirm", response=ApplicationOut, url_name="opening-confirm")
def confirm(request: Request, application_id: UUID) -> OpenApplication:
    """Confirm the agreement, for the caller's side."""
    return services.confirm_agreement(actor=request.actor, application_id=application_id, on=today())


@router.post(
    "/applications/{application_id}/report", response=ApplicationReportOut, url_name="opening-report"
)
def report(request: Request, application_id: UUID, body: UseIn) -> FollowUp:
    """Report how the data is used."""
    return services.report_use(actor=request.actor, application_id=application_id, on=today(), **body.dict())


@router.post("/applications/{application_id}/seen", response=ApplicationReportOut, url_name="opening-seen")
def seen(request: Request, application_id: UUID) -> FollowUp:
    """The provider has read the report."""
    return services.mark_use_seen(actor=request.actor, application_id=application_id, on=today())


@router.post("/applications/{application_id}/revoke", response=ApplicationOut, url_name="opening-revoke")
def revoke(request: Request, application_id: UUID, body: ApplicationReasonIn) -> OpenApplication:
    """Take the data back: `reason` is the breach, `ground` the clause."""
    return services.revoke_application(
        actor=request.actor, application_id=application_id, breach=body.reason, ground=body.ground, on=today()
    )


@router.post("/applications/{application_id}/lapse", response=ApplicationOut, url_name="opening-lapse")
def lapse(request: Request, application_id: UUID, body: ApplicationReasonIn) -> OpenApplication:
    """The entry has left the catalogue: the application ends; `reason` is the word to the applicant."""
    return services.lapse_application(
        actor=request.actor, application_id=application_id, note=body.reason, on=today()
    )


@router.post("/applications/{application_id}/reply", response={204: None}, url_name="opening-reply")
def ask_reply(request: Request, application_id: UUID) -> Status[None]:
    """A written reply is wanted; it is downloaded from the page."""
    replies.ask_reply(actor=request.actor, application_id=application_id, on=today())
    return Status(204, None)


@router.post("/competitions", response={201: CompetitionOut}, url_name="opening-competition")
def record_competition(request: Request, body: CompetitionIn) -> Status[OpenCompetition]:
    """Record an open competition (Dongchangfu 25)."""
    made = services.record_competition(actor=request.actor, on=today(), **body.dict())
    return Status(201, made)
