"""Update duties and the quarter's maintenance (Yingkou 15, Dongchangfu 16, Decree 17)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from shuqiao.catalog.types import (
    CAMPAIGN_MOVES,
    DUTY_MOVES,
    CampaignStatus,
    Confirmation,
    DutyStatus,
    Trigger,
)
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef


class UpdateDuty(models.Model):
    """Something outside changed, so a department's entries must follow within the regime's term."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    trigger = models.CharField("缘由", max_length=16, choices=Trigger.choices)
    what = models.CharField("变化情况", max_length=1000)
    basis = models.CharField("依据文件", max_length=300, blank=True)
    changed_on = models.DateField("变化之日")
    status = models.CharField("状态", max_length=16, choices=DutyStatus.choices, default=DutyStatus.OPEN)
    case_number = models.CharField("案号", max_length=32)
    extension_reason = models.CharField("提请延长的理由", max_length=500, blank=True)
    extension_asked_on = models.DateField(null=True, blank=True)
    report = models.CharField("更新情况", max_length=1000, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    # What the bureau said last: consent or not to an extension, why sent back, why cancelled.
    answer = models.CharField("主管部门意见", max_length=500, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-changed_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="duty_says_what"),
            models.CheckConstraint(
                condition=~Q(status__in=["reported", "done"]) | Q(reported_on__isnull=False),
                name="duty_reported",
            ),
        ]
        indexes = [models.Index(fields=["department", "status"])]

    def __str__(self) -> str:
        return self.case_number

    def move_to(self, wanted: DutyStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(DUTY_MOVES, DutyStatus(self.status), wanted, what=f"更新义务 {self}")

    def case(self) -> CaseRef:
        """How procedures knows it."""
        title = f"{Trigger(self.trigger).label}：{self.what}"[:100]
        return CaseRef(CaseKind.UPDATE_DUTY, self.id, self.case_number, title, f"/catalog/duties/{self.id}/")


class DutyEntry(models.Model):
    """An entry that a duty touches: revised since, or said to need no change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    duty = models.ForeignKey(UpdateDuty, models.CASCADE, related_name="entries")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="duties")
    revision_before = models.ForeignKey("catalog.Revision", models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=16, choices=Confirmation.choices, default=Confirmation.PENDING)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["duty", "entry"], name="duty_entry_once")]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.entry_id}"


class Campaign(models.Model):
    """One quarter's full maintenance of a division's catalogue."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    quarter = models.CharField("季度", max_length=7)
    opened_on = models.DateField("开始")
    due_on = models.DateField("截止")
    status = models.CharField(max_length=16, choices=CampaignStatus.choices, default=CampaignStatus.RUNNING)
    case_number = models.CharField("案号", max_length=32)
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reminded_on = models.DateField("最近催办", null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    summary: models.JSONField[Any, Any] = models.JSONField("结果", default=dict)

    class Meta:
        ordering = ["-quarter"]
        constraints = [
            models.UniqueConstraint(fields=["division", "quarter"], name="one_campaign_per_quarter"),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("opened_on")), name="campaign_due_after"),
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.quarter}"

    def move_to(self, wanted: CampaignStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(
            CAMPAIGN_MOVES, CampaignStatus(self.status), wanted, what=f"季度维护 {self.quarter}"
        )

    def case(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.CAMPAIGN, self.id, self.case_number, f"{self.quarter} 目录全面维护",
            f"/catalog/campaigns/{self.id}/",
        )  # fmt: skip


class CampaignEntry(models.Model):
    """An entry in a campaign, and what its department said of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="entries")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, choices=Confirmation.choices, default=Confirmation.PENDING)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "entry"], name="campaign_entry_once"),
            models.CheckConstraint(
                condition=Q(outcome="pending") | Q(on__isnull=False), name="campaign_confirmed_on"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "department", "outcome"])]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.entry_id}"
