"""Duties of the worker for the catalogue."""

from __future__ import annotations

import logging
import os
import socket
import time as clock
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from shuqiao.accounts.models import User
from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import exporting, exports, search, services, spreadsheet, staging
from shuqiao.catalog.search import catching_up, index
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import day_of
from shuqiao.kernel.time import now as moment
from shuqiao.organizations.queries import actor_of
from shuqiao.store.failures import telling_full

log = logging.getLogger("shuqiao.catalog")
KEPT = timedelta(days=30)
# A worker writes how far it is, and renews its lease, this often (seconds).
PROGRESS = 1.0


def clear_stale_imports(now: datetime) -> int:
    """Uploaded sheets that nobody confirmed for 30 days are given up and their files removed."""
    expired = services.expire_imports(before=now - KEPT)
    for record_id in expired:
        staging.clear(record_id)
    return len(expired) + staging.sweep(now - KEPT)


def open_campaigns(now: datetime) -> int:
    """The quarter's full maintenance begins by itself where a text in force asks for it (Yingkou 15)."""
    return services.open_due_campaigns(actor=PLATFORM, on=day_of(now))


def remind_campaigns(now: datetime) -> int:
    """Two weeks and again two days before the end departments with entries left are reminded."""
    return services.remind_due_campaigns(actor=PLATFORM, on=day_of(now))


def catch_up_search(now: datetime) -> int:
    """What was changed is put into this node's search index, so that nobody who searches has to wait for it.
    Nothing when somebody else is at it."""
    if not catching_up.is_behind():
        return 0
    try:
        with index.locked(0):
            return catching_up.catch_up()
    except index.Busy:
        return 0


def make_exports(now: datetime) -> int:
    """Make the workbooks that were asked for, one after the other; returns how many were taken up.

    Safe in any number of workers and after kill -9: an export is claimed with a lease, and no row names a file before
    it is whole."""
    done = 0
    worker = f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-8:]}"
    while (claim := services.claim_export(worker=worker, now=moment() if done else now)) is not None:
        done += 1
        book = exports.Writing(claim.export_id, new_id().hex[-8:])
        try:
            _make(claim, book)
        except services.LostExport:
            log.warning("export %s was taken over or given up; leaving it", claim.export_id)
            book.drop()
        except BaseException:
            book.drop()
            raise
    return done


def _make(claim: services.ExportClaim, book: exports.Writing) -> None:
    actor = actor_of(User.objects.get(pk=claim.by_id))
    if actor.user_id is None:
        services.fail_export(claim=claim, problem="账号已停用", now=moment())
        return
    total = search.find(actor, claim.filters, limit=1, facets=False).total
    services.renew_export(claim=claim, now=moment(), written=0, found=total)
    if not total:
        nothing = "要求导出之后，检索到的条目都已撤下，没有内容可以导出"
        services.fail_export(claim=claim, problem=nothing, now=moment())
        return
    layout = spreadsheet.LAYOUTS[claim.layout]
    found = exporting.numbered(actor, claim.filters, min(total, exporting.BOOK_MAX))
    entries = book.noting(exporting.within_sheet(found, layout))
    try:
        with telling_full(exports.folder()):
            spreadsheet.write(_telling(claim, entries), book.path, layout)
            done = book.finish()
    except OSError:
        services.renew_export(claim=claim, now=moment(), written=0)  # the files of a lost one are taken away
        raise
    except InvalidInput:
        book.drop()
        full = "服务器存储空间不足，文件没有写成；请稍后重新导出，或导出 CSV"
        services.fail_export(claim=claim, problem=full, now=moment())
        return
    services.finish_export(claim=claim, done=done, now=moment())


def _telling(
    claim: services.ExportClaim, entries: Iterable[spreadsheet.SheetEntry]
) -> Iterator[spreadsheet.SheetEntry]:
    """The entries, saying now and then how many have been written."""
    told = clock.monotonic()
    for count, entry in enumerate(entries):
        if clock.monotonic() - told >= PROGRESS:
            told = clock.monotonic()
            services.renew_export(claim=claim, now=moment(), written=count)
        yield entry


def clear_exports(now: datetime) -> int:
    """Workbooks older than a day are removed, and files that no export names any more."""
    return services.expire_exports(now=now) + exports.sweep()
