"""The record of a grant's use: opened with the grant, asking for disposal when the grant is over. Called by
`delivery.services` inside their transactions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from uuid import UUID

from django.db.models import Q

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries
from shuqiao.delivery.holders import ask_holder
from shuqiao.delivery.models import Correction, Grant, UseRecord
from shuqiao.delivery.rules import basis_of
from shuqiao.delivery.types import GrantState
from shuqiao.delivery.use import rules
from shuqiao.delivery.use.types import OPEN_CORRECTIONS, CorrectionState, UseState
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import InboxItem
from shuqiao.procedures.types import CaseKind, E

TERM = "delivery.disposal"


def regime_of(grant: Grant, on: date) -> law.Regime:
    """The regime of the provider's division, which binds whoever uses its data."""
    return organizations.regime_of(grant.provider.division_id, on)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


def record_of(grant: Grant, on: date) -> UseRecord:
    """The record of a grant's use; opened now when the grant has none. The grant's row is locked by the caller."""
    found = UseRecord.objects.select_related("grant").filter(grant=grant).first()
    if found is not None:
        return found
    number = procedures.next_case_number(kind=CaseKind.USE, division=grant.provider.division_id, on=on)
    every = rules.report_every(regime_of(grant, on))
    return UseRecord.objects.create(
        grant=grant, number=number, report_due_on=months_after(max(on, grant.valid_from), every)
    )


def grant_and_record(actor: Actor, grant_id: UUID, permission: P, on: date) -> tuple[Grant, UseRecord]:
    """Both, the grant locked: every step on a use waits for any other step on the grant."""
    grant = queries.get_grant_for(actor, grant_id, permission, lock=True)
    return grant, record_of(grant, on)


def settle_lines(record: UseRecord, actions: tuple[str, ...]) -> None:
    """These lines of the inbox are done; other things to do on the same use stay."""
    done = InboxItem.objects.filter(case_kind=CaseKind.USE, case_id=record.id, done_at=None)
    waiting = done.exclude(action__in=actions)
    kept = list(waiting.values_list("id", flat=True))
    procedures.settle(case=record.case_ref())
    InboxItem.objects.filter(id__in=kept).update(done_at=None)


def open_correction_of(record: UseRecord) -> Correction | None:
    """The correction that still asks for something."""
    return Correction.objects.filter(record=record, state__in=OPEN_CORRECTIONS).first()


def correction_state(correction: Correction | None) -> CorrectionState | None:
    """Its state; None where there is none."""
    return CorrectionState(correction.state) if correction else None


def close_correction(
    record: UseRecord, wanted: CorrectionState, *, actor: Actor, answer: str, on: date
) -> None:
    """What was to be put right is settled with the grant's own step: accepted when it goes on, failed when it ends."""
    correction = open_correction_of(record)
    if correction is None:
        return
    correction.move_to(wanted)
    correction.answer, correction.closed_on = answer[:500], on
    correction.save(update_fields=["state", "answer", "closed_on"])
    if correction.term_id:
        procedures.close_term(term_id=correction.term_id, on=on)
    settle_lines(record, CORRECTING)
    if wanted is CorrectionState.ACCEPTED:
        events.record(
            E.USE_CORRECTION_ACCEPTED,
            actor=actor,
            case=record.case_ref(),
            on=on,
            data={"reason": answer[:300]},
        )


REPORTING = ("报告使用情况",)
DISPOSING = ("处置数据",)
CORRECTING = ("报告整改情况", "核实整改")


def grant_is_over(grant: Grant, *, actor: Actor, on: date) -> None:
    """The purpose has ended: the data is disposed of as the provider demands, and the holder says so (Decree 27). A
    grant that was renewed goes on in its successor."""
    record = record_of(grant, on)
    if record.state not in {UseState.RUNNING, UseState.REPORT_DUE}:
        return
    close_correction(record, CorrectionState.FAILED, actor=actor, answer="授权已经结束", on=on)
    settle_lines(record, REPORTING)
    if _goes_on(grant):
        record.move_to(UseState.CONTINUED)
        record.save(update_fields=["state"])
        return
    record.move_to(UseState.DISPOSAL_DUE)
    record.save(update_fields=["state"])
    regime = regime_of(grant, on)
    resolved = regime.term(TERM)
    term = None
    if resolved is not None and grant.grantee is not None:
        term = procedures.open_term(
            case=record.case_ref(), resolved=resolved, received_on=on, department=grant.grantee
        )
    ask_holder(
        grant,
        case=record.case_ref(),
        action=DISPOSING[0],
        detail=f"授权已经结束，请处置 {grant.title} 并确认。{record.disposal_demand}",
        basis=basis_of(regime, rules.DISPOSAL, rules.LOG),
        term=term,
    )
    events.record(
        E.USE_DISPOSAL_ASKED,
        actor=actor,
        case=record.case_ref(),
        department_id=grant.provider_id,
        on=on,
        data={"grant": grant.number, "demand": record.disposal_demand},
    )


def _goes_on(grant: Grant) -> bool:
    """A successor of the same table for the same holder is there: the purpose goes on under it."""
    return (
        Grant.objects.filter(
            Q(valid_until=None) | Q(valid_until__gte=grant.valid_until or grant.valid_from),
            resource=grant.resource_id,
            grantee=grant.grantee_id,
            party=grant.party_id,
            purpose=grant.purpose,
            state=GrantState.ACTIVE,
        )
        .exclude(id=grant.id)
        .exists()
    )


def close_disposal_term(record: UseRecord, on: date) -> None:
    """The clock of the disposal, where one runs, stops."""
    term = procedures_queries.open_term_of(record.case_ref())
    if term is not None and term.term_id == TERM:
        procedures.close_term(term_id=term.id, on=on)
