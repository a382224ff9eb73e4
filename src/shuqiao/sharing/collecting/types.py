"""States and answers of a check before collecting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices


class CheckStatus(TextChoices):
    """The platform answers at once; then the department decides item by item."""

    ANSWERED = "answered", "已答复，待逐项确定"
    DECIDED = "decided", "已逐项确定"


CHECK_MOVES: Mapping[CheckStatus, frozenset[CheckStatus]] = {
    CheckStatus.ANSWERED: frozenset({CheckStatus.DECIDED}),
    CheckStatus.DECIDED: frozenset(),
}


class Verdict(TextChoices):
    """What the platform answers for one item."""

    DIRECT = "direct", "可直接共享获取"
    REQUEST = "request", "可申请共享"
    CLOSED = "closed", "已有部门掌握，不予共享"
    OWN = "own", "本部门已有"
    NONE = "none", "目录中没有"


REPEATS = frozenset({Verdict.DIRECT, Verdict.REQUEST, Verdict.OWN})
VERDICT_TONES: Mapping[Verdict, str] = {
    Verdict.DIRECT: "jade",
    Verdict.REQUEST: "wait",
    Verdict.CLOSED: "off",
    Verdict.OWN: "ochre",
    Verdict.NONE: "",
}


class Choice(TextChoices):
    """What the department decides for one item."""

    SHARE = "share", "改为共享获取"
    COLLECT = "collect", "仍要采集"
    DROP = "drop", "不再需要"


@dataclass(frozen=True, slots=True)
class Holding:
    """An item of the catalogue that answers what was asked: in which entry, whose, under which sharing type."""

    entry: str
    code: str
    title: str
    department: str
    department_id: str
    item: str
    sharing_type: str
    exact: bool = True

    def to_json(self) -> dict[str, Any]:
        """The form kept with the answer."""
        return {
            "entry": self.entry,
            "code": self.code,
            "title": self.title,
            "department": self.department,
            "department_id": self.department_id,
            "item": self.item,
            "sharing_type": self.sharing_type,
            "exact": self.exact,
        }


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One item as its rules see it."""

    name: str
    holdings: tuple[Holding, ...] = field(default=())
    source_department: str = ""


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A check as its rules see it: who asks, what for, on which basis, and per item what there is."""

    department_id: str
    purpose: str
    basis: str
    items: tuple[AskedItem, ...]
