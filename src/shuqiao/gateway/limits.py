"""How much is fair: tokens per address for anonymous readers, rows of the day per grant for systems."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import date


class FairUse:
    """One token bucket per address: `rate` a second, at most `burst` at once. Remembers `addresses` of them,
    forgetting the longest unseen, whose bucket is the likeliest to be full again."""

    def __init__(self, *, rate: float, burst: int, addresses: int = 100_000) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError(f"fair use needs a positive rate and burst, got {rate} and {burst}")
        self._rate, self._burst, self._addresses = rate, float(burst), addresses
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, *, now: float) -> int:
        """Take one token: 0 when there was one, otherwise the whole seconds to wait for the next."""
        tokens, since = self._buckets.pop(address, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - since) * self._rate)
        wait = 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) / self._rate))
        self._buckets[address] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > self._addresses:
            self._buckets.popitem(last=False)
        return wait


class DailyQuota:
    """Answers counted per grant and day in China. The day's turn starts at nothing."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._used: dict[str, int] = {}

    def take(self, grant_id: str, quota: int | None, *, on: date) -> bool:
        """Count one answer of `on` against `quota` (None: no limit). False when it is used up."""
        if on != self._day:
            self._day, self._used = on, {}
        used = self._used.get(grant_id, 0)
        if quota is not None and used >= quota:
            return False
        self._used[grant_id] = used + 1
        return True

    def restore(self, grant_id: str, *, on: date) -> None:
        """Count an answer that the journal holds, at start-up."""
        self.take(grant_id, None, on=on)
