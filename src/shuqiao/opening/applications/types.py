"""States of an open application, its kinds of purpose, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import TextChoices

from shuqiao.organizations.types import PartyKind


class ApplicationStatus(TextChoices):
    """Where an application stands."""

    SUBMITTED = "submitted", "待答复"
    SUPPLEMENT_ASKED = "supplement_asked", "待补正"
    AGREED = "agreed", "已同意，待签协议"
    OPENED = "opened", "已开放"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    REVOKED = "revoked", "已收回"
    ENDED = "ended", "已到期"
    LAPSED = "lapsed", "因目录撤下办结"


S = ApplicationStatus
APPLICATION_MOVES: Mapping[S, frozenset[S]] = {
    S.SUBMITTED: frozenset({S.SUPPLEMENT_ASKED, S.AGREED, S.REFUSED, S.WITHDRAWN, S.LAPSED}),
    S.SUPPLEMENT_ASKED: frozenset({S.SUBMITTED, S.WITHDRAWN, S.LAPSED}),
    S.AGREED: frozenset({S.OPENED, S.WITHDRAWN, S.LAPSED}),
    S.OPENED: frozenset({S.REVOKED, S.ENDED}),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.REVOKED: frozenset(),
    S.ENDED: frozenset(),
    S.LAPSED: frozenset(),
}
TONES: Mapping[S, str] = {
    S.SUBMITTED: "wait",
    S.SUPPLEMENT_ASKED: "ochre",
    S.AGREED: "ochre",
    S.OPENED: "jade",
    S.REFUSED: "off",
    S.WITHDRAWN: "off",
    S.REVOKED: "off",
    S.ENDED: "off",
    S.LAPSED: "off",
}
UNDECIDED = frozenset({S.SUBMITTED, S.SUPPLEMENT_ASKED, S.AGREED})
"""Nothing has been opened yet, and nothing refused."""
YES = frozenset({S.AGREED, S.OPENED, S.REVOKED, S.ENDED})
ANSWERED = YES | {S.REFUSED}


class Purpose(TextChoices):
    """What the data is for. A regime that names kinds (Dongchangfu 25) knows only these, others only 一般利用."""

    GENERAL = "general", "一般利用"
    INNOVATION = "innovation", "创新发展"
    GOVERNANCE = "governance", "城市治理"
    SERVICE = "service", "社会服务"
    RESEARCH = "research", "科研教育"
    COMMERCIAL = "commercial", "商业开发"


class FollowUpStatus(TextChoices):
    """Where one look at the use stands."""

    WAITING = "waiting", "待报告"
    REPORTED = "reported", "已报告"
    SEEN = "seen", "已查阅"
    LAPSED = "lapsed", "已终止"


FOLLOW_UP_MOVES: Mapping[FollowUpStatus, frozenset[FollowUpStatus]] = {
    FollowUpStatus.WAITING: frozenset({FollowUpStatus.REPORTED, FollowUpStatus.LAPSED}),
    FollowUpStatus.REPORTED: frozenset({FollowUpStatus.SEEN, FollowUpStatus.LAPSED}),
    FollowUpStatus.SEEN: frozenset(),
    FollowUpStatus.LAPSED: frozenset(),
}
MONTHS_LEAST, MONTHS_MOST, MONTHS_USUAL = 1, 24, 6


@dataclass(frozen=True, slots=True)
class Draft:
    """What an applicant writes. `items`: columns of the table."""

    items: tuple[str, ...] = ()
    purpose_kind: str = Purpose.GENERAL
    purpose: str = ""
    scenario: str = ""
    safeguards: str = ""
    valid_until: date | None = None
    public_benefit: bool = False
    written_reply: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What is given: columns with their masks, until when, under which conditions, followed up how often (months), and
    of which rows (`where`, the JSON of a condition)."""

    items: tuple[tuple[str, str], ...]
    valid_until: date
    conditions: str = ""
    follow_up_months: int = MONTHS_USUAL
    where: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form kept with the answer."""
        return {
            "items": [{"name": name, "mask": mask} for name, mask in self.items],
            "valid_until": self.valid_until.isoformat(),
            "conditions": self.conditions,
            "follow_up_months": self.follow_up_months,
            "where": [dict(predicate) for predicate in self.where],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Given:
        """Read what `to_json` wrote."""
        return cls(
            items=tuple((one["name"], one["mask"]) for one in value["items"]),
            valid_until=date.fromisoformat(value["valid_until"]),
            conditions=value["conditions"],
            follow_up_months=value["follow_up_months"],
            where=tuple(value.get("where", ())),
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What an entry offers on application: columns with the mask under which each may be given. None reviewed: {}.
    `columns` are all of the table: rows may be limited by any of them. `gone` says in words that the entry has left the
    catalogue, or its table is no longer published."""

    opening_type: str
    masks: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    gone: str = ""
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as its rules see it. `won`: the applicant won a recorded open competition for this entry."""

    offer: Offer
    party_kind: PartyKind
    may_apply: bool
    items: tuple[str, ...]
    purpose_kind: str
    purpose: str
    scenario: str
    safeguards: str
    valid_until: date | None
    public_benefit: bool = False
    won: bool = False
