"""Rows of grants and the revision of the grant book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery.types import BASIS_LEVELS, MOVES, GrantScope, GrantState, Onward
from shuqiao.kernel import Decision
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.organizations.types import PartyKind
from shuqiao.procedures.types import CaseKind, CaseRef

if TYPE_CHECKING:
    from shuqiao.delivery.models.keys import ApplicationKey, GrantKey


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants, and who may see them."""

    def visible_to(self, actor: Actor) -> GrantQuerySet:
        """Grants of the actor's departments, on either side, and of the divisions the actor oversees; to somebody
        outside government their own."""
        if actor.is_platform:
            return self
        if actor.party_id is not None:
            return self.filter(party=actor.party_id)
        departments = actor.departments_with(P.DELIVERY_GRANT_READ)
        divisions = actor.divisions_with(P.DELIVERY_GRANT_READ)
        return self.filter(
            Q(provider__in=departments)
            | Q(grantee__in=departments)
            | Q(provider__division__in=divisions)
            | Q(grantee__division__in=divisions)
        )

    def for_page(self) -> GrantQuerySet:
        """With what lists and pages show of neighbours."""
        return self.select_related("provider__division", "grantee__division", "party", "entry", "resource")


class Grant(models.Model):
    """Who may read which columns and rows of which resource, for what, how, until when, and who said so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("授权号", max_length=32, unique=True)
    resource = models.ForeignKey("resources.Resource", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="+")
    title = models.CharField("数据名称", max_length=200)
    provider = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    grantee = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    party = models.ForeignKey("organizations.Party", models.PROTECT, null=True, related_name="+")
    case_kind = models.CharField(max_length=32, choices=CaseKind.choices, blank=True)
    case_id = models.UUIDField(null=True)
    case_number = models.CharField("来自案件", max_length=32, blank=True)
    case_url = models.CharField(max_length=200, blank=True)
    columns: models.JSONField[Any, Any] = models.JSONField("信息项")
    where: models.JSONField[Any, Any] = models.JSONField("行条件", default=list)
    conditions: models.JSONField[Any, Any] = models.JSONField("同意所附条件", default=list)
    purpose = models.CharField("用途", max_length=300)
    scenario = models.CharField("使用场景", max_length=500)
    legal_basis = models.CharField("使用依据", max_length=500)
    legal_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS)
    service_item = models.CharField("政务服务事项", max_length=200, blank=True)
    modes: models.JSONField[Any, Any] = models.JSONField("共享方式")
    daily_quota = models.PositiveIntegerField("每日限额（次）", null=True)
    rate_per_minute = models.PositiveIntegerField("每分钟限额（次）", null=True)
    valid_from = models.DateField("自")
    valid_until = models.DateField("至", null=True)
    onward = models.CharField("提供给第三方", max_length=16, choices=Onward.choices, default=Onward.NEVER)
    onward_to = models.CharField("第三方", max_length=200, blank=True)
    state = models.CharField("状态", max_length=16, choices=GrantState.choices, default=GrantState.ACTIVE)
    state_reason = models.CharField("原因", max_length=300, blank=True)
    state_basis: models.JSONField[Any, Any] = models.JSONField("依据", default=list)
    filing_note = models.CharField("协商与备案", max_length=300, blank=True)
    hash_key = models.BinaryField(editable=False)
    basis: models.JSONField[Any, Any] = models.JSONField("决定")
    issued_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    changes = models.PositiveIntegerField("变更次数", default=0)
    keys: models.ManyToManyField[ApplicationKey, GrantKey] = models.ManyToManyField(
        "ApplicationKey", through="GrantKey", related_name="grants"
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at"]
        indexes = [
            models.Index(fields=["provider", "-issued_at"]),
            models.Index(fields=["grantee", "-issued_at"]),
            models.Index(
                fields=["party", "-issued_at"], condition=Q(party__isnull=False), name="grant_of_party"
            ),
            models.Index(
                fields=["valid_until"], condition=Q(state__in=["active", "suspended"]), name="grant_ends"
            ),
            models.Index(fields=["case_id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(grantee=None, party__isnull=False) | Q(grantee__isnull=False, party=None),
                name="grant_has_one_holder",
            ),
            models.CheckConstraint(
                condition=~Q(provider=models.F("grantee")), name="grant_to_another_department"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="grant_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "expired"]) | ~Q(state_reason=""),
                name="grant_stopped_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(case_id=None, case_number="") | (Q(case_id__isnull=False) & ~Q(case_number="")),
                name="grant_case_whole",
            ),
            models.CheckConstraint(
                condition=Q(daily_quota=None) | Q(daily_quota__gt=0), name="grant_quota_positive"
            ),
            models.CheckConstraint(
                condition=Q(rate_per_minute=None) | Q(rate_per_minute__gt=0), name="grant_rate_positive"
            ),
            models.CheckConstraint(
                condition=Q(onward="never", onward_to="") | (Q(onward="with_consent") & ~Q(onward_to="")),
                name="grant_onward_named",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(legal_basis="") & ~Q(number=""), name="grant_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in GrantState]), name="grant_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The grant's page."""
        return reverse("delivery:grant", args=[self.id])

    @property
    def holder_id(self) -> UUID:
        """The department or the party that may read."""
        holder = self.grantee_id or self.party_id
        assert holder is not None  # a constraint
        return holder

    @property
    def holder_name(self) -> str:
        """Who may read: a department, or somebody outside government."""
        return str(self.grantee or self.party)

    @property
    def holder_short_name(self) -> str:
        """The same for lists."""
        return self.grantee.short_name if self.grantee else self.holder_name

    @property
    def holder_public_name(self) -> str:
        """What everybody may know: a natural person is not named."""
        person = self.party is not None and self.party.kind == PartyKind.PERSON
        return PartyKind.PERSON.label if person else self.holder_name

    def case_ref(self) -> CaseRef:
        """How procedures knows this grant."""
        return CaseRef(CaseKind.GRANT, self.id, self.number, self.title, self.get_absolute_url())

    def request_ref(self) -> CaseRef | None:
        """The case this grant came from."""
        if self.case_id is None:
            return None
        return CaseRef(CaseKind(self.case_kind), self.case_id, self.case_number, self.title, self.case_url)

    def scope(self) -> GrantScope:
        """What it gives now."""
        return GrantScope(
            columns=tuple((column["name"], column["mask"]) for column in self.columns),
            where=tuple(self.where),
            modes=tuple(self.modes),
            valid_until=self.valid_until,
            daily_quota=self.daily_quota,
            rate_per_minute=self.rate_per_minute,
        )

    def decision(self) -> Decision:
        """The decision on which the grant rests."""
        return Decision.from_json(self.basis)

    def move_to(self, wanted: GrantState) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.state = check_move(MOVES, GrantState(self.state), wanted, what=f"授权 {self.number}")


class BookState(models.Model):
    """One row: the revision the grant book must have, raised in the transaction of every change that it shows.

    `fingerprint` is what was last seen of the published resources, which change below this app.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    revision = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_book")]

    def __str__(self) -> str:
        return f"revision {self.revision}"
