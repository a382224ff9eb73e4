"""The division's own classes: added, taken out of use, chosen; a draft that carries one out of use."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from shuqiao.catalog import classification, services
from shuqiao.catalog.models import Classification
from shuqiao.catalog.tests.factories import ON, content, draft
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.ids import new_id
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, E

pytestmark = [pytest.mark.django_db, pytest.mark.article("yingkou-2022", "12")]
REVIEWER, CATALOGUER, APPROVER = "bureau-reviewer", "provider-cataloguer", "provider-approver"


def added(city, name="市场监管", above="307001", division="210800", by=REVIEWER):
    return services.add_class(actor=city.actor(by), division=division, above=above, name=name)


def used(city, one, *, used):
    return services.use_class(actor=city.actor(REVIEWER), class_id=one.pk, used=used)


def test_codes_are_built_below_each_level_and_never_given_twice(city):
    first, second = added(city), added(city, " 农业  农村 ")
    assert (first.code, second.code, second.name) == ("307001001", "307001002", "农业 农村")
    used(city, second, used=False)
    assert added(city, "水利").code == "307001003"
    assert added(city, "本地目", above="307").code == "307800"
    assert added(city, "本地项", above="3").code == "380"
    assert added(city, "其下的目", above="380").code == "380800"
    assert first.code in classification.classes_of("210800").codes
    assert first.code not in classification.classes_of("210100").codes
    told = Event.objects.filter(case_kind=CaseKind.CLASSIFICATION).values_list("type", "case_number")
    assert (E.CLASS_RETIRED, second.code) in set(told)


@pytest.mark.parametrize(
    ("above", "name", "said"),
    [
        ("999", "甲", "分类表中没有"),
        ("307001", "  ", "写明名称"),
        ("307001", "长" * 101, "写明名称"),
        ("307001", "市场监管", "已有“市场监管”，代码 307001001"),
        ("307001001", "再细分", "细目之下不再分级"),
    ],
)
def test_what_cannot_be_added_is_said(city, above, name, said):
    added(city)
    with pytest.raises(InvalidInput, match=said):
        added(city, name, above)


def test_only_the_bureau_of_the_division_keeps_its_classes(city):
    own = added(city)
    for who in (CATALOGUER, APPROVER):
        with pytest.raises(NotAllowed):
            added(city, "别的", by=who)
    with pytest.raises(NotAllowed):
        added(city, "别的", division="210100")
    national = Classification.objects.get(code="307001")
    for missing in (national.pk, new_id()):
        with pytest.raises(NotFound):
            services.use_class(actor=city.actor(REVIEWER), class_id=missing, used=False)
    with pytest.raises(NotAllowed):
        services.use_class(actor=city.actor(APPROVER), class_id=own.pk, used=False)


def test_the_lower_goes_before_the_upper_and_comes_after_it(city):
    upper = added(city, "本地目", above="307")
    lower = added(city, "细目", above=upper.code)
    with pytest.raises(InvalidInput, match="请先停用下级"):
        used(city, upper, used=False)
    used(city, lower, used=False)
    used(city, upper, used=False)
    assert used(city, upper, used=False).retired  # twice is once
    with pytest.raises(InvalidInput, match="请先恢复上级"):
        used(city, lower, used=True)
    used(city, upper, used=True)
    assert not used(city, lower, used=True).retired


def test_a_draft_whose_class_went_out_of_use_is_not_submitted(city):
    own = added(city)
    revision = draft(city, classification=own.code)
    used(city, own, used=False)
    with pytest.raises(InvalidInput, match=f"{own.code}”已停用"):
        services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.pk, on=ON)
    revision.refresh_from_db()
    assert revision.status == "draft"
    with pytest.raises(InvalidInput, match="不在分类表中"):
        services.create_entry(
            actor=city.actor(CATALOGUER),
            department_id=city.provider.pk,
            content=content(classification=own.code),
            on=ON,
        )
    used(city, own, used=True)
    services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.pk, on=ON)


def test_the_page_goes_down_adds_and_takes_out_of_use(client_of, city, django_assert_max_num_queries):
    page = client_of(REVIEWER)
    at = reverse("catalog:classification")
    with django_assert_max_num_queries(10):
        shown = page.get(at, {"at": "307"}).content.decode()
    assert "政府部门" in shown
    assert page.get(at, {"at": "没有"}).status_code == 200
    inside = f"{at}?division=210800&at=307001"
    assert page.post(inside, {"name": "市场监管"}, follow=True).content.decode().count("市场监管") > 1
    again = page.post(inside, {"name": "市场监管"})
    assert again.status_code == 400
    assert "已有“市场监管”" in again.content.decode()
    own = Classification.objects.get(code="307001001")
    use = reverse("catalog:use-class", args=[own.pk])
    assert "已停用" in page.post(f"{use}?at=307001", {"used": "0"}, follow=True).content.decode()
    own.refresh_from_db()
    assert own.retired
    assert client_of(CATALOGUER).get(at).status_code == 403


def test_by_rest(client_of, city):
    def ask(method, path, body):
        return client_of(REVIEWER).generic(
            method, f"/api/v1/catalog{path}", json.dumps(body), "application/json"
        )

    wanted = {"division": "210800", "above": "307001", "name": "市场监管"}
    made = ask("POST", "/classes", wanted)
    assert made.status_code == 201, made.content
    assert made.json() | {"id": ""} == {
        "id": "", "code": "307001001", "name": "市场监管", "above": "307001", "used": True,
    }  # fmt: skip
    assert ask("POST", "/classes", wanted).status_code == 400
    assert ask("PUT", f"/classes/{made.json()['id']}", {"used": False}).json()["used"] is False
    assert ask("PUT", f"/classes/{new_id()}", {"used": False}).status_code == 404
