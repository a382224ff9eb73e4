"""The one writer of a node: many appends, one write and one fdatasync.

An append takes its place in the chain at once, under a short lock; a commit thread writes and syncs whatever
has gathered while the last sync was under way, then tells all who wait. So the loop never waits for the
disk, batches grow with the load, and nothing is acknowledged before it is durable.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shuqiao.journal.errors import JournalUnavailable
from shuqiao.journal.head import Head, write_head
from shuqiao.journal.opening import ANY_DAY, create_segment, open_log
from shuqiao.journal.record import Receipt, Record, check_node, encode, receipt_id
from shuqiao.journal.segments import TAG_RECORD, make_header, make_line, write_all
from shuqiao.kernel.time import now

Waiter = tuple[asyncio.Future[Any], Any]
"""A future, and what it is given in its loop once the record is durable."""


class _Batch:
    """What one commit makes durable. A part begins where a segment does: (first sequence or 0, lines)."""

    __slots__ = ("bytes", "count", "done", "error", "parts", "waiters")

    def __init__(self) -> None:
        self.parts: list[tuple[int, list[bytes]]] = [(0, [])]
        self.count = 0
        self.bytes = 0
        self.waiters: list[Waiter] = []
        self.done: threading.Event | None = None  # made when a thread waits
        self.error = ""

    @property
    def wanted(self) -> bool:
        return bool(self.count or self.waiters)


class Writer:
    """Appends to ``dir/node`` and gives receipts; one per node, used from any thread or event loop.

    `segment_bytes`: a segment that has reached this size, or holds records of an earlier day, is followed by a
    new one. `max_waiting`,
    `max_waiting_bytes`: appends beyond these wait before they take a place. `head_every`: seconds between
    durable heads while records come in (see head.py). `syncs` counts the fdatasync calls of record batches.

    Opening raises JournalLocked, JournalDamaged, JournalUnavailable (disk full, no rights), InvalidInput
    (node name).
    """

    def __init__(
        self,
        dir: Path,  # noqa: A002
        node: str,
        *,
        segment_bytes: int = 64 << 20,
        max_waiting: int = 10_000,
        max_waiting_bytes: int = 64 << 20,
        head_every: float = 1.0,
    ) -> None:
        self.node = check_node(node)
        self.syncs = 0
        self._folder = Path(dir) / node
        self._limits = (segment_bytes, max_waiting, max_waiting_bytes)
        self._head_every = head_every
        try:
            self._log = open_log(Path(dir), node)
        except OSError as error:
            raise JournalUnavailable(node, _words(error)) from error
        self._changed = threading.Condition(threading.Lock())
        self._batch, self._in_flight = _Batch(), _Batch()
        self._failure = ""
        self._closing = self._waking = False
        self._soon: deque[tuple[bytes, str, asyncio.Future[str]]] = deque()
        self._durable = self._head_written = (self._log.seq, self._log.record_hash)
        self._durable_size = self._log.size
        self._head_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"journal-{node}", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str:
        """Why the log refuses since the failed write; empty while it works."""
        return self._failure

    @property
    def seq(self) -> int:
        """The last sequence known durable."""
        return self._durable[0]

    async def append(self, record: Record) -> Receipt:
        """Record it; the receipt comes only when the record is durable.

        A cancelled append may still be recorded. Raises JournalUnavailable when durability failed (then no
        answer may be sent), InvalidInput when the record cannot be kept (see `encode`).
        """
        payload, at = encode(record)
        loop = asyncio.get_running_loop()
        while True:
            written: asyncio.Future[Receipt | None] = loop.create_future()
            with self._changed:
                given = self._add(payload, at) if self._has_room() else None
                self._batch.waiters.append((written, given))
                self._changed.notify()
            receipt = await written
            if receipt is not None:
                return receipt

    def append_soon(self, payload: bytes, at: str) -> asyncio.Future[str]:
        """`append` of an encoded record: a future of the receipt's id. Ask `has_room` first.

        All records of one turn of the loop take their places together when the turn is over: one lock, one wake-up
        of the commit thread, one sync. Raises JournalUnavailable when the log refuses, as the future may.
        """
        self._refuse_if_unusable()
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[str] = loop.create_future()
        self._soon.append((payload, at, durable))
        if not self._waking:
            self._waking = True
            loop.call_soon(self._hand_over)
        return durable

    @property
    def has_room(self) -> bool:
        """Whether `append_soon` would take a record now."""
        return not (self._failure or self._closing) and self._has_room()

    def _hand_over(self) -> None:
        self._waking = False  # first: whoever comes from here on has to call this again
        with self._changed:
            refused = self._place_soon()
            self._changed.notify()
        if refused.waiters:
            self._inform(refused)

    def append_sync(self, record: Record) -> Receipt:
        """`append` for code without an event loop; blocks until the record is durable."""
        return self.append_many_sync([record])[0]

    def append_many_sync(self, records: Iterable[Record]) -> Sequence[Receipt]:
        """Record all in their order, in as few syncs as the bounds allow; blocks until all are durable.

        Other appends may come between. Raises what `append` raises; then a first part may be recorded.
        """
        encoded = [encode(record) for record in records]
        receipts: list[Receipt] = []
        while len(receipts) < len(encoded):
            with self._changed:
                self._refuse_if_unusable()
                while len(receipts) < len(encoded) and self._has_room():
                    receipts.append(self._add(*encoded[len(receipts)]))
                batch = self._batch if self._batch.count else self._in_flight
                batch.done = done = batch.done or threading.Event()
                self._changed.notify()
            done.wait()
            if batch.error:
                raise JournalUnavailable(self.node, batch.error)
        return receipts

    def close(self) -> None:
        """Make durable what waits, write the head, give up the lock. Closing twice does nothing."""
        with self._changed:
            refused = self._place_soon()
            self._closing = True
            self._changed.notify()
        self._inform(refused)
        self._thread.join()

    async def aclose(self) -> None:
        """`close` without holding up the loop."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()

    # Under the lock

    def _refuse_if_unusable(self) -> None:
        if self._failure or self._closing:
            raise JournalUnavailable(self.node, self._failure or "日志已关闭")

    def _has_room(self) -> bool:
        self._refuse_if_unusable()
        _, most, most_bytes = self._limits
        waiting = len(self._soon) + self._batch.count + self._in_flight.count
        return waiting < most and self._batch.bytes + self._in_flight.bytes < most_bytes

    def _place_soon(self) -> _Batch:
        """Give places to what `append_soon` took; those that can have none any more, with the reason."""
        refused, waiting, node = _Batch(), self._soon, self.node
        refused.error = self._failure or ("日志已关闭" if self._closing else "")
        while waiting:
            payload, at, durable = waiting.popleft()
            if refused.error:
                refused.waiters.append((durable, None))
            else:
                self._chain(payload, at)
                place = receipt_id(node, self._log.seq, self._log.record_hash)
                self._batch.waiters.append((durable, place))
        return refused

    def _add(self, payload: bytes, at: str) -> Receipt:
        self._chain(payload, at)
        seq, chain_hash = self._log.seq, self._log.record_hash
        return Receipt(receipt_id(self.node, seq, chain_hash), self.node, seq, at, chain_hash)

    def _chain(self, payload: bytes, at: str) -> None:
        """The record's line, in the batch that is committed next."""
        log, batch = self._log, self._batch
        day = at[:10]
        if log.size >= self._limits[0] or log.day < day:
            header, log.prev = make_header(log.prev, self.node, log.seq + 1)
            batch.parts.append((log.seq + 1, [header]))
            log.size, log.day = len(header), day
        elif log.day == ANY_DAY:
            log.day = day
        log.seq += 1
        line, log.prev = make_line(log.prev, TAG_RECORD, log.seq, payload)
        log.size += len(line)
        log.record_hash = log.prev.hex()
        batch.parts[-1][1].append(line)
        batch.count += 1
        batch.bytes += len(line)

    # In the commit thread

    def _run(self) -> None:
        try:
            self._rounds()
        except BaseException as error:
            self._failure = f"写入线程中断：{error!r}"
            raise
        finally:
            self._release()

    def _rounds(self) -> None:
        while not self._failure:
            with self._changed:
                while not self._batch.wanted and not self._closing:
                    if not self._changed.wait(self._head_due_in()):
                        break
                batch, self._batch = self._batch, _Batch()
                self._in_flight = batch
                newest = (self._log.seq, self._log.record_hash)
                last_round = self._closing and not batch.wanted
            if batch.count:
                self._commit(batch, newest)
            self._settle(batch)
            self._keep_head(closing=last_round)
            if last_round:
                return

    def _commit(self, batch: _Batch, newest: tuple[int, str]) -> None:
        try:
            for first, lines in batch.parts:
                if first:
                    self._roll(first, lines.pop(0))
                if lines:
                    content = b"".join(lines)
                    write_all(self._log.fd, content)
                    os.fdatasync(self._log.fd)
                    self.syncs += 1
                    self._durable_size += len(content)
        except OSError as error:
            self._fail(batch, error)
        else:
            self._durable = newest

    def _roll(self, first: int, header: bytes) -> None:
        """The full segment is durable; begin the next."""
        fd = create_segment(self._folder, header, first)
        os.close(self._log.fd)
        self._log.fd, self._durable_size = fd, len(header)
        self._head_at = 0.0  # a head is due right after the batch

    def _fail(self, batch: _Batch | None, error: OSError) -> None:
        """Refuse from now on; take the unacknowledged bytes back where the disk still lets us."""
        with self._changed:
            self._failure = _words(error)
            if batch:
                batch.error = self._failure
        with suppress(OSError):
            os.ftruncate(self._log.fd, self._durable_size)

    def _settle(self, batch: _Batch) -> None:
        with self._changed:
            self._in_flight = _Batch()
            if batch.done is not None:
                batch.done.set()
        self._inform(batch)

    def _inform(self, batch: _Batch) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
        for waiter in batch.waiters:
            by_loop.setdefault(waiter[0].get_loop(), []).append(waiter)
        for loop, waiters in by_loop.items():
            with suppress(RuntimeError):  # the loop has been closed: nobody waits there any more
                loop.call_soon_threadsafe(self._tell, waiters, batch.error)

    def _tell(self, waiters: list[Waiter], error: str) -> None:
        for future, given in waiters:
            if future.done():  # whoever waited has gone
                continue
            if error:
                future.set_exception(JournalUnavailable(self.node, error))
            else:
                future.set_result(given)

    def _head_due_in(self) -> float | None:
        if self._head_written == self._durable:
            return None
        return max(0.0, self._head_at + self._head_every - time.monotonic())

    def _keep_head(self, *, closing: bool) -> None:
        due = self._head_due_in()
        if due is None or self._failure or (due > 0 and not closing):
            return
        try:
            self._write_head()
        except OSError as error:
            self._fail(None, error)

    def _write_head(self) -> None:
        seq, record_hash = self._durable
        write_head(self._folder, Head(self.node, seq, record_hash, now().isoformat(timespec="milliseconds")))
        self._head_written, self._head_at = self._durable, time.monotonic()

    def _release(self) -> None:
        """Fail whoever came after the failure, then let go of the files and the lock."""
        with self._changed:
            self._closing = True
            left = (self._in_flight, self._batch)
            self._batch = _Batch()
        for batch in left:
            batch.error = self._failure or "日志已关闭"
            self._settle(batch)
        os.close(self._log.fd)
        os.close(self._log.lock_fd)


def _words(error: OSError) -> str:
    return f"{error.strerror or error}（{type(error).__name__} {error.errno}）"
