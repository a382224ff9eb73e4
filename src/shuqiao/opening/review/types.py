"""States of a review, what is decided column by column, and the licences under which data opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import TextChoices

from shuqiao.store import ColumnType, Mask


class ReviewStatus(TextChoices):
    """Where a review stands."""

    PREPARING = "preparing", "待提交"
    SUBMITTED = "submitted", "待审查"
    RETURNED = "returned", "审查未通过"
    OPENED = "opened", "已开放"
    STOPPED = "stopped", "已停止开放"
    REPLACED = "replaced", "已由新的审查代替"
    CANCELLED = "cancelled", "已取消"


REVIEW_MOVES: Mapping[ReviewStatus, frozenset[ReviewStatus]] = {
    ReviewStatus.PREPARING: frozenset({ReviewStatus.SUBMITTED, ReviewStatus.CANCELLED}),
    ReviewStatus.SUBMITTED: frozenset({ReviewStatus.OPENED, ReviewStatus.RETURNED, ReviewStatus.CANCELLED}),
    ReviewStatus.RETURNED: frozenset({ReviewStatus.SUBMITTED, ReviewStatus.CANCELLED}),
    ReviewStatus.OPENED: frozenset({ReviewStatus.STOPPED, ReviewStatus.REPLACED}),
    ReviewStatus.STOPPED: frozenset(),
    ReviewStatus.REPLACED: frozenset(),
    ReviewStatus.CANCELLED: frozenset(),
}
UNDER_WAY = (ReviewStatus.PREPARING, ReviewStatus.SUBMITTED, ReviewStatus.RETURNED)
WRITABLE = (ReviewStatus.PREPARING, ReviewStatus.RETURNED)
TONES: Mapping[ReviewStatus, str] = {
    ReviewStatus.PREPARING: "ochre",
    ReviewStatus.SUBMITTED: "wait",
    ReviewStatus.RETURNED: "ochre",
    ReviewStatus.OPENED: "jade",
    ReviewStatus.STOPPED: "off",
    ReviewStatus.REPLACED: "off",
    ReviewStatus.CANCELLED: "off",
}


class Treatment(TextChoices):
    """What happens to a column. `keep` is for columns without personal data."""

    KEEP = "keep", "照原样开放"
    MASK = "mask", "脱敏后开放"
    DROP = "drop", "不开放"
    JUSTIFY = "justify", "写明依据后照原样开放"


# Masks that may open a column to everybody. A hash would need a key of one reader.
OPEN_MASKS = (Mask.KEEP_ENDS, Mask.YEAR)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as the open platform shows it."""

    id: str
    name: str
    text: str


LICENCES: Mapping[str, Licence] = {
    one.id: one
    for one in (
        Licence(
            "open-attribution",
            "署名利用许可",
            "任何人可以免费复制、传播、改编和商业利用本数据，须注明数据来源、版本和获取日期，"
            "不得歪曲原意，不得以提供部门的名义为自己的产品背书。",
        ),
        Licence(
            "cc-by-4.0",
            "知识共享 署名 4.0 国际",
            "依照 CC BY 4.0 许可使用：可以共享和改编，包括商业用途，须署名并说明所作的改动。",
        ),
        Licence(
            "open-unrestricted",
            "无附加条件许可",
            "任何人可以不附条件地免费利用本数据；注明来源是礼节，不是义务。法律法规另有规定的从其规定。",
        ),
    )
}
LICENCE_CHOICES = [(one.id, one.name) for one in LICENCES.values()]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What the provider decides on one column; why, and on which basis, where it stays personal."""

    treatment: str = ""
    mask: str = ""
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """What the provider submits: a decision for each column, the licence, the domains, and its two checks."""

    columns: Mapping[str, ColumnChoice] = field(default_factory=dict)
    licence: str = ""
    domains: tuple[str, ...] = ()
    secrecy_checked: bool = False
    secrecy_note: str = ""
    personal_checked: bool = False
    personal_note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewedColumn:
    """A column under review: as the version has it, and what is decided on it."""

    name: str
    type: str
    item: str
    personal: tuple[str, ...]
    opening_type: str
    treatment: str = ""
    mask: str = ""
    reason: str = ""
    basis: str = ""

    @property
    def may_open(self) -> bool:
        """Whether the catalogue lets its item open at all."""
        return self.opening_type != "closed"

    @property
    def opens(self) -> bool:
        """Whether anything of it opens."""
        return self.may_open and self.treatment in {Treatment.KEEP, Treatment.MASK, Treatment.JUSTIFY}

    @property
    def mask_fits(self) -> bool:
        """Whether its mask can be laid over it, and may be shown to everybody."""
        if self.mask not in {mask.value for mask in OPEN_MASKS} or self.type not in set(ColumnType):
            return False
        return Mask(self.mask).fits(ColumnType(self.type))

    def to_json(self) -> dict[str, Any]:
        """The form kept with the review."""
        return {
            "name": self.name,
            "type": self.type,
            "item": self.item,
            "personal": list(self.personal),
            "opening_type": self.opening_type,
            "treatment": self.treatment,
            "mask": self.mask,
            "reason": self.reason,
            "basis": self.basis,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ReviewedColumn:
        """Read what `to_json` wrote."""
        return cls(**{**value, "personal": tuple(value["personal"])})


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A review as its rules see it. `current`: the version reviewed is the one in force, looking as it did."""

    opening_type: str
    columns: tuple[ReviewedColumn, ...] = ()
    licence: str = ""
    secrecy_checked: bool = False
    personal_checked: bool = False
    current: bool = True
    submitted_by: UUID | None = None
