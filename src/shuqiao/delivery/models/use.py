"""Rows of the use of a grant: its record, reports, disposal, corrections, consents to passing on. Never deleted."""

from __future__ import annotations

from typing import Any, Never, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.delivery.use.types import (
    CORRECTION_MOVES,
    OPEN_CORRECTIONS,
    USE_MOVES,
    ConsentOf,
    CorrectionState,
    DisposalWay,
    UseState,
)
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef

Row = TypeVar("Row", bound=models.Model)


class KeptQuerySet(models.QuerySet[Row]):
    """Rows that stay: the record of use is kept at least three years and handed to whoever checks (Decree 29)."""

    def delete(self) -> Never:
        """Refused."""
        raise TypeError("rows of use are never deleted")


class Kept(models.Model):
    """A row that stays."""

    class Meta:
        abstract = True

    def delete(self, *args: object, **kwargs: object) -> Never:
        """Refused."""
        raise TypeError("rows of use are never deleted")


class UseRecord(Kept):
    """The case of a grant's use: one per grant, open from its first day until its data is disposed of."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    grant = models.OneToOneField("delivery.Grant", models.PROTECT, related_name="use")
    state = models.CharField("状态", max_length=16, choices=UseState.choices, default=UseState.RUNNING)
    report_due_on = models.DateField("下次报告")
    disposal_demand = models.CharField("处置要求", max_length=500, blank=True)
    way = models.CharField("处置方式", max_length=16, choices=DisposalWay.choices, blank=True)
    detail = models.CharField("处置情况", max_length=1000, blank=True)
    archive_basis = models.CharField("留存依据", max_length=300, blank=True)
    done_by = models.CharField("处置人", max_length=64, blank=True)
    done_on = models.DateField("处置日期", null=True)
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("确认于", null=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["report_due_on"], condition=Q(state="running"), name="use_report_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in UseState]), name="use_state_known"
            ),
            models.CheckConstraint(
                condition=(~Q(state="closed") & Q(way="", confirmed_at=None))
                | (Q(state="closed", confirmed_at__isnull=False, done_on__isnull=False) & ~Q(way="")),
                name="use_closed_by_disposal",
            ),
            models.CheckConstraint(
                condition=~Q(way="archived") | ~Q(archive_basis=""), name="use_archived_with_basis"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page of the use."""
        return reverse("delivery:use", args=[self.grant_id])

    def case_ref(self) -> CaseRef:
        """How procedures knows this case."""
        return CaseRef(CaseKind.USE, self.id, self.number, self.grant.title, self.get_absolute_url())

    def move_to(self, wanted: UseState) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.state = check_move(USE_MOVES, UseState(self.state), wanted, what=f"数据使用 {self.number}")


class UseReport(Kept):
    """One report of use. Kept at least until `keep_until`; nothing here removes it afterwards either."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(UseRecord, models.PROTECT, related_name="reports")
    scenario = models.TextField("使用场景", max_length=2000)
    process = models.TextField("使用过程", max_length=2000)
    effect = models.TextField("应用成效", max_length=2000)
    storage = models.TextField("存储情况", max_length=2000)
    disposal = models.TextField("销毁情况", max_length=2000, blank=True)
    reported_on = models.DateField("报告日期")
    keep_until = models.DateField("至少保存到")
    reported_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reporter_name = models.CharField("报告人", max_length=64)
    at = models.DateTimeField()

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(keep_until__gt=models.F("reported_on")), name="use_report_is_kept"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.reported_on}"


class Correction(Kept):
    """A misuse and its correction: what is to be put right until when, and what was done. One open per grant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(UseRecord, models.PROTECT, related_name="corrections")
    state = models.CharField(max_length=16, choices=CorrectionState.choices, default=CorrectionState.ORDERED)
    demand = models.CharField("整改要求", max_length=500)
    ordered_on = models.DateField("责令日期")
    due_on = models.DateField("整改期限")
    term = models.ForeignKey("procedures.Term", models.PROTECT, null=True, related_name="+")
    report = models.CharField("整改情况", max_length=1000, blank=True)
    reported_on = models.DateField("报告日期", null=True)
    answer = models.CharField("核实意见", max_length=500, blank=True)
    closed_on = models.DateField(null=True)
    late_told_at = models.DateTimeField(null=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state__in=[state.value for state in OPEN_CORRECTIONS]),
                name="one_open_correction",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("ordered_on")), name="correction_days_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(state="reported") | (~Q(report="") & Q(reported_on__isnull=False)),
                name="correction_reported_in_words",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "reported"], closed_on=None)
                | Q(state__in=["accepted", "failed"], closed_on__isnull=False),
                name="correction_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.state}"

    def move_to(self, wanted: CorrectionState) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.state = check_move(CORRECTION_MOVES, CorrectionState(self.state), wanted, what="整改")

    @property
    def is_open(self) -> bool:
        """Not accepted and not failed."""
        return self.state in OPEN_CORRECTIONS


class OnwardConsent(Kept):
    """Consent to pass the data on: whose, to whom, for what, and the evidence (Yingkou 22, Decree 25)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(UseRecord, models.PROTECT, related_name="consents")
    consent_of = models.CharField("谁同意", max_length=16, choices=ConsentOf.choices)
    to_whom = models.CharField("提供给", max_length=200)
    purpose = models.CharField("用途", max_length=300)
    evidence = models.CharField("同意的凭据", max_length=500)
    basis: models.JSONField[Any, Any] = models.JSONField("决定")
    recorded_on = models.DateField("记录日期")
    recorder_name = models.CharField("记录人", max_length=64)
    at = models.DateTimeField()
    withdrawn_on = models.DateField("收回日期", null=True)
    withdrawn_reason = models.CharField("收回原因", max_length=300, blank=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_whom="") & ~Q(purpose="") & ~Q(evidence=""), name="onward_says_all"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="onward_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.to_whom}"


class ExpiryReminder(models.Model):
    """The holder was reminded that a grant ends on `until`, so many days before. Once each."""

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, related_name="+")
    until = models.DateField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "until", "days"], name="one_reminder_each")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.days}"
