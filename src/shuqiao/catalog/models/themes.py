"""Theme catalogues: entries of several departments put together and established as a whole (Yingkou 12)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.catalog.types import THEME_MOVES, ThemeStatus
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef


class ThemeCatalogue(models.Model):
    """A theme, the department that leads it, and how far it has come."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    lead = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="牵头部门"
    )
    name = models.CharField("主题目录名称", max_length=100)
    purpose = models.CharField("用途说明", max_length=1000, blank=True)
    status = models.CharField("状态", max_length=16, choices=ThemeStatus.choices, default=ThemeStatus.DRAFT)
    case_number = models.CharField("案号", max_length=32, blank=True)
    return_reason = models.CharField("退回理由", max_length=500, blank=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    submitted_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "name"], condition=~Q(status="dissolved"), name="theme_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="theme_has_name"),
            models.CheckConstraint(
                condition=~Q(status="established") | Q(decided_on__isnull=False), name="theme_decided"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def move_to(self, wanted: ThemeStatus) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(THEME_MOVES, ThemeStatus(self.status), wanted, what=f"主题目录“{self.name}”")

    def case(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(
            CaseKind.THEME_CATALOGUE, self.id, self.case_number, self.name, f"/catalog/themes/{self.id}/"
        )


class ThemeMember(models.Model):
    """An entry of a theme catalogue, in its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    theme = models.ForeignKey(ThemeCatalogue, models.CASCADE, related_name="members")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="themes")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["theme", "entry"], name="theme_entry_once")]

    def __str__(self) -> str:
        return f"{self.theme_id}: {self.entry_id}"
