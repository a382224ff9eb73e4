"""Where the bytes of a long answer come from: an export that is made while it is sent, or a part of a file."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from cryptography.hazmat.primitives import hashes

from shuqiao.gateway.compressing import Packing
from shuqiao.gateway.ranges import Part
from shuqiao.store import Export, OpenContent

_HASHERS = ThreadPoolExecutor(thread_name_prefix="gateway-digest")


class _Digest:
    """The SM3 of the pieces, taken while the next one is made and sent: hashing costs as much as making them. At most
    one piece waits."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())
        self._at: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """The piece follows those before."""
        if self._at is not None:
            self._at.result()
        self._at = _HASHERS.submit(self._hash.update, piece)

    def hex(self) -> str:
        """Of all pieces; to be asked once."""
        if self._at is not None:
            self._at.result()
        return self._hash.finalize().hex()


class Source(Protocol):
    """The pieces of one answer, taken by one thread at a time. `size` and `digest` are of the content before it is
    packed; `length` is what will be sent, where that is known."""

    columns: list[str]
    content_type: bytes
    encoding: str
    length: int | None
    size: int

    @property
    def rows(self) -> int:
        """Rows handed out so far."""
        ...

    def next(self) -> bytes | None:
        """The next piece as it is sent; None after the last."""
        ...

    def digest(self) -> str:
        """The SM3 of all that was handed out, in hex; to be asked once."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


class ExportSource:
    """An export, packed for a client that takes it so."""

    length: int | None = None

    def __init__(self, export: Export, encoding: str) -> None:
        self.columns = list(export.columns)
        self.content_type = export.media_type.encode()
        self.encoding = encoding
        self.size = 0
        self._export, self._pieces = export, iter(export)
        self._packing = Packing(encoding)
        self._digest = _Digest()
        self._ended = False

    @property
    def rows(self) -> int:
        """Rows handed out so far."""
        return self._export.rows

    def next(self) -> bytes | None:
        """The next piece as it is sent; None after the last. Raises what the store raises."""
        packed = b""
        while not packed and not self._ended:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                packed = self._packing.end()
            else:
                self.size += len(piece)
                self._digest.update(piece)
                packed = self._packing.piece(piece)
        return packed or None

    def digest(self) -> str:
        """The SM3 of the whole file before packing."""
        return self._digest.hex()

    def close(self) -> None:
        """Stop the export."""
        self._export.close()


class FileSource:
    """A part of a file version, read in pieces."""

    encoding = ""
    rows = 0

    def __init__(self, content: OpenContent, part: Part, chunk: int) -> None:
        self.columns: list[str] = []
        self.content_type = content.media_type.encode()
        self.length: int | None = part.end - part.start
        self.size = 0
        self._file = content.path.open("rb")
        self._file.seek(part.start)
        self._chunk = chunk
        self._digest = _Digest()

    def next(self) -> bytes | None:
        """The next piece; None after the last. Raises OSError when the file is shorter than it was."""
        left = (self.length or 0) - self.size
        if not left:
            return None
        piece = self._file.read(min(self._chunk, left))
        if not piece:
            raise OSError(f"a file lost its last {left} bytes")
        self.size += len(piece)
        self._digest.update(piece)
        return piece

    def digest(self) -> str:
        """The SM3 of the part."""
        return self._digest.hex()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
