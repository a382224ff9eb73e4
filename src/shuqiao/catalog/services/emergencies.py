"""Collection outside the catalogue in an emergency: recorded, watched, ended (Dongchangfu 17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.catalog.models import EmergencyCollection
from shuqiao.catalog.onesource import emergencies as reads
from shuqiao.catalog.onesource import rules
from shuqiao.catalog.types import EmergencyStatus
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E


@transaction.atomic
def open_emergency(
    *, actor: Actor, department_id: UUID, facts: rules.EmergencyFacts, on: date
) -> EmergencyCollection:
    """The department's head, or the bureau, records what is collected outside the catalogue, why, and until when."""
    facts = _written(facts)
    department = organizations.get_department(department_id)
    reads.demand_over(actor, department.id, department.division_id)
    regime = organizations.regime_of(department.division_id, on)
    decision = rules.may_collect_in_emergency(facts, regime, on).or_raise()
    row = EmergencyCollection.objects.create(
        department=department,
        what=facts.what,
        reason=facts.reason,
        basis=facts.basis,
        from_on=facts.from_on,
        until_on=facts.until_on,
        case_number=procedures.next_case_number(
            kind=CaseKind.EMERGENCY_COLLECTION, division=department.division_id, on=on
        ),
        by_id=actor.user_id,
    )
    events.record(
        E.EMERGENCY_OPENED,
        actor=actor,
        case=row.case(),
        department_id=department.id,
        on=on,
        decision=decision,
    )
    bureau = organizations.bureau_of(department.division_id)
    for told in {department.id, bureau.id}:
        procedures.notify(
            case=row.case(), department_id=told,
            text=f"{department.name}登记应急采集 {row.case_number}，至 {row.until_on} 为止：{row.what}",
        )  # fmt: skip
    return row


def _written(facts: rules.EmergencyFacts) -> rules.EmergencyFacts:
    """The texts without spaces at their ends. Raises InvalidInput naming every one that is too long to keep whole."""
    facts = replace(facts, what=facts.what.strip(), reason=facts.reason.strip(), basis=facts.basis.strip())
    texts = (("采集内容", facts.what, 500), ("应急事由", facts.reason, 500), ("依据", facts.basis, 300))
    if problems := [_too_long(*one) for one in texts if len(one[1]) > one[2]]:
        raise InvalidInput(problems)
    return facts


def _too_long(name: str, text: str, limit: int) -> Problem:
    return Problem(name, f"最多 {limit} 字，现有 {len(text)} 字")


@transaction.atomic
def end_emergency(*, actor: Actor, emergency_id: UUID, disposal: str, on: date) -> EmergencyCollection:
    """It ends: what becomes of the data is written (catalogued, deleted, handed over)."""
    row = reads.get_emergency_for(actor, emergency_id, to_end=True, lock=True)
    row.move_to(EmergencyStatus.ENDED)
    if not disposal.strip():
        raise InvalidInput.one("数据处置", "写明采到的数据怎样处置：编目、移交或者销毁")
    if len(disposal.strip()) > 500:
        raise InvalidInput([_too_long("数据处置", disposal.strip(), 500)])
    row.ended_on, row.disposal = on, disposal.strip()
    row.save()
    procedures.settle(case=row.case())
    events.record(
        E.EMERGENCY_ENDED, actor=actor, case=row.case(), department_id=row.department_id, on=on,
        data={"disposal": row.disposal},
    )  # fmt: skip
    return row


@transaction.atomic
def watch_emergencies(*, on: date) -> int:
    """Remind departments a week before the end, and put what is past its end into their inbox and the bureau's
    notices. Each is said once. Returns how many were said."""
    running = EmergencyCollection.objects.select_for_update(of=("self",)).filter(
        status=EmergencyStatus.RUNNING
    )
    rows = running.select_related("department").filter(until_on__lte=on + reads.REMIND_BEFORE)
    said = 0
    for row in rows[:500]:
        if row.reminded_on is None and row.until_on >= on:
            row.reminded_on = on
            text = f"应急采集 {row.case_number} 将于 {row.until_on} 到期，到期须结束并写明数据处置。"
            procedures.notify(case=row.case(), department_id=row.department_id, text=text)
        elif row.overdue_noted_on is None and row.until_on < on:
            row.overdue_noted_on = on
            _say_overdue(row, on)
        else:
            continue
        row.save(update_fields=["reminded_on", "overdue_noted_on"])
        said += 1
    return said


def _say_overdue(row: EmergencyCollection, on: date) -> None:
    text = f"应急采集 {row.case_number} 已过 {row.until_on}，没有结束。"
    procedures.assign(
        case=row.case(), department=row.department, permission=P.CATALOG_ENTRY_SIGN, action="结束应急采集",
        detail=text, basis=rules.articles(organizations.regime_of(row.department.division_id, on), rules.EMERGENCY),
    )  # fmt: skip
    bureau = organizations.bureau_of(row.department.division_id)
    procedures.notify(case=row.case(), department_id=bureau.id, text=f"{row.department.name}：{text}")
    events.record(
        E.TERM_OVERDUE, actor=PLATFORM, case=row.case(), department_id=row.department_id, on=on,
        data={"until_on": str(row.until_on)},
    )  # fmt: skip
