"""What pages and REST say of a review: its columns with the choices that fit, and what its reader may do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import queries, rules
from shuqiao.opening.review.types import (
    OPEN_MASKS,
    REVIEW_MOVES,
    WRITABLE,
    ReviewedColumn,
    ReviewFacts,
    ReviewStatus,
    Treatment,
)
from shuqiao.resources.types import PERSONAL_KINDS
from shuqiao.store import ColumnType, Mask


@dataclass(frozen=True, slots=True)
class Act:
    """One step a reader may take, with the rule that decides on it; `decision` None: decided by what is filled in."""

    name: str
    label: str
    decision: Decision | None = None

    @property
    def ready(self) -> bool:
        """Whether the rule says yes as things stand."""
        return self.decision is None or self.decision.allowed

    def to_json(self) -> dict[str, Any]:
        """The form of REST: step, label, rule, reason, articles."""
        said = self.decision.as_json() if self.decision else None
        return {"step": self.name, "label": self.label, "decision": said}


STEPS = (
    ("submit", "提交开放审查", ReviewStatus.SUBMITTED, P.OPENING_REVIEW_SUBMIT),
    ("pass", "审查通过并开放", ReviewStatus.OPENED, P.OPENING_REVIEW_DECIDE),
    ("return", "审查不通过", ReviewStatus.RETURNED, P.OPENING_REVIEW_DECIDE),
    ("stop", "停止开放", ReviewStatus.STOPPED, P.OPENING_REVIEW_SUBMIT),
    ("stop", "停止开放", ReviewStatus.STOPPED, P.OPENING_REVIEW_DECIDE),
    ("cancel", "取消审查", ReviewStatus.CANCELLED, P.OPENING_REVIEW_SUBMIT),
)


def acts_for(actor: Actor, review: OpeningReview, on: date) -> list[Act]:
    """What this actor may do next with this review: the moves that may follow, held by the permissions that count."""
    following = REVIEW_MOVES[ReviewStatus(review.status)]
    found: dict[str, Act] = {}
    for name, label, wanted, permission in STEPS:
        if wanted in following and name not in found and queries.may_on(actor, review, permission):
            found[name] = Act(name, label, _decided(actor, review, name, on))
    return list(found.values())


def _decided(actor: Actor, review: OpeningReview, name: str, on: date) -> Decision | None:
    regime = queries.regime_for(review, on)
    if name == "stop":
        return rules.may_stop("写明理由和依据", "—", regime)
    if name in {"return", "cancel"}:
        return rules.may_return("写明原因", regime)
    kind = queries.kind_now(review.entry_id)
    if name == "submit":
        return rules.may_begin(ReviewFacts(kind), regime)
    facts = queries.facts_of(review, kind)
    return rules.may_open(facts, regime, by=actor.user_id)


def personal_in_words(kinds: tuple[str, ...]) -> str:
    """Why a column counts as personal."""
    return "、".join(PERSONAL_KINDS.get(kind, "个人信息") for kind in kinds)


def columns_of(review: OpeningReview) -> list[dict[str, Any]]:
    """The columns as the page shows them; while they can still be written, those of the version in force, with what
    was decided on them the last time or what is proposed."""
    if review.status not in WRITABLE:
        return [_row(one) for one in review.reviewed()]
    decided = {one.name: one for one in review.reviewed()}
    return [_row(_proposed(one, decided.get(one.name))) for one in queries.columns_now(review.resource_id)]


def _proposed(column: ReviewedColumn, before: ReviewedColumn | None) -> ReviewedColumn:
    if before is not None and before.treatment and set(column.personal) <= set(before.personal):
        values = {name: getattr(before, name) for name in ("treatment", "mask", "reason", "basis")}
        return ReviewedColumn(**{**_shape(column), **values})
    if not column.may_open:
        return ReviewedColumn(**{**_shape(column), "treatment": "drop"})
    return ReviewedColumn(**{**_shape(column), "treatment": "" if column.personal else "keep"})


def _shape(column: ReviewedColumn) -> dict[str, Any]:
    return {name: getattr(column, name) for name in ("name", "type", "item", "personal", "opening_type")}


def _row(one: ReviewedColumn) -> dict[str, Any]:
    kind = ColumnType(one.type) if one.type in set(ColumnType) else None
    masks = [mask for mask in OPEN_MASKS if kind and mask.fits(kind)]
    offered = [Treatment.DROP]
    if one.may_open:
        offered = [Treatment.MASK, Treatment.DROP, Treatment.JUSTIFY] if one.personal else list(Treatment)
        offered = [each for each in offered if masks or each != Treatment.MASK]
    return {
        "column": one,
        "treatment": Treatment(one.treatment).label if one.treatment in set(Treatment) else "",
        "mask": Mask(one.mask).label if one.mask else "",
        "personal": personal_in_words(one.personal),
        "treatments": [(each.value, each.label) for each in offered],
        "masks": [(mask.value, mask.label) for mask in masks],
        "type": kind.label if kind else "文件",
    }


def domains_of(review: OpeningReview) -> list[str]:
    """The priority domains, in words."""
    return [str(one) for one in review.domains.all()]


DOMAINS = list(law.PRIORITY_DOMAINS.items())
