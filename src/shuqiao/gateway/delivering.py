"""Sending a long answer: its evidence begins before the first byte and ends after the last, and what stops in
between is broken off, so that a client sees that it has not got everything."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shuqiao.gateway.book import KeyRow
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.grants import Held, Ledger, check_grant
from shuqiao.gateway.leaving import ClientLeft, Leaving
from shuqiao.gateway.pools import Pool, seconds_left
from shuqiao.gateway.requests import Send
from shuqiao.gateway.sources import Source
from shuqiao.journal import JournalUnavailable
from shuqiao.store import Running, Stopped

log = logging.getLogger("shuqiao.gateway")

LEFT = "客户端提前断开"
LATE = "超过时限"
STALLED = "客户端长时间不接收"
STOPPING = "网关正在停止"
FAILED = "网关内部出错"


class BrokenOff(Exception):
    """The answer ends before its end, for a reason."""


@dataclass(slots=True, eq=False)
class Delivery:
    """One long answer under way, under one grant. `first` is its first piece, made before the evidence began."""

    draft: Draft
    key: KeyRow | None
    held: Held
    source: Source
    first: bytes | None
    running: Running
    leaving: Leaving
    pool: Pool
    evidence: EvidenceLog
    stall: float
    let_go: Callable[[], None]
    receipt: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    status: int = 200
    _broken: asyncio.Future[str] = field(init=False)

    def __post_init__(self) -> None:
        self._broken = asyncio.get_running_loop().create_future()

    def break_off(self, reason: str) -> None:
        """End it now; the client will see that something is missing."""
        if not self._broken.done():
            self._broken.set_result(reason)
            self.running.cancel()

    def check(self, ledger: Ledger, on: date) -> None:
        """Break it off when what it is sent under holds no more: key, grant, scope, publication."""
        reason = self.why_not(ledger, on)
        if reason:
            self.break_off(reason)

    def why_not(self, ledger: Ledger, on: date) -> str:
        """Why this book and day do not allow it; empty when they do."""
        target, key = self.draft.target, self.key
        resource = ledger.resources.get(target.resource)
        if resource is None or resource.version is None:
            return "数据已撤下"
        if key is not None and ledger.keys.get(key.id) != key:
            return "密钥已变更或撤销"
        if key is not None and key.not_after is not None and on > key.not_after:
            return "密钥已到期"
        if self.held.row is None:
            opened = ledger.opened.get(target.resource)
            return "" if opened and opened.scope == self.held.scope else "开放范围已变更"
        grants = ledger.grants.get((key.id, target.resource), ()) if key is not None else ()
        held = next((held for held in grants if held.id == self.held.id), None)
        if held is None:
            return "授权已撤下"
        refused = check_grant(held, target, on)
        if refused is not None:
            return refused.decision.reason
        return "" if held.scope == self.held.scope else "授权范围已变更"

    async def send(self, send: Send, headers: list[tuple[bytes, bytes]]) -> bool:
        """Send it; whether it was all. Returns without an end, which breaks the connection, when it was not."""
        reason = FAILED
        try:
            await self._send_all(send, headers)
            reason = ""
        except (BrokenOff, ClientLeft) as error:
            reason = str(error) or LEFT
        except Stopped:
            reason = self._broken.result() if self._broken.done() else LATE
        except OSError as error:
            log.warning("an answer was broken off: %s", error)
        finally:
            await self._end(reason)
        if not reason:
            await send({"type": "http.response.body", "body": b""})
        return not reason

    def drop(self) -> None:
        """It is not begun after all."""
        self.running.cancel()
        self.source.close()
        self.let_go()

    async def _send_all(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        start = {"type": "http.response.start", "status": self.status, "headers": [*headers, *self.headers]}
        await self._push(send, start)
        piece = self.first
        while piece is not None:
            await self._push(send, {"type": "http.response.body", "body": piece, "more_body": True})
            if self.source.length is not None and self.source.size == self.source.length:
                return  # whoever has all of it may leave before anybody looks again
            piece = await self._next()

    async def _next(self) -> bytes | None:
        making = asyncio.ensure_future(self.pool.run(self.source.next, self.running, self.leaving))
        waited: set[asyncio.Future[Any]] = {making, self._broken}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if making.done():
            return making.result()
        making.cancel()
        await asyncio.wait({making})
        raise BrokenOff(self._broken.result())

    async def _push(self, send: Send, message: dict[str, object]) -> None:
        """Hand a piece to the server; it waits while the client takes nothing."""
        sending = asyncio.ensure_future(send(message))
        left = self.leaving.watch()
        limit = min(self.stall, seconds_left(self.running) or self.stall)
        try:
            waited: set[asyncio.Future[Any]] = {sending, left, self._broken}
            await asyncio.wait(waited, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if self._broken.done():
                raise BrokenOff(self._broken.result())
            if left.done() and not sending.done():
                raise ClientLeft
            if not sending.done():
                raise BrokenOff(LATE if self.running.stopped else STALLED)
            sending.result()
        finally:
            sending.cancel()

    async def _end(self, reason: str) -> None:
        """Stop the source, write down what was sent, give everything back."""
        self.running.cancel()
        try:
            await asyncio.to_thread(self.source.close)
            record = self.draft.delivered(
                self.receipt,
                columns=self.source.columns,
                rows=self.source.rows,
                answer="" if reason else self.source.digest(),
                size=self.source.size,
                reason=reason,
            )
            await self.evidence.append(record)
        except JournalUnavailable as error:
            log.error("what an answer delivered is not recorded: %s", error)  # its beginning is
        finally:
            self.let_go()
            self.leaving.end()


class Deliveries:
    """The long answers under way in this process."""

    def __init__(self) -> None:
        self._open: set[Delivery] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, delivery: Delivery) -> None:
        """It is under way."""
        self._open.add(delivery)

    def remove(self, delivery: Delivery) -> None:
        """It has ended."""
        self._open.discard(delivery)

    def check(self, ledger: Ledger, on: date, *, unwatched: bool) -> None:
        """Break off what is no longer allowed; all, when nobody could know."""
        for delivery in list(self._open):
            if unwatched:
                delivery.break_off("网关没有跟上授权簿")
            else:
                delivery.check(ledger, on)

    async def stop(self, within: float) -> None:
        """Break off everything and wait for its evidence, at most `within` seconds."""
        for delivery in list(self._open):
            delivery.break_off(STOPPING)
        ends = time.monotonic() + within
        while self._open and time.monotonic() < ends:
            await asyncio.sleep(0.01)
