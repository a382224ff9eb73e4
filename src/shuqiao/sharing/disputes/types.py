"""States of a dispute, what it may be about, and what its result may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices

from shuqiao.sharing.types import Scope


class Side(TextChoices):
    """The two sides."""

    REQUESTER = "requester", "需求部门"
    PROVIDER = "provider", "提供部门"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.PROVIDER if self is Side.REQUESTER else Side.REQUESTER


class DisputeStatus(TextChoices):
    """Where a dispute stands (Decree 28: first the two, then the bureau, then the government)."""

    NEGOTIATING = "negotiating", "协商中"
    REFERRED = "referred", "主管部门协调中"
    DECIDED = "decided", "已有协调意见，待双方表态"
    ESCALATED = "escalated", "已报人民政府决定"
    SETTLED = "settled", "协商一致"
    UPHELD = "upheld", "按协调意见执行"
    RULED = "ruled", "按政府决定执行"
    WITHDRAWN = "withdrawn", "已撤回"


DISPUTE_MOVES: Mapping[DisputeStatus, frozenset[DisputeStatus]] = {
    DisputeStatus.NEGOTIATING: frozenset(
        {DisputeStatus.SETTLED, DisputeStatus.REFERRED, DisputeStatus.WITHDRAWN}
    ),
    DisputeStatus.REFERRED: frozenset(
        {DisputeStatus.SETTLED, DisputeStatus.DECIDED, DisputeStatus.WITHDRAWN}
    ),
    DisputeStatus.DECIDED: frozenset({DisputeStatus.UPHELD, DisputeStatus.ESCALATED}),
    DisputeStatus.ESCALATED: frozenset({DisputeStatus.RULED}),
    DisputeStatus.SETTLED: frozenset(),
    DisputeStatus.UPHELD: frozenset(),
    DisputeStatus.RULED: frozenset(),
    DisputeStatus.WITHDRAWN: frozenset(),
}
OPEN_DISPUTES = frozenset(status for status, follows in DISPUTE_MOVES.items() if follows)
TALKING = frozenset({DisputeStatus.NEGOTIATING, DisputeStatus.REFERRED})
DISPUTE_TONES: Mapping[DisputeStatus, str] = {
    DisputeStatus.NEGOTIATING: "wait",
    DisputeStatus.REFERRED: "ochre",
    DisputeStatus.DECIDED: "ochre",
    DisputeStatus.ESCALATED: "ochre",
    DisputeStatus.SETTLED: "jade",
    DisputeStatus.UPHELD: "jade",
    DisputeStatus.RULED: "jade",
    DisputeStatus.WITHDRAWN: "off",
}


class Ground(TextChoices):
    """What a dispute is about."""

    REFUSED = "refused", "不服不同意共享"
    NARROWED = "narrowed", "不服缩小范围"
    OVERDUE = "overdue", "逾期未答复"
    SUSPENDED = "suspended", "不服暂停授权"
    ENDED = "ended", "不服终止授权"
    USE = "use", "对数据使用有异议"


class Outcome(TextChoices):
    """What is to be done at the end. The platform does it."""

    OPEN = "open", "开通授权"
    CHANGE = "change", "变更授权范围"
    RESUME = "resume", "恢复授权"
    SUSPEND = "suspend", "暂停授权并整改"
    END = "end", "终止授权"
    REOPEN = "reopen", "重新办理申请"
    ANSWER = "answer", "限期答复申请"
    KEEP = "keep", "维持原状"


OUTCOMES: Mapping[Ground, tuple[Outcome, ...]] = {
    Ground.REFUSED: (Outcome.OPEN, Outcome.REOPEN, Outcome.KEEP),
    Ground.NARROWED: (Outcome.CHANGE, Outcome.KEEP),
    Ground.OVERDUE: (Outcome.OPEN, Outcome.ANSWER, Outcome.KEEP),
    Ground.SUSPENDED: (Outcome.RESUME, Outcome.CHANGE, Outcome.END, Outcome.KEEP),
    Ground.ENDED: (Outcome.OPEN, Outcome.KEEP),
    Ground.USE: (Outcome.CHANGE, Outcome.SUSPEND, Outcome.END, Outcome.KEEP),
}
WITH_SCOPE = frozenset({Outcome.OPEN, Outcome.CHANGE})


@dataclass(frozen=True, slots=True)
class Result:
    """What is to be done, in words and as data. No scope: all that was in dispute. `due_on`: by when, for an answer."""

    outcome: Outcome
    text: str = ""
    scope: Scope | None = None
    due_on: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The form kept with the dispute and its statements."""
        return {
            "outcome": self.outcome.value,
            "text": self.text,
            "scope": self.scope.to_json() if self.scope else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Result:
        """Read what `to_json` wrote."""
        return cls(
            outcome=Outcome(value["outcome"]),
            text=value["text"],
            scope=Scope.from_json(value["scope"]) if value["scope"] else None,
            due_on=date.fromisoformat(value["due_on"]) if value["due_on"] else None,
        )


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """A request or grant as the rules of raising see it. `state` is its own; `late`: its answer is overdue."""

    kind: str
    state: str
    side: Side
    late: bool = False
    disputed: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """What is known when one side turns to the bureau. `superior`: the common superior as named by the one who
    refers, wanted where the platform knows none."""

    both_spoke: bool
    raised_on: date
    on: date
    why: str
    superior_known: bool = True
    superior: str = ""


@dataclass(frozen=True, slots=True)
class RulingFacts:
    """A government's decision, as the bureau records it."""

    government: str
    number: str
    text: str
    decided_on: date | None
    on: date
