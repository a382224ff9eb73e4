"""A closed segment made small: zstd frames of equal raw size, with a table of them at the end.

The form is zstd's own "seekable format" (magic 0x8F92EAB1): `zstd -dc` restores the segment byte for byte,
and a reader that knows the table reaches any raw offset by decompressing one frame. So a record in a
compressed segment is still found by bisecting.
"""

from __future__ import annotations

import io
import os
import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa

FRAME = 256 * 1024
"""Raw bytes in a frame; the last one has the rest."""
LEVEL = 3
SUFFIX = ".zst"

_SKIPPABLE, _SEEKABLE = 0x184D2A5E, 0x8F92EAB1
_ENTRY = struct.Struct("<II")
_FOOTER = struct.Struct("<IBI")


class FramesDamaged(OSError):
    """A compressed segment is not what was written: its table or a frame cannot be read."""


def _codec() -> pa.Codec:
    # Imported here: a process that only writes never needs it.
    import pyarrow as pa

    return pa.Codec("zstd", compression_level=LEVEL)


def frames(source: BinaryIO) -> Iterator[bytes]:
    """The compressed form of what `source` holds, piece by piece; the table comes last."""
    codec = _codec()
    table = bytearray()
    count = 0
    while raw := source.read(FRAME):
        packed = codec.compress(raw, asbytes=True)
        table += _ENTRY.pack(len(packed), len(raw))
        count += 1
        yield packed
    footer = _FOOTER.pack(count, 0, _SEEKABLE)
    yield struct.pack("<II", _SKIPPABLE, len(table) + len(footer)) + bytes(table) + footer


class FramedFile(io.RawIOBase):
    """The raw bytes of a compressed segment, readable and seekable. Raises FramesDamaged when it is not one."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file = path.open("rb")
        try:
            self._starts, self._packed = _table(self._file, path)
        except BaseException:
            self._file.close()
            raise
        self._codec = _codec()
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    @property
    def size(self) -> int:
        """Raw bytes in the whole segment."""
        return self._starts[-1]

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def seekable(self) -> bool:
        """Any raw offset can be reached."""
        return True

    def tell(self) -> int:
        """The raw offset."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a raw offset."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the frame at this offset; 0 at the end."""
        if self._at >= self.size:
            return 0
        number = bisect_right(self._starts, self._at) - 1
        frame = self._frame(number)
        begin = self._at - self._starts[number]
        view = memoryview(buffer).cast("B")
        part = frame[begin : begin + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()

    def _frame(self, number: int) -> bytes:
        if self._held[0] != number:
            length = self._starts[number + 1] - self._starts[number]
            begin, end = self._packed[number], self._packed[number + 1]
            packed = os.pread(self._file.fileno(), end - begin, begin)
            try:
                raw = self._codec.decompress(packed, length, asbytes=True)
            except (OSError, ValueError) as error:
                raise FramesDamaged(f"{self._path.name}：第 {number} 帧解不开：{error}") from None
            self._held = (number, raw)
        return self._held[1]


def _table(file: BinaryIO, path: Path) -> tuple[list[int], list[int]]:
    """Where each frame begins, raw and packed; one more entry each for the end."""
    end = file.seek(0, os.SEEK_END)
    broken = FramesDamaged(f"{path.name}：末尾没有帧表")
    if end < _FOOTER.size + 8:
        raise broken
    file.seek(end - _FOOTER.size)
    count, descriptor, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    length = count * _ENTRY.size
    begin = end - _FOOTER.size - length - 8
    if magic != _SEEKABLE or descriptor or begin < 0:
        raise broken
    file.seek(begin)
    head = struct.unpack("<II", file.read(8))
    starts, packed = [0], [0]
    for small, large in _ENTRY.iter_unpack(file.read(length)):
        packed.append(packed[-1] + small)
        starts.append(starts[-1] + large)
    if head != (_SKIPPABLE, length + _FOOTER.size) or packed[-1] != begin:
        raise broken
    return starts, packed


def open_framed(path: Path) -> BinaryIO:
    """The raw bytes of a compressed segment, buffered. Raises FramesDamaged when it is not one."""
    return io.BufferedReader(FramedFile(path), buffer_size=FRAME)


def raw_size(path: Path) -> int:
    """Raw bytes of a compressed segment. Raises FramesDamaged when it is not one."""
    with path.open("rb") as file:
        return _table(file, path)[0][-1]
