"""Rows of application keys, and which of them use which grants."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery.types import KeyState


class KeyQuerySet(models.QuerySet["ApplicationKey"]):
    """Keys, and who may see them."""

    def visible_to(self, actor: Actor) -> KeyQuerySet:
        """Keys of the departments for which the actor manages keys; to somebody outside government their own."""
        if actor.is_platform:
            return self
        if actor.party_id is not None:
            return self.filter(party=actor.party_id)
        return self.filter(department__in=actor.departments_with(P.DELIVERY_KEY_MANAGE))


class ApplicationKey(models.Model):
    """One key of one system. The bearer secret is kept as SHA-256; sealed under the master key it signs requests."""

    id = models.CharField("凭证号", max_length=40, primary_key=True, editable=False)
    department = models.ForeignKey("organizations.Department", models.PROTECT, null=True, related_name="+")
    party = models.ForeignKey("organizations.Party", models.PROTECT, null=True, related_name="+")
    system = models.CharField("系统", max_length=128)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    sealed_secret = models.BinaryField(editable=False)
    state = models.CharField("状态", max_length=16, choices=KeyState.choices, default=KeyState.ACTIVE)
    not_after = models.DateField("有效至", null=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField("吊销原因", max_length=300, blank=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(department=None, party__isnull=False) | Q(department__isnull=False, party=None),
                name="key_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(state="active", revoked_at=None) | Q(state="revoked", revoked_at__isnull=False),
                name="key_revoked_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.id}"

    @property
    def holder_id(self) -> UUID:
        """The department or the party whose system uses the key."""
        holder = self.department_id or self.party_id
        assert holder is not None  # a constraint
        return holder

    @property
    def holder_name(self) -> str:
        """Whose system uses the key."""
        return str(self.department or self.party)

    @property
    def holder_short_name(self) -> str:
        """The same for lists."""
        return self.department.short_name if self.department else self.holder_name


class GrantKey(models.Model):
    """A key that may use a grant."""

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, related_name="bindings")
    key = models.ForeignKey(ApplicationKey, models.PROTECT, related_name="bindings")
    bound_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "key"], name="one_binding_per_key")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.key_id}"
