"""The numbered list of changes: what the search index and other levels catch up by."""

from __future__ import annotations

from django.db import models

from shuqiao.catalog.types import Change


class ChangeCounter(models.Model):
    """The last number given. Its one row is locked by whoever takes the next, so numbers come in commit order:
    a reader that has seen n has seen everything before it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_change_counter")]

    def __str__(self) -> str:
        return str(self.last)


class EntryChange(models.Model):
    """Something about an entry changed. Without a foreign key: the list outlives its subject."""

    seq = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=1, choices=Change.choices)
    revision_id = models.UUIDField(null=True)
    division_id = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.entry_id}"
