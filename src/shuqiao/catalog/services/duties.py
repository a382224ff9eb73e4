"""Update duties: something outside changed, so entries must follow within the regime's term and the bureau is told
(Yingkou 15, Dongchangfu 16, Decree 17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life import duties, rules
from shuqiao.catalog.models import DutyEntry, Entry, UpdateDuty
from shuqiao.catalog.types import DUTY_MOVES, Confirmation, DutyStatus, Trigger
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedure_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseKind, E

WHAT_MAX, BASIS_MAX, NOTE_MAX, REASON_MAX, ENTRIES_MAX = 1000, 300, 300, 500, 2_000

# Longer ago nobody records a change any more: it is a slip of the pen.
CHANGED_WITHIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What changed outside the catalogue: which of the four triggers, what, under which paper, since when."""

    trigger: Trigger
    what: str
    changed_on: date
    basis: str = ""

    def problems(self, on: date) -> list[Problem]:
        """Everything that keeps it from being recorded."""
        found = [] if self.what.strip() else [Problem("变化情况", "必填")]
        if len(self.what.strip()) > WHAT_MAX:
            found.append(Problem("变化情况", f"最多 {WHAT_MAX} 字"))
        if len(self.basis.strip()) > BASIS_MAX:
            found.append(Problem("依据文件", f"最多 {BASIS_MAX} 字"))
        if self.changed_on > on:
            found.append(Problem("变化之日", "不能晚于今天；尚未生效的变化，到生效之日再登记"))
        if self.changed_on < on - CHANGED_WITHIN:
            what = f"不能早于 {on - CHANGED_WITHIN}；更早的变化早已逾期，按发现之日登记，在变化情况里写明何时发生"
            found.append(Problem("变化之日", what))
        return found


@transaction.atomic
def record_duties(
    *,
    actor: Actor,
    department_ids: Sequence[UUID],
    occasion: Occasion,
    entry_ids: Sequence[UUID] = (),
    on: date,
) -> list[UpdateDuty]:
    """A change is recorded: each department gets a duty of its own, whose term runs from the day of the change.

    By the departments themselves or by the bureau. `entry_ids` of other departments are refused (InvalidInput).
    Where no text in force sets a term the duty has no clock.
    """
    departments = [organizations.get_department(one) for one in dict.fromkeys(department_ids)]
    for department in departments:
        _demand_charge(actor, department)
    problems = occasion.problems(on)
    if not departments:
        problems.append(Problem("部门", "请至少选择一个部门"))
    entries = list(Entry.objects.published().filter(pk__in=set(entry_ids))[:ENTRIES_MAX])
    if strange := len(set(entry_ids)) - sum(
        entry.department_id in {d.pk for d in departments} for entry in entries
    ):
        problems.append(Problem("所涉条目", f"{strange} 个条目不是所选部门的已发布条目"))
    if problems:
        raise InvalidInput(problems)
    return [
        _open(actor, department, occasion, [e for e in entries if e.department_id == department.pk], on)
        for department in departments
    ]


def _demand_charge(actor: Actor, department: Department) -> None:
    if any(
        actor.may(own, department_id=department.pk) for own in (P.CATALOG_ENTRY_EDIT, P.CATALOG_ENTRY_SIGN)
    ):
        return
    actor.demand(P.CATALOG_ENTRY_REVIEW, division=department.division_id)


