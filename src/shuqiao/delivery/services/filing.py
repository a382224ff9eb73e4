"""What the provider files before it ends or changes a running service: why, what was negotiated, from which day
(Decree 27). The users are told, the bureau gets the filing; only then may it be done."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries, rules
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant, StopFiling
from shuqiao.delivery.types import FilingKind, FilingState, GrantState, Side
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotFound
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


@transaction.atomic
def file_stop(
    *,
    actor: Actor,
    grant_id: UUID,
    kind: FilingKind,
    reason: str,
    negotiation: str,
    effective_on: date,
    on: date,
) -> StopFiling:
    """The provider files that it will end or change a running service, and from which day."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    side = keeper_of(actor, grant)
    facts = rules.FilingFacts(side, GrantState(grant.state), reason, negotiation, effective_on, on)
    regime = organizations.regime_of(grant.provider.division_id, on)
    decision = rules.may_file(facts, regime).or_raise()
    if open_filing(grant, kind):
        raise InvalidInput.one("事项", f"{kind.label}已经备案，先撤回再重新备案")
    filing = StopFiling.objects.create(
        grant=grant,
        kind=kind,
        reason=decision.reason[:300],
        negotiation=negotiation.strip()[:500],
        effective_on=effective_on,
        filed_on=on,
        filed_by_name=actor.name,
        at=now(),
    )
    _tell(grant, filing, decision, actor=actor, regime=regime, on=on)
    return filing


def _tell(
    grant: Grant, filing: StopFiling, decision: Decision, *, actor: Actor, regime: law.Regime, on: date
) -> None:
    day = filing.effective_on
    what = f"{FilingKind(filing.kind).label}：{grant.title}，{grant.number}，{day.year}年{day.month}月{day.day}日起。"
    tell_holder(grant, f"提供部门将{what}理由：{filing.reason}")
    bureau = organizations.bureau_of(grant.provider.division_id)
    procedures.notify(
        case=grant.case_ref(),
        department_id=bureau.id,
        text=f"备案：{what}理由：{filing.reason}。协商：{filing.negotiation}",
    )
    events.record(
        E.GRANT_STOP_FILED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id,
        on=on,
        decision=decision,
        data={"kind": filing.kind, "effective_on": str(day), "negotiation": filing.negotiation},
    )


@transaction.atomic
def withdraw_filing(*, actor: Actor, filing_id: UUID, on: date) -> StopFiling:
    """The provider will not do what it filed. The users and the bureau learn of it."""
    found = StopFiling.objects.filter(id=filing_id).first()
    if found is None:
        raise NotFound("备案")
    grant = queries.get_grant_for(actor, found.grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    if keeper_of(actor, grant) is not Side.PROVIDER:
        raise IllegalMove("备案", FilingState(found.state).label, "由提供部门以外的人撤回")
    filing = StopFiling.objects.select_for_update().get(id=filing_id)
    close_filing(filing, FilingState.WITHDRAWN, on)
    text = f"已撤回备案（{FilingKind(filing.kind).label}）：{grant.title}，{grant.number}，服务照旧"
    tell_holder(grant, text)
    bureau = organizations.bureau_of(grant.provider.division_id)
    procedures.notify(case=grant.case_ref(), department_id=bureau.id, text=text)
    events.record(
        E.GRANT_FILING_WITHDRAWN,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id,
        on=on,
        data={"kind": filing.kind},
    )
    return filing


def keeper_of(actor: Actor, grant: Grant) -> Side:
    """On whose behalf the actor stops a grant; the provider's or the bureau's hand goes before the grantee's."""
    sides = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP)
    return next(side for side in (Side.PROVIDER, Side.BUREAU, Side.GRANTEE) if side in sides)


def open_filing(grant: Grant, kind: FilingKind) -> StopFiling | None:
    """What was filed and not yet done."""
    return StopFiling.objects.filter(grant=grant, kind=kind, state=FilingState.FILED).first()


def filing_in_effect(grant: Grant, kind: FilingKind, on: date) -> StopFiling | None:
    """What was filed, once its day has come."""
    filing = open_filing(grant, kind)
    return filing if filing and filing.effective_on <= on else None


def close_filing(filing: StopFiling | None, wanted: FilingState, on: date) -> None:
    """It was done, or will not be."""
    if filing is None:
        return
    filing.move_to(wanted)
    filing.closed_on = on
    filing.save(update_fields=["state", "closed_on"])
