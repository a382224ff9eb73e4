"""What somebody may do next with a grant itself, and by which rule: from the rules that the steps ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries, rules
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import EndGround, GrantState, Side
from shuqiao.kernel import Decision
from shuqiao.organizations import queries as organizations


@dataclass(frozen=True, slots=True)
class Act:
    """One next step: its name, what it is called, and the rule's word on it. `allowed` may be no, with the reason."""

    name: str
    label: str
    decision: Decision

    def to_json(self) -> dict[str, Any]:
        """As REST says it: with rule, articles and reason."""
        return {
            "act": self.name,
            "label": self.label,
            "allowed": self.decision.allowed,
            "rule": self.decision.rule,
            "reason": self.decision.reason,
            "basis": [str(one) for one in self.decision.basis],
        }


def acts_for(actor: Actor, grant: Grant, on: date) -> list[Act]:
    """Suspending, resuming, ending and giving up part of a grant, as far as the state has it and the actor's side may;
    what is said of each is the rule's word before anything is filled in."""
    sides = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP)
    regime = organizations.regime_of(grant.provider.division_id, on)
    state = GrantState(grant.state)
    keeper = next((side for side in (Side.PROVIDER, Side.BUREAU) if side in sides), None)
    found = []
    if keeper and state is GrantState.ACTIVE:
        said = rules.may_suspend(
            side=keeper, reason="写明原因，一秒内停止读取，使用方据此整改", regime=regime
        )
        found.append(Act("suspend", "暂停", said))
    if keeper and state is GrantState.SUSPENDED:
        said = rules.may_resume(side=keeper, note="写明整改情况，读取随即恢复", regime=regime)
        found.append(Act("resume", "恢复", said))
    if sides and state in rules.LIVE:
        found.append(Act("end", "终止", _ending(keeper, state, regime)))
    if Side.GRANTEE in sides and state in rules.LIVE:
        less = rules.ChangeFacts(Side.GRANTEE, state, "写明原因，只能放弃，不能增加", wider=())
        found.append(Act("change", "放弃一部分", rules.may_change(less, regime)))
    return found


def _ending(keeper: Side | None, state: GrantState, regime: law.Regime) -> Decision:
    """The word on the ground that is open to everybody; the others ask for more (Decree 27)."""
    more = "；违规使用须先暂停并整改，确需终止服务须先协商并备案" if keeper else ""
    reason = f"目的已实现或者不再需要的，写明原因即可终止{more}"
    facts = rules.EndFacts(EndGround.FULFILLED, keeper or Side.GRANTEE, state, reason)
    return rules.may_end(facts, regime)
