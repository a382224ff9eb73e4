"""Rows of open applications, their agreements, replies, follow-ups, and of open competitions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.kernel.time import day_of, in_chinese
from shuqiao.opening.applications.types import (
    ANSWERED,
    APPLICATION_MOVES,
    FOLLOW_UP_MOVES,
    TONES,
    YES,
    ApplicationStatus,
    FollowUpStatus,
    Given,
    Purpose,
)
from shuqiao.procedures.types import CaseKind, CaseRef

_YES = sorted(status.value for status in YES)
_ANSWERED = sorted(status.value for status in ANSWERED)


class ApplicationQuerySet(models.QuerySet["OpenApplication"]):
    """Applications, and who may see them."""

    def visible_to(self, actor: Actor) -> ApplicationQuerySet:
        """The applicant, the provider, and those who oversee its division."""
        if actor.is_platform:
            return self
        if actor.party_id is not None:
            return self.filter(party=actor.party_id)
        return self.filter(
            Q(provider__in=actor.departments_with(P.OPENING_CASE_READ))
            | Q(division__in=actor.divisions_with(P.OPENING_CASE_READ))
        )

    def for_page(self) -> ApplicationQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related(
            "party", "provider__division", "division", "entry", "resource", "competition"
        )


class OpenCompetition(models.Model):
    """An open competition that was held for the commercial use of an entry, and who won it (Dongchangfu 25)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    title = models.CharField("数据", max_length=200)
    number = models.CharField("竞争记录编号", max_length=64)
    method = models.CharField("方式", max_length=64)
    held_on = models.DateField("确定日期")
    winner = models.ForeignKey("organizations.Party", models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField("登记日期")

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["division", "number"], name="one_competition_per_number"),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(method=""), name="competition_is_recorded_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def case_ref(self) -> CaseRef:
        """How procedures knows it."""
        return CaseRef(CaseKind.OPEN_APPLICATION, self.id, self.number, self.title, "/opening/competitions/")


