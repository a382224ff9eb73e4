"""The worker: does what waits. Each duty is an app's job function that is safe to run twice and after kill -9.

Short duties (grant book, sealing, clocks) share one thread, so that a long build never delays a revocation.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from django.db import DatabaseError, close_old_connections

from shuqiao.catalog import jobs as catalog
from shuqiao.catalog.onesource import jobs as onesource
from shuqiao.delivery import jobs as delivery
from shuqiao.journal import JournalError
from shuqiao.kernel.time import now
from shuqiao.opening.applications import jobs as applications
from shuqiao.opening.review import jobs as reviews
from shuqiao.organizations import jobs as organizations
from shuqiao.procedures import jobs as procedures
from shuqiao.procedures import workdays
from shuqiao.resources import jobs as resources
from shuqiao.sharing import jobs as sharing
from shuqiao.sharing.demands import jobs as demands
from shuqiao.sharing.emergencies import jobs as emergencies
from shuqiao.sharing.outside import jobs as outside
from shuqiao.sharing.verification import jobs as verification
from shuqiao.upkeep import refresh_statistics

log = logging.getLogger("shuqiao.worker")
Duty = Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One duty and the seconds between two runs. `until_done`: run again at once while there is something to do."""

    duty: Duty
    every: float
    until_done: bool = True


SHORT = (
    Rhythm(delivery.reconcile_book, 0.3),
    Rhythm(procedures.seal_events, 1.0),
    Rhythm(delivery.expire_grants, 20.0),
    Rhythm(delivery.tell_of_withdrawn_entries, 20.0),
    Rhythm(sharing.tell_of_withdrawn_entries, 20.0),
    Rhythm(reviews.begin_due_reviews, 60.0, until_done=False),
    Rhythm(applications.tell_of_withdrawn_entries, 20.0),
    Rhythm(applications.ask_for_use, 3600.0),
    Rhythm(applications.end_applications, 3600.0),
    Rhythm(delivery.ask_for_use, 600.0, until_done=False),
    Rhythm(delivery.remind_of_expiry, 600.0, until_done=False),
    Rhythm(delivery.tell_of_late_corrections, 600.0, until_done=False),
    Rhythm(catalog.clear_stale_imports, 3600.0),
    Rhythm(catalog.clear_exports, 60.0, until_done=False),
    Rhythm(organizations.clear_unverified, 3600.0),
    Rhythm(verification.sweep_attachments, 3600.0, until_done=False),
    Rhythm(catalog.open_campaigns, 3600.0, until_done=False),
    Rhythm(catalog.remind_campaigns, 3600.0, until_done=False),
    Rhythm(procedures.anchor_journal, 60.0, until_done=False),
    Rhythm(procedures.follow_calendar, workdays.FOLLOW_EVERY),
    Rhythm(procedures.note_overdue, 60.0),
    Rhythm(demands.follow_demands, 20.0),
    Rhythm(demands.remind_promises, 3600.0),
    Rhythm(emergencies.end_emergencies, 20.0),
    Rhythm(outside.end_agreements, 60.0),
    Rhythm(procedures.recompute_provisional, 3600.0),
    Rhythm(sharing.tell_of_last_days, 600.0),
    Rhythm(refresh_statistics, 3600.0),
)
EVIDENCE = (
    Rhythm(procedures.seal_journal, 10.0, until_done=False),
    Rhythm(procedures.compress_journal, 60.0, until_done=False),
)
MAIL = (
    Rhythm(procedures.remind_of_due, 60.0),
    Rhythm(procedures.mail_people, 20.0),
    Rhythm(procedures.send_mail, 2.0),
)  # on its own: a mail server may be slow
SEARCH = (Rhythm(catalog.catch_up_search, 1.0),)
EXPORTS = (Rhythm(catalog.make_exports, 0.5),)  # on its own: somebody looks at the progress
LONG = (
    Rhythm(onesource.find_duplicates, 30.0),
    Rhythm(onesource.count_spread, 600.0, until_done=False),
    Rhythm(onesource.watch_emergencies, 3600.0, until_done=False),
    Rhythm(resources.build_versions, 0.5),
    Rhythm(resources.compare_versions, 0.5),
    Rhythm(verification.notice_corrections, 10.0),
    Rhythm(resources.retire_versions, 3600.0, until_done=False),
)


class Loop(threading.Thread):
    """Runs its duties in turn until told to stop. A duty that fails is logged and tried again later."""

    def __init__(self, name: str, rhythms: tuple[Rhythm, ...], stop: threading.Event) -> None:
        super().__init__(name=name)
        self.rhythms, self.stop = rhythms, stop
        self.due = dict.fromkeys(range(len(rhythms)), 0.0)

    def run(self) -> None:
        """Until stopped: run what is due, rest a little."""
        while not self.stop.is_set():
            close_old_connections()
            for index, rhythm in enumerate(self.rhythms):
                if self.due[index] <= time.monotonic() and not self.stop.is_set():
                    self.due[index] = time.monotonic() + self._run(rhythm)
            self.stop.wait(0.1)
        close_old_connections()

    def _run(self, rhythm: Rhythm) -> float:
        """Run one duty; answer how long to wait before the next time."""
        try:
            done = rhythm.duty(now())
        except (DatabaseError, OSError, JournalError):
            # The database, the disk or the evidence may be away for a while; the work is a row and waits for us.
            log.exception("%s failed; it is tried again", rhythm.duty.__qualname__)
            return max(rhythm.every, 5.0)
        return 0.0 if done and rhythm.until_done else rhythm.every


def run_forever() -> None:
    """Run all loops until SIGTERM or SIGINT. A loop that dies of a bug takes the process down, loudly."""
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    loops = [Loop("short", SHORT, stop), Loop("evidence", EVIDENCE, stop), Loop("long", LONG, stop)]
    loops += [Loop("search", SEARCH, stop), Loop("mail", MAIL, stop), Loop("exports", EXPORTS, stop)]
    for loop in loops:
        loop.start()
    while not stop.wait(0.5):
        if not all(loop.is_alive() for loop in loops):
            stop.set()
            for loop in loops:
                loop.join()
            raise SystemExit("a worker loop ended; see the error above")
    for loop in loops:
        loop.join()
