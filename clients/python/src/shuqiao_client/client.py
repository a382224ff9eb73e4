"""The client for ordinary programs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
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


class Client:
    """A connection to one gateway with one application key; safe to use from several threads.

    `gateway` is its address (``https://host:port``). `tries` is how often a call is made in all when the gateway
    asks to wait (429, 503). Errors: Refused, BrokenOff, GatewayError; httpx's own where no answer came.
    """

    def __init__(
        self,
        gateway: str,
        key_id: str = "",
        secret: str = "",
        *,
        algorithm: str = "hmac-sha256",
        timeout: float = 60.0,
        tries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._carrier = Carrier(gateway, make_signer(key_id, secret, algorithm), tries)
        self._http = httpx.Client(timeout=timeout, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def table(self, resource: str, *, grant: str = "") -> Table:
        """A resource by its id; `grant` names one where the key holds several for it."""
        return Table(self, Address(resource, grant))

    def carry(self, question: Question[T]) -> T:
        """Carry a question's calls to the gateway until it has its result."""
        try:
            call = next(question)
            while True:
                call = question.send(self._send(call))
        except StopIteration as done:
            result: T = done.value
            return result

    def _send(self, call: Call) -> Reply:
        tried = 1
        while True:
            reply = reply_of(self._http.send(self._carrier.request(call)))
            wait = self._carrier.wait_before_retry(reply, tried)
            if wait is None:
                return reply
            time.sleep(wait)
            tried += 1

    def pieces(self, call: Call) -> Iterator[bytes]:
        """The body of a long answer as it comes. Raises Refused, and BrokenOff when it ends early."""
        response = self._http.send(self._carrier.request(call), stream=True)
        try:
            if response.status_code >= 400:
                response.read()
                raise refusal_of(reply_of(response))
            yield from response.iter_bytes()
        except httpx.RemoteProtocolError as error:
            raise BrokenOff(f"the answer ended early: {error}") from error
        finally:
            response.close()


class Table:
    """One resource, read within the grant. Columns are named as on the grant; what is not granted is refused."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client, self._address = client, address

    def get(self, key: Key, *, by: Sequence[str] = (), select: Sequence[str] | None = None) -> Row | None:
        """One row by its key, None where there is none within the grant. `by` names another declared key."""
        return self._client.carry(calls.get(self._address, key, by=by, select=select))

    def get_many(
        self, keys: Sequence[Key], *, by: Sequence[str] = (), select: Sequence[str] | None = None
    ) -> list[list[Row]]:
        """The rows of each key in the order asked, 1,000 keys to a call."""
        return self._client.carry(calls.get_many(self._address, keys, by=by, select=select))

    def page(
        self,
        *,
        where: Filters | None = None,
        select: Sequence[str] | None = None,
        sort: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """One page. `where` as ``{"地区": "营口", "成立日期__gte": "2020-01-01"}``, `sort` as ``["-成立日期"]``."""
        pairs = query_pairs(where=where, select=select, sort=sort, limit=limit, cursor=cursor)
        return self._client.carry(calls.page(self._address, pairs))

    def rows(
        self,
        *,
        where: Filters | None = None,
        select: Sequence[str] | None = None,
        sort: Sequence[str] = (),
        page_size: int = 1_000,
    ) -> Iterator[Row]:
        """All rows, page after page. Raises GatewayError when another version is published in between, because
        pages of two versions do not fit together."""
        version, cursor = "", None
        while True:
            page = self.page(where=where, select=select, sort=sort, limit=page_size, cursor=cursor)
            if version not in ("", page.version):
                raise GatewayError("another version was published while the rows were read; read them again")
            yield from page.rows
            version, cursor = page.version, page.next
            if cursor is None:
                return

    def count(self, *, where: Filters | None = None) -> int:
        """How many rows there are within the grant and the filters."""
        return self._client.carry(calls.count(self._address, where))

    def aggregate(
        self, measures: Sequence[str], *, group: Sequence[str] = (), where: Filters | None = None
    ) -> list[Row]:
        """Measures per group: ``aggregate(["count", "sum:注册资本"], group=["地区"])``."""
        return self._client.carry(calls.aggregate(self._address, measures, group, where))

    def download(
        self,
        path: Path | str,
        *,
        format: str = "csv",  # noqa: A002  # the word of the address
        where: Filters | None = None,
        select: Sequence[str] | None = None,
    ) -> Path:
        """Everything as a file (csv, json, ndjson, xlsx, xml, parquet, arrow), there whole or not at all."""
        return self._keep(
            Path(path), self._address.call(f"export.{format}", query_pairs(where=where, select=select))
        )

    def download_file(self, path: Path | str) -> Path:
        """A resource that is a file and no table."""
        return self._keep(Path(path), self._address.call("file"))

    def to_arrow(self, *, where: Filters | None = None, select: Sequence[str] | None = None) -> pyarrow.Table:
        """All rows as an Arrow table with the columns' types. Needs pyarrow."""
        return frames.to_table(self._export("arrow", where, select))

    def to_pandas(
        self, *, where: Filters | None = None, select: Sequence[str] | None = None
    ) -> pandas.DataFrame:
        """All rows as a pandas frame with the columns' types. Needs pandas and pyarrow."""
        return frames.to_frame(self._export("arrow", where, select))

    def _export(self, kind: str, where: Filters | None, select: Sequence[str] | None) -> bytes:
        call = self._address.call(f"export.{kind}", query_pairs(where=where, select=select))
        return b"".join(self._client.pieces(call))

    def _keep(self, path: Path, call: Call) -> Path:
        with partial_file(path) as partial, partial.open("wb") as file:
            for piece in self._client.pieces(call):
                file.write(piece)
        return path
