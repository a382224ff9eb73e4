"""The difference of two versions, computed by the worker: asked for, claimed, handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.resources import queries
from shuqiao.resources.comparisons import Wanted
from shuqiao.resources.models import Comparison, Version
from shuqiao.resources.services.building import LEASE, MAX_ATTEMPTS, LostClaim
from shuqiao.resources.types import WITH_TABLE, ComparisonState, Status

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ComparisonClaim:
    """What a worker needs to know of the comparison it claimed."""

    comparison_id: UUID
    worker: str
    wanted: Wanted


@transaction.atomic
def ask_comparison(
    *, actor: Actor, old_id: UUID, new_id: UUID, key: Sequence[str], at: datetime
) -> Comparison:
    """Compare two versions of one table by a key. What was computed before is not computed again.

    Raises InvalidInput when they are not two built versions of one table that both have the key's columns.
    """
    old = queries.get_version_for(actor, old_id, P.RESOURCES_RESOURCE_READ)
    new = queries.get_version_for(actor, new_id, P.RESOURCES_RESOURCE_READ)
    problems = _problems(old, new, key)
    if problems:
        raise InvalidInput(problems)
    found, fresh = Comparison.objects.select_for_update().get_or_create(
        old=old, new=new, key=list(key), defaults={"asked_by_id": actor.user_id, "asked_at": at}
    )
    if not fresh and found.state == ComparisonState.FAILED:
        found.state, found.error, found.attempts = ComparisonState.WAITING, [], 0
        found.claimed_by, found.lease_until = "", None
        found.save()
    return found


def _problems(old: Version, new: Version, key: Sequence[str]) -> list[Problem]:
    if old.pk == new.pk or old.resource_id != new.resource_id:
        return [Problem("对照版本", "应是同一资源的另一个版本")]
    for version in (old, new):
        if Status(version.status) not in WITH_TABLE or version.content or version.removed_on:
            return [Problem("对照版本", f"第 {version.number} 版没有可以对照的数据")]
    shared = {column["name"] for column in old.schema} & {column["name"] for column in new.schema}
    if not key or len(set(key)) != len(key):
        return [Problem("对照的键", "至少选一列，列不能重复")]
    return [Problem("对照的键", f"两个版本里并非都有“{name}”列") for name in key if name not in shared]


def claim_comparison(*, worker: str, now: datetime) -> ComparisonClaim | None:
    """Take the comparison that has waited longest, if nobody holds it."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Comparison.objects.filter(free, state=ComparisonState.WAITING).order_by("asked_at")
    for comparison_id in waiting.values_list("id", flat=True)[:20]:
        taken = (
            waiting.order_by()
            .filter(id=comparison_id)
            .update(claimed_by=worker, lease_until=now + LEASE, attempts=F("attempts") + 1, lines_done=0)
        )
        if taken:
            found = Comparison.objects.select_related("old", "new").get(id=comparison_id)
            if found.attempts > MAX_ATTEMPTS:
                fail_comparison(
                    claim=_claim(found), problems=[Problem("对照", f"{MAX_ATTEMPTS} 次都没有做完")]
                )
                continue
            return _claim(found)
    return None


def _claim(found: Comparison) -> ComparisonClaim:
    return ComparisonClaim(
        comparison_id=found.id,
        worker=found.claimed_by,
        wanted=Wanted(
            comparison_id=found.id,
            old=found.old.store_version,
            new=found.new.store_version,
            key=tuple(found.key),
            masked=found.old.sensitive_columns | found.new.sensitive_columns,
        ),
    )


def renew_comparison(*, claim: ComparisonClaim, now: datetime, lines: int | None = None) -> None:
    """The worker is alive and this far. Raises LostClaim when the claim is no longer its own."""
    progress: dict[str, Any] = {} if lines is None else {"lines_done": lines}
    if not _held(claim).update(lease_until=now + LEASE, **progress):
        raise LostClaim(str(claim.comparison_id))


def _held(claim: ComparisonClaim) -> Any:
    return Comparison.objects.filter(
        id=claim.comparison_id, claimed_by=claim.worker, state=ComparisonState.WAITING
    )


def finish_comparison(*, claim: ComparisonClaim, counts: dict[str, Any], columns: dict[str, Any]) -> None:
    """The difference lies in its folder whole. Raises LostClaim when another worker took over."""
    done = {"state": ComparisonState.DONE, "counts": counts, "columns": columns}
    if not _held(claim).update(**done, claimed_by="", lease_until=None):
        raise LostClaim(str(claim.comparison_id))


def fail_comparison(*, claim: ComparisonClaim, problems: Sequence[Problem]) -> None:
    """The difference cannot be computed; whoever asked reads why."""
    told = [{"where": problem.where, "what": problem.what} for problem in problems]
    _held(claim).update(state=ComparisonState.FAILED, error=told, claimed_by="", lease_until=None)


def forget_comparisons(*, now: datetime) -> list[UUID]:
    """Differences asked for a month ago are forgotten: they can be computed again. Returns their ids."""
    old = list(Comparison.objects.filter(asked_at__lt=now - KEPT).values_list("id", flat=True)[:200])
    Comparison.objects.filter(id__in=old).delete()
    return old
