"""Reads of emergency collections."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.models import EmergencyCollection
from shuqiao.catalog.models.sources import EmergencyQuerySet
from shuqiao.catalog.types import EmergencyStatus
from shuqiao.kernel import NotFound

REMIND_BEFORE = timedelta(days=7)


def emergencies_for(actor: Actor, *, status: str = "") -> EmergencyQuerySet:
    """Emergency collections the actor may see: running ones first, the soonest to end on top."""
    rows: EmergencyQuerySet = EmergencyCollection.objects.all().visible_to(actor)
    rows = rows.select_related("department__division")
    if status in EmergencyStatus.values:
        rows = rows.filter(status=status)
    return rows.order_by("-status", "until_on", "id")


def list_emergencies_for(actor: Actor, *, status: str = "") -> list[EmergencyCollection]:
    """The first five hundred of them, for the page."""
    return list(emergencies_for(actor, status=status)[:500])


def get_emergency_for(
    actor: Actor, emergency_id: UUID, *, to_end: bool = False, lock: bool = False
) -> EmergencyCollection:
    """One the actor may see; `to_end`: and may end. Raises NotFound, NotAllowed."""
    rows = EmergencyCollection.objects.select_related("department__division")
    if lock:
        rows = rows.select_for_update(of=("self",))
    seen = EmergencyCollection.objects.all().visible_to(actor).filter(pk=emergency_id).values("pk")
    row = rows.filter(pk__in=seen).first()
    if row is None:
        raise NotFound("应急采集")
    if to_end:
        demand_over(actor, row.department_id, row.department.division_id)
    return row


def demand_over(actor: Actor, department_id: UUID, division: str) -> None:
    """The department's head, or the bureau over its division."""
    if not actor.may(P.CATALOG_ENTRY_SIGN, department_id=department_id):
        actor.demand(P.CATALOG_ENTRY_REVIEW, division=division)


def is_late(row: EmergencyCollection, on: date) -> bool:
    """It should have ended."""
    return row.status == EmergencyStatus.RUNNING and row.until_on < on
