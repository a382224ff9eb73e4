"""The cast of every test: three divisions with their packs, departments, and people in their roles.

陈 stands for the provider, 李 for the user department, 王 for the bureau, 赵 for a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from shuqiao import law
from shuqiao.accounts.models import User
from shuqiao.accounts.services import create_user
from shuqiao.accounts.types import PLATFORM, Actor, Role
from shuqiao.organizations import parties, queries, services
from shuqiao.organizations.models import Department, Division, Party
from shuqiao.organizations.types import DepartmentKind, LinkPurpose, PartyKind

SINCE = date(2019, 1, 1)
PASSWORD = "test-password-2026"
NATIONAL = law.Binding("national-2025", False)


def credit_code(serial: int) -> str:
    """A credit code with a right check digit (GB 32100): registration authority 1, category 1, 营口's code."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"11210800{serial:08d}".replace("I", "1") + "0"
    weights = [pow(3, i, 31) for i in range(17)]
    total = sum(weight * alphabet.index(char) for weight, char in zip(weights, body, strict=True))
    return body + alphabet[(31 - total % 31) % 31]


def make_user(username: str, name: str, department: Department, *roles: Role) -> User:
    """A person appointed to roles in a department since 2019."""
    user = create_user(username=username, name=name, password=PASSWORD)
    for role in roles:
        services.appoint(actor=PLATFORM, user=user, department=department, role=role, since=SINCE)
    return user


@dataclass
class City:
    """The small world. `actor(username)` is the person as an actor; `user(username)` the account."""

    yingkou: Division
    shenyang: Division
    dongchangfu: Division
    county: Division
    bureau: Department
    provider: Department
    consumer: Department
    other: Department
    shenyang_bureau: Department
    shenyang_provider: Department
    dongchangfu_bureau: Department
    dongchangfu_provider: Department
    users: dict[str, User] = field(default_factory=dict)

    def user(self, username: str) -> User:
        return self.users[username]

    def actor(self, username: str) -> Actor:
        return queries.actor_of(self.users[username])


def make_party(city: City, kind: str = "person", username: str = "citizen") -> Party:
    """Somebody outside government with a verified address, who logs in as `username@example.cn` with PASSWORD.
    `city.user(username)` and `city.actor(username)` know them too."""
    wanted = PartyKind(kind)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    given = parties.Registration(
        kind=wanted,
        name="周公民" if wanted == PartyKind.PERSON else f"营口{username}科技有限公司",
        email=f"{username}@example.cn",
        password=PASSWORD,
        credit_code="" if wanted == PartyKind.PERSON else credit_code(50_000_000 + sum(map(ord, username))),
        contact="" if wanted == PartyKind.PERSON else "周联系",
        phone="" if wanted == PartyKind.PERSON else "13800000000",
    )
    party = parties.register_party(given=given, at=at)
    assert party is not None, f"{username} is registered already"
    token = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=at)
    party = parties.verify_email(token=token, at=at)
    city.users[username] = User.objects.get(id=party.user_id)
    return party


def make_city() -> City:
    """Build the world through the services. Usernames: provider-cataloguer, provider-approver, provider-security,
    consumer-cataloguer, consumer-approver, consumer-developer, bureau-reviewer, bureau-supervisor, auditor, admin,
    stranger (approver of a third department), shenyang-approver, shenyang-bureau, dongchangfu-approver,
    dongchangfu-bureau."""

    def division(
        code: str, name: str, short: str, prefix: str, *packs: law.Binding, parent: str | None = None
    ) -> Division:
        return services.create_division(
            actor=PLATFORM,
            code=code,
            name=name,
            short_name=short,
            case_prefix=prefix,
            parent=parent,
            packs=packs,
        )

    serial = iter(range(1, 100))

    def department(
        where: Division, name: str, short: str, kind: DepartmentKind = DepartmentKind.GOVERNMENT
    ) -> Department:
        return services.create_department(
            actor=PLATFORM,
            division=where.code,
            name=name,
            short_name=short,
            credit_code=credit_code(next(serial)),
            kind=kind,
        )

    yingkou = division("210800", "营口市", "营口", "营", law.Binding("yingkou-2022", False), NATIONAL)
    county = division("210882", "大石桥市", "大石桥", "大", parent="210800")
    shenyang = division("210100", "沈阳市", "沈阳", "沈", law.Binding("shenyang-2020", False), NATIONAL)
    dongchangfu = division(
        "371502", "东昌府区", "东昌府", "东", law.Binding("dongchangfu-2020", True), NATIONAL
    )
    city = City(
        yingkou=yingkou,
        shenyang=shenyang,
        dongchangfu=dongchangfu,
        county=county,
        bureau=department(yingkou, "营口市大数据管理局", "市大数据局", DepartmentKind.BUREAU),
        provider=department(yingkou, "营口市市场监督管理局", "市市场监管局"),
        consumer=department(yingkou, "营口市人力资源和社会保障局", "市人社局"),
        other=department(yingkou, "营口市教育局", "市教育局"),
        shenyang_bureau=department(shenyang, "沈阳市数据局", "市数据局", DepartmentKind.BUREAU),
        shenyang_provider=department(shenyang, "沈阳市市场监督管理局", "市市场监管局"),
        dongchangfu_bureau=department(dongchangfu, "东昌府区大数据局", "区大数据局", DepartmentKind.BUREAU),
        dongchangfu_provider=department(dongchangfu, "东昌府区市场监督管理局", "区市场监管局"),
    )
    for username, name, where, roles in (
        ("provider-cataloguer", "陈编目", city.provider, (Role.CATALOGUER,)),
        ("provider-approver", "陈局长", city.provider, (Role.APPROVER,)),
        ("provider-security", "陈安全", city.provider, (Role.SECURITY_OFFICER,)),
        ("consumer-cataloguer", "李经办", city.consumer, (Role.CATALOGUER,)),
        ("consumer-approver", "李局长", city.consumer, (Role.APPROVER,)),
        ("consumer-developer", "李开发", city.consumer, (Role.DEVELOPER,)),
        ("bureau-reviewer", "王审核", city.bureau, (Role.BUREAU_REVIEWER,)),
        ("bureau-supervisor", "王监督", city.bureau, (Role.BUREAU_SUPERVISOR,)),
        ("auditor", "王审计", city.bureau, (Role.AUDITOR,)),
        ("admin", "王系统", city.bureau, (Role.SYSTEM_ADMIN,)),
        ("stranger", "赵局长", city.other, (Role.APPROVER, Role.CATALOGUER)),
        ("shenyang-approver", "沈局长", city.shenyang_provider, (Role.APPROVER, Role.CATALOGUER)),
        ("shenyang-bureau", "沈审核", city.shenyang_bureau, (Role.BUREAU_REVIEWER, Role.BUREAU_SUPERVISOR)),
        ("dongchangfu-approver", "东局长", city.dongchangfu_provider, (Role.APPROVER, Role.CATALOGUER)),
        (
            "dongchangfu-bureau",
            "东审核",
            city.dongchangfu_bureau,
            (Role.BUREAU_REVIEWER, Role.BUREAU_SUPERVISOR),
        ),
    ):
        city.users[username] = make_user(username, name, where, *roles)
    for approver, where in (
        ("provider-approver", city.provider),
        ("consumer-approver", city.consumer),
    ):
        services.file_contacts(
            actor=city.actor(approver),
            department_id=where.id,
            leader_name="分管领导",
            leader_phone="0417-2800001",
            contact_name="联络员",
            contact_phone="0417-2800002",
            at=datetime(2026, 1, 5, tzinfo=UTC),
        )
    return city
