"""Reads of the quarter's maintenance, always for an actor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.models import Campaign, CampaignEntry
from shuqiao.catalog.searching import words_of
from shuqiao.catalog.types import CampaignStatus, Confirmation
from shuqiao.kernel import NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Division


def visible_to(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns in which the actor's departments have entries, and those of divisions the actor covers."""
    campaigns = Campaign.objects.select_related("division")
    if actor.is_platform:
        return campaigns
    mine = CampaignEntry.objects.filter(department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
    return campaigns.filter(
        Q(division__in=actor.divisions_with(P.CATALOG_ENTRY_READ)) | Q(pk__in=mine.values("campaign"))
    )


def list_campaigns_for(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns the actor may see, newest first, with counts over the entries the actor may see in them."""
    seen = Q()
    watched = actor.divisions_with(P.CATALOG_ENTRY_READ)
    if not actor.is_platform:
        seen = Q(division__in=watched) | Q(
            entries__department__in=actor.departments_with(P.CATALOG_ENTRY_READ)
        )
    return (
        visible_to(actor)
        .annotate(
            all_entries=Count("entries", filter=seen or None),
            pending_entries=Count("entries", filter=seen & Q(entries__outcome=Confirmation.PENDING)),
        )
        .order_by("-quarter", "division")
    )


def get_campaign_for(
    actor: Actor, campaign_id: UUID, permission: P | None = None, *, lock: bool = False
) -> Campaign:
    """A campaign the actor may see. Not visible: NotFound. Visible without `permission` over its division:
    NotAllowed."""
    campaigns = Campaign.objects.select_related("division")
    if lock:
        campaigns = campaigns.select_for_update(of=("self",))
    campaign = campaigns.filter(pk__in=visible_to(actor).filter(pk=campaign_id).values("pk")).first()
    if campaign is None:
        raise NotFound("季度维护")
    if permission:
        actor.demand(permission, division=campaign.division_id)
    return campaign


def watches(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor sees every department of it."""
    return actor.is_platform or campaign.division_id in actor.divisions_with(P.CATALOG_ENTRY_READ)


def entries_for(
    actor: Actor, campaign: Campaign, *, words: str = "", outcome: str = "", department: UUID | None = None
) -> QuerySet[CampaignEntry]:
    """Entries of a campaign that the actor may see, narrowed; the undecided first."""
    rows = campaign.entries.select_related("entry__published", "department", "by")
    if not watches(actor, campaign):
        rows = rows.filter(department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
    if department:
        rows = rows.filter(department=department)
    if outcome in Confirmation.values:
        rows = rows.filter(outcome=outcome)
    for word in words_of(words):
        rows = rows.filter(Q(entry__published__search_text__contains=word) | Q(entry__code__istartswith=word))
    return rows.order_by("department__name", "entry__published__title", "id")


def by_department(campaign: Campaign) -> list[dict[str, Any]]:
    """Each department with its counts, those with most left first. One query."""
    rows = (
        campaign.entries.values("department", "department__name")
        .annotate(
            total=Count("pk"),
            pending=Count("pk", filter=Q(outcome=Confirmation.PENDING)),
            unchanged=Count("pk", filter=Q(outcome=Confirmation.UNCHANGED)),
            changed=Count("pk", filter=Q(outcome=Confirmation.CHANGED)),
        )
        .order_by("-pending", "department__name")
    )
    return [
        {"id": row["department"], "name": row["department__name"]}
        | {key: row[key] for key in ("total", "pending", "unchanged", "changed")}
        for row in rows
    ]


def totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """The sums over departments, and how many of them are done."""
    sums = {key: sum(row[key] for row in rows) for key in ("total", "pending", "unchanged", "changed")}
    return sums | {"departments": len(rows), "departments_left": sum(row["pending"] > 0 for row in rows)}


def divisions_to_open(actor: Actor) -> list[Division]:
    """Divisions for which the actor may open a campaign."""
    return list(organizations.list_divisions().filter(code__in=actor.divisions_with(P.CATALOG_ENTRY_REVIEW)))


def actions_for(actor: Actor, campaign: Campaign) -> frozenset[str]:
    """What the actor can do next: confirm (own entries), remind, close."""
    if campaign.status != CampaignStatus.RUNNING:
        return frozenset()
    found = set()
    if _confirming(actor):
        found.add("confirm")
    if actor.may(P.CATALOG_ENTRY_REVIEW, division=campaign.division_id):
        found |= {"remind", "close"}
    return frozenset(found)


def _confirming(actor: Actor) -> frozenset[UUID]:
    return actor.departments_with(P.CATALOG_ENTRY_EDIT) | actor.departments_with(P.CATALOG_ENTRY_SIGN)


def confirmable(actor: Actor, campaign: Campaign) -> QuerySet[CampaignEntry]:
    """Undecided entries of the departments for which the actor may confirm."""
    return campaign.entries.filter(outcome=Confirmation.PENDING, department__in=_confirming(actor))
