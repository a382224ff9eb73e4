"""Duties of the worker for the catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services, staging
from shuqiao.catalog.search import catching_up, index
from shuqiao.kernel.time import day_of

KEPT = timedelta(days=30)


def clear_stale_imports(now: datetime) -> int:
    """Uploaded sheets that nobody confirmed for 30 days are given up and their files removed."""
    expired = services.expire_imports(before=now - KEPT)
    for record_id in expired:
        staging.clear(record_id)
    return len(expired) + staging.sweep(now - KEPT)


def open_campaigns(now: datetime) -> int:
    """The quarter's full maintenance begins by itself where a text in force asks for it (Yingkou 15)."""
    return services.open_due_campaigns(actor=PLATFORM, on=day_of(now))


def remind_campaigns(now: datetime) -> int:
    """Two weeks and again two days before the end departments with entries left are reminded."""
    return services.remind_due_campaigns(actor=PLATFORM, on=day_of(now))


def catch_up_search(now: datetime) -> int:
    """What was changed is put into this node's search index, so that nobody who searches has to wait for it.
    Nothing when somebody else is at it."""
    if not catching_up.is_behind():
        return 0
    try:
        with index.locked(0):
            return catching_up.catch_up()
    except index.Busy:
        return 0
