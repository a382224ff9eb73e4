"""A receipt as it is shown and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shuqiao.portal.qr import QrCode, qr_of


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: label, value; `code` sets it in the machine's letters, `basis` puts a chip behind it."""

    label: str
    value: str
    code: bool = False
    basis: Any = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Title, facts, verification code, seal (four characters, sealed by the platform) and outcome of the check.

    `address`: the full address of the page that verifies the receipt; it becomes the QR code.
    """

    title: str
    facts: tuple[Fact, ...]
    code: str = ""
    seal: str = ""
    seal_label: str = ""
    state: str = ""
    tone: str = ""
    qr: QrCode | None = None


def receipt_of(data: Mapping[str, Any]) -> Receipt:
    """A receipt from plain data: title, facts [(label, value) or {label, value, code, basis}], address, and the
    rest by name."""
    rest: dict[str, Any] = {
        name: data[name] for name in ("code", "seal", "seal_label", "state", "tone") if name in data
    }
    if data.get("address"):
        rest["qr"] = qr_of(str(data["address"]))
    if rest.get("seal") and not rest.get("seal_label"):
        rest["seal_label"] = f"平台印记：{rest['seal']}"
    return Receipt(title=str(data.get("title", "政务数据交付回执")), facts=_facts(data["facts"]), **rest)


def _facts(facts: Iterable[Any]) -> tuple[Fact, ...]:
    return tuple(Fact(**fact) if isinstance(fact, Mapping) else Fact(*fact) for fact in facts)
