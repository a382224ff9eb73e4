"""The working days that count in this installation, in every process of it."""

from __future__ import annotations

import logging
import threading
from uuid import UUID

from django.db import DatabaseError, close_old_connections

from shuqiao import law
from shuqiao.procedures.models import CalendarYear

FOLLOW_EVERY = 5.0  # seconds
log = logging.getLogger("shuqiao.procedures")
_seen: dict[str, tuple[UUID, ...]] = {"ids": ()}  # the notices this process has put into law


def current() -> law.WorkCalendar:
    """The working days with the notices imported up to now; every step that computes a day asks here. One query."""
    ids = tuple(CalendarYear.objects.filter(superseded_at=None).order_by("id").values_list("id", flat=True))
    if ids != _seen["ids"]:
        law.install_notices([row.notice() for row in CalendarYear.objects.filter(id__in=ids)])
        _seen["ids"] = ids
    return law.default_calendar()


def follow() -> threading.Thread:
    """Let this process hear of imports within seconds, for what only shows days; steps ask `current` themselves."""
    thread = threading.Thread(target=_follow_for_ever, name="workdays", daemon=True)
    thread.start()
    return thread


def _follow_for_ever() -> None:
    rest = threading.Event()
    while True:
        try:
            close_old_connections()
            current()
        except DatabaseError:
            log.warning("imported working days not read this time", exc_info=True)
        rest.wait(FOLLOW_EVERY)
