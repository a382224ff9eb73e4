"""The bytes of a file that comes in pieces: written where it left off, forced to disk, summed on the way. No database.

SHA-256 is carried in this process's memory from one piece to the next. Its state cannot be kept on disk, so where
the chain is broken (another process took a piece, a restart) the whole file is read once more when it is complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from shuqiao.resources.receiving import staging_root, sync_folder

if TYPE_CHECKING:
    from hashlib import _Hash
else:
    _Hash = Any

PREFIX = "tus-"
BLOCK = 64 * 1024
SUMS_KEPT = 64
_sums: OrderedDict[str, tuple[int, _Hash]] = OrderedDict()
_sums_lock = threading.Lock()


class PartBusy(Exception):
    """Another request still writes this file."""


def path_of(part: str) -> Path:
    """Where a part lies."""
    return staging_root() / part


def create(part: str) -> None:
    """An empty part, there for good."""
    os.close(os.open(path_of(part), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    sync_folder(staging_root())


def whole_until(part: str, offset: int) -> bool:
    """Whether the first `offset` bytes are there."""
    try:
        return path_of(part).stat().st_size >= offset
    except FileNotFoundError:
        return False


def copy_until(part: str, offset: int, target: str) -> None:
    """The first `offset` bytes under another name, for whoever takes over from a request that hangs: what that
    one still writes goes into a file that nobody reads."""
    with path_of(part).open("rb") as reading, path_of(target).open("xb") as writing:
        left = offset
        while left and (block := reading.read(min(1 << 20, left))):
            writing.write(block)
            left -= len(block)
        writing.flush()
        os.fsync(writing.fileno())
    sync_folder(staging_root())


def room_for(size: int) -> bool:
    """Whether the disk has room for so many more bytes, and a little to work in."""
    return shutil.disk_usage(staging_root()).free >= size + 16 * 1024 * 1024


class Part:
    """A part opened for writing at `offset`; what stood behind it (a killed request's last bytes) is cut off.

    Holds a lock of the operating system, which a killed process loses. Raises PartBusy when somebody else has it.
    """

    def __init__(self, part: str, offset: int) -> None:
        self.name = part
        self.offset = offset
        self._file = os.open(path_of(part), os.O_WRONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, offset)
            os.lseek(self._file, offset, os.SEEK_SET)
        except BlockingIOError:
            os.close(self._file)
            raise PartBusy(part) from None
        except BaseException:
            os.close(self._file)
            raise
        self._sum = _resume_sum(part, offset)

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def write(self, block: bytes) -> None:
        """Write a block behind the last. Raises OSError; `offset` then counts what was written all the same."""
        view = memoryview(block)
        while view:
            written = os.write(self._file, view)
            if self._sum is not None:
                self._sum.update(view[:written])
            self.offset += written
            view = view[written:]

    def cut_back(self, offset: int) -> None:
        """Forget what stands behind `offset`."""
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)
        self.offset, self._sum = offset, None

    def sync(self) -> int:
        """Force what was written to disk; returns the offset that now stands for good."""
        os.fsync(self._file)
        if self._sum is not None:
            with _sums_lock:
                _sums[self.name] = (self.offset, self._sum.copy())
                _sums.move_to_end(self.name)
                while len(_sums) > SUMS_KEPT:
                    _sums.popitem(last=False)
        return self.offset


def _resume_sum(part: str, offset: int) -> _Hash | None:
    """The sum of the first `offset` bytes, where this process knows it."""
    if offset == 0:
        return hashlib.sha256()
    with _sums_lock:
        at, known = _sums.get(part, (-1, None))
        return known.copy() if known is not None and at == offset else None


def sum_of(part: str, length: int) -> str:
    """SHA-256 (hex) of a complete part: as it was summed on the way, else by reading it once more."""
    with _sums_lock:
        at, known = _sums.pop(part, (-1, None))
    if known is not None and at == length:
        return known.hexdigest()
    with path_of(part).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(part: str) -> None:
    """Forget a part and its sum."""
    with _sums_lock:
        _sums.pop(part, None)
    path_of(part).unlink(missing_ok=True)


def sweep(known: set[str], older_than: float) -> int:
    """Remove parts that no transfer names, untouched since the moment `older_than` (seconds since 1970)."""
    removed = 0
    for path in staging_root().glob(f"{PREFIX}*"):
        try:
            if path.name not in known and path.stat().st_mtime < older_than:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed
