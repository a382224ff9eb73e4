"""What both clients do with a call: where it goes, how it is signed, when it is tried again, how a file is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from shuqiao_client.calls import Call
from shuqiao_client.replies import Reply
from shuqiao_client.signing import Signer

RETRIED = frozenset({429, 503})
LONGEST_WAIT = 30
"""Seconds; a gateway that asks for more patience than that answers with Refused."""


class Carrier:
    """The gateway's address and the key. Without a key only open data can be read."""

    def __init__(self, gateway: str, signer: Signer | None, tries: int) -> None:
        if tries < 1:
            raise ValueError(f"at least one try is needed, got {tries}")
        self.gateway = gateway.rstrip("/")
        self.signer = signer
        self.tries = tries

    def request(self, call: Call) -> httpx.Request:
        """The signed request. Every try is signed anew: a nonce is accepted once."""
        url = self.gateway + call.path
        headers = dict(call.headers)
        if self.signer is not None:
            headers |= self.signer.headers(call.method, url, grant=call.grant, body=call.body)
        return httpx.Request(call.method, url, headers=headers, content=call.body or None)

    def wait_before_retry(self, reply: Reply, tried: int) -> int | None:
        """Seconds to wait before trying again, None when the reply stands."""
        wait = reply.retry_after
        if reply.status not in RETRIED or tried >= self.tries or wait is None or wait > LONGEST_WAIT:
            return None
        return wait


def make_signer(key_id: str, secret: str, algorithm: str) -> Signer | None:
    """The signer of a key; None for nobody. Raises ValueError for half a key."""
    if bool(key_id) != bool(secret):
        raise ValueError("a key has an id and a secret")
    return Signer(key_id, secret, algorithm) if key_id else None


def reply_of(response: httpx.Response) -> Reply:
    """The reply of a response that was read."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.content)


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """A place to write beside `path`; it takes the name only when all of it is there."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
