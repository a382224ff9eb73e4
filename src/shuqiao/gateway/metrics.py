"""Counters for Prometheus. Labels are actions and statuses, never who or what was read."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
GAUGES: Mapping[str, str] = {
    "book_revision": "Revision of the grant book in use",
    "book_age_seconds": "Seconds since the grant book in use was written",
    "book_looked_seconds": "Seconds since the grant book was last looked at",
    "book_faults": "Rows of the grant book that cannot be served",
    "nonce_slots": "Nonces that the files made so far can hold",
    "scans_pending": "Pages, figures and lookups of many keys under way, those that wait included",
    "scans_waiting": "Pages, figures and lookups of many keys that wait for a thread",
    "exports_open": "Exports and files being sent",
    "exports_waiting": "Pieces of exports and files that wait for a thread",
    "versions_open": "Versions open in this process",
    "evidence_writable": "1 while evidence can be written",
}


class Metrics:
    """The counters of one gateway process, in a registry of its own."""

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
        self._commits = Histogram(
            "shuqiao_gateway_commit_seconds",
            "Seconds until evidence was durable, measured on all reads but single rows",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._broken = Counter(
            "shuqiao_gateway_broken_off",
            "Long answers that did not get to their end",
            ["action"],
            registry=self._registry,
        )
        self._gauges = {
            name: Gauge(f"shuqiao_gateway_{name}", text, registry=self._registry)
            for name, text in GAUGES.items()
        }
        self._cells: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count(self, action: str, status: int, seconds: float) -> None:
        """One answer."""
        cells = self._cells.get((action, status))
        if cells is None:
            cells = (self._answers.labels(action, str(status)), self._seconds.labels(action))
            self._cells[action, status] = cells
        cells[0].inc()
        cells[1].observe(seconds)

    def commit(self, seconds: float) -> None:
        """One record became durable."""
        self._commits.observe(seconds)

    def broken(self, action: str) -> None:
        """One long answer was broken off."""
        self._broken.labels(action).inc()

    def render(self, gauges: Mapping[str, float]) -> bytes:
        """The text that Prometheus reads. `gauges` gives a value to each of `GAUGES`."""
        for name, gauge in self._gauges.items():
            gauge.set(gauges[name])
        return generate_latest(self._registry)
