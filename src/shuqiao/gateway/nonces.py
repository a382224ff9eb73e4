"""The nonces seen within the window in which a signature could be accepted again, for all processes of a host."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from shuqiao.gateway.shared import SHARDS, Marks, SharedFile, make_file

_SLOTS = (
    64  # in a bucket: 64 marks of 8 bytes, then a word for each, the second from which it may be forgotten
)
_MARKS = 8 * _SLOTS
_WORD = 4
_BUCKET = _MARKS + _WORD * _SLOTS
_STEPS = 24  # slots tried before a bucket counts as full
_HEAD = 64  # bytes before the buckets; the first word of the first file says how many files there are
_FIRST, _LARGEST, _GROWTH = 1 << 16, 1 << 22, 8  # slots of the first and of the largest file


class WindowFull(Exception):
    """No more nonces can be remembered; forgetting one would let a replay through."""


class NonceWindow:
    """Remembers (key, nonce) until the signature it came with is too old to be accepted.

    Kept as 8-byte marks in a file of 65,536 slots. When a bucket is full, a larger file is added, until there are
    `limit` slots: an installation at rest takes 0.8 MB, one with 10,000 signed requests a second 55 MB.
    """

    def __init__(self, folder: Path, marks: Marks, *, skew: int, limit: int) -> None:
        self._folder, self._marks, self._skew, self._limit = folder, marks, skew, limit
        self._files: list[tuple[SharedFile, int]] = []
        if not self._path(0).exists():
            self._make(0)
        self._open(0)
        self._first = self._files[0][0]

    def __len__(self) -> int:
        """How many nonces the files made so far can hold."""
        return sum(buckets * _SLOTS for _, buckets in self._files)

    def use(self, key_id: str, nonce: str, *, created: float, now: float) -> bool:
        """Use up a nonce: True the first time, False for a replay. Raises WindowFull at the limit.

        A nonce used with one `created` is refused with every other too.
        """
        mark = self._marks.of(f"{key_id}\n{nonce}")
        number = int.from_bytes(mark, "little")
        expires = int(max(created, now - self._skew) + self._skew) + 1
        shard = number % SHARDS
        while True:
            self._first.lock(shard)
            try:
                if self._seen(mark, number, now):
                    return False
                if self._write(mark, number, expires, now):
                    return True
                files = len(self._files)
            finally:
                self._first.unlock(shard)
            self._grow(files)

    def close(self) -> None:
        """Let go of the files."""
        for file, _ in self._files:
            file.close()

    def _seen(self, mark: bytes, number: int, now: float) -> bool:
        for missing in range(len(self._files), self._first.words[0]):
            self._open(missing)
        for file, buckets in self._files:
            start = _HEAD + number % buckets * _BUCKET
            at = file.view.find(mark, start, start + _MARKS)
            while at >= 0:
                slot, rest = divmod(at - start, 8)
                if rest == 0 and file.words[(start + _MARKS) // _WORD + slot] >= now:
                    return True
                at = file.view.find(mark, at + 1, start + _MARKS)
        return False

    def _write(self, mark: bytes, number: int, expires: int, now: float) -> bool:
        """Into the newest file where there is room near the mark's own slot, so that a write takes few steps."""
        for file, buckets in reversed(self._files):
            start = _HEAD + number % buckets * _BUCKET
            expiries = (start + _MARKS) // _WORD
            for step in range(_STEPS):
                slot = ((number >> 40) + step) % _SLOTS
                if file.words[expiries + slot] < now:
                    file.view[start + slot * 8 : start + slot * 8 + 8] = mark
                    file.words[expiries + slot] = expires
                    return True
        return False

    def _grow(self, files: int) -> None:
        """Add a file, unless another process has just done so. Raises WindowFull at the limit."""
        if len(self) >= self._limit:
            raise WindowFull
        self._first.lock(SHARDS)
        try:
            if self._first.words[0] == files:
                self._make(files)
                self._first.words[0] = files + 1
        finally:
            self._first.unlock(SHARDS)

    def _make(self, number: int) -> None:
        """File `number`, whole at once: of a process that dies here only a file with another name remains."""
        most = max(_SLOTS * SHARDS, self._limit)
        slots = min(_FIRST * _GROWTH**number, _LARGEST, most)
        buckets = -(-slots // (_SLOTS * SHARDS)) * SHARDS
        temporary = self._path(number).with_suffix(f".{os.getpid()}")
        temporary.unlink(missing_ok=True)
        make_file(temporary, _HEAD + buckets * _BUCKET)
        if number == 0:
            with temporary.open("r+b") as file:
                file.write((1).to_bytes(_WORD, sys.byteorder))
        temporary.replace(self._path(number))

    def _open(self, number: int) -> None:
        file = SharedFile(self._path(number))
        self._files.append((file, (len(file.view) - _HEAD) // _BUCKET))

    def _path(self, number: int) -> Path:
        return self._folder / f"nonces-{number}"
