"""States of a demand, kinds of a no, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import TextChoices

from shuqiao.law import BasisLevel


class DemandStatus(TextChoices):
    """Where a demand stands."""

    POSTED = "posted", "待分办"
    ASSIGNED = "assigned", "待答复"
    ACCEPTED = "accepted", "已承诺编目"
    MET = "met", "已有目录条目"
    REFUSED = "refused", "不能满足"
    MERGED = "merged", "已并入"
    WITHDRAWN = "withdrawn", "已撤回"


DEMAND_MOVES: Mapping[DemandStatus, frozenset[DemandStatus]] = {
    DemandStatus.POSTED: frozenset(
        {DemandStatus.ASSIGNED, DemandStatus.MET, DemandStatus.MERGED, DemandStatus.WITHDRAWN}
    ),
    DemandStatus.ASSIGNED: frozenset(
        {
            DemandStatus.POSTED,
            DemandStatus.ACCEPTED,
            DemandStatus.MET,
            DemandStatus.REFUSED,
            DemandStatus.MERGED,
            DemandStatus.WITHDRAWN,
        }
    ),
    DemandStatus.ACCEPTED: frozenset({DemandStatus.MET, DemandStatus.REFUSED, DemandStatus.WITHDRAWN}),
    DemandStatus.MET: frozenset(),
    DemandStatus.REFUSED: frozenset(),
    DemandStatus.MERGED: frozenset(),
    DemandStatus.WITHDRAWN: frozenset(),
}
OPEN_DEMANDS = frozenset(status for status, follows in DEMAND_MOVES.items() if follows)
DEMAND_TONES: Mapping[DemandStatus, str] = {
    DemandStatus.POSTED: "ochre",
    DemandStatus.ASSIGNED: "wait",
    DemandStatus.ACCEPTED: "wait",
    DemandStatus.MET: "jade",
    DemandStatus.REFUSED: "off",
    DemandStatus.MERGED: "off",
    DemandStatus.WITHDRAWN: "off",
}


class NoKind(TextChoices):
    """Why a demand is not met. What the law closes needs a basis of sufficient level; the others need one too."""

    NOT_HELD = "not_held", "本部门不掌握，也没有采集职责"
    CLOSED = "closed", "依法不予共享"
    NOT_FEASIBLE = "not_feasible", "目前无法归集"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody needs, as it is written. `not_enough`: why what the catalogue has will not do."""

    title: str
    items: tuple[str, ...]
    purpose: str
    service_item: str = ""
    basis: str = ""
    not_enough: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry the catalogue already has: which of the wanted items it carries under the very name."""

    entry: str
    title: str
    department: str
    sharing_type: str
    items: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The form kept with the demand."""
        return {
            "entry": self.entry,
            "title": self.title,
            "department": self.department,
            "sharing_type": self.sharing_type,
            "items": list(self.items),
        }


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A demand before it is posted. `found`: what the catalogue has; `duplicate`: the same is open already."""

    wanted: Wanted
    found: tuple[Found, ...] = ()
    duplicate: str = ""


@dataclass(frozen=True, slots=True)
class NoFacts:
    """A no, as the department writes it."""

    kind: NoKind | None
    reason: str
    basis: str
    level: BasisLevel | None


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """A yes: until when the entry is to be in the catalogue."""

    promised_on: date | None
    on: date
