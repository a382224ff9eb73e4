"""Memory that all gateway processes of one host share: files in memory maps, and tables of small counters in them.

Each table is cut into shards, and each shard has a POSIX lock of its own, which the kernel takes back from a process
that dies. A row is one or two machine words written last to first, so that a process that is killed in between leaves
an old row or a new one. Space is reserved on disk when a file is made: a full disk is an error then and no fault of
memory later.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from struct import Struct

SHARDS = 64
_ROW = Struct("<8sdd")  # mark, value, moment
_ROWS = 16  # in a bucket
_BUCKET = _ROW.size * _ROWS
_MARK = 8
_EMPTY = bytes(_MARK)

Turn = Callable[[float, float], tuple[float, float]]
"""From (value, moment) of a row to the new ones."""


def make_file(path: Path, size: int) -> None:
    """A file of `size` zero bytes, its space reserved. Raises OSError when there is not enough."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


class SharedFile:
    """A file mapped by every process, with a lock per shard: its bytes, and the same as words of four bytes."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.view = mmap.mmap(self.descriptor, os.fstat(self.descriptor).st_size)
        self.words = memoryview(self.view).cast("I")

    def lock(self, shard: int) -> None:
        """Wait for a shard; hold it for microseconds."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX, 1, shard)

    def unlock(self, shard: int) -> None:
        """Let others have it."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, shard)

    def close(self) -> None:
        """Unmap; what was written stays. Once more does nothing."""
        if not self.view.closed:
            self.words.release()
            self.view.close()
            os.close(self.descriptor)


class Marks:
    """Names as 8 bytes that nobody without the key can foresee, the same in every process."""

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(digest_size=_MARK, key=key)

    def of(self, name: str) -> bytes:
        """The mark of a name; never all zero, which is an empty row."""
        hashed = self._keyed.copy()
        hashed.update(name.encode("utf-8", "surrogatepass"))
        mark = hashed.digest()
        return mark if mark != _EMPTY else b"\1" + mark[1:]


class CounterTable:
    """A number and a moment for each of many names. When a bucket is full the row of the earliest moment gives way."""

    def __init__(self, path: Path, marks: Marks) -> None:
        self._file, self._marks = SharedFile(path), marks
        self._buckets = len(self._file.view) // _BUCKET

    @staticmethod
    def size(names: int) -> int:
        """Bytes of a table for about so many names: half of the rows may be in use before any bucket is full."""
        buckets = -(-2 * names // _ROWS)
        return -(-buckets // SHARDS) * SHARDS * _BUCKET

    def change(self, name: str, turn: Turn, *, new: tuple[float, float]) -> tuple[float, float]:
        """Replace the row of `name` (`new` where there is none) by what `turn` makes of it; returns what was there."""
        mark = self._marks.of(name)
        bucket = int.from_bytes(mark, "little") % self._buckets
        shard = bucket % SHARDS
        self._file.lock(shard)
        try:
            at, found = self._find(mark, bucket * _BUCKET)
            before = found or new
            _ROW.pack_into(self._file.view, at, mark, *turn(*before))
            return before
        finally:
            self._file.unlock(shard)

    def _find(self, mark: bytes, start: int) -> tuple[int, tuple[float, float] | None]:
        """Where the row of `mark` is or may go, and what is in it."""
        view, end = self._file.view, start + _BUCKET
        at = view.find(mark, start, end)
        while at >= 0:
            if (at - start) % _ROW.size == 0:
                _, value, moment = _ROW.unpack_from(view, at)
                return at, (value, moment)
            at = view.find(mark, at + 1, end)
        rows = [(place, _ROW.unpack_from(view, place)) for place in range(start, end, _ROW.size)]
        oldest = min(rows, key=lambda row: (row[1][0] != _EMPTY, row[1][2], row[1][1]))
        return oldest[0], None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
