"""A running grant gives something else: less, as its provider filed, or what a case decided (Decree 25, 27)."""

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
from shuqiao.delivery.services.filing import close_filing, filing_in_effect, keeper_of
from shuqiao.delivery.services.issuing import fitting_problems
from shuqiao.delivery.types import KEEP, FilingKind, FilingState, GrantScope, GrantState, Keep, Mode
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
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
    decision: Decision | None = None,
    on: date,
) -> Grant:
    """A running grant gives what is named here from the next read on; what is left out stays, keys stay bound.

    The provider narrows it as it filed; `decision`, the yes of a case that decided so (a dispute), may widen it.
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
    decided = _decide(actor, grant, after, decision, on)
    _check(grant, after)
    _write(grant, after)
    if decision is None:
        close_filing(filing_in_effect(grant, FilingKind.CHANGE, on), FilingState.CARRIED_OUT, on)
    tell_holder(grant, f"授权已变更：{grant.title}，{grant.number}。{decided.reason}")
    events.record(
        E.GRANT_CHANGED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id,
        on=on,
        decision=decided,
        data={"before": before.to_json(), "after": after.to_json()},
    )
    book.changed()
    return grant


def _after(before: GrantScope, **parts: Any) -> GrantScope:
    return replace(before, **{name: part for name, part in parts.items() if part is not KEEP})


def _decide(actor: Actor, grant: Grant, after: GrantScope, decision: Decision | None, on: date) -> Decision:
    """By the case that decided it, or by the rule for its provider."""
    state = GrantState(grant.state)
    if decision is not None:
        if state not in queries.LIVE:
            raise IllegalMove(f"授权 {grant.number}", state.label, "变更")
        return decision.or_raise()
    before = grant.scope()
    filing = filing_in_effect(grant, FilingKind.CHANGE, on)
    facts = rules.ChangeFacts(
        side=keeper_of(actor, grant),
        state=state,
        reason=filing.reason if filing else "提供部门缩小授权范围",
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
