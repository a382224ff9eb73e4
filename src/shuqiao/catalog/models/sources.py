"""One source per datum: what looks the same, who is the source, and what is collected outside the catalogue."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from shuqiao.catalog.types import EMERGENCY_MOVES, PAIR_MOVES, EmergencyStatus, PairStatus
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef


class DuplicatePair(models.Model):
    """Two published entries that may be one (Dongchangfu 15), with why. The lower id stands first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    second = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    score = models.FloatField("相似度")
    reasons: models.JSONField[Any, Any] = models.JSONField("理由", default=list)
    status = models.CharField(max_length=16, choices=PairStatus.choices, default=PairStatus.FOUND)
    note = models.CharField("说明", max_length=300, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(null=True, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="pair_score"),
            models.CheckConstraint(
                condition=Q(status="found") | Q(decided_on__isnull=False), name="pair_decided"
            ),
        ]
        indexes = [models.Index(fields=["status", "-score"])]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id} ({self.score:.2f})"

    def move_to(self, wanted: PairStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(PAIR_MOVES, PairStatus(self.status), wanted, what="疑似重复的条目")


class SourceDesignation(models.Model):
    """The department that is the source of a datum (数源部门), named by the authority (Decree 19, Dongchangfu 17)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    datum = models.CharField("数据项", max_length=128)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("理由", max_length=500, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    on = models.DateField("确定日期")
    ended_on = models.DateField("失效日期", null=True, blank=True)

    class Meta:
        ordering = ["datum"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "datum"], condition=Q(ended_on=None), name="one_source_per_datum"
            )
        ]

    def __str__(self) -> str:
        return f"{self.datum}: {self.department_id}"


class EmergencyCollection(models.Model):
    """Data collected outside the catalogue in an emergency: temporary, recorded, ended (Dongchangfu 17)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    what = models.CharField("采集内容", max_length=500)
    reason = models.CharField("应急事由", max_length=500)
    basis = models.CharField("依据", max_length=300)
    from_on = models.DateField("起")
    until_on = models.DateField("止")
    status = models.CharField(max_length=16, choices=EmergencyStatus.choices, default=EmergencyStatus.RUNNING)
    case_number = models.CharField("案号", max_length=32)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    disposal = models.CharField("数据处置", max_length=500, blank=True)

    class Meta:
        ordering = ["-from_on"]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="emergency_in_order"),
            models.CheckConstraint(
                condition=Q(status="running") | (Q(ended_on__isnull=False) & ~Q(disposal="")),
                name="emergency_ended_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.case_number

    def move_to(self, wanted: EmergencyStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(
            EMERGENCY_MOVES, EmergencyStatus(self.status), wanted, what=f"应急采集 {self.case_number}"
        )

    def case(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.EMERGENCY_COLLECTION, self.id, self.case_number, self.what[:100],
            f"/catalog/emergencies/{self.id}/",
        )  # fmt: skip
