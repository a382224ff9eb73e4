"""REST of the catalogue: the same steps and the same refusals as the pages, as problem JSON."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from shuqiao.catalog.models import Revision
from shuqiao.catalog.tests.factories import draft, published, submitted
from shuqiao.catalog.types import Status

BASE = "/api/v1/catalog"
CATALOGUER, APPROVER, REVIEWER = "provider-cataloguer", "provider-approver", "bureau-reviewer"
BODY = {
    "title": "企业登记信息",
    "summary": "登记事项",
    "classification": "307001",
    "format_type": "MySQL",
    "opening_basis": "《中华人民共和国个人信息保护法》第十三条",
    "update_cycle": "daily",
    "grade": "general",
    "contact_name": "陈",
    "contact_phone": "0417",
    "secrecy_assessed": True,
    "personal_information_assessed": True,
    "items": [{"name": "企业名称", "data_type": "C"}],
}


def post(client, path: str, body: object = None):
    return client.post(BASE + path, json.dumps(body or {}), content_type="application/json")


def test_from_draft_to_publication(client_of, city):
    made = post(client_of(CATALOGUER), "/entries", BODY | {"department": str(city.provider.id)})
    assert made.status_code == 201
    revision = made.json()["id"]
    assert made.json()["content"]["items"][0]["name"] == "企业名称"
    assert post(client_of(CATALOGUER), f"/revisions/{revision}/submit").status_code == 403
    assert post(client_of(APPROVER), f"/revisions/{revision}/submit").json()["status"] == "submitted"
    assert [one["id"] for one in client_of(REVIEWER).get(BASE + "/review").json()["items"]] == [revision]
    done = post(client_of(REVIEWER), f"/revisions/{revision}/publish").json()
    assert done["code"] == "307001/000001"
    listed = client_of("stranger").get(BASE + "/entries", {"q": "企业", "sharing": "unconditional"}).json()
    assert (listed["total"], listed["items"][0]["code"]) == (1, "307001/000001")
    whole = client_of("stranger").get(f"{BASE}/entries/{done['entry']}").json()
    assert whole["items"][0]["sharing_type"] == "unconditional"


def test_refusals_are_problem_json(client_of, city):
    lacking = draft(city, update_cycle="")
    refused = post(client_of(APPROVER), f"/revisions/{lacking.id}/submit")
    assert refused.status_code == 409
    assert refused.json()["rule"] == "catalog.metadata.required"
    assert {one["article"] for one in refused.json()["basis"]} == {"yingkou-2022:14", "national-2025:13"}
    bad = post(
        client_of(CATALOGUER),
        "/entries",
        BODY | {"department": str(city.provider.id), "kind": "x", "title": ""},
    )
    assert bad.status_code == 400
    assert {one["where"] for one in bad.json()["problems"]} == {"title", "kind"}
    assert client_of("stranger").get(f"{BASE}/revisions/{lacking.id}").status_code == 404
    assert client_of("stranger").get(f"{BASE}/entries/{uuid4()}").status_code == 404
    assert (
        post(client_of("stranger"), "/entries", BODY | {"department": str(city.provider.id)}).status_code
        == 403
    )
    assert client_of(CATALOGUER).get(BASE + "/review").status_code == 403


def test_nobody_without_signing_in(client, db):
    assert client.get(BASE + "/entries").status_code == 401


def test_returning_and_changing(client_of, city):
    revision = submitted(city)
    assert post(client_of(REVIEWER), f"/revisions/{revision.id}/return", {"reasons": []}).status_code == 400
    back = post(
        client_of(REVIEWER),
        f"/revisions/{revision.id}/return",
        {"reasons": [{"where": "摘要", "what": "太短"}]},
    )
    assert back.json()["return_reasons"] == [{"where": "摘要", "what": "太短"}]
    client = client_of(CATALOGUER)
    address = f"{BASE}/revisions/{revision.id}"
    saved = client.put(
        address, json.dumps(BODY | {"summary": "新", "seen": 1}), content_type="application/json"
    )
    assert saved.json()["content"]["summary"] == "新"
    stale = client.put(address, json.dumps(BODY | {"seen": 1}), content_type="application/json")
    assert (stale.status_code, stale.json()["problems"][0]["where"]) == (400, "版本")
    blind = client.put(address, json.dumps(BODY), content_type="application/json")
    assert blind.status_code == 422, "who does not say what was seen may not write"


def test_next_revision_and_withdrawal(client_of, city):
    entry = published(city)
    assert post(client_of(CATALOGUER), f"/entries/{entry.id}/revise").json()["number"] == 2
    assert post(client_of(CATALOGUER), f"/entries/{entry.id}/revise").status_code == 409
    assert post(client_of(APPROVER), f"/entries/{entry.id}/withdraw", {"reason": "划转"}).status_code == 204
    assert client_of("stranger").get(f"{BASE}/entries/{entry.id}").status_code == 404
    assert Revision.objects.get(number=1).status == Status.WITHDRAWN


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "9999"}, {"order": "title"}])
def test_odd_paging_is_bounded(client_of, city, query):
    published(city)
    assert client_of("stranger").get(BASE + "/entries", query).json()["total"] == 1
