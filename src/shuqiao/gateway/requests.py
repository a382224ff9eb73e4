"""A request as it came in: its signable parts, within the limits of size."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from shuqiao.gateway.networks import true_client
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.signing import Message, normal_authority
from shuqiao.store import EXPORT_FORMATS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TARGET = re.compile(
    r"/v1/resources/(?P<resource>[A-Za-z0-9_-]{1,64})"
    r"/(?:rows(?:/(?P<key>[^/]{1,1024}))?|(?P<plain>lookup|aggregate|file|openapi\.json)"
    rf"|export\.(?P<format>{'|'.join(EXPORT_FORMATS)}))"
)
_METHODS: Mapping[str, tuple[str, ...]] = {"lookups": ("POST",), "file": ("GET", "HEAD")}
_PLAIN = {"lookup": "lookups", "aggregate": "aggregate", "file": "file", "openapi.json": "openapi"}
_MODES: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "batch"),
    "openapi": ("interface", "batch", "file"),
}
PATH_SAFE = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for. `action`: one row by key (lookup), many (lookups), rows, aggregate, a file, an export in
    a format (export.csv), or the description of the resource (openapi)."""

    resource: str
    action: str
    key: tuple[str, ...] = ()
    format: str = ""

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes of a grant of which one must be there."""
        return ("file", "batch") if self.format else _MODES.get(self.action, ("interface",))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of its address."""
        return _METHODS.get(self.action, ("GET",))


@dataclass(slots=True)
class Request:
    """One request: what a signature covers, who sent it, and its body once read."""

    message: Message
    client: str
    body: bytes = field(default=b"", repr=False)
    peer: str = ""

    @property
    def target(self) -> str:
        """Path and query as they came, for the evidence."""
        return f"{self.message.path}?{self.message.query}" if self.message.query else self.message.path


def read_request(scope: Scope, settings: GatewaySettings) -> Request:
    """The request of an ASGI scope. Raises Refused (414, 431) beyond the limits."""
    raw_path: bytes | None = scope.get("raw_path")
    path = raw_path.decode("latin-1").partition("?")[0] if raw_path else quote(scope["path"], safe=PATH_SAFE)
    query = scope["query_string"].decode("latin-1")
    if len(path) + len(query) > settings.max_target:
        raise Refused(414, "gateway.limit.target", f"请求地址最长 {settings.max_target} 字节")
    headers: dict[str, str] = {}
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    if size > settings.max_headers:
        raise Refused(431, "gateway.limit.headers", f"请求标头合计最多 {settings.max_headers} 字节")
    scheme, authority = _origin(scope, headers, settings.public_url)
    peer = scope.get("client")
    client = peer[0] if peer else ""
    if settings.trusted_proxies:
        client = true_client(client, headers, settings.trusted_proxies)
    message = Message(scope["method"], scheme, authority, path, query, headers)
    return Request(message, client, peer=peer[0] if peer else "")


def _origin(scope: Scope, headers: dict[str, str], public_url: str) -> tuple[str, str]:
    if public_url:
        parts = urlsplit(public_url)
        return parts.scheme, normal_authority(parts.netloc, parts.scheme)
    return scope["scheme"], normal_authority(headers.get("host", ""), scope["scheme"])


def check_method(request: Request, methods: tuple[str, ...]) -> None:
    """Raises Refused (405) for a method that the address does not have."""
    if request.message.method not in methods:
        named = ", ".join(methods)
        raise Refused(405, "gateway.method", f"这个地址只支持 {named}", headers={"allow": named})


async def read_body(request: Request, receive: Receive, limit: int) -> None:
    """Read the body where there is one. Raises Refused (413) beyond `limit` bytes."""
    headers = request.message.headers
    length = headers.get("content-length", "0")
    if length == "0" and "transfer-encoding" not in headers:
        return
    refused = Refused(413, "gateway.limit.body", f"请求正文最多 {limit} 字节")
    if length.isdigit() and int(length) > limit:
        raise refused
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        more = bool(event.get("more_body", False))
        if size > limit:
            raise refused
    request.body = b"".join(parts)


def find_target(path: str) -> Target | None:
    """What a path asks for; None when it is no address of the gateway. The parts of a composite key are
    separated by commas, a comma inside a part is percent-encoded. Raises Refused (400) when it is not UTF-8.
    """
    found = _TARGET.fullmatch(path)
    if found is None:
        return None
    resource, key, export = found["resource"], found["key"], found["format"]
    if export:
        return Target(resource, f"export.{export}", format=export)
    if found["plain"]:
        return Target(resource, _PLAIN[found["plain"]])
    if key is None:
        return Target(resource, "rows")
    return Target(resource, "lookup", key=key_parts(key))


def key_parts(text: str) -> tuple[str, ...]:
    """The values of a key as they stand in an address. Raises Refused (400) when one is not UTF-8."""
    return (text,) if text.isalnum() and text.isascii() else tuple(_decoded(part) for part in text.split(","))


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "gateway.query.encoding", "地址中的键值应为 UTF-8 的百分号编码") from error