def _open(
    actor: Actor, department: Department, occasion: Occasion, entries: Sequence[Entry], on: date
) -> UpdateDuty:
    regime = organizations.regime_of(department.division_id, on)
    number = procedures.next_case_number(kind=CaseKind.UPDATE_DUTY, division=department.division_id, on=on)
    duty = UpdateDuty.objects.create(
        department=department,
        trigger=occasion.trigger,
        what=occasion.what.strip(),
        basis=occasion.basis.strip(),
        changed_on=occasion.changed_on,
        case_number=number,
        recorded_by_id=actor.user_id,
    )
    _touch(duty, entries)
    resolved = regime.term(rules.UPDATE)
    term = (
        procedures.open_term(
            case=duty.case(), resolved=resolved, received_on=occasion.changed_on, department=department
        )
        if resolved
        else None
    )
    decision = rules.recorded(occasion.trigger, str(occasion.trigger.label), regime)
    _assign_work(duty, f"{occasion.trigger.label}：{occasion.what.strip()}", decision.basis, term)
    procedures.notify(
        case=duty.case(), department_id=department.pk, text=f"目录须随之更新：{duty.case().title}"
    )
    if any(
        post.department_id == department.pk for post in actor.posts
    ):  # the department's own record is reported to the bureau (Dongchangfu 16)
        bureau = organizations.bureau_of(department.division_id)
        procedures.notify(
            case=duty.case(),
            department_id=bureau.pk,
            text=f"{department.short_name}登记目录更新：{duty.case().title}",
        )
    events.record(
        E.DUTY_OPENED, actor=actor, case=duty.case(), on=on, decision=decision,
        data={"trigger": duty.trigger, "changed_on": str(duty.changed_on), "entries": len(entries),
              "due_on": str(term.due_on) if term else None},
    )  # fmt: skip
    return duty


def _touch(duty: UpdateDuty, entries: Sequence[Entry]) -> None:
    """Put entries under the duty; a revision signed since the day it was recorded counts when it comes."""
    DutyEntry.objects.bulk_create(
        DutyEntry(duty=duty, entry=entry, revision_before_id=entry.published_id) for entry in entries
    )


def _assign_work(duty: UpdateDuty, detail: str, basis: Sequence[object], term: Term | None) -> None:
    procedures.assign(
        case=duty.case(),
        department=duty.department,
        permission=P.CATALOG_ENTRY_EDIT,
        action="更新目录并报告",
        detail=detail,
        basis=basis,  # type: ignore[arg-type]
        term=term,
        stage="term",
    )


def _locked(actor: Actor, duty_id: UUID, *, work: bool, wanted: str) -> UpdateDuty:
    """The duty for its department's work (`work`) or for the bureau's word."""
    duty = duties.get_duty_for(actor, duty_id, None if work else P.CATALOG_ENTRY_REVIEW, lock=True)
    if work and not actor.may(P.CATALOG_ENTRY_SIGN, department_id=duty.department_id):
        actor.demand(P.CATALOG_ENTRY_EDIT, department_id=duty.department_id)
    if work and duty.status != DutyStatus.OPEN:
        raise IllegalMove(f"更新义务 {duty}", DutyStatus(duty.status).label, wanted)
    return duty


@transaction.atomic
def add_duty_entries(*, actor: Actor, duty_id: UUID, entry_ids: Sequence[UUID], on: date) -> UpdateDuty:
    """The department finds that the change touches further entries of its own."""
    duty = _locked(actor, duty_id, work=True, wanted="增加条目")
    entries = list(
        Entry.objects.published()
        .filter(pk__in=entry_ids, department=duty.department_id)
        .exclude(duties__duty=duty)[:ENTRIES_MAX]
    )
    if not entries:
        raise InvalidInput.one("所涉条目", "请选择本部门已发布、尚未列入的条目")
    _touch(duty, entries)
    return duty


@transaction.atomic
def mark_unchanged(
    *, actor: Actor, duty_id: UUID, entry_ids: Sequence[UUID], note: str, on: date
) -> UpdateDuty:
    """The department says of entries that the change asks nothing of them, and why."""
    duty = _locked(actor, duty_id, work=True, wanted="注明无需更新")
    if not note.strip():
        raise InvalidInput.one("说明", "无需更新的，须写明原因")
    pending = duty.entries.filter(entry__in=entry_ids, outcome=Confirmation.PENDING)
    if not pending.update(outcome=Confirmation.UNCHANGED, note=note.strip()[:NOTE_MAX]):
        raise InvalidInput.one("所选条目", "请选择尚未处理的条目")
    return duty


