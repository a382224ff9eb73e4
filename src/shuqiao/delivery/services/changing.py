"""A running grant gives something else: less, as its provider filed or its user gave up, or what a case decided
(Decree 25, 27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import book, queries, rules
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant
from shuqiao.delivery.services.filing import close_filing, filing_in_effect
from shuqiao.delivery.services.issuing import fitting_problems
from shuqiao.delivery.types import KEEP, FilingKind, FilingState, GrantScope, GrantState, Keep, Mode, Side
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.resources import queries as resources


@transaction.atomic
def change_grant(
    *,
    actor: Actor,
    grant_id: UUID,
    columns: tuple[tuple[str, str], ...] | Keep = KEEP,
    where: tuple[dict[str, Any], ...] | Keep = KEEP,
    modes: tuple[Mode, ...] | Keep = KEEP,
    valid_until: date | Keep | None = KEEP,
    daily_quota: int | Keep | None = KEEP,
    rate_per_minute: int | Keep | None = KEEP,
    reason: str = "",
    decision: Decision | None = None,
    on: date,
) -> Grant:
    """A running grant gives what is named here from the next read on; what is left out stays, keys stay bound.

    The provider narrows it as it filed; the user gives part of it up, saying why in `reason`; `decision`, the yes of a
    case that decided so (a dispute), may widen it.
    Raises RuleRefused, InvalidInput on what the published data cannot carry, IllegalMove on a grant that is over.
    """
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_STOP, lock=True)
    before = grant.scope()
    after = _after(
        before,
        columns=columns,
        where=where,
        modes=modes if modes is KEEP else tuple(str(mode) for mode in modes),
        valid_until=valid_until,
        daily_quota=daily_quota,
        rate_per_minute=rate_per_minute,
    )
    side = _side(actor, grant)
    decided = _by_case(grant, decision) if decision else _by_rule(side, grant, after, reason, on)
    _check(grant, after)
    _write(grant, after)
    gave_up = decision is None and side is Side.GRANTEE
    if decision is None and not gave_up:
        close_filing(filing_in_effect(grant, FilingKind.CHANGE, on), FilingState.CARRIED_OUT, on)
    _tell_the_other(grant, decided, gave_up=gave_up)
    events.record(
        E.GRANT_CHANGED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.grantee_id if gave_up else grant.provider_id,
        on=on,
        decision=decided,
        data={"side": side.value, "before": before.to_json(), "after": after.to_json()},
    )
    book.changed()
    return grant


def _tell_the_other(grant: Grant, decided: Decision, *, gave_up: bool) -> None:
    """The side that did not change the grant hears of it."""
    if gave_up:
        text = f"{grant.holder_name}放弃授权的一部分：{grant.title}，{grant.number}。{decided.reason}"
        procedures.notify(case=grant.case_ref(), department_id=grant.provider_id, text=text)
    else:
        tell_holder(grant, f"授权已变更：{grant.title}，{grant.number}。{decided.reason}")


def _after(before: GrantScope, **parts: Any) -> GrantScope:
    return replace(before, **{name: part for name, part in parts.items() if part is not KEEP})


def _side(actor: Actor, grant: Grant) -> Side:
    """On whose behalf the actor changes a grant: the bureau's hand, which may not, goes last."""
    sides = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP)
    return next(side for side in (Side.PROVIDER, Side.GRANTEE, Side.BUREAU) if side in sides)


def _by_case(grant: Grant, decision: Decision) -> Decision:
    """The yes of the case that decided the change."""
    state = GrantState(grant.state)
    if state not in queries.LIVE:
        raise IllegalMove(f"授权 {grant.number}", state.label, "变更")
    return decision.or_raise()


def _by_rule(side: Side, grant: Grant, after: GrantScope, reason: str, on: date) -> Decision:
    """The word of the rule for the grant's provider or its user."""
    before = grant.scope()
    filing = filing_in_effect(grant, FilingKind.CHANGE, on)
    facts = rules.ChangeFacts(
        side=side,
        state=GrantState(grant.state),
        reason=reason if side is Side.GRANTEE else filing.reason if filing else "提供部门缩小授权范围",
        wider=rules.wider_than(before, after),
        same=before == after,
        filed=filing is not None,
    )
    return rules.may_change(facts, organizations.regime_of(grant.provider.division_id, on)).or_raise()


def _check(grant: Grant, after: GrantScope) -> None:
    table = resources.published_table(grant.resource_id)
    problems = fitting_problems(table, after.columns, after.where, after.modes)
    if after.valid_until and after.valid_until < grant.valid_from:
        problems.append(Problem("使用时限", "到期日早于起始日"))
    for label, limit in (("每日限额", after.daily_quota), ("每分钟限额", after.rate_per_minute)):
        if limit is not None and limit < 1:
            problems.append(Problem(label, "至少 1 次"))
    if problems:
        raise InvalidInput(problems)


def _write(grant: Grant, after: GrantScope) -> None:
    grant.columns = [{"name": name, "mask": mask} for name, mask in after.columns]
    grant.where, grant.modes = list(after.where), list(after.modes)
    grant.valid_until = after.valid_until
    grant.daily_quota, grant.rate_per_minute = after.daily_quota, after.rate_per_minute
    grant.changes += 1
    grant.save(
        update_fields=[
            "columns", "where", "modes", "valid_until", "daily_quota", "rate_per_minute", "changes"
        ]
    )  # fmt: skip
