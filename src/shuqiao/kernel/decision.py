"""A rule answers with a `Decision`: yes or no, by which rule, why, on which articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Article:
    """One article of one rule pack, e.g. ``Article("yingkou-2022", "20")``.

    `number` is the Arabic number of the article; a paragraph or item follows in brackets: ``"17(2)"``.
    """

    pack: str
    number: str

    def __str__(self) -> str:
        return f"{self.pack}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> Article:
        """Read what `str` wrote. Raises ValueError naming the text when there is no colon."""
        pack, colon, number = text.partition(":")
        if not colon or not pack or not number:
            raise ValueError(f"not an article reference (want pack:number): {text!r}")
        return cls(pack, number)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a rule. Every refusal on screen or in an API shows all of it."""

    allowed: bool
    rule: str
    reason: str
    basis: tuple[Article, ...] = field(default=())

    def or_raise(self) -> Decision:
        """Return itself when allowed; raise `RuleRefused` carrying itself otherwise."""
        if not self.allowed:
            from shuqiao.kernel.errors import RuleRefused  # errors carry decisions, so it imports this module

            raise RuleRefused(self)
        return self

    def as_json(self) -> dict[str, Any]:
        """The form kept in event rows, evidence and problem answers."""
        return {
            "allowed": self.allowed,
            "rule": self.rule,
            "reason": self.reason,
            "basis": [str(article) for article in self.basis],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Decision:
        """Read what `as_json` wrote."""
        return cls(
            allowed=bool(value["allowed"]),
            rule=str(value["rule"]),
            reason=str(value["reason"]),
            basis=tuple(Article.parse(text) for text in value.get("basis", [])),
        )


def allow(rule: str, reason: str, *basis: Article) -> Decision:
    """A yes of `rule`."""
    return Decision(True, rule, reason, basis)


def refuse(rule: str, reason: str, *basis: Article) -> Decision:
    """A no of `rule`."""
    return Decision(False, rule, reason, basis)
