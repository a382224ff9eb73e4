"""Duties of the worker: providers are told of the last day of an answer or a delivery, and of withdrawn entries."""

from __future__ import annotations

from datetime import datetime

from shuqiao.kernel.time import day_of
from shuqiao.sharing import services


def tell_of_withdrawn_entries(now: datetime) -> int:
    """Tell of open requests whose entry has left the catalogue."""
    return services.tell_of_withdrawn_entries(on=day_of(now))


def tell_of_last_days(now: datetime) -> int:
    """Tell of answers and deliveries that are due soon, or late."""
    return services.tell_of_last_days(on=day_of(now))
