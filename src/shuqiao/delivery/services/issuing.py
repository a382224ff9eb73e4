"""A grant is issued. With its sister modules the only code that writes grants; keys are in `keys`.

Each step raises the revision of the grant book in its own transaction and has the book written after commit;
if the process dies in between, the worker's `jobs.reconcile_book` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import book, secrets
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant, OnwardConsent
from shuqiao.delivery.types import GrantOrder, Onward
from shuqiao.delivery.use import rules as use_rules
from shuqiao.delivery.use.records import record_of
from shuqiao.delivery.use.types import ConsentOf
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


@transaction.atomic
def issue_grant(*, actor: Actor, order: GrantOrder, decision: Decision, on: date) -> Grant:
    """A decision becomes a grant that machines may use: exactly these columns and rows, for this purpose, until
    this day. The caller has decided by a rule; `decision` must be its yes. Raises InvalidInput on an order that
    the published data cannot carry."""
    decision.or_raise()
    table = resources.published_table(order.resource_id)
    _check_holder(order)
    _check_order(order, table)
    _check_onward(order, table, on)
    grant = _write(order, table, decision, on)
    _record_use(grant, order, decision, actor=actor, on=on)
    events.record(
        E.GRANT_ISSUED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id,
        on=on,
        decision=decision,
        data={
            "columns": grant.columns,
            "where": grant.where,
            "conditions": grant.conditions,
            "until": str(grant.valid_until or ""),
        },
    )
    tell_holder(grant, f"授权已开通：{grant.title}，{grant.number}")
    book.changed()
    return grant


def _check_holder(order: GrantOrder) -> None:
    """To exactly one: a department, or somebody outside government whose registration is open and verified."""
    if (order.grantee_id is None) == (order.party_id is None):
        raise InvalidInput.one("使用方", "授权给一个部门，或者一个机关以外的申请人")
    if order.grantee_id:
        organizations.get_department(order.grantee_id)
    elif order.party_id and not organizations.get_party(order.party_id).may_apply:
        raise InvalidInput.one("使用方", "注册已注销，或者邮箱还没有核验")


def _check_onward(order: GrantOrder, table: ResourceFacts, on: date) -> None:
    """No grant lets data be passed on where the provider's texts forbid it (Shenyang 23). Raises RuleRefused."""
    if order.onward is Onward.WITH_CONSENT:
        use_rules.may_pass_on(organizations.regime_of(table.division, on)).or_raise()


def _record_use(grant: Grant, order: GrantOrder, decision: Decision, *, actor: Actor, on: date) -> None:
    """The use of the grant is a case from its first day; a consent to passing on that came with it is on record."""
    record = record_of(grant, on)
    if order.onward is Onward.WITH_CONSENT:
        OnwardConsent.objects.create(
            record=record,
            consent_of=ConsentOf.PROVIDER,
            to_whom=order.onward_to[:200],
            purpose=order.purpose[:300],
            evidence=f"随 {order.case.number if order.case else grant.number} 的决定同意",
            basis=decision.as_json(),
            recorded_on=on,
            recorder_name=actor.name,
            at=now(),
        )


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
        party_id=order.party_id,
        case_kind=order.case.kind if order.case else "",
        case_id=order.case.id if order.case else None,
        case_number=order.case.number if order.case else "",
        case_url=order.case.url if order.case else "",
        columns=[{"name": name, "mask": mask} for name, mask in order.columns],
        where=list(order.where),
        conditions=list(order.conditions),
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
    modes = [mode.value for mode in order.modes]
    problems = fitting_problems(table, order.columns, order.where, modes)
    if table.department_id == order.grantee_id:
        problems.append(Problem("使用部门", "提供部门不能授权给自己"))
    if order.valid_until and order.valid_until < order.valid_from:
        problems.append(Problem("使用时限", "到期日早于起始日"))
    if problems:
        raise InvalidInput(problems)


def fitting_problems(
    table: ResourceFacts,
    columns: Sequence[tuple[str, str]],
    where: Sequence[dict[str, Any]],
    modes: Sequence[str],
) -> list[Problem]:
    """Everything in a scope that the published version cannot carry."""
    problems = []
    known, asked = set(table.column_names), [name for name, _ in columns]
    if all(mask == Mask.DROP for _, mask in columns):
        problems.append(Problem("信息项", "至少给一个信息项"))
    if len(set(asked)) != len(asked):
        problems.append(Problem("信息项", "同一信息项列了两次"))
    problems += [Problem("信息项", f"已发布的数据里没有“{name}”") for name in asked if name not in known]
    masks = {mask.value for mask in Mask}
    problems += [Problem("信息项", f"不认识的脱敏方式：{mask}") for _, mask in columns if mask not in masks]
    condition = Condition.from_json(list(where))
    problems += [
        Problem("行条件", f"已发布的数据里没有“{p.column}”") for p in condition.all if p.column not in known
    ]
    if not modes:
        problems.append(Problem("共享方式", "至少选一种"))
    return problems
