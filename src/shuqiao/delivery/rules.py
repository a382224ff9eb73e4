"""Rules on running grants. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shuqiao.delivery.types import PURPOSE_GROUNDS, EndGround, GrantScope, GrantState, Mode, Side
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime

SUSPEND = "delivery.misuse.suspend"
END = "delivery.end.filing"
NOT_WIDER = "sharing.scope.not_wider"
PLAIN, DROPPED = "none", "drop"
LIVE = frozenset({GrantState.ACTIVE, GrantState.SUSPENDED})
UNFILED = "提供部门终止或变更服务，须先与使用方协商并报主管部门备案，到备案写明的日期才能执行"
KEEPERS = frozenset({Side.PROVIDER, Side.BUREAU})


@dataclass(frozen=True, slots=True)
class EndFacts:
    """What is known when somebody wants a grant to end: on which ground, said by whom, with what on file.

    `filed`: the provider's filing has been made and its day has come. `correction`: how far the misuser has been
    given the chance to put it right; empty: no correction was ordered.
    """

    ground: EndGround
    side: Side
    state: GrantState
    reason: str
    filed: bool = False
    correction: str = ""
    correction_late: bool = False


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What is known when a running grant is to give something else. `wider`: in words, where it would give more."""

    side: Side
    state: GrantState
    reason: str
    wider: tuple[str, ...]
    same: bool = False
    filed: bool = False


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """What a provider files: why, what was negotiated, from which day."""

    side: Side
    state: GrantState
    reason: str
    negotiation: str
    effective_on: date
    on: date


def may_suspend(*, side: Side, reason: str, regime: Regime) -> Decision:
    """Provider or bureau may suspend, saying why (Decree 27; Yingkou 22 and Shenyang 23 on wrong use)."""
    basis = basis_of(regime, SUSPEND, "sharing.purpose_bound", "sharing.onward_transfer")
    if side not in KEEPERS:
        return refuse(SUSPEND, "只有提供部门或主管部门可以暂停授权", *basis)
    if not reason.strip():
        return refuse(SUSPEND, "暂停授权须写明原因，使用部门据此整改", *basis)
    return allow(SUSPEND, reason.strip(), *basis)


def may_file(facts: FilingFacts, regime: Regime) -> Decision:
    """The provider files before it ends or changes a running service: reason, negotiation, a day (Decree 27)."""
    basis = basis_of(regime, END)
    if facts.side is not Side.PROVIDER:
        return refuse(END, "只有提供部门可以就终止或变更服务备案", *basis)
    if facts.state not in LIVE:
        return refuse(END, "授权已经结束，不必备案", *basis)
    if not facts.reason.strip():
        return refuse(END, "没有正当理由不得终止或变更服务，请写明理由", *basis)
    if not facts.negotiation.strip():
        return refuse(END, "终止或变更服务须先与使用方协商，请写明协商情况", *basis)
    if facts.effective_on < facts.on:
        return refuse(END, "生效日期不能早于备案当天，须先备案再终止或变更", *basis)
    return allow(END, facts.reason.strip(), *basis)


def may_change(facts: ChangeFacts, regime: Regime) -> Decision:
    """A running grant is only narrowed: by its provider, and only as filed where a text asks for filing (Decree 27); or
    by its user, who gives part of it up. More is given on a new request, or where a case decided it (Decree 25)."""
    basis = basis_of(regime, END)
    if facts.state not in LIVE:
        return refuse(END, "授权已经结束，不能变更", *basis)
    if facts.wider:
        limits = basis_of(regime, NOT_WIDER)
        return refuse(NOT_WIDER, f"变更不能扩大授权，扩大须重新申请：{'；'.join(facts.wider)}", *limits)
    if facts.side is Side.BUREAU:
        return refuse(END, "只有提供部门可以变更授权，使用方可以放弃一部分", *basis)
    if facts.same:
        return refuse(END, "变更后的授权与现在相同", *basis)
    if facts.side is Side.GRANTEE:
        return _may_give_up(facts, regime)
    if _filing_needed(regime) and not facts.filed:
        return refuse(END, UNFILED, *basis)
    if not facts.reason.strip():
        return refuse(END, "变更授权须写明理由", *basis)
    return allow(END, facts.reason.strip(), *basis)


