"""Rows of emergencies and of what was opened under them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing.emergencies.types import EMERGENCY_MOVES, EMERGENCY_TONES, EmergencyStatus


class EmergencyQuerySet(models.QuerySet["SharingEmergency"]):
    """Emergencies, and who may see them."""

    def visible_to(self, actor: Actor) -> EmergencyQuerySet:
        """Those who oversee the division that declared it, and departments on either side of what was opened."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.DELIVERY_GRANT_READ)
        shares = EmergencyShare.objects.filter(Q(department__in=departments) | Q(provider__in=departments))
        return self.filter(
            Q(division__in=actor.divisions_with(P.DELIVERY_GRANT_READ))
            | Q(id__in=shares.values("emergency_id"))
        )


class SharingEmergency(models.Model):
    """An emergency that the bureau declared, in which data is shared at once and for its time only (Yingkou 33)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    bureau = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    event = models.CharField("事件", max_length=200)
    reason = models.CharField("理由", max_length=500)
    divisions: models.JSONField[Any, Any] = models.JSONField("适用的区划")
    until = models.DateField("截止日期")
    status = models.CharField(
        "状态", max_length=16, choices=EmergencyStatus.choices, default=EmergencyStatus.RUNNING
    )
    declared_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    declared_by_name = models.CharField("宣布人", max_length=64)
    declared_on = models.DateField("宣布日期")
    changed_at = models.DateTimeField(auto_now=True)
    ended_on = models.DateField("结束日期", null=True)
    end_reason = models.CharField("结束的原因", max_length=500, blank=True)
    findings = models.CharField("审查结论", max_length=2000, blank=True)
    measures = models.CharField("后续措施", max_length=1000, blank=True)
    review_json: models.JSONField[Any, Any] = models.JSONField("审查时的授权清单", null=True)
    reviewed_by_name = models.CharField("审查人", max_length=64, blank=True)
    reviewed_on = models.DateField("审查日期", null=True)

    objects: ClassVar[models.Manager[SharingEmergency]] = models.Manager.from_queryset(EmergencyQuerySet)()

    class Meta:
        ordering = ["-declared_on", "-number"]
        indexes = [
            models.Index(fields=["until"], condition=Q(status="running"), name="emergency_ends"),
            models.Index(fields=["division", "-declared_on"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in EmergencyStatus]),
                name="sharing_emergency_status_known",
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("declared_on")), name="sharing_emergency_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(status="running", ended_on=None)
                | (~Q(status="running") & Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="sharing_emergency_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="reviewed")
                | (~Q(findings="") & Q(reviewed_on__isnull=False, review_json__isnull=False)),
                name="sharing_emergency_closed_by_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.event}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("sharing:emergency", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know it."""
        return CaseRef(CaseKind.EMERGENCY_SHARING, self.id, self.number, self.event, self.get_absolute_url())

    def move_to(self, wanted: EmergencyStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            EMERGENCY_MOVES, EmergencyStatus(self.status), wanted, what=f"应急共享 {self.number}"
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return EMERGENCY_TONES[EmergencyStatus(self.status)]


class EmergencyShare(models.Model):
    """One grant opened under an emergency."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    emergency = models.ForeignKey(SharingEmergency, models.PROTECT, related_name="shares")
    grant = models.OneToOneField("delivery.Grant", models.PROTECT, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    opened_by_name = models.CharField("开通人", max_length=64)
    opened_on = models.DateField("开通日期")

    class Meta:
        ordering = ["opened_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "resource", "department"], name="emergency_opens_a_table_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.emergency_id} {self.department_id}"
