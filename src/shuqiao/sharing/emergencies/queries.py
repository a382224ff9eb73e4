"""Reads of emergencies, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries as delivery
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.sharing.emergencies.types import EmergencyStatus, Sharing, SharingFacts
from shuqiao.sharing.models import EmergencyShare, SharingEmergency
from shuqiao.sharing.offers import Listing

if TYPE_CHECKING:
    from shuqiao.sharing.models.emergencies import EmergencyQuerySet

DECLARE, READ = P.SHARING_EMERGENCY_DECLARE, P.DELIVERY_GRANT_READ


def _rows() -> EmergencyQuerySet:
    return SharingEmergency.objects.all()


def list_emergencies_for(actor: Actor, *, status: str = "") -> EmergencyQuerySet:
    """Emergencies the actor may see, newest first, with the number of what was opened."""
    rows = _rows().visible_to(actor).select_related("division", "bureau").annotate(opened=Count("shares"))
    rows = rows.order_by("-declared_on", "-number")
    return rows.filter(status=status) if status else rows


def get_emergency_for(
    actor: Actor, emergency_id: UUID, permission: P = READ, *, lock: bool = False
) -> SharingEmergency:
    """An emergency by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _rows().visible_to(actor).select_related("division", "bureau")
    if lock:
        rows = rows.select_for_update(of=("self",))
    emergency = rows.filter(id=emergency_id).first()
    if emergency is None:
        raise NotFound("应急共享")
    if permission == DECLARE and not actor.may(DECLARE, division=emergency.division_id):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return emergency


def regime_for(emergency: SharingEmergency, on: date) -> law.Regime:
    """The regime of the division that declared it."""
    return organizations.regime_of(emergency.division_id, on)


def shares_of(emergency: SharingEmergency, actor: Actor) -> list[EmergencyShare]:
    """What was opened, as far as the actor may see it: the bureau everything, a department what concerns it."""
    rows = emergency.shares.select_related("grant", "department__division", "provider", "resource")
    if actor.is_platform or actor.may(READ, division=emergency.division_id):
        return list(rows)
    mine = actor.departments_with(READ)
    return [one for one in rows if {one.department_id, one.provider_id} & mine]


def facts_of(emergency: SharingEmergency, sharing: Sharing, listing: Listing, on: date) -> SharingFacts:
    """What is to be opened, as the rules see it."""
    departments = [organizations.get_department(one) for one in sharing.departments]
    there = set(emergency.shares.filter(resource=listing.resource_id).values_list("department_id", flat=True))
    return SharingFacts(
        offer=listing.offer(),
        scope=sharing.scope,
        purpose=sharing.purpose,
        running=emergency.status == EmergencyStatus.RUNNING and on <= emergency.until,
        departments=len(departments),
        outside=tuple(one.name for one in departments if one.division_id not in emergency.divisions),
        again=tuple(one.name for one in departments if one.id in there),
    )


def accounts_of(emergency: SharingEmergency, on: date) -> list[dict[str, Any]]:
    """Every grant of an emergency with its state and how often it was read from its first day to `on`, however long the
    emergency was and the review took, from the evidence."""
    shares = emergency.shares.select_related("grant", "department", "provider")
    return [_account(share, on) for share in shares]


def _account(share: EmergencyShare, on: date) -> dict[str, Any]:
    use = delivery.use_between(share.grant, share.opened_on, on)
    return {
        "grant": share.grant.number,
        "title": share.grant.title,
        "department": share.department.name,
        "provider": share.provider.name,
        "items": [one["name"] for one in share.grant.columns],
        "opened_on": share.opened_on.isoformat(),
        "state": share.grant.get_state_display(),
        "reads": use.reads,
        "rows": use.rows,
        "refusals": use.refusals,
    }
