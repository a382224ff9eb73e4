"""Divisions, departments, people and their filings."""

from __future__ import annotations

import random

from django.contrib.auth.hashers import make_password

from shuqiao import law
from shuqiao.accounts import services as accounts
from shuqiao.accounts.types import PLATFORM, Role
from shuqiao.organizations import queries, services
from shuqiao.organizations.types import DepartmentKind
from shuqiao.sample.invented import credit_code
from shuqiao.sample.specs import DepartmentSpec, DivisionSpec
from shuqiao.sample.world import World

# Known to everybody who reads this line: only `load_city` ever gives it to anybody.
PASSWORD = "sample-2026-shuqiao"  # noqa: S105
POSTS = {
    "clerk": Role.CATALOGUER,
    "head": Role.APPROVER,
    "security": Role.SECURITY_OFFICER,
    "developer": Role.DEVELOPER,
    "reviewer": Role.BUREAU_REVIEWER,
    "supervisor": Role.BUREAU_SUPERVISOR,
    "auditor": Role.AUDITOR,
    "admin": Role.SYSTEM_ADMIN,
}


def found_places(world: World) -> None:
    """The division tree with its packs, and the departments, each with a credit code of the invented range."""
    for division in world.spec.divisions:
        services.create_division(
            actor=PLATFORM,
            code=division.code,
            name=division.name,
            short_name=division.short,
            case_prefix=division.prefix,
            parent=division.parent,
            packs=[law.Binding(pack.id, pack.house_rule) for pack in division.packs],
        )
    for serial, one in enumerate(world.spec.departments, 1):
        world.departments[one.key] = services.create_department(
            actor=PLATFORM,
            division=one.division,
            name=one.name,
            short_name=one.short,
            credit_code=credit_code("11", one.division, serial),
            kind=DepartmentKind(one.kind),
        )


def appoint_people(world: World) -> None:
    """Everybody with an account: clerk and head of each department, and the extra posts of some."""
    secret = make_password(PASSWORD)  # hashed once: it is the same, and known
    since = world.days.back(220)
    for one in world.spec.departments:
        division = world.division_of(one.key)
        names = world.crowd(division).names()
        chance = random.Random(f"{world.seed}:people:{one.key}")  # noqa: S311 - invented people
        for post in ("clerk", "head", *one.posts):
            user = accounts.create_user(
                username=f"{one.key}-{post}",
                name=f"{chance.choice(names)}（示例）",
                password=None,
                password_hash=secret,
                phone=phone(division, chance),
            )
            services.appoint(
                actor=PLATFORM,
                user=user,
                department=world.departments[one.key],
                role=POSTS[post],
                since=since,
            )
            world.actors[user.username] = queries.actor_of(user, on=world.today)


def file_contacts(world: World) -> None:
    """Most departments have filed leader and contact person with the bureau; two have not (Yingkou 7)."""
    for number, one in enumerate(world.spec.departments):
        if one.filed:
            _file(world, one, number)


def _file(world: World, one: DepartmentSpec, number: int) -> None:
    division = world.division_of(one.key)
    chance = random.Random(f"{world.seed}:filing:{one.key}")  # noqa: S311 - invented people
    services.file_contacts(
        actor=world.head(one.key),
        department_id=world.departments[one.key].id,
        leader_name=world.head(one.key).name,
        leader_phone=phone(division, chance),
        contact_name=world.clerk(one.key).name,
        contact_phone=phone(division, chance),
        at=world.days.moment(world.days.back(150 + number), 9),
    )


def phone(division: DivisionSpec, chance: random.Random) -> str:
    """A number under the exchange 0000, which no line has."""
    return f"{division.phone}-0000 {chance.randrange(1000):03d}"
