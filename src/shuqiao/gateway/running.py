"""The versions that are open here, and single rows by key.

The store does the narrowing: it is given the grant's scope with every query and compiles nothing that lies
outside. A lookup runs in the loop's own thread: it takes about ten microseconds, less than handing it over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from shuqiao.gateway.answers import JSON, Outcome
from shuqiao.gateway.citing import SCOPE, articles_of
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.grants import Held, Ledger, fault_of, refuse_faulty
from shuqiao.gateway.leaving import ClientLeft
from shuqiao.gateway.queries import INVALID, Reading
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.journal import sm3
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import today
from shuqiao.store import (
    Damaged,
    NotInScope,
    ObjectsUnavailable,
    PreparedLookup,
    Query,
    Stopped,
    StoreFull,
    VersionHandle,
    open_store,
)

PREPARED_MOST = 4096
MISSING = "gateway.version.missing"


@dataclass(slots=True)
class Opened:
    """An open version and how many reads are using it."""

    handle: VersionHandle
    users: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lookup compiled for one grant."""

    held: Held
    lookup: PreparedLookup


class Runner:
    """Keeps versions open and looks up rows. Everything belongs to one event loop."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._store = open_store(settings.store_root, settings.objects, settings.cache_bytes)
        self._opened: dict[str, Opened] = {}
        self._opening: dict[str, asyncio.Task[VersionHandle]] = {}
        self._prepared: dict[tuple[str, str, Query, tuple[str, ...]], Prepared] = {}

    async def ready(self, version: str) -> None:
        """Have a version open, fetched from the object store where this node lacks it. Raises Refused (503) when
        it is nowhere, or not here within a few seconds; the fetch goes on for those who ask again."""
        if version in self._opened:
            return
        task = self._opening.get(version)
        if task is None:
            task = self._opening[version] = asyncio.create_task(asyncio.to_thread(self._store.open, version))
            task.add_done_callback(lambda done: self._have(version, done))
        await asyncio.wait({task}, timeout=self._settings.fetch_seconds)
        if not task.done():
            raise Refused.later(MISSING, "这个节点正在取回这个版本", seconds=5, status=503)
        error = task.exception()
        if isinstance(error, NotFound | ObjectsUnavailable | Damaged | StoreFull):
            raise Refused.later(MISSING, f"这个节点上{error}", seconds=5, status=503) from error
        if error is not None:
            raise error
        if version not in self._opened:  # the callback runs in the next turn of the loop
            self._have(version, task)

    def _have(self, version: str, done: asyncio.Task[VersionHandle]) -> None:
        if self._opening.get(version) is done:
            del self._opening[version]
            if not done.cancelled() and done.exception() is None:
                self._opened[version] = Opened(done.result())

    def check(self, held: Held, version: str) -> None:
        """Raises Refused (403) when the grant's condition does not fit a version that was not here when the book was
        read."""
        if held.scope.where.all and held.row is not None:
            reason = fault_of(held.scope, self._opened[version].handle.columns)
            if reason:
                raise refuse_faulty(held, reason, today())

    def take(self, version: str) -> tuple[VersionHandle, Callable[[], None]]:
        """An open version for longer than one step, and how to let go of it."""
        opened = self._opened[version]
        opened.users += 1
        taken = True

        def let_go() -> None:
            nonlocal taken
            if taken:
                taken = False
                opened.users -= 1

        return opened.handle, let_go

    @property
    def open_versions(self) -> int:
        """Versions open now."""
        return len(self._opened)

    def keep(self, ledger: Ledger) -> None:
        """Close versions that the book no longer names, once nobody reads from them."""
        named = {row.version for row in ledger.resources.values()}
        for version in [version for version in self._opened if version not in named]:
            if self._opened[version].users == 0:
                self._opened.pop(version).handle.close()
                self._prepared = {key: one for key, one in self._prepared.items() if key[0] != version}

    def close(self) -> None:
        """Close every version."""
        for task in self._opening.values():
            task.cancel()
        for opened in self._opened.values():
            opened.handle.close()
        self._opened.clear()
        self._prepared.clear()

    def look_up(self, draft: Draft, held: Held, reading: Reading) -> Outcome:
        """The row of a key. Raises Refused: 400 for what cannot be asked, 403 for what is not granted, 404 for a
        row that is not there for this grant."""
        with refusing(held):
            prepared = self.prepare(held, draft.version, reading)
            found = prepared.lookup.run(draft.target.key)
        if not found:
            raise _no_row(held)
        columns = prepared.lookup.columns
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        content: Mapping[str, object] = {"row": rows[0]} if prepared.lookup.unique else {"rows": rows}
        return json_outcome(draft, list(columns), len(rows), content)

    def prepare(self, held: Held, version: str, reading: Reading) -> Prepared:
        """The compiled lookup of this grant, this version and this reading, made once. Raises Refused (503) when
        the version is not open (see `ready`), InvalidInput and NotInScope as the store does."""
        key = (version, held.id, reading.query, reading.by)
        prepared = self._prepared.get(key)
        if prepared is None or prepared.held is not held:
            if version not in self._opened:
                raise Refused.later(MISSING, "这个节点还没有打开这个版本", seconds=1, status=503)
            handle = self._opened[version].handle
            lookup = handle.prepare_lookup(reading.by, held.scope, reading.query.select)
            if len(self._prepared) >= PREPARED_MOST:
                self._prepared.clear()
            prepared = self._prepared[key] = Prepared(held, lookup)
        return prepared


@contextmanager
def refusing(held: Held) -> Iterator[None]:
    """The store's errors in the gateway's words."""
    try:
        yield
    except NotInScope as error:
        reason = error.decision.reason
        raise Refused(403, SCOPE, reason, *articles_of(SCOPE, held.named, today())) from error
    except InvalidInput as error:
        raise Refused(400, INVALID, str(error)) from error
    except ClientLeft as error:
        raise Refused(499, "gateway.client.left", "客户端没有等到答复就断开了") from error
    except Stopped as error:
        raise Refused(504, "gateway.limit.deadline", f"{error}，请缩小条件或改用导出") from error


def json_outcome(draft: Draft, columns: list[str], rows: int, content: Mapping[str, object]) -> Outcome:
    """A JSON answer that names its resource and version."""
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
