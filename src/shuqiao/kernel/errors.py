"""The five errors a caller can cause. `middleware.py` alone turns them into answers.

ShuqiaoError
├── NotFound      404  the thing does not exist, or the actor may not know that it does
├── NotAllowed    403  visible, but not for this actor to do
├── InvalidInput  400  names every bad field at once
├── IllegalMove   409  the state does not allow this step
└── RuleRefused   409  a rule said no; carries its decision
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shuqiao.kernel.decision import Decision


class ShuqiaoError(Exception):
    """Root of what Shuqiao raises on purpose."""


class NotFound(ShuqiaoError):
    """Nothing there for this actor. `what` is shown; it must not tell more than the actor may know."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"没有找到：{what}")


class NotAllowed(ShuqiaoError):
    """The actor sees the thing but lacks the permission named."""

    def __init__(self, permission: str, reason: str = "") -> None:
        self.permission = permission
        self.reason = reason or f"您没有这项权限：{permission}"
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: where (field, cell or line) and what to do about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


class InvalidInput(ShuqiaoError):
    """The input cannot be right. Holds every problem found, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("InvalidInput needs at least one problem")
        super().__init__("；".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, where: str, what: str) -> InvalidInput:
        """An error with a single problem."""
        return cls([Problem(where, what)])


class IllegalMove(ShuqiaoError):
    """The step does not follow from the state the thing is in."""

    def __init__(self, what: str, current: str, wanted: str) -> None:
        self.what, self.current, self.wanted = what, current, wanted
        super().__init__(f"{what}现在是“{current}”，不能变为“{wanted}”")


class RuleRefused(ShuqiaoError):
    """A rule refused the step; the decision says which one, why, and on what basis."""

    def __init__(self, decision: Decision) -> None:
        if decision.allowed:
            raise ValueError(f"RuleRefused needs a refusing decision, got {decision!r}")
        self.decision = decision
        super().__init__(decision.reason)
