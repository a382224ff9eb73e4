"""Entries whose data is later than the cycle they promise, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life import freshness
from shuqiao.catalog.models import Entry


def list_stale_for(actor: Actor, on: date) -> QuerySet[Any]:
    """Overdue entries of the actor's departments and of divisions the actor covers, the latest first."""
    watched = Q(department__in=actor.departments_with(P.CATALOG_ENTRY_READ)) | Q(
        division__in=actor.divisions_with(P.CATALOG_ENTRY_READ)
    )
    return (
        Entry.objects.published()
        .filter(watched)
        .annotate(last_on=freshness.LAST)
        .filter(freshness.stale(on))
        .select_related("published", "department")
        .order_by("last_on", "id")
    )


def freshness_of(entry: Entry, on: date) -> freshness.Freshness | None:
    """How fresh the data of a published entry is; None when it is not published."""
    if entry.published is None:
        return None
    return freshness.judge(entry.published.update_cycle, entry.data_updated_on, on)
