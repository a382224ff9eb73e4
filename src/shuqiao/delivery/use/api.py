"""REST of the use of a grant: the same steps and reads as the page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.delivery import services as grants
from shuqiao.delivery.types import FilingKind, Mode
from shuqiao.delivery.use import queries, services
from shuqiao.delivery.use.passing import Consent
from shuqiao.delivery.use.types import ConsentOf, DisposalFacts, DisposalWay, Report
from shuqiao.kernel.time import today

router = Router(tags=["delivery"])


class ReportIn(Schema):
    """What the holder says of the use."""

    scenario: str = ""
    process: str = ""
    effect: str = ""
    storage: str = ""
    disposal: str = ""


class UseReportOut(ReportIn):
    """A report as it is kept."""

    id: UUID
    reported_on: date
    reporter_name: str
    keep_until: date


class CorrectionOut(Schema):
    """A correction."""

    id: UUID
    state: str
    demand: str
    ordered_on: date
    due_on: date
    report: str
    answer: str


class ConsentOut(Schema):
    """A consent to passing on."""

    id: UUID
    consent_of: str
    to_whom: str
    purpose: str
    evidence: str
    recorded_on: date
    withdrawn_on: date | None


class FilingOut(Schema):
    """A filing of the provider."""

    id: UUID
    kind: str
    state: str
    reason: str
    negotiation: str
    effective_on: date
    filed_on: date


class UseActOut(Schema):
    """A next step with the rule's word on it."""

    name: str
    label: str
    allowed: bool
    rule: str
    reason: str
    basis: list[dict[str, str]]


class UseOut(Schema):
    """All of a grant's use, and what the caller may do next."""

    grant_id: UUID
    number: str
    state: str
    report_due_on: date | None
    disposal_demand: str
    disposal: dict[str, Any] | None
    reports: list[UseReportOut]
    corrections: list[CorrectionOut]
    consents: list[ConsentOut]
    filings: list[FilingOut]
    next: list[UseActOut]


class DisposalIn(Schema):
    """How, by whom and when the data was disposed of."""

    way: DisposalWay
    detail: str = ""
    done_by: str = ""
    done_on: date
    basis: str = ""


class TextIn(Schema):
    """A text."""

    text: str = ""


class OrderIn(Schema):
    """What is to be put right until when."""

    demand: str = ""
    due_on: date | None = None


class OnwardConsentIn(Schema):
    """Whose consent, to whom, for what, on which evidence."""

    consent_of: ConsentOf
    to_whom: str = ""
    purpose: str = ""
    evidence: str = ""


class FilingIn(Schema):
    """What is filed."""

    kind: FilingKind
    reason: str = ""
    negotiation: str = ""
    effective_on: date


class ChangeIn(Schema):
    """A narrower grant; what is left out stays. `reason`: why its user gives part of it up."""

    columns: list[tuple[str, str]] | None = None
    where: list[dict[str, Any]] | None = None
    modes: list[Mode] | None = None
    valid_until: date | None = None
    daily_quota: int | None = None
    rate_per_minute: int | None = None
    reason: str = ""


def _out(request: Request, grant_id: UUID) -> dict[str, Any]:
    use = queries.get_use_for(request.actor, grant_id)
    record = use.record
    closed = record is not None and record.way
    return {
        "grant_id": grant_id,
        "number": record.number if record else "",
        "state": use.state.value,
        "report_due_on": record.report_due_on if record else None,
        "disposal_demand": record.disposal_demand if record else "",
        "disposal": {
            "way": record.way,
            "detail": record.detail,
            "basis": record.archive_basis,
            "done_by": record.done_by,
            "done_on": record.done_on,
        }
        if record and closed
        else None,
        "reports": use.reports,
        "corrections": use.corrections,
        "consents": use.consents,
        "filings": use.filings,
        "next": [_act(act) for act in queries.acts_for(request.actor, use, today())],
    }


def _act(act: queries.Act) -> dict[str, Any]:
    said = act.decision
    basis = [{"article": str(one), "title": law.article_title(one)} for one in said.basis]
    return {
        "name": act.name,
        "label": act.label,
        "allowed": said.allowed,
        "rule": said.rule,
        "reason": said.reason,
        "basis": basis,
    }


