"""Reads of what the public said: for officers, for its author, and for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Avg, Count

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.opening.feedback.types import STEPS, Edition, FeedbackKind, FeedbackStatus, Step, steps_from
from shuqiao.opening.models import Feedback, FeedbackQuerySet, Rating
from shuqiao.resources import queries as resources

SHOWN_ON_ENTRY = 20


@dataclass(frozen=True, slots=True)
class Voices:
    """What everybody may read on an entry's page."""

    stars: float
    ratings: int
    answered: list[Feedback]
    comments: list[Feedback]
    corrections: list[Feedback]


def list_feedback_for(actor: Actor, *, kind: str = "", status: str = "") -> FeedbackQuerySet:
    """What the public said that the actor may see, newest first."""
    rows: FeedbackQuerySet = Feedback.objects.all().visible_to(actor)
    if kind in FeedbackKind.values:
        rows = rows.filter(kind=kind)
    if status in FeedbackStatus.values:
        rows = rows.filter(status=status)
    return rows.select_related("department", "division")


def get_feedback_for(actor: Actor, feedback_id: UUID, *, lock: bool = False) -> Feedback:
    """One thing said that the actor may see. Raises NotFound."""
    seen = Feedback.objects.all().visible_to(actor).filter(pk=feedback_id).values("pk")
    rows = Feedback.objects.select_related("department", "division", "party")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk__in=seen).first()
    if found is None:
        raise NotFound("公众意见")
    return found


def may_take(actor: Actor, feedback: Feedback, step: Step) -> bool:
    """Whether this actor may take a step that the state allows."""
    if actor.is_platform:
        return True
    if step.permission is None:
        return bool(actor.party_id) and actor.party_id == feedback.party_id
    return actor.may(step.permission, department_id=feedback.department_id, division=feedback.division_id)


def steps_for(actor: Actor, feedback: Feedback) -> tuple[Step, ...]:
    """What this actor may do next: read off the table that enforces it."""
    possible = steps_from(FeedbackKind(feedback.kind), FeedbackStatus(feedback.status))
    return tuple(step for step in possible if may_take(actor, feedback, step))


def all_steps(kind: FeedbackKind) -> tuple[Step, ...]:
    """Every step there is on one kind."""
    return tuple(step for step in STEPS if step.kind == kind)


def demand_step(actor: Actor, feedback: Feedback, step: Step) -> None:
    """Raise NotAllowed unless `may_take`."""
    if not may_take(actor, feedback, step):
        permission = step.permission.value if step.permission else "opening:feedback:own"
        raise NotAllowed(permission, f"您没有“{step.label}”的权限")


def edition_of(entry_id: UUID | None) -> Edition:
    """Which edition of the entry and of its tables is public now."""
    if entry_id is None:
        return Edition(0, {})
    facts = catalog.facts_of_many([entry_id]).get(entry_id)
    tables = {str(one.id): one.version_number for one in resources.list_resources_of_entry(entry_id)}
    return Edition(facts.revision_number if facts else 0, tables)


def voices_of(entry_id: UUID) -> Voices:
    """What the public said of an entry, as far as it is shown. Four queries."""
    stars = Rating.objects.filter(entry=entry_id).aggregate(mean=Avg("stars"), count=Count("pk"))

    def shown(kind: FeedbackKind) -> list[Feedback]:
        rows: FeedbackQuerySet = Feedback.objects.all()
        return list(
            rows.shown().filter(entry=entry_id, kind=kind).select_related("department")[:SHOWN_ON_ENTRY]
        )

    return Voices(
        stars=round(stars["mean"] or 0.0, 1),
        ratings=stars["count"],
        answered=shown(FeedbackKind.QUESTION),
        comments=shown(FeedbackKind.COMMENT),
        corrections=shown(FeedbackKind.CORRECTION),
    )


def stars_of(actor: Actor, entry_id: UUID) -> int:
    """The stars this party gave; 0 for none."""
    if not actor.party_id:
        return 0
    given = (
        Rating.objects.filter(entry=entry_id, party=actor.party_id).values_list("stars", flat=True).first()
    )
    return given or 0
