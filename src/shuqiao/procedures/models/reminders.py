"""What a person wants to be told and how, and what the platform has reminded of."""

from __future__ import annotations

from datetime import date

from django.db import models

from shuqiao.kernel.ids import new_id
from shuqiao.procedures.models.cases import Term
from shuqiao.procedures.types import MailRhythm, ReminderKind


class MailWish(models.Model):
    """How often a person wants mail. `told_until` and `digested_on` say how far they have been told; changing them
    conditionally is how one worker claims a person."""

    user = models.OneToOneField("accounts.User", models.PROTECT, primary_key=True, related_name="+")
    rhythm = models.CharField("邮件", max_length=16, choices=MailRhythm.choices, default=MailRhythm.NONE)
    told_until = models.DateTimeField()
    digested_on = models.DateField(default=date.min)

    class Meta:
        indexes = [models.Index(fields=["rhythm", "digested_on"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.rhythm}"


class TermReminder(models.Model):
    """The platform has reminded of a term's due day. A due day that moves is a new one."""

    id = models.BigAutoField(primary_key=True)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ReminderKind.choices)
    due_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "kind", "due_on"], name="one_reminder_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.kind} {self.due_on}"


class CalendarFeed(models.Model):
    """The secret address of a person's calendar of due days. Only a hash of the secret is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%F}"
