"""States of an emergency in which data is shared at once, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import TextChoices

from shuqiao.sharing.types import Offer, Scope


class EmergencyStatus(TextChoices):
    """Where it stands. Only a review closes it."""

    RUNNING = "running", "进行中"
    ENDED = "ended", "已结束，待审查"
    REVIEWED = "reviewed", "已审查"


EMERGENCY_MOVES: Mapping[EmergencyStatus, frozenset[EmergencyStatus]] = {
    EmergencyStatus.RUNNING: frozenset({EmergencyStatus.ENDED}),
    EmergencyStatus.ENDED: frozenset({EmergencyStatus.REVIEWED}),
    EmergencyStatus.REVIEWED: frozenset(),
}
EMERGENCY_TONES: Mapping[EmergencyStatus, str] = {
    EmergencyStatus.RUNNING: "late",
    EmergencyStatus.ENDED: "ochre",
    EmergencyStatus.REVIEWED: "off",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the bureau declares: the event, why data must be shared at once, where, until when."""

    event: str
    reason: str
    divisions: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is opened in an emergency: a table's columns and rows to departments, for what."""

    entry_id: UUID
    resource_id: UUID | None
    departments: tuple[UUID, ...]
    scope: Scope
    purpose: str


@dataclass(frozen=True, slots=True)
class SharingFacts:
    """The same as its rules see it. `running`: declared, its last day not passed; `outside`: names of departments that
    are not in its divisions; `again`: names of those that have it under this emergency already."""

    offer: Offer
    scope: Scope
    purpose: str
    running: bool
    departments: int
    outside: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
