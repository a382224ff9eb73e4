"""The last rooms before the evidence: narrow to the grant's scope, run, encode.

The store does the narrowing: it is given the grant's scope with every query and compiles nothing that lies
outside. A lookup runs in the loop's own thread: it takes about ten microseconds, less than handing it over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import orjson
from cryptography.hazmat.primitives import hashes

from shuqiao.gateway.answers import JSON, Outcome
from shuqiao.gateway.citing import SCOPE, articles_of
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.grants import Held, Ledger
from shuqiao.gateway.queries import INVALID, Reading
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.journal import sm3
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import today
from shuqiao.store import NotInScope, PreparedLookup, Query, Store, VersionHandle

PREPARED_MOST = 4096
_CONTENT_TYPES = {
    "csv": b"text/csv; charset=utf-8",
    "json": JSON,
    "xlsx": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(slots=True)
class Opened:
    """An open version and how many reads are using it."""

    handle: VersionHandle
    users: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lookup compiled for one grant; `unique` says that a key names at most one row."""

    held: Held
    lookup: PreparedLookup
    unique: bool


class Runner:
    """Runs readings on cached versions. Everything but the work in its threads belongs to one event loop."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._store = Store(settings.store_root)
        self._opened: dict[str, Opened] = {}
        self._prepared: dict[tuple[str, str, Query, tuple[str, ...]], Prepared] = {}
        self._scans = ThreadPoolExecutor(settings.scans, thread_name_prefix="gateway-scan")
        self._exports = ThreadPoolExecutor(settings.exports, thread_name_prefix="gateway-export")

    async def run(self, draft: Draft, held: Held, version: str, reading: Reading) -> Outcome:
        """The result of a reading under a grant. Raises Refused: 400 for what cannot be asked, 403 for what is
        not granted, 404 for a row that is not there for this grant, 503 when the version is not on this node."""
        with self._refusing(held), self._using(version) as handle:
            if draft.target.action == "lookup":
                return self._look_up(draft, held, handle, reading)
            loop = asyncio.get_running_loop()
            if draft.target.format:
                return await loop.run_in_executor(self._exports, self._export, draft, held, handle, reading)
            return await loop.run_in_executor(self._scans, _page, draft, held, handle, reading.query)

    def keep(self, ledger: Ledger) -> None:
        """Close versions that the book no longer names, once nobody reads from them."""
        named = {row.version for row in ledger.resources.values()}
        for version in [version for version in self._opened if version not in named]:
            if self._opened[version].users == 0:
                self._opened.pop(version).handle.close()
                self._prepared = {key: one for key, one in self._prepared.items() if key[0] != version}

    def close(self) -> None:
        """Wait for the threads, then close every version."""
        for pool in (self._scans, self._exports):
            pool.shutdown(wait=True, cancel_futures=True)
        for opened in self._opened.values():
            opened.handle.close()
        self._opened.clear()
        self._prepared.clear()

    @contextmanager
    def _using(self, version: str) -> Iterator[VersionHandle]:
        opened = self._opened.get(version)
        if opened is None:
            opened = self._opened[version] = Opened(self._store.open(version))
        opened.users += 1
        try:
            yield opened.handle
        finally:
            opened.users -= 1

    @contextmanager
    def _refusing(self, held: Held) -> Iterator[None]:
        """The store's errors in the gateway's words."""
        try:
            yield
        except NotInScope as error:
            reason = error.decision.reason
            raise Refused(403, SCOPE, reason, *articles_of(SCOPE, held.named, today())) from error
        except InvalidInput as error:
            raise Refused(400, INVALID, str(error)) from error
        except NotFound as error:
            raise Refused.later(
                "gateway.version.missing", f"这个节点上{error}", seconds=5, status=503
            ) from error

    def _look_up(self, draft: Draft, held: Held, handle: VersionHandle, reading: Reading) -> Outcome:
        prepared = self._prepare(held, handle, reading)
        found = prepared.lookup.run(draft.target.key)
        if not found:
            raise _no_row(held)
        columns = prepared.lookup.columns
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        content: Mapping[str, object] = {"row": rows[0]} if prepared.unique else {"rows": rows}
        return _json_outcome(draft, list(columns), len(rows), content)

    def _prepare(self, held: Held, handle: VersionHandle, reading: Reading) -> Prepared:
        """The compiled lookup of this grant, this version and this reading, made once."""
        key = (handle.id, held.id, reading.query, reading.by)
        prepared = self._prepared.get(key)
        if prepared is None or prepared.held is not held:
            lookup = handle.prepare_lookup(reading.by, held.scope, reading.query.select)
            unique = any(one.unique for one in handle.meta.keys if one.columns == reading.by)
            if len(self._prepared) >= PREPARED_MOST:
                self._prepared.clear()
            prepared = self._prepared[key] = Prepared(held, lookup, unique)
        return prepared

    def _export(self, draft: Draft, held: Held, handle: VersionHandle, reading: Reading) -> Outcome:
        """In a thread: write the file, hashing as it goes. Memory holds at most the spool and one piece."""
        query = reading.query
        counting = Query(select=query.select, filters=query.filters, limit=1, count="exact")
        counted = handle.rows(counting, held.scope)
        digest = hashes.Hash(hashes.SM3())
        file = cast(IO[bytes], SpooledTemporaryFile(max_size=self._settings.spool))  # noqa: SIM115  # sent later
        try:
            for piece in handle.export(query, held.scope, draft.target.format, bom=reading.bom):
                digest.update(piece)
                file.write(piece)
            return Outcome(
                columns=list(counted.columns),
                rows=counted.total or 0,
                digest=digest.finalize().hex(),
                content_type=_CONTENT_TYPES[draft.target.format],
                file=file,
                size=file.tell(),
                name=reading.name,
            )
        except BaseException:
            file.close()
            raise


def _page(draft: Draft, held: Held, handle: VersionHandle, query: Query) -> Outcome:
    """In a thread: one page of rows."""
    page = handle.rows(query, held.scope)
    content = {"rows": page.rows, "next": page.next_cursor, "count": page.total}
    return _json_outcome(draft, list(page.columns), len(page.rows), content)


def _json_outcome(draft: Draft, columns: list[str], rows: int, content: Mapping[str, object]) -> Outcome:
    body = orjson.dumps({"resource": draft.target.resource, "version": draft.version, **content})
    return Outcome(columns=columns, rows=rows, digest=sm3(body).hex(), content_type=JSON, body=body)


def _no_row(held: Held) -> Refused:
    """One and the same answer whether the row exists outside the row condition or nowhere."""
    if not held.condition:
        return Refused(404, "gateway.row.missing", "没有这个键的记录")
    return Refused(
        404,
        SCOPE,
        f"授权范围内没有这条记录（授权的行条件：{held.condition}）",
        *articles_of(SCOPE, held.named, today()),
    )
