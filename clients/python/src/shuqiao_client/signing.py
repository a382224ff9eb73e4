"""HTTP Message Signatures (RFC 9421) as the gateway wants them: HMAC with SHA-256 or SM3, body by Content-Digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ALGORITHMS: Mapping[str, str] = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}
"""Signature algorithm to the hash it is built on."""

GRANT_HEADER = "shuqiao-grant"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class Signer:
    """A key that signs requests; the secret itself never travels.

    Raises ValueError for an unknown algorithm, or for one whose hash this Python's OpenSSL does not have.
    """

    key_id: str
    secret: str = field(repr=False)
    algorithm: str = "hmac-sha256"

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"unknown algorithm {self.algorithm!r}; there are: {', '.join(ALGORITHMS)}")
        if ALGORITHMS[self.algorithm] not in hashlib.algorithms_available:
            raise ValueError(f"this Python has no {ALGORITHMS[self.algorithm]}; use hmac-sha256")

    def headers(
        self,
        method: str,
        url: str,
        *,
        grant: str = "",
        body: bytes = b"",
        created: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """The headers that sign this request. `url` is absolute and percent-encoded; every call draws a new nonce.

        `created` (Unix seconds) and `nonce` (16 to 128 characters) are for tests with known answers.
        """
        parts = urlsplit(url)
        covered = {
            "@method": method.upper(),
            "@authority": parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, "\0")),
            "@path": parts.path or "/",
            "@query": f"?{parts.query}",
        }
        added: dict[str, str] = {}
        if grant:
            covered[GRANT_HEADER] = added["Shuqiao-Grant"] = grant
        if body:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            covered["content-digest"] = added["Content-Digest"] = f"sha-256=:{digest}:"
        names = " ".join(f'"{name}"' for name in covered)
        parameters = (
            f"({names});created={int(time.time()) if created is None else created}"
            f';nonce="{nonce or secrets.token_urlsafe(18)}";keyid="{self.key_id}";alg="{self.algorithm}"'
        )
        lines = [f'"{name}": {value}' for name, value in covered.items()]
        base = "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")
        mark = hmac.new(self.secret.encode("ascii"), base, ALGORITHMS[self.algorithm]).digest()
        return {
            **added,
            "Signature-Input": f"sig={parameters}",
            "Signature": f"sig=:{base64.b64encode(mark).decode()}:",
        }
