"""Packing answers as the client's Accept-Encoding allows: gzip, or zstd where it is asked for."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pyarrow as pa

SMALL = 1_024  # bytes below which packing gains nothing
_GZIP = 31  # window bits: zlib's way of asking for a gzip frame
_LEVEL = 5
_OFFERED = ("zstd", "gzip")


def choose_encoding(accept: str) -> str:
    """The encoding to use: zstd before gzip among those accepted, empty for none (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = _weight(parameter)
    offered = [name for name in _OFFERED if weights.get(name, 0.0) > 0]
    if not offered and weights.get("*", 0.0) > 0 and "gzip" not in weights:
        return "gzip"
    return max(offered, key=lambda name: weights[name], default="")


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def pack(body: bytes, encoding: str) -> bytes:
    """A whole body, packed."""
    stream = Packing(encoding)
    return stream.piece(body) + stream.end()


class Packing:
    """One body packed piece by piece; `piece` may give nothing for a while."""

    def __init__(self, encoding: str) -> None:
        self._gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP) if encoding == "gzip" else None
        self._sink = _Sink()
        self._zstd: Any = None
        if encoding == "zstd":
            self._zstd = pa.CompressedOutputStream(pa.PythonFile(self._sink, mode="w"), "zstd")

    def piece(self, data: bytes) -> bytes:
        """What can be sent after `data`."""
        if self._gzip is not None:
            return self._gzip.compress(data)
        if self._zstd is None:
            return data
        self._zstd.write(data)
        return self._sink.take()

    def end(self) -> bytes:
        """What remains to be sent."""
        if self._gzip is not None:
            return self._gzip.flush()
        if self._zstd is None:
            return b""
        self._zstd.close()
        return self._sink.take()


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def write(self, data: Any) -> int:
        """Keep it."""
        self._kept.append(bytes(data))
        return len(self._kept[-1])

    def writable(self) -> bool:
        """Always."""
        return True

    def take(self) -> bytes:
        """All since the last time."""
        kept, self._kept = b"".join(self._kept), []
        return kept
