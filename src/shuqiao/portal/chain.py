"""The chain from basis to evidence: seven steps, in the full form under a title and the small one in lists. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LABELS = ("依据", "规则", "期限", "决定", "授权", "读取", "存证")
STATES = frozenset({"done", "now", "act", "stop"})


@dataclass(frozen=True, slots=True)
class Step:
    """One pier of the bridge: its label, what is said there, and its classes."""

    label: str
    text: str
    small: str
    url: str
    css: str
    now: bool
    stopped: bool


def steps_of(value: str | Iterable[Any]) -> list[Step]:
    """Seven steps, from mappings `{label?, text, small?, state?, url?}` or from states alone: "done done now act".

    A state is done, now, act (the official act, to come), "done act" (it has been signed) or stop; in the
    short form a signed act is written done+act. Missing steps follow empty.
    """
    given: list[Any] = (
        [{"state": word.replace("+", " ")} for word in value.split()]
        if isinstance(value, str)
        else list(value)
    )
    given += [{}] * (len(LABELS) - len(given))
    return [_step(one, LABELS[place] if place < len(LABELS) else "") for place, one in enumerate(given)]


def where(steps: list[Step]) -> str:
    """The step that a reader of a list is told: the one stopped at, the one now, or the last."""
    for step in steps:
        if step.stopped:
            return step.text if step.text not in {"", "—"} else f"{step.label}未通过"
    for step in steps:
        if step.now:
            return step.label
    return steps[-1].label if all("is-done" in step.css for step in steps) else steps[0].label


def _step(one: Any, label: str) -> Step:
    if not isinstance(one, Mapping):
        one = {
            name: getattr(one, name)
            for name in ("label", "text", "small", "state", "url")
            if hasattr(one, name)
        }
    states = str(one.get("state", "")).split()
    if unknown := set(states) - STATES:
        raise ValueError(f"no such state of a chain step: {sorted(unknown)}")
    return Step(
        label=str(one.get("label") or label),
        text=str(one.get("text") or "—"),
        small=str(one.get("small") or ""),
        url=str(one.get("url") or ""),
        css=" ".join(f"is-{state}" for state in states),
        now="now" in states,
        stopped="stop" in states,
    )
