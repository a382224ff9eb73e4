"""Misuse: after the suspension an order to put it right until a day, and the user's report. Accepting it is resuming
the grant, giving up on it is ending it (Decree 27; Yingkou 22, 37; Shenyang 23, 34)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries
from shuqiao.delivery.holders import ask_holder
from shuqiao.delivery.models import Correction, Grant, UseRecord
from shuqiao.delivery.types import GrantState, Side
from shuqiao.delivery.use import rules
from shuqiao.delivery.use.records import (
    CORRECTING,
    correction_state,
    grant_and_record,
    open_correction_of,
    regime_of,
    settle_lines,
)
from shuqiao.delivery.use.types import CorrectionState
from shuqiao.kernel import Decision, InvalidInput
from shuqiao.law import ResolvedTerm
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import E

TERM = "delivery.correction"


def keeper_side(actor: Actor, grant: Grant) -> Side | None:
    """On whose behalf somebody orders a correction: provider before bureau; None for the holder."""
    sides = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP)
    return next((side for side in (Side.PROVIDER, Side.BUREAU) if side in sides), None)


@transaction.atomic
def order_correction(
    *, actor: Actor, grant_id: UUID, demand: str, due_on: date | None, on: date
) -> Correction:
    """Order the holder of a suspended grant to put something right. Where a text states a term it runs; elsewhere the
    day is stated. After a report that does not suffice it is ordered anew, with a new day."""
    grant, record = grant_and_record(actor, grant_id, P.DELIVERY_GRANT_STOP, on)
    open_one, regime = open_correction_of(record), regime_of(grant, on)
    side = keeper_side(actor, grant)
    decision = rules.may_order_correction(
        side=side,
        state=GrantState(grant.state),
        correction=correction_state(open_one),
        demand=demand,
        regime=regime,
    ).or_raise()
    correction = open_one or Correction(record=record)
    if open_one is not None:
        correction.move_to(CorrectionState.ORDERED)
        settle_lines(record, CORRECTING)
    correction.demand, correction.ordered_on = decision.reason[:500], on
    correction.due_on, correction.term = _due(correction, record, regime.term(TERM), due_on, on)
    correction.late_told_at = None
    correction.save()
    _ask(correction, record, decision)
    events.record(
        E.USE_CORRECTION_ORDERED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.provider_id if side is Side.PROVIDER else None,
        on=on,
        decision=decision,
        data={"grant": grant.number, "until": str(correction.due_on)},
    )
    return correction


def _due(
    correction: Correction, record: UseRecord, resolved: ResolvedTerm | None, stated: date | None, on: date
) -> tuple[date, Term | None]:
    """The last day: of the term a text states, which runs once, or the one that was stated."""
    grantee = record.grant.grantee
    if resolved is not None and grantee is not None and correction.term is None:
        term = procedures.open_term(
            case=record.case_ref(), resolved=resolved, received_on=on, department=grantee
        )
        return term.due_on or on, term
    if stated is None or stated <= on:
        raise InvalidInput.one("整改期限", "写明今天以后的一天")
    return stated, correction.term


def _ask(correction: Correction, record: UseRecord, decision: Decision) -> None:
    until = correction.due_on
    ask_holder(
        record.grant,
        case=record.case_ref(),
        action=CORRECTING[0],
        detail=f"{until.year}年{until.month}月{until.day}日前整改：{correction.demand}",
        basis=decision.basis,
        term=correction.term,
    )


@transaction.atomic
def report_correction(*, actor: Actor, grant_id: UUID, text: str, on: date) -> Correction:
    """The holder reports what it has put right; whoever stopped the grant checks it."""
    grant, record = grant_and_record(actor, grant_id, P.DELIVERY_USE_REPORT, on)
    correction = open_correction_of(record)
    side = Side.GRANTEE if Side.GRANTEE in queries.sides_of(actor, grant, P.DELIVERY_USE_REPORT) else None
    decision = rules.may_report_correction(
        side=side, correction=correction_state(correction), text=text, regime=regime_of(grant, on)
    ).or_raise()
    assert correction is not None  # the rule asks for one
    correction.move_to(CorrectionState.REPORTED)
    correction.report, correction.reported_on = decision.reason[:1000], on
    correction.save(update_fields=["state", "report", "reported_on"])
    settle_lines(record, CORRECTING)
    procedures.assign(
        case=record.case_ref(),
        department=grant.provider,
        permission=P.DELIVERY_GRANT_STOP,
        action=CORRECTING[1],
        detail=f"{grant.holder_name}报告整改：{correction.report}",
        basis=decision.basis,
        stage="read",
    )
    events.record(
        E.USE_CORRECTED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.grantee_id,
        on=on,
        decision=decision,
        data={"grant": grant.number, "late": on > correction.due_on},
    )
    return correction
