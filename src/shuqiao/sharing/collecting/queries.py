"""Reads of checks before collecting, always for an actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import NotFound
from shuqiao.sharing.collecting.types import AskedItem, Holding
from shuqiao.sharing.models import CollectionCheck
from shuqiao.sharing.models.collecting import CheckQuerySet


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Items as the rules see them, and the source department of each."""

    items: tuple[AskedItem, ...]
    sources: dict[str, dict[str, str]]


def look_up(division: str, names: Sequence[str], asking: UUID | None = None) -> LookedUp:
    """What the catalogue of a jurisdiction holds of these items today, with the named source departments. `asking`: the
    department that wants them, whose own items are told first."""
    held: dict[str, list[Holding]] = {name: [] for name in names}
    for line in catalog.holdings_of(division, names, asking=asking):
        entry = line.entry
        held[line.wanted].append(
            Holding(
                entry=str(entry.pk),
                code=entry.code or "",
                title=entry.published.title if entry.published else "",
                department=entry.department.name,
                department_id=str(entry.department_id),
                item=line.item,
                sharing_type=line.sharing_type,
                exact=line.exact,
            )
        )
    named = catalog.sources_of_items(division, names)
    sources = {
        name: {"department": row.department.name, "id": str(row.department_id), "on": str(row.on)}
        for name in names
        if (row := named.get(catalog.datum_of(name)))
    }
    asked = (
        AskedItem(name, tuple(found), sources.get(name, {}).get("department", ""))
        for name, found in held.items()
    )
    return LookedUp(tuple(asked), sources)


def list_checks_for(actor: Actor, *, status: str = "", words: str = "") -> CheckQuerySet:
    """Checks the actor may see, newest first."""
    rows: CheckQuerySet = CollectionCheck.objects.all().visible_to(actor)
    if status:
        rows = rows.filter(status=status)
    if words.strip():
        rows = rows.filter(title__icontains=words.strip())
    return rows.select_related("department", "division").order_by("-asked_on", "-number")


def get_check_for(
    actor: Actor, check_id: UUID, permission: P | None = None, *, lock: bool = False
) -> CollectionCheck:
    """One check the actor may see. Raises NotFound, NotAllowed."""
    rows = CollectionCheck.objects.select_related("department", "division")
    if lock:
        rows = rows.select_for_update(of=("self",))
    seen = CollectionCheck.objects.all().visible_to(actor).filter(pk=check_id).values("pk")
    check = rows.filter(pk__in=seen).first()
    if check is None:
        raise NotFound("采集前查询")
    if permission:
        actor.demand(permission, department_id=check.department_id)
    return check
