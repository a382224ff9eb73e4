"""The ASGI application: addresses, lifespan, and the few answers that are no reads."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

import orjson

from shuqiao.gateway.answers import JSON, Answer, send_answer
from shuqiao.gateway.corridor import Corridor, problem_answer
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.memory import open_memory
from shuqiao.gateway.metrics import Metrics
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import Receive, Request, Scope, Send, find_target, read_body, read_request
from shuqiao.gateway.running import Runner
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.watching import Watcher
from shuqiao.journal import JournalError, JournalLocked

log = logging.getLogger("shuqiao.gateway")


class Gateway:
    """One gateway process. `start` and `stop` are called by the lifespan of the server."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.corridor = Corridor(
            settings=settings,
            watcher=Watcher(settings),
            evidence=EvidenceLog(settings.journal_root, settings.node),
            runner=Runner(settings),
        )
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection event of the server."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

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
        await self.stop_watching()
        await self.corridor.evidence.close()
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
            await self.corridor.watcher.look()
            await self.corridor.evidence.heal()
            self.corridor.runner.keep(self.corridor.watcher.ledger)

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
        action = "other"
        try:
            request = read_request(scope, self.settings)
            target = find_target(request.message.path)
            if target is None:
                answer = self._side_answer(request)
            elif request.message.method != "GET":
                raise Refused(405, "gateway.method", "这个地址只支持 GET", headers={"allow": "GET"})
            else:
                action = target.action
                await read_body(request, receive, self.settings.max_body)
                answer = await self.corridor.answer(Draft(request, target))
        except Refused as refused:
            answer = problem_answer(refused, receipt="")
        except Exception:
            log.exception("a request failed")
            self.metrics.count(action, 500, time.perf_counter() - started)
            await send_answer(send, _failed(), chunk=self.settings.chunk)
            raise
        self.metrics.count(action, answer.status, time.perf_counter() - started)
        await send_answer(send, answer, chunk=self.settings.chunk)

    def _side_answer(self, request: Request) -> Answer:
        match request.message.path:
            case "/healthz":
                return Answer(200, JSON, b'{"status":"ok"}')
            case "/readyz":
                return self._ready()
            case "/metrics":
                revision = self.corridor.watcher.ledger.revision
                text = self.metrics.render(revision=revision, nonces=len(self.corridor.memory.nonces))
                return Answer(200, self.metrics.content_type, text)
            case _:
                raise Refused(404, "gateway.address.unknown", "没有这个地址")

    def _ready(self) -> Answer:
        """Ready while the newest book is in use and evidence can be written."""
        reasons = [
            reason for reason in (self.corridor.watcher.problem, self.corridor.evidence.failure) if reason
        ]
        body = {
            "status": "unready" if reasons else "ok",
            "reasons": reasons,
            "book": self.corridor.watcher.ledger.revision,
        }
        return Answer(503 if reasons else 200, JSON, orjson.dumps(body))


def _say_why_it_ended(watch: asyncio.Task[None]) -> None:
    if not watch.cancelled() and watch.exception() is not None:
        log.error("the watch over the grant book ended", exc_info=watch.exception())


def _failed() -> Answer:
    return problem_answer(Refused(500, "gateway.failure", "网关内部出错，这次读取没有答复"), receipt="")


def create_app(settings: GatewaySettings) -> Gateway:
    """The ASGI application of these settings."""
    return Gateway(settings)
