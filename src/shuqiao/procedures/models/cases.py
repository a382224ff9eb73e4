"""Rows of running terms, the inbox, notices, case numbers and events."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from shuqiao import law
from shuqiao.accounts.types import P
from shuqiao.kernel.ids import new_id
from shuqiao.procedures.types import CaseKind, E


class CaseCounter(models.Model):
    """The last number given per division, kind and year."""

    id = models.BigAutoField(primary_key=True)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=CaseKind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division", "kind", "year"], name="one_counter_per_year")
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.kind} {self.year}: {self.last}"


class CaseRow(models.Model):
    """What every row about a case repeats, so that lists need no join upwards."""

    case_kind = models.CharField(max_length=32, choices=CaseKind.choices)
    case_id = models.UUIDField()
    case_number = models.CharField("案号", max_length=64)
    case_title = models.CharField("事项", max_length=300)
    case_url = models.CharField(max_length=200)

    class Meta:
        abstract = True


class Term(CaseRow):
    """One running term. `running` is the pure form (law.RunningTerm); the columns beside it are for lists."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    term_id = models.CharField(max_length=64)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="+", verbose_name="承办部门"
    )
    resolved = models.JSONField("期限来源")
    running = models.JSONField("期限")
    opened_on = models.DateField()
    due_on = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)
    overdue_noted_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    days_spent = models.PositiveSmallIntegerField("用去工作日", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["division", "due_on"], condition=Q(closed_on=None, paused=False), name="term_watch"
            ),
            models.Index(fields=["division", "opened_on"], name="term_opened"),
            models.Index(fields=["case_kind", "case_id"]),
            models.Index(fields=["due_on"], condition=Q(closed_on=None, paused=False), name="term_open_due"),
            models.Index(fields=["department", "due_on"], condition=Q(closed_on=None), name="term_open_dept"),
            models.Index(fields=["division", "due_on", "id"], condition=Q(closed_on=None), name="term_open"),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.case_number}"

    def clock(self) -> law.RunningTerm:
        """The pure running term. Read once for the value `running` has: a line of a list asks several times."""
        kept: tuple[Any, law.RunningTerm] | None = self.__dict__.get("_clock")
        if kept is None or kept[0] is not self.running:
            kept = self.__dict__["_clock"] = self.running, law.RunningTerm.from_json(self.running)
        return kept[1]


class InboxItem(CaseRow):
    """One thing a department (or its division's bureau) has to do next on a case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    permission = models.CharField(max_length=64, choices=P.choices)
    action = models.CharField("下一步", max_length=32)
    detail = models.CharField("内容", max_length=300, blank=True)
    basis = models.JSONField("依据", default=list)
    term = models.ForeignKey(Term, models.PROTECT, null=True, related_name="+")
    stage = models.CharField("链上的位置", max_length=16, default="term")
    # The term's, so that an inbox is counted and sorted without it. Written by triggers, whatever is given.
    due_on = models.DateField(null=True, editable=False)
    paused = models.BooleanField(null=True, editable=False)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # An inbox is counted and sorted from this index alone, without reading wide rows.
            models.Index(
                fields=["department", "permission", "case_kind", "paused", "due_on", "opened_at", "id"],
                condition=Q(done_at=None),
                name="inbox_lines",
            ),
            models.Index(fields=["case_kind", "case_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.case_number}"


class Notice(CaseRow):
    """A sentence to a department about a case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["department", "-at"])]

    def __str__(self) -> str:
        return self.text


class NoticeRead(models.Model):
    """Who has read a department's notices, and up to when."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.until:%F %T}"


class Event(models.Model):
    """Who did what to which case when. Written in the step's transaction; a trigger refuses change and removal.

    No foreign keys: the row outlives its subject. `erasable` names the keys of `data` that may hold personal data.
    """

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=64, choices=E.choices)
    at = models.DateTimeField()
    on = models.DateField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)
    department_id = models.UUIDField(null=True)
    department_name = models.CharField(max_length=128, blank=True)
    case_kind = models.CharField(max_length=32, choices=CaseKind.choices)
    case_id = models.UUIDField()
    case_number = models.CharField(max_length=64)
    decision = models.JSONField(null=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case_kind", "case_id", "id"]), models.Index(fields=["type", "id"])]

    def __str__(self) -> str:
        return f"{self.type} {self.case_number}"


class UnsealedEvent(models.Model):
    """An event that is not in the evidence log yet. Written with the event, removed when it is sealed, so that
    an event whose transaction commits late is never passed over."""

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.event_id)


class EventSeal(models.Model):
    """An event is in the evidence log, under this receipt. Never changed, like the event itself."""

    event_id = models.BigIntegerField(primary_key=True)
    receipt = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.event_id}: {self.receipt}"


class JournalAnchor(models.Model):
    """The head of one node's evidence log at a moment, kept apart from the log: a log rewritten from end to end is
    consistent in itself, and only an anchor tells (`shuqiao anchors`, `shuqiao journal verify --anchors`)."""

    id = models.BigAutoField(primary_key=True)
    node = models.CharField(max_length=64)
    head = models.JSONField("链头")
    seq = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "seq"], name="one_anchor_per_head")]

    def __str__(self) -> str:
        return f"{self.node} {self.seq}"
