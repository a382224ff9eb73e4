"""What a review before opening lets open, and the end of it. Called by the review alone; it writes the event row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.kernel import Decision
from shuqiao.resources.models import Opening, Resource
from shuqiao.resources.types import ColumnShape, OpenColumn


@transaction.atomic
def open_columns(
    *,
    resource_id: UUID,
    review_id: UUID,
    kind: str,
    columns: Sequence[OpenColumn],
    reviewed: Sequence[ColumnShape],
    decision: Decision,
    on: date,
) -> Opening:
    """These columns of a resource may be open, in this or another version that looks like the reviewed one.
    `decision` must be the review's yes."""
    decision.or_raise()
    Resource.objects.select_for_update().get(id=resource_id)
    opening, _ = Opening.objects.update_or_create(
        resource_id=resource_id,
        defaults={
            "kind": kind,
            "columns": [{"name": one.name, "mask": one.mask} for one in columns],
            "reviewed": [shape.to_json() for shape in reviewed],
            "review_id": review_id,
            "since": on,
            "ended_on": None,
        },
    )
    return opening


@transaction.atomic
def close_columns(*, resource_id: UUID, on: date) -> None:
    """Nothing of the resource is open any more."""
    Resource.objects.select_for_update().get(id=resource_id)
    Opening.objects.filter(resource=resource_id, ended_on=None).update(ended_on=on)
