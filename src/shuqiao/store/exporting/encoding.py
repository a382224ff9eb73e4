"""What the makers of all formats have in common."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql
from shuqiao.store.types import Column

Shown = Sequence[tuple[Column, Mask]]


class Encoder(Protocol):
    """Makes one file of one format. The file is ``head``, a ``piece`` for each batch, ``joined`` in order, ``tail``."""

    in_order: bool
    """Whether pieces can only be made one after the other."""

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """What is selected of every row, already as the format wants it."""
        ...

    def head(self) -> bytes:
        """What stands before the rows."""
        ...

    def piece(self, batch: pa.RecordBatch) -> bytes:
        """The rows of a batch."""
        ...

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """A piece as it follows the one before."""
        ...

    def tail(self, *, empty: bool) -> bytes:
        """What stands after the rows."""
        ...


class Drain(io.RawIOBase):
    """A sink that writers write to and pieces are taken from, also after they closed it. It cannot be read or moved
    about in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        """Keep the bytes."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """All bytes since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken

    def tell(self) -> int:
        """Bytes written so far."""
        return self._size

    def writable(self) -> bool:
        """Always."""
        return True


def text_of(array: Any) -> bytes:
    """All texts of a column without missing ones, one after the other, as they lie in memory."""
    if not len(array):
        return b""
    _, offsets, data = array.buffers()
    places = memoryview(offsets).cast("q" if pa.types.is_large_string(array.type) else "i")
    start, end = places[array.offset], places[array.offset + len(array)]
    return memoryview(data)[start:end].tobytes() if data is not None else b""
