"""Systems read what they were granted, through the gateway's own code: the evidence is of reads that happened."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from shuqiao.delivery import book, secrets
from shuqiao.gateway import book as pages
from shuqiao.gateway.app import Gateway, create_app
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.signing import sign
from shuqiao.sample.world import World

# A chain of its own: the running gateway keeps the one of its node name.
NODE = "sample"
HOST = "http://gateway.sample"
PAGE = 24


@dataclass(frozen=True, slots=True)
class Caller:
    """A system with its key, calling a gateway in this process."""

    gateway: Gateway
    key_id: str
    secret: str

    async def get(self, target: str, grant: str) -> tuple[int, dict[str, Any]]:
        """Status and body of one signed request."""
        url = f"{HOST}{target}"
        named = {"Shuqiao-Grant": grant}
        signed = sign(method="GET", url=url, key_id=self.key_id, secret=self.secret, headers=named)
        parts = urlsplit(url)
        headers = {"Host": parts.netloc, **named, **signed}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }
        sent: list[MutableMapping[str, Any]] = []

        asked: list[bool] = []

        async def receive() -> MutableMapping[str, Any]:
            if asked:
                await asyncio.Event().wait()  # this client never leaves
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: MutableMapping[str, Any]) -> None:
            sent.append(event)

        await self.gateway(scope, receive, send)
        body = b"".join(event.get("body", b"") for event in sent[1:])
        return int(sent[0]["status"]), json.loads(body)


def read_as_granted(world: World) -> int:
    """Each system reads a page of what it was granted and then some single rows; what is not granted is refused,
    as it would be any day. Returns how many reads were answered."""
    settings = GatewaySettings(home=Path(secrets.home()), master_key=secrets.master_key(), node=NODE)
    return asyncio.run(_read_all(create_app(settings), pages.read_book(book.path()), world))


async def _read_all(gateway: Gateway, granted: pages.Book, world: World) -> int:
    await gateway.start()
    try:
        answered = 0
        for key_id, secret in world.keys.values():
            for grant in granted.grants:
                if key_id in grant.keys:
                    resource = granted.resources[grant.resource]
                    answered += await _read_grant(Caller(gateway, key_id, secret), grant, resource)
        return answered
    finally:
        await gateway.stop()


async def _read_grant(caller: Caller, grant: pages.GrantRow, resource: pages.ResourceRow) -> int:
    base = f"/v1/resources/{resource.id}"
    status, page = await caller.get(f"{base}/rows?limit={PAGE}", grant.id)
    if status != 200:
        return 0
    answered = 1
    shown = {column.name for column in grant.columns if column.mask == "none"}
    for key in resource.lookup_keys:
        if set(key) <= shown:
            by = quote(",".join(key), safe="")
            for row in page["rows"]:
                values = ",".join(quote(str(row[column]), safe="") for column in key)
                status, _ = await caller.get(f"{base}/rows/{values}?by={by}", grant.id)
                answered += status == 200
            break
    # One column too many: refused, and the refusal is evidence like an answer.
    await caller.get(f"{base}/rows?select={quote('不在授权内的列', safe='')}", grant.id)
    return answered
