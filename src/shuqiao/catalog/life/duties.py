"""Reads of update duties, always for an actor."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.life.rules import DutyFacts
from shuqiao.catalog.models import DutyEntry, Entry, UpdateDuty
from shuqiao.catalog.types import Confirmation, DutyStatus
from shuqiao.kernel import NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseKind

RUNNING = (DutyStatus.OPEN, DutyStatus.REPORTED)


def visible_to(actor: Actor) -> QuerySet[UpdateDuty]:
    """Duties of the actor's departments, and of the divisions the actor covers."""
    duties = UpdateDuty.objects.select_related("department__division")
    if actor.is_platform:
        return duties
    return duties.filter(
        Q(department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
        | Q(department__division__in=actor.divisions_with(P.CATALOG_ENTRY_READ))
    )


def list_duties_for(actor: Actor, status: DutyStatus | None = None) -> QuerySet[UpdateDuty]:
    """Duties the actor may see, with counts of their entries; newest change first."""
    duties = (
        visible_to(actor)
        .annotate(
            all_entries=Count("entries"),
            pending_entries=Count("entries", filter=Q(entries__outcome=Confirmation.PENDING)),
        )
        .order_by("-changed_on", "-id")
    )
    return duties.filter(status=status) if status else duties


def list_overdue_for(actor: Actor, on: date) -> QuerySet[UpdateDuty]:
    """Open duties whose term has passed without a report (Decree 17, Yingkou 15)."""
    late = Term.objects.filter(
        case_kind=CaseKind.UPDATE_DUTY, closed_on=None, paused=False, due_on__lt=on
    ).values("case_id")
    return list_duties_for(actor, DutyStatus.OPEN).filter(pk__in=late)


def get_duty_for(
    actor: Actor, duty_id: UUID, permission: P | None = None, *, lock: bool = False
) -> UpdateDuty:
    """A duty the actor may see. Not visible: NotFound. Visible without `permission`: NotAllowed."""
    duties = visible_to(actor)
    if lock:
        duties = duties.select_for_update(of=("self",))
    duty = duties.filter(pk=duty_id).first()
    if duty is None:
        raise NotFound("更新义务")
    if permission:
        actor.demand(permission, department_id=duty.department_id, division=duty.department.division_id)
    return duty


def entries_of(duty: UpdateDuty) -> list[DutyEntry]:
    """What a duty touches, the undecided first."""
    rows = duty.entries.select_related("entry__published", "entry__department", "revision_before")
    order = {Confirmation.PENDING: 0, Confirmation.CHANGED: 1, Confirmation.UNCHANGED: 2}
    return sorted(rows, key=lambda row: (order[Confirmation(row.outcome)], str(row.entry)))


def facts_of(duty: UpdateDuty, report: str = "") -> DutyFacts:
    """What the rules look at."""
    rows = entries_of(duty)
    return DutyFacts(
        pending=[title_of(row) for row in rows if row.outcome == Confirmation.PENDING],
        unpublished=[
            title_of(row)
            for row in rows
            if row.outcome == Confirmation.CHANGED
            and row.entry.published_id is not None
            and row.entry.published_id == row.revision_before_id
        ],
        report=report,
        entries=len(rows),
    )


def title_of(row: DutyEntry) -> str:
    """What the entry of a row is called, or was."""
    revision = row.entry.published or row.revision_before
    return revision.title if revision else str(row.entry)


def clocks_of(duties: list[UpdateDuty]) -> dict[UUID, Term]:
    """The running clock of each duty, by id. One query."""
    return procedures.open_terms_of_many(CaseKind.UPDATE_DUTY, [duty.id for duty in duties])


def departments_to_charge(actor: Actor) -> list[Department]:
    """Departments for which the actor may record a change: own ones, or all of the divisions reviewed."""
    mine = actor.departments_with(P.CATALOG_ENTRY_EDIT) | actor.departments_with(P.CATALOG_ENTRY_SIGN)
    return list(
        organizations.list_departments().filter(
            Q(pk__in=mine) | Q(division__in=actor.divisions_with(P.CATALOG_ENTRY_REVIEW))
        )
    )


def entries_to_charge(departments: list[Department], words: str, limit: int = 200) -> list[Entry]:
    """Entries in force of these departments, to be chosen as touched by a change."""
    found = (
        Entry.objects.published().filter(department__in=departments).select_related("published", "department")
    )
    for word in words.split()[:8]:
        found = found.filter(Q(published__search_text__contains=word.lower()) | Q(code__istartswith=word))
    return list(found.order_by("department__name", "published__title")[:limit])


def actions_for(actor: Actor, duty: UpdateDuty) -> frozenset[str]:
    """What the actor can do next: work (mark and report), ask, answer (an extension), decide, cancel."""
    found = set()
    reviews = actor.may(P.CATALOG_ENTRY_REVIEW, division=duty.department.division_id)
    works = any(
        actor.may(permission, department_id=duty.department_id)
        for permission in (P.CATALOG_ENTRY_EDIT, P.CATALOG_ENTRY_SIGN)
    )
    asked = duty.extension_asked_on is not None
    if duty.status == DutyStatus.OPEN:
        found |= {"work"} if works else set()
        found |= {"ask"} if works and not asked else set()
        found |= {"answer"} if reviews and waits_for_consent(duty) else set()
    if duty.status == DutyStatus.REPORTED and reviews:
        found.add("decide")
    if duty.status == DutyStatus.OPEN and reviews:
        found.add("cancel")
    return frozenset(found)


def waits_for_consent(duty: UpdateDuty) -> bool:
    """An extension has been asked for and not been answered."""
    return duty.status == DutyStatus.OPEN and duty.extension_asked_on is not None and not duty.answer
