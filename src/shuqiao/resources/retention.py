"""How long what was published before stays. Pure.

A version that is no longer current is kept for whole years from the day it was superseded. Evidence of a read names
the version that was current at that moment, so no record names it later than that day: as long as versions are kept
for as many years as evidence, every record within its retention names a version that is still there. Grants name the
resource, and so always its current version.
"""

from __future__ import annotations

from datetime import date

DISCARDED_DAYS = 1
MARKED_DAYS = 7


def kept_until(superseded_on: date, years: int) -> date:
    """The last day on which a superseded version is kept. 29 February counts as the 28th in other years."""
    try:
        return superseded_on.replace(year=superseded_on.year + years)
    except ValueError:
        return superseded_on.replace(year=superseded_on.year + years, day=28)


def is_over(superseded_on: date, years: int, on: date) -> bool:
    """Whether the time a superseded version is kept is over."""
    return on > kept_until(superseded_on, years)
