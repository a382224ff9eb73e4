"""What the public says of open data, and the stars it gives."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.opening.feedback.types import (
    TONES,
    WITHOUT_ACCOUNT,
    Edition,
    FeedbackKind,
    FeedbackStatus,
    Ground,
    moves_of,
)
from shuqiao.procedures.types import CaseKind, CaseRef

STARS = range(1, 6)


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """What the public said, and who may see it."""

    def visible_to(self, actor: Actor) -> FeedbackQuerySet:
        """The author, the department it is about, and who oversees the division."""
        if actor.is_platform:
            return self
        seen = Q(department__in=actor.departments_with(P.OPENING_CASE_READ)) | Q(
            division__in=actor.divisions_with(P.OPENING_CASE_READ)
        )
        if actor.party_id:
            seen |= Q(party=actor.party_id)
        return self.filter(seen)

    def shown(self) -> FeedbackQuerySet:
        """What everybody may read."""
        return self.filter(status__in=[FeedbackStatus.PUBLISHED, FeedbackStatus.CORRECTED])


class Feedback(models.Model):
    """One thing said. `department` has to deal with it: the provider, or the bureau for a demand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("受理号", max_length=32, unique=True)
    kind = models.CharField("类别", max_length=16, choices=FeedbackKind.choices)
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, null=True, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    party = models.ForeignKey("organizations.Party", models.PROTECT, null=True, related_name="+")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("内容", max_length=1000)
    contact = models.EmailField("接收答复的邮箱", max_length=254, blank=True)
    status = models.CharField(max_length=16, choices=FeedbackStatus.choices, default=FeedbackStatus.RECEIVED)
    answer = models.TextField("答复", max_length=2000, blank=True)
    ground = models.CharField("不采纳的依据", max_length=16, choices=Ground.choices, blank=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    edition: models.JSONField[Any, Any] = models.JSONField("受理时的版本", default=dict)
    forwarded_to = models.CharField("转办案号", max_length=64, blank=True)
    once = models.UUIDField("表单标识", unique=True)
    received_on = models.DateField("受理日期")
    answered_on = models.DateField("办结日期", null=True)

    objects: ClassVar[models.Manager[Feedback]] = models.Manager.from_queryset(FeedbackQuerySet)()

    class Meta:
        ordering = ["-received_on", "-id"]
        indexes = [
            models.Index(fields=["entry", "status"]),
            models.Index(fields=["department", "-received_on"]),
            models.Index(fields=["party", "-received_on"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(number=""), name="feedback_says_something"),
            models.CheckConstraint(
                condition=Q(party__isnull=False) | Q(kind__in=sorted(WITHOUT_ACCOUNT)),
                name="feedback_shown_has_author",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["answered", "corrected", "accepted"]) | ~Q(answer=""),
                name="feedback_answer_has_words",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rejected", "kept"]) | Q(decision_json__isnull=False),
                name="feedback_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind="demand") | Q(entry__isnull=False), name="feedback_is_about_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page of officers."""
        return reverse("opening:feedback", args=[self.pk])

    def move_to(self, status: FeedbackStatus) -> None:
        """Take the next state, if the table of steps has it."""
        kind = FeedbackKind(self.kind)
        self.status = check_move(
            moves_of(kind), FeedbackStatus(self.status), status, what=f"{kind.label} {self.number}"
        )

    def case(self) -> CaseRef:
        """How procedures know it."""
        label = FeedbackKind(self.kind).label
        return CaseRef(
            CaseKind.FEEDBACK, self.pk, self.number, f"{label}：{self.title}", self.get_absolute_url()
        )

    @property
    def received_edition(self) -> Edition:
        """What was public when it was received."""
        return Edition(int(self.edition.get("revision", 0)), dict(self.edition.get("versions", {})))

    @property
    def tone(self) -> str:
        """The tone of its state on pages."""
        return TONES[FeedbackStatus(self.status)]


class Rating(models.Model):
    """The stars of one party for one entry; given again, they replace the earlier ones."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    party = models.ForeignKey("organizations.Party", models.PROTECT, related_name="+")
    stars = models.PositiveSmallIntegerField("评分")
    at = models.DateTimeField("评分时间")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "party"], name="one_rating_per_party"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="rating_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.stars}"
