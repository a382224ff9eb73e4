"""A run that can be stopped: by whoever started it, from any thread, or by its deadline. What stops it reaches into
the engine, so that a scan nobody waits for any more takes no processor time from the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Interrupt = Callable[[], object]
_AGAIN = 0.02  # seconds: an interrupt that comes before its statement has begun is lost, so it is repeated


class Stopped(Exception):
    """The run was stopped before its answer was whole."""


class Cancelled(Stopped):
    """Whoever asked does not want the answer any more."""

    def __init__(self) -> None:
        super().__init__("查询已取消")


class DeadlinePassed(Stopped):
    """The run took longer than it may."""

    def __init__(self) -> None:
        super().__init__("查询超过时限，已停止")


class Running:
    """One cancellable run of a query, page, aggregate or export; `deadline` in seconds from now, None for none.

    `cancel()` may be called from any thread and any number of times. The thread that reads then gets `Cancelled`,
    past the deadline `DeadlinePassed`, within a few milliseconds of the engine's noticing.
    """

    def __init__(self, deadline: float | None = None) -> None:
        self.ends = None if deadline is None else time.monotonic() + deadline
        self._cancelled = False

    def cancel(self) -> None:
        """Stop the run."""
        self._cancelled = True
        _watch.look()

    @property
    def stopped(self) -> bool:
        """Whether the run must go no further."""
        return self._cancelled or (self.ends is not None and time.monotonic() >= self.ends)

    def check(self) -> None:
        """Raise Cancelled or DeadlinePassed when the run must go no further."""
        if self._cancelled:
            raise Cancelled
        if self.ends is not None and time.monotonic() >= self.ends:
            raise DeadlinePassed

    @contextmanager
    def interruptible(
        self, interrupt: Interrupt, interrupted: type[Exception] | tuple[type[Exception], ...]
    ) -> Iterator[None]:
        """While inside, a stop calls `interrupt` until the statement ends with `interrupted`, which then becomes
        Cancelled or DeadlinePassed. After it nothing is interrupted any more."""
        self.check()
        with _watch.over(self, interrupt):
            try:
                yield
            except interrupted as error:
                try:
                    self.check()
                except Stopped as stopped:
                    raise stopped from error
                raise


class _Watch:
    """One thread of this process that interrupts what must stop. It begins with the first run that can be stopped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: dict[int, tuple[Running, Interrupt]] = {}
        self._number = 0
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, running: Running, interrupt: Interrupt) -> Iterator[None]:
        with self._changed:
            self._number += 1
            number = self._number
            self._watched[number] = (running, interrupt)
            self._begin()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:  # also waits for an interrupt under way: none may hit the next statement
                del self._watched[number]

    def look(self) -> None:
        """Something was cancelled."""
        with self._changed:
            self._changed.notify()

    def _begin(self) -> None:
        if (
            self._thread is None or not self._thread.is_alive()
        ):  # a forked process has no thread of its parent
            self._thread = threading.Thread(target=self._keep_watch, name="store-watch", daemon=True)
            self._thread.start()

    def _keep_watch(self) -> None:
        with self._changed:
            while True:
                wait: float | None = None
                now = time.monotonic()
                for running, interrupt in self._watched.values():
                    if running.stopped:
                        interrupt()
                        left = _AGAIN
                    elif running.ends is not None:
                        left = running.ends - now
                    else:
                        continue
                    wait = left if wait is None else min(wait, left)
                self._changed.wait(None if wait is None else max(wait, 0.001))


_watch = _Watch()
