"""Exact counts already made: a version never changes, so a count of its rows is right for ever."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence

from shuqiao.store.binding import BoundPredicate

MOST = 10_000
"""Counts kept of one version; the one not asked for longest goes first."""


def count_key(where: Sequence[BoundPredicate]) -> Hashable:
    """What a count depends on: the scope's and the query's predicates, in any order."""
    return frozenset((one.column.code, one.op, one.values) for one in where)


class Counts:
    """The counts of one version, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, int] = OrderedDict()

    def get(self, key: Hashable) -> int | None:
        """The count, when it was made before."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def keep(self, key: Hashable, count: int) -> None:
        """Remember a count."""
        with self._lock:
            self._known[key] = count
            if len(self._known) > MOST:
                self._known.popitem(last=False)
