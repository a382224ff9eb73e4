"""The identity of what the catalogue holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id

CODE_LENGTH = 64


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, seen by somebody."""

    def visible_to(self, actor: Actor) -> EntryQuerySet:
        """Published entries for everybody; drafts for their department; what is before the bureau for its reviewers."""
        if actor.is_platform:
            return self
        seen = Q(published__isnull=False)
        if mine := actor.departments_with(P.CATALOG_ENTRY_READ):
            seen |= Q(department__in=mine)
        if watched := actor.divisions_with(P.CATALOG_ENTRY_READ):
            seen |= Q(division__in=watched, was_submitted=True)
        return self.filter(seen)

    def published(self) -> EntryQuerySet:
        """Entries in force: published and not withdrawn."""
        return self.filter(published__isnull=False)


class Entry(models.Model):
    """The identity of a data resource in the catalogue: whose it is, and under which code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey(
        "organizations.Division", models.PROTECT, related_name="+", verbose_name="区划"
    )
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="提供部门", db_index=False
    )  # without an index of its own: `entry_of_department` begins with it
    code = models.CharField("信息资源代码", max_length=CODE_LENGTH, null=True, blank=True)  # noqa: DJ001 - unique, given late
    published = models.OneToOneField("Revision", models.PROTECT, null=True, blank=True, related_name="+")
    was_submitted = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤下原因", max_length=300, blank=True)
    # What the data itself tells, brought up by the apps that hold it: freshness is judged against it.
    data_updated_on = models.DateField("数据更新日期", null=True, blank=True)
    data_rows = models.BigIntegerField("数据行数", null=True, blank=True)
    # Merged into another entry: addresses and codes of this one lead there (Dongchangfu 15).
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Entry]] = models.Manager.from_queryset(EntryQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division", "code"], name="entry_code_once_per_division"),
            models.CheckConstraint(
                condition=Q(published=None) | Q(withdrawn_at=None), name="entry_withdrawn_not_published"
            ),
            models.CheckConstraint(
                condition=Q(published=None) | Q(code__isnull=False), name="entry_published_has_code"
            ),
            models.CheckConstraint(condition=Q(code__isnull=True) | ~Q(code=""), name="entry_code_not_empty"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(published=None), name="entry_merged_not_published"
            ),
        ]
        indexes = [
            models.Index(fields=["division", "department"]),
            models.Index(fields=["department", "id"], name="entry_of_department"),
            models.Index(
                fields=["code", "id"], condition=Q(published__isnull=False), name="entry_published_code"
            ),
        ]

    def __str__(self) -> str:
        return self.code or str(self.id)
