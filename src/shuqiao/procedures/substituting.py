"""Naming and ending a substitute: organizations holds the rule and the row, here the number, event and notice."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.models import User
from shuqiao.accounts.types import Actor, P, Role
from shuqiao.kernel import Decision, InvalidInput, NotAllowed
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Membership
from shuqiao.organizations.services import lock_people
from shuqiao.organizations.standing_in import (
    Substitution,
    end_substitution,
    may_name,
    own_departments,
    taken_between,
)
from shuqiao.procedures import events
from shuqiao.procedures.services import next_case_number, notify
from shuqiao.procedures.types import CaseKind, CaseRef, E


def case_of_substitution(row: Substitution) -> CaseRef:
    """The case of one substitution. Its title names nobody: notices go to the whole department."""
    title = f"代理 {row.since} 至 {row.until}"
    return CaseRef(CaseKind.SUBSTITUTION, row.id, row.number, title, "/work/substitutes/")


@transaction.atomic
def name_substitute(
    *,
    actor: Actor,
    department_id: UUID,
    absent_id: UUID,
    substitute_id: UUID,
    since: date,
    until: date,
    reason: str,
    on: date,
) -> Substitution:
    """Somebody of the department acts with an absent person's posts from `since` to `until`, both days counted.

    Named by the absent person, or by whoever heads the department's sharing body; only with posts of their own.
    """
    department = organizations.get_department(department_id)
    heads = department_id in own_departments(actor, P.ORGANIZATIONS_SUBSTITUTE)
    if actor.user_id is None or not (heads or actor.user_id == absent_id):
        raise NotAllowed(P.ORGANIZATIONS_SUBSTITUTE.value, "只有本人和本部门负责人能指定代理")
    if not reason.strip():
        raise InvalidInput.one("事由", "请写明为什么需要代理")
    if absent_id == substitute_id:
        raise InvalidInput.one("代理人", "不能由本人代理本人")
    lock_people({absent_id, substitute_id})
    decision = may_name(
        absent=_roles(absent_id, department_id, on),
        substitute=_roles(substitute_id, department_id, on),
        since=since,
        until=until,
        on=on,
        taken=taken_between(absent_id, substitute_id, since, until),
    ).or_raise()
    row = Substitution.objects.create(
        number=next_case_number(kind=CaseKind.SUBSTITUTION, division=department.division_id, on=on),
        department=department,
        absent_id=absent_id,
        substitute_id=substitute_id,
        since=since,
        until=until,
        reason=reason.strip()[:200],
        named_by_id=actor.user_id,
        named_at=now(),
    )
    _tell(row, actor, E.SUBSTITUTE_NAMED, f"{since} 至 {until} 有人代理", on=on, decision=decision)
    return row


@transaction.atomic
def end(*, actor: Actor, substitution_id: UUID, on: date) -> Substitution:
    """It ends before its time; from this moment on the substitute acts only with posts of their own."""
    row = end_substitution(actor=actor, substitution_id=substitution_id, on=on)
    _tell(row, actor, E.SUBSTITUTE_ENDED, "代理提前结束", on=on)
    return row


def _tell(
    row: Substitution, actor: Actor, type_: E, text: str, *, on: date, decision: Decision | None = None
) -> None:
    case = case_of_substitution(row)
    events.record(
        type_,
        actor=actor,
        case=case,
        department_id=row.department_id,
        on=on,
        decision=decision,
        data={
            "absent": str(row.absent_id),
            "substitute": str(row.substitute_id),
            "since": str(row.since),
            "until": str(row.until),
        },
    )
    names = dict(User.objects.filter(id__in=[row.absent_id, row.substitute_id]).values_list("id", "name"))
    who = f"{names[row.substitute_id]} 代 {names[row.absent_id]}"
    notify(case=case, department_id=row.department_id, text=f"{who}：{text}")


def _roles(user_id: UUID, department_id: UUID, on: date) -> frozenset[Role]:
    rows = Membership.objects.filter(
        user=user_id, user__is_active=True, department=department_id, since__lte=on
    )
    return frozenset(Role(row.role) for row in rows if row.until is None or row.until > on)


def colleagues_of(actor: Actor) -> list[Membership]:
    """Who may be named in the actor's departments: open appointments, with the people."""
    mine = {post.department_id for post in actor.posts if post.stands_in_for_id is None}
    return [row for department_id in sorted(mine, key=str) for row in organizations.people_of(department_id)]
