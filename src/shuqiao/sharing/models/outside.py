"""Rows of applications from outside government, and of their agreements."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef
from shuqiao.sharing import withdrawn
from shuqiao.sharing.outside.types import (
    OUTSIDE_MOVES,
    OUTSIDE_TONES,
    YES,
    Consent,
    Draft,
    OutsideStatus,
)
from shuqiao.sharing.types import Scope

_YES = sorted(status.value for status in YES)


class OutsideQuerySet(models.QuerySet["OutsideRequest"]):
    """Applications, and who may see them."""

    def visible_to(self, actor: Actor) -> OutsideQuerySet:
        """The applicant, the bureau that answers and who oversees its division, the provider once it was asked."""
        if actor.is_platform:
            return self
        if actor.party_id is not None:
            return self.filter(party=actor.party_id)
        departments = actor.departments_with(P.SHARING_OUTSIDE_READ)
        return self.filter(
            Q(division__in=actor.divisions_with(P.SHARING_OUTSIDE_READ))
            | Q(provider__in=departments, consulted_on__isnull=False)
        )

    def for_page(self) -> OutsideQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related("party", "provider__division", "bureau", "division", "entry", "resource")


class OutsideRequest(models.Model):
    """A body outside government asks the bureau for items of a shared entry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("受理号", max_length=32, unique=True)
    party = models.ForeignKey("organizations.Party", models.PROTECT, related_name="+")
    bureau = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    division = models.ForeignKey("organizations.Division", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    title = models.CharField("申请的数据", max_length=200)
    status = models.CharField(
        "状态", max_length=20, choices=OutsideStatus.choices, default=OutsideStatus.SUBMITTED
    )
    items: models.JSONField[Any, Any] = models.JSONField("信息项")
    modes: models.JSONField[Any, Any] = models.JSONField("共享方式")
    purpose = models.CharField("用途", max_length=300)
    scenario = models.CharField("使用场景", max_length=500)
    safeguards = models.CharField("安全保障措施", max_length=1000)
    valid_until = models.DateField("使用期限")
    submitted_on = models.DateField("提出日期")
    changed_at = models.DateTimeField(auto_now=True)
    supplements: models.JSONField[Any, Any] = models.JSONField("补正", default=list)

    consulted_on = models.DateField("征求意见日期", null=True)
    consent = models.CharField("提供部门意见", max_length=4, choices=Consent.choices, blank=True)
    consent_reason = models.CharField("提供部门的理由或条件", max_length=500, blank=True)
    consent_by_name = models.CharField("提供部门经办人", max_length=64, blank=True)
    consent_on = models.DateField("提供部门答复日期", null=True)

    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    answer_reason = models.CharField("理由", max_length=1000, blank=True)
    answer_ground = models.CharField("依据", max_length=500, blank=True)
    conditions = models.CharField("使用条件", max_length=500, blank=True)
    given_json: models.JSONField[Any, Any] = models.JSONField("给予的范围", null=True)
    decision_json: models.JSONField[Any, Any] = models.JSONField("决定", null=True)
    opened_on = models.DateField("开通日期", null=True)
    ended_on = models.DateField("结束日期", null=True)
    end_reason = models.CharField("结束的原因", max_length=500, blank=True)
    end_ground = models.CharField("结束的依据", max_length=500, blank=True)

    objects: ClassVar[models.Manager[OutsideRequest]] = models.Manager.from_queryset(OutsideQuerySet)()

    class Meta:
        ordering = ["-submitted_on", "-number"]
        indexes = [
            models.Index(fields=["party", "-submitted_on"]),
            models.Index(fields=["division", "-submitted_on"]),
            models.Index(fields=["status"], condition=Q(status="opened"), name="outside_running"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in OutsideStatus]),
                name="outside_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(purpose=""), name="outside_has_number_and_purpose"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_YES)
                | Q(given_json__isnull=False, decision_json__isnull=False, consent="yes"),
                name="outside_yes_with_scope_and_consent",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused")
                | (Q(decision_json__isnull=False) & ~Q(answer_reason="") & ~Q(answer_ground="")),
                name="outside_refused_with_ground",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["opened", "ended", "revoked"]) | Q(opened_on__isnull=False),
                name="outside_opened_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | (~Q(end_reason="") & ~Q(end_ground="")),
                name="outside_revoked_with_ground",
            ),
            models.CheckConstraint(
                condition=~Q(consent="no") | ~Q(consent_reason=""), name="outside_objection_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The officers' page; it sends the applicant on to theirs."""
        return reverse("sharing:outside", args=[self.id])

    def gone(self) -> str:
        """That the entry has left the catalogue since, with when and why, in words; empty while it is in force."""
        return withdrawn.said_of(self.entry)

    def case_ref(self) -> CaseRef:
        """How procedures and delivery know it."""
        return CaseRef(CaseKind.OUTSIDE_REQUEST, self.id, self.number, self.title, self.get_absolute_url())

    def own_ref(self) -> CaseRef:
        """The same for the applicant, whose page is on the open platform."""
        url = reverse("outside:request", args=[self.id])
        return CaseRef(CaseKind.OUTSIDE_REQUEST, self.id, self.number, self.title, url)

    def draft(self) -> Draft:
        """What was written."""
        return Draft(
            items=tuple((one["name"], one["mask"]) for one in self.items),
            modes=tuple(self.modes),
            purpose=self.purpose,
            scenario=self.scenario,
            safeguards=self.safeguards,
            valid_until=self.valid_until,
        )

    def given(self) -> Scope | None:
        """What is given; None before a yes."""
        return Scope.from_json(self.given_json) if self.given_json else None

    def decision(self) -> Decision | None:
        """The decision of the answer."""
        return Decision.from_json(self.decision_json) if self.decision_json else None

    def move_to(self, wanted: OutsideStatus) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.status = check_move(
            OUTSIDE_MOVES, OutsideStatus(self.status), wanted, what=f"机关以外单位申请 {self.number}"
        )

    @property
    def tone(self) -> str:
        """The tone of the state word on pages."""
        return OUTSIDE_TONES[OutsideStatus(self.status)]

    @property
    def supplement_points(self) -> list[str]:
        """What is to be supplemented now; empty when nothing is open."""
        last = self.supplements[-1] if self.supplements else {}
        return list(last.get("points", [])) if last and not last.get("answered_on") else []


class OutsideAgreement(models.Model):
    """The agreement under which a body outside government uses the data: frozen text, confirmed by both sides."""

    request = models.OneToOneField(OutsideRequest, models.PROTECT, primary_key=True, related_name="agreement")
    template = models.CharField("文本版本", max_length=32)
    text = models.TextField("协议文本")
    digest = models.CharField("文本摘要（SM3）", max_length=64)
    made_on = models.DateField("生成日期")
    party_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    party_by_name = models.CharField("使用单位确认人", max_length=64, blank=True)
    party_at = models.DateTimeField("使用单位确认于", null=True)
    bureau_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    bureau_by_name = models.CharField("受理机关确认人", max_length=64, blank=True)
    bureau_at = models.DateTimeField("受理机关确认于", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(digest=""), name="outside_agreement_has_text")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.template}"

    @property
    def is_signed(self) -> bool:
        """Whether both sides have confirmed."""
        return self.party_at is not None and self.bureau_at is not None
