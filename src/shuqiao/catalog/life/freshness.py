"""How fresh data is against the update cycle its entry promises. Pure; `stale` is the same rule for a database.

A cycle is counted in calendar days from the day the data last changed: the version mounted last. Where data has
never come nobody can say: the day the entry was published is no day of data. Working days play no part: the promise
is the entry's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import F, Q

from shuqiao.catalog.types import UpdateCycle

# Calendar days after which new data is due; the longest month, quarter, half and year count.
CYCLE_DAYS: dict[str, int] = {
    UpdateCycle.REALTIME: 1,
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.TEN_DAYS: 11,
    UpdateCycle.MONTHLY: 31,
    UpdateCycle.QUARTERLY: 92,
    UpdateCycle.HALF_YEARLY: 184,
    UpdateCycle.YEARLY: 366,
}
NEAR_SHARE = 5  # the last fifth of a cycle, at least its last day


class State(StrEnum):
    """How the data stands to its promise."""

    FRESH = "fresh"
    NEAR = "near"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The word shown."""
        return {"fresh": "按期更新", "near": "即将到期", "overdue": "逾期未更新", "unknown": "无法判断"}[
            self.value
        ]

    @property
    def tone(self) -> str:
        """The tone of the word, as `{% state %}` knows it."""
        return {"fresh": "jade", "near": "ochre", "overdue": "late", "unknown": "off"}[self.value]


@dataclass(frozen=True, slots=True)
class Freshness:
    """The answer, with the day new data is due and how many calendar days it is late."""

    state: State
    due_on: date | None = None
    late_by: int = 0
    why: str = ""

    @property
    def label(self) -> str:
        """The state in a word."""
        return self.state.label

    @property
    def tone(self) -> str:
        """The tone of the word."""
        return self.state.tone


def judge(cycle: str, last_on: date | None, on: date) -> Freshness:
    """How data of this cycle, last changed on `last_on`, stands on the day `on`."""
    if last_on is None:
        return Freshness(State.UNKNOWN, why="数据还没有来过")
    if cycle == UpdateCycle.NEVER:
        return Freshness(State.FRESH, why="本条目不更新")
    if cycle not in CYCLE_DAYS:
        return Freshness(
            State.UNKNOWN, why="不定期更新" if cycle == UpdateCycle.IRREGULAR else "没有填更新周期"
        )
    days = CYCLE_DAYS[cycle]
    due = last_on + timedelta(days=days)
    if on > due:
        return Freshness(State.OVERDUE, due, (on - due).days, f"应在 {due} 前更新")
    left = (due - on).days
    near = left < max(1, days // NEAR_SHARE)
    return Freshness(State.NEAR if near else State.FRESH, due, 0, f"下次应在 {due} 前更新")


LAST = F("data_updated_on")


def stale(on: date) -> Q:
    """Entries whose data is overdue on the day, for a queryset annotated with `last_on=LAST`."""
    wanted = Q(pk__in=[])
    for cycle, days in CYCLE_DAYS.items():
        wanted |= Q(published__update_cycle=cycle, last_on__lt=on - timedelta(days=days))
    return wanted
