"""States of a verification, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import TextChoices

MOST_RECORDS = 20
MOST_FIELDS = 100


class VerificationStatus(TextChoices):
    """Where a verification stands."""

    ASKED = "asked", "待核实"
    CONFIRMED = "confirmed", "核实无误"
    ACCEPTED = "accepted", "核实有误，待更正"
    REJECTED = "rejected", "不予更正"
    CORRECTED = "corrected", "已更正"
    WITHDRAWN = "withdrawn", "已撤回"


V = VerificationStatus
VERIFICATION_MOVES: Mapping[VerificationStatus, frozenset[VerificationStatus]] = {
    V.ASKED: frozenset({V.CONFIRMED, V.ACCEPTED, V.REJECTED, V.WITHDRAWN}),
    V.ACCEPTED: frozenset({V.CORRECTED}),
    V.CONFIRMED: frozenset(),
    V.REJECTED: frozenset(),
    V.CORRECTED: frozenset(),
    V.WITHDRAWN: frozenset(),
}
VERIFICATION_OPEN = frozenset({V.ASKED, V.ACCEPTED})
VERIFICATION_TONES: Mapping[VerificationStatus, str] = {
    V.ASKED: "wait",
    V.CONFIRMED: "",
    V.ACCEPTED: "ochre",
    V.REJECTED: "off",
    V.CORRECTED: "jade",
    V.WITHDRAWN: "off",
}


class Outcome(TextChoices):
    """What the provider found about one field."""

    RIGHT = "right", "无误"
    WRONG = "wrong", "有误"
    REMOVE = "remove", "整条记录应删除"


@dataclass(frozen=True, slots=True)
class Claim:
    """One field that is said to be wrong: the row's key, the column, what is believed right. `shown` is what the asker
    holds; where the platform can still show the row it is looked up instead."""

    key: tuple[str, ...]
    column: str
    believed: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Citizen:
    """For whom the department asks. `document`: valid proof that was shown, `service_item`: what was then done for
    them. The name may be left out."""

    says: str
    name: str = ""
    document: str = ""
    service_item: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A verification as the user department writes it. `by`: the key's columns."""

    by: tuple[str, ...]
    claims: tuple[Claim, ...]
    reason: str = ""
    proof: str = ""
    citizen: Citizen | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the provider found about one field, and the value it is to have; empty: no value."""

    outcome: str
    correct: str = ""


@dataclass(frozen=True, slots=True)
class AskFacts:
    """A verification as its rules see it. `of_itself`: the asker is the provider."""

    fields: int
    reason: str
    proof: str
    of_itself: bool = False
    citizen: Citizen | None = None


@dataclass(frozen=True, slots=True)
class AcceptFacts:
    """An acceptance as its rules see it. `due`: the last day for the correction, where a text sets one."""

    findings: tuple[Finding, ...]
    reason: str
    correct_by: date | None
    on: date
    due: date | None = field(default=None)
