"""The nonces seen within the window in which a signature could be accepted again."""

from __future__ import annotations

import math


class WindowFull(Exception):
    """No more nonces can be remembered; forgetting one would let a replay through."""


class NonceWindow:
    """Remembers (key, nonce) until the signature it came with is too old to be accepted.

    Kept in one set per `step` seconds of expiry, so forgetting is dropping a set. Only a 64-bit keyed hash is
    held: about 80 bytes a request, 5 minutes at 10,000 a second fit in 250 MB.
    """

    def __init__(self, *, skew: int, limit: int, step: int = 30) -> None:
        self._skew, self._limit, self._step = skew, limit, step
        self._sets: dict[int, set[int]] = {}
        self._count = 0
        self._swept = -math.inf

    def __len__(self) -> int:
        return self._count

    def use(self, key_id: str, nonce: str, *, created: float, now: float) -> bool:
        """Use up a nonce: True the first time, False for a replay. Raises WindowFull at the limit.

        A nonce used with one `created` is refused with every other too.
        """
        if now - self._swept >= self._step:
            self._sweep(now)
        mark = hash((key_id, nonce))
        for seen in self._sets.values():
            if mark in seen:
                return False
        if self._count >= self._limit:
            raise WindowFull
        slot = math.floor((max(created, now - self._skew) + self._skew) / self._step)
        self._sets.setdefault(slot, set()).add(mark)
        self._count += 1
        return True

    def _sweep(self, now: float) -> None:
        self._swept = now
        for slot in [slot for slot in self._sets if (slot + 1) * self._step < now]:
            self._count -= len(self._sets.pop(slot))
