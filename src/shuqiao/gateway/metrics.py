"""Counters for Prometheus. Labels are actions and statuses, never who or what was read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.utils import floatToGoString

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


@dataclass(slots=True)
class _Times:
    """How many answers of an action took up to each of `_BUCKETS`, or longer; seconds of all."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BUCKETS) + 1))
    total: float = 0.0


class _Answers:
    """Answers and their times as plain numbers, made into what Prometheus reads only when it asks: counting an answer
    with the library's own counters takes 1.8 µs, so 0.4. Everything belongs to one event loop."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], int] = {}
        self.times: dict[str, _Times] = {}

    def count(self, action: str, status: int, seconds: float) -> None:
        at = (action, status)
        try:
            self.counts[at] += 1
            times = self.times[action]
        except KeyError:
            self.counts[at] = 1
            times = self.times.setdefault(action, _Times())
        times.buckets[bisect_left(_BUCKETS, seconds)] += 1
        times.total += seconds

    def collect(self) -> Iterator[Metric]:
        """What a registry asks of its collectors."""
        answers = CounterMetricFamily(
            "shuqiao_gateway_answers", "Answers by action and status", labels=["action", "status"]
        )
        for (action, status), number in self.counts.items():
            answers.add_metric([action, str(status)], number)
        yield answers
        seconds = HistogramMetricFamily(
            "shuqiao_gateway_seconds", "Seconds until the answer may be sent", labels=["action"]
        )
        bounds = [*map(floatToGoString, _BUCKETS), "+Inf"]
        for action, times in self.times.items():
            up_to = list(zip(bounds, accumulate(times.buckets), strict=True))
            seconds.add_metric([action], up_to, times.total)
        yield seconds


class Metrics:
    """The counters of one gateway process, in a registry of its own."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4.encode()

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = _Answers()
        self._registry.register(self._answers)
        self.count = self._answers.count
        """Count one answer: action, status, seconds."""
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
