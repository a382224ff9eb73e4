"""Long answers written while they are read: few at a time, so that whoever reads slowly keeps nobody else waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Lock
from uuid import UUID
from weakref import WeakSet

from shuqiao.kernel import InvalidInput

MOST = 2  # in one process, whose threads serve everybody else too
LONGEST = 600.0  # seconds; the whole catalogue takes half a minute
BUSY = "正在导出 CSV 的人较多，请稍候一分钟再试"
OWN = "您有一份 CSV 正在下载，请等它完成再导出下一份"
_open: WeakSet[Stream] = WeakSet()  # one that is forgotten without being closed leaves its place too
_lock = Lock()


class Stream:
    """The pieces of an answer, one for each person at a time. Its place is free again when it ends or is closed; after
    ten minutes it is broken off. Raises InvalidInput when there is no place."""

    def __init__(self, pieces: Iterator[str], reader: UUID | None) -> None:
        self.pieces, self.reader = pieces, reader
        self.until = time.monotonic() + LONGEST
        with _lock:
            if any(one.reader == reader for one in _open):
                raise InvalidInput.one("导出", OWN)
            if len(_open) >= MOST:
                raise InvalidInput.one("导出", BUSY)
            _open.add(self)

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> str:
        try:
            if time.monotonic() > self.until:
                raise TimeoutError("an export was read too slowly: it is broken off")
            return next(self.pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the place back, however far it is."""
        with _lock:
            _open.discard(self)
