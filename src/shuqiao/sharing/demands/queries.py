"""Reads of demands, always for an actor, and what the catalogue already has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.sharing.demands.types import OPEN_DEMANDS, DemandStatus, Found, Wanted
from shuqiao.sharing.models import Demand, DemandSupporter
from shuqiao.sharing.models.demands import DemandQuerySet

FOUND_MOST = 8


def _demands() -> DemandQuerySet:
    return DemandQuerySet(Demand).select_related(
        "department", "division", "assigned_to", "returned_by", "entry__published", "merged_into"
    )


def list_demands_for(actor: Actor, filters: Mapping[str, str] | None = None, *, on: date) -> DemandQuerySet:
    """Demands the actor may see, newest first, with the number of other departments that need the same. Filters:
    which (ours, to_us, to_assign, late, supported), status (or open), q (words of title, items or number)."""
    given = filters or {}
    rows = _demands().visible_to(actor).annotate(also=Count("supporters"))
    own = actor.departments_with(P.SHARING_DEMAND_READ)
    narrowed = {
        "ours": Q(department__in=own),
        "to_us": Q(assigned_to__in=own),
        "to_assign": Q(
            status=DemandStatus.POSTED, division__in=actor.divisions_with(P.SHARING_DEMAND_ASSIGN)
        ),
        "late": Q(status=DemandStatus.ACCEPTED, promised_on__lt=on),
    }
    if given.get("which") in narrowed:
        rows = rows.filter(narrowed[given["which"]])
    elif given.get("which") == "supported":
        mine = DemandSupporter.objects.filter(demand=OuterRef("pk"), department__in=own)
        rows = rows.filter(Exists(mine))
    if given.get("status") == "open":
        rows = rows.filter(status__in=OPEN_DEMANDS)
    elif given.get("status") in set(DemandStatus.values):
        rows = rows.filter(status=given["status"])
    if words := given.get("q", "").replace("\0", "").strip()[:100]:
        rows = rows.filter(
            Q(title__icontains=words) | Q(purpose__icontains=words) | Q(number__icontains=words)
        )
    return rows.order_by("-posted_on", "-number")


def get_demand_for(actor: Actor, demand_id: UUID, permission: P, *, lock: bool = False) -> Demand:
    """A demand by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _demands().visible_to(actor).filter(id=demand_id)
    if lock:
        rows = rows.select_for_update(of=("self",))
    demand = rows.first()
    if demand is None:
        raise NotFound("数据需求")
    if permission != P.SHARING_DEMAND_READ and not may_on(actor, demand, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return demand


def may_on(actor: Actor, demand: Demand, permission: P) -> bool:
    """Whether the actor holds the permission over this demand, on the side to which it belongs."""
    if permission == P.SHARING_DEMAND_ASSIGN:
        return actor.may(permission, division=demand.division_id)
    if permission == P.SHARING_DEMAND_POST:
        if demand.department_id is None:
            return actor.may(P.SHARING_DEMAND_ASSIGN, division=demand.division_id)
        return actor.may(permission, department_id=demand.department_id)
    if permission in {P.SHARING_DEMAND_ANSWER, P.CATALOG_ENTRY_EDIT}:
        return demand.assigned_to_id is not None and actor.may(
            permission, department_id=demand.assigned_to_id
        )
    return actor.may(permission)


def get_public_demand(number: str, code: str) -> Demand | None:
    """A demand of the public by number and code; None when the two do not belong together."""
    if not code:
        return None
    return _demands().filter(number=number.strip(), code=code.strip(), department=None).first()


def regime_for(demand: Demand, on: date) -> law.Regime:
    """The regime a demand is answered under."""
    return organizations.regime_of(demand.division_id, on)


def already_there(actor: Actor, division: str, wanted: Wanted) -> tuple[Found, ...]:
    """What the catalogue has of this: entries that carry wanted items under the very name, those with the most first,
    then entries that a search for the title finds."""
    carried: dict[str, tuple[Any, set[str]]] = {}
    names = [item.strip() for item in wanted.items if item.strip()]
    for line in catalog.holdings_of(division, names, alike=False):
        carried.setdefault(str(line.entry.pk), (line.entry, set()))[1].add(line.wanted)
    found = [_found(entry, tuple(sorted(items))) for entry, items in carried.values() if entry.published]
    found.sort(key=lambda one: (-len(one.items), one.title))
    if words := wanted.title.replace("\0", "").strip()[:100]:
        for entry in catalog.list_entries_for(actor, EntryFilters(words=words))[:FOUND_MOST]:
            if entry.published and str(entry.pk) not in carried:
                published = entry.published
                found.append(
                    Found(str(entry.pk), published.title, entry.department.name, published.sharing_type)
                )
    return tuple(found[:FOUND_MOST])


def _found(entry: Any, items: tuple[str, ...] = ()) -> Found:
    """A published entry of the catalogue, which is read-only here, as the rules see it."""
    published = entry.published
    return Found(str(entry.pk), published.title, entry.department.name, published.sharing_type, items)


def open_namesake(department_id: UUID, title: str) -> str:
    """The number of the department's own open demand of this title; empty when there is none."""
    same = Demand.objects.filter(department=department_id, title=title.strip()[:200], status__in=OPEN_DEMANDS)
    return same.values_list("number", flat=True).first() or ""


def entry_in_force(entry_id: UUID) -> bool:
    """Whether an entry is published now."""
    return entry_id in catalog.facts_of_many([entry_id])


def supporters_of(demand: Demand) -> list[DemandSupporter]:
    """Departments that need the same, in the order they joined."""
    return list(demand.supporters.select_related("department", "came_from"))


def candidates(demand: Demand) -> list[Demand]:
    """Open demands of the division that this one may be a duplicate of, those of like title first."""
    rows = _demands().filter(division=demand.division_id, status__in=OPEN_DEMANDS).exclude(id=demand.id)[:200]
    words = {demand.title[i : i + 2] for i in range(max(1, len(demand.title) - 1))}
    return sorted(rows, key=lambda row: -sum(word in row.title for word in words))[:50]


def entries_of(demand: Demand) -> list[tuple[str, str]]:
    """Entries of the responsible department that a demand can be linked with, drafts among them."""
    if demand.assigned_to_id is None:
        return []
    return catalog.entry_titles_of(demand.assigned_to_id)


def statistics_for(actor: Actor, *, on: date) -> dict[str, Any]:
    """Of the divisions the actor assigns for: demands by state, how long an end took, promises kept and late."""
    divisions = actor.divisions_with(P.SHARING_DEMAND_ASSIGN)
    rows = Demand.objects.all() if actor is PLATFORM else Demand.objects.filter(division__in=divisions)
    took = ExpressionWrapper(F("closed_on") - F("posted_on"), output_field=DurationField())
    counts = dict(rows.values_list("status").annotate(Count("pk")).order_by())
    sums = rows.aggregate(
        days=Avg(took, filter=Q(status__in=[DemandStatus.MET, DemandStatus.REFUSED])),
        late=Count("pk", filter=Q(status=DemandStatus.ACCEPTED, promised_on__lt=on)),
        promised=Count("pk", filter=Q(promised_on__isnull=False)),
        kept=Count(
            "pk",
            filter=Q(status=DemandStatus.MET, promised_on__isnull=False, closed_on__lte=F("promised_on")),
        ),
    )
    return {
        "counts": [(status.label, counts.get(status.value, 0)) for status in DemandStatus],
        "all": sum(counts.values()),
        "days": sums["days"].days if sums["days"] is not None else None,
        "late": sums["late"],
        "promised": sums["promised"],
        "kept": sums["kept"],
    }
