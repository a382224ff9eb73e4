"""A next step that somebody may do on a dispute or a demand, as pages and REST show it: the rule's own word on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shuqiao import law
from shuqiao.kernel import Decision


@dataclass(frozen=True, slots=True)
class Act:
    """One next step: its name, what it is called, and the rule's word on it. `allowed` may be no, with the reason."""

    name: str
    label: str
    decision: Decision

    def to_json(self) -> dict[str, Any]:
        """As REST says it: with rule, articles and reason."""
        basis = [{"article": str(one), "title": law.article_title(one)} for one in self.decision.basis]
        return {
            "name": self.name,
            "label": self.label,
            "allowed": self.decision.allowed,
            "rule": self.decision.rule,
            "reason": self.decision.reason,
            "basis": basis,
        }