class OpenApplication(models.Model):
    """Somebody outside government asks for items of an entry that is open on application."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("受理号", max_length=32, unique=True)
    party = models.ForeignKey("organizations.Party", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    competition = models.ForeignKey(OpenCompetition, models.PROTECT, null=True, related_name="+")
    title = models.CharField("申请的数据", max_length=200)
    status = models.CharField(
        "状态", max_length=20, choices=ApplicationStatus.choices, default=ApplicationStatus.SUBMITTED
    )
    items: models.JSONField[Any, Any] = models.JSONField("信息项")
    purpose_kind = models.CharField("用途类别", max_length=16, choices=Purpose.choices)
    purpose = models.CharField("用途", max_length=300)
    scenario = models.CharField("使用场景", max_length=1000)
    safeguards = models.CharField("安全保障措施", max_length=1000)
    valid_until = models.DateField("使用期限")
    public_benefit = models.BooleanField("承诺仅用于公益", default=False)
    written_reply = models.BooleanField("要求书面答复", default=False)
    submitted_on = models.DateField("提出日期")
    changed_at = models.DateTimeField(auto_now=True)
    supplements: models.JSONField[Any, Any] = models.JSONField("补正", default=list)

    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    answer_reason = models.CharField("理由", max_length=1000, blank=True)
    answer_ground = models.CharField("依据", max_length=500, blank=True)
    given_json: models.JSONField[Any, Any] = models.JSONField("给予的范围", null=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    opened_on = models.DateField("开放日期", null=True)
    next_follow_up_on = models.DateField("下次跟踪", null=True)
    ended_on = models.DateField("终止日期", null=True)
    end_reason = models.CharField("终止的原因", max_length=500, blank=True)
    end_ground = models.CharField("终止的依据", max_length=500, blank=True)

    objects: ClassVar[models.Manager[OpenApplication]] = models.Manager.from_queryset(ApplicationQuerySet)()

    class Meta:
        ordering = ["-submitted_on", "-number"]
        indexes = [
            models.Index(fields=["party", "-submitted_on"]),
            models.Index(fields=["provider", "-submitted_on"]),
            models.Index(
                fields=["next_follow_up_on"], condition=Q(status="opened"), name="application_follow_up"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in ApplicationStatus]),
                name="application_status_known",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="application_has_number"),
            models.CheckConstraint(
                condition=~Q(status__in=_ANSWERED)
                | (Q(answered_on__isnull=False, decision_json__isnull=False) & ~Q(answer_reason="")),
                name="application_answered_by_rule",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(answer_ground=""), name="application_refused_with_ground"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_YES) | Q(given_json__isnull=False), name="application_yes_has_scope"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["opened", "revoked", "ended"]) | Q(opened_on__isnull=False),
                name="application_opened_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="lapsed") | (~Q(end_reason="") & Q(ended_on__isnull=False)),
                name="application_lapsed_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | (~Q(end_reason="") & ~Q(end_ground="")),
                name="application_revoked_with_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The officer's page; the applicant's is under 我的申请."""
        return reverse("opening:application", args=[self.id])

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know it."""
        return CaseRef(
            CaseKind.OPEN_APPLICATION, self.id, self.number, self.title, f"/opening/applications/{self.id}/"
        )

    def given(self) -> Given | None:
        """What was given; None before a yes."""
        return Given.from_json(self.given_json) if self.given_json else None

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    def gone(self) -> str:
        """That the entry has left the catalogue since, with when and why, in words; empty while it is in force."""
        entry = self.entry
        if entry.published_id or entry.withdrawn_at is None:
            return ""
        return f"目录条目已于{in_chinese(day_of(entry.withdrawn_at))}撤下（{entry.withdrawn_reason}）"

    def move_to(self, wanted: ApplicationStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            APPLICATION_MOVES, ApplicationStatus(self.status), wanted, what=f"开放申请 {self.number}"
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return TONES[ApplicationStatus(self.status)]

    @property
    def supplement_points(self) -> list[str]:
        """What is to be supplemented now; empty when nothing is open."""
        last = self.supplements[-1] if self.supplements else {}
        return list(last.get("points", [])) if last and not last.get("answered_on") else []


class OpenAgreement(models.Model):
    """The agreement under which an application is opened: its text is frozen, both sides confirm it."""

    application = models.OneToOneField(
        OpenApplication, models.PROTECT, primary_key=True, related_name="agreement"
    )
    template = models.CharField("文本版本", max_length=32)
    text = models.TextField("协议文本")
    digest = models.CharField("文本摘要（SM3）", max_length=64)
    made_on = models.DateField("生成日期")
    party_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    party_by_name = models.CharField("利用方确认人", max_length=64, blank=True)
    party_at = models.DateTimeField("利用方确认于", null=True)
    department_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    department_by_name = models.CharField("提供方确认人", max_length=64, blank=True)
    department_at = models.DateTimeField("提供方确认于", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(digest=""), name="agreement_has_text")
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.template}"

    @property
    def is_signed(self) -> bool:
        """Whether both sides have confirmed."""
        return self.party_at is not None and self.department_at is not None


class OfficialReply(models.Model):
    """The written reply to an application: its words are frozen, the files are made from them."""

    application = models.OneToOneField(
        OpenApplication, models.PROTECT, primary_key=True, related_name="reply"
    )
    content: models.JSONField[Any, Any] = models.JSONField("内容")
    issued_on = models.DateField("制发日期")

    def __str__(self) -> str:
        return f"{self.application_id} {self.issued_on}"


class FollowUp(models.Model):
    """One look at how the data is used (Dongchangfu 25)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(OpenApplication, models.PROTECT, related_name="follow_ups")
    number = models.PositiveSmallIntegerField("次数")
    status = models.CharField(max_length=16, choices=FollowUpStatus.choices, default=FollowUpStatus.WAITING)
    asked_on = models.DateField("请求日期")
    usage = models.CharField("利用情况", max_length=2000, blank=True)
    products = models.CharField("开发的产品", max_length=1000, blank=True)
    cited = models.BooleanField("产品已注明来源和获取日期", default=False)
    reported_on = models.DateField("报告日期", null=True)
    seen_by_name = models.CharField("查阅人", max_length=64, blank=True)
    seen_on = models.DateField("查阅日期", null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="one_follow_up_per_number"),
            models.CheckConstraint(
                condition=~Q(status__in=["reported", "seen"]) | ~Q(usage=""),
                name="follow_up_reported_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} 第 {self.number} 次"

    def move_to(self, wanted: FollowUpStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            FOLLOW_UP_MOVES, FollowUpStatus(self.status), wanted, what=f"第 {self.number} 次利用情况跟踪"
        )
