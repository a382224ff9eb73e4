"""Steps of the worker: claim a version that waits, renew the claim, hand in what came of it.

A claim is a row with a lease. Whoever holds it may write; a worker that was killed loses it when the lease
runs out, and another takes over. What a lost worker hands in later is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F, Q

from shuqiao.accounts.types import PLATFORM
from shuqiao.kernel import Problem
from shuqiao.kernel.time import day_of
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.resources import previews, queries, receiving
from shuqiao.resources.changes import keys_lost
from shuqiao.resources.models import Version
from shuqiao.resources.services.mounting import apply_preview
from shuqiao.resources.services.naming import checks_of, next_step, previous_of, reading_of
from shuqiao.resources.types import Kind, Status
from shuqiao.store.types import BuiltVersion, Key, Meta

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
_WAITING = Q(status=Status.CONFIRMED) | Q(status=Status.UPLOADED, preview__isnull=True)


class LostClaim(Exception):
    """Another worker has taken over, or the version was given up: stop working on it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker needs to know of the version it claimed. `recipe` is None when the file is only looked at, and
    when it is no table (`is_file`) but kept as it is. `reading` is what the publisher chose for this file, or
    (`again`) what the newest recipe says, which the file may not have; `checks` are those of the newest recipe."""

    version_id: UUID
    worker: str
    path: Path
    filename: str
    reading: dict[str, Any]
    recipe: dict[str, Any] | None
    is_file: bool = False
    again: bool = False
    checks: previews.Checks = field(default_factory=dict)


def claim_version(*, worker: str, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take the version that has waited longest, if nobody else holds it. None when nothing waits."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Version.objects.filter(_WAITING, free, attempts__lt=MAX_ATTEMPTS).order_by("created_at")
    for version_id in waiting.values_list("id", flat=True)[:20]:
        taken = Version.objects.filter(_WAITING, free, id=version_id, attempts__lt=MAX_ATTEMPTS).update(
            claimed_by=worker, lease_until=now + lease, attempts=F("attempts") + 1, rows_done=0, bytes_done=0
        )
        if taken:
            version = Version.objects.select_related("upload", "resource").get(id=version_id)
            return Claim(
                version_id=version.id,
                worker=worker,
                path=receiving.staging_root() / version.upload.path,
                filename=version.upload.filename,
                reading=version.reading or reading_of(version.resource),
                again=not version.reading,
                checks=checks_of(version.resource),
                recipe=version.recipe if version.status == Status.CONFIRMED else None,
                is_file=version.resource.kind == Kind.FILE,
            )
    return None


def renew_claim(
    *, claim: Claim, now: datetime, rows: int | None = None, done: int | None = None, lease: timedelta = LEASE
) -> None:
    """The worker is alive and this far. Raises LostClaim when the claim is no longer its own."""
    progress: dict[str, Any] = {} if rows is None else {"rows_done": rows, "bytes_done": done or 0}
    held = Version.objects.filter(_WAITING, id=claim.version_id, claimed_by=claim.worker)
    if not held.update(lease_until=now + lease, **progress):
        raise LostClaim(str(claim.version_id))


def _held(claim: Claim) -> Version:
    version = (
        Version.objects.select_for_update(of=("self",))
        .select_related(
            "resource__department", "resource__entry", "resource__current_version", "upload", "saved_recipe"
        )
        .filter(_WAITING, id=claim.version_id, claimed_by=claim.worker)
        .first()
    )
    if version is None:
        raise LostClaim(str(claim.version_id))
    version.claimed_by, version.lease_until = "", None
    return version


@transaction.atomic
def save_preview(*, claim: Claim, seen: previews.Seen, now: datetime) -> Version:
    """The file was looked at; the publisher can confirm how it is read."""
    version = _held(claim)
    apply_preview(version, seen)
    version.attempts = 0
    version.save()
    next_step(version, "确认读取方式", f"“{version.upload.filename}”已读完，请确认列、类型与信息项")
    return version


@transaction.atomic
def finish_build(*, claim: Claim, built: BuiltVersion, now: datetime) -> Version:
    """The version's table is in the store whole; the provider looks at it and submits it."""
    version = _held(claim)
    meta = built.meta
    version.move_to(Status.BUILT)
    version.store_version = built.id
    version.schema = [msgspec.to_builtins(column) for column in meta.columns]
    version.rows, version.quarantined = meta.rows, meta.quarantined
    version.reasons, version.reported = meta.reasons, meta.reported
    version.rows_done = meta.rows
    version.content = _content(meta)
    version.error = []
    lost = keys_lost(_keys_before(version), meta.keys)
    stands = [one for one in version.changes if one["kind"] != "key_lost"]
    version.changes = [*stands, *(change.to_json() for change in lost)]
    version.save()
    if version.saved_recipe is not None:
        version.saved_recipe.unique_keys = [list(key.columns) for key in meta.keys if key.unique]
        version.saved_recipe.save(update_fields=["unique_keys"])
    detail = f"“{version.upload.filename}”已保存" if claim.is_file else f"{meta.rows:,} 行已生成"
    detail += f"，{meta.quarantined:,} 行隔离" if meta.quarantined else ""
    detail = "；".join([detail, *(change.detail for change in lost)])
    next_step(version, "核对并提交复核", detail)
    events.record(
        E.VERSION_BUILT,
        actor=PLATFORM,
        case=version.case,
        department_id=version.resource.department_id,
        on=day_of(now),
        data={"store_version": built.id, "rows": meta.rows, "quarantined": meta.quarantined},
    )
    return version


def _keys_before(version: Version) -> tuple[Key, ...]:
    """Lookup keys of the version in force."""
    before = previous_of(version)
    return queries.shelf().meta(before.store_version).keys if before else ()


def _content(meta: Meta) -> dict[str, Any]:
    """Of a file what it is handed out as; of a table nothing."""
    if meta.content is None:
        return {}
    (file,) = meta.files.values()
    return {**msgspec.to_builtins(meta.content), "size": file.size, "sha256": file.sha256}


@transaction.atomic
def fail_build(*, claim: Claim, problems: Sequence[Problem], now: datetime) -> Version:
    """The file cannot be read, or not in the way confirmed; the provider hears what is wrong with it."""
    version = _held(claim)
    _fail(version, problems, now)
    return version


@transaction.atomic
def give_up_exhausted(*, now: datetime) -> int:
    """Versions whose every attempt ended without an answer (the worker died each time) have failed."""
    exhausted = Version.objects.select_for_update(of=("self",)).filter(
        _WAITING, attempts__gte=MAX_ATTEMPTS, lease_until__lt=now
    )
    count = 0
    for version in exhausted.select_related("resource__department", "upload"):
        version.claimed_by, version.lease_until = "", None
        text = f"{MAX_ATTEMPTS} 次都没有做完，平台管理员可从日志查明原因"
        _fail(version, [Problem("生成", text)], now)
        count += 1
    return count


def _fail(version: Version, problems: Sequence[Problem], now: datetime) -> None:
    version.move_to(Status.FAILED)
    version.error = [{"where": problem.where, "what": problem.what} for problem in problems]
    version.save()
    next_step(version, "改正后重新生成", "；".join(str(problem) for problem in problems))
    events.record(
        E.VERSION_FAILED,
        actor=PLATFORM,
        case=version.case,
        department_id=version.resource.department_id,
        on=day_of(now),
        data={"problems": version.error},
    )
