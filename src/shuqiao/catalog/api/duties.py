"""REST of update duties: what changed outside the catalogue, and what the departments did about it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.life import duties
from shuqiao.catalog.models import UpdateDuty
from shuqiao.catalog.types import DutyStatus, Trigger
from shuqiao.kernel.time import today

router = Router()


class DutyOut(Schema):
    """A department's duty to follow a change. `due_on`: the last day, null where no text in force sets a term or the
    clock has stopped."""

    id: UUID
    case_number: str
    department: str
    department_id: UUID
    trigger: Trigger
    what: str
    basis: str
    changed_on: date
    status: DutyStatus
    due_on: date | None
    extension_reason: str
    report: str
    reported_on: date | None
    closed_on: date | None
    answer: str


class TouchedOut(Schema):
    """An entry that the duty touches, and what became of it: pending, changed or unchanged."""

    entry: UUID
    title: str
    outcome: str
    note: str


class WholeDutyOut(DutyOut):
    """A duty with its entries, and what the person can do next."""

    entries: list[TouchedOut]
    actions: list[str]


class DutyIn(Body):
    """A change of one or several departments. Its term runs from `changed_on`."""

    departments: list[UUID]
    trigger: Trigger
    what: str
    changed_on: date
    basis: str = ""
    entries: list[UUID] = []


class EntriesIn(Body):
    """Entries, with a note where one is wanted."""

    entries: list[UUID]
    note: str = ""


class ExtensionIn(Body):
    """How many more working days, and why."""

    days: int
    reason: str = ""


class ExtensionAnswerIn(Body):
    """The bureau's word on an extension."""

    consent: bool
    days: int = 0
    note: str = ""


class DutyReportIn(Body):
    """What was done."""

    report: str = ""


class DutyReasonIn(Body):
    """Why."""

    reason: str = ""


class DutiesIn(PageIn):
    """Duties in one state, or open ones whose term has passed."""

    status: DutyStatus | None = None
    overdue: bool = False


def _duty(duty: UpdateDuty, due_on: date | None) -> dict[str, Any]:
    names = (
        "id", "case_number", "department_id", "trigger", "what", "basis", "changed_on", "status", "extension_reason",
        "report", "reported_on", "closed_on", "answer",
    )  # fmt: skip
    return {name: getattr(duty, name) for name in names} | {
        "department": duty.department.name,
        "due_on": due_on,
    }


def _whole(request: Request, duty: UpdateDuty) -> dict[str, Any]:
    term = duties.clocks_of([duty]).get(duty.id)
    return _duty(duty, term.due_on if term else None) | {
        "entries": [
            {"entry": row.entry_id, "title": duties.title_of(row), "outcome": row.outcome, "note": row.note}
            for row in duties.entries_of(duty)
        ],
        "actions": sorted(duties.actions_for(request.actor, duty)),
    }


@router.get("/duties", response=PageOut[DutyOut], url_name="catalog-duties", summary="更新义务")
def list_duties(request: Request, asked: Query[DutiesIn]) -> dict[str, Any]:
    """Duties of the person's departments and divisions, the newest change first."""
    found = (
        duties.list_overdue_for(request.actor, today())
        if asked.overdue
        else duties.list_duties_for(request.actor, asked.status)
    )
    rows, after = page_of(found, ("-changed_on", "-id"), asked)
    clocks = duties.clocks_of(rows)
    items = [_duty(one, clocks[one.id].due_on if one.id in clocks else None) for one in rows]
    return {"items": items, "next": after}


@router.post("/duties", response={201: list[DutyOut]}, url_name="catalog-duties", summary="登记变化")
def record(request: Request, body: DutyIn) -> Status[list[dict[str, Any]]]:
    """A change is recorded: each department gets a duty of its own."""
    made = services.record_duties(
        actor=request.actor,
        department_ids=body.departments,
        occasion=services.Occasion(body.trigger, body.what, body.changed_on, body.basis),
        entry_ids=body.entries,
        on=today(),
    )
    clocks = duties.clocks_of(made)
    return Status(201, [_duty(one, clocks[one.id].due_on if one.id in clocks else None) for one in made])


