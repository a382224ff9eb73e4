"""Rules on running grants. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from dataclasses import dataclass

from shuqiao.delivery.types import PURPOSE_GROUNDS, EndGround, GrantState, Side
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime

SUSPEND = "delivery.misuse.suspend"
END = "delivery.end.filing"
KEEPERS = frozenset({Side.PROVIDER, Side.BUREAU})


@dataclass(frozen=True, slots=True)
class EndFacts:
    """What is known when somebody wants a grant to end: on which ground, said by whom, with what on file."""

    ground: EndGround
    side: Side
    state: GrantState
    reason: str
    filing_note: str = ""


def may_suspend(*, side: Side, reason: str, regime: Regime) -> Decision:
    """Provider or bureau may suspend, saying why (Decree 27; Yingkou 22 and Shenyang 23 on wrong use)."""
    basis = basis_of(regime, SUSPEND, "sharing.purpose_bound", "sharing.onward_transfer")
    if side not in KEEPERS:
        return refuse(SUSPEND, "只有提供部门或主管部门可以暂停授权", *basis)
    if not reason.strip():
        return refuse(SUSPEND, "暂停授权须写明原因，使用部门据此整改", *basis)
    return allow(SUSPEND, reason.strip(), *basis)


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
    needs = regime.rule(END)
    if needs and needs.needs and not facts.filing_note.strip():
        return refuse(
            END, "提供部门终止服务须先与使用部门协商并报主管部门备案，请写明协商和备案情况", *needs.basis
        )
    return allow(END, facts.reason.strip(), *basis)


def _for_misuse(facts: EndFacts, regime: Regime) -> Decision:
    rule = regime.rule(SUSPEND)
    basis = basis_of(regime, SUSPEND, "sharing.purpose_bound", "sharing.onward_transfer")
    if rule and "suspension" in rule.needs and facts.state is not GrantState.SUSPENDED:
        return refuse(SUSPEND, "以违规使用为由终止，须先暂停并限期整改", *basis)
    return allow(SUSPEND, facts.reason.strip(), *basis)


def basis_of(regime: Regime, *rule_ids: str) -> tuple[Article, ...]:
    """The articles of the first of these rules that a text in force states; none when all are silent."""
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        if rule and rule.basis:
            return rule.basis
    return ()