def _may_give_up(facts: ChangeFacts, regime: Regime) -> Decision:
    """The user needs no filing to use less, and says why (Decree 25, Yingkou 22)."""
    basis = basis_of(regime, NOT_WIDER, "sharing.purpose_bound", END)
    if not facts.reason.strip():
        return refuse(NOT_WIDER, "放弃授权的一部分须写明原因", *basis)
    return allow(NOT_WIDER, facts.reason.strip(), *basis)


def _filing_needed(regime: Regime) -> bool:
    rule = regime.rule(END)
    return bool(rule and rule.needs)


def wider_than(before: GrantScope, after: GrantScope) -> tuple[str, ...]:
    """Where `after` would give more than `before`, in words; nothing when it is the same or narrower."""
    masks = dict(before.columns)
    found = [
        f"信息项“{name}”"
        for name, mask in after.columns
        if mask != DROPPED and _gives_more(masks, name, mask)
    ]
    if any(predicate not in after.where for predicate in before.where):
        found.append("行条件")
    found += [f"共享方式“{Mode(mode).label}”" for mode in after.modes if mode not in before.modes]
    if before.valid_until and (after.valid_until is None or after.valid_until > before.valid_until):
        found.append("使用时限")
    if _more(before.daily_quota, after.daily_quota):
        found.append("每日限额")
    if _more(before.rate_per_minute, after.rate_per_minute):
        found.append("每分钟限额")
    return tuple(found)


def _gives_more(masks: dict[str, str], name: str, mask: str) -> bool:
    """Plain may become masked; one mask is not another, and what was masked or absent stays so."""
    before = masks.get(name, DROPPED)
    return mask not in (before, DROPPED) and before != PLAIN


def _more(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)


def may_resume(*, side: Side, note: str, regime: Regime) -> Decision:
    """Whoever may suspend may resume, saying what has been put right."""
    basis = basis_of(regime, SUSPEND, "sharing.purpose_bound", "sharing.onward_transfer")
    if side not in KEEPERS:
        return refuse(SUSPEND, "只有提供部门或主管部门可以恢复授权", *basis)
    if not note.strip():
        return refuse(SUSPEND, "恢复授权须写明整改情况", *basis)
    return allow(SUSPEND, note.strip(), *basis)


def may_end(facts: EndFacts, regime: Regime) -> Decision:
    """A grant ends when its purpose does; for misuse only after a suspension that did not help; at the provider's
    wish only with negotiation and filing where a text asks for them (Decree 27)."""
    basis = basis_of(regime, END, SUSPEND, "sharing.purpose_bound")
    if not facts.reason.strip():
        return refuse(END, "终止授权须写明原因", *basis)
    if facts.ground in PURPOSE_GROUNDS:
        return allow(END, facts.reason.strip(), *basis)
    if facts.side not in KEEPERS:
        return refuse(END, "使用部门只能以共享目的已实现或不再需要为由终止", *basis)
    if facts.ground is EndGround.MISUSE:
        return _for_misuse(facts, regime)
    if facts.ground is EndGround.DECIDED:
        return refuse(END, "依照处理决定终止，须由作出决定的案件执行", *basis)
    if facts.side is not Side.PROVIDER:
        return refuse(END, "主管部门只能以共享目的已实现、不再需要或违规使用为由终止", *basis)
    if _filing_needed(regime) and not facts.filed:
        return refuse(END, UNFILED, *basis_of(regime, END))
    return allow(END, facts.reason.strip(), *basis)


def _for_misuse(facts: EndFacts, regime: Regime) -> Decision:
    rule = regime.rule(SUSPEND)
    basis = basis_of(regime, SUSPEND, "sharing.purpose_bound", "sharing.onward_transfer")
    if rule and "suspension" in rule.needs and facts.state is not GrantState.SUSPENDED:
        return refuse(SUSPEND, "以违规使用为由终止，须先暂停并限期整改", *basis)
    if rule and "rectification" in rule.needs:
        if not facts.correction:
            return refuse(SUSPEND, "以违规使用为由终止，须先责令限期整改", *basis)
        if facts.correction == "ordered" and not facts.correction_late:
            return refuse(SUSPEND, "整改期限还没有届满，使用方尚未报告整改", *basis)
    return allow(SUSPEND, facts.reason.strip(), *basis)


def basis_of(regime: Regime, *rule_ids: str) -> tuple[Article, ...]:
    """The articles of the first of these rules that a text in force states; none when all are silent."""
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        if rule and rule.basis:
            return rule.basis
    return ()
