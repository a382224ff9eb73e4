"""Whether data is as new as its update cycle promises, in a form an index can compare with any day."""

from __future__ import annotations

from datetime import date

from django.db.models import TextChoices

from shuqiao.catalog.types import UpdateCycle

# Days after which data of a cycle should have been updated, and how many before the end one is reminded.
DAYS: dict[str, tuple[int, int]] = {
    UpdateCycle.REALTIME: (1, 0),
    UpdateCycle.DAILY: (1, 0),
    UpdateCycle.WEEKLY: (7, 1),
    UpdateCycle.TEN_DAYS: (11, 2),
    UpdateCycle.MONTHLY: (31, 5),
    UpdateCycle.QUARTERLY: (92, 10),
    UpdateCycle.HALF_YEARLY: (184, 15),
    UpdateCycle.YEARLY: (366, 30),
}
# What stands for a day: nobody can say; always in time; not to be told.
UNKNOWN, NEVER, HIDDEN = 0, 9_999_999, -1


class Freshness(TextChoices):
    """新鲜度: how the data stands to its cycle today."""

    CURRENT = "current", "按期更新"
    NEAR = "near", "临近更新期"
    OVERDUE = "overdue", "逾期未更新"
    UNKNOWN = "unknown", "无法判断"


def due_of(cycle: str, updated: date | None) -> tuple[int, int]:
    """The day (as ordinal) on which one is reminded, and the last day of being in time. (0, 0): nobody can say,
    for a cycle without length or an entry without a date."""
    if cycle == UpdateCycle.NEVER:
        return NEVER, NEVER
    if cycle not in DAYS or updated is None:
        return UNKNOWN, UNKNOWN
    days, before = DAYS[cycle]
    due = updated.toordinal() + days
    return due - before + 1, due
