"""Mail that waits for the worker, was sent, or was given up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.kernel.ids import new_id
from shuqiao.procedures.types import CaseKind

WAITING = Q(sent_at=None, given_up_at=None)


class OutgoingMail(models.Model):
    """One mail to one address. Written in the step's transaction; `next_try_at` is also the lease of who sends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    to = models.EmailField("收件人", max_length=254)
    subject = models.CharField("主题", max_length=200)
    text = models.TextField("正文")
    case_kind = models.CharField(max_length=32, choices=CaseKind.choices, blank=True)
    case_id = models.UUIDField(null=True)
    case_number = models.CharField("案号", max_length=64, blank=True)
    queued_at = models.DateTimeField("写入于")
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送")
    last_error = models.CharField("上次失败", max_length=300, blank=True)
    sent_at = models.DateTimeField("发出于", null=True)
    given_up_at = models.DateTimeField("放弃于", null=True)

    class Meta:
        ordering = ["-queued_at"]
        indexes = [models.Index(fields=["next_try_at"], condition=WAITING, name="mail_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="mail_sent_or_given_up"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.queued_at:%F %T}"
