"""Counters for Prometheus. Labels are actions and statuses, never who or what was read."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """The counters of one gateway, in a registry of its own."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4.encode()

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "shuqiao_gateway_answers",
            "Answers by action and status",
            ["action", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "shuqiao_gateway_seconds",
            "Seconds until the answer may be sent",
            ["action"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._revision = Gauge(
            "shuqiao_gateway_book_revision", "Revision of the grant book in use", registry=self._registry
        )
        self._nonces = Gauge("shuqiao_gateway_nonces", "Nonces held against replay", registry=self._registry)
        self._cells: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count(self, action: str, status: int, seconds: float) -> None:
        """One answer."""
        cells = self._cells.get((action, status))
        if cells is None:
            cells = (self._answers.labels(action, str(status)), self._seconds.labels(action))
            self._cells[action, status] = cells
        cells[0].inc()
        cells[1].observe(seconds)

    def render(self, *, revision: int, nonces: int) -> bytes:
        """The text that Prometheus reads."""
        self._revision.set(revision)
        self._nonces.set(nonces)
        return generate_latest(self._registry)
