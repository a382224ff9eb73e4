"""Rows of demands, and of the departments that need the same."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing import withdrawn
from shuqiao.sharing.demands.types import DEMAND_MOVES, DEMAND_TONES, OPEN_DEMANDS, DemandStatus, NoKind
from shuqiao.sharing.types import BASIS_LEVELS

_OPEN = sorted(status.value for status in OPEN_DEMANDS)


class DemandQuerySet(models.QuerySet["Demand"]):
    """Demands, and who may see them."""

    def visible_to(self, actor: Actor) -> DemandQuerySet:
        """Demands, like the catalogue, are known to every department, so that others can join."""
        if actor.is_platform or actor.may(P.SHARING_DEMAND_READ):
            return self
        return self.none()


class Demand(models.Model):
    """Somebody needs data that the catalogue does not have. `department` is None for the public; `from_public` then
    says how the bureau knows the asker, `code` is the asker's word for looking it up."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("案号", max_length=32, unique=True)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    from_public = models.CharField("公众提出", max_length=200, blank=True)
    code = models.CharField("查询码", max_length=32, blank=True)
    title = models.CharField("需要的数据", max_length=200)
    items: models.JSONField[Any, Any] = models.JSONField("信息项", default=list)
    purpose = models.CharField("用途", max_length=500)
    service_item = models.CharField("政务服务事项", max_length=200, blank=True)
    basis = models.CharField("使用依据", max_length=300, blank=True)
    found: models.JSONField[Any, Any] = models.JSONField("提出时目录中已有", default=list)
    not_enough = models.CharField("已有的为什么不够用", max_length=500, blank=True)
    status = models.CharField(max_length=16, choices=DemandStatus.choices, default=DemandStatus.POSTED)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    posted_on = models.DateField("提出日期")
    changed_at = models.DateTimeField(auto_now=True)

    assigned_to = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    assigned_on = models.DateField("分办日期", null=True)
    assign_note = models.CharField("分办说明", max_length=500, blank=True)
    returned_by = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    returned_reason = models.CharField("退回的理由", max_length=500, blank=True)
    promised_on = models.DateField("承诺日期", null=True)
    reminded_on = models.DateField("提醒日期", null=True)
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    answer_kind = models.CharField("不能满足的类别", max_length=16, choices=NoKind.choices, blank=True)
    answer_reason = models.CharField("答复", max_length=1000, blank=True)
    answer_basis = models.CharField("依据", max_length=500, blank=True)
    answer_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    closed_on = models.DateField("办结日期", null=True)

    objects: ClassVar[models.Manager[Demand]] = models.Manager.from_queryset(DemandQuerySet)()

    class Meta:
        ordering = ["-posted_on", "-number"]
        indexes = [
            models.Index(fields=["status", "-posted_on"]),
            models.Index(fields=["assigned_to", "status"]),
            models.Index(fields=["entry"], condition=Q(status="accepted"), name="demand_waits_for_entry"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "title"],
                condition=Q(status__in=_OPEN, department__isnull=False),
                name="one_open_demand_of_a_title",
            ),
            models.CheckConstraint(
                condition=(Q(department__isnull=False) & Q(from_public=""))
                | (Q(department=None) & ~Q(from_public="")),
                name="demand_has_one_asker",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_OPEN, closed_on=None)
                | (~Q(status__in=_OPEN) & Q(closed_on__isnull=False)),
                name="demand_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="assigned") | Q(assigned_to__isnull=False, assigned_on__isnull=False),
                name="demand_assigned_to_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(promised_on__isnull=False, assigned_to__isnull=False),
                name="demand_promise_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="met") | Q(entry__isnull=False), name="demand_met_by_an_entry"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused")
                | (
                    ~Q(answer_reason="")
                    & ~Q(answer_basis="")
                    & ~Q(answer_kind="")
                    & Q(decision_json__isnull=False)
                ),
                name="demand_refused_with_basis",
            ),
            models.CheckConstraint(
                condition=(Q(status="merged") & Q(merged_into__isnull=False) & ~Q(merged_into=F("id")))
                | (~Q(status="merged") & Q(merged_into=None)),
                name="demand_merged_into_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("sharing:demand", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(CaseKind.DEMAND, self.id, self.number, self.title, self.get_absolute_url())

    def move_to(self, wanted: DemandStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            DEMAND_MOVES, DemandStatus(self.status), wanted, what=f"数据需求 {self.number}"
        )

    def wanted_by(self) -> str:
        """Who posted it."""
        return self.department.name if self.department else self.from_public

    def gone(self) -> str:
        """That the entry named in the answer has left the catalogue since, in words; empty while it is in force."""
        return withdrawn.said_of(self.entry) if self.entry else ""

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return DEMAND_TONES[DemandStatus(self.status)]


class DemandSupporter(models.Model):
    """A department that needs the same. `came_from`: the merged demand it came with."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    demand = models.ForeignKey(Demand, models.CASCADE, related_name="supporters")
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    note = models.CharField("说明", max_length=300, blank=True)
    on = models.DateField("日期")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    came_from = models.ForeignKey(Demand, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["demand", "department"], name="department_supports_once")
        ]

    def __str__(self) -> str:
        return f"{self.demand_id} {self.department_id}"