@router.get("/grants/{grant_id}/use", response=UseOut, url_name="delivery-use")
def get_use(request: Request, grant_id: UUID) -> dict[str, Any]:
    """Reports, disposal, corrections, consents and filings of a grant, and what may be done next."""
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/report", response=UseOut, url_name="delivery-use-report")
def report(request: Request, grant_id: UUID, body: ReportIn) -> dict[str, Any]:
    """Report the use."""
    said = Report(**body.dict())
    services.report_use(actor=request.actor, grant_id=grant_id, report=said, on=today())
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/dispose", response=UseOut, url_name="delivery-use-dispose")
def dispose(request: Request, grant_id: UUID, body: DisposalIn) -> dict[str, Any]:
    """Confirm that the data was disposed of."""
    facts = DisposalFacts(**body.dict())
    services.confirm_disposal(actor=request.actor, grant_id=grant_id, facts=facts, on=today())
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/demand", response=UseOut, url_name="delivery-use-demand")
def demand(request: Request, grant_id: UUID, body: TextIn) -> dict[str, Any]:
    """Say how the data is to be disposed of."""
    services.demand_disposal(actor=request.actor, grant_id=grant_id, text=body.text, on=today())
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/order", response=UseOut, url_name="delivery-use-order")
def order(request: Request, grant_id: UUID, body: OrderIn) -> dict[str, Any]:
    """Order a correction of a misuse."""
    services.order_correction(
        actor=request.actor, grant_id=grant_id, demand=body.demand, due_on=body.due_on, on=today()
    )
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/corrected", response=UseOut, url_name="delivery-use-corrected")
def corrected(request: Request, grant_id: UUID, body: TextIn) -> dict[str, Any]:
    """Report what has been put right."""
    services.report_correction(actor=request.actor, grant_id=grant_id, text=body.text, on=today())
    return _out(request, grant_id)


@router.post("/grants/{grant_id}/use/consent", response=UseOut, url_name="delivery-use-consent")
def consent(request: Request, grant_id: UUID, body: OnwardConsentIn) -> dict[str, Any]:
    """Record a consent to passing on."""
    said = Consent(body.consent_of, body.to_whom, body.purpose, body.evidence)
    services.record_onward_consent(actor=request.actor, grant_id=grant_id, consent=said, on=today())
    return _out(request, grant_id)


@router.post("/consents/{consent_id}/withdraw", response=UseOut, url_name="delivery-consent-withdraw")
def withdraw_consent(request: Request, consent_id: UUID, body: TextIn) -> dict[str, Any]:
    """Take a consent back."""
    row = services.withdraw_onward_consent(
        actor=request.actor, consent_id=consent_id, reason=body.text, on=today()
    )
    return _out(request, row.record.grant_id)


@router.post("/grants/{grant_id}/file", response=UseOut, url_name="delivery-file-stop")
def file(request: Request, grant_id: UUID, body: FilingIn) -> dict[str, Any]:
    """File that the service will be ended or changed."""
    grants.file_stop(actor=request.actor, grant_id=grant_id, on=today(), **body.dict())
    return _out(request, grant_id)


@router.post("/filings/{filing_id}/withdraw", response=UseOut, url_name="delivery-filing-withdraw")
def withdraw_filing(request: Request, filing_id: UUID) -> dict[str, Any]:
    """Take a filing back."""
    filing = grants.withdraw_filing(actor=request.actor, filing_id=filing_id, on=today())
    return _out(request, filing.grant_id)


@router.post("/grants/{grant_id}/change", response=UseOut, url_name="delivery-change")
def change(request: Request, grant_id: UUID, body: ChangeIn) -> dict[str, Any]:
    """Narrow the grant: the provider as filed, the user by giving part of it up."""
    given = body.dict(exclude_unset=True)
    parts: dict[str, Any] = {
        name: tuple(part) if isinstance(part, list) else part for name, part in given.items()
    }
    grants.change_grant(actor=request.actor, grant_id=grant_id, on=today(), **parts)
    return _out(request, grant_id)
