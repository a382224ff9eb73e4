"""What pages and REST say of a demand: what one may do next, and what there is to choose from."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery.events import timeline_of as lines_of
from shuqiao.kernel.decision import allow
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.demands import queries, rules
from shuqiao.sharing.demands.types import (
    DEMAND_MOVES,
    OPEN_DEMANDS,
    DemandStatus,
    NoFacts,
    NoKind,
    PromiseFacts,
)
from shuqiao.sharing.models import Demand
from shuqiao.sharing.nexts import Act


def posting_departments(actor: Actor) -> list[tuple[UUID, str]]:
    """The actor's departments for which demands may be posted."""
    may = actor.departments_with(P.SHARING_DEMAND_POST)
    posts = {post.department_id: post.department_name for post in actor.posts if post.department_id in may}
    return list(posts.items())


def joining_departments(actor: Actor, demand: Demand) -> list[tuple[UUID, str]]:
    """The actor's departments that may still say that they need it too: not who asked, answers, or has said so."""
    there = {demand.department_id, demand.assigned_to_id}
    there |= set(demand.supporters.values_list("department_id", flat=True))
    return [one for one in posting_departments(actor) if one[0] not in there]


def acts_for(actor: Actor, demand: Demand, on: date) -> list[Act]:
    """What the actor may do next; what the rule does not let through comes with its reason."""
    regime = queries.regime_for(demand, on)
    return [
        *_bureau(actor, demand, regime),
        *_department(actor, demand, regime, on),
        *_others(actor, demand, regime),
    ]


def _bureau(actor: Actor, demand: Demand, regime: law.Regime) -> list[Act]:
    if not queries.may_on(actor, demand, P.SHARING_DEMAND_ASSIGN):
        return []
    follows = DEMAND_MOVES[DemandStatus(demand.status)]
    yes = allow(rules.RULE, "主管部门分办", *rules.articles(regime))
    found = []
    if DemandStatus.ASSIGNED in follows:
        found.append(Act("assign", "分办", yes))
        found.append(Act("meet", "目录中已有", yes))
    if DemandStatus.MERGED in follows:
        found.append(Act("merge", "合并", rules.may_merge(same=False, into_open=True, regime=regime)))
    return found


def _department(actor: Actor, demand: Demand, regime: law.Regime, on: date) -> list[Act]:
    follows = DEMAND_MOVES[DemandStatus(demand.status)]
    answers = queries.may_on(actor, demand, P.SHARING_DEMAND_ANSWER)
    edits = queries.may_on(actor, demand, P.CATALOG_ENTRY_EDIT)
    found = []
    if answers and DemandStatus.ACCEPTED in follows:
        returned = demand.returned_by_id is not None
        found.append(Act("accept", "承诺编目", rules.may_promise(PromiseFacts(on, on), regime)))
        found.append(
            Act(
                "return",
                "退回",
                rules.may_return("写明为什么不是本部门的职责", returned=returned, regime=regime),
            )
        )
    if answers and DemandStatus.MET in follows and demand.status != DemandStatus.POSTED:
        found.append(Act("meet", "目录中已有", allow(rules.RULE, "答复已有的条目", *rules.articles(regime))))
    if answers and DemandStatus.REFUSED in follows:
        facts = NoFacts(NoKind.NOT_HELD, "写明理由和依据", "—", BasisLevel.LAW)
        found.append(Act("refuse", "不能满足", rules.may_refuse(facts, regime)))
    if demand.status == DemandStatus.ACCEPTED and (answers or edits):
        found.append(Act("link", "关联目录条目", allow(rules.RULE, "关联目录条目", *rules.articles(regime))))
        if edits and (demand.entry_id is None or demand.gone()):
            found.append(
                Act("start", "按需求起草条目", allow(rules.RULE, "起草条目", *rules.articles(regime)))
            )
    return found


def _others(actor: Actor, demand: Demand, regime: law.Regime) -> list[Act]:
    found = []
    if demand.status in OPEN_DEMANDS and joining_departments(actor, demand):
        joins = rules.may_support(own=False, already=False, regime=regime)
        found.append(Act("support", "我也需要", joins))
    if DemandStatus.WITHDRAWN in DEMAND_MOVES[DemandStatus(demand.status)] and queries.may_on(
        actor, demand, P.SHARING_DEMAND_POST
    ):
        found.append(Act("withdraw", "撤回", rules.may_withdraw("写明撤回的原因", regime)))
    return found


def page_of(actor: Actor, demand: Demand, on: date) -> dict[str, Any]:
    """What its page shows."""
    regime = queries.regime_for(demand, on)
    acts = {act.name: act for act in acts_for(actor, demand, on)}
    context: dict[str, Any] = {
        "case": demand,
        "gone": demand.gone(),
        "may_post": bool(posting_departments(actor)),
        "on": on,
        "acts": acts,
        "age": (demand.closed_on or on) - demand.posted_on,
        "late": demand.status == DemandStatus.ACCEPTED and demand.promised_on and demand.promised_on < on,
        "supporters": queries.supporters_of(demand),
        "articles": rules.articles(regime),
        "term": procedures.open_term_of(demand.case_ref()),
        "silent": regime.term(rules.REPLY) is None,
        "decision": demand.decision(),
        "timeline": lines_of(procedures.history_of(demand.case_ref())),
        "joining": joining_departments(actor, demand),
    }
    if "assign" in acts:
        divisions = actor.divisions_with(P.SHARING_DEMAND_ASSIGN)
        departments = organizations.list_departments().filter(division__in=divisions)
        context["departments"] = [one for one in departments if one.id != demand.department_id]
    if "merge" in acts:
        context["candidates"] = queries.candidates(demand)
    if {"link", "accept"} & acts.keys():
        context["entries"] = queries.entries_of(demand)
    return context
