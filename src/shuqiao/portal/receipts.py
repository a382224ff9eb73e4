"""A receipt as it is shown and printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: label, value; `code` sets it in the machine's letters, `basis` puts a chip behind it."""

    label: str
    value: str
    code: bool = False
    basis: Any = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Title, facts, verification code, seal (four characters, sealed by the platform) and outcome of the check."""

    title: str
    facts: tuple[Fact, ...]
    code: str = ""
    seal: str = ""
    seal_label: str = ""
    state: str = ""
    tone: str = ""
    qr: Any = None


def receipt_of(data: Mapping[str, Any]) -> Receipt:
    """A receipt from plain data: title, facts [(label, value) or {label, value, code, basis}], and the rest by name."""
    rest = {
        name: data[name] for name in ("code", "seal", "seal_label", "state", "tone", "qr") if name in data
    }
    if rest.get("seal") and not rest.get("seal_label"):
        rest["seal_label"] = f"平台印记：{rest['seal']}"
    return Receipt(title=str(data.get("title", "政务数据交付回执")), facts=_facts(data["facts"]), **rest)


def _facts(facts: Iterable[Any]) -> tuple[Fact, ...]:
    return tuple(Fact(**fact) if isinstance(fact, Mapping) else Fact(*fact) for fact in facts)
