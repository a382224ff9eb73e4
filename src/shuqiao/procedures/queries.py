"""Reads of inboxes, clocks, notices and histories, always for an actor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from shuqiao.accounts.types import DIVISION_ROLES, Actor, P
from shuqiao.kernel import NotFound
from shuqiao.procedures.models import Event, EventSeal, InboxItem, Notice, NoticeRead, Term
from shuqiao.procedures.types import CaseKind, CaseRef, E


def _mine(actor: Actor) -> Q:
    """Lines addressed to a department of the actor's, needing a permission the actor holds there."""
    mine = Q(pk__in=[])
    for post in actor.posts:
        held = [permission.value for permission in post.permissions]
        mine |= Q(department_id=post.department_id, permission__in=held)
    return mine


def list_inbox_for(
    actor: Actor,
    *,
    only_late_on: date | None = None,
    kind: str = "",
    department: UUID | None = None,
    words: str = "",
) -> QuerySet[InboxItem]:
    """What the actor has to do, the most urgent first; paused and clockless lines last.

    `kind` (a CaseKind), `department` and `words` (in title, number or detail) narrow it; an unknown kind finds nothing.
    """
    chosen = Q(case_kind=kind) if kind else Q()
    chosen &= Q(department=department) if department else Q()
    for word in words.split():
        chosen &= Q(case_title__icontains=word) | Q(case_number__icontains=word) | Q(detail__icontains=word)
    items = (
        InboxItem.objects.filter(_mine(actor), chosen, done_at=None)
        .select_related("term", "department")
        .order_by(F("paused").asc(nulls_last=True), F("due_on").asc(nulls_last=True), "opened_at")
    )
    if only_late_on:
        items = items.filter(due_on__lt=only_late_on, paused=False)
    return items


def list_done_for(actor: Actor) -> QuerySet[InboxItem]:
    """What has been done on the lines the actor could act on, newest first."""
    return (
        InboxItem.objects.filter(_mine(actor))
        .exclude(done_at=None)
        .select_related("term", "department")
        .order_by("-done_at")
    )


def inbox_counts_for(actor: Actor, *, on: date) -> dict[str, int]:
    """How many lines wait and how many of them are late. One query."""
    return InboxItem.objects.filter(_mine(actor), done_at=None).aggregate(
        open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on, paused=False))
    )


def inbox_kinds_for(actor: Actor, *, on: date) -> list[tuple[str, int, int]]:
    """Which kinds of case wait for the actor, how many of each, and how many of these are late. One query."""
    rows = InboxItem.objects.filter(_mine(actor), done_at=None).values("case_kind")
    counted = rows.annotate(lines=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on, paused=False)))
    return [(row["case_kind"], row["lines"], row["late"]) for row in counted.order_by("case_kind")]


def list_overdue_for(actor: Actor, *, on: date) -> QuerySet[Term]:
    """Open terms past their day, in the divisions the actor supervises (Yingkou 36, 37; Decree 38)."""
    return (
        Term.objects.filter(
            closed_on=None,
            paused=False,
            due_on__lt=on,
            division__in=actor.divisions_with(P.PROCEDURES_SUPERVISE),
        )
        .select_related("department")
        .order_by("due_on")
    )


def get_term_for(actor: Actor, term_id: UUID, permission: P) -> Term:
    """A term of the actor's departments or of divisions the actor covers. Not visible: NotFound; visible without
    `permission`: NotAllowed. What it is about is said to neither."""
    term = Term.objects.select_related("department").filter(id=term_id).first()
    if term is None or not any(
        post.department_id == term.department_id or term.division_id in post.divisions for post in actor.posts
    ):
        raise NotFound("期限")
    actor.demand(permission, department_id=term.department_id, division=term.division_id)
    return term


def terms_of(case: CaseRef) -> list[Term]:
    """All clocks a case has had, oldest first."""
    return list(
        Term.objects.filter(case_kind=case.kind, case_id=case.id).select_related("department").order_by("id")
    )


def open_term_of(case: CaseRef) -> Term | None:
    """The clock that runs on a case now."""
    return (
        Term.objects.filter(case_kind=case.kind, case_id=case.id, closed_on=None)
        .select_related("department")
        .order_by("-id")
        .first()
    )


def history_of(case: CaseRef) -> list[Event]:
    """Everything that happened to a case, oldest first. The caller has checked that the actor may see the case."""
    return list(Event.objects.filter(case_kind=case.kind, case_id=case.id).order_by("id"))


