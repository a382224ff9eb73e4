"""Rows of resources, uploads and versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.resources.types import (
    MOVES,
    OPEN_STATUSES,
    TONES,
    TRANSFER_MOVES,
    WITH_TABLE,
    ComparisonState,
    Kind,
    Status,
    TransferState,
    UploadState,
)


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Which resources an actor may know of."""

    def visible_to(self, actor: Actor) -> ResourceQuerySet:
        """Own department's and supervised divisions' resources whole; others once they are published."""
        if actor.is_platform:
            return self
        if actor.is_anonymous:
            return self.none()
        return self.filter(_own(actor, "") | Q(current_version__isnull=False))

    def managed_by(self, actor: Actor) -> ResourceQuerySet:
        """Resources the actor sees whole, with versions under way."""
        return self if actor.is_platform else self.filter(_own(actor, ""))


def _own(actor: Actor, prefix: str) -> Q:
    return Q(**{f"{prefix}department__in": actor.departments_with(P.RESOURCES_RESOURCE_READ)}) | Q(
        **{f"{prefix}department__division__in": actor.divisions_with(P.RESOURCES_RESOURCE_READ)}
    )


class Resource(models.Model):
    """A table mounted on a catalogue entry (Yingkou 18). What is published is `current_version`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(
        "catalog.Entry", models.PROTECT, related_name="resources", verbose_name="目录条目"
    )
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    name = models.CharField("资源名称", max_length=200)
    kind = models.CharField("形态", max_length=16, choices=Kind.choices, default=Kind.TABLE)
    modes: models.JSONField[Any, Any] = models.JSONField("提供方式", default=list)
    lookup_keys: models.JSONField[Any, Any] = models.JSONField("查询键", default=list)
    current_version = models.OneToOneField(
        "resources.Version", models.PROTECT, null=True, blank=True, related_name="current_of"
    )
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Resource]] = models.Manager.from_queryset(ResourceQuerySet)()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="one_resource_per_name_on_entry")
        ]
        indexes = [models.Index(fields=["department", "name"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the resource."""
        return reverse("resources:resource", args=[self.id])


class Upload(models.Model):
    """One file as it came. `path` is relative to the staging folder; the sum is of the bytes received."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="uploads")
    filename = models.CharField("原文件名", max_length=255)
    size = models.BigIntegerField("字节")
    sha256 = models.CharField("SHA-256", max_length=64)
    path = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=16, choices=UploadState.choices, default=UploadState.RECEIVED)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    removed_on = models.DateField("清除日期", null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="upload_not_empty")]

    def __str__(self) -> str:
        return self.filename


class Transfer(models.Model):
    """A file on its way in pieces (tus 1.0.0). `offset` bytes of `part`, in the staging folder, are on disk for good.

    Whoever writes holds the transfer: `holder` until `held_until`; what comes under another name is refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="transfers")
    filename = models.CharField("原文件名", max_length=255)
    length = models.BigIntegerField("全长（字节）")
    offset = models.BigIntegerField("已收到（字节）", default=0)
    promised_sha256 = models.CharField("发送方给出的 SHA-256", max_length=64, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    part = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=16, choices=TransferState.choices, default=TransferState.RECEIVING)
    problems: models.JSONField[Any, Any] = models.JSONField("不能使用的原因", default=list)
    version = models.ForeignKey("resources.Version", models.PROTECT, null=True, related_name="+")
    holder = models.CharField(max_length=32, blank=True)
    held_until = models.DateTimeField(null=True)
    started_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(length__gt=0, offset__gte=0, offset__lte=F("length")),
                name="transfer_offset_within_length",
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferState.RECEIVED) | Q(version__isnull=False, offset=F("length")),
                name="received_transfer_has_version",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state=TransferState.RECEIVING),
                name="transfer_receiving",
            )
        ]

    def __str__(self) -> str:
        return self.filename

    def move_to(self, state: TransferState) -> None:
        """Take the next state, if it may follow. Raises IllegalMove."""
        self.state = check_move(TRANSFER_MOVES, TransferState(self.state), state, what=f"上传“{self}”")


