"""Steps of the use of shared data. Misuse is in `correcting`, passing on in `passing`; all of them are here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant, UseRecord, UseReport
from shuqiao.delivery.types import Side
from shuqiao.delivery.use import rules
from shuqiao.delivery.use.correcting import order_correction, report_correction
from shuqiao.delivery.use.passing import record_onward_consent, withdraw_onward_consent
from shuqiao.delivery.use.records import (
    DISPOSING,
    REPORTING,
    close_disposal_term,
    grant_and_record,
    months_after,
    regime_of,
    settle_lines,
)
from shuqiao.delivery.use.types import DisposalFacts, Report, UseState
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.kernel.time import now
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E

__all__ = [
    "confirm_disposal",
    "demand_disposal",
    "order_correction",
    "record_onward_consent",
    "report_correction",
    "report_use",
    "withdraw_onward_consent",
]


def holder_side(actor: Actor, grant: Grant, permission: P = P.DELIVERY_USE_REPORT) -> Side | None:
    """Whether the actor speaks for the holder; None: with this permission, but for another side."""
    return Side.GRANTEE if Side.GRANTEE in queries.sides_of(actor, grant, permission) else None


@transaction.atomic
def report_use(*, actor: Actor, grant_id: UUID, report: Report, on: date) -> UseReport:
    """The holder says where, how and with what effect the data was used and how it is kept (Decree 29). The report is
    kept at least three years and read by provider and bureau. Raises InvalidInput naming every empty field."""
    grant, record = grant_and_record(actor, grant_id, P.DELIVERY_USE_REPORT, on)
    regime, state = regime_of(grant, on), UseState(record.state)
    decision = rules.may_report(side=holder_side(actor, grant), state=state, regime=regime).or_raise()
    if problems := rules.missing_in(report):
        raise InvalidInput(problems)
    if state is UseState.REPORT_DUE:
        record.move_to(UseState.RUNNING)
    record.report_due_on = months_after(on, rules.report_every(regime))
    record.save(update_fields=["state", "report_due_on"])
    written = UseReport.objects.create(
        record=record,
        scenario=report.scenario.strip(),
        process=report.process.strip(),
        effect=report.effect.strip(),
        storage=report.storage.strip(),
        disposal=report.disposal.strip(),
        reported_on=on,
        keep_until=months_after(on, 12 * rules.keep_years(regime)),
        reported_by_id=actor.user_id,
        reporter_name=actor.name,
        at=now(),
    )
    settle_lines(record, REPORTING)
    text = f"使用情况已报告：{grant.title}，{grant.number}"
    procedures.notify(case=record.case_ref(), department_id=grant.provider_id, text=text)
    events.record(
        E.USE_REPORTED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.grantee_id,
        on=on,
        decision=decision,
        data={"grant": grant.number, "report": str(written.id)},
    )
    return written


@transaction.atomic
def demand_disposal(*, actor: Actor, grant_id: UUID, text: str, on: date) -> UseRecord:
    """The provider says how its data is to be disposed of when the purpose ends (Decree 27)."""
    grant, record = grant_and_record(actor, grant_id, P.DELIVERY_GRANT_STOP, on)
    side = Side.PROVIDER if actor.may(P.DELIVERY_GRANT_STOP, department_id=grant.provider_id) else None
    decision = rules.may_demand_disposal(
        side=side, state=UseState(record.state), text=text, regime=regime_of(grant, on)
    ).or_raise()
    record.disposal_demand = text.strip()[:500]
    record.save(update_fields=["disposal_demand"])
    tell_holder(grant, f"提供部门提出处置要求：{record.disposal_demand}", case=record.case_ref())
    events.record(
        E.USE_DISPOSAL_DEMANDED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.provider_id,
        on=on,
        decision=decision,
    )
    return record


@transaction.atomic
def confirm_disposal(*, actor: Actor, grant_id: UUID, facts: DisposalFacts, on: date) -> UseRecord:
    """The holder has disposed of the data and says how and by whom; the use is closed (Decree 27, 29)."""
    grant, record = grant_and_record(actor, grant_id, P.DELIVERY_USE_REPORT, on)
    decision = rules.may_dispose(
        side=holder_side(actor, grant),
        state=UseState(record.state),
        facts=facts,
        on=on,
        regime=regime_of(grant, on),
    ).or_raise()
    told = (("处置情况", facts.detail), ("处置人", facts.done_by))
    if problems := [Problem(label, "必填") for label, said in told if not said.strip()]:
        raise InvalidInput(problems)
    record.move_to(UseState.CLOSED)
    record.way, record.detail = facts.way, facts.detail.strip()[:1000]
    record.archive_basis, record.done_by = facts.basis.strip()[:300], facts.done_by.strip()[:64]
    record.done_on, record.confirmed_by_id, record.confirmed_at = facts.done_on, actor.user_id, now()
    record.save()
    settle_lines(record, DISPOSING)
    close_disposal_term(record, on)
    text = f"数据已处置（{facts.way.label}）：{grant.title}，{grant.number}"
    procedures.notify(case=record.case_ref(), department_id=grant.provider_id, text=text)
    events.record(
        E.USE_DISPOSED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.grantee_id,
        on=on,
        decision=decision,
        data={"grant": grant.number, "way": facts.way.value},
    )
    return record
