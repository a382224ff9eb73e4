"""Steps of a demand up to its answer. The only code, with `answering`, that writes demands (Yingkou 4)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing.demands import queries, rules
from shuqiao.sharing.demands.answering import (
    accept_demand,
    close,
    link_entry,
    meet_with_entry,
    note_met,
    record,
    refuse_demand,
    start_entry,
    tell_followers,
)
from shuqiao.sharing.demands.types import OPEN_DEMANDS, DemandStatus, PostFacts, Wanted
from shuqiao.sharing.models import Demand, DemandSupporter

__all__ = [
    "accept_demand",
    "assign_demand",
    "link_entry",
    "meet_with_entry",
    "merge_demand",
    "note_met",
    "post_demand",
    "refuse_demand",
    "return_demand",
    "start_entry",
    "support_demand",
    "withdraw_demand",
]
LENGTHS = {
    "title": ("名称", 200),
    "purpose": ("用途", 500),
    "service_item": ("政务服务事项", 200),
    "basis": ("使用依据", 300),
    "not_enough": ("为什么不够用", 500),
}
ITEM_LENGTH = 128


@transaction.atomic
def post_demand(
    *,
    actor: Actor,
    department_id: UUID | None = None,
    wanted: Wanted,
    division: str = "",
    from_public: str = "",
    code: str = "",
    on: date,
) -> Demand:
    """A department asks for data that no entry offers; what the catalogue has on that day is kept with it.

    For the public the bureau (or the platform) posts it with `from_public`, who asks in words the bureau knows, the
    `division` it goes to, and the `code` with which the asker finds it again. The bureau is to assign it.
    """
    department = _posting(actor, department_id) if department_id else None
    if department:
        division = department.division_id
    else:
        actor.demand(P.SHARING_DEMAND_ASSIGN, division=division)
        if not from_public.strip():
            raise InvalidInput.one("提出者", "写明是谁提出的")
    _check_lengths(wanted)
    regime = organizations.regime_of(division, on)
    found = queries.already_there(actor, division, wanted)
    facts = PostFacts(
        wanted=wanted,
        found=found if department else (),  # what departments share may still not be open to the public
        duplicate=queries.open_namesake(department.id, wanted.title) if department else "",
    )
    decision = rules.may_post(facts, regime).or_raise()
    demand = Demand.objects.create(
        number=procedures.next_case_number(kind=CaseKind.DEMAND, division=division, on=on),
        division_id=division,
        department=department,
        from_public="" if department else from_public.strip()[:200],
        code="" if department else code.strip()[:32],
        title=wanted.title.strip(),
        items=list(dict.fromkeys(item.strip() for item in wanted.items if item.strip())),
        purpose=wanted.purpose.strip(),
        service_item=wanted.service_item.strip(),
        basis=wanted.basis.strip(),
        not_enough=wanted.not_enough.strip(),
        found=[one.to_json() for one in found],
        by_id=actor.user_id,
        posted_on=on,
    )
    _ask_bureau(demand, f"{demand.wanted_by()}需要：{demand.title}", decision)
    record(E.DEMAND_POSTED, actor, demand, decision, on, department_id=demand.department_id)
    return demand


def _posting(actor: Actor, department_id: UUID) -> Department:
    """The department that asks. Its row is locked: of two clicks the second finds what the first has posted."""
    department = organizations.get_department(department_id)
    actor.demand(P.SHARING_DEMAND_POST, department_id=department.id)
    Department.objects.select_for_update().get(id=department.id)
    return department


def _check_lengths(wanted: Wanted) -> None:
    problems = [
        Problem(label, f"最多 {most} 个字")
        for name, (label, most) in LENGTHS.items()
        if len(getattr(wanted, name).strip()) > most
    ]
    problems += [
        Problem("信息项", f"“{item[:20]}…”太长") for item in wanted.items if len(item.strip()) > ITEM_LENGTH
    ]
    if problems:
        raise InvalidInput(problems)


def _ask_bureau(demand: Demand, detail: str, decision: Decision) -> None:
    procedures.settle(case=demand.case_ref())
    procedures.assign(
        case=demand.case_ref(),
        department=organizations.bureau_of(demand.division_id),
        permission=P.SHARING_DEMAND_ASSIGN,
        action="分办数据需求",
        detail=detail,
        basis=decision.basis,
        stage="decision",
    )


@transaction.atomic
def assign_demand(*, actor: Actor, demand_id: UUID, department_id: UUID, note: str = "", on: date) -> Demand:
    """The bureau gives the demand to the department responsible; where a text sets a term for the answer, its clock
    starts."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_ASSIGN, lock=True)
    department = organizations.get_department(department_id)
    if not department.is_active or not actor.may(P.SHARING_DEMAND_ASSIGN, division=department.division_id):
        raise InvalidInput.one("对口部门", "须是本级或下级区划的在用部门")
    if department.id == demand.department_id:
        raise InvalidInput.one("对口部门", "不能分给提出需求的部门")
    regime = queries.regime_for(demand, on)
    decision = rules.may_assign(
        note,
        returned=demand.returned_by_id is not None,
        same=demand.returned_by_id == department.id,
        regime=regime,
    ).or_raise()
    demand.move_to(DemandStatus.ASSIGNED)
    demand.assigned_to, demand.assigned_on, demand.assign_note = department, on, note.strip()[:500]
    demand.save()
    procedures.settle(case=demand.case_ref())
    resolved = regime.term(rules.REPLY)
    term = (
        procedures.open_term(case=demand.case_ref(), resolved=resolved, received_on=on, department=department)
        if resolved
        else None
    )
    procedures.assign(
        case=demand.case_ref(),
        department=department,
        permission=P.SHARING_DEMAND_ANSWER,
        action="答复数据需求",
        detail=f"{demand.wanted_by()}需要 {len(demand.items)} 个信息项，用于{demand.purpose}",
        basis=decision.basis,
        term=term,
        stage="decision",
    )
    tell_followers(demand, f"已分办给{department.name}：{demand.title}")
    record(E.DEMAND_ASSIGNED, actor, demand, decision, on, to=department.name)
    return demand


