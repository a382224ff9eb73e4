"""What goes back: a body in memory, or a file sent in pieces. Nothing is sent before its evidence stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import IO

from shuqiao.gateway.requests import Send

JSON = b"application/json; charset=utf-8"


@dataclass(slots=True)
class Outcome:
    """The result of a read before it is evidence: `body` or `file`, what it holds, and its SM3 in hex.

    A file is positioned anywhere, `size` bytes long and closed by whoever sends or drops it.
    """

    columns: list[str]
    rows: int
    digest: str
    content_type: bytes
    body: bytes = b""
    file: IO[bytes] | None = None
    size: int = 0
    name: str = ""

    def drop(self) -> None:
        """Give up a file that is not sent."""
        if self.file is not None:
            self.file.close()


@dataclass(slots=True)
class Answer:
    """An answer ready to be sent."""

    status: int
    content_type: bytes
    body: bytes = b""
    file: IO[bytes] | None = None
    size: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


async def send_answer(send: Send, answer: Answer, *, chunk: int) -> None:
    """Send it; a file in pieces of `chunk` bytes, read beside the loop."""
    size = answer.size if answer.file is not None else len(answer.body)
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(size).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *answer.headers,
    ]
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.file is None:
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await _send_file(send, answer.file, size, chunk)
    finally:
        if answer.file is not None:
            answer.file.close()


async def _send_file(send: Send, file: IO[bytes], size: int, chunk: int) -> None:
    file.seek(0)
    left = size
    while left > 0:
        piece = await asyncio.to_thread(file.read, min(chunk, left))
        if not piece:
            raise OSError(f"an export lost its last {left} bytes")
        left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
    if size == 0:
        await send({"type": "http.response.body", "body": b""})
