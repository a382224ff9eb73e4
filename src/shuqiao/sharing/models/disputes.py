"""Rows of disputes and of what each side said."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing.disputes.types import (
    DISPUTE_MOVES,
    DISPUTE_TONES,
    OPEN_DISPUTES,
    DisputeStatus,
    Ground,
    Result,
    Side,
)

_OPEN = sorted(status.value for status in OPEN_DISPUTES)
_DONE = ["settled", "upheld", "ruled"]


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes, and who may see them."""

    def visible_to(self, actor: Actor) -> DisputeQuerySet:
        """Both sides, those who oversee their divisions, and those who oversee the coordinating bureau's."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.SHARING_DISPUTE_READ)
        divisions = actor.divisions_with(P.SHARING_DISPUTE_READ)
        return self.filter(
            Q(requester__in=departments)
            | Q(provider__in=departments)
            | Q(requester__division__in=divisions)
            | Q(provider__division__in=divisions)
            | Q(coordinator__division__in=divisions)
        )


class Dispute(models.Model):
    """One dispute on one request or one grant, from its being raised to its being carried out.

    `coordinator` is the bureau that acts here. Where the platform knows no common superior, `superior` names it as
    the one who referred wrote it, and the coordinator is the bureau that records.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    requester = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    request = models.ForeignKey("sharing.SharingRequest", models.PROTECT, null=True, related_name="+")
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, null=True, related_name="+")
    title = models.CharField("争议的数据", max_length=200)
    ground = models.CharField("争议事由", max_length=16, choices=Ground.choices)
    raised_by = models.CharField("提出方", max_length=16, choices=Side.choices)
    claim = models.CharField("主张", max_length=1000)
    status = models.CharField(max_length=16, choices=DisputeStatus.choices, default=DisputeStatus.NEGOTIATING)
    opened_on = models.DateField("提出日期")
    closed_on = models.DateField("办结日期", null=True)
    changed_at = models.DateTimeField(auto_now=True)

    coordinator = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    superior = models.CharField("共同上级主管部门", max_length=128, blank=True)
    referred_why = models.CharField("协商未成的情况", max_length=1000, blank=True)
    referred_on = models.DateField("提请协调日期", null=True)
    opinion = models.CharField("协调意见的理由", max_length=1000, blank=True)
    opinion_basis = models.CharField("协调意见的依据", max_length=500, blank=True)
    decided_on = models.DateField("协调意见日期", null=True)
    decided_by_name = models.CharField("作出人", max_length=64, blank=True)
    requester_accepts = models.BooleanField("需求部门接受", null=True)
    provider_accepts = models.BooleanField("提供部门接受", null=True)
    objection = models.CharField("不接受的理由", max_length=1000, blank=True)
    government = models.CharField("作出决定的人民政府", max_length=128, blank=True)
    ruling_number = models.CharField("文号", max_length=64, blank=True)
    ruling_on = models.DateField("决定日期", null=True)
    ruling_text = models.CharField("决定内容", max_length=2000, blank=True)
    result_json: models.JSONField[Any, Any] = models.JSONField("处理结果", null=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    done: models.JSONField[Any, Any] = models.JSONField("执行情况", null=True)

    objects: ClassVar[models.Manager[Dispute]] = models.Manager.from_queryset(DisputeQuerySet)()

    class Meta:
        ordering = ["-opened_on", "-number"]
        indexes = [
            models.Index(fields=["requester", "-opened_on"]),
            models.Index(fields=["provider", "-opened_on"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(request=None, grant__isnull=False) | Q(request__isnull=False, grant=None),
                name="dispute_about_one_thing",
            ),
            models.CheckConstraint(condition=~Q(requester=F("provider")), name="dispute_between_two"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(status__in=_OPEN), name="one_open_dispute_per_request"
            ),
            models.UniqueConstraint(
                fields=["grant"], condition=Q(status__in=_OPEN), name="one_open_dispute_per_grant"
            ),
            models.CheckConstraint(
                condition=Q(status__in=_OPEN, closed_on=None)
                | (~Q(status__in=_OPEN) & Q(closed_on__isnull=False)),
                name="dispute_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["negotiating", "settled", "withdrawn"])
                | Q(coordinator__isnull=False, referred_on__isnull=False),
                name="dispute_referred_to_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["decided", "escalated", "upheld", "ruled"])
                | (Q(decided_on__isnull=False) & ~Q(opinion="") & ~Q(opinion_basis="")),
                name="dispute_decided_with_basis",
            ),
            models.CheckConstraint(
                condition=~Q(status="ruled")
                | (Q(ruling_on__isnull=False) & ~Q(ruling_number="") & ~Q(ruling_text="")),
                name="dispute_ruling_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_DONE)
                | Q(result_json__isnull=False, decision_json__isnull=False, done__isnull=False),
                name="dispute_result_carried_out",
            ),
            models.CheckConstraint(
                condition=~Q(status="escalated") | ~Q(objection=""), name="dispute_escalated_with_reason"
            ),
            models.CheckConstraint(condition=~Q(claim=""), name="dispute_has_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page: the next step is there."""
        return reverse("sharing:dispute", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know it."""
        return CaseRef(CaseKind.DISPUTE, self.id, self.number, self.title, self.get_absolute_url())

    def move_to(self, wanted: DisputeStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            DISPUTE_MOVES, DisputeStatus(self.status), wanted, what=f"共享争议 {self.number}"
        )

    def department_of(self, side: Side) -> UUID:
        """The department that stands on a side."""
        return self.requester_id if side is Side.REQUESTER else self.provider_id

    def result(self) -> Result | None:
        """What is to be done; None before anybody has decided."""
        return Result.from_json(self.result_json) if self.result_json else None

    def decision(self) -> Decision | None:
        """The decision the result rests on."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return DISPUTE_TONES[DisputeStatus(self.status)]


class DisputeStatement(models.Model):
    """What one side said, with the way out it proposes, if it does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="statements")
    order = models.PositiveIntegerField("次序")
    side = models.CharField("一方", max_length=16, choices=Side.choices)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField("陈述人", max_length=64)
    on = models.DateField("日期")
    text = models.CharField("意见", max_length=2000)
    proposal: models.JSONField[Any, Any] = models.JSONField("提出的办法", null=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "order"], name="statement_order_once"),
            models.CheckConstraint(condition=~Q(text=""), name="statement_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.order}"

    def result(self) -> Result | None:
        """The way out it proposes."""
        return Result.from_json(self.proposal) if self.proposal else None
