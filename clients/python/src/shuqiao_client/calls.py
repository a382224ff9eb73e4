"""Questions to the gateway as requests on the wire, and what follows from their answers; no input or output here.

A question is a generator: it yields each `Call` it needs, is sent the `Reply`, and returns the result. The two
clients differ only in who carries the calls.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from shuqiao_client.errors import GatewayError
from shuqiao_client.replies import Page, Reply, Row

T = TypeVar("T")
Question = Generator["Call", Reply, T]
Key = str | int | Sequence[str | int]
Filters = Mapping[str, Any]
MAX_KEYS = 1_000
"""Keys in one call; more are asked for in several."""


@dataclass(frozen=True)
class Call:
    """One request, before it is signed. `path` is percent-encoded and begins after the gateway's address."""

    method: str
    path: str
    grant: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """A resource at the gateway, under one grant where the key holds several."""

    resource: str
    grant: str = ""

    def call(self, rest: str, pairs: Sequence[tuple[str, str]] = ()) -> Call:
        """A read below this resource."""
        query = urlencode(pairs, quote_via=quote)
        path = f"/v1/resources/{quote(self.resource, safe='')}/{rest}"
        return Call("GET", f"{path}?{query}" if query else path, self.grant)


def query_pairs(
    *,
    where: Filters | None = None,
    select: Sequence[str] | None = None,
    sort: Sequence[str] = (),
    **others: object,
) -> list[tuple[str, str]]:
    """The parameters of the query language. `where` maps `column` or `column__op` to a value; a list is for
    `in` and `between`, True and False for `isnull`."""
    pairs = [(name, _text(value)) for name, value in (where or {}).items()]
    if select is not None:
        pairs.append(("select", ",".join(select)))
    if sort:
        pairs.append(("sort", ",".join(sort)))
    pairs += [(name, _text(value)) for name, value in others.items() if value is not None]
    return pairs


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return str(value)


def get(
    address: Address, key: Key, *, by: Sequence[str] = (), select: Sequence[str] | None = None
) -> Question[Row | None]:
    """One row by its key, None where there is none within the grant. Raises GatewayError where several rows
    have the key: `get_many` returns all of them."""
    found = (yield from _by_key(address, key, by, select)) or []
    if len(found) > 1:
        raise GatewayError(f"{len(found)} rows have the key {key!r}; use get_many")
    return found[0] if found else None


def _by_key(
    address: Address, key: Key, by: Sequence[str], select: Sequence[str] | None
) -> Question[list[Row] | None]:
    parts = [key] if isinstance(key, str | int) else key
    rest = "rows/" + ",".join(quote(str(part), safe="") for part in parts)
    reply = yield address.call(rest, query_pairs(select=select, by=",".join(by) or None))
    if reply.status == 404 and _is_no_row(reply):
        return None
    content = reply.json()
    return [content["row"]] if "row" in content else list(content["rows"])


def _is_no_row(reply: Reply) -> bool:
    """Whether it is the row that is missing; a missing resource or address is the caller's mistake."""
    try:
        return json.loads(reply.body).get("rule") in ("gateway.row.missing", "sharing.scope.not_wider")
    except (ValueError, AttributeError):
        return False


def get_many(
    address: Address, keys: Sequence[Key], *, by: Sequence[str] = (), select: Sequence[str] | None = None
) -> Question[list[list[Row]]]:
    """The rows of each key, in the order of `keys`; an empty list where there is none within the grant."""
    found: list[list[Row]] = []
    for start in range(0, len(keys), MAX_KEYS):
        some = keys[start : start + MAX_KEYS]
        asked: dict[str, Any] = {"keys": [[key] if isinstance(key, str | int) else list(key) for key in some]}
        if by:
            asked["by"] = list(by)
        if select is not None:
            asked["select"] = list(select)
        call = address.call("lookup")
        reply = yield Call(
            "POST",
            call.path,
            call.grant,
            json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode(),
            {"Content-Type": "application/json"},
        )
        found += reply.json()["rows"]
    return found


def page(address: Address, pairs: Sequence[tuple[str, str]]) -> Question[Page]:
    """One page of rows."""
    reply = yield address.call("rows", pairs)
    return reply.page()


def count(address: Address, where: Filters | None) -> Question[int]:
    """How many rows the filters leave within the grant."""
    found = yield from page(address, query_pairs(where=where, limit=1, count="exact"))
    if found.count is None:
        raise GatewayError("the gateway did not count")
    return found.count


def aggregate(
    address: Address, measures: Sequence[str], group: Sequence[str], where: Filters | None
) -> Question[list[Row]]:
    """One row per group with its measures: `count`, `sum:column`, `avg:column`, `min:column`, `max:column`."""
    pairs = query_pairs(where=where, group=",".join(group) or None, aggregate=",".join(measures))
    reply = yield address.call("aggregate", pairs)
    return list(reply.json()["rows"])
