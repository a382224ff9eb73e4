"""A search result as a workbook made by the worker: asked for, claimed, handed in, cleared away."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from shuqiao.accounts.models import User
from shuqiao.accounts.types import Actor
from shuqiao.catalog import exporting, exports, search
from shuqiao.catalog.models import Export
from shuqiao.catalog.types import EntryFilters, ExportStatus
from shuqiao.kernel import InvalidInput, NotAllowed

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MOST_WAITING = 3  # of one person, at a time
MOST_KEPT = 10
DAYS_AT_MOST = timedelta(days=7)  # whatever waits longer is given up


class LostExport(Exception):
    """Another worker has taken over, or nobody wants the file any more: stop working on it."""


@dataclass(frozen=True, slots=True)
class ExportClaim:
    """What a worker needs to know of the export it claimed."""

    export_id: UUID
    worker: str
    by_id: UUID
    filters: EntryFilters
    layout: str


def ask_export(*, actor: Actor, filters: EntryFilters, layout: str, at: datetime) -> Export:
    """The entries of a search are to be made into a workbook. Who asks again while it waits gets the same one.

    Raises InvalidInput when nothing is found, or when too many of the person's exports wait."""
    if actor.user_id is None:
        raise NotAllowed("catalog:export", "登录后才能导出")
    total = search.find(actor, filters, limit=1, facets=False).total
    if not total:
        raise InvalidInput.one("检索", "没有找到条目，没有内容可以导出；请换一个说法或去掉筛选条件")
    return _enqueue(actor.user_id, filters, layout, total, at)


@transaction.atomic
def _enqueue(user_id: UUID, filters: EntryFilters, layout: str, total: int, at: datetime) -> Export:
    user = User.objects.select_for_update().get(pk=user_id)
    asked = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(filters).items()
        if value
    }
    waiting = list(Export.objects.filter(by=user, status=ExportStatus.WAITING))
    same = next((one for one in waiting if (one.asked, one.layout) == (asked, layout)), None)
    if same is not None:
        return same
    if len(waiting) >= MOST_WAITING:
        raise InvalidInput.one("导出", f"您已有 {len(waiting)} 份在制作，请等其中一份完成，或取消一份")
    for one in Export.objects.filter(by=user, status=ExportStatus.DONE)[MOST_KEPT - 1 :]:
        _clear(one, f"每人最多保留 {MOST_KEPT} 份，较早的已清除")
    return Export.objects.create(
        by=user, asked=asked, layout=layout, found=total, wanted=min(total, exporting.BOOK_MAX), at=at
    )


def claim_export(*, worker: str, now: datetime, lease: timedelta = LEASE) -> ExportClaim | None:
    """Take the export that has waited longest, if nobody holds it. None when nothing waits."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Export.objects.filter(free, status=ExportStatus.WAITING).order_by("at")
    for export_id in waiting.values_list("pk", flat=True)[:20]:
        taken = (
            waiting.order_by()
            .filter(pk=export_id)
            .update(claimed_by=worker, lease_until=now + lease, attempts=F("attempts") + 1, written=0)
        )
        if not taken:
            continue
        found = Export.objects.get(pk=export_id)
        claim = ExportClaim(found.pk, worker, found.by_id, found.filters(), found.layout)
        if found.attempts > MAX_ATTEMPTS:
            tried = f"试了 {MAX_ATTEMPTS} 次都没有做完；请缩小范围再试，或导出 CSV"
            fail_export(claim=claim, problem=tried, now=now)
            continue
        return claim
    return None


def renew_export(
    *,
    claim: ExportClaim,
    now: datetime,
    written: int,
    found: int | None = None,
    lease: timedelta = LEASE,
) -> None:
    """The worker is alive and this far; `found`: how many the search finds now. Raises LostExport when the claim is
    no longer its own."""
    counts = {} if found is None else {"found": found, "wanted": min(found, exporting.BOOK_MAX)}
    _hand_in(claim, lease_until=now + lease, written=written, **counts)


def finish_export(*, claim: ExportClaim, done: exports.Written, now: datetime) -> None:
    """The file is whole and named from now on. Raises LostExport."""
    _hand_in(
        claim,
        status=ExportStatus.DONE,
        file=done.name,
        size=done.size,
        written=done.entries,
        claimed_by="",
        lease_until=None,
        finished_at=now,
        expires_at=now + KEPT,
    )


def fail_export(*, claim: ExportClaim, problem: str, now: datetime) -> None:
    """The file cannot be made; whoever asked reads why and what to do. Raises LostExport."""
    _hand_in(
        claim,
        status=ExportStatus.FAILED,
        problem=problem,
        claimed_by="",
        lease_until=None,
        finished_at=now,
    )


def _hand_in(claim: ExportClaim, **changes: Any) -> None:
    held = Export.objects.filter(pk=claim.export_id, claimed_by=claim.worker, status=ExportStatus.WAITING)
    if not held.update(**changes):
        raise LostExport(str(claim.export_id))


@transaction.atomic
def drop_export(*, actor: Actor, export_id: UUID) -> Export:
    """The person does not want it any more: waiting, it is not made; made, its file goes. Raises IllegalMove."""
    exports.get_export_for(actor, export_id)
    found = Export.objects.select_for_update().get(pk=export_id)
    _clear(found, "已由本人清除")
    return found


def expire_exports(*, now: datetime) -> int:
    """Files older than a day go, what has waited for a week is given up. Returns how many."""
    late = Q(status=ExportStatus.DONE, expires_at__lte=now)
    old = Q(status=ExportStatus.WAITING, at__lt=now - DAYS_AT_MOST)
    count = 0
    for one in _few(Export.objects.filter(late | old)):
        with transaction.atomic():
            found = Export.objects.select_for_update().get(pk=one)
            if found.status == ExportStatus.WAITING or not found.has_file(now):
                _clear(found, "已过保存期限；请重新导出")
                count += 1
    return count


def _few(found: QuerySet[Export]) -> list[UUID]:
    return list(found.values_list("pk", flat=True)[:200])


def _clear(export: Export, why: str) -> None:
    """The row stays as the record, the file goes; one that a worker just writes goes with the next sweep."""
    export.move_to(ExportStatus.GONE)
    export.problem, export.file, export.claimed_by, export.lease_until = why, "", "", None
    export.save(update_fields=["status", "problem", "file", "claimed_by", "lease_until"])
    transaction.on_commit(lambda: exports.remove(export))
