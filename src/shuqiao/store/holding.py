"""Locks between processes on one machine: whoever reads a version holds it, and only what nobody holds is removed.

Locks are `flock` on files of the store, so a killed process holds nothing.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Hold:
    """A shared lock on one file, kept until closed or forgotten. Raises FileNotFoundError."""

    def __init__(self, path: Path) -> None:
        while True:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                current = _is_still(path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            if current:
                break
            os.close(descriptor)  # removed, and perhaps put back, while we waited: look again
        self.descriptor = descriptor
        self._closing = weakref.finalize(self, os.close, descriptor)

    def read(self) -> bytes:
        """The whole file."""
        return os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)

    def touch(self) -> None:
        """Note that the file was used now; where the disk is read-only nothing is noted."""
        with suppress(OSError):
            os.utime(self.descriptor)

    def close(self) -> None:
        """Let go. Twice does no harm."""
        self._closing()


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody holds the file; while the body runs, nobody new does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """A lock file held while the body runs; made when it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