def histories_of(cases: Sequence[CaseRef]) -> list[Event]:
    """Everything that happened to several cases, e.g. a request and the grant it led to."""
    wanted = Q(pk__in=[])
    for case in cases:
        wanted |= Q(case_kind=case.kind, case_id=case.id)
    return list(Event.objects.filter(wanted).order_by("id"))


READ_BY = {
    CaseKind.CATALOG_REVISION: P.CATALOG_ENTRY_READ,
    CaseKind.RESOURCE_VERSION: P.RESOURCES_RESOURCE_READ,
    CaseKind.SHARING_REQUEST: P.SHARING_REQUEST_READ,
    CaseKind.GRANT: P.DELIVERY_GRANT_READ,
    CaseKind.DEPARTMENT: P.ORGANIZATIONS_FILING_READ,
    CaseKind.THEME_CATALOGUE: P.CATALOG_ENTRY_READ,
    CaseKind.UPDATE_DUTY: P.CATALOG_ENTRY_READ,
    CaseKind.CAMPAIGN: P.CATALOG_ENTRY_READ,
    CaseKind.JOINT_REQUEST: P.SHARING_REQUEST_READ,
    CaseKind.OUTSIDE_REQUEST: P.SHARING_OUTSIDE_READ,
    CaseKind.RETURN_FLOW: P.SHARING_REQUEST_READ,
    CaseKind.EMERGENCY_SHARING: P.DELIVERY_GRANT_READ,
    CaseKind.USE: P.DELIVERY_GRANT_READ,
    CaseKind.VERIFICATION: P.SHARING_VERIFICATION_READ,
    CaseKind.DISPUTE: P.SHARING_DISPUTE_READ,
    CaseKind.DEMAND: P.SHARING_DEMAND_READ,
    CaseKind.OPENING_REVIEW: P.OPENING_CASE_READ,
    CaseKind.OPEN_APPLICATION: P.OPENING_CASE_READ,
    CaseKind.FEEDBACK: P.OPENING_CASE_READ,
    CaseKind.WORK: P.OPENING_CASE_READ,
    CaseKind.CALENDAR: P.PROCEDURES_CALENDAR,
    CaseKind.SUBSTITUTION: P.CATALOG_ENTRY_READ,
    CaseKind.SYNONYMS: P.CATALOG_ENTRY_REVIEW,
    CaseKind.CLASSIFICATION: P.CATALOG_ENTRY_REVIEW,
}


def _told(actor: Actor) -> Q:
    """Notices to a department of the actor's, on kinds of case that the actor may read there: a notice whose page
    would answer 404 is for somebody else in the department."""
    told = Q(pk__in=[])
    for post in actor.posts:
        kinds = [kind.value for kind, permission in READ_BY.items() if permission in post.permissions]
        told |= Q(department_id=post.department_id, case_kind__in=kinds)
    return told


def list_notices_for(actor: Actor) -> QuerySet[Notice]:
    """Notices to the actor's departments on what the actor may read, newest first."""
    return Notice.objects.filter(_told(actor)).select_related("department")


def unread_notices_for(actor: Actor) -> int:
    """How many notices came after the actor last looked."""
    if actor.user_id is None:
        return 0
    looked = NoticeRead.objects.filter(user=actor.user_id, until__gte=OuterRef("at"))
    return Notice.objects.filter(_told(actor)).exclude(Exists(looked)).count()


def supervises(actor: Actor) -> bool:
    """Whether the actor has a supervising post anywhere."""
    return any(
        post.role in DIVISION_ROLES and P.PROCEDURES_SUPERVISE in post.permissions for post in actor.posts
    )


def receipts_of(events: Sequence[Event]) -> dict[int, str]:
    """The receipt of each event that is already in the evidence log. One query."""
    ids = [event.id for event in events]
    return dict(EventSeal.objects.filter(event_id__in=ids).values_list("event_id", "receipt"))


def event_mark(types: Sequence[E]) -> str:
    """A text that changes whenever an event of these types is written: how an upper app notices steps below it.

    The count is part of it, because on PostgreSQL a smaller id may be committed after a larger one.
    """
    seen = Event.objects.filter(type__in=types).aggregate(count=Count("pk"), last=Max("pk"))
    return f"{seen['count']}:{seen['last'] or 0}"


def open_terms_of_many(kind: CaseKind, case_ids: Collection[UUID]) -> dict[UUID, Term]:
    """The clock that runs on each of these cases, by case id. One query."""
    terms = Term.objects.filter(case_kind=kind, case_id__in=case_ids, closed_on=None).order_by("id")
    return {term.case_id: term for term in terms}
