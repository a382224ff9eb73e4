"""Steps on grants: issue, suspend, resume, end. The only code that writes grants; keys are in `keys`.

Each step raises the revision of the grant book in its own transaction and has the book written after commit;
if the process dies in between, the worker's `jobs.reconcile_book` writes it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import book, queries, rules, secrets
from shuqiao.delivery.asking import ask_who_read
from shuqiao.delivery.keys import bind_key, issue_key, revoke_key, rotate_key
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import EndGround, GrantOrder, GrantState, IssuedKey, Side
from shuqiao.gateway.sealing import mint_hash_key
from shuqiao.kernel import Decision, InvalidInput, Problem
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ResourceFacts
from shuqiao.store import Condition, Mask

__all__ = [
    "IssuedKey",
    "ask_who_read",
    "bind_key",
    "end_grant",
    "issue_grant",
    "issue_key",
    "resume_grant",
    "revoke_key",
    "rotate_key",
    "suspend_grant",
]


@transaction.atomic
def issue_grant(*, actor: Actor, order: GrantOrder, decision: Decision, on: date) -> Grant:
    """A decision becomes a grant that machines may use: exactly these columns and rows, for this purpose, until
    this day. The caller has decided by a rule; `decision` must be its yes. Raises InvalidInput on an order that
    the published data cannot carry."""
    decision.or_raise()
    table = resources.published_table(order.resource_id)
    grantee = organizations.get_department(order.grantee_id)
    _check_order(order, table)
    grant = _write(order, table, decision, on)
    events.record(
        E.GRANT_ISSUED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id,
        on=on,
        decision=decision,
        data={"columns": grant.columns, "where": grant.where, "until": str(grant.valid_until or "")},
    )
    procedures.notify(
        case=grant.case_ref(), department_id=grantee.id, text=f"授权已开通：{grant.title}，{grant.number}"
    )
    book.changed()
    return grant


def _write(order: GrantOrder, table: ResourceFacts, decision: Decision, on: date) -> Grant:
    grant_id = new_id()
    return Grant.objects.create(
        id=grant_id,
        number=procedures.next_case_number(kind=CaseKind.GRANT, division=table.division, on=on),
        resource_id=table.id,
        entry_id=table.entry_id,
        title=catalog.facts_of(table.entry_id).title,
        provider_id=table.department_id,
        grantee_id=order.grantee_id,
        case_kind=order.case.kind if order.case else "",
        case_id=order.case.id if order.case else None,
        case_number=order.case.number if order.case else "",
        case_url=order.case.url if order.case else "",
        columns=[{"name": name, "mask": mask} for name, mask in order.columns],
        where=list(order.where),
        purpose=order.purpose,
        scenario=order.scenario,
        legal_basis=order.legal_basis,
        legal_basis_level=order.legal_basis_level.value,
        service_item=order.service_item,
        modes=[mode.value for mode in order.modes],
        daily_quota=order.daily_quota,
        rate_per_minute=order.rate_per_minute,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        onward=order.onward,
        onward_to=order.onward_to,
        hash_key=mint_hash_key(secrets.master_key(), str(grant_id)),
        basis=decision.as_json(),
        issued_at=now(),
    )


def _check_order(order: GrantOrder, table: ResourceFacts) -> None:
    """Everything in an order that the published version cannot carry, at once."""
    problems = []
    known, asked = set(table.column_names), [name for name, _ in order.columns]
    if all(mask == Mask.DROP for _, mask in order.columns):
        problems.append(Problem("信息项", "至少给一个信息项"))
    if len(set(asked)) != len(asked):
        problems.append(Problem("信息项", "同一信息项列了两次"))
    problems += [Problem("信息项", f"已发布的数据里没有“{name}”") for name in asked if name not in known]
    masks = {mask.value for mask in Mask}
    problems += [
        Problem("信息项", f"不认识的脱敏方式：{mask}") for _, mask in order.columns if mask not in masks
    ]
    condition = Condition.from_json(list(order.where))
    problems += [
        Problem("行条件", f"已发布的数据里没有“{p.column}”") for p in condition.all if p.column not in known
    ]
    if not order.modes:
        problems.append(Problem("共享方式", "至少选一种"))
    if table.department_id == order.grantee_id:
        problems.append(Problem("使用部门", "提供部门不能授权给自己"))
    if order.valid_until and order.valid_until < order.valid_from:
        problems.append(Problem("使用时限", "到期日早于起始日"))
    if problems:
        raise InvalidInput(problems)


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
    procedures.notify(
        case=grant.case_ref(), department_id=grant.grantee_id, text=f"授权已暂停，请整改：{decision.reason}"
    )
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
    procedures.notify(case=grant.case_ref(), department_id=grant.grantee_id, text="授权已恢复")
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
    other = grant.provider_id if side is Side.GRANTEE else grant.grantee_id
    text = f"授权已终止（{ground.label}）：{decision.reason}"
    procedures.notify(case=grant.case_ref(), department_id=other, text=text)
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
