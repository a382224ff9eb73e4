"""Seals: a signed Merkle root over a stretch of one node's records, each chained to the seal before.

    <dir>/<node>/seals.jsonl    <ed25519, hex> <sm2, hex, or -> <json>\\n
    <dir>/seal-keys             the public keys that signed, one JSON a line

The JSON is what is signed, byte for byte. The leaves of the tree are the chain hashes (32 raw bytes) of the
records `seq_from` to `seq_to`; a seal never crosses the end of a segment, so that every segment is checked,
compressed and archived with whole seals.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.segments import read_lines, sync_folder, write_all
from shuqiao.journal.sm3 import ZERO, sm3

FORMAT = 1
NAME = "seals.jsonl"
_MOST = 1 << 16
"""No line of the book is longer, in bytes."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a seal says: at `at`, the records `seq_from` to `seq_to` of `node` had the Merkle root `root`, and
    the last of them the chain hash `head`. `previous`: SM3 of the line of the seal before, zeros in the first.
    """

    format: int
    number: int
    node: str
    seq_from: int
    seq_to: int
    root: str
    head: str
    at: str
    previous: str
    key: str
    sm2_key: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """A line of the book of seals, read. `signed` is what the signatures cover."""

    statement: Statement
    ed25519: bytes
    sm2: bytes
    signed: bytes
    line: bytes

    @property
    def digest(self) -> str:
        """What the next seal names as `previous`."""
        return sm3(self.line).hex()


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Statement)


def parse_seal(line: bytes) -> Seal | None:
    """The parts of a line of the book, without its line break; None when it is not one."""
    parts = line.split(b" ", 2)
    if len(parts) != 3:
        return None
    try:
        statement = _decoder.decode(parts[2])
        ed25519, sm2 = bytes.fromhex(parts[0].decode()), _optional(parts[1])
    except (ValueError, msgspec.MsgspecError):
        return None
    return Seal(statement, ed25519, sm2, parts[2], line)


def make_line(statement: Statement, *, ed25519: bytes, sm2: bytes) -> bytes:
    """The line of a seal, without its line break."""
    return b"%b %b %b" % (ed25519.hex().encode(), sm2.hex().encode() or b"-", signed_bytes(statement))


def signed_bytes(statement: Statement) -> bytes:
    """What the signatures cover."""
    return _encoder.encode(statement)


def _optional(text: bytes) -> bytes:
    return b"" if text == b"-" else bytes.fromhex(text.decode())


class SealBook:
    """The seals of one node. What a killed process left of a line is not a seal."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def __iter__(self) -> Iterator[Seal]:
        """All seals in order. Raises JournalDamaged at a line that is none."""
        return self.seals()

    def size(self) -> int:
        """Bytes of the book; 0 where there is none."""
        return self.path.stat().st_size if self.path.exists() else 0

    def seals(self, until: int | None = None) -> Iterator[Seal]:
        """The seals in order, up to an offset. Raises JournalDamaged at a line that is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for offset, raw in read_lines(file):
                if until is not None and offset + len(raw) > until:
                    return
                if raw.endswith(b"\n"):
                    yield self._parsed(raw[:-1], offset)

    def last(self) -> Seal | None:
        """The newest seal."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            start = max(0, end - 2 * _MOST)
            file.seek(start)
            lines = file.read().split(b"\n")[:-1]
        return self._parsed(lines[-1], start) if lines else None

    def of(self, seq: int) -> Seal | None:
        """The seal over the record `seq`; None while there is none. Reads a few pages, not the book."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(self._near(file, seq))
            for raw in file:
                if not raw.endswith(b"\n"):
                    return None
                seal = self._parsed(raw[:-1], 0)
                if seal.statement.seq_to >= seq:
                    return seal if seal.statement.seq_from <= seq else None
        return None

    def append(self, line: bytes) -> Seal:
        """Add a seal, durably; a torn end is cut off first. Only for whoever keeps house. Raises OSError."""
        new = not self.path.exists()
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            end = _whole(fd)
            os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)
            try:
                write_all(fd, line + b"\n")
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, end)
                raise
        finally:
            os.close(fd)
        if new:
            sync_folder(self.path.parent)
        return self._parsed(line, end)

    def _near(self, file: BinaryIO, seq: int) -> int:
        """The offset of a line at or before the seal over `seq`."""
        low, high = 0, file.seek(0, os.SEEK_END)
        while high - low > 4096:
            middle = (low + high) // 2
            file.seek(middle)
            offset = middle + len(file.readline())
            raw = file.readline()
            if offset >= high or not raw.endswith(b"\n"):
                high = middle
            elif self._parsed(raw[:-1], offset).statement.seq_to < seq:
                low = offset
            else:
                high = middle
        return low

    def _parsed(self, line: bytes, offset: int) -> Seal:
        seal = parse_seal(line)
        if seal is None:
            raise JournalDamaged(str(self.path), offset, 0, "这一行不是封存记录")
        return seal


def _whole(fd: int) -> int:
    """Bytes up to the last line break."""
    size = os.fstat(fd).st_size
    start = max(0, size - 2 * _MOST)
    return start + os.pread(fd, size - start, start).rfind(b"\n") + 1


NOTHING = ZERO.hex()
"""What the first seal of a node names as `previous`."""
