"""Steps on divisions, departments, appointments and filings."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.models import User
from shuqiao.accounts.services import create_user
from shuqiao.accounts.types import DIVISION_ROLES, Actor, P, Role
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.organizations import queries
from shuqiao.organizations.models import ContactFiling, Department, Division, DivisionPack, Membership
from shuqiao.organizations.types import DepartmentKind, credit_code_problem


@transaction.atomic
def create_division(
    *,
    actor: Actor,
    code: str,
    name: str,
    short_name: str,
    case_prefix: str,
    parent: str | None = None,
    packs: Sequence[law.Binding] = (),
) -> Division:
    """A division joins the tree, with the packs that bind it. Every pack must be known."""
    actor.demand(P.ORGANIZATIONS_ADMIN, division=parent)
    known = law.load_packs()
    problems = []
    if unknown := [binding.pack_id for binding in packs if binding.pack_id not in known]:
        problems.append(Problem("规则包", f"没有这个规则包：{'、'.join(unknown)}"))
    if Division.objects.filter(code=code).exists():
        problems.append(Problem("区划代码", f"{code} 已经建立"))
    if parent and not Division.objects.filter(code=parent).exists():
        problems.append(Problem("上级区划", f"没有区划 {parent}"))
    if problems:
        raise InvalidInput(problems)
    division = Division.objects.create(
        code=code, name=name, short_name=short_name, case_prefix=case_prefix, parent_id=parent
    )
    DivisionPack.objects.bulk_create(
        DivisionPack(division=division, pack_id=binding.pack_id, house_rule=binding.house_rule, order=order)
        for order, binding in enumerate(packs)
    )
    return division


@transaction.atomic
def create_department(
    *,
    actor: Actor,
    division: str,
    name: str,
    short_name: str,
    credit_code: str,
    kind: DepartmentKind = DepartmentKind.GOVERNMENT,
) -> Department:
    """A body takes part (Yingkou 3, 39). Its credit code must pass the check digit of GB 32100."""
    actor.demand(P.ORGANIZATIONS_ADMIN, division=division)
    problems = []
    if problem := credit_code_problem(credit_code):
        problems.append(Problem("统一社会信用代码", problem))
    if Department.objects.filter(credit_code=credit_code).exists():
        problems.append(Problem("统一社会信用代码", f"{credit_code} 已属于另一个部门"))
    if Department.objects.filter(division=division, name=name).exists():
        problems.append(Problem("全称", f"本区划已有“{name}”"))
    if problems:
        raise InvalidInput(problems)
    return Department.objects.create(
        division_id=division, name=name, short_name=short_name, credit_code=credit_code, kind=kind
    )


@transaction.atomic
def appoint(*, actor: Actor, user: User, department: Department, role: Role, since: date) -> Membership:
    """A person gets a role in a department."""
    actor.demand(P.ORGANIZATIONS_ADMIN, division=department.division_id)
    if role in DIVISION_ROLES and department.kind != DepartmentKind.BUREAU:
        raise InvalidInput.one("角色", f"“{role.label}”只能任命在政务数据主管部门")
    membership, _ = Membership.objects.get_or_create(
        user=user,
        department=department,
        role=role,
        until=None,
        defaults={"since": since, "appointed_by_id": actor.user_id},
    )
    return membership


@transaction.atomic
def engage(
    *, actor: Actor, department_id: UUID, username: str, name: str, phone: str, role: Role, on: date
) -> tuple[User, str]:
    """A person gets a role in a department; who has no account yet gets one.

    Returns the person and the initial password, to be shown once; it is empty for an account that existed.
    """
    department = queries.get_department(department_id)
    actor.demand(P.ORGANIZATIONS_ADMIN, division=department.division_id)
    user = User.objects.filter(username=username).first()
    password = ""
    if user is None:
        password = secrets.token_urlsafe(12)
        user = create_user(username=username, name=name, password=password, phone=phone)
    elif user.name != name:
        raise InvalidInput.one("账号", f"{username} 已是 {user.name} 的账号，请核对姓名或另取账号")
    appoint(actor=actor, user=user, department=department, role=role, since=on)
    return user, password


@transaction.atomic
def end_appointment(*, actor: Actor, membership_id: UUID, on: date) -> Membership:
    """A person leaves a role; from `on` it gives nothing any more. Nobody ends their own last administration."""
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("department", "user")
        .filter(id=membership_id, until=None)
        .first()
    )
    if membership is None:
        raise NotFound("任职")
    actor.demand(P.ORGANIZATIONS_ADMIN, division=membership.department.division_id)
    if membership.user_id == actor.user_id and membership.role == Role.SYSTEM_ADMIN:
        raise InvalidInput.one("任职", "不能终止自己的系统管理员任职，请由另一位管理员办理")
    membership.until = on
    membership.ended_by_id = actor.user_id
    membership.save(update_fields=["until", "ended_by"])
    return membership


@transaction.atomic
def reset_password(*, actor: Actor, user_id: UUID) -> tuple[User, str]:
    """A person who has lost the password gets a new one, shown once to the administrator."""
    user = User.objects.select_for_update().filter(id=user_id).first()
    posts = (
        list(Membership.objects.filter(user=user, until=None).select_related("department")) if user else []
    )
    if user is None or not posts:
        raise NotFound("人员")
    for post in posts:
        actor.demand(P.ORGANIZATIONS_ADMIN, division=post.department.division_id)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user, password


@transaction.atomic
def file_contacts(
    *,
    actor: Actor,
    department_id: UUID,
    leader_name: str,
    leader_phone: str,
    contact_name: str,
    contact_phone: str,
    at: datetime,
) -> ContactFiling:
    """A department files its leader and contact person with the bureau (Yingkou 7). A change is filed anew."""
    department = queries.get_department(department_id)
    actor.demand(P.ORGANIZATIONS_FILING_EDIT, department_id=department.id)
    given = {
        "负责领导": leader_name,
        "负责领导电话": leader_phone,
        "联络人": contact_name,
        "联络人电话": contact_phone,
    }
    if actor.user_id is None:
        raise NotAllowed(P.ORGANIZATIONS_FILING_EDIT.value, "备案须由登录人员报送")
    if missing := [Problem(label, "必填") for label, value in given.items() if not value.strip()]:
        raise InvalidInput(missing)
    return ContactFiling.objects.create(
        department=department,
        leader_name=leader_name.strip(),
        leader_phone=leader_phone.strip(),
        contact_name=contact_name.strip(),
        contact_phone=contact_phone.strip(),
        filed_by_id=actor.user_id,
        filed_at=at,
    )


def lock_people(user_ids: Collection[UUID]) -> None:
    """Hold these people until the transaction ends, so that two steps about them come one after the other."""
    list(User.objects.select_for_update().filter(id__in=user_ids).order_by("id"))
