"""What goes back: a body in memory, or a long answer under way. Nothing is sent before its evidence stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from shuqiao.gateway.requests import Send

if TYPE_CHECKING:
    from shuqiao.gateway.delivering import Delivery

JSON = b"application/json; charset=utf-8"
NOT_MODIFIED = 304

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Outcome:
    """The result of a read before it is evidence: its body, what it holds, and the SM3 of the content in hex.

    `body` is packed where `encoding` says so. `tag` is its ETag, `length` what HEAD says of a body not sent.
    """

    columns: list[str]
    rows: int
    digest: str
    content_type: bytes
    body: bytes = b""
    status: int = 200
    tag: str = ""
    encoding: str = ""
    length: int | None = None
    headers: Headers = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """An answer ready to be sent."""

    status: int
    content_type: bytes
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    length: int | None = None
    delivery: Delivery | None = None


def without_body(answer: Answer) -> Answer:
    """What HEAD answers: the same head, and the length of the body that is not sent."""
    return replace(answer, body=b"", length=len(answer.body))


async def send_answer(send: Send, answer: Answer) -> bool:
    """Send it; whether it was sent whole."""
    headers = [
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *answer.headers,
    ]
    if answer.status != NOT_MODIFIED:
        headers.append((b"content-type", answer.content_type))
        length = len(answer.body) if answer.length is None else answer.length
        if answer.delivery is None or answer.length is not None:
            headers.append((b"content-length", str(length).encode()))
    if answer.delivery is not None:
        return await answer.delivery.send(send, headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
    return True
