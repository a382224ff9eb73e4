"""Check before collecting by REST."""

from __future__ import annotations

import json

import pytest

from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel.time import today

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.article("shenyang-2020", "14"),
    pytest.mark.article("national-2025", "19"),
]
BASE = "/api/v1/sharing/collecting/checks"
CLERK = "consumer-cataloguer"


@pytest.fixture
def ask(client_of):
    def call(who: str, method: str, path: str = "", body: object = None):
        return client_of(who).generic(method, BASE + path, json.dumps(body or {}), "application/json")

    return call


@pytest.fixture
def wanted(city):
    entries.published(city, on=today())
    return {
        "department": str(city.consumer.id), "title": "餐饮企业调查", "purpose": "食品安全检查",
        "collected_from": "全市餐饮企业", "basis": "食品安全法第一百一十条", "items": ["企业名称", "餐位数"],
    }  # fmt: skip


def test_asked_answered_and_decided_item_by_item(ask, wanted):
    made = ask(CLERK, "POST", "", wanted)
    assert made.status_code == 201, made.content
    check = made.json()
    held, unheld = check["items"]
    assert (check["allowed"], check["status"], bool(check["articles"])) == (False, "answered", True)
    assert held["found"][0]["item"] == "企业名称"
    assert (unheld["verdict"], unheld["found"]) == ("none", [])
    at = f"/{check['id']}"
    assert ask(CLERK, "POST", at + "/decide", {"choices": []}).status_code == 400, "every item wants a word"
    words = [{"item": held["id"], "choice": "collect"}, {"item": unheld["id"], "choice": "collect"}]
    refused = ask(CLERK, "POST", at + "/decide", {"choices": words})
    assert (refused.status_code, bool(refused.json()["basis"])) == (409, True)
    words[0]["choice"] = "share"
    decided = ask(CLERK, "POST", at + "/decide", {"choices": words}).json()
    assert (decided["status"], [one["choice"] for one in decided["items"]]) == (
        "decided",
        ["share", "collect"],
    )
    assert ask(CLERK, "POST", at + "/decide", {"choices": words}).status_code == 409
    assert ask(CLERK, "GET", at).json()["decided_on"] == str(today())


def test_what_is_missing_or_unknown_is_named(ask, wanted):
    lacking = ask(CLERK, "POST", "", wanted | {"title": "", "items": []})
    assert (lacking.status_code, len(lacking.json()["problems"])) == (400, 2)
    assert ask(CLERK, "POST", "", wanted | {"colour": "red"}).status_code == 422
    assert ask("stranger", "POST", "", wanted).status_code == 403


def test_the_list_by_state_and_words(ask, client_of, wanted, django_assert_max_num_queries):
    for _ in range(3):
        ask(CLERK, "POST", "", wanted)
    client = client_of(CLERK)
    with django_assert_max_num_queries(8):
        listed = client.get(BASE).json()
    assert (listed["total"], len(listed["items"])) == (3, 3)
    assert ask(CLERK, "GET", "?status=decided").json()["total"] == 0
    assert ask(CLERK, "GET", "?q=餐饮&limit=1").json()["total"] == 3
    assert ask("stranger", "GET").json()["total"] == 0
    assert ask("stranger", "GET", f"/{listed['items'][0]['id']}").status_code == 404
    assert ask(CLERK, "GET", "?limit=0").status_code == 422
