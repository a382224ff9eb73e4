"""Rows of the division tree, departments, memberships and filings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.accounts.types import Role
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.types import DepartmentKind, LinkPurpose, PartyKind


class Division(models.Model):
    """A city, district or county (区划). Its regime is the packs bound to it, or its parent's."""

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=64)
    short_name = models.CharField("简称", max_length=16)
    case_prefix = models.CharField(
        "案号字头", max_length=4, help_text="例如“营”，案号写作 营数享〔2026〕0001号"
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class DivisionPack(models.Model):
    """One rule pack that binds a division; `house_rule` goes on applying it after it has expired."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="packs")
    pack_id = models.CharField("规则包", max_length=64)
    house_rule = models.BooleanField("期满后作为内部规则继续执行", default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["division", "order"]
        constraints = [models.UniqueConstraint(fields=["division", "pack_id"], name="one_binding_per_pack")]

    def __str__(self) -> str:
        return f"{self.division_id} {self.pack_id}"


class Department(models.Model):
    """A body that shares or uses data, with its unified social credit code (GB 32100)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey(Division, models.PROTECT, related_name="departments")
    name = models.CharField("全称", max_length=128)
    short_name = models.CharField("通用简称", max_length=32)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    kind = models.CharField(
        "类别", max_length=16, choices=DepartmentKind.choices, default=DepartmentKind.GOVERNMENT
    )
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["division", "name"]
        constraints = [
            models.UniqueConstraint(fields=["division", "name"], name="one_department_per_name"),
            models.UniqueConstraint(
                fields=["division"], condition=Q(kind=DepartmentKind.BUREAU), name="one_bureau_per_division"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's appointment to a role in a department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="memberships")
    department = models.ForeignKey(Department, models.PROTECT, related_name="memberships")
    role = models.CharField("角色", max_length=32, choices=Role.choices)
    since = models.DateField("任职自")
    until = models.DateField("任职至", null=True, blank=True)
    appointed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["department", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department", "role"], condition=Q(until=None), name="one_open_appointment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ContactFiling(models.Model):
    """A department's filed leader and contact person (Yingkou 7). A change is a new filing; the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="filings")
    leader_name = models.CharField("负责领导", max_length=64)
    leader_phone = models.CharField("负责领导电话", max_length=32)
    contact_name = models.CharField("联络人", max_length=64)
    contact_phone = models.CharField("联络人电话", max_length=32)
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()

    class Meta:
        ordering = ["-filed_at"]
        indexes = [models.Index(fields=["department", "-filed_at"])]

    def __str__(self) -> str:
        return f"{self.department_id} {self.filed_at:%F}"


class Party(models.Model):
    """Somebody outside government who applies for data: a person or an organisation with a verified e-mail address, or
    vouched for by the city's identity service.

    Only what an answer needs is kept: no identity number. An organisation gives its credit code (GB 32100). Of the
    identity service only its address and its word for the person (`sub`) are kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="party")
    kind = models.CharField("类别", max_length=16, choices=PartyKind.choices)
    name = models.CharField("姓名或名称", max_length=128)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    contact = models.CharField("联系人", max_length=64, blank=True)
    phone = models.CharField("联系电话", max_length=32, blank=True)
    email = models.EmailField("电子邮箱", max_length=254)
    email_verified_at = models.DateTimeField("邮箱核验于", null=True)
    identity_issuer = models.CharField("身份服务", max_length=255, blank=True)
    identity_subject = models.CharField("身份服务中的用户标识", max_length=255, blank=True)
    identity_verified_at = models.DateTimeField("身份核验于", null=True)
    registered_at = models.DateTimeField("注册于")
    closed_at = models.DateTimeField("注销于", null=True)

    class Meta:
        ordering = ["-registered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(closed_at=None, email_verified_at__isnull=False),
                name="one_party_per_verified_email",
            ),
            models.CheckConstraint(
                condition=Q(kind=PartyKind.PERSON) | ~Q(credit_code=""), name="party_organisation_has_code"
            ),
            models.UniqueConstraint(
                fields=["identity_issuer", "identity_subject"],
                condition=Q(identity_verified_at__isnull=False),
                name="one_party_per_identity",
            ),
            models.CheckConstraint(
                condition=Q(identity_issuer="", identity_subject="", identity_verified_at=None)
                | (~Q(identity_issuer="") & ~Q(identity_subject="") & Q(identity_verified_at__isnull=False)),
                name="party_identity_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_apply(self) -> bool:
        """Whether its address or its identity is verified and its registration open."""
        proved = self.email_verified_at is not None or self.identity_verified_at is not None
        return proved and self.closed_at is None

    @property
    def may_be_written_to(self) -> bool:
        """Whether mail reaches it: who came by the identity service may have given no address."""
        return self.email_verified_at is not None and self.closed_at is None


class PartyLink(models.Model):
    """A link sent to an address: proves that its reader has the address. Used once, and not for ever."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="links")
    purpose = models.CharField("用途", max_length=16, choices=LinkPurpose.choices)
    email = models.EmailField("电子邮箱", max_length=254, blank=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["party", "purpose"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.sent_at:%F %T}"


class Attempt(models.Model):
    """One try of something the public may do only so often. `key` is a keyed hash of an address or a name: who tried
    cannot be read from it."""

    id = models.BigAutoField(primary_key=True)
    purpose = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["purpose", "key", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.at:%F %T}"


# The model of substitutes lives beside its rules; Django finds it here.
from shuqiao.organizations.standing_in import Substitution  # noqa: E402, F401