@transaction.atomic
def return_demand(*, actor: Actor, demand_id: UUID, reason: str, on: date) -> Demand:
    """Not ours: the department gives it back to the bureau, once."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_ANSWER, lock=True)
    if demand.status != DemandStatus.ASSIGNED:
        demand.move_to(DemandStatus.POSTED)  # not a state one can return from: raises IllegalMove
    decision = rules.may_return(
        reason, returned=demand.returned_by_id is not None, regime=queries.regime_for(demand, on)
    ).or_raise()
    department_id = demand.assigned_to_id
    demand.move_to(DemandStatus.POSTED)
    demand.returned_by_id, demand.returned_reason = department_id, decision.reason[:500]
    demand.assigned_to, demand.assigned_on = None, None
    demand.save()
    close(demand, on)
    _ask_bureau(demand, f"已退回，请改分办：{decision.reason}", decision)
    record(E.DEMAND_RETURNED, actor, demand, decision, on, department_id=department_id)
    return demand


@transaction.atomic
def merge_demand(*, actor: Actor, demand_id: UUID, into_id: UUID, on: date) -> Demand:
    """The bureau merges a duplicate: it keeps its number and page, its asker and followers go on as supporters of the
    other and are told."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_ASSIGN, lock=True)
    into = queries.get_demand_for(actor, into_id, P.SHARING_DEMAND_ASSIGN, lock=True)
    decision = rules.may_merge(
        same=demand.id == into.id,
        into_open=into.status in OPEN_DEMANDS,
        regime=queries.regime_for(demand, on),
    ).or_raise()
    demand.move_to(DemandStatus.MERGED)
    demand.merged_into, demand.closed_on = into, on
    demand.decision_json = decision.as_json()
    demand.save()
    close(demand, on)
    _move_followers(demand, into, on)
    tell_followers(demand, f"与“{into.title}”（{into.number}）重复，已并入该需求办理")
    record(E.DEMAND_MERGED, actor, demand, decision, on, into=into.number)
    record(E.DEMAND_MERGED, actor, into, decision, on, merged=demand.number)
    return demand


def _move_followers(demand: Demand, into: Demand, on: date) -> None:
    there = set(into.supporters.values_list("department_id", flat=True)) | {into.department_id}
    coming = [(demand.department_id, demand.purpose, demand.by_id)]
    coming += list(demand.supporters.values_list("department_id", "note", "by_id"))
    for department_id, note, by_id in coming:
        if department_id and department_id not in there:
            there.add(department_id)
            DemandSupporter.objects.create(
                demand=into,
                department_id=department_id,
                note=note[:300],
                on=on,
                by_id=by_id,
                came_from=demand,
            )


@transaction.atomic
def support_demand(*, actor: Actor, demand_id: UUID, department_id: UUID, note: str = "", on: date) -> Demand:
    """Another department needs the same: it is counted, and told what becomes of it."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_READ, lock=True)
    actor.demand(P.SHARING_DEMAND_POST, department_id=department_id)
    if demand.status not in OPEN_DEMANDS:
        raise IllegalMove(f"数据需求 {demand.number}", DemandStatus(demand.status).label, "加入")
    decision = rules.may_support(
        own=demand.department_id == department_id,
        answers=demand.assigned_to_id == department_id,
        already=demand.supporters.filter(department=department_id).exists(),
        regime=queries.regime_for(demand, on),
    ).or_raise()
    DemandSupporter.objects.create(
        demand=demand, department_id=department_id, note=note.strip()[:300], on=on, by_id=actor.user_id
    )
    record(
        E.DEMAND_SUPPORTED, actor, demand, decision, on, department_id=department_id, note=note.strip()[:300]
    )
    return demand


@transaction.atomic
def withdraw_demand(*, actor: Actor, demand_id: UUID, reason: str, on: date) -> Demand:
    """Who posted it no longer needs it; whoever joined is told, and may post anew."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_POST, lock=True)
    decision = rules.may_withdraw(reason, queries.regime_for(demand, on)).or_raise()
    demand.move_to(DemandStatus.WITHDRAWN)
    demand.closed_on, demand.answer_reason = on, decision.reason[:1000]
    demand.save()
    close(demand, on)
    tell_followers(demand, f"需求已撤回：{decision.reason}。仍需要的部门可以另行提出")
    if demand.assigned_to_id:
        procedures.notify(
            case=demand.case_ref(), department_id=demand.assigned_to_id, text=f"需求已撤回：{decision.reason}"
        )
    record(E.DEMAND_WITHDRAWN, actor, demand, decision, on, department_id=demand.department_id)
    return demand
