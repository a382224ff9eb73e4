"""Works built on open data."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.opening.works.types import MOVES, TONES, WorkStatus
from shuqiao.procedures.types import CaseKind, CaseRef


class WorkQuerySet(models.QuerySet["Work"]):
    """Works, and who may see them."""

    def visible_to(self, actor: Actor) -> WorkQuerySet:
        """What is shown, to everybody; the rest to its maker and to who oversees the division."""
        if actor.is_platform:
            return self
        seen = Q(status=WorkStatus.PUBLISHED) | Q(
            division__in=actor.divisions_with(P.OPENING_FEEDBACK_MODERATE)
        )
        if actor.party_id:
            seen |= Q(party=actor.party_id)
        return self.filter(seen)


class Work(models.Model):
    """A product, a study or a service made with open data (Dongchangfu 26)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("受理号", max_length=32, unique=True)
    party = models.ForeignKey("organizations.Party", models.PROTECT, related_name="+")
    maker = models.CharField("作者", max_length=128)
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    title = models.CharField("名称", max_length=100)
    description = models.TextField("介绍", max_length=2000)
    address = models.URLField("网址", max_length=300, blank=True)
    status = models.CharField(max_length=16, choices=WorkStatus.choices, default=WorkStatus.SUBMITTED)
    decision_json: models.JSONField[Any, Any] = models.JSONField("审核意见", null=True)
    once = models.UUIDField("表单标识", unique=True)
    submitted_on = models.DateField("提交日期")
    published_on = models.DateField("展示日期", null=True)

    objects: ClassVar[models.Manager[Work]] = models.Manager.from_queryset(WorkQuerySet)()

    class Meta:
        ordering = ["-published_on", "-submitted_on", "-id"]
        indexes = [models.Index(fields=["status", "-published_on"]), models.Index(fields=["party"])]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(description=""), name="work_is_described"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_on__isnull=False), name="work_shown_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["returned", "removed"]) | Q(decision_json__isnull=False),
                name="work_refusal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("opening:work", args=[self.pk])

    def move_to(self, status: WorkStatus) -> None:
        """Take the next state, if the table of steps has it."""
        self.status = check_move(MOVES, WorkStatus(self.status), status, what=f"应用成果 {self.number}")

    def case(self) -> CaseRef:
        """How procedures know it."""
        return CaseRef(
            CaseKind.WORK, self.pk, self.number, f"应用成果：{self.title}", self.get_absolute_url()
        )

    @property
    def tone(self) -> str:
        """The tone of its state on pages."""
        return TONES[WorkStatus(self.status)]


class WorkEntry(models.Model):
    """One entry that a work uses."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    work = models.ForeignKey(Work, models.CASCADE, related_name="uses")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "entry"], name="one_use_per_entry")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.entry_id}"


class WorkPicture(models.Model):
    """The screenshot of a work: bytes that `pictures.read_picture` made, at most 2 MB."""

    work = models.OneToOneField(Work, models.CASCADE, primary_key=True, related_name="picture")
    media_type = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=["image/png", "image/jpeg"]), name="picture_is_png_or_jpeg"
            )
        ]

    def __str__(self) -> str:
        return f"{self.work_id} {self.media_type}"
