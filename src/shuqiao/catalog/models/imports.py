"""Sheets somebody imported."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shuqiao.catalog.types import IMPORT_MOVES, ImportStatus
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move


class ImportRecord(models.Model):
    """A sheet somebody imported: which file, by whom, what was found, what came of it. The report stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # One department's own sheet, or a whole division's, brought in by its bureau: then the sheet says whose each is.
    department = models.ForeignKey(
        "organizations.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="导入部门",
    )
    division = models.ForeignKey(
        "organizations.Division",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="导入区划",
    )
    status = models.CharField(
        "状态", max_length=16, choices=ImportStatus.choices, default=ImportStatus.CHECKED
    )
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField("导入人", max_length=64)
    at = models.DateTimeField("上传时间")
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    rows = models.PositiveIntegerField("数据行")
    found = models.PositiveIntegerField("资源数")
    good = models.PositiveIntegerField("可导入")
    imported = models.PositiveIntegerField("已导入", default=0)
    problems: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(
        "问题", default=list
    )

    # How many problems of each kind there are, also of those beyond the number that is kept one by one.
    counts: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField("问题计数", default=dict)
    # How the file was read and whose the entries of a named provider are: `choices.Choices`.
    choices: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField(
        "读取方式", default=dict
    )
    left: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(
        "撤销时留下的", default=list
    )
    mapping = models.ForeignKey("ColumnMapping", models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["department", "-at"]),
            models.Index(fields=["division", "-at"], name="import_of_division"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(division__isnull=False),
                name="import_is_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(imported__lte=F("good")) & Q(good__lte=F("found")), name="import_counts_add_up"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["imported", "undone"]) | Q(imported=0),
                name="import_counts_only_when_imported",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%F %T}"

    def move_to(self, wanted: ImportStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(
            IMPORT_MOVES, ImportStatus(self.status), wanted, what=f"导入“{self.file_name}”"
        )


class ColumnMapping(models.Model):
    """How the columns of somebody's own layout become ours, saved and used again. A change is a new version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    name = models.CharField("名称", max_length=100)
    version = models.PositiveIntegerField("版次", default=1)
    rules: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField("对应规则")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("保存时间")
    retired = models.BooleanField("不再使用", default=False)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["division", "name", "version"], name="mapping_version_once"),
            models.CheckConstraint(condition=~Q(name=""), name="mapping_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第 {self.version} 版"
