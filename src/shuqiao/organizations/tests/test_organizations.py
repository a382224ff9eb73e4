"""Divisions, departments, appointments, filings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from shuqiao import law
from shuqiao.accounts.types import ANONYMOUS, PLATFORM, P, Role
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.organizations import queries, services
from shuqiao.organizations.models import ContactFiling, Membership
from shuqiao.organizations.tests.factories import City, credit_code


@pytest.mark.article("yingkou-2022", "5")
@pytest.mark.article("yingkou-2022", "6")
def test_city_bureau_covers_its_counties_and_no_other_city(city: City) -> None:
    actor = city.actor("bureau-reviewer")
    assert actor.divisions_with(P.CATALOG_ENTRY_REVIEW) == {"210800", "210882"}
    assert actor.may(P.CATALOG_ENTRY_REVIEW, division="210882")
    assert not actor.may(P.CATALOG_ENTRY_REVIEW, division="210100")


@pytest.mark.article("dongchangfu-2020", "6")
@pytest.mark.article("dongchangfu-2020", "7")
def test_a_district_has_its_own_bureau_and_its_departments_answer_for_themselves(city: City) -> None:
    bureau, department = city.actor("dongchangfu-bureau"), city.actor("dongchangfu-approver")
    assert queries.bureau_of("371502") == city.dongchangfu_bureau
    assert bureau.divisions_with(P.CATALOG_ENTRY_REVIEW) == {"371502"}
    assert department.may(P.SHARING_REQUEST_ANSWER, department_id=city.dongchangfu_provider.id)
    assert not department.may(P.CATALOG_ENTRY_REVIEW, division="371502")


@pytest.mark.article("shenyang-2020", "4")
@pytest.mark.article("shenyang-2020", "7")
def test_one_installation_serves_several_cities_each_under_its_own_bureau_and_packs(city: City) -> None:
    assert queries.bureau_of("210100") == city.shenyang_bureau
    assert [binding.pack_id for binding in queries.bindings_of("210100")] == [
        "shenyang-2020",
        "national-2025",
    ]
    assert city.actor("shenyang-bureau").divisions_with(P.CATALOG_ENTRY_REVIEW) == {"210100"}


def test_department_roles_end_at_the_department(city: City) -> None:
    actor = city.actor("provider-approver")
    assert actor.may(P.SHARING_REQUEST_ANSWER, department_id=city.provider.id)
    assert not actor.may(P.SHARING_REQUEST_ANSWER, department_id=city.consumer.id)
    assert not actor.may(P.SHARING_REQUEST_ANSWER, division="210800"), "a department role reaches no division"
    assert not ANONYMOUS.may(P.CATALOG_ENTRY_READ)


def test_ended_appointment_gives_nothing(city: City) -> None:
    Membership.objects.filter(user=city.user("stranger")).update(until=date(2026, 1, 1))
    assert queries.actor_of(city.user("stranger"), on=date(2025, 12, 31)).posts
    assert not queries.actor_of(city.user("stranger"), on=date(2026, 1, 1)).posts


@pytest.mark.article("yingkou-2022", "3")
@pytest.mark.article("yingkou-2022", "39")
@pytest.mark.article("shenyang-2020", "37")
def test_department_needs_a_right_and_unused_credit_code(city: City) -> None:
    good = credit_code(77)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    for code, words in ((wrong, "校验位"), ("123", "18 位"), (city.provider.credit_code, "已属于")):
        with pytest.raises(InvalidInput, match=words):
            services.create_department(
                actor=PLATFORM,
                division="210800",
                name="营口市水务集团",
                short_name="水务集团",
                credit_code=code,
            )


def test_every_problem_of_a_department_is_named_at_once(city: City) -> None:
    with pytest.raises(InvalidInput) as error:
        services.create_department(
            actor=PLATFORM, division="210800", name=city.provider.name, short_name="x", credit_code="1"
        )
    assert [problem.where for problem in error.value.problems] == ["统一社会信用代码", "全称"]


def test_only_the_administrator_of_the_division_changes_the_tree(city: City) -> None:
    for username in ("bureau-reviewer", "provider-approver", "auditor"):
        with pytest.raises(NotAllowed):
            services.appoint(
                actor=city.actor(username),
                user=city.user("stranger"),
                department=city.provider,
                role=Role.APPROVER,
                since=date(2026, 1, 1),
            )
    admin = city.actor("admin")
    services.appoint(
        actor=admin,
        user=city.user("stranger"),
        department=city.provider,
        role=Role.DEVELOPER,
        since=date(2026, 1, 1),
    )
    with pytest.raises(NotAllowed):
        services.appoint(
            actor=admin,
            user=city.user("stranger"),
            department=city.shenyang_provider,
            role=Role.DEVELOPER,
            since=date(2026, 1, 1),
        )


def test_unknown_pack_and_unknown_division_are_named(city: City) -> None:
    with pytest.raises(InvalidInput, match="atlantis-1"):
        services.create_division(
            actor=PLATFORM,
            code="999999",
            name="x",
            short_name="x",
            case_prefix="x",
            packs=[law.Binding("atlantis-1")],
        )
    with pytest.raises(NotFound, match="000000"):
        queries.bindings_of("000000")


@pytest.mark.article("yingkou-2022", "8")
def test_county_uses_the_city_bureau_and_the_city_packs(city: City) -> None:
    assert queries.bureau_of(city.county.code) == city.bureau
    assert [b.pack_id for b in queries.bindings_of(city.county.code)] == ["yingkou-2022", "national-2025"]


@pytest.mark.article("yingkou-2022", "7")
@pytest.mark.article("national-2025", "11")
def test_change_is_filed_anew_and_missing_or_stale_filings_show_up_at_the_bureau(city: City) -> None:
    services.file_contacts(
        actor=city.actor("provider-cataloguer"),
        department_id=city.provider.id,
        leader_name="新领导",
        leader_phone="1",
        contact_name="新联络员",
        contact_phone="2",
        at=datetime(2026, 6, 1, tzinfo=UTC),
    )
    assert ContactFiling.objects.filter(department=city.provider).count() == 2
    assert queries.latest_filing(city.provider.id).leader_name == "新领导"  # type: ignore[union-attr]
    rows = {
        row["department"]: row["needs_filing"]
        for row in queries.list_filings_for(city.actor("bureau-supervisor"), on=date(2027, 2, 1))
    }
    assert rows[city.provider] is False
    assert rows[city.consumer] is True, "filed more than a year ago"
    assert rows[city.other] is True, "never filed"
    assert city.shenyang_provider not in rows


def test_filing_names_every_missing_field_and_refuses_strangers(city: City) -> None:
    def file(username: str, name: str) -> None:
        services.file_contacts(
            actor=city.actor(username),
            department_id=city.provider.id,
            leader_name=name,
            leader_phone="",
            contact_name=name,
            contact_phone="",
            at=datetime(2026, 6, 1, tzinfo=UTC),
        )

    with pytest.raises(NotAllowed):
        file("stranger", "x")
    with pytest.raises(InvalidInput) as error:
        file("provider-approver", "x")
    assert [problem.where for problem in error.value.problems] == ["负责领导电话", "联络人电话"]


def test_filing_pages(city: City, client_of: Callable[[str], Client]) -> None:
    page = client_of("bureau-supervisor").get("/organizations/filings/").content.decode()
    assert "营口市教育局" in page
    assert "需要备案" in page
    mine = client_of("provider-approver")
    address = f"/organizations/filings/{city.provider.id}/"
    missing = mine.post(address, {"leader_name": "张"})
    assert missing.status_code == 400
    good = {"leader_name": "张", "leader_phone": "1", "contact_name": "王", "contact_phone": "2"}
    assert mine.post(address, good).status_code == 302
    assert client_of("stranger").get(address).status_code == 403


@pytest.mark.parametrize(
    ("username", "cited", "foreign"),
    [
        ("provider-approver", "营口办法 第七条", "政务数据共享条例 第十一条"),
        ("shenyang-approver", "政务数据共享条例 第十一条", "营口办法"),
        ("dongchangfu-approver", "政务数据共享条例 第十一条", "营口办法"),
    ],
)
def test_filing_pages_cite_the_texts_of_the_own_division_only(
    city: City, client_of: Callable[[str], Client], username: str, cited: str, foreign: str
) -> None:
    [department_id] = {post.department_id for post in city.actor(username).posts}
    for address in ("/organizations/filings/", f"/organizations/filings/{department_id}/"):
        page = client_of(username).get(address).content.decode()
        assert cited in page
        assert foreign not in page
    assert queries.filing_articles(["210100"], date(2025, 7, 31)) == (), (
        "no text asked for it before the decree"
    )


def test_the_administrator_brings_in_a_department_and_its_people(
    city: City, client_of: Callable[[str], Client], client: Client
) -> None:
    admin = client_of("admin")
    form = {
        "division": "210882",
        "name": "大石桥市民政局",
        "short_name": "市民政局",
        "credit_code": credit_code(88),
        "kind": "government",
    }
    assert admin.post("/organizations/departments/new/", form | {"credit_code": "1"}).status_code == 400
    address = admin.post("/organizations/departments/new/", form)["Location"]
    person = {"username": "dsq-clerk", "name": "孙编目", "phone": "", "role": "cataloguer"}
    shown = admin.post(address, person)
    assert shown.status_code == 201
    password = shown.content.decode().split('id="password">')[1].split("<")[0]
    assert client.post("/account/login/", {"username": "dsq-clerk", "password": password}).status_code == 302
    assert "孙编目" in admin.get(address).content.decode()
    assert admin.post(address, person | {"role": "approver"}).status_code == 302, (
        "a second role, no new password"
    )
    wrong = admin.post(address, person | {"name": "别人"})
    assert wrong.status_code == 400
    assert "孙编目" in wrong.content.decode()


def test_division_wide_roles_are_only_for_the_bureau(city: City) -> None:
    with pytest.raises(InvalidInput, match="主管部门"):
        services.appoint(
            actor=city.actor("admin"),
            user=city.user("stranger"),
            department=city.provider,
            role=Role.AUDITOR,
            since=date(2026, 1, 1),
        )


def test_an_ended_appointment_gives_nothing_from_that_day_on(city: City) -> None:
    on = date(2026, 6, 1)
    membership = Membership.objects.get(user=city.user("consumer-approver"))
    with pytest.raises(NotAllowed):
        services.end_appointment(actor=city.actor("consumer-cataloguer"), membership_id=membership.id, on=on)
    services.end_appointment(actor=city.actor("admin"), membership_id=membership.id, on=on)
    assert not queries.actor_of(city.user("consumer-approver"), on=on).posts
    with pytest.raises(NotFound):
        services.end_appointment(actor=city.actor("admin"), membership_id=membership.id, on=on)
    own = Membership.objects.get(user=city.user("admin"))
    with pytest.raises(InvalidInput, match="另一位"):
        services.end_appointment(actor=city.actor("admin"), membership_id=own.id, on=on)


def test_a_lost_password_is_replaced_by_the_administrator_of_the_division_only(city: City) -> None:
    with pytest.raises(NotAllowed):
        services.reset_password(actor=city.actor("admin"), user_id=city.user("shenyang-bureau").id)
    user, password = services.reset_password(actor=city.actor("admin"), user_id=city.user("stranger").id)
    assert user.check_password(password)
