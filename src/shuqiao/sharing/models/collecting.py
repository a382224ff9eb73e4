"""What a department wants to collect, what the platform answered, and what the department then decided."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing.collecting.types import CHECK_MOVES, CheckStatus, Choice, Verdict


class CheckQuerySet(models.QuerySet["CollectionCheck"]):
    """Checks before collecting, and who may see them."""

    def visible_to(self, actor: Actor) -> CheckQuerySet:
        """The department that asked, and those who oversee its division."""
        if actor.is_platform:
            return self
        return self.filter(
            Q(department__in=actor.departments_with(P.SHARING_REQUEST_READ))
            | Q(division__in=actor.divisions_with(P.SHARING_REQUEST_READ))
        )


class CollectionCheck(models.Model):
    """Before a department collects, it asks what can be had by sharing (Shenyang 14, Decree 19)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    title = models.CharField("拟采集的数据", max_length=200)
    purpose = models.CharField("用途", max_length=500)
    collected_from = models.CharField("采集对象", max_length=200)
    basis = models.CharField("采集依据", max_length=300, blank=True)
    status = models.CharField(max_length=16, choices=CheckStatus.choices, default=CheckStatus.ANSWERED)
    decision_json: models.JSONField[Any, Any] = models.JSONField("平台的答复", default=dict)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField("查询日期")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField("确定日期", null=True)

    objects: ClassVar[models.Manager[CollectionCheck]] = models.Manager.from_queryset(CheckQuerySet)()

    class Meta:
        ordering = ["-asked_on", "-number"]
        indexes = [models.Index(fields=["department", "-asked_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="answered") | Q(decided_on__isnull=False), name="check_decided_on_a_day"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="check_has_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("sharing:collecting-check", args=[self.id])

    def case(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.COLLECTION_CHECK, self.id, self.number, self.title, f"/sharing/collecting/{self.id}/"
        )

    def move_to(self, wanted: CheckStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(
            CHECK_MOVES, CheckStatus(self.status), wanted, what=f"采集前查询 {self.number}"
        )


class CollectionItem(models.Model):
    """One item of a check: what the catalogue held on that day, and what the department decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(CollectionCheck, models.CASCADE, related_name="items")
    order = models.PositiveIntegerField("次序")
    name = models.CharField("数据项", max_length=128)
    verdict = models.CharField("答复", max_length=16, choices=Verdict.choices)
    found: models.JSONField[Any, Any] = models.JSONField("目录中已有", default=list)
    source: models.JSONField[Any, Any] = models.JSONField("数源部门", default=dict)
    choice = models.CharField("部门的决定", max_length=16, choices=Choice.choices, blank=True)
    reason = models.CharField("仍要采集的理由", max_length=500, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "order"], name="check_item_order_once"),
            models.CheckConstraint(
                condition=~Q(choice="collect") | ~Q(verdict__in=["direct", "request"]) | ~Q(reason=""),
                name="repeat_collection_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name
