"""The working days of a year, as an administrator imported them from the State Council's notice."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from shuqiao import law
from shuqiao.kernel.ids import new_id


class CalendarYear(models.Model):
    """One imported notice. A later one of the same year supersedes it; nothing is removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_number = models.CharField("案号", max_length=64)
    year = models.PositiveSmallIntegerField("年份")
    source = models.CharField("通知名称", max_length=200)
    number = models.CharField("文号", max_length=64)
    issued_on = models.DateField("印发日期")
    off = models.JSONField("放假")
    work = models.JSONField("调休上班")
    imported_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    imported_at = models.DateTimeField("导入于")
    superseded_at = models.DateTimeField("被替换于", null=True)

    class Meta:
        ordering = ["-year", "-imported_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(superseded_at=None), name="one_calendar_per_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.number}"

    def notice(self) -> law.YearNotice:
        """The pure form."""
        off, work = (frozenset(date.fromisoformat(day) for day in days) for days in (self.off, self.work))
        return law.YearNotice(self.year, off, work, f"{self.source}（{self.number}）")
