"""The file format: lines chained by SM3, in segments named by their first sequence.

    <dir>/nodes                          one node name a line
    <dir>/<node>/seg-000000000001.log    lines; when closed perhaps seg-000000000001.log.zst (see framed.py)
    <dir>/<node>/HEAD                    last sequence and hash known durable (see head.py)

A line is ``<hash> <tag> <seq> <json>\\n``: 64 hex digits, one letter, 12 digits, JSON without line breaks.
Everything after the first space is the *body*, and ``hash = SM3(previous line's hash, 32 raw bytes ||
body)``. The first line of a segment is its header (tag ``H``, seq = first sequence to come, JSON: format,
node, first, prev = hash of the last line of the segment before), so the chain runs through headers and
across segments; before the first header stand 32 zero bytes. Records have tag ``R``; their seq is
consecutive. A reader follows the chain through tags it does not know (seals, later), which carry the seq of
the record before them.

Why lines and not length prefixes: every evidence file can be read with `grep` and checked with twenty lines
in any language, JSON never contains a raw line break, the end of a torn write shows itself, and since the
seq stands at a fixed place in every line a record is found by bisecting the bytes: no index file to lose or
to distrust.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shuqiao.journal.framed import SUFFIX, open_framed, raw_size
from shuqiao.journal.record import MAX_RECORD_BYTES, NODE
from shuqiao.journal.sm3 import sm3

FORMAT = 1
MAX_LINE = MAX_RECORD_BYTES + 256
TAG_HEADER, TAG_RECORD = b"H", b"R"
_NAME = re.compile(r"seg-([0-9]{12})\.log(?:\.zst)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One parsed line. `hash` is what the line states (hex), not yet checked against the chain."""

    offset: int
    length: int
    hash: str
    tag: bytes
    seq: int
    body: bytes

    @property
    def payload(self) -> bytes:
        """The JSON part."""
        return self.body[15:]

    @property
    def end(self) -> int:
        """Offset of the byte after the line."""
        return self.offset + self.length

    def follows(self, prev: bytes) -> bool:
        """Does the stated hash follow from the hash before it (raw) and the body?"""
        return sm3(prev + self.body).hex() == self.hash


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment file, compressed or not; `first` is the sequence in its name."""

    path: Path
    first: int

    @property
    def is_compressed(self) -> bool:
        """It is closed, and kept in frames (see framed.py)."""
        return self.path.suffix == SUFFIX

    def open(self) -> BinaryIO:
        """The segment's lines, seekable. A segment that has just been compressed is followed to its new name.

        Raises OSError.
        """
        if self.is_compressed:
            return open_framed(self.path)
        try:
            return self.path.open("rb")
        except FileNotFoundError:
            return open_framed(self.path.with_name(self.path.name + SUFFIX))

    def size(self) -> int:
        """Bytes of its lines, however they are kept. Raises OSError."""
        if self.is_compressed:
            return raw_size(self.path)
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return raw_size(self.path.with_name(self.path.name + SUFFIX))


def make_line(prev: bytes, tag: bytes, seq: int, payload: bytes) -> tuple[bytes, bytes]:
    """The line to write and its hash (raw)."""
    body = b"%b %012d %b" % (tag, seq, payload)
    digest = sm3(prev + body)
    return b"%b %b\n" % (digest.hex().encode(), body), digest


def make_header(prev: bytes, node: str, first: int) -> tuple[bytes, bytes]:
    """The header line of the segment whose first record will be `first`, and its hash (raw)."""
    facts = {"first": first, "format": FORMAT, "node": node, "prev": prev.hex()}
    return make_line(prev, TAG_HEADER, first, json.dumps(facts, separators=(",", ":")).encode())


def parse_line(raw: bytes, offset: int) -> Line | None:
    """The parts of a complete line (with its line break); None when it is not one."""
    if len(raw) < 81 or raw[-1] != 0x0A or raw[64] != 0x20 or raw[66] != 0x20 or raw[79] != 0x20:
        return None
    seq = raw[67:79]
    if not seq.isdigit():
        return None
    return Line(offset, len(raw), raw[:64].decode("latin-1"), raw[65:66], int(seq), raw[65:-1])


def read_lines(file: BinaryIO, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each line from `offset` on. The last one may lack its line break (torn or being
    written); a piece without line break that is longer than any line is given as it is, so memory stays
    bounded."""
    file.seek(offset)
    while raw := file.readline(MAX_LINE):
        yield offset, raw
        offset += len(raw)


def segment_name(first: int) -> str:
    """E.g. ``seg-000000000001.log``."""
    return f"seg-{first:012d}.log"


def list_segments(folder: Path) -> list[Segment]:
    """The node's segments in order of their first sequence; empty when the folder is not there.

    Where a compression was interrupted both forms lie there: then the one that was written first counts.
    """
    if not folder.is_dir():
        return []
    before: set[int] | None = None
    while True:
        found = sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
        firsts = {int(name[4:16]): name for name in reversed(found)}  # ".log" sorts before ".log.zst"
        if before == firsts.keys():
            return [Segment(folder / firsts[first], first) for first in sorted(firsts)]
        # A listing is no moment in time: a segment renamed meanwhile may be in it under neither name. Once more.
        before = set(firsts)


def list_nodes(root: Path) -> list[str]:
    """The names of all nodes that have a folder under `root`, or are registered there."""
    folders = {path.name for path in root.iterdir() if path.is_dir()} if root.is_dir() else set()
    return sorted(folders | {name for name in registered_nodes(root) if NODE.fullmatch(name)})


def registered_nodes(root: Path) -> set[str]:
    """The nodes that ever wrote here, as `nodes` names them."""
    try:
        names = (root / "nodes").read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return set()
    return {name for name in names if name}


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace_durably(path: Path, content: bytes) -> None:
    """`path` holds `content` after this, or what it held before: never a part. Raises OSError."""
    draft = path.with_name(f".{path.name}.new")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    try:
        write_all(fd, content)
        os.fsync(fd)
    finally:
        os.close(fd)
    draft.replace(path)
    sync_folder(path.parent)


def write_all(fd: int, content: bytes) -> None:
    """Write every byte, however often the system takes only a part. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def last_line(segment: Segment) -> Line | None:
    """The last complete line of a segment, unchecked; None when there is none."""
    with segment.open() as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - 2 * MAX_LINE)
        file.seek(start)
        tail = file.read()
    end = tail.rfind(b"\n") + 1
    if not end:
        return None
    begin = tail.rfind(b"\n", 0, end - 1) + 1
    return parse_line(tail[begin:end], start + begin)
