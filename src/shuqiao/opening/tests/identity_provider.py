"""A small identity service on loopback: discovery, keys, codes for tokens under PKCE, userinfo. What it should do wrong
is set on it; everything else it does by the book."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT, SECRET = "shuqiao", "a secret: with / signs"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = rsa.generate_private_key(65537, 2048)


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def public_keys() -> list[dict[str, str]]:
    one, two = RSA_KEY.public_key().public_numbers(), EC_KEY.public_key().public_numbers()
    return [
        {"kty": "OKP", "crv": "Ed25519", "kid": "strange", "x": b64(b"\1" * 32)},
        {"kty": "RSA", "kid": "rsa", "use": "sig", "n": number(one.n), "e": number(one.e)},
        {"kty": "EC", "kid": "ec", "crv": "P-256", "x": number(two.x), "y": number(two.y)},
    ]


def signed(claims: dict[str, Any], algorithm: str = "RS256", key: rsa.RSAPrivateKey = RSA_KEY) -> str:
    """A JWT, made by hand: the library under test has no part in it."""
    kid = "ec" if algorithm == "ES256" else "rsa"
    head = b64(json.dumps({"alg": algorithm, "kid": kid}).encode())
    said = f"{head}.{b64(json.dumps(claims).encode())}".encode()
    if algorithm == "HS256":  # "signed" with the public key, which everybody has
        public = RSA_KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"{said.decode()}.{b64(hmac.digest(public, said, 'sha256'))}"
    if algorithm == "none":
        return f"{said.decode()}."
    if algorithm == "ES256":
        r, s = decode_dss_signature(EC_KEY.sign(said, ec.ECDSA(hashes.SHA256())))
        return f"{said.decode()}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"{said.decode()}.{b64(key.sign(said, padding.PKCS1v15(), hashes.SHA256()))}"


@dataclass
class Provider:
    """The service's state. `claims` are told of whoever signs in; `wrong` replaces claims of the ID token."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1001"})
    told: dict[str, Any] | None = None  # by userinfo
    wrong: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: rsa.RSAPrivateKey = RSA_KEY
    keys: list[dict[str, str]] = field(default_factory=public_keys)
    discovery: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # path → answer in place of the right one
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def sign_in(self, address: str) -> dict[str, str]:
        """Somebody signs in on the service's own page at `address`; what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, given: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(given["code"], None)
        challenge = b64(hashlib.sha256(given["code_verifier"].encode()).digest())
        proofs = {
            "code": asked is not None,
            "pkce": asked is not None and asked["code_challenge"] == challenge,
            "redirect_uri": asked is not None and asked["redirect_uri"] == given["redirect_uri"],
            "client": b64decode(authorization.removeprefix("Basic ")).decode()
            == "shuqiao:a+secret%3A+with+%2F+signs",
        }
        self.refused += [name for name, right in proofs.items() if not right]
        if asked is None or not all(proofs.values()):
            return 400, {"error": "invalid_grant"}
        at = int(datetime.now(tz=UTC).timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"]}
        claims |= self.claims | self.wrong
        id_token = signed({k: v for k, v in claims.items() if v is not None}, self.algorithm, self.key)
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": id_token}

    def answer(self, path: str, body: str, authorization: str) -> tuple[int, bytes]:
        self.calls.append(path)
        if path in self.raw:
            return self.raw[path]
        if path == "/token":
            status, said = self.token({k: v[0] for k, v in parse_qs(body).items()}, authorization)
            return status, json.dumps(said).encode()
        if path == "/userinfo":
            right = authorization == "Bearer access"
            return (200 if right else 401), json.dumps(self.told or {}).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.told is not None else {}),
            **self.discovery,
        }
        return (200 if path.endswith("/openid-configuration") else 404), json.dumps(document).encode()


@contextmanager
def running() -> Iterator[Provider]:
    """A service that listens on a port of its own."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, body: str) -> None:
            status, said = provider.answer(
                urlsplit(self.path).path, body, self.headers.get("Authorization", "")
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the caller has heard enough
                self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
