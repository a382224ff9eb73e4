"""What can go wrong with storage itself, each in words an operator can act on.

StoreFull           no room (or over a quota or size limit): nothing half is left behind
Damaged             a version whose files are not what meta.json says
ObjectsUnavailable  the object store cannot be asked: network, bucket or credentials
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shuqiao.kernel import InvalidInput, Problem, ShuqiaoError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = ("no space left on device", "disk is full", "disk quota exceeded", "file too large")
_IO_WORDS = "disk i/o error"
_GROWTH = 1 << 20


class StoreFull(InvalidInput):
    """The disk has no room for what was to be written. Nothing of it remains; try again when there is room."""

    def __init__(self) -> None:
        super().__init__(
            [Problem("存储空间", "磁盘空间不足或超过大小限制，没有写入任何内容，腾出空间后重试")]
        )


class Damaged(ShuqiaoError):
    """A version whose files are not what meta.json says. `files` names them."""

    def __init__(self, version_id: str, files: Iterable[str]) -> None:
        self.version_id, self.files = version_id, tuple(files)
        super().__init__(f"数据版本 {version_id} 已损坏：{'、'.join(self.files)}")


class ObjectsUnavailable(ShuqiaoError):
    """The object store does not do what was asked; `reason` says why, without credentials."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"对象存储 {where} 不可用：{reason}")


def is_full(error: BaseException) -> bool:
    """Whether an error of any library means that there is no room."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    words = str(error).lower()
    return isinstance(error, Exception) and any(word in words for word in _FULL_WORDS)


@contextmanager
def telling_full(folder: Path | None = None) -> Iterator[None]:
    """Turns "no room", in whichever words a library says it, into StoreFull. SQLite calls a quota or a size limit
    an I/O error: with `folder`, where the body writes, it is tried out whether files there can still grow."""
    try:
        yield
    except StoreFull:
        raise
    except Exception as error:
        if is_full(error) or (
            folder is not None and _IO_WORDS in str(error).lower() and _cannot_grow(folder)
        ):
            raise StoreFull from error
        raise


def _cannot_grow(folder: Path) -> bool:
    largest = max((path.stat().st_size for path in folder.rglob("*") if path.is_file()), default=0)
    probe = folder / ".probe"
    try:
        with probe.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, largest + _GROWTH)
    except OSError as error:
        return error.errno in _FULL
    finally:
        with suppress(OSError):
            probe.unlink()
    return False