@transaction.atomic
def ask_update_extension(*, actor: Actor, duty_id: UUID, days: int, reason: str, on: date) -> UpdateDuty:
    """The department asks the bureau for more days, once, where a text allows it (Decree 17). Raises RuleRefused."""
    duty = _locked(actor, duty_id, work=True, wanted="提请延长")
    if duty.extension_asked_on is not None:
        raise IllegalMove(f"更新义务 {duty}", "已提请过延长", "再次提请")
    if not reason.strip():
        raise InvalidInput.one("理由", "必填")
    decision = _demand_term(duty).clock().may_extend(days, on).or_raise()
    duty.extension_reason = f"{days} 个工作日：{reason.strip()}"[:REASON_MAX]
    duty.extension_asked_on, duty.answer = on, ""
    duty.save(update_fields=["extension_reason", "extension_asked_on", "answer"])
    procedures.assign(
        case=duty.case(), department=organizations.bureau_of(duty.department.division_id),
        permission=P.CATALOG_ENTRY_REVIEW, action="答复延长目录更新",
        detail=f"{duty.department.name}提请延长 {duty.extension_reason}", basis=decision.basis, stage="decision",
    )  # fmt: skip
    _record(E.DUTY_EXTENSION_ASKED, actor, duty, on, decision, days=days, reason=reason.strip()[:REASON_MAX])
    return duty


@transaction.atomic
def answer_update_extension(
    *, actor: Actor, duty_id: UUID, consent: bool, days: int = 0, note: str = "", on: date
) -> UpdateDuty:
    """The bureau consents, and the due day moves, or says no and why. Raises RuleRefused beyond the text's limit."""
    duty = _locked(actor, duty_id, work=False, wanted="答复延长")
    if not duties.waits_for_consent(duty):
        raise IllegalMove(f"更新义务 {duty}", "没有待答复的延长", "答复延长")
    if not consent and not note.strip():
        raise InvalidInput.one("理由", "不同意延长须写明理由")
    term = _demand_term(duty)
    decision = None
    if consent:
        decision = term.clock().may_extend(days, on).or_raise()
        term = procedures.extend_term(term_id=term.id, days=days, on=on)
    bureau = organizations.bureau_of(duty.department.division_id)
    procedures.settle(case=duty.case(), department_id=bureau.pk)
    said = f"同意延长 {days} 个工作日，至 {term.due_on}" if consent else "不同意延长"
    duty.answer = f"{said}。{note.strip()}"[:REASON_MAX]
    duty.save(update_fields=["answer"])
    procedures.notify(case=duty.case(), department_id=duty.department_id, text=f"目录更新：{duty.answer}")
    kind = E.DUTY_EXTENDED if consent else E.DUTY_EXTENSION_DENIED
    _record(kind, actor, duty, on, decision, note=note.strip()[:REASON_MAX], days=days if consent else 0)
    return duty


def _demand_term(duty: UpdateDuty) -> Term:
    term = procedure_queries.open_term_of(duty.case())
    if term is None:
        raise InvalidInput.one("期限", "本区划现行规定没有写更新期限，无需延长")
    return term


@transaction.atomic
def report_duty(*, actor: Actor, duty_id: UUID, report: str, on: date) -> UpdateDuty:
    """The department reports to the bureau what it did; its clock rests meanwhile. Raises RuleRefused while entries
    are undecided."""
    duty = _locked(actor, duty_id, work=True, wanted="报告")
    regime = organizations.regime_of(duty.department.division_id, on)
    decision = rules.may_report(duties.facts_of(duty, report), regime).or_raise()
    if duties.waits_for_consent(duty):  # done before the bureau answered: nothing is left to answer
        duty.extension_asked_on, duty.extension_reason = None, ""
    duty.move_to(DutyStatus.REPORTED)
    duty.report, duty.reported_on, duty.answer = report.strip()[:WHAT_MAX], on, ""
    duty.save()
    if term := procedure_queries.open_term_of(duty.case()):
        procedures.pause_term(term_id=term.id, on=max(on, term.opened_on))
    procedures.settle(case=duty.case())
    procedures.assign(
        case=duty.case(), department=organizations.bureau_of(duty.department.division_id),
        permission=P.CATALOG_ENTRY_REVIEW, action="确认目录更新",
        detail=f"{duty.department.name}报告：{duty.report or decision.reason}", basis=decision.basis,
        stage="decision",
    )  # fmt: skip
    _record(E.DUTY_REPORTED, actor, duty, on, decision, report=duty.report)
    return duty


