"""Rows of reviews before opening."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.law import PRIORITY_DOMAINS
from shuqiao.opening.review.types import (
    LICENCE_CHOICES,
    LICENCES,
    REVIEW_MOVES,
    TONES,
    UNDER_WAY,
    Licence,
    ReviewedColumn,
    ReviewStatus,
)
from shuqiao.procedures.types import CaseKind, CaseRef

_UNDER_WAY = [status.value for status in UNDER_WAY]
_CHECKED = ["submitted", "opened", "stopped", "replaced"]


class ReviewQuerySet(models.QuerySet["OpeningReview"]):
    """Reviews, and who may see them."""

    def visible_to(self, actor: Actor) -> ReviewQuerySet:
        """The provider, and those who oversee its division."""
        if actor.is_platform:
            return self
        return self.filter(
            Q(department__in=actor.departments_with(P.OPENING_CASE_READ))
            | Q(division__in=actor.divisions_with(P.OPENING_CASE_READ))
        )

    def for_page(self) -> ReviewQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related(
            "department__division", "entry__published", "resource", "version", "division"
        )


class OpeningReview(models.Model):
    """One resource before it opens: checked for secrets and personal data, column by column, by provider and bureau."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    version = models.ForeignKey("resources.Version", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    title = models.CharField("数据", max_length=200)
    opening_type = models.CharField("开放属性", max_length=16)
    status = models.CharField(
        "状态", max_length=16, choices=ReviewStatus.choices, default=ReviewStatus.PREPARING
    )
    why = models.CharField("为什么要审查", max_length=300, blank=True)
    columns: models.JSONField[Any, Any] = models.JSONField("逐列决定", default=list)
    licence = models.CharField("开放许可", max_length=32, choices=LICENCE_CHOICES, blank=True)
    secrecy_checked = models.BooleanField("已作保密审查", default=False)
    secrecy_note = models.CharField("保密审查情况", max_length=300, blank=True)
    personal_checked = models.BooleanField("已作个人信息审查", default=False)
    personal_note = models.CharField("个人信息审查情况", max_length=300, blank=True)
    begun_on = models.DateField("开始日期")
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    submitted_by_name = models.CharField("提交人", max_length=64, blank=True)
    submitted_on = models.DateField("提交日期", null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField("审查人", max_length=64, blank=True)
    decided_on = models.DateField("审查日期", null=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    ground = models.CharField("依据", max_length=500, blank=True)
    ended_on = models.DateField("停止或代替日期", null=True)

    objects: ClassVar[models.Manager[OpeningReview]] = models.Manager.from_queryset(ReviewQuerySet)()

    class Meta:
        ordering = ["-begun_on", "-number"]
        indexes = [
            models.Index(fields=["department", "-begun_on"]),
            models.Index(fields=["status", "opening_type"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["resource"], condition=Q(status__in=_UNDER_WAY), name="one_review_under_way"
            ),
            models.UniqueConstraint(
                fields=["resource"], condition=Q(status="opened"), name="one_review_in_force"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in ReviewStatus]), name="review_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_CHECKED)
                | (
                    Q(secrecy_checked=True, personal_checked=True, submitted_on__isnull=False)
                    & ~Q(licence="")
                ),
                name="review_submitted_with_checks",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["opened", "stopped", "replaced", "returned"])
                | Q(decided_on__isnull=False, decision_json__isnull=False),
                name="review_decided_by_rule",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["returned", "stopped"]) | ~Q(reason=""), name="review_no_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="stopped") | ~Q(ground=""), name="review_stop_has_ground"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(submitted_by=None) | ~Q(decided_by=F("submitted_by")),
                name="reviewer_is_not_submitter",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("opening:review", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.OPENING_REVIEW, self.id, self.number, self.title, f"/opening/reviews/{self.id}/"
        )

    def decision(self) -> Decision | None:
        """The decision of the bureau."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    def reviewed(self) -> tuple[ReviewedColumn, ...]:
        """The columns with what is decided on each."""
        return tuple(ReviewedColumn.from_json(one) for one in self.columns)

    def move_to(self, wanted: ReviewStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            REVIEW_MOVES, ReviewStatus(self.status), wanted, what=f"开放审查 {self.number}"
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return TONES[ReviewStatus(self.status)]

    @property
    def licence_of(self) -> Licence | None:
        """The licence chosen."""
        return LICENCES.get(self.licence)


class ReviewDomain(models.Model):
    """A priority domain that a review says its data belongs to (Yingkou 31, Shenyang 28)."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(OpeningReview, models.CASCADE, related_name="domains")
    domain = models.CharField("优先领域", max_length=32, choices=list(PRIORITY_DOMAINS.items()))

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["review", "domain"], name="one_domain_per_review")]

    def __str__(self) -> str:
        return PRIORITY_DOMAINS.get(self.domain, self.domain)
