"""Lists the catalogue is kept by: codes given, classification, words that mean the same."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.kernel.ids import new_id


class CodeCounter(models.Model):
    """The last sequence number given per division and classification code."""

    id = models.BigAutoField(primary_key=True)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    classification = models.CharField(max_length=24)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division", "classification"], name="one_code_counter")
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.classification}: {self.last}"


class Classification(models.Model):
    """One node of the four-level classification (类、项、目、细目). `division` None: the national list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey(
        "organizations.Division", models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField("层级")
    code = models.CharField("代码", max_length=24)
    name = models.CharField("名称", max_length=100)
    retired = models.BooleanField("停用", default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(division=None), name="classification_national_code_once"
            ),
            models.UniqueConstraint(
                fields=["division", "code"],
                condition=Q(division__isnull=False),
                name="classification_code_once",
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="classification_level"),
            models.CheckConstraint(
                condition=Q(level=1, parent=None) | Q(level__gt=1, parent__isnull=False),
                name="classification_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Synonyms(models.Model):
    """Words that a search takes for one another, kept by the bureau."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    words: models.JSONField[list[str], list[str]] = models.JSONField("同义词")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("保存时间")

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "同义词"

    def __str__(self) -> str:
        return "、".join(self.words)