@transaction.atomic
def confirm_duty(*, actor: Actor, duty_id: UUID, on: date) -> UpdateDuty:
    """The bureau confirms: the duty is done, its clock is closed on the day it was reported."""
    duty = _locked(actor, duty_id, work=False, wanted="确认")
    _demand_move(duty, DutyStatus.DONE)
    regime = organizations.regime_of(duty.department.division_id, on)
    decision = rules.may_confirm(duties.facts_of(duty), regime).or_raise()
    duty.move_to(DutyStatus.DONE)
    _close(duty, on, at=duty.reported_on)
    procedures.notify(
        case=duty.case(), department_id=duty.department_id, text=f"目录更新已确认：{duty.case().title}"
    )
    _record(E.DUTY_DONE, actor, duty, on, decision)
    return duty


@transaction.atomic
def send_duty_back(*, actor: Actor, duty_id: UUID, reason: str, on: date) -> UpdateDuty:
    """The bureau is not satisfied: the department goes on, and its clock runs again."""
    duty = _locked(actor, duty_id, work=False, wanted="退回")
    if duty.status != DutyStatus.REPORTED:
        raise IllegalMove(f"更新义务 {duty}", DutyStatus(duty.status).label, "退回重办")
    if not reason.strip():
        raise InvalidInput.one("退回理由", "必填")
    duty.move_to(DutyStatus.OPEN)
    duty.answer = reason.strip()[:REASON_MAX]
    duty.save()
    # What was said to need no change is the department's to say again.
    duty.entries.filter(outcome=Confirmation.UNCHANGED).update(outcome=Confirmation.PENDING)
    term = procedure_queries.open_term_of(duty.case())
    if term and term.paused:
        term = procedures.resume_term(term_id=term.id, on=on)
    procedures.settle(case=duty.case())
    regime = organizations.regime_of(duty.department.division_id, on)
    _assign_work(duty, f"退回：{duty.answer}", rules.update_articles(regime), term)
    procedures.notify(
        case=duty.case(), department_id=duty.department_id, text=f"目录更新被退回：{duty.answer}"
    )
    _record(E.DUTY_REOPENED, actor, duty, on, reason=duty.answer)
    return duty


@transaction.atomic
def cancel_duty(*, actor: Actor, duty_id: UUID, reason: str, on: date) -> UpdateDuty:
    """The bureau takes a duty back that should not have been recorded."""
    duty = _locked(actor, duty_id, work=False, wanted="撤销")
    _demand_move(duty, DutyStatus.CANCELLED)
    if not reason.strip():
        raise InvalidInput.one("撤销理由", "必填")
    duty.move_to(DutyStatus.CANCELLED)
    duty.answer = reason.strip()[:REASON_MAX]
    _close(duty, on, at=on)
    procedures.notify(
        case=duty.case(), department_id=duty.department_id, text=f"更新义务已撤销：{duty.answer}"
    )
    _record(E.DUTY_CANCELLED, actor, duty, on, reason=duty.answer)
    return duty


def _demand_move(duty: UpdateDuty, wanted: DutyStatus) -> None:
    if wanted not in DUTY_MOVES[DutyStatus(duty.status)]:
        raise IllegalMove(f"更新义务 {duty}", DutyStatus(duty.status).label, wanted.label)


def _close(duty: UpdateDuty, on: date, at: date | None) -> None:
    duty.closed_on = on
    duty.save()
    if term := procedure_queries.open_term_of(duty.case()):
        procedures.close_term(term_id=term.id, on=max(at or on, term.opened_on))
    procedures.settle(case=duty.case())


def _record(
    kind: E, actor: Actor, duty: UpdateDuty, on: date, decision: Decision | None = None, **data: object
) -> None:
    mine = duty.department_id if any(p.department_id == duty.department_id for p in actor.posts) else None
    events.record(
        kind, actor=actor, case=duty.case(), department_id=mine, on=on, decision=decision, data=dict(data)
    )