@router.get("/duties/{uuid:duty_id}", response=WholeDutyOut, url_name="catalog-duty", summary="一项更新义务")
def get_duty(request: Request, duty_id: UUID) -> dict[str, Any]:
    """One duty with its entries."""
    return _whole(request, duties.get_duty_for(request.actor, duty_id))


@router.post(
    "/duties/{uuid:duty_id}/entries",
    response=WholeDutyOut,
    url_name="catalog-duty-entries",
    summary="列入条目",
)
def add_entries(request: Request, duty_id: UUID, body: EntriesIn) -> dict[str, Any]:
    """The change touches further entries of the department."""
    return _whole(
        request,
        services.add_duty_entries(actor=request.actor, duty_id=duty_id, entry_ids=body.entries, on=today()),
    )


@router.post(
    "/duties/{uuid:duty_id}/unchanged",
    response=WholeDutyOut,
    url_name="catalog-duty-unchanged",
    summary="无需更新",
)
def unchanged(request: Request, duty_id: UUID, body: EntriesIn) -> dict[str, Any]:
    """The change asks nothing of these entries, and why."""
    duty = services.mark_unchanged(
        actor=request.actor, duty_id=duty_id, entry_ids=body.entries, note=body.note, on=today()
    )
    return _whole(request, duty)


@router.post(
    "/duties/{uuid:duty_id}/extension",
    response=WholeDutyOut,
    url_name="catalog-duty-extension",
    summary="提请延长",
)
def ask_extension(request: Request, duty_id: UUID, body: ExtensionIn) -> dict[str, Any]:
    """The department asks for more days, once, where a text allows it."""
    duty = services.ask_update_extension(
        actor=request.actor, duty_id=duty_id, days=body.days, reason=body.reason, on=today()
    )
    return _whole(request, duty)


@router.post(
    "/duties/{uuid:duty_id}/answer", response=WholeDutyOut, url_name="catalog-duty-answer", summary="答复延长"
)
def answer_extension(request: Request, duty_id: UUID, body: ExtensionAnswerIn) -> dict[str, Any]:
    """The bureau consents, or says no and why."""
    duty = services.answer_update_extension(
        actor=request.actor,
        duty_id=duty_id,
        consent=body.consent,
        days=body.days,
        note=body.note,
        on=today(),
    )
    return _whole(request, duty)


@router.post(
    "/duties/{uuid:duty_id}/report", response=WholeDutyOut, url_name="catalog-duty-report", summary="报告更新"
)
def report(request: Request, duty_id: UUID, body: DutyReportIn) -> dict[str, Any]:
    """The department reports to the bureau; the clock rests meanwhile."""
    return _whole(
        request,
        services.report_duty(actor=request.actor, duty_id=duty_id, report=body.report, on=today()),
    )


@router.post(
    "/duties/{uuid:duty_id}/confirm",
    response=WholeDutyOut,
    url_name="catalog-duty-confirm",
    summary="确认更新",
)
def confirm(request: Request, duty_id: UUID) -> dict[str, Any]:
    """The bureau confirms."""
    return _whole(request, services.confirm_duty(actor=request.actor, duty_id=duty_id, on=today()))


@router.post(
    "/duties/{uuid:duty_id}/return", response=WholeDutyOut, url_name="catalog-duty-return", summary="退回重办"
)
def send_back(request: Request, duty_id: UUID, body: DutyReasonIn) -> dict[str, Any]:
    """The bureau is not satisfied: the clock runs again."""
    return _whole(
        request,
        services.send_duty_back(actor=request.actor, duty_id=duty_id, reason=body.reason, on=today()),
    )


@router.post(
    "/duties/{uuid:duty_id}/cancel", response=WholeDutyOut, url_name="catalog-duty-cancel", summary="撤销"
)
def cancel(request: Request, duty_id: UUID, body: DutyReasonIn) -> dict[str, Any]:
    """The bureau takes back what should not have been recorded."""
    return _whole(
        request, services.cancel_duty(actor=request.actor, duty_id=duty_id, reason=body.reason, on=today())
    )
