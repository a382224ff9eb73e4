"""Rows of verifications: the case, the fields that are said to be wrong, and who was told of the correction."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing.verification.types import (
    VERIFICATION_MOVES,
    VERIFICATION_TONES,
    Outcome,
    VerificationStatus,
)


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Verifications, and who may see them."""

    def visible_to(self, actor: Actor) -> VerificationQuerySet:
        """Both departments and those who oversee their divisions."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.SHARING_VERIFICATION_READ)
        divisions = actor.divisions_with(P.SHARING_VERIFICATION_READ)
        return self.filter(
            Q(asker__in=departments)
            | Q(provider__in=departments)
            | Q(division__in=divisions)
            | Q(asker__division__in=divisions)
        )

    def for_page(self) -> VerificationQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related(
            "asker__division", "provider__division", "resource", "grant", "version", "corrected_version"
        )


class Verification(models.Model):
    """A department that was given data says that some of them are wrong, for itself or for a citizen.

    What a citizen says goes to the provider; the name stays with the department that asks, and is erased when the case
    has ended. Keys and values stand only in these rows and never in events, which cannot be changed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    asker = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    version = models.ForeignKey("resources.Version", models.PROTECT, related_name="+")
    title = models.CharField("数据名称", max_length=200)
    status = models.CharField(
        "状态", max_length=16, choices=VerificationStatus.choices, default=VerificationStatus.ASKED
    )
    key_columns: models.JSONField[Any, Any] = models.JSONField("查询键")
    reason = models.CharField("理由", max_length=1000)
    proof = models.CharField("证明", max_length=1000)
    for_citizen = models.BooleanField("为当事人提出", default=False)
    citizen_name = models.CharField("当事人", max_length=64, blank=True)
    citizen_says = models.CharField("当事人的说法", max_length=1000, blank=True)
    citizen_document = models.CharField("出示的证明", max_length=200, blank=True)
    service_item = models.CharField("照常办理的服务事项", max_length=200, blank=True)
    served_on = models.DateField("凭有效证明办理", null=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField("提出人", max_length=64)
    asked_on = models.DateField("提出日期")
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField("答复签署人", max_length=64, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    answer_reason = models.CharField("答复的理由", max_length=1000, blank=True)
    answer_basis = models.CharField("答复的依据", max_length=500, blank=True)
    correct_by = models.DateField("承诺更正日期", null=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=300, blank=True)
    checked_version = models.ForeignKey(
        "resources.Version", models.PROTECT, null=True, related_name="+", verbose_name="看过而未更正的版本"
    )
    corrected_version = models.ForeignKey(
        "resources.Version", models.PROTECT, null=True, related_name="+", verbose_name="更正的版本"
    )
    corrected_on = models.DateField("更正日期", null=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Verification]] = models.Manager.from_queryset(VerificationQuerySet)()

    class Meta:
        ordering = ["-asked_on", "-number"]
        indexes = [
            models.Index(fields=["asker", "-asked_on"]),
            models.Index(fields=["provider", "-asked_on"]),
            models.Index(
                fields=["resource"], condition=Q(status="accepted"), name="verification_uncorrected"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(asker=models.F("provider")), name="verification_of_another_department"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in VerificationStatus]),
                name="verification_status_known",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(proof=""), name="verification_says_why"),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "withdrawn"])
                | (Q(answered_on__isnull=False, decision_json__isnull=False) & ~Q(answer_reason="")),
                name="verification_answered_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(answer_basis=""), name="verification_rejected_with_basis"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "corrected"]) | Q(correct_by__isnull=False),
                name="verification_accepted_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status="corrected", corrected_version__isnull=False, corrected_on__isnull=False)
                | (~Q(status="corrected") & Q(corrected_version=None, corrected_on=None)),
                name="verification_corrected_by_a_version",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | ~Q(withdrawn_reason=""),
                name="verification_withdrawn_says_why",
            ),
            models.CheckConstraint(
                condition=Q(for_citizen=True) | Q(citizen_name="", citizen_says="", served_on=None),
                name="verification_citizen_only_for_one",
            ),
            models.CheckConstraint(
                condition=Q(served_on=None) | (~Q(citizen_document="") & ~Q(service_item="")),
                name="verification_served_on_proof",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page: wherever it stands, the next step is there."""
        return reverse("sharing:verification", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.VERIFICATION, self.id, self.number, f"校核{self.title}", self.get_absolute_url()
        )

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    def move_to(self, wanted: VerificationStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            VERIFICATION_MOVES, VerificationStatus(self.status), wanted, what=f"校核 {self.number}"
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return VERIFICATION_TONES[VerificationStatus(self.status)]


class VerificationField(models.Model):
    """One field of one row: what the asker was shown, what it believes right, what the provider found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey(Verification, models.CASCADE, related_name="fields")
    order = models.PositiveSmallIntegerField("次序")
    key: models.JSONField[Any, Any] = models.JSONField("键值")
    column = models.CharField("字段", max_length=200)
    shown = models.CharField("所见的值", max_length=1000, blank=True)
    believed = models.CharField("认为正确的值", max_length=1000, blank=True)
    outcome = models.CharField("核实结果", max_length=16, choices=Outcome.choices, blank=True)
    correct = models.CharField("更正为", max_length=1000, blank=True)
    wrong_since = models.ForeignKey(
        "resources.Version", models.PROTECT, null=True, related_name="+", verbose_name="自哪一版起有误"
    )

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["verification", "order"], name="verification_field_order_once"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["wrong", "remove"]) | Q(wrong_since__isnull=False),
                name="wrong_field_since_a_version",
            ),
        ]

    def __str__(self) -> str:
        return self.column

    @property
    def key_text(self) -> str:
        """The key in one line."""
        return "，".join(str(value) for value in self.key)


class ReaderTold(models.Model):
    """A grant under which wrong values had been read, and what its holder was told: keys masked as the holder sees
    them, and the fields."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey(Verification, models.PROTECT, related_name="told")
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, related_name="+")
    named = models.BooleanField("按键读过")
    reads = models.PositiveIntegerField("读取次数")
    last_at = models.DateTimeField("最后一次读取")
    lines: models.JSONField[Any, Any] = models.JSONField("哪些记录、哪些字段")
    told_at = models.DateTimeField("告知时间")

    class Meta:
        ordering = ["-told_at"]
        constraints = [models.UniqueConstraint(fields=["verification", "grant"], name="reader_told_once")]

    def __str__(self) -> str:
        return f"{self.verification_id} {self.grant_id}"
