"""Counts over everything that is published, answered by indexes alone, and the mark by which to keep them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from shuqiao.accounts.types import Actor
from shuqiao.catalog.models import EntryChange, Revision
from shuqiao.catalog.types import Status


def change_mark() -> tuple[int, UUID, datetime] | None:
    """The last numbered change of any entry: as long as it is the same, so is what is published. None before the
    first. One query of a key."""
    rows = EntryChange.objects.order_by("-seq").values_list("seq", "entry_id", "at")
    return rows.first()


def counts_for(actor: Actor) -> dict[str, int]:
    """Published entries the actor may see, which are all (`visible_to`): all, and by sharing and opening type. One
    query, answered by an index alone."""
    kinds = ("unconditional", "conditional", "none"), ("unconditional", "conditional", "closed")
    found = (
        {f"sharing_{kind}": 0 for kind in kinds[0]} | {f"opening_{kind}": 0 for kind in kinds[1]} | {"all": 0}
    )
    rows = Revision.objects.filter(status=Status.PUBLISHED).order_by()
    for row in rows.values("sharing_type", "opening_type").annotate(count=Count("*")):
        for name in ("all", f"sharing_{row['sharing_type']}", f"opening_{row['opening_type']}"):
            found[name] = found.get(name, 0) + row["count"]
    return found


def count_published(*columns: str, opening: Collection[str]) -> QuerySet[Revision, tuple[Any, ...]]:
    """How many published entries of these opening types have each value of `columns`, the most frequent first: rows of
    the values and the count. Answered by an index alone; what everybody may see is all of them (`visible_to`)."""
    found = Revision.objects.filter(status=Status.PUBLISHED, opening_type__in=opening).order_by()
    return found.values_list(*columns).annotate(count=Count("*")).order_by("-count", *columns)
