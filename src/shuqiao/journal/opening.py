"""Opening a node's log for writing: lock it, check its end, cut a torn tail, go on from there."""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from shuqiao.journal.errors import JournalDamaged, JournalLocked
from shuqiao.journal.head import Head, head, start_of, write_head
from shuqiao.journal.reading import to_entry
from shuqiao.journal.record import Record, encode
from shuqiao.journal.segments import (
    TAG_RECORD,
    Segment,
    last_line,
    list_segments,
    make_header,
    make_line,
    registered_nodes,
    replace_durably,
    segment_name,
    sync_folder,
    write_all,
)
from shuqiao.journal.sm3 import ZERO, sm3
from shuqiao.journal.walking import Walk, raise_damage
from shuqiao.kernel.time import now

ANY_DAY = "9999-12-31"


@dataclass(slots=True)
class OpenLog:
    """Where writing goes on: an open segment of `size` bytes whose last record is `seq`.

    `prev` is the hash (raw) of the last line, `record_hash` (hex) that of the last record. `day` is that of the
    segment's first record; a segment without records takes any day.
    """

    lock_fd: int
    fd: int
    size: int
    seq: int
    prev: bytes
    record_hash: str
    day: str = ANY_DAY


def lock_node(folder: Path, node: str) -> int:
    """The exclusive right to write, held until the descriptor is closed or the process ends.

    Raises JournalLocked when another writer, in this process or another, holds it.
    """
    fd = os.open(folder / "LOCK", os.O_RDWR | os.O_CREAT, 0o640)
    if not _locked_within(fd, seconds=0.3):
        holder = os.read(fd, 32).decode("ascii", "replace").strip()
        os.close(fd)
        raise JournalLocked(node, holder)
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _locked_within(fd: int, seconds: float) -> bool:
    """Try for a while: `is_locked` of a verifier holds the lock for a moment, a writer for its life."""
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        else:
            return True


def is_locked(folder: Path) -> bool:
    """Is a writer at work on this node?"""
    try:
        fd = os.open(folder / "LOCK", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def open_log(root: Path, node: str) -> OpenLog:
    """Lock the node and stand at its end; a new node is begun, a torn tail cut and the cut recorded.

    Raises JournalLocked, JournalDamaged (anything wrong but a torn tail), OSError.
    """
    folder = root / node
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    lock_fd = lock_node(folder, node)
    try:
        _register(root, node)
        segments = list_segments(folder)
        known = head(root, node)
        if not segments:
            return _begin(folder, known, lock_fd, node)
        if known is None:
            raise JournalDamaged(str(folder / "HEAD"), 0, 0, "有分段却没有链头文件")
        return _go_on(segments, known, lock_fd, node)
    except BaseException:
        os.close(lock_fd)
        raise


def create_segment(folder: Path, header: bytes, first: int) -> int:
    """A new segment holding its header, durable with its name; open for appending. Raises OSError."""
    path = folder / segment_name(first)
    replace_durably(path, header)
    return os.open(path, os.O_WRONLY | os.O_APPEND)


def _register(root: Path, node: str) -> None:
    if node in registered_nodes(root):
        return
    fd = os.open(root / "nodes", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        write_all(fd, f"{node}\n".encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    sync_folder(root)


def _begin(folder: Path, known: Head | None, lock_fd: int, node: str) -> OpenLog:
    if known is not None and known.seq:
        raise JournalDamaged(str(folder), 0, known.seq, f"链头说已有 {known.seq} 条，却没有分段")
    write_head(folder, start_of(node))
    header, digest = make_header(ZERO, node, 1)
    return OpenLog(lock_fd, create_segment(folder, header, 1), len(header), 0, digest, ZERO.hex())


def _go_on(segments: list[Segment], known: Head, lock_fd: int, node: str) -> OpenLog:
    last = segments[-1]
    before = last_line(segments[-2]) if len(segments) > 1 else None
    walk = Walk(
        node,
        seq=last.first - 1,
        prev=bytes.fromhex(before.hash) if before else (ZERO if last.first == 1 else None),
        record_hash=before.hash if before else ZERO.hex(),
    )
    hash_at_head = walk.record_hash if walk.seq == known.seq else None
    day = ANY_DAY
    for line in walk.lines(last, raise_damage(last, torn_is_damage=False)):
        if day == ANY_DAY:
            day = to_entry(last, node, line).record.at[:10]
        if line.seq == known.seq:
            hash_at_head = line.hash
    if walk.prev is None or walk.seq < known.seq:
        raise JournalDamaged(str(last.path), walk.end, walk.seq, f"链头说已有 {known.seq} 条，末尾的记录缺失")
    if hash_at_head not in (None, known.hash):
        raise JournalDamaged(str(last.path), 0, known.seq, "与链头的杂凑值不符")
    fd = os.open(last.path, os.O_RDWR | os.O_APPEND)
    try:
        log = OpenLog(lock_fd, fd, walk.end, walk.seq, walk.prev, walk.record_hash, day)
        _cut(last, log)
        os.fsync(fd)
        write_head(
            last.path.parent, Head(node, log.seq, log.record_hash, now().isoformat(timespec="milliseconds"))
        )
    except BaseException:
        os.close(fd)
        raise
    return log


def _cut(last: Segment, log: OpenLog) -> None:
    """Move what a crash left half-written into a file of its own, and record that in the chain.

    The file comes first and the record last, so that a crash in between loses neither.
    """
    kept = last.path.with_name(f"cut-{log.seq + 1:012d}.bin")
    torn = os.pread(log.fd, os.fstat(log.fd).st_size - log.size, log.size)
    if torn:
        replace_durably(kept, torn)
        os.ftruncate(log.fd, log.size)
    elif kept.exists():
        torn = kept.read_bytes()
    else:
        return
    facts = {
        "segment": last.path.name,
        "offset": log.size,
        "bytes": len(torn),
        "sm3": sm3(torn).hex(),
        "kept": kept.name,
    }
    payload, _ = encode(Record(kind="journal", action="journal.tail_cut", extra=facts))
    line, log.prev = make_line(log.prev, TAG_RECORD, log.seq + 1, payload)
    write_all(log.fd, line)
    log.seq, log.size, log.record_hash = log.seq + 1, log.size + len(line), log.prev.hex()
