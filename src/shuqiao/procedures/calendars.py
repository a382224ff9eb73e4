"""Working days of this installation: the yearly notices an administrator imports, and the terms they move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.kernel import InvalidInput, NotAllowed, Problem
from shuqiao.kernel.time import now
from shuqiao.organizations.models import Division
from shuqiao.procedures import events
from shuqiao.procedures.models import CalendarYear, Term
from shuqiao.procedures.services import case_of, next_case_number, notify
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.procedures.workdays import current

CHUNK = 500
PREVIEWED = 2000
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Move:
    """A running term whose due day an import changes."""

    term: Term
    before: date
    after: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before it does. `moves` shows the first of `moved`; `looked_at` of `open_terms`."""

    notice: law.YearNotice
    replaces: str
    different: tuple[date, ...]
    moves: tuple[Move, ...]
    moved: int
    looked_at: int
    open_terms: int


def list_years_for(actor: Actor) -> QuerySet[CalendarYear]:
    """Every imported notice, superseded ones too."""
    actor.demand(P.PROCEDURES_CALENDAR)
    return CalendarYear.objects.select_related("imported_by")


def notice_of(*, year: int, source: str, number: str, text: str, form: str) -> law.YearNotice:
    """Read what was pasted or uploaded: lines, or TOML with year, off and work. Raises InvalidInput by line."""
    if form == "toml":
        notice = law.read_notice(text, "toml")
        if notice.year != year:
            raise InvalidInput.one("年份", f"表单写 {year} 年，文件写 {notice.year} 年")
        return notice
    return law.notice_from_lines(year, f"{source}（{number}）", text)


def preview(*, actor: Actor, notice: law.YearNotice) -> Preview:
    """Which days change and which running terms would move; nothing is written."""
    actor.demand(P.PROCEDURES_CALENDAR)
    before, after = current(), current().with_notice(notice)
    row = CalendarYear.objects.filter(year=notice.year, superseded_at=None).first()
    published = before.notices.get(notice.year)
    touched = _touched(notice)
    looked_at = list(touched.order_by("id")[:PREVIEWED])
    moves = [move for term in looked_at if (move := _move(term, after))]
    return Preview(
        notice=notice,
        replaces=str(row) if row else published.source if published else "",
        different=tuple(_different(before, after, notice)) if published else (),
        moves=tuple(moves[:SHOWN]),
        moved=len(moves),
        looked_at=len(looked_at),
        open_terms=touched.count(),
    )


def _different(one: law.WorkCalendar, two: law.WorkCalendar, notice: law.YearNotice) -> Iterator[date]:
    days = set(notice.off | notice.work)
    if replaced := one.notices.get(notice.year):
        days |= replaced.off | replaced.work
    return (day for day in sorted(days) if one.is_workday(day) != two.is_workday(day))


def _touched(notice: law.YearNotice) -> QuerySet[Term]:
    """Open terms that a notice of the year can move: those that reach into it, and all that are provisional."""
    first = min(notice.off | notice.work | {date(notice.year, 1, 1)})
    return Term.objects.filter(Q(provisional=True) | Q(due_on__gte=first), closed_on=None).select_related(
        "department"
    )


def _move(term: Term, calendar: law.WorkCalendar) -> Move | None:
    clock = term.clock()
    moved = clock.recompute(calendar)
    if moved.due == clock.due:
        return None
    return Move(term, clock.due.on, moved.due.on, moved.due.provisional)


