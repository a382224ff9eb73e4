"""Room for work: bounded threads with bounded queues, and a bounded number of exports, so that no kind of read can
starve another and nobody waits in a queue that cannot be served in time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from shuqiao.gateway.leaving import ClientLeft, Leaving
from shuqiao.gateway.refusals import Refused
from shuqiao.store import DeadlinePassed, Running

T = TypeVar("T")

BUSY = "gateway.limit.busy"
_GRACE = 0.5  # seconds a stopped run gets to notice it before its thread counts as the deadline's


class Pool:
    """Threads for one kind of work. More than `queue` waiting pieces of work are refused (503)."""

    def __init__(self, name: str, *, threads: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"gateway-{name}")
        self._threads, self._queue = threads, queue
        self.pending = 0  # running and waiting

    @property
    def waiting(self) -> int:
        """Pieces of work that wait for a thread."""
        return max(0, self.pending - self._threads)

    async def run(self, work: Callable[[], T], running: Running, leaving: Leaving) -> T:
        """Do `work` in a thread. Stops it when the client leaves (ClientLeft) and when the run's deadline passes
        while it still waits (DeadlinePassed). Raises Refused (503) when too much waits already."""
        if self.waiting >= self._queue:
            raise Refused.later(BUSY, "同时进行的读取过多，请稍后再试", seconds=1, status=503)
        self.pending += 1
        try:
            return await self._watched(work, running, leaving)
        finally:
            self.pending -= 1

    async def _watched(self, work: Callable[[], T], running: Running, leaving: Leaving) -> T:
        def begin() -> T:
            running.check()
            return work()

        made = self._executor.submit(begin)
        future, left = asyncio.wrap_future(made), leaving.watch()
        try:
            waited: set[asyncio.Future[Any]] = {future, left}
            await asyncio.wait(waited, timeout=seconds_left(running), return_when="FIRST_COMPLETED")
            if future.done():
                return future.result()
            raise ClientLeft if left.done() else DeadlinePassed
        finally:
            if not future.done():
                running.cancel()
                if not made.cancel():
                    await asyncio.wait({future})
                    future.exception()

    def close(self) -> None:
        """Wait for what runs; what waits is given up."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def seconds_left(running: Running) -> float | None:
    """Until a run is over, with the time it needs to notice; None without a deadline."""
    if running.ends is None:
        return None
    return max(0.0, running.ends - time.monotonic()) + _GRACE


class Slots:
    """How many long reads are open, in all and of one reader."""

    def __init__(self, *, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """Long reads under way."""
        return self._open.total()

    def take(self, reader: str) -> Callable[[], None]:
        """A slot for `reader`; call what is returned to give it back. Raises Refused: 429 when the reader has as
        many as one may, 503 when all are taken."""
        if self._open[reader] >= self._each:
            reason = f"同时最多进行 {self._each} 个导出，请等前一个完成"
            raise Refused.later("gateway.limit.exports", reason, seconds=5)
        if self.open >= self._most:
            raise Refused.later(BUSY, "同时进行的导出过多，请稍后再试", seconds=10, status=503)
        self._open[reader] += 1
        taken = True

        def give_back() -> None:
            nonlocal taken
            if taken:
                taken = False
                self._open[reader] -= 1
                if not self._open[reader]:
                    del self._open[reader]

        return give_back


@contextmanager
def returning(give_back: Callable[[], None]) -> Iterator[None]:
    """Give a slot back when what it was taken for does not come about."""
    try:
        yield
    except BaseException:
        give_back()
        raise
