"""How much is fair: tokens per address for anonymous readers; per grant, reads of the day and of the minute.

All processes of a host count in the same tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shuqiao.gateway.shared import CounterTable, Marks


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether there was room, how much is left, and in how many whole seconds there is more."""

    allowed: bool
    left: int
    seconds: int


class TokenBuckets:
    """A bucket of tokens for each of many names, refilled at a rate; forgets the longest unseen."""

    def __init__(self, path: Path, marks: Marks) -> None:
        self._table = CounterTable(path, marks)

    def take(self, name: str, *, rate: float, burst: float, now: float) -> Taken:
        """Take one token where there is a whole one. `rate` tokens a second, at most `burst` at once."""

        def turn(tokens: float, since: float) -> tuple[float, float]:
            tokens = min(burst, tokens + max(0.0, now - since) * rate)
            return (tokens - 1 if tokens >= 1 else tokens), now

        before, since = self._table.change(name, turn, new=(burst, now))
        tokens = min(burst, before + max(0.0, now - since) * rate)
        if tokens >= 1:
            return Taken(True, int(tokens - 1), 0)
        return Taken(False, 0, max(1, math.ceil((1 - tokens) / rate)))

    def close(self) -> None:
        """Let go of the table."""
        self._table.close()


class FairUse:
    """One token bucket per address: `rate` a second, at most `burst` at once."""

    def __init__(self, buckets: TokenBuckets, *, rate: float, burst: int) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError(f"fair use needs a positive rate and burst, got {rate} and {burst}")
        self._buckets, self._rate, self._burst = buckets, rate, float(burst)

    def take(self, address: str, *, now: float) -> int:
        """Take one token: 0 when there was one, otherwise the whole seconds to wait for the next."""
        return self._buckets.take(address, rate=self._rate, burst=self._burst, now=now).seconds


class GrantRate:
    """Reads of a grant in a minute: tokens that come back evenly, a sixth of the minute's at once at most."""

    def __init__(self, buckets: TokenBuckets) -> None:
        self._buckets = buckets

    def take(self, grant_id: str, per_minute: int, *, now: float) -> Taken:
        """Take one read of `per_minute`."""
        burst = max(1.0, per_minute / 6)
        return self._buckets.take(grant_id, rate=per_minute / 60, burst=burst, now=now)


class DailyQuota:
    """Reads counted per grant and day in China. The day's turn starts at nothing."""

    def __init__(self, path: Path, marks: Marks) -> None:
        self._table = CounterTable(path, marks)

    def take(self, grant_id: str, quota: int | None, *, on: date, reads: int = 1) -> Taken:
        """Count `reads` of `on` against `quota` (None: no limit). Not allowed when they do not fit: none are taken."""
        day = float(on.toordinal())

        def turn(used: float, since: float) -> tuple[float, float]:
            used = used if since == day else 0.0
            return (used + reads if quota is None or used + reads <= quota else used), day

        before, since = self._table.change(grant_id, turn, new=(0.0, day))
        used = int(before) if since == day else 0
        if quota is None:
            return Taken(True, 0, 0)
        allowed = used + reads <= quota
        return Taken(allowed, quota - used - (reads if allowed else 0), 0)

    def give_back(self, grant_id: str, *, on: date) -> None:
        """One read of `on` was not answered after all."""
        self.take(grant_id, None, on=on, reads=-1)

    def close(self) -> None:
        """Let go of the table."""
        self._table.close()
