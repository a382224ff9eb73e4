"""The ASGI application: addresses, lifespan, and the few answers that are no reads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from shuqiao.gateway.answers import Answer, send_answer
from shuqiao.gateway.corridor import Corridor, problem_answer
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.memory import open_memory
from shuqiao.gateway.metrics import Metrics
from shuqiao.gateway.quick import QuickWay
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import (
    Receive,
    Request,
    Scope,
    Send,
    Target,
    check_method,
    find_target,
    read_body,
    read_request,
)
from shuqiao.gateway.running import Runner
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.sides import SideAnswers
from shuqiao.gateway.watching import Watcher
from shuqiao.gateway.ways import Ways
from shuqiao.journal import JournalError, JournalLocked
from shuqiao.kernel.time import today

log = logging.getLogger("shuqiao.gateway")


class Gateway:
    """One gateway process. `start` and `stop` are called by the lifespan of the server."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        evidence, runner = EvidenceLog(settings.journal_root, settings.node), Runner(settings)
        self.corridor = Corridor(
            settings=settings,
            watcher=Watcher(settings),
            evidence=evidence,
            runner=runner,
            ways=Ways(settings, runner, evidence),
            metrics=self.metrics,
        )
        self.sides = SideAnswers(self.corridor)
        self.quick = QuickWay(self.corridor)
        self._watch: asyncio.Task[None] | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer one connection event of the server."""
        if scope["type"] == "http":
            return self._http(scope, receive, send)
        if scope["type"] == "lifespan":
            return self._lifespan(receive, send)
        return _close_socket(send)

    async def start(self) -> None:
        """Open the evidence and the memory shared by this host's processes, take up the book, keep watching.

        Raises JournalError or OSError when evidence or memory cannot be written.
        """
        await asyncio.to_thread(self._open_chain)
        self.corridor.memory = await asyncio.to_thread(open_memory, self.settings)
        await self.corridor.watcher.look()
        self._watch = asyncio.create_task(self._keep_watching())
        self._watch.add_done_callback(_say_why_it_ended)

    async def stop(self) -> None:
        """Let go of everything; what was appended is durable afterwards."""
        await self.corridor.ways.deliveries.stop(within=5.0)
        await self.stop_watching()
        await self.corridor.evidence.close()
        await asyncio.to_thread(self.corridor.ways.close)
        self.corridor.runner.close()
        self.corridor.memory.close()

    async def stop_watching(self) -> None:
        """Follow the book no longer; reads are refused a few seconds later."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except (JournalError, OSError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep_watching(self) -> None:
        while True:
            await asyncio.sleep(self.settings.poll)
            watcher = self.corridor.watcher
            await watcher.look()
            self.corridor.ways.deliveries.check(watcher.ledger, today(), unwatched=watcher.unwatched)
            await self.corridor.evidence.heal()
            self.corridor.runner.keep(watcher.ledger)

    def _open_chain(self) -> None:
        """Take the first of this host's chains that no other process holds. Raises JournalLocked when all are."""
        evidence = self.corridor.evidence
        for node in self.settings.nodes:
            evidence.node = node
            try:
                evidence.open()
            except JournalLocked:
                if node == self.settings.nodes[-1]:
                    raise
            else:
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        action = "lookup"
        try:
            quick = await self.quick.answer(scope)
            if quick is None:
                action = "other"
                request = read_request(scope, self.settings)
                target = find_target(request.message.path)
                if target is not None:
                    action = target.action
                answer = await self._general(request, target, receive)
            else:
                answer = quick
        except Refused as refused:
            answer = problem_answer(refused, receipt="")
        except Exception:
            log.exception("a request failed")
            self.metrics.count(action, 500, time.perf_counter() - started)
            await send_answer(send, _failed())
            raise
        self.metrics.count(action, answer.status, time.perf_counter() - started)
        if not await send_answer(send, answer):
            self.metrics.broken(action)

    async def _general(self, request: Request, target: Target | None, receive: Receive) -> Answer:
        if target is None:
            return self.sides.answer(request)
        check_method(request, target.methods)
        await read_body(request, receive, self.settings.max_body)
        return await self.corridor.answer(Draft(request, target), receive)


async def _close_socket(send: Send) -> None:
    await send({"type": "websocket.close", "code": 1000})


def _say_why_it_ended(watch: asyncio.Task[None]) -> None:
    if not watch.cancelled() and watch.exception() is not None:
        log.error("the watch over the grant book ended", exc_info=watch.exception())


def _failed() -> Answer:
    return problem_answer(Refused(500, "gateway.failure", "网关内部出错，这次读取没有答复"), receipt="")


def create_app(settings: GatewaySettings) -> Gateway:
    """The ASGI application of these settings."""
    return Gateway(settings)
