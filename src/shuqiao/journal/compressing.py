"""Making closed segments small, in place, while gateways write and people read.

The compressed file is complete, synced and compared with the segment before it gets its name; only then is
the segment removed. Killed in between, both lie there and readers take the segment; the next run goes on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuqiao.journal.framed import SUFFIX, FramesDamaged, frames, open_framed
from shuqiao.journal.segments import Segment, list_nodes, list_segments, sync_folder, write_all

_AT_ONCE = 1 << 20


@contextmanager
def keeping(folder: Path) -> Iterator[bool]:
    """The right to keep house in a node (seal, compress, archive); False when another process has it now.

    The writer is not concerned: it holds a lock of its own and is never waited for.
    """
    fd = os.open(folder / "SEAL", os.O_RDWR | os.O_CREAT, 0o640)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def compress(dir: Path, *, node: str | None = None, most: int = 1_000_000) -> list[Path]:  # noqa: A002
    """Compress the closed segments of all nodes (or one), at most `most`; the last segment of a node is never
    closed. Returns the files made. Raises OSError (disk full: nothing is lost)."""
    made: list[Path] = []
    root = Path(dir)
    for name in [node] if node is not None else list_nodes(root):
        folder = root / name
        if not folder.is_dir():
            continue
        with keeping(folder) as ours:
            closed = [s for s in list_segments(folder)[:-1] if not s.is_compressed] if ours else []
            made += [compress_segment(segment) for segment in closed[: most - len(made)]]
    return made


def compress_segment(segment: Segment) -> Path:
    """Replace a closed segment by its compressed form. Raises OSError."""
    target = segment.path.with_name(segment.path.name + SUFFIX)
    if not target.exists() or not _same(segment.path, target):
        draft = segment.path.with_name(f".{target.name}.new")
        _write(segment.path, draft)
        if not _same(segment.path, draft):
            draft.unlink()
            raise OSError(f"{segment.path.name} did not survive compression; it stays as it is")
        draft.replace(target)
        sync_folder(target.parent)
    segment.path.unlink()
    sync_folder(target.parent)
    return target


def _write(source: Path, draft: Path) -> None:
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    try:
        with source.open("rb") as file:
            for piece in frames(file):
                write_all(fd, piece)
        os.fsync(fd)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)


def _same(plain: Path, framed: Path) -> bool:
    try:
        with plain.open("rb") as left, open_framed(framed) as right:
            while piece := left.read(_AT_ONCE):
                if right.read(len(piece)) != piece:
                    return False
            return not right.read(1)
    except FramesDamaged:
        return False
