"""Whether all values of a column differ: decided over every row, by 64-bit hashes, in bounded memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from functools import cache
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

HELD = 4 << 20
"""Hashes a column may keep in memory (32 MB); more go to a temporary file."""
_PARTS = 64
_SHIFT = np.uint64(58)


_BLOCK = 1 << 17
_BASE = 0x9E37_79B9_7F4A_7C15


@cache
def _powers() -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse."""

    def of(base: int) -> Hashes:
        factors = np.full(_BLOCK + 1, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return of(_BASE), of(pow(_BASE, -1, 2**64))


def hashes(texts: Any) -> Hashes:
    """One hash a text (an Arrow array without nulls): its bytes as the digits of a number to a large odd base,
    modulo 2**64."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    offsets = offsets.astype(np.int64)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    found = np.empty(len(texts), np.uint64)
    powers, inverse = _powers()
    first = 0
    while first < len(texts):
        last = int(np.searchsorted(offsets, offsets[first] + _BLOCK, side="right")) - 1
        if last <= first:  # a text larger than a block
            text = data[offsets[first] : offsets[first + 1]].tobytes()
            found[first] = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
            first += 1
            continue
        edges = offsets[first : last + 1] - offsets[first]
        digits = data[offsets[first] : offsets[last]].astype(np.uint64) + np.uint64(1)
        sums = np.concatenate(([np.uint64(0)], np.cumsum(digits * powers[: len(digits)], dtype=np.uint64)))
        found[first:last] = (sums[edges[1:]] - sums[edges[:-1]]) * inverse[edges[:-1]]
        first = last
    return found


class AllDifferent:
    """Takes the values of a column block by block. Two different values with one hash make it say no, once in
    300,000 columns of ten million rows: what it answers is a proposal, and the row index decides."""

    def __init__(self) -> None:
        self._blocks: list[Hashes] = []
        self._held = 0
        self._file: IO[bytes] | None = None
        self._spilled: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, texts: Any) -> bool:
        """Take more values; whether all within these differ. After a no there is nothing more to ask."""
        found = np.sort(hashes(texts))
        if _repeats(found):
            self.close()
            return False
        self._blocks.append(found)
        self._held += len(found)
        if self._held > HELD:
            self._spill()
        return True

    def answer(self) -> bool:
        """Whether all values taken differ."""
        if self._file is None:
            return not _repeats(np.sort(np.concatenate(self._blocks))) if self._blocks else True
        self._spill()
        return not any(_repeats(np.sort(self._part(part))) for part in range(_PARTS))

    def close(self) -> None:
        """Give memory and file back."""
        self._blocks.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="shuqiao-")  # noqa: SIM115  # closed by close()
        if not self._blocks:
            return
        held = np.sort(np.concatenate(self._blocks))
        edges = np.searchsorted(held >> _SHIFT, np.arange(_PARTS + 1, dtype=np.uint64)).tolist()
        start = self._file.seek(0, 2)
        for part in range(_PARTS):
            if edges[part + 1] > edges[part]:
                self._spilled[part].append((start + 8 * edges[part], edges[part + 1] - edges[part]))
        self._file.write(held.tobytes())
        self._blocks.clear()
        self._held = 0

    def _part(self, part: int) -> Hashes:
        assert self._file is not None  # only asked after a spill
        pieces = []
        for place, count in self._spilled[part]:
            self._file.seek(place)
            pieces.append(np.frombuffer(self._file.read(8 * count), np.uint64))
        return np.concatenate(pieces) if pieces else np.empty(0, np.uint64)


def _repeats(sorted_hashes: Hashes) -> bool:
    return bool((sorted_hashes[1:] == sorted_hashes[:-1]).any())
