"""Reads of reviews, always for an actor; and what of them is public."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import OpeningType
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review.types import UNDER_WAY, ReviewedColumn, ReviewFacts, ReviewStatus
from shuqiao.organizations import queries as organizations
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ColumnShape

if TYPE_CHECKING:
    from shuqiao.catalog.models import Entry
    from shuqiao.opening.models.review import ReviewQuerySet


def _reviews() -> ReviewQuerySet:
    return OpeningReview.objects.all()


def list_reviews_for(actor: Actor, *, status: str = "", words: str = "") -> ReviewQuerySet:
    """Reviews the actor may see, newest first."""
    rows = _reviews().visible_to(actor).for_page()
    if status:
        rows = rows.filter(status=status)
    return rows.filter(title__icontains=words.strip()) if words.strip() else rows


def may_on(actor: Actor, review: OpeningReview, permission: P) -> bool:
    """Whether the actor holds the permission over this review."""
    return actor.may(permission, department_id=review.department_id, division=review.division_id)


def get_review_for(actor: Actor, review_id: UUID, permission: P, *, lock: bool = False) -> OpeningReview:
    """A review by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _reviews().visible_to(actor).for_page()
    if lock:
        rows = rows.select_for_update(of=("self",))
    review = rows.filter(id=review_id).first()
    if review is None:
        raise NotFound("开放审查")
    if not may_on(actor, review, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return review


def regime_for(review: OpeningReview, on: date) -> law.Regime:
    """The regime of the provider's division."""
    return organizations.regime_of(review.division_id, on)


def columns_now(resource_id: UUID) -> tuple[ReviewedColumn, ...]:
    """The columns of the version in force, nothing decided yet. Empty when nothing is published."""
    found = resources.published_shapes(resource_id)
    return tuple(_column(shape) for shape in found[1]) if found else ()


def _column(shape: ColumnShape) -> ReviewedColumn:
    return ReviewedColumn(shape.name, shape.type, shape.item, shape.personal, shape.opening_type)


def shapes_of(columns: Collection[ReviewedColumn]) -> tuple[ColumnShape, ...]:
    """The columns as the resource keeps them with what is open."""
    return tuple(ColumnShape(one.name, one.type, one.item, one.personal, one.opening_type) for one in columns)


def kind_now(entry_id: UUID) -> str:
    """How the entry opens now; an entry that has left the catalogue is closed."""
    entry = catalog.facts_of_many([entry_id]).get(entry_id)
    return entry.opening_type if entry else OpeningType.CLOSED.value


def facts_of(review: OpeningReview, opening_type: str) -> ReviewFacts:
    """A review as its rules see it, with the version in force looked at again."""
    seen = {(one.name, one.type, one.item, one.personal, one.opening_type) for one in review.reviewed()}
    now = {
        (one.name, one.type, one.item, one.personal, one.opening_type)
        for one in columns_now(review.resource_id)
    }
    return ReviewFacts(
        opening_type=opening_type,
        columns=review.reviewed(),
        licence=review.licence,
        secrecy_checked=review.secrecy_checked,
        personal_checked=review.personal_checked,
        current=bool(now) and seen == now and opening_type == review.opening_type,
        submitted_by=review.submitted_by_id,
    )


def under_way(resource_id: UUID) -> OpeningReview | None:
    """The review of a resource that is not decided yet."""
    return _reviews().filter(resource=resource_id, status__in=UNDER_WAY).first()


def in_force(resource_ids: Collection[UUID]) -> dict[UUID, OpeningReview]:
    """The review under which each resource is open, by resource. Two queries."""
    rows = _reviews().filter(resource__in=resource_ids, status=ReviewStatus.OPENED)
    return {review.resource_id: review for review in rows.prefetch_related("domains")}


def last_of(resource_id: UUID) -> OpeningReview | None:
    """The newest review of a resource, whatever became of it."""
    return _reviews().filter(resource=resource_id).order_by("-begun_on", "-id").first()


def with_domain(entries: QuerySet[Entry], domain: str = "") -> QuerySet[Entry]:
    """Those of the entries that have data open, or offered on application, in a priority domain."""
    reviews = OpeningReview.objects.filter(entry=OuterRef("pk"), status=ReviewStatus.OPENED)
    reviews = reviews.filter(domains__domain=domain) if domain else reviews.filter(domains__isnull=False)
    return entries.filter(Exists(reviews))


def of_entries(entry_ids: Collection[UUID]) -> dict[UUID, list[OpeningReview]]:
    """The reviews in force of these entries, by entry. Two queries."""
    found: dict[UUID, list[OpeningReview]] = {}
    rows = _reviews().filter(entry__in=entry_ids, status=ReviewStatus.OPENED).prefetch_related("domains")
    for review in rows:
        found.setdefault(review.entry_id, []).append(review)
    return found
