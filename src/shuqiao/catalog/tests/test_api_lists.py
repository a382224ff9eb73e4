"""REST of synonyms, the classification and column mappings."""

from __future__ import annotations

import json

import pytest

from shuqiao.catalog.tests.factories import published
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import today

pytestmark = pytest.mark.django_db
BASE = "/api/v1/catalog"
CATALOGUER, REVIEWER = "provider-cataloguer", "bureau-reviewer"


@pytest.fixture
def ask(client_of):
    def call(who: str, method: str, path: str, body: object = None):
        return client_of(who).generic(method, BASE + path, json.dumps(body or {}), "application/json")

    return call


def test_synonyms_are_kept_used_and_taken_off(ask, city):
    published(city, on=today(), title="公共租赁住房名册")
    words = {"words": ["廉租楼", "公共租赁住房"]}
    made = ask(REVIEWER, "POST", "/synonyms", words)
    assert made.status_code == 201, made.content
    assert ask(CATALOGUER, "GET", "/entries?q=廉租楼").json()["total"] == 1
    listed = ask(REVIEWER, "GET", "/synonyms").json()
    assert [one["words"] for one in listed["kept"]] == [words["words"]]
    assert listed["built_in"]
    at = f"/synonyms/{made.json()['id']}"
    assert ask(CATALOGUER, "DELETE", at).status_code == 403
    assert ask(REVIEWER, "DELETE", at).status_code == 204
    assert ask(REVIEWER, "DELETE", at).status_code == 404
    assert ask(REVIEWER, "POST", "/synonyms", {"words": ["一个"]}).status_code == 400
    assert ask(REVIEWER, "POST", "/synonyms", words | {"note": ""}).status_code == 422


@pytest.mark.article("yingkou-2022", "12")
def test_the_classification_level_by_level(ask, client_of, city, django_assert_max_num_queries):
    tops = ask(CATALOGUER, "GET", "/classes?above=").json()["items"]
    assert tops
    assert all(one["above"] == "" for one in tops)
    below = ask(CATALOGUER, "GET", f"/classes?above={tops[0]['code']}").json()["items"]
    assert {one["above"] for one in below} <= {tops[0]["code"]}
    seen, cursor = [], ""
    while cursor is not None:
        part = ask(CATALOGUER, "GET", f"/classes?limit=200&cursor={cursor}").json()
        seen += [one["code"] for one in part["items"]]
        cursor = part["next"]
    assert len(seen) == len(set(seen)) > len(tops)
    client = client_of(CATALOGUER)
    with django_assert_max_num_queries(8):
        assert client.get(BASE + "/classes").json()["items"]


def test_mappings_in_versions(ask, city):
    said = {"division": "210800", "name": "省门户", "rules": {"fields": {"title": "名称", "summary": "说明"}}}
    first = ask(CATALOGUER, "POST", "/mappings", said)
    assert first.status_code == 201, first.content
    assert ask(CATALOGUER, "POST", "/mappings", said).json()["version"] == 1, "nothing changed"
    said["rules"] = {"fields": {"title": {"from": ["名称", "标题"]}}}
    second = ask(CATALOGUER, "POST", "/mappings", said).json()
    assert second["version"] == 2
    assert [one["id"] for one in ask(CATALOGUER, "GET", "/mappings").json()["items"]] == [second["id"]]
    assert ask(CATALOGUER, "GET", f"/mappings/{first.json()['id']}").json()["version"] == 1
    assert ask("provider-security", "GET", "/mappings").status_code == 403
    assert ask(CATALOGUER, "GET", f"/mappings/{new_id()}").status_code == 404
    wrong = ask(CATALOGUER, "POST", "/mappings", said | {"rules": {"fields": {"titel": "名称"}}})
    assert (wrong.status_code, len(wrong.json()["problems"])) == (400, 2)
    assert ask("provider-security", "POST", "/mappings", said).status_code == 403
    assert ask(CATALOGUER, "POST", f"/mappings/{second['id']}/retire").json()["retired"] is True
    assert ask(CATALOGUER, "GET", "/mappings").json()["items"] == []
