"""Duties of the worker about one source per datum."""

from __future__ import annotations

from datetime import datetime

from shuqiao.catalog import services
from shuqiao.kernel.time import day_of


def find_duplicates(now: datetime) -> int:
    """Entries changed since the last round are compared with those they may double."""
    return services.find_changed_duplicates(at=now)


def count_spread(now: datetime) -> int:
    """Which items several departments hold, counted anew when entries changed."""
    return services.count_spread()


def watch_emergencies(now: datetime) -> int:
    """Emergency collections near or past their end are told of, once each."""
    return services.watch_emergencies(on=day_of(now))
