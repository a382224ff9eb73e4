"""Steps that every kind of case shares: a number, a clock, a place in somebody's inbox, a notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.kernel import Article, IllegalMove, NotFound
from shuqiao.kernel.time import now
from shuqiao.organizations.models import Department, Division
from shuqiao.procedures import events, queries, workdays
from shuqiao.procedures.models import CaseCounter, InboxItem, Notice, NoticeRead, Term
from shuqiao.procedures.types import CASE_LETTERS, CaseKind, CaseRef, E


@transaction.atomic
def next_case_number(*, kind: CaseKind, division: str, on: date) -> str:
    """The next number of this kind in this division and year, e.g. 营数享〔2026〕0001号. Never given twice."""
    CaseCounter.objects.get_or_create(division_id=division, kind=kind, year=on.year)
    counter = CaseCounter.objects.select_for_update().get(division_id=division, kind=kind, year=on.year)
    CaseCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    prefix = Division.objects.values_list("case_prefix", flat=True).get(code=division)
    return f"{prefix}数{CASE_LETTERS[kind]}〔{on.year}〕{counter.last + 1:04d}号"


def _case_columns(case: CaseRef) -> dict[str, object]:
    return {
        "case_kind": case.kind,
        "case_id": case.id,
        "case_number": case.number,
        "case_title": case.title,
        "case_url": case.url,
    }


def _store(term: Term, clock: law.RunningTerm) -> Term:
    term.running = clock.to_json()
    term.due_on = clock.due.on
    term.provisional = clock.due.provisional
    term.paused = clock.paused
    term.closed_on = clock.closed_on
    if clock.closed_on:
        state = clock.state(clock.closed_on, workdays.current())
        term.days_spent = state.elapsed + state.late_by
    term.save()
    return term


@transaction.atomic
def open_term(
    *, case: CaseRef, resolved: law.ResolvedTerm, received_on: date, department: Department
) -> Term:
    """A clock starts for `department`. The day of receipt is not counted; the sources it ran under are kept."""
    clock = law.RunningTerm.open(resolved, received_on, workdays.current())
    term = Term(
        **_case_columns(case),
        term_id=resolved.term_id,
        division_id=department.division_id,
        department=department,
        resolved=resolved.to_json(),
        opened_on=received_on,
    )
    return _store(term, clock)


def _locked(term_id: UUID) -> Term:
    term = Term.objects.select_for_update().filter(id=term_id).first()
    if term is None:
        raise NotFound("期限")
    if term.closed_on:
        raise IllegalMove(f"期限 {term.case_number}", "已办结", "改动")
    return term


@transaction.atomic
def pause_term(*, term_id: UUID, on: date) -> Term:
    """The clock stops, e.g. while the other side supplements. Days from the next working day on are not counted."""
    term = _locked(term_id)
    return _store(term, term.clock().pause(on))


@transaction.atomic
def resume_term(*, term_id: UUID, on: date) -> Term:
    """The clock goes on; the due day moves by the working days paused."""
    term = _locked(term_id)
    return _store(term, term.clock().resume(on, workdays.current()))


@transaction.atomic
def extend_term(*, term_id: UUID, days: int, on: date) -> Term:
    """The due day moves, once, by at most what the text allows."""
    term = _locked(term_id)
    return _store(term, term.clock().extend(days, on, workdays.current()))


@transaction.atomic
def close_term(*, term_id: UUID, on: date) -> Term:
    """The duty is done."""
    term = _locked(term_id)
    return _store(term, term.clock().close(on, workdays.current()))


@transaction.atomic
def assign(
    *,
    case: CaseRef,
    department: Department,
    permission: P,
    action: str,
    detail: str = "",
    basis: Sequence[Article] = (),
    term: Term | None = None,
    stage: str = "term",
) -> InboxItem:
    """Put the next action on a case into the inbox of those in `department` who hold `permission`.

    `stage` is where on the chain the case stands: basis, rule, term, decision, grant, read or evidence.
    """
    return InboxItem.objects.create(
        **_case_columns(case),
        department=department,
        permission=permission,
        action=action,
        detail=detail[:300],
        basis=[str(article) for article in basis],
        term=term,
        stage=stage,
        opened_at=now(),
    )


@transaction.atomic
def settle(*, case: CaseRef, department_id: UUID | None = None) -> int:
    """What was to be done on the case (by one department, or by all) is done. Returns how many lines left."""
    items = InboxItem.objects.filter(case_kind=case.kind, case_id=case.id, done_at=None)
    if department_id:
        items = items.filter(department_id=department_id)
    return items.update(done_at=now())


@transaction.atomic
def notify(*, case: CaseRef, department_id: UUID, text: str) -> Notice:
    """Tell a department something about a case."""
    return Notice.objects.create(
        **_case_columns(case), department_id=department_id, text=text[:300], at=now()
    )


@transaction.atomic
def mark_notices_read(*, actor: Actor, until: datetime) -> None:
    """The actor has seen all notices up to a moment."""
    if actor.user_id:
        NoticeRead.objects.update_or_create(user_id=actor.user_id, defaults={"until": until})


@transaction.atomic
def remind(*, actor: Actor, term_id: UUID, on: date) -> Term:
    """The bureau reminds a department of a term (催办). Every reminder is a notice and an event row."""
    queries.get_term_for(actor, term_id, P.PROCEDURES_SUPERVISE)
    term = _locked(term_id)
    workdays.current()
    case = case_of(term)
    left = term.clock().days_left(on)
    text = f"催办：{term.case_title}，" + (
        f"还剩 {left} 个工作日" if left >= 0 else f"已逾期 {-left} 个工作日"
    )
    notify(case=case, department_id=term.department_id, text=text)
    events.record(
        E.TERM_REMINDED, actor=actor, case=case, on=on, data={"term": term.term_id, "days_left": left}
    )
    return term


@transaction.atomic
def note_overdue(*, on: date) -> int:
    """Write one event row for each open term whose day has passed, once. Returns how many were found."""
    late = list(
        Term.objects.select_for_update(of=("self",)).filter(
            closed_on=None, paused=False, due_on__lt=on, overdue_noted_at=None
        )[:1000]
    )
    for term in late:
        case = case_of(term)
        notify(case=case, department_id=term.department_id, text=f"已逾期：{term.case_title}")
        events.record(
            E.TERM_OVERDUE,
            actor=PLATFORM,
            case=case,
            department_id=term.department_id,
            on=on,
            data={"term": term.term_id, "due_on": str(term.due_on)},
        )
        term.overdue_noted_at = now()
        term.save(update_fields=["overdue_noted_at"])
    return len(late)


def case_of(row: Term | InboxItem | Notice) -> CaseRef:
    """The case a row is about."""
    return CaseRef(CaseKind(row.case_kind), row.case_id, row.case_number, row.case_title, row.case_url)
