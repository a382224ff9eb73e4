"""Search by REST answers what the page shows: facets, marks, help, every filter, every order."""

from __future__ import annotations

import pytest
from django.test import Client

from shuqiao.catalog.tests.factories import published
from shuqiao.kernel.time import today

pytestmark = [pytest.mark.django_db, pytest.mark.article("yingkou-2022", "11")]
ADDRESS = "/api/v1/catalog/entries"


@pytest.fixture
def ask(client_of, city):
    def call(**asked):
        answer = client_of("stranger").get(ADDRESS, asked)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return call


def titles(answer: dict) -> list[str]:
    return [one["title"] for one in answer["items"]]


def test_words_are_marked_and_the_best_comes_first(ask, city):
    published(city, on=today(), title="道路运输企业", summary="登记在册")
    published(city, on=today(), title="加油站<甲>信息", summary="全市加油站")
    found = ask(q="加油站")
    assert titles(found) == ["加油站<甲>信息"]
    marks = found["items"][0]["highlights"]
    assert marks["title"] == "<mark>加油站</mark>&lt;甲&gt;信息"
    assert "<mark>加油站</mark>" in marks["summary"]
    assert (found["loose"], found["total"]) == (False, 1)
    assert ask()["items"][0]["highlights"] is None


def test_some_of_the_words_are_told_to_be_some(ask, city):
    published(city, on=today(), title="加油站信息")
    found = ask(q="加油站 潜水艇")
    assert (found["loose"], titles(found)) == (True, ["加油站信息"])


def test_what_was_meant_and_what_the_filters_hide(ask, city):
    published(city, on=today(), title="加油站信息")
    assert ask(q="家油站")["meant"] == "加油站"
    hidden = ask(q="加油站", sharing="none")
    assert (hidden["total"], [one["title"] for one in hidden["near"]]) == (0, ["加油站信息"])


def test_facets_are_counted_when_asked_for(ask, city):
    published(city, on=today(), title="加油站甲", theme="经济")
    published(city, on=today(), title="加油站乙", theme="社会")
    for asked in ({}, {"q": "加油站"}):
        assert ask(**asked)["facets"] is None
        facets = ask(facets=True, theme="经济", **asked)["facets"]
        assert {one["value"]: one["count"] for one in facets["theme"]} == {"经济": 1, "社会": 1}
        assert facets["department"] == [
            {"value": str(city.provider.id), "label": city.provider.short_name, "count": 1}
        ]
        assert set(facets) >= {"sharing", "opening", "division", "format", "kind", "cycle", "fresh"}


def test_every_filter_of_the_page_narrows(ask, city):
    published(city, on=today(), title="甲", theme="经济", update_cycle="monthly")
    published(city, on=today(), title="乙", theme="社会", update_cycle="never")
    assert titles(ask(theme="经济")) == ["甲"]
    assert titles(ask(cycle="never")) == ["乙"]
    assert titles(ask(fresh="overdue")) == []
    assert sorted(titles(ask(fresh="unknown"))) == ["乙", "甲"]


def test_every_order_and_no_other(ask, client_of, city):
    for title in ("加油站丙", "加油站甲", "加油站乙"):
        published(city, on=today(), title=title)
    by_title = ["加油站丙", "加油站乙", "加油站甲"]
    for words in ({}, {"q": "加油站"}):
        assert titles(ask(order="title", **words)) == by_title
        assert titles(ask(order="code", **words)) == ["加油站丙", "加油站甲", "加油站乙"]
    assert ask(q="加油站", order="relevance")["total"] == 3
    client = client_of("stranger")
    assert client.get(ADDRESS, {"order": "relevance"}).status_code == 400
    assert client.get(ADDRESS, {"order": "newer"}).status_code == 422
    unknown = client.get(ADDRESS, {"freshness": "overdue"})
    assert (unknown.status_code, unknown.json()["problems"][0]["where"]) == (400, "freshness")


def test_a_search_is_paged_to_its_end(ask, client_of, city):
    for place in range(5):
        published(city, on=today(), title=f"加油站{place}")
    seen, cursor = [], ""
    while True:
        part = ask(q="加油站", limit=2, cursor=cursor)
        seen += titles(part)
        cursor = part["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == part["total"] == 5
    first = ask(q="加油站", limit=2)["next"]
    client = client_of("stranger")
    assert client.get(ADDRESS, {"q": "加油站", "order": "title", "cursor": first}).status_code == 400
    assert client.get(ADDRESS, {"cursor": first}).status_code == 400
    assert client.get(ADDRESS, {"q": "加油站", "cursor": "x"}).status_code == 400


@pytest.mark.article("yingkou-2022", "30")
def test_the_public_finds_closed_entries_by_name_and_basis_only(city):
    published(city, on=today(), title="加油站信息", summary="独有的摘要", opening_basis="某条例 第三条")
    client = Client()
    for asked in ({}, {"q": "加油站"}):
        (one,) = client.get(ADDRESS, {"face": "public", **asked}).json()["items"]
        assert (one["title"], one["opening_type"]) == ("加油站信息", "closed")
        assert (one["code"], one["summary"], one["sharing_type"], one["published_on"]) == ("", "", "", None)
    for hidden in ({"q": "独有"}, {"sharing": "unconditional"}, {"format": "database"}, {"cycle": "monthly"}):
        assert client.get(ADDRESS, {"face": "public", **hidden}).json()["items"] == [], hidden
    assert client.get(ADDRESS, {"q": "加油站"}).status_code == 401


def test_suggestions_for_people_and_for_the_public(client_of, city):
    published(city, on=today(), title="加油站信息")
    address = "/api/v1/catalog/suggestions"
    assert client_of("stranger").get(address, {"q": "加油"}).json() == {"titles": ["加油站信息"]}
    assert client_of("stranger").get(address, {"q": "jyz"}).json() == {"titles": ["加油站信息"]}
    assert Client().get(address, {"q": "加油", "face": "public"}).json() == {"titles": ["加油站信息"]}
    assert Client().get(address, {"q": "加油"}).status_code == 401


def test_a_page_costs_the_same_however_many_entries(client_of, city, django_assert_max_num_queries):
    for place in range(6):
        published(city, on=today(), title=f"加油站{place}")
    client = client_of("stranger")
    client.get(ADDRESS, {"q": "加油站", "facets": True})  # the index catches up
    for asked in ({"q": "加油站", "facets": True}, {"facets": True}, {"face": "public"}):
        with django_assert_max_num_queries(12):
            assert len(client.get(ADDRESS, asked).json()["items"]) == 6
