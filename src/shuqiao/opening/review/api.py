"""REST of reviews before opening: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import queries, services, telling
from shuqiao.opening.review.types import ColumnChoice, ReviewDraft

router = Router(tags=["opening"])
PAGE_MAX, OFFSET_MAX = 200, 1_000_000_000


class ColumnChoiceIn(Schema):
    """How one column opens: keep, mask (with keep_ends or year), drop, justify (with reason and basis)."""

    name: str
    treatment: str = ""
    mask: str = ""
    reason: str = ""
    basis: str = ""


class ReviewDraftIn(Schema):
    """What the provider submits."""

    columns: list[ColumnChoiceIn] = []
    licence: str = ""
    domains: list[str] = []
    secrecy_checked: bool = False
    secrecy_note: str = ""
    personal_checked: bool = False
    personal_note: str = ""

    def draft(self) -> ReviewDraft:
        """The form that services take."""
        said = self.dict(exclude={"columns", "domains"})
        choices = {
            one.name: ColumnChoice(one.treatment, one.mask, one.reason, one.basis) for one in self.columns
        }
        return ReviewDraft(columns=choices, domains=tuple(self.domains), **said)


class NewReviewIn(Schema):
    """A review of which resource."""

    resource_id: UUID


class ReviewReasonIn(Schema):
    """Why, and (to stop) on which basis."""

    reason: str = ""
    ground: str = ""


class ReviewOut(Schema):
    """A review as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    resource_id: UUID
    version_id: UUID
    entry_id: UUID
    opening_type: str
    columns: list[dict[str, Any]]
    licence: str
    domains: list[str]
    secrecy_checked: bool
    personal_checked: bool
    submitted_on: date | None
    decided_on: date | None
    reason: str
    ground: str
    decision_json: dict[str, Any] | None

    @staticmethod
    def resolve_domains(review: OpeningReview) -> list[str]:
        """The ids of the priority domains."""
        return [one.domain for one in review.domains.all()]


class ReviewPage(Schema):
    """Some reviews, and how many there are in all."""

    count: int
    items: list[ReviewOut]


class StepsOut(Schema):
    """What the caller may do next, each with the rule that decides on it."""

    steps: list[dict[str, Any]]


@router.get("", response=ReviewPage, url_name="opening-reviews")
def list_reviews(request: Request, status: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Reviews the caller may see, newest first. At most 200 at once."""
    request.actor.demand(P.OPENING_CASE_READ)
    found = queries.list_reviews_for(request.actor, status=status).prefetch_related("domains")
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.post("", response={201: ReviewOut}, url_name="opening-review-begin")
def begin(request: Request, body: NewReviewIn) -> Status[OpeningReview]:
    """Begin a review, or go on with the one under way."""
    return Status(201, services.begin_review(actor=request.actor, resource_id=body.resource_id, on=today()))


@router.get("/{review_id}", response=ReviewOut, url_name="opening-review")
def get(request: Request, review_id: UUID) -> OpeningReview:
    """One review."""
    return queries.get_review_for(request.actor, review_id, P.OPENING_CASE_READ)


@router.get("/{review_id}/steps", response=StepsOut, url_name="opening-review-steps")
def steps(request: Request, review_id: UUID) -> dict[str, Any]:
    """What the caller may do next with it."""
    review = queries.get_review_for(request.actor, review_id, P.OPENING_CASE_READ)
    return {"steps": [act.to_json() for act in telling.acts_for(request.actor, review, today())]}


@router.post("/{review_id}/submit", response=ReviewOut, url_name="opening-review-submit")
def submit(request: Request, review_id: UUID, body: ReviewDraftIn) -> OpeningReview:
    """Submit to the bureau."""
    return services.submit_review(actor=request.actor, review_id=review_id, draft=body.draft(), on=today())


@router.post("/{review_id}/pass", response=ReviewOut, url_name="opening-review-pass")
def pass_(request: Request, review_id: UUID) -> OpeningReview:
    """The bureau's yes."""
    return services.pass_review(actor=request.actor, review_id=review_id, on=today())


@router.post("/{review_id}/return", response=ReviewOut, url_name="opening-review-return")
def return_(request: Request, review_id: UUID, body: ReviewReasonIn) -> OpeningReview:
    """The bureau's no."""
    return services.return_review(actor=request.actor, review_id=review_id, reason=body.reason, on=today())


@router.post("/{review_id}/stop", response=ReviewOut, url_name="opening-review-stop")
def stop(request: Request, review_id: UUID, body: ReviewReasonIn) -> OpeningReview:
    """Stop what is open."""
    return services.stop_opening(
        actor=request.actor, review_id=review_id, reason=body.reason, ground=body.ground, on=today()
    )


@router.post("/{review_id}/cancel", response=ReviewOut, url_name="opening-review-cancel")
def cancel(request: Request, review_id: UUID, body: ReviewReasonIn) -> OpeningReview:
    """Give the review up."""
    return services.cancel_review(actor=request.actor, review_id=review_id, reason=body.reason, on=today())