@transaction.atomic
def import_year(
    *, actor: Actor, notice: law.YearNotice, source: str, number: str, issued_on: date, on: date
) -> CalendarYear:
    """The notice counts from now on, in every process; running terms are computed anew and what moved is told.

    Only somebody at the top of a tree of divisions imports: the notice is one for the whole country.
    """
    actor.demand(P.PROCEDURES_CALENDAR)
    division, importer = _top_of(actor)
    _check(notice, source, number, issued_on, on)
    replaced = CalendarYear.objects.select_for_update().filter(year=notice.year, superseded_at=None).first()
    if replaced:
        if replaced.notice() == notice and replaced.number == number:
            raise InvalidInput.one("文号", f"{notice.year} 年的这份通知已经导入")
        replaced.superseded_at = now()
        replaced.save(update_fields=["superseded_at"])
    row = CalendarYear.objects.create(
        case_number=next_case_number(kind=CaseKind.CALENDAR, division=division, on=on),
        year=notice.year,
        source=source.strip(),
        number=number.strip(),
        issued_on=issued_on,
        off=sorted(day.isoformat() for day in notice.off),
        work=sorted(day.isoformat() for day in notice.work),
        imported_by_id=importer,
        imported_at=now(),
    )
    events.record(
        E.CALENDAR_REVISED if replaced else E.CALENDAR_IMPORTED,
        actor=actor,
        case=case_of_year(row),
        on=on,
        data={"year": row.year, "number": row.number, "off": len(notice.off), "work": len(notice.work)},
    )
    # What is not computed anew below, or by a worker that is about to, shows as provisional meanwhile.
    _touched(notice).update(provisional=True)
    recompute(on=on, most=PREVIEWED)
    return row


def case_of_year(row: CalendarYear) -> CaseRef:
    """The case of one import."""
    return CaseRef(CaseKind.CALENDAR, row.id, row.case_number, f"{row.year} 年工作日安排", "/work/calendar/")


def _top_of(actor: Actor) -> tuple[str, UUID]:
    own = Division.objects.filter(code__in=actor.divisions_with(P.PROCEDURES_CALENDAR), parent=None).first()
    if own is None or actor.user_id is None:
        raise NotAllowed(P.PROCEDURES_CALENDAR.value, "工作日安排由最上一级的主管部门导入")
    return own.code, actor.user_id


def _check(notice: law.YearNotice, source: str, number: str, issued_on: date, on: date) -> None:
    given = {"通知名称": source, "文号": number}
    problems = [Problem(label, "必填") for label, value in given.items() if not value.strip()]
    if issued_on > on:
        problems.append(Problem("印发日期", "晚于今天"))
    if not date(notice.year - 2, 6, 1) <= issued_on <= date(notice.year, 12, 31):
        problems.append(Problem("印发日期", f"不像是 {notice.year} 年安排的印发日期"))
    if problems:
        raise InvalidInput(problems)


def recompute(*, on: date, most: int | None = None) -> int:
    """Compute provisional due days anew, in portions of one transaction each. Returns how many moved.

    A moved day is an event row and a notice to the department that has to answer.
    """
    calendar, last, looked, moved = current(), UUID(int=0), 0, 0
    while most is None or looked < most:
        with transaction.atomic():
            portion = list(
                Term.objects.select_for_update(of=("self",))
                .filter(closed_on=None, provisional=True, id__gt=last)
                .order_by("id")[:CHUNK]
            )
            moved += sum(_recompute(term, calendar, on) for term in portion)
        if len(portion) < CHUNK:
            break
        last, looked = portion[-1].id, looked + len(portion)
    return moved


def _recompute(term: Term, calendar: law.WorkCalendar, on: date) -> bool:
    before, clock = term.due_on, term.clock().recompute(calendar)
    if clock.due.on == before and clock.due.provisional == term.provisional:
        return False
    term.running, term.due_on, term.provisional = clock.to_json(), clock.due.on, clock.due.provisional
    if clock.due.on >= on:
        term.overdue_noted_at = None
    term.save(update_fields=["running", "due_on", "provisional", "overdue_noted_at"])
    if clock.due.on == before:
        return False
    case = case_of(term)
    events.record(
        E.TERM_RECOMPUTED,
        actor=PLATFORM,
        case=case,
        department_id=term.department_id,
        on=on,
        data={"term": term.term_id, "from": str(before), "to": str(clock.due.on)},
    )
    notify(
        case=case,
        department_id=term.department_id,
        text=f"工作日安排有变，到期日由 {before} 改为 {clock.due.on}：{term.case_title}",
    )
    return True
