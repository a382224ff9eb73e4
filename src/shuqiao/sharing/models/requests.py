"""Rows of sharing requests."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing import withdrawn
from shuqiao.sharing.types import (
    AGREED,
    BASIS_LEVELS,
    MOVES,
    REOPENING,
    TONES,
    DeliveryState,
    ExtensionState,
    Scope,
    Status,
)

_AGREED = [status.value for status in sorted(AGREED)]


class RequestQuerySet(models.QuerySet["SharingRequest"]):
    """Requests, and who may see them."""

    def visible_to(self, actor: Actor) -> RequestQuerySet:
        """Both departments and those who oversee their divisions; a draft is the requester's alone."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.SHARING_REQUEST_READ)
        divisions = actor.divisions_with(P.SHARING_REQUEST_READ)
        others = (
            Q(provider__in=departments) | Q(division__in=divisions) | Q(requester__division__in=divisions)
        )
        return self.filter(Q(requester__in=departments) | (others & ~Q(number="")))

    def for_page(self) -> RequestQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related(
            "requester__division", "provider__division", "division", "entry", "resource", "joint", "renews"
        )


class SharingRequest(models.Model):
    """One department asks another for items and rows of an entry, for a purpose, on a legal basis, until a day.

    The number is given when the request is first submitted; a draft has none and only its department sees it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, blank=True)
    requester = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="需求部门"
    )
    provider = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="提供部门"
    )
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    # None: the entry had no data mounted when it was asked for; the grant waits for it.
    # As it was asked by: what the case shows once the entry has left the catalogue.
    revision = models.ForeignKey("catalog.Revision", models.PROTECT, null=True, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, null=True, related_name="+")
    joint = models.ForeignKey("sharing.JointRequest", models.PROTECT, null=True, related_name="parts")
    renews = models.ForeignKey("delivery.Grant", models.PROTECT, null=True, related_name="+")
    once = models.UUIDField("表单号", null=True, unique=True, editable=False)
    title = models.CharField("申请的数据", max_length=200)
    sharing_type = models.CharField("共享类型", max_length=16)
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)

    items: models.JSONField[Any, Any] = models.JSONField("信息项", default=list)
    where: models.JSONField[Any, Any] = models.JSONField("行条件", default=list)
    purpose = models.CharField("用途", max_length=300, blank=True)
    scenario = models.CharField("使用场景", max_length=500, blank=True)
    legal_basis = models.CharField("使用依据", max_length=300, blank=True)
    legal_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    legal_basis_text = models.CharField("条文内容", max_length=1000, blank=True)
    modes: models.JSONField[Any, Any] = models.JSONField("共享方式", default=list)
    valid_until = models.DateField("使用时限", null=True)
    daily_quota = models.PositiveIntegerField("每日限额（次）", null=True)
    service_item = models.CharField("政务服务事项", max_length=200, blank=True)
    onward = models.BooleanField("需要提供给第三方", default=False)
    onward_to = models.CharField("第三方", max_length=200, blank=True)

    drafted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    signed_by_name = models.CharField("签署人", max_length=64, blank=True)
    signed_on = models.DateField("签署日期", null=True)

    supplements: models.JSONField[Any, Any] = models.JSONField("补正", default=list)
    extension_state = models.CharField(max_length=16, choices=ExtensionState.choices, blank=True)
    extension_days = models.PositiveSmallIntegerField("延长的工作日", null=True)
    extension_reason = models.CharField("延长的原因", max_length=300, blank=True)
    extension_note = models.CharField("主管部门意见", max_length=300, blank=True)

    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField("答复签署人", max_length=64, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    answer_reason = models.CharField("理由", max_length=1000, blank=True)
    answer_basis = models.CharField("依据", max_length=500, blank=True)
    answer_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    decided: models.JSONField[Any, Any] = models.JSONField("给予的范围", null=True)
    onward_consent = models.CharField("提供部门对第三方的同意", max_length=300, blank=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    conditions: models.JSONField[Any, Any] = models.JSONField("同意所附条件", default=list)

    delivery_state = models.CharField(max_length=8, choices=DeliveryState.choices, blank=True)
    delivery_note = models.CharField("提供前要办的事", max_length=300, blank=True)
    delivered_on = models.DateField("提供日期", null=True)
    reminded_on = models.DateField("最近一次催促", null=True)
    told: models.JSONField[Any, Any] = models.JSONField("已提醒到", default=list)

    objects: ClassVar[models.Manager[SharingRequest]] = models.Manager.from_queryset(RequestQuerySet)()

    class Meta:
        ordering = ["-changed_at"]
        indexes = [
            models.Index(fields=["requester", "-changed_at"]),
            models.Index(fields=["provider", "-changed_at"]),
            models.Index(fields=["entry", "status"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="request_number_once"),
            models.CheckConstraint(
                condition=~Q(requester=models.F("provider")), name="request_of_another_department"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="request_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | (~Q(number="") & Q(signed_on__isnull=False)),
                name="request_signed_when_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused")
                | (~Q(answer_reason="") & ~Q(answer_basis="") & ~Q(answer_basis_level="")),
                name="request_refused_with_basis",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_AGREED) | Q(decided__isnull=False), name="request_agreed_with_scope"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["refused", *_AGREED])
                | (Q(answered_on__isnull=False) & Q(decision_json__isnull=False)),
                name="request_answered_by_rule",
            ),
            models.CheckConstraint(
                condition=Q(delivery_state="") | Q(status__in=_AGREED), name="request_delivered_when_agreed"
            ),
            models.CheckConstraint(
                condition=~Q(delivery_state="done") | Q(delivered_on__isnull=False),
                name="request_delivered_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="lapsed") | (~Q(answer_reason="") & Q(decision_json__isnull=False)),
                name="request_lapsed_by_rule",
            ),
            models.CheckConstraint(
                condition=Q(extension_state="") | Q(extension_days__gt=0), name="request_extension_has_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or '草稿'} {self.title}"

    def get_absolute_url(self) -> str:
        """The page of the request: wherever it stands, the next step is there."""
        return reverse("sharing:request", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know this request."""
        number = self.number or "草稿"
        return CaseRef(CaseKind.SHARING_REQUEST, self.id, number, self.title, self.get_absolute_url())

    def scope(self) -> Scope:
        """What is asked for."""
        return Scope(
            items=tuple((item["name"], item["mask"]) for item in self.items),
            where=tuple(self.where),
            modes=tuple(self.modes),
            valid_until=self.valid_until,
            daily_quota=self.daily_quota,
        )

    def decided_scope(self) -> Scope | None:
        """What was given; None before a yes."""
        return Scope.from_json(self.decided) if self.decided else None

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    def gone(self) -> str:
        """That the entry has left the catalogue since, with when and why, in words; empty while it is in force."""
        return withdrawn.said_of(self.entry)

    def mark(self) -> str:
        """Which state of the row somebody has seen: another one after every change."""
        return self.changed_at.isoformat()

    def move_to(self, wanted: Status) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(MOVES, Status(self.status), wanted, what=f"共享申请 {self.number or '草稿'}")

    def reopen(self) -> None:
        """The result of a dispute takes the answer back: the request waits again. Raises IllegalMove."""
        self.status = check_move(
            REOPENING, Status(self.status), Status.SUBMITTED, what=f"共享申请 {self.number}"
        )
        self.answered_by, self.answered_by_name, self.answered_on = None, "", None
        self.answer_reason = self.answer_basis = self.answer_basis_level = ""
        self.decided, self.decision_json, self.onward_consent = None, None, ""
        self.conditions, self.delivery_state, self.delivery_note, self.delivered_on = [], "", "", None

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return TONES[Status(self.status)]

    @property
    def supplement_points(self) -> list[str]:
        """What the provider wants to be supplemented now; empty when nothing is open."""
        last = self.supplements[-1] if self.supplements else {}
        return list(last.get("points", [])) if last and not last.get("answered_on") else []

    @property
    def case_id(self) -> UUID:
        """Synonym that lists of cases use."""
        return self.id
