"""The bureau's watch over every clock: what is overdue or near, reminders, and how many answers came in time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import InvalidInput
from shuqiao.procedures import services, workdays
from shuqiao.procedures.models import Event, Term
from shuqiao.procedures.types import E

NEAR_DAYS = 2
REMINDED_AT_ONCE = 200
MOST_GROUPS = 10_000
State = Literal["overdue", "today", "near", "open"]
Dimension = Literal["department", "kind", "month"]
DIMENSIONS: tuple[Dimension, ...] = ("department", "kind", "month")


@dataclass(frozen=True, slots=True)
class Watch:
    """What the bureau looks at; empty fields do not narrow."""

    state: State = "overdue"
    department: UUID | None = None
    kind: str = ""


def _chosen(watch: Watch) -> Q:
    chosen = Q(department=watch.department) if watch.department else Q()
    return chosen & Q(case_kind=watch.kind) if watch.kind else chosen


def _of_state(state: State, on: date) -> Q:
    """Paused terms are nobody's delay and stand only under "open"."""
    if state == "overdue":
        return Q(paused=False, due_on__lt=on)
    if state == "today":
        return Q(paused=False, due_on=on)
    if state == "near":
        return Q(paused=False, due_on__gte=on, due_on__lte=workdays.current().due_on(on, NEAR_DAYS).on)
    return Q()


def list_terms_for(actor: Actor, watch: Watch, *, on: date) -> QuerySet[Term]:
    """Open terms in the divisions the actor supervises, the oldest due day first (Yingkou 36, 37; Decree 38)."""
    return (
        Term.objects.filter(
            _of_state(watch.state, on),
            _chosen(watch),
            closed_on=None,
            division__in=actor.divisions_with(P.PROCEDURES_SUPERVISE),
        )
        .select_related("department")
        .order_by("due_on", "id")
    )


def reminders_of(terms: Collection[Term]) -> dict[UUID, int]:
    """How often the bureau has reminded of each case. One query."""
    cases = {term.case_id for term in terms}
    rows = Event.objects.filter(type=E.TERM_REMINDED, case_id__in=cases).values("case_id")
    return {row["case_id"]: row["times"] for row in rows.annotate(times=Count("pk"))}


@transaction.atomic
def remind_many(*, actor: Actor, term_ids: Collection[UUID], on: date) -> int:
    """The bureau reminds of several terms at once (催办): all of them, or none when one may not be reminded of.

    Each reminder is a notice and an event row of its own. Returns how many.
    """
    ids = list(dict.fromkeys(term_ids))
    if not ids:
        raise InvalidInput.one("期限", "请至少选一件")
    if len(ids) > REMINDED_AT_ONCE:
        raise InvalidInput.one("期限", f"一次最多催办 {REMINDED_AT_ONCE} 件")
    for term_id in ids:
        services.remind(actor=actor, term_id=term_id, on=on)
    return len(ids)


def statistics_for(
    actor: Actor, *, by: Collection[Dimension], since: date, until: date, on: date, watch: Watch
) -> list[dict[str, Any]]:
    """Terms opened from `since` to `until`, both counted, grouped: opened, answered in time and late, average working
    days of those answered, still open, overdue. One query; at most MOST_GROUPS rows, raises InvalidInput beyond."""
    if until < since or (until - since).days > 5 * 366:
        raise InvalidInput.one("时间", "起止不对，或者超过五年")
    names = {"department": "department__name", "kind": "case_kind", "month": "month"}
    groups = [names[dimension] for dimension in DIMENSIONS if dimension in by] or ["case_kind"]
    rows = (
        Term.objects.filter(
            _chosen(watch),
            division__in=actor.divisions_with(P.PROCEDURES_SUPERVISE),
            opened_on__gte=since,
            opened_on__lte=until,
        )
        .annotate(month=TruncMonth("opened_on"))
        .values(*groups)
        .annotate(
            opened=Count("pk"),
            in_time=Count("pk", filter=Q(closed_on__lte=F("due_on"))),
            late=Count("pk", filter=Q(closed_on__gt=F("due_on"))),
            days=Avg("days_spent"),
            still_open=Count("pk", filter=Q(closed_on=None)),
            overdue=Count("pk", filter=Q(closed_on=None, paused=False, due_on__lt=on)),
        )
        .order_by(*groups)
    )
    found = list(rows[: MOST_GROUPS + 1])
    if len(found) > MOST_GROUPS:
        raise InvalidInput.one("统计", f"超过 {MOST_GROUPS} 行，请缩小范围")
    return [row | {"rate": _rate(row)} for row in found]


def _rate(row: dict[str, Any]) -> float | None:
    """Answers in time per hundred answers; None without any."""
    answered = row["in_time"] + row["late"]
    return round(100 * row["in_time"] / answered, 1) if answered else None
