"""Whether data is as new as its cycle promises (`life.freshness`), as numbers an index can compare with any day."""

from __future__ import annotations

from datetime import date

from shuqiao.catalog.life.freshness import CYCLE_DAYS, NEAR_SHARE, State
from shuqiao.catalog.types import UpdateCycle

# What stands for a day: nobody can say; always in time; not to be told.
UNKNOWN, NEVER, HIDDEN = 0, 9_999_999, -1
LABELS = {state.value: state.label for state in State}


def due_of(cycle: str, updated: date | None) -> tuple[int, int]:
    """The first day of being nearly due and the last of being in time, as ordinals."""
    if updated is None:
        return UNKNOWN, UNKNOWN
    if cycle == UpdateCycle.NEVER:
        return NEVER, NEVER
    if cycle not in CYCLE_DAYS:
        return UNKNOWN, UNKNOWN
    days = CYCLE_DAYS[cycle]
    due = updated.toordinal() + days
    return due - max(1, days // NEAR_SHARE) + 1, due
