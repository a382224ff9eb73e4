"""One source per datum: what looks the same, who is the source, and what is collected outside the catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.types import EMERGENCY_MOVES, PAIR_MOVES, EmergencyStatus, PairStatus
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef


class PairQuerySet(models.QuerySet["DuplicatePair"]):
    """Pairs, and who may see them."""

    def visible_to(self, actor: Actor) -> PairQuerySet:
        """The departments that hold one of the two, and those who oversee one of their divisions."""
        if actor.is_platform:
            return self
        mine = actor.departments_with(P.CATALOG_ENTRY_READ)
        watched = actor.divisions_with(P.CATALOG_ENTRY_READ)
        return self.filter(
            Q(first__department__in=mine)
            | Q(second__department__in=mine)
            | Q(first__division__in=watched)
            | Q(second__division__in=watched)
        )


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
    # What the two said when they were compared: a decision holds until that changes.
    fingerprint = models.CharField(max_length=32, blank=True)

    objects: ClassVar[models.Manager[DuplicatePair]] = models.Manager.from_queryset(PairQuerySet)()

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


class EntryBlock(models.Model):
    """A key under which entries that may be the same meet (`duplicates.block_keys`): only those are compared."""

    entry = models.ForeignKey("catalog.Entry", models.CASCADE, related_name="+")
    key = models.BigIntegerField(db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.key} {self.entry_id}"


class DuplicateCursor(models.Model):
    """Up to which numbered change duplicates and the spread of items have been looked for. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen = models.BigIntegerField(default=0)
    items_seen = models.BigIntegerField(default=0)
    places: models.JSONField[dict[str, list[str]], dict[str, list[str]]] = models.JSONField(
        "地名", default=dict
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_duplicate_cursor")]

    def __str__(self) -> str:
        return str(self.seen)


class ItemSpread(models.Model):
    """A data item that several departments of one jurisdiction hold (Decree 19): derived by the worker."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey("organizations.Division", models.CASCADE, related_name="+")
    datum = models.CharField("数据项", max_length=128)
    data_type = models.CharField("数据类型", max_length=1, blank=True)
    names: models.JSONField[list[str], list[str]] = models.JSONField("写法", default=list)
    entries = models.PositiveIntegerField("条目数")
    departments = models.PositiveIntegerField("部门数")

    class Meta:
        ordering = ["-departments", "-entries", "datum"]
        constraints = [
            models.UniqueConstraint(fields=["division", "datum", "data_type"], name="spread_once"),
        ]
        indexes = [models.Index(fields=["division", "-departments", "-entries"])]

    def __str__(self) -> str:
        return f"{self.datum} ×{self.departments}"


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
    end_reason = models.CharField("失效原因", max_length=500, blank=True)

    class Meta:
        ordering = ["datum"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "datum"], condition=Q(ended_on=None), name="one_source_per_datum"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | ~Q(end_reason=""), name="source_ended_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.datum}: {self.department_id}"


class EmergencyQuerySet(models.QuerySet["EmergencyCollection"]):
    """Emergency collections, and who may see them."""

    def visible_to(self, actor: Actor) -> EmergencyQuerySet:
        """The department that collects, and those who oversee its division."""
        if actor.is_platform:
            return self
        return self.filter(
            Q(department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
            | Q(department__division__in=actor.divisions_with(P.CATALOG_ENTRY_READ))
        )


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
    reminded_on = models.DateField("到期前提醒", null=True, blank=True)
    overdue_noted_on = models.DateField("逾期记录", null=True, blank=True)

    objects: ClassVar[models.Manager[EmergencyCollection]] = models.Manager.from_queryset(EmergencyQuerySet)()

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
