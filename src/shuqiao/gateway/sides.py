"""The answers that are no reads: is it alive, is it ready, its figures, and the description of its addresses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from shuqiao.gateway.answers import JSON, Answer, without_body
from shuqiao.gateway.networks import came_through_proxy, is_within
from shuqiao.gateway.openapi import whole_description
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import Request, check_method
from shuqiao.kernel.time import now

if TYPE_CHECKING:
    from shuqiao.gateway.corridor import Corridor


class SideAnswers:
    """Answers about the gateway itself."""

    def __init__(self, corridor: Corridor) -> None:
        self._corridor = corridor
        self._description = orjson.dumps(whole_description())

    def answer(self, request: Request) -> Answer:
        """The answer at an address that reads nothing. Raises Refused: 404 where there is none, 405, 403."""
        known = {
            "/healthz": self._alive,
            "/readyz": self._ready,
            "/metrics": self._figures,
            "/openapi.json": self._described,
        }
        found = known.get(request.message.path)
        if found is None:
            raise Refused(404, "gateway.address.unknown", "没有这个地址")
        check_method(request, ("GET", "HEAD"))
        answer = found(request)
        return without_body(answer) if request.message.method == "HEAD" else answer

    def _alive(self, _: Request) -> Answer:
        return Answer(200, JSON, b'{"status":"ok"}')

    def _ready(self, _: Request) -> Answer:
        """Ready while the newest book is in use and evidence can be written. Rows that cannot be served are named."""
        watcher, evidence = self._corridor.watcher, self._corridor.evidence
        reasons = [reason for reason in (watcher.problem, evidence.failure) if reason]
        body = {
            "status": "unready" if reasons else "ok",
            "reasons": reasons,
            "faults": list(watcher.ledger.faults),
            "book": watcher.ledger.revision,
            "node": evidence.node,
        }
        return Answer(503 if reasons else 200, JSON, orjson.dumps(body))

    def _described(self, _: Request) -> Answer:
        return Answer(200, JSON, self._description)

    def _figures(self, request: Request) -> Answer:
        """For the networks that an operator named; a request that a proxy we do not trust passed on is from
        anywhere."""
        settings = self._corridor.settings
        hidden = request.client == request.peer and came_through_proxy(request.message.headers)
        if hidden or not is_within(request.client, settings.metrics_from):
            raise Refused(403, "gateway.metrics.network", "这个地址只供运行监控的网段读取")
        metrics = self._corridor.metrics
        return Answer(200, metrics.content_type, metrics.render(self._gauges()))

    def _gauges(self) -> Mapping[str, float]:
        corridor = self._corridor
        ledger, ways = corridor.watcher.ledger, corridor.ways
        return {
            "book_revision": ledger.revision,
            "book_age_seconds": _age(ledger.written_at),
            "book_looked_seconds": time.monotonic() - corridor.watcher.looked_at,
            "book_faults": len(ledger.faults),
            "nonce_slots": len(corridor.memory.nonces),
            "scans_pending": ways.scans.pending,
            "scans_waiting": ways.scans.waiting,
            "exports_open": len(ways.deliveries),
            "exports_waiting": ways.exports.waiting,
            "versions_open": corridor.runner.open_versions,
            "evidence_writable": 0 if corridor.evidence.failure else 1,
        }


def _age(written_at: str) -> float:
    """Seconds since then; NaN for a book that does not say."""
    try:
        return max(0.0, (now() - datetime.fromisoformat(written_at)).total_seconds())
    except (ValueError, TypeError):
        return float("nan")
