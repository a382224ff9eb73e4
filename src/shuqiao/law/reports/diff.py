"""`shuqiao law diff`: what changes between two packs, or for the same bindings between two days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shuqiao.law.regimes import Regime
from shuqiao.law.reports.words import OPEN_TYPE_WORDS, Line, face_of
from shuqiao.law.types import Pack
from shuqiao.law.vocabulary import RULES, TERMS

Kind = Literal["name", "term", "rule"]
_HEADS: Mapping[Kind, str] = {"name": "开放类型的名称", "term": "期限", "rule": "规则"}


@dataclass(frozen=True, slots=True)
class Change:
    """One name, term or rule that is not the same on both sides."""

    kind: Kind
    id: str
    label: str
    before: str
    after: str


def changes(before: Pack | Regime, after: Pack | Regime) -> tuple[Change, ...]:
    """What differs. Two packs are compared by what they ask; two regimes also by who asks it."""
    left, right = face_of(before), face_of(after)
    by_source = isinstance(before, Regime) and isinstance(after, Regime)
    labels: Mapping[Kind, Mapping[str, str]] = {
        "name": {str(name): word for name, word in OPEN_TYPE_WORDS.items()},
        "term": TERMS,
        "rule": {name: spec.label for name, spec in RULES.items()},
    }
    pairs: Mapping[Kind, tuple[Mapping[str, Line], Mapping[str, Line]]] = {
        "name": (left.names, right.names),
        "term": (left.terms, right.terms),
        "rule": (left.rules, right.rules),
    }
    return tuple(
        Change(kind, name, labels[kind][name], str(one), str(two))
        for kind, (ones, twos) in pairs.items()
        for name, one, two in _differing(ones, twos, by_source)
    )


def diff(before: Pack | Regime, after: Pack | Regime) -> str:
    """The changes as plain Chinese text, one block for names, terms and rules."""
    found = changes(before, after)
    lines = [f"{face_of(before).label} → {face_of(after).label}"]
    for kind, head in _HEADS.items():
        rows = [change for change in found if change.kind == kind]
        if rows:
            lines += ["", head]
        for change in rows:
            lines += [f"  {change.label}  {change.id}", f"    - {change.before}", f"    + {change.after}"]
    if not found:
        lines.append("没有变化")
    return "\n".join(lines) + "\n"


def _differing(
    ones: Mapping[str, Line], twos: Mapping[str, Line], by_source: bool
) -> Iterator[tuple[str, Line, Line]]:
    for name, one in ones.items():
        two = twos[name]
        if one.substance != two.substance or (by_source and one.source != two.source):
            yield name, one, two
