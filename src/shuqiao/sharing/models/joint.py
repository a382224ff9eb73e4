"""Rows of applications for several entries at once. Each entry is a request of its own, with its own answer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing.models.requests import SharingRequest
from shuqiao.sharing.types import BASIS_LEVELS, JOINT_MOVES, JOINT_TONES, JointStatus


class JointQuerySet(models.QuerySet["JointRequest"]):
    """Joint applications, and who may see them."""

    def visible_to(self, actor: Actor) -> JointQuerySet:
        """The requester, whoever may see one of its parts, and those who oversee the requester's division; the basket
        is the requester's alone."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.SHARING_REQUEST_READ)
        divisions = actor.divisions_with(P.SHARING_REQUEST_READ)
        # Through the ids of parts: a join would list the application once for each of its parts.
        parts = SharingRequest.objects.filter(
            Q(provider__in=departments) | Q(division__in=divisions), ~Q(number=""), joint__isnull=False
        )
        others = Q(id__in=parts.values("joint")) | Q(requester__division__in=divisions)
        return self.filter(Q(requester__in=departments) | (others & ~Q(number="")))


class JointRequest(models.Model):
    """One department asks for several entries with one purpose, on one ground, until one day, signed once.

    A draft is the department's basket; it has one. The number is given when it is submitted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, blank=True)
    requester = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="需求部门"
    )
    status = models.CharField("状态", max_length=16, choices=JointStatus.choices, default=JointStatus.DRAFT)

    purpose = models.CharField("用途", max_length=300, blank=True)
    scenario = models.CharField("使用场景", max_length=500, blank=True)
    legal_basis = models.CharField("使用依据", max_length=300, blank=True)
    legal_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    legal_basis_text = models.CharField("条文内容", max_length=1000, blank=True)
    service_item = models.CharField("政务服务事项", max_length=200, blank=True)
    modes: models.JSONField[Any, Any] = models.JSONField("共享方式", default=list)
    valid_until = models.DateField("使用时限", null=True)
    onward = models.BooleanField("需要提供给第三方", default=False)
    onward_to = models.CharField("第三方", max_length=200, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    signed_by_name = models.CharField("签署人", max_length=64, blank=True)
    signed_on = models.DateField("签署日期", null=True)
    ended_on = models.DateField("办结日期", null=True)

    objects: ClassVar[models.Manager[JointRequest]] = models.Manager.from_queryset(JointQuerySet)()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="joint_number_once"),
            models.UniqueConstraint(
                fields=["requester"], condition=Q(status="draft"), name="joint_one_basket_each"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in JointStatus]), name="joint_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | (~Q(number="") & Q(signed_on__isnull=False)),
                name="joint_signed_when_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status="decided") | Q(ended_on__isnull=False), name="joint_decided_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or '申请篮'} {self.purpose}"

    def get_absolute_url(self) -> str:
        """The page with every part."""
        return reverse("sharing:joint", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures knows this application."""
        number, title = self.number or "申请篮", self.purpose or "联合申请"
        return CaseRef(CaseKind.JOINT_REQUEST, self.id, number, title, self.get_absolute_url())

    def mark(self) -> str:
        """Which state of the row somebody has seen: another one after every change."""
        return self.changed_at.isoformat()

    def move_to(self, wanted: JointStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        what = f"联合申请 {self.number or '申请篮'}"
        self.status = check_move(JOINT_MOVES, JointStatus(self.status), wanted, what=what)

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return JOINT_TONES[JointStatus(self.status)]