class ReadingRecipe(models.Model):
    """How files of a resource are read, as its publisher confirmed it: numbered, never edited. The newest one is
    proposed for the next file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="recipes")
    number = models.PositiveIntegerField("方案号")
    reading: models.JSONField[Any, Any] = models.JSONField("指定的工作表、列表与表头行", default=dict)
    recipe: models.JSONField[Any, Any] = models.JSONField("读取方案")
    items: models.JSONField[Any, Any] = models.JSONField("列对应的信息项", default=dict)
    unique_keys: models.JSONField[Any, Any] = models.JSONField("生成后每行不同的查询键", default=list)
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["resource", "number"], name="one_recipe_per_number")]

    def __str__(self) -> str:
        return f"第 {self.number} 号读取方案"


class VersionQuerySet(models.QuerySet["Version"]):
    """Which versions an actor may know of."""

    def visible_to(self, actor: Actor) -> VersionQuerySet:
        """Versions of the own department and of supervised divisions. Everybody else reads through grants."""
        if actor.is_platform:
            return self
        if actor.is_anonymous:
            return self.none()
        return self.filter(_own(actor, "resource__"))


class Version(models.Model):
    """One state of a table: never edited once published, readable by id for good."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本号")
    case_number = models.CharField("案号", max_length=32)
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="versions")
    status = models.CharField("状态", max_length=16, choices=Status.choices, default=Status.UPLOADED)
    created_at = models.DateTimeField()

    reading: models.JSONField[Any, Any] = models.JSONField("指定的工作表、列表与表头行", default=dict)
    preview: models.JSONField[Any, Any] = models.JSONField("文件预览", null=True)
    head: models.JSONField[Any, Any] = models.JSONField("文件开头的行", default=list)
    changes: models.JSONField[Any, Any] = models.JSONField("与现行版本的结构差异", default=list)
    recipe: models.JSONField[Any, Any] = models.JSONField("读取方案", null=True)
    saved_recipe = models.ForeignKey(ReadingRecipe, models.PROTECT, null=True, related_name="versions")
    items: models.JSONField[Any, Any] = models.JSONField("列对应的信息项", default=dict)
    personal: models.JSONField[Any, Any] = models.JSONField("疑似个人信息的列", default=list)

    store_version = models.CharField(max_length=80, blank=True, db_index=True)
    schema: models.JSONField[Any, Any] = models.JSONField("列", default=list)
    rows = models.BigIntegerField("行数", default=0)
    quarantined = models.BigIntegerField("隔离行数", default=0)
    reasons: models.JSONField[Any, Any] = models.JSONField("隔离原因", default=dict)
    reported: models.JSONField[Any, Any] = models.JSONField("另行登记的行", default=dict)
    content: models.JSONField[Any, Any] = models.JSONField("文件：名称、类型、字节与摘要", default=dict)

    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    error: models.JSONField[Any, Any] = models.JSONField("未能生成的原因", default=list)

    secrecy_checked = models.BooleanField("已作保密审查", default=False)
    personal_checked = models.BooleanField("已作个人信息审查", default=False)
    check_note = models.CharField("审查说明", max_length=300, blank=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    submitted_on = models.DateField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    return_reason = models.CharField("退回理由", max_length=500, blank=True)
    published_on = models.DateField(null=True)
    superseded_on = models.DateField(null=True)
    removed_on = models.DateField("数据清除日期", null=True)

    objects: ClassVar[models.Manager[Version]] = models.Manager.from_queryset(VersionQuerySet)()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["resource"], condition=Q(status=Status.PUBLISHED), name="one_published_version"
            ),
            models.UniqueConstraint(
                fields=["resource"], condition=Q(status__in=OPEN_STATUSES), name="one_version_under_way"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=WITH_TABLE) | ~Q(store_version=""),
                name="version_past_build_has_table",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.SUBMITTED, Status.PUBLISHED, Status.SUPERSEDED])
                | Q(secrecy_checked=True, personal_checked=True),
                name="submitted_version_was_checked",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.PUBLISHED, Status.SUPERSEDED])
                | Q(published_on__isnull=False),
                name="published_version_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RETURNED) | ~Q(return_reason=""),
                name="returned_version_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(status__in=[Status.SUPERSEDED, Status.DISCARDED]),
                name="only_old_versions_are_removed",
            ),
            models.CheckConstraint(
                condition=Q(published_on=None) | Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                name="publisher_is_not_submitter",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(status__in=[Status.CONFIRMED, Status.UPLOADED]),
                name="version_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource.name} 第 {self.number} 版"

    def get_absolute_url(self) -> str:
        """The page of the version: wherever it stands, the next step is there."""
        return reverse("resources:version", args=[self.id])

    def move_to(self, status: Status) -> None:
        """Take the next state, if it may follow. Raises IllegalMove."""
        self.status = check_move(MOVES, Status(self.status), status, what=f"数据版本“{self}”")

    @property
    def case(self) -> CaseRef:
        """How inbox, events and notices know the version."""
        return CaseRef(
            CaseKind.RESOURCE_VERSION, self.id, self.case_number, str(self), self.get_absolute_url()
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return TONES[Status(self.status)]

    @property
    def sensitive_columns(self) -> frozenset[str]:
        """Columns the publisher marked as sensitive, and those suspected and not yet decided."""
        return frozenset(one["column"] for one in self.personal if one.get("decision") != "keep")

    @property
    def undecided_columns(self) -> tuple[str, ...]:
        """Suspected columns on which the publisher has not decided."""
        return tuple(one["column"] for one in self.personal if not one.get("decision"))


class Opening(models.Model):
    """What of a resource may be open, as reviewed before it opened (Yingkou 28, Dongchangfu 28). Only services write
    it, on behalf of a review. It holds as long as versions look as `reviewed` and nothing more is suspected."""

    resource = models.OneToOneField(Resource, models.PROTECT, primary_key=True, related_name="opening")
    kind = models.CharField("开放属性", max_length=16)
    columns: models.JSONField[Any, Any] = models.JSONField("开放的列与脱敏方式")
    reviewed: models.JSONField[Any, Any] = models.JSONField("审查时的列")
    review_id = models.UUIDField("开放审查")
    since = models.DateField("自")
    ended_on = models.DateField("止", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["unconditional", "conditional"]), name="opening_of_a_known_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.kind}"


class Comparison(models.Model):
    """The difference between two versions of one table by a key, computed by the worker, kept as a file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    old = models.ForeignKey(Version, models.PROTECT, related_name="+")
    new = models.ForeignKey(Version, models.PROTECT, related_name="comparisons")
    key: models.JSONField[Any, Any] = models.JSONField("对照的键")
    state = models.CharField(max_length=16, choices=ComparisonState.choices, default=ComparisonState.WAITING)
    counts: models.JSONField[Any, Any] = models.JSONField("新增、删除、变更的行数", default=dict)
    columns: models.JSONField[Any, Any] = models.JSONField("对照的列", default=list)
    error: models.JSONField[Any, Any] = models.JSONField("未能算出的原因", default=list)
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lines_done = models.BigIntegerField(default=0)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["old", "new", "key"], name="one_comparison_of_two_versions"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="comparison_of_two_versions"),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state=ComparisonState.WAITING),
                name="comparison_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"第 {self.old.number} 版与第 {self.new.number} 版"

    def get_absolute_url(self) -> str:
        """The page of the difference."""
        return reverse("resources:comparison", args=[self.id])
