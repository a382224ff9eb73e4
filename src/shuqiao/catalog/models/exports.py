"""Workbooks of search results that the worker makes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shuqiao.catalog.types import EXPORT_MOVES, EntryFilters, ExportStatus
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move


class Export(models.Model):
    """A search result somebody wants as a workbook: what was asked, how far the worker is, which file came of it.

    The file is kept for a day, its row stays: it is the record of who took what away.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="导出人")
    asked: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField("检索条件", default=dict)
    layout = models.CharField("表式", max_length=1)
    status = models.CharField(
        "状态", max_length=16, choices=ExportStatus.choices, default=ExportStatus.WAITING
    )
    found = models.PositiveIntegerField("检索到")
    wanted = models.PositiveIntegerField("要写入")
    written = models.PositiveIntegerField("已写入", default=0)
    file = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField("字节", default=0)
    problem = models.CharField("没有文件的原因", max_length=300, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField("要求时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    expires_at = models.DateTimeField("保留到", null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["by", "-at"], name="export_of_person"),
            models.Index(
                fields=["lease_until"], condition=Q(status=ExportStatus.WAITING), name="export_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__lte=F("found")) & Q(written__lte=F("wanted")), name="export_counts_add_up"
            ),
            models.CheckConstraint(
                condition=~Q(status=ExportStatus.DONE) | (~Q(file="") & Q(expires_at__isnull=False)),
                name="done_export_has_file",
            ),
            models.CheckConstraint(
                condition=Q(status=ExportStatus.DONE) | Q(file=""), name="only_done_export_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"目录导出 {self.at:%F %T}"

    def get_absolute_url(self) -> str:
        """The page of the export."""
        return reverse("catalog:export-job", args=[self.pk])

    def move_to(self, wanted: ExportStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(EXPORT_MOVES, ExportStatus(self.status), wanted, what="这次导出")

    def filters(self) -> EntryFilters:
        """The search as it was asked."""
        asked: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.asked.items()
        }
        return EntryFilters(**asked)

    def has_file(self, at: datetime) -> bool:
        """Whether its file is there and may still be taken."""
        return self.status == ExportStatus.DONE and self.expires_at is not None and at < self.expires_at
