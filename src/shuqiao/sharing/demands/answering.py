"""The answer to a demand: a promise followed to the published entry, an entry that exists, or a reasoned no."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.catalog import services as catalog_services
from shuqiao.catalog.types import ItemContent, RevisionContent
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotAllowed
from shuqiao.kernel.time import in_chinese
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing.demands import queries, rules
from shuqiao.sharing.demands.types import DemandStatus, NoFacts, PromiseFacts
from shuqiao.sharing.models import Demand


@transaction.atomic
def accept_demand(
    *,
    actor: Actor,
    demand_id: UUID,
    promised_on: date | None,
    note: str = "",
    entry_id: UUID | None = None,
    on: date,
) -> Demand:
    """The department will have it in the catalogue by a day it names; an entry it has begun may be linked at once.
    The demand stays with it until that entry is published."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_ANSWER, lock=True)
    regime = queries.regime_for(demand, on)
    decision = rules.may_promise(PromiseFacts(promised_on, on), regime).or_raise()
    demand.move_to(DemandStatus.ACCEPTED)
    demand.promised_on = promised_on
    demand.answer_reason = note.strip()[:1000]
    _sign(demand, actor, decision, on)
    demand.save()
    close(demand, on)
    _ask_to_catalogue(demand, decision)
    tell_followers(
        demand, f"{demand.assigned_to}承诺{in_chinese(promised_on)}前完成编目。{demand.answer_reason}"
    )
    record(E.DEMAND_ACCEPTED, actor, demand, decision, on, department_id=demand.assigned_to_id,
           promised_on=str(promised_on))  # fmt: skip
    return link_entry(actor=actor, demand_id=demand.id, entry_id=entry_id, on=on) if entry_id else demand


def _ask_to_catalogue(demand: Demand, decision: Decision) -> None:
    department = demand.assigned_to
    if department is None:
        raise ValueError(f"demand {demand.number} is promised by nobody")
    procedures.assign(
        case=demand.case_ref(),
        department=department,
        permission=P.CATALOG_ENTRY_EDIT,
        action="按承诺编目",
        detail=f"{in_chinese(demand.promised_on)}前发布“{demand.title}”的目录条目，并关联到这项需求",
        basis=decision.basis,
        stage="decision",
    )


@transaction.atomic
def link_entry(*, actor: Actor, demand_id: UUID, entry_id: UUID, on: date) -> Demand:
    """The entry that will meet a promised demand: one of the responsible department's, published or not yet. Once it
    is published, the demand is met."""
    demand = _promised(actor, demand_id)
    entry = catalog.get_entry_for(actor, entry_id)
    if entry.department_id != demand.assigned_to_id:
        raise InvalidInput.one("目录条目", "须是承诺部门自己的条目")
    demand.entry = entry
    demand.save()
    decision = demand.decision()
    record(
        E.DEMAND_LINKED, actor, demand, decision, on, department_id=demand.assigned_to_id, entry=str(entry.id)
    )
    if entry.published_id:
        _meet(actor, demand, on)
    return demand


@transaction.atomic
def start_entry(*, actor: Actor, demand_id: UUID, on: date) -> Demand:
    """The department begins an entry with the demand's title and items, linked with it."""
    demand = _promised(actor, demand_id)
    if demand.assigned_to_id is None or not actor.may(
        P.CATALOG_ENTRY_EDIT, department_id=demand.assigned_to_id
    ):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, f"您没有“{P.CATALOG_ENTRY_EDIT.label}”的权限")
    content = RevisionContent(
        title=demand.title,
        summary=f"按数据需求 {demand.number} 编目，用于{demand.purpose}",
        items=tuple(ItemContent(name=name) for name in demand.items),
    )
    revision = catalog_services.create_entry(
        actor=actor, department_id=demand.assigned_to_id, content=content, on=on
    )
    return link_entry(actor=actor, demand_id=demand.id, entry_id=revision.entry_id, on=on)


def _promised(actor: Actor, demand_id: UUID) -> Demand:
    """A promised demand that a hand of its department may work on: who answers, or who keeps the catalogue."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_READ, lock=True)
    if not any(queries.may_on(actor, demand, one) for one in (P.CATALOG_ENTRY_EDIT, P.SHARING_DEMAND_ANSWER)):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, f"您没有“{P.CATALOG_ENTRY_EDIT.label}”的权限")
    if demand.status != DemandStatus.ACCEPTED:
        raise IllegalMove(f"数据需求 {demand.number}", DemandStatus(demand.status).label, "关联目录条目")
    return demand


@transaction.atomic
def meet_with_entry(*, actor: Actor, demand_id: UUID, entry_id: UUID, note: str = "", on: date) -> Demand:
    """The catalogue has it already: the bureau before assigning, or the department in answer, names the entry."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_READ, lock=True)
    # Once it is assigned the answer is the department's: the bureau does not give it in its place.
    waiting = demand.status == DemandStatus.POSTED
    wanted = P.SHARING_DEMAND_ASSIGN if waiting else P.SHARING_DEMAND_ANSWER
    if not queries.may_on(actor, demand, wanted):
        raise NotAllowed(wanted.value, f"您没有“{wanted.label}”的权限")
    demand.entry = catalog.get_entry_for(actor, entry_id)
    demand.answer_reason = note.strip()[:1000]
    return _meet(actor, demand, on)


