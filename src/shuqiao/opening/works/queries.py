"""Reads of works: the gallery, one work, the works of an entry."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts, EntryFilters, OpeningType
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.opening.models import Work, WorkPicture, WorkQuerySet
from shuqiao.opening.works.types import STEPS, WorkStatus, WorkStep

OFFERED = 300
USABLE = (OpeningType.UNCONDITIONAL, OpeningType.CONDITIONAL)


def list_works_for(actor: Actor, *, status: str = "", words: str = "") -> WorkQuerySet:
    """Works the actor may see, the newest shown first. A visitor sees what is shown."""
    rows: WorkQuerySet = Work.objects.all().visible_to(actor)
    if status in WorkStatus.values:
        rows = rows.filter(status=status)
    if words.strip():
        rows = rows.filter(title__icontains=words.strip()[:100])
    return rows.select_related("division", "picture").defer("picture__content").prefetch_related("uses")


def get_work_for(actor: Actor, work_id: UUID, *, lock: bool = False) -> Work:
    """One work the actor may see. Raises NotFound."""
    seen = Work.objects.all().visible_to(actor).filter(pk=work_id).values("pk")
    rows = Work.objects.select_related("division", "party")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk__in=seen).first()
    if found is None:
        raise NotFound("应用成果")
    return found


def picture_of(actor: Actor, work_id: UUID) -> WorkPicture:
    """The screenshot of a work the actor may see. Raises NotFound."""
    work = get_work_for(actor, work_id)
    found = WorkPicture.objects.filter(work=work).first()
    if found is None:
        raise NotFound("截图")
    return found


def entries_of(work: Work) -> list[EntryFacts]:
    """The published entries a work uses. Entries withdrawn since are left out."""
    ids = list(work.uses.values_list("entry_id", flat=True))
    return sorted(catalog.facts_of_many(ids).values(), key=lambda facts: facts.title)


def titles_of(works: Collection[Work]) -> dict[UUID, str]:
    """Titles of the entries these works use, by entry id."""
    ids = {use.entry_id for work in works for use in work.uses.all()}
    return {facts.id: facts.title for facts in catalog.facts_of_many(ids).values()}


def works_of_entry(entry_id: UUID) -> list[Work]:
    """Shown works that use an entry, the newest first."""
    return list(Work.objects.filter(status=WorkStatus.PUBLISHED, uses__entry=entry_id)[:12])


def usable_entries(chosen: Collection[UUID] = ()) -> list[tuple[str, str]]:
    """Entries a work may name: what is open, on application or without. The newest, and what is chosen already."""
    rows = catalog.list_public_entries(EntryFilters(opening=USABLE))[:OFFERED]
    offered = {str(entry.pk): entry.published.title for entry in rows if entry.published}
    for facts in catalog.facts_of_many(chosen).values():
        if facts.opening_type in USABLE:
            offered.setdefault(str(facts.id), facts.title)
    return sorted(offered.items(), key=lambda pair: pair[1])


def may_take(actor: Actor, work: Work, step: WorkStep) -> bool:
    """Whether this actor may take a step that the state allows."""
    if actor.is_platform:
        return True
    if step.permission is None:
        return bool(actor.party_id) and actor.party_id == work.party_id
    return actor.may(step.permission, division=work.division_id)


def steps_for(actor: Actor, work: Work) -> tuple[WorkStep, ...]:
    """What this actor may do next: read off the table that enforces it."""
    return tuple(s for s in STEPS if s.source == work.status and may_take(actor, work, s))


def demand_step(actor: Actor, work: Work, step: WorkStep) -> None:
    """Raise NotAllowed unless `may_take`."""
    if not may_take(actor, work, step):
        permission = step.permission.value if step.permission else "opening:work:own"
        raise NotAllowed(permission, f"您没有“{step.label}”的权限")
