"""Rows of return flows, and of the columns that say to which lower division a row belongs."""

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
from shuqiao.sharing.returning.types import RETURN_MOVES, RETURN_TONES, AreaForm, ReturnStatus
from shuqiao.sharing.types import BASIS_LEVELS


class ReturnMark(models.Model):
    """A table that holds lower divisions' data, and its column that says which."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.OneToOneField("resources.Resource", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    column = models.CharField("区划列", max_length=128)
    form = models.CharField("列里写的是", max_length=8, choices=AreaForm.choices)
    marked_by_name = models.CharField("标注人", max_length=64)
    marked_on = models.DateField("标注日期")

    class Meta:
        ordering = ["-marked_on"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(column="") & Q(form__in=AreaForm.values), name="return_mark_names_a_column"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.column}"


class ReturnQuerySet(models.QuerySet["ReturnFlow"]):
    """Return flows, and who may see them."""

    def visible_to(self, actor: Actor) -> ReturnQuerySet:
        """Both sides, and those who oversee either division."""
        if actor.is_platform:
            return self
        departments = actor.departments_with(P.SHARING_REQUEST_READ)
        divisions = actor.divisions_with(P.SHARING_REQUEST_READ)
        return self.filter(
            Q(department__in=departments)
            | Q(provider__in=departments)
            | Q(division__in=divisions)
            | Q(department__division__in=divisions)
        )


class ReturnFlow(models.Model):
    """A department of a lower division asks for what the upper level collected from its area."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    title = models.CharField("数据", max_length=200)
    status = models.CharField("状态", max_length=16, choices=ReturnStatus.choices, default=ReturnStatus.ASKED)
    items: models.JSONField[Any, Any] = models.JSONField("信息项")
    modes: models.JSONField[Any, Any] = models.JSONField("共享方式")
    purpose = models.CharField("用途", max_length=300)
    valid_until = models.DateField("使用时限", null=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField("提出人", max_length=64)
    asked_on = models.DateField("提出日期")
    changed_at = models.DateTimeField(auto_now=True)
    where: models.JSONField[Any, Any] = models.JSONField("行条件", default=list)
    grant = models.OneToOneField("delivery.Grant", models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    answer_basis = models.CharField("法律依据", max_length=500, blank=True)
    answer_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    closed_on = models.DateField("办结日期", null=True)

    objects: ClassVar[models.Manager[ReturnFlow]] = models.Manager.from_queryset(ReturnQuerySet)()

    class Meta:
        ordering = ["-asked_on", "-number"]
        indexes = [
            models.Index(fields=["department", "-asked_on"]),
            models.Index(fields=["provider", "status"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in ReturnStatus]), name="return_status_known"
            ),
            models.CheckConstraint(
                condition=(Q(status="opened") & Q(grant__isnull=False) & ~Q(where=[]))
                | (~Q(status="opened") & Q(grant=None)),
                name="return_opened_with_rows_of_its_area",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused")
                | (~Q(answer_basis="") & ~Q(answer_level="") & Q(decision_json__isnull=False)),
                name="return_refused_with_law",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", closed_on=None)
                | (~Q(status="asked") & Q(closed_on__isnull=False)),
                name="return_closed_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["department", "resource"],
                condition=Q(status="asked"),
                name="one_open_return_of_a_table",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("sharing:return", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know it."""
        return CaseRef(CaseKind.RETURN_FLOW, self.id, self.number, self.title, self.get_absolute_url())

    def move_to(self, wanted: ReturnStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            RETURN_MOVES, ReturnStatus(self.status), wanted, what=f"数据回流 {self.number}"
        )

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return RETURN_TONES[ReturnStatus(self.status)]
