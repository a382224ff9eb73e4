"""What was found out about a filter: a version never changes, so it stays right for ever."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

from shuqiao.store.binding import BoundPredicate

Fact = TypeVar("Fact")


def where_key(where: Sequence[BoundPredicate]) -> Hashable:
    """What the rows of a filter depend on: the scope's and the query's predicates, in any order; of one size
    however long their values are."""
    said = sorted(repr((one.column.code, one.op.value, one.values)) for one in where)
    return hashlib.sha256("\n".join(said).encode()).digest()


class Kept(Generic[Fact]):
    """Facts about at most `most` filters, for any number of threads; the one not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Fact] = OrderedDict()

    def get(self, key: Hashable) -> Fact | None:
        """The fact, when it is known."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def keep(self, key: Hashable, fact: Fact) -> None:
        """Remember a fact."""
        with self._lock:
            self._known[key] = fact
            if len(self._known) > self._most:
                self._known.popitem(last=False)
