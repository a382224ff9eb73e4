"""Substitutes (代理): somebody of the same department acts with an absent person's posts for a time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from shuqiao.accounts.types import Actor, P, Role
from shuqiao.kernel import Decision, IllegalMove, NotAllowed, NotFound
from shuqiao.kernel.decision import allow, refuse
from shuqiao.kernel.ids import new_id

RULE = "organizations.substitute"
LONGEST = 92  # days; who is away longer is replaced by appointment
# Administration and audit stay with those appointed to them (three hands, GB/T 39477-2020 6.2).
NEVER_PASSED_ON = frozenset({Role.SYSTEM_ADMIN, Role.AUDITOR})


class Substitution(models.Model):
    """`substitute` holds the posts of `absent` in `department` from `since` to `until`, both days counted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("编号", max_length=64, unique=True)
    department = models.ForeignKey("organizations.Department", models.PROTECT, related_name="+")
    absent = models.ForeignKey("accounts.User", models.PROTECT, related_name="absences")
    substitute = models.ForeignKey("accounts.User", models.PROTECT, related_name="substitutions")
    since = models.DateField("自")
    until = models.DateField("至")
    reason = models.CharField("事由", max_length=200)
    named_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_on = models.DateField("提前结束于", null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-since", "-id"]
        indexes = [
            models.Index(fields=["substitute", "until"], condition=Q(ended_on=None), name="substitute_open"),
            models.Index(fields=["department", "-since"], name="substitute_department"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(absent=F("substitute")), name="nobody_substitutes_himself"),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="substitution_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.since} {self.until}"

    def runs(self, on: date) -> bool:
        """Whether the substitute acts on the day."""
        return self.ended_on is None and self.since <= on <= self.until


def running(on: date) -> Q:
    """Substitutions in force on the day."""
    return Q(ended_on=None, since__lte=on, until__gte=on)


def own_departments(actor: Actor, permission: P) -> frozenset[UUID]:
    """Departments in which a post of the actor's own, not one held for somebody absent, gives the permission."""
    return frozenset(
        post.department_id
        for post in actor.posts
        if post.stands_in_for_id is None and permission in post.permissions
    )


def list_substitutions_for(actor: Actor) -> QuerySet[Substitution]:
    """Substitutions the actor is part of, or may name; newest first."""
    return Substitution.objects.filter(
        Q(absent=actor.user_id)
        | Q(substitute=actor.user_id)
        | Q(department__in=own_departments(actor, P.ORGANIZATIONS_SUBSTITUTE))
    ).select_related("department", "absent", "substitute", "named_by")


def get_substitution_for(actor: Actor, substitution_id: UUID, *, lock: bool = False) -> Substitution:
    """A substitution the actor may see. Raises NotFound."""
    rows = list_substitutions_for(actor)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(id=substitution_id).first()
    if row is None:
        raise NotFound("代理")
    return row


def may_name(
    *, absent: frozenset[Role], substitute: frozenset[Role], since: date, until: date, on: date, taken: str
) -> Decision:
    """Whether somebody may stand in: both of one department, a bounded time that is not over, no chain of substitutes.

    `absent` and `substitute` are their roles in the department; `taken` says what already runs in that time.
    """
    if not absent or not substitute:
        return refuse(RULE, "被代理人和代理人都须在本部门任职")
    if not absent - NEVER_PASSED_ON:
        return refuse(RULE, "系统管理员和审计员的职责不能由他人代理")
    if substitute & NEVER_PASSED_ON:
        return refuse(RULE, "系统管理员和审计员不能代理他人办理业务")
    if until < since or until < on:
        return refuse(RULE, "代理的截止日期须不早于起始日期和今天")
    if (until - since).days >= LONGEST:
        return refuse(RULE, f"一次代理不超过 {LONGEST} 天，更久的请由系统管理员调整任职")
    if taken:
        return refuse(RULE, taken)
    return allow(RULE, "同一部门内在限定时间代理")


def taken_between(absent_id: UUID, substitute_id: UUID, since: date, until: date) -> str:
    """What stands in the way in that time: a chain of substitutes, or a substitute already named. Empty: nothing."""
    overlapping = Substitution.objects.filter(ended_on=None, since__lte=until, until__gte=since)
    if overlapping.filter(absent=absent_id).exists():
        return "被代理人在这段时间已有代理人"
    if overlapping.filter(substitute=absent_id).exists():
        return "被代理人在这段时间正代理他人，代理不能再转给别人"
    if overlapping.filter(absent=substitute_id).exists():
        return "代理人自己在这段时间由他人代理"
    return ""


@transaction.atomic
def end_substitution(*, actor: Actor, substitution_id: UUID, on: date) -> Substitution:
    """It ends before its time: by the absent person, the substitute, or whoever names them in the department."""
    row = get_substitution_for(actor, substitution_id, lock=True)
    named = row.department_id in own_departments(actor, P.ORGANIZATIONS_SUBSTITUTE)
    if actor.user_id not in {row.absent_id, row.substitute_id} and not named:
        raise NotAllowed(P.ORGANIZATIONS_SUBSTITUTE.value, "只有当事人和本部门负责人能结束代理")
    if row.ended_on is not None or row.until < on:
        raise IllegalMove(f"代理 {row.number}", "已结束", "结束")
    row.ended_on, row.ended_by_id = on, actor.user_id
    row.save(update_fields=["ended_on", "ended_by"])
    return row
