"""Steps that stop a running grant and let it go on: suspend, resume, end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import book, queries, rules
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant
from shuqiao.delivery.services.filing import close_filing, filing_in_effect, keeper_of, open_filing
from shuqiao.delivery.types import EndGround, FilingKind, FilingState, GrantState, Side
from shuqiao.delivery.use.records import close_correction, grant_is_over, open_correction_of, record_of
from shuqiao.delivery.use.types import CorrectionState
from shuqiao.kernel import Decision
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


def _regime(grant: Grant, on: date) -> law.Regime:
    return organizations.regime_of(grant.provider.division_id, on)


@transaction.atomic
def suspend_grant(*, actor: Actor, grant_id: UUID, reason: str, on: date) -> Grant:
    """Provider or bureau stops the reads, for a reason, until it is put right (Decree 27, Yingkou 22)."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = keeper_of(actor, grant)
    decision = rules.may_suspend(side=side, reason=reason, regime=_regime(grant, on)).or_raise()
    grant.move_to(GrantState.SUSPENDED)
    _stop(grant, decision)
    tell_holder(grant, f"授权已暂停，请整改：{decision.reason}")
    _tell(E.GRANT_SUSPENDED, actor=actor, grant=grant, side=side, decision=decision, on=on)
    return grant


@transaction.atomic
def resume_grant(*, actor: Actor, grant_id: UUID, note: str, on: date) -> Grant:
    """What was wrong has been put right, an open correction is accepted: reads go on."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = keeper_of(actor, grant)
    decision = rules.may_resume(side=side, note=note, regime=_regime(grant, on)).or_raise()
    grant.move_to(GrantState.ACTIVE)
    grant.state_reason, grant.state_basis, grant.stopped_at = "", [], None
    grant.save(update_fields=["state", "state_reason", "state_basis", "stopped_at"])
    record = record_of(grant, on)
    close_correction(record, CorrectionState.ACCEPTED, actor=actor, answer=decision.reason, on=on)
    tell_holder(grant, "授权已恢复")
    _tell(E.GRANT_RESUMED, actor=actor, grant=grant, side=side, decision=decision, on=on)
    return grant


@transaction.atomic
def end_grant(
    *,
    actor: Actor,
    grant_id: UUID,
    ground: EndGround,
    reason: str,
    decision: Decision | None = None,
    on: date,
) -> Grant:
    """The grant is over: its purpose is, or it was misused and not put right, or the provider must, having filed it
    (Decree 27). With the ground DECIDED `decision` is the yes of the case that decided so. The holder is asked to
    dispose of the data."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = keeper_of(actor, grant)
    filing = filing_in_effect(grant, FilingKind.END, on)
    if ground is EndGround.DECIDED and decision is not None:
        decided = decision.or_raise()
    else:
        decided = rules.may_end(_facts(grant, ground, side, reason, on), _regime(grant, on)).or_raise()
    grant.move_to(GrantState.ENDED)
    if ground is EndGround.NECESSARY and filing is not None:
        grant.filing_note = f"{filing.filed_on}备案，{filing.negotiation}"[:300]
    _close_filings(grant, ground, on)
    _stop(grant, decided)
    text = f"授权已终止（{ground.label}）：{decided.reason}"
    if side is Side.GRANTEE:
        procedures.notify(case=grant.case_ref(), department_id=grant.provider_id, text=text)
    else:
        tell_holder(grant, text)
    grant_is_over(grant, actor=actor, on=on)
    _tell(
        E.GRANT_ENDED,
        actor=actor,
        grant=grant,
        side=side,
        decision=decided,
        on=on,
        ground=ground.value,
        filing=grant.filing_note,
    )
    return grant


def _facts(grant: Grant, ground: EndGround, side: Side, reason: str, on: date) -> rules.EndFacts:
    correction = open_correction_of(record_of(grant, on))
    return rules.EndFacts(
        ground=ground,
        side=side,
        state=GrantState(grant.state),
        reason=reason,
        filed=filing_in_effect(grant, FilingKind.END, on) is not None,
        correction=correction.state if correction else "",
        correction_late=correction is not None and correction.due_on < on,
    )


def _close_filings(grant: Grant, ground: EndGround, on: date) -> None:
    """The filing that was carried out is done; what else was filed will not be."""
    for kind in FilingKind:
        done = ground is EndGround.NECESSARY and kind is FilingKind.END
        wanted = FilingState.CARRIED_OUT if done else FilingState.WITHDRAWN
        close_filing(open_filing(grant, kind), wanted, on)


def _stop(grant: Grant, decision: Decision) -> None:
    grant.state_reason = decision.reason[:300]
    grant.state_basis = [str(article) for article in decision.basis]
    grant.stopped_at = now()
    grant.save(update_fields=["state", "state_reason", "state_basis", "stopped_at", "filing_note"])


def _tell(
    event: E, *, actor: Actor, grant: Grant, side: Side, decision: Decision, on: date, **data: str
) -> None:
    """The event row and the book, last in every step."""
    acted_for = {Side.PROVIDER: grant.provider_id, Side.GRANTEE: grant.grantee_id}.get(side)
    events.record(
        event,
        actor=actor,
        case=grant.case_ref(),
        department_id=acted_for,
        on=on,
        decision=decision,
        data={"side": side.value, **data},
    )
    book.changed()
