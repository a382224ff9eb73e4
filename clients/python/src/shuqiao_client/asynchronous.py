"""The client for programs on asyncio; the same questions, carried by `await`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import httpx

from shuqiao_client import calls, frames
from shuqiao_client.calls import Address, Call, Filters, Key, Question, query_pairs
from shuqiao_client.carrying import Carrier, make_signer, partial_file, reply_of
from shuqiao_client.errors import BrokenOff, GatewayError
from shuqiao_client.replies import Page, Reply, Row, refusal_of

if TYPE_CHECKING:
    import pandas
    import pyarrow

T = TypeVar("T")


class AsyncClient:
    """As `Client`, for one event loop."""

    def __init__(
        self,
        gateway: str,
        key_id: str = "",
        secret: str = "",
        *,
        algorithm: str = "hmac-sha256",
        timeout: float = 60.0,
        tries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._carrier = Carrier(gateway, make_signer(key_id, secret, algorithm), tries)
        self._http = httpx.AsyncClient(timeout=timeout, transport=transport)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def table(self, resource: str, *, grant: str = "") -> AsyncTable:
        """A resource by its id; `grant` names one where the key holds several for it."""
        return AsyncTable(self, Address(resource, grant))

    async def carry(self, question: Question[T]) -> T:
        """Carry a question's calls to the gateway until it has its result."""
        try:
            call = next(question)
            while True:
                call = question.send(await self._send(call))
        except StopIteration as done:
            result: T = done.value
            return result

    async def _send(self, call: Call) -> Reply:
        tried = 1
        while True:
            reply = reply_of(await self._http.send(self._carrier.request(call)))
            wait = self._carrier.wait_before_retry(reply, tried)
            if wait is None:
                return reply
            await asyncio.sleep(wait)
            tried += 1

    async def pieces(self, call: Call) -> AsyncIterator[bytes]:
        """The body of a long answer as it comes. Raises Refused, and BrokenOff when it ends early."""
        response = await self._http.send(self._carrier.request(call), stream=True)
        try:
            if response.status_code >= 400:
                await response.aread()
                raise refusal_of(reply_of(response))
            async for piece in response.aiter_bytes():
                yield piece
        except httpx.RemoteProtocolError as error:
            raise BrokenOff(f"the answer ended early: {error}") from error
        finally:
            await response.aclose()


class AsyncTable:
    """As `Table`."""

    def __init__(self, client: AsyncClient, address: Address) -> None:
        self._client, self._address = client, address

    async def get(
        self, key: Key, *, by: Sequence[str] = (), select: Sequence[str] | None = None
    ) -> Row | None:
        """One row by its key, None where there is none within the grant."""
        return await self._client.carry(calls.get(self._address, key, by=by, select=select))

    async def get_many(
        self, keys: Sequence[Key], *, by: Sequence[str] = (), select: Sequence[str] | None = None
    ) -> list[list[Row]]:
        """The rows of each key in the order asked, 1,000 keys to a call."""
        return await self._client.carry(calls.get_many(self._address, keys, by=by, select=select))

    async def page(
        self,
        *,
        where: Filters | None = None,
        select: Sequence[str] | None = None,
        sort: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """One page."""
        pairs = query_pairs(where=where, select=select, sort=sort, limit=limit, cursor=cursor)
        return await self._client.carry(calls.page(self._address, pairs))

    async def rows(
        self,
        *,
        where: Filters | None = None,
        select: Sequence[str] | None = None,
        sort: Sequence[str] = (),
        page_size: int = 1_000,
    ) -> AsyncIterator[Row]:
        """All rows, page after page, of one version."""
        version, cursor = "", None
        while True:
            page = await self.page(where=where, select=select, sort=sort, limit=page_size, cursor=cursor)
            if version not in ("", page.version):
                raise GatewayError("another version was published while the rows were read; read them again")
            for row in page.rows:
                yield row
            version, cursor = page.version, page.next
            if cursor is None:
                return

    async def count(self, *, where: Filters | None = None) -> int:
        """How many rows there are within the grant and the filters."""
        return await self._client.carry(calls.count(self._address, where))

    async def aggregate(
        self, measures: Sequence[str], *, group: Sequence[str] = (), where: Filters | None = None
    ) -> list[Row]:
        """Measures per group."""
        return await self._client.carry(calls.aggregate(self._address, measures, group, where))

    async def download(
        self,
        path: Path | str,
        *,
        format: str = "csv",  # noqa: A002  # the word of the address
        where: Filters | None = None,
        select: Sequence[str] | None = None,
    ) -> Path:
        """Everything as a file, there whole or not at all."""
        call = self._address.call(f"export.{format}", query_pairs(where=where, select=select))
        return await self._keep(Path(path), call)

    async def download_file(self, path: Path | str) -> Path:
        """A resource that is a file and no table."""
        return await self._keep(Path(path), self._address.call("file"))

    async def to_arrow(
        self, *, where: Filters | None = None, select: Sequence[str] | None = None
    ) -> pyarrow.Table:
        """All rows as an Arrow table with the columns' types. Needs pyarrow."""
        return frames.to_table(await self._export("arrow", where, select))

    async def to_pandas(
        self, *, where: Filters | None = None, select: Sequence[str] | None = None
    ) -> pandas.DataFrame:
        """All rows as a pandas frame with the columns' types. Needs pandas and pyarrow."""
        return frames.to_frame(await self._export("arrow", where, select))

    async def _export(self, kind: str, where: Filters | None, select: Sequence[str] | None) -> bytes:
        call = self._address.call(f"export.{kind}", query_pairs(where=where, select=select))
        return b"".join([piece async for piece in self._client.pieces(call)])

    async def _keep(self, path: Path, call: Call) -> Path:
        with partial_file(path) as partial, partial.open("wb") as file:
            async for piece in self._client.pieces(call):
                file.write(piece)
        return path
