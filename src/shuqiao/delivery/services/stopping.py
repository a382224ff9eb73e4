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
from shuqiao.delivery.types import EndGround, GrantState, Side
from shuqiao.kernel import Decision
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


def _keeper(actor: Actor, grant: Grant) -> Side:
    """On whose behalf the actor stops a grant; the provider's or the bureau's hand goes before the grantee's."""
    sides = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP)
    return next(side for side in (Side.PROVIDER, Side.BUREAU, Side.GRANTEE) if side in sides)


def _regime(grant: Grant, on: date) -> law.Regime:
    return organizations.regime_of(grant.provider.division_id, on)


@transaction.atomic
def suspend_grant(*, actor: Actor, grant_id: UUID, reason: str, on: date) -> Grant:
    """Provider or bureau stops the reads, for a reason, until it is put right (Decree 27, Yingkou 22)."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = _keeper(actor, grant)
    decision = rules.may_suspend(side=side, reason=reason, regime=_regime(grant, on)).or_raise()
    grant.move_to(GrantState.SUSPENDED)
    _stop(grant, decision)
    tell_holder(grant, f"授权已暂停，请整改：{decision.reason}")
    _tell(E.GRANT_SUSPENDED, actor=actor, grant=grant, side=side, decision=decision, on=on)
    return grant


@transaction.atomic
def resume_grant(*, actor: Actor, grant_id: UUID, note: str, on: date) -> Grant:
    """What was wrong has been put right: reads go on."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = _keeper(actor, grant)
    decision = rules.may_resume(side=side, note=note, regime=_regime(grant, on)).or_raise()
    grant.move_to(GrantState.ACTIVE)
    grant.state_reason, grant.state_basis, grant.stopped_at = "", [], None
    grant.save(update_fields=["state", "state_reason", "state_basis", "stopped_at"])
    tell_holder(grant, "授权已恢复")
    _tell(E.GRANT_RESUMED, actor=actor, grant=grant, side=side, decision=decision, on=on)
    return grant


@transaction.atomic
def end_grant(
    *, actor: Actor, grant_id: UUID, ground: EndGround, reason: str, filing_note: str = "", on: date
) -> Grant:
    """The grant is over: its purpose is, or it was misused, or the provider must, having negotiated and filed."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = _keeper(actor, grant)
    facts = rules.EndFacts(ground, side, GrantState(grant.state), reason, filing_note)
    decision = rules.may_end(facts, _regime(grant, on)).or_raise()
    grant.move_to(GrantState.ENDED)
    grant.filing_note = filing_note.strip()[:300]
    _stop(grant, decision)
    text = f"授权已终止（{ground.label}）：{decision.reason}"
    if side is Side.GRANTEE:
        procedures.notify(case=grant.case_ref(), department_id=grant.provider_id, text=text)
    else:
        tell_holder(grant, text)
    if ground is EndGround.NECESSARY:
        bureau = organizations.bureau_of(grant.provider.division_id)
        filed = f"终止共享服务备案：{grant.number}。{grant.filing_note}"
        procedures.notify(case=grant.case_ref(), department_id=bureau.id, text=filed)
    _tell(
        E.GRANT_ENDED,
        actor=actor,
        grant=grant,
        side=side,
        decision=decision,
        on=on,
        ground=ground.value,
        filing=grant.filing_note,
    )
    return grant


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