def _meet(actor: Actor, demand: Demand, on: date) -> Demand:
    published = demand.entry_id is not None and queries.entry_in_force(demand.entry_id)
    regime = queries.regime_for(demand, on)
    decision = rules.may_meet(published=published, regime=regime, gone=demand.gone()).or_raise()
    demand.move_to(DemandStatus.MET)
    demand.closed_on = on
    if demand.answered_on is None:
        _sign(demand, actor, decision, on)
    demand.decision_json = decision.as_json()
    demand.save()
    close(demand, on)
    tell_followers(demand, f"“{demand.title}”已有目录条目，可以申请使用")
    record(
        E.DEMAND_MET,
        actor,
        demand,
        decision,
        on,
        department_id=demand.assigned_to_id,
        entry=str(demand.entry_id),
    )
    return demand


@transaction.atomic
def refuse_demand(*, actor: Actor, demand_id: UUID, no: NoFacts, on: date) -> Demand:
    """A reasoned no with its basis, also when a promise cannot be kept."""
    demand = queries.get_demand_for(actor, demand_id, P.SHARING_DEMAND_ANSWER, lock=True)
    decision = rules.may_refuse(no, queries.regime_for(demand, on)).or_raise()
    demand.move_to(DemandStatus.REFUSED)
    demand.answer_kind = no.kind or ""
    demand.answer_reason, demand.answer_basis = no.reason.strip()[:1000], no.basis.strip()[:500]
    demand.answer_basis_level = no.level.value if no.level else ""
    _sign(demand, actor, decision, on)
    demand.closed_on = on
    demand.save()
    close(demand, on)
    tell_followers(
        demand, f"{demand.assigned_to}答复不能满足：{demand.answer_reason}（{demand.answer_basis}）"
    )
    record(E.DEMAND_REFUSED, actor, demand, decision, on, department_id=demand.assigned_to_id,
           kind=demand.answer_kind, basis=demand.answer_basis)  # fmt: skip
    return demand


def note_met(*, on: date) -> int:
    """Promised demands whose linked entry has been published since are met. Returns how many."""
    waiting = Demand.objects.filter(status=DemandStatus.ACCEPTED, entry__published__isnull=False)
    found = 0
    for demand_id in list(waiting.values_list("id", flat=True)[:200]):
        with transaction.atomic():
            demand = queries.get_demand_for(PLATFORM, demand_id, P.SHARING_DEMAND_READ, lock=True)
            if (
                demand.status == DemandStatus.ACCEPTED
                and demand.entry_id
                and queries.entry_in_force(demand.entry_id)
            ):
                _meet(PLATFORM, demand, on)
                found += 1
    return found


def remind_promises(*, on: date) -> int:
    """Tell the department and the bureau once of a promise whose day has passed. Returns how many."""
    late = Demand.objects.filter(status=DemandStatus.ACCEPTED, promised_on__lt=on, reminded_on=None)
    told = 0
    for demand_id in list(late.values_list("id", flat=True)[:200]):
        with transaction.atomic():
            claimed = late.filter(id=demand_id).update(reminded_on=on)
            if not claimed:
                continue
            demand = queries.get_demand_for(PLATFORM, demand_id, P.SHARING_DEMAND_READ)
            text = f"承诺{in_chinese(demand.promised_on)}前编目，已过期：{demand.title}"
            bureau = organizations.bureau_of(demand.division_id)
            for department_id in {demand.assigned_to_id or bureau.id, bureau.id}:
                procedures.notify(case=demand.case_ref(), department_id=department_id, text=text)
            told += 1
    return told


def close(demand: Demand, on: date) -> None:
    """The step at hand is done: its clock stops, its lines leave every inbox."""
    if term := procedures_queries.open_term_of(demand.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=demand.case_ref())


def tell_followers(demand: Demand, text: str) -> None:
    """Tell whoever posted it, and whoever joined."""
    departments = set(demand.supporters.values_list("department_id", flat=True))
    if demand.department_id:
        departments.add(demand.department_id)
    for department_id in departments:
        procedures.notify(case=demand.case_ref(), department_id=department_id, text=text)


def record(
    event: E,
    actor: Actor,
    demand: Demand,
    decision: Decision | None,
    on: date,
    *,
    department_id: UUID | None = None,
    **data: object,
) -> None:
    """The event row of a step."""
    events.record(
        event,
        actor=actor,
        case=demand.case_ref(),
        department_id=department_id,
        on=on,
        decision=decision,
        data=data,
    )


def _sign(demand: Demand, actor: Actor, decision: Decision, on: date) -> None:
    demand.answered_on, demand.answered_by_name = on, actor.name
    demand.decision_json = decision.as_json()
