"""Calls to the identity service: bounded in time and size, never redirected, JSON objects only."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
from django.conf import settings

from shuqiao.opening.identity.types import NotProved, ServiceDown

MOST_BYTES = 256 * 1024
DOCUMENT_LIVES = 600.0  # seconds; a service changes its addresses and keys rarely
FRESH_ENOUGH = 30.0  # seconds, for who looks for a key that is not in the document
DISCOVERY = "/.well-known/openid-configuration"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The service's addresses, as it publishes them."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    secret_in_body: bool


_kept: dict[str, tuple[float, Json]] = {}


def forget() -> None:
    """Ask the service for its addresses and keys anew."""
    _kept.clear()


def endpoints() -> Endpoints:
    """The addresses of the configured service. Raises ServiceDown, also when the document is somebody else's."""
    issuer = settings.OIDC_ISSUER
    found = document(issuer.rstrip("/") + DISCOVERY)
    if found.get("issuer") != issuer:
        raise ServiceDown(f"discovery names issuer {found.get('issuer')!r}")
    methods = found.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(methods, list) or "client_secret_basic" in methods
    return Endpoints(
        authorization=_address(found, "authorization_endpoint"),
        token=_address(found, "token_endpoint"),
        keys=_address(found, "jwks_uri"),
        userinfo=_address(found, "userinfo_endpoint") if found.get("userinfo_endpoint") else "",
        secret_in_body=not basic,
    )


def _address(found: Json, name: str) -> str:
    """An address out of the document; in the clear only where the service itself is on this machine."""
    address = found.get(name)
    allowed = ("https://",) if settings.OIDC_ISSUER.startswith("https://") else ("https://", "http://")
    if not isinstance(address, str) or not address.startswith(allowed):
        raise ServiceDown(f"discovery gives no usable {name}")
    return address


def document(address: str, *, fresh: bool = False) -> Json:
    """A public document of the service, kept for ten minutes. `fresh`: as it is now, but not twice in half a minute."""
    until, kept = _kept.get(address, (0.0, {}))
    age = DOCUMENT_LIVES - (until - monotonic())
    if until > monotonic() and not (fresh and age > FRESH_ENOUGH):
        return kept
    got = call("GET", address)
    _kept[address] = (monotonic() + DOCUMENT_LIVES, got)
    return got


def call(
    method: str,
    address: str,
    *,
    data: dict[str, str] | None = None,
    auth: httpx.Auth | None = None,
    bearer: str = "",
) -> Json:
    """One call. Raises ServiceDown, or NotProved when the service refuses what was presented (400 to 403)."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    try:
        with (
            httpx.Client(verify=_trust(), timeout=settings.OIDC_TIMEOUT, trust_env=False) as client,
            client.stream(method, address, data=data, auth=auth, headers=headers) as response,
        ):
            return _read(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceDown(f"{address}: {type(error).__name__} {error}") from error


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.OIDC_CA or None)


def _read(response: httpx.Response) -> Json:
    """The object in an answer, read no further than it may be long and for no longer than a call may take."""
    address = f"{response.url.copy_with(query=None)}"
    until = monotonic() + settings.OIDC_TIMEOUT
    body = bytearray()
    for piece in response.iter_raw(16 * 1024):
        body += piece
        if len(body) > MOST_BYTES:
            raise ServiceDown(f"{address}: answer longer than {MOST_BYTES} bytes")
        if monotonic() > until:
            raise ServiceDown(f"{address}: answer takes longer than {settings.OIDC_TIMEOUT} s")
    if response.status_code in {400, 401, 403}:
        raise NotProved(f"{address}: {response.status_code}")
    if response.status_code != httpx.codes.OK:
        raise ServiceDown(f"{address}: {response.status_code}")
    try:
        found = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise ServiceDown(f"{address}: no JSON") from error
    if not isinstance(found, dict):
        raise ServiceDown(f"{address}: no object")
    return found
