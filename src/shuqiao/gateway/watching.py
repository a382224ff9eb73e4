"""Keeping up with the grant book: the newest whole book counts, a broken one changes nothing but readiness."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from shuqiao.gateway.book import BookError, book_path, read_book
from shuqiao.gateway.grants import EMPTY, Ledger, make_ledger
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.kernel import NotFound
from shuqiao.store import Column, Store

UNWATCHED_SECONDS = 5.0

Mark = tuple[int, int, int]


class Watcher:
    """Holds the ledger in use. `look` takes up a changed book; readers take `ledger` once per request, so a
    swap never disturbs one that is under way."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._path, self._master_key = book_path(settings.home), settings.master_key
        self._mark: Mark | None = None
        self._store = Store(settings.store_root)
        self._columns: dict[str, tuple[Column, ...]] = {}
        self._problem = "还没有授权簿"
        self.ledger: Ledger = EMPTY
        self.looked_at = time.monotonic()

    @property
    def unwatched(self) -> bool:
        """Nobody has looked for so long that a revocation could have been missed."""
        return time.monotonic() - self.looked_at > UNWATCHED_SECONDS

    @property
    def problem(self) -> str:
        """Why the book on disk is not the one in use; empty when it is. Single rows that cannot be served are the
        ledger's faults: they keep nobody else from reading."""
        if self.unwatched:
            return f"已有 {UNWATCHED_SECONDS:.0f} 秒以上没有查看授权簿"
        return self._problem

    async def look(self) -> None:
        """Take up the book where it has changed; the work is done beside the loop."""
        self.looked_at = time.monotonic()
        mark = _mark_of(self._path)
        if mark == self._mark:
            return
        self._mark = mark
        if mark is None:
            self._problem = "授权簿不见了"
            return
        try:
            self.ledger = await asyncio.to_thread(self._load)
        except (BookError, OSError) as error:
            self._problem = f"授权簿读不出来，沿用第 {self.ledger.revision} 版：{error}"
            if isinstance(error, OSError):
                self._mark = None  # the same file may be readable the next time
        else:
            self._problem = ""

    def _load(self) -> Ledger:
        return make_ledger(read_book(self._path), self._master_key, self._columns_of)

    def _columns_of(self, version: str) -> tuple[Column, ...] | None:
        """The columns of a version that is on this node; kept, for a version never changes."""
        if version not in self._columns:
            try:
                self._columns[version] = self._store.meta(version).columns
            except NotFound:
                return None
        return self._columns[version]


def _mark_of(path: Path) -> Mark | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
