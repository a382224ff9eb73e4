"""Duties of the worker: promised demands are met when their entry is published; late promises are told once."""

from __future__ import annotations

from datetime import datetime

from shuqiao.kernel.time import day_of
from shuqiao.sharing.demands import answering


def follow_demands(now: datetime) -> int:
    """Note the demands that have been met."""
    return answering.note_met(on=day_of(now))


def remind_promises(now: datetime) -> int:
    """Tell of promises whose day has passed."""
    return answering.remind_promises(on=day_of(now))
