"""States of a request, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import TextChoices

from shuqiao.law import BasisLevel

BASIS_LEVELS = [(level.value, level.label) for level in BasisLevel]
Predicates = tuple[Mapping[str, Any], ...]


class Status(TextChoices):
    """Where a request stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待答复"
    SUPPLEMENT_ASKED = "supplement_asked", "待补正"
    APPROVED = "approved", "已同意"
    APPROVED_NARROWER = "approved_narrower", "已部分同意"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "因目录撤下办结"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SUBMITTED, Status.WITHDRAWN}),
    Status.SUBMITTED: frozenset(
        {
            Status.SUPPLEMENT_ASKED,
            Status.APPROVED,
            Status.APPROVED_NARROWER,
            Status.REFUSED,
            Status.WITHDRAWN,
            Status.LAPSED,
        }
    ),
    Status.SUPPLEMENT_ASKED: frozenset({Status.SUBMITTED, Status.WITHDRAWN, Status.LAPSED}),
    # Only until what was agreed to is delivered: `services.withdraw_request` and `lapse_request` see to it.
    Status.APPROVED: frozenset({Status.WITHDRAWN, Status.LAPSED}),
    Status.APPROVED_NARROWER: frozenset({Status.WITHDRAWN, Status.LAPSED}),
    Status.REFUSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.LAPSED: frozenset(),
}
# Only the result of a dispute takes an answer back (Decree 28).
REOPENING: Mapping[Status, frozenset[Status]] = {
    Status.REFUSED: frozenset({Status.SUBMITTED}),
    Status.APPROVED_NARROWER: frozenset({Status.SUBMITTED}),
    Status.LAPSED: frozenset({Status.SUBMITTED}),
}
AGREED = frozenset({Status.APPROVED, Status.APPROVED_NARROWER})
OPEN = frozenset({Status.SUBMITTED, Status.SUPPLEMENT_ASKED})
ENDED = AGREED | {Status.REFUSED, Status.WITHDRAWN, Status.LAPSED}
TONES: Mapping[Status, str] = {
    Status.DRAFT: "",
    Status.SUBMITTED: "wait",
    Status.SUPPLEMENT_ASKED: "ochre",
    Status.APPROVED: "jade",
    Status.APPROVED_NARROWER: "jade",
    Status.REFUSED: "off",
    Status.WITHDRAWN: "off",
    Status.LAPSED: "off",
}


class ExtensionState(TextChoices):
    """Where the provider's wish for more time stands."""

    ASKED = "asked", "待主管部门同意"
    GIVEN = "given", "已同意延长"
    DENIED = "denied", "未同意延长"


class DeliveryState(TextChoices):
    """Where the handing over stands, when a yes could not be delivered at once (Decree 22)."""

    DUE = "due", "待提供"
    DONE = "done", "已提供"


class JointStatus(TextChoices):
    """Where an application for several entries stands. The draft is a department's basket."""

    DRAFT = "draft", "申请篮"
    SUBMITTED = "submitted", "办理中"
    DECIDED = "decided", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"


JOINT_MOVES: Mapping[JointStatus, frozenset[JointStatus]] = {
    JointStatus.DRAFT: frozenset({JointStatus.SUBMITTED, JointStatus.WITHDRAWN}),
    JointStatus.SUBMITTED: frozenset({JointStatus.DECIDED, JointStatus.WITHDRAWN}),
    JointStatus.DECIDED: frozenset(),
    JointStatus.WITHDRAWN: frozenset(),
}
JOINT_TONES: Mapping[JointStatus, str] = {
    JointStatus.DRAFT: "",
    JointStatus.SUBMITTED: "wait",
    JointStatus.DECIDED: "jade",
    JointStatus.WITHDRAWN: "off",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, or given: columns with their masks, row condition, ways, until when, how often. A rate is only
    ever given, beside the quota, by the provider."""

    items: tuple[tuple[str, str], ...]
    where: Predicates = field(default=())
    modes: tuple[str, ...] = field(default=())
    valid_until: date | None = None
    daily_quota: int | None = None
    rate_per_minute: int | None = None

    def masks(self) -> dict[str, str]:
        """Mask by column."""
        return dict(self.items)

    def to_json(self) -> dict[str, Any]:
        """The form kept with the answer."""
        return {
            "items": [{"name": name, "mask": mask} for name, mask in self.items],
            "where": [dict(predicate) for predicate in self.where],
            "modes": list(self.modes),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "daily_quota": self.daily_quota,
            "rate_per_minute": self.rate_per_minute,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Scope:
        """Read what `to_json` wrote."""
        until = value["valid_until"]
        return cls(
            items=tuple((item["name"], item["mask"]) for item in value["items"]),
            where=tuple(value["where"]),
            modes=tuple(value["modes"]),
            valid_until=date.fromisoformat(until) if until else None,
            daily_quota=value["daily_quota"],
            rate_per_minute=value.get("rate_per_minute"),
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What the published entry offers: for each column the masks that fit it, and the ways of handing over.

    `sharing_type` of the entry; `types` of each column's item, which may be stricter. `basis` and `level` say why
    the entry is not shared, where it is not. `gone` says in words that the entry or its table is no longer offered.
    """

    sharing_type: str
    masks: Mapping[str, frozenset[str]]
    types: Mapping[str, str]
    modes: frozenset[str]
    basis: str = ""
    reason: str = ""
    gone: str = ""

    def type_of(self, names: tuple[str, ...]) -> str:
        """The sharing type that holds for a request of these columns: the strictest of them and the entry's."""
        order = ("unconditional", "conditional", "none")
        found = [self.types.get(name, self.sharing_type) for name in names]
        return max([self.sharing_type, *found], key=order.index)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as its rules see it. `to_itself`: the requester is the provider."""

    scope: Scope
    offer: Offer
    purpose: str = ""
    scenario: str = ""
    legal_basis: str = ""
    legal_basis_level: str = ""
    signed: bool = False
    to_itself: bool = False
    onward: bool = False
    onward_to: str = ""


@dataclass(frozen=True, slots=True)
class RunningGrant:
    """A grant as the rules of renewal and of wider use see it."""

    number: str
    scope: Scope
    active: bool
    state_label: str


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """A request that its provider has not answered, or has agreed to and not delivered."""

    answer_due: bool
    delivery_due: bool
    reminded_on: date | None


@dataclass(frozen=True, slots=True)
class RefusalFacts:
    """A no, as the provider writes it."""

    reason: str
    basis: str
    level: BasisLevel | None
