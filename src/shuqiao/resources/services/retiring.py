"""What is no longer kept: contents of old versions and the files they came from. Their rows stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from shuqiao.accounts.types import PLATFORM
from shuqiao.kernel.time import day_of
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.resources import queries, receiving, retention
from shuqiao.resources.models import Upload, Version
from shuqiao.resources.types import Status, UploadState

AT_ONCE = 200


def versions_to_keep(*, now: datetime) -> frozenset[str]:
    """Ids in the store that something names: what is published or on its way, and old versions within their years."""
    on = day_of(now)
    kept = Version.objects.exclude(store_version="").exclude(status=Status.DISCARDED)
    rows = kept.filter(removed_on=None).values_list("store_version", "status", "superseded_on")
    years = settings.VERSIONS_KEPT_YEARS
    return frozenset(
        store_version
        for store_version, status, superseded_on in rows
        if status != Status.SUPERSEDED
        or superseded_on is None
        or not retention.is_over(superseded_on, years, on)
    )


def retire_versions(*, now: datetime) -> int:
    """Collect from the store what nobody names, and say so on the versions it belonged to. Returns how many went.

    Two steps a week apart inside the store; safe to repeat and to be killed in. What several versions share stays
    as long as one of them is kept.
    """
    shelf = queries.shelf()
    shelf.collect(lambda: versions_to_keep(now=now), timedelta(days=retention.MARKED_DAYS))
    gone = 0
    for version in _over(now):
        if not shelf.has(version.store_version):
            _note_removed(version, now)
            gone += 1
    return gone


def _over(now: datetime) -> list[Version]:
    on = day_of(now)
    old = Version.objects.filter(status__in=[Status.SUPERSEDED, Status.DISCARDED], removed_on=None)
    found = old.exclude(store_version="").select_related("resource__department", "upload")
    years = settings.VERSIONS_KEPT_YEARS
    return [
        version
        for version in found.order_by("created_at").iterator()
        if version.superseded_on is None or retention.is_over(version.superseded_on, years, on)
    ][:AT_ONCE]


@transaction.atomic
def _note_removed(version: Version, now: datetime) -> None:
    on = day_of(now)
    version.removed_on = on
    version.save(update_fields=["removed_on"])
    events.record(
        E.VERSION_REMOVED,
        actor=PLATFORM,
        case=version.case,
        department_id=version.resource.department_id,
        on=on,
        data={"store_version": version.store_version, "superseded_on": str(version.superseded_on or "")},
    )


def retire_uploads(*, now: datetime) -> int:
    """Files as they came go with their version: a day after it was given up, and when its content is removed."""
    given_up = Q(state=UploadState.DISCARDED, at__lt=now - timedelta(days=retention.DISCARDED_DAYS))
    with_version = Q(state=UploadState.RECEIVED, versions__removed_on__isnull=False)
    gone = 0
    for upload in Upload.objects.filter(given_up | with_version).distinct()[:AT_ONCE]:
        (receiving.staging_root() / upload.path).unlink(missing_ok=True)
        upload.state, upload.removed_on = UploadState.REMOVED, day_of(now)
        upload.save(update_fields=["state", "removed_on"])
        gone += 1
    return gone
