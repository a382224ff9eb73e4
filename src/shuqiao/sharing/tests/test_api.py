"""REST of sharing requests: the same rules as the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.kernel.time import today
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import table_of

ROOT = "/api/v1/sharing"


def body_of(city, table, **changes):
    return {
        "entry_id": str(table.entry_id),
        "resource_id": str(table.id),
        "department_id": str(city.consumer.id),
        "items": [{"name": "企业名称"}, {"name": "联系电话", "mask": "keep_ends"}],
        "where": [{"column": "地区", "op": "eq", "values": ["营口"]}],
        "purpose": "社会保险费核定",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": "law",
        "modes": ["interface"],
        "valid_until": str(today() + timedelta(days=300)),
    } | changes


def post(client, path, body=None):
    return client.post(f"{ROOT}{path}", body or {}, content_type="application/json")


@pytest.fixture
def live(submitted):
    return submitted(on=today(), valid_until=today() + timedelta(days=300))


def test_from_draft_to_grant(city, table, client_of):
    clerk, head, provider = (
        client_of("consumer-cataloguer"),
        client_of("consumer-approver"),
        client_of("provider-approver"),
    )
    made = post(clerk, "/requests", body_of(city, table, purpose=""))
    assert made.status_code == 201
    path = f"/requests/{made.json()['id']}"
    refused = post(head, f"{path}/submit")
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert "用途" in refused.json()["detail"]
    full = {
        k: v for k, v in body_of(city, table).items() if k not in {"entry_id", "resource_id", "department_id"}
    }
    assert clerk.put(f"{ROOT}{path}", full, content_type="application/json").status_code == 200
    assert post(clerk, f"{path}/submit").status_code == 403
    assert post(head, f"{path}/submit").json()["status"] == "submitted"
    term = provider.get(f"{ROOT}{path}").json()["term"]
    assert (term["days"], term["source"]) == (5, "yingkou-2022:20")
    assert [one["article"] for one in term["considered"]] == ["yingkou-2022:20", "national-2025:21"]
    listed = provider.get(f"{ROOT}/requests", {"which": "of_us"}).json()
    assert listed["count"] == 1
    wider = {"items": [{"name": "联系电话"}], "where": full["where"], "modes": ["interface"]}
    answer = post(provider, f"{path}/approve", {"decided": wider, "reason": "x"})
    assert (answer.status_code, answer.json()["rule"]) == (409, "sharing.scope.not_wider")
    assert post(provider, f"{path}/approve").json()["status"] == "approved"
    assert Grant.objects.count() == 1
    assert post(provider, f"{path}/approve").status_code == 409


def test_what_is_expressly_not_given_is_named_on_request_and_grant(city, table, live, client_of):
    provider = client_of("provider-approver")
    given = [{"name": "企业名称"}, {"name": "联系电话", "mask": "drop"}]
    decided = {"items": given, "where": [{"column": "地区", "op": "eq", "values": ["营口"]}]}
    decided |= {"modes": ["interface"], "valid_until": str(today() + timedelta(days=100)), "daily_quota": 100}
    answer = post(provider, f"/requests/{live.id}/approve", {"decided": decided, "reason": "电话与用途无关"})
    assert answer.status_code == 200, answer.json()
    grant = Grant.objects.get()
    assert {"name": "联系电话", "mask": "drop"} in grant.columns
    for address in (live.get_absolute_url(), grant.get_absolute_url()):
        page = client_of("consumer-cataloguer").get(address)
        assert page.status_code == 200
        assert "联系电话" in page.content.decode()


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "21")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "不便提供"},
        {"reason": "不便提供", "basis": "某法 第一条"},
        {"basis": "某法 第一条", "level": "law"},
        {"reason": "不便提供", "basis": "某规章 第一条", "level": "rule"},
    ],
)
def test_rest_makes_no_refusal_without_sufficient_basis(live, client_of, body):
    answer = post(client_of("provider-approver"), f"/requests/{live.id}/refuse", body)
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["rule"] == "sharing.refusal.basis"
    assert problem["basis"][0]["summary"]
    live.refresh_from_db()
    assert live.status == "submitted"


def test_refuse_with_basis(live, client_of):
    body = {"reason": "超出履职所需", "basis": "某法 第一条", "level": "law"}
    assert (
        post(client_of("provider-approver"), f"/requests/{live.id}/refuse", body).json()["status"]
        == "refused"
    )


def test_supplement_and_extension(city, table, live, client_of):
    provider, head, bureau = (
        client_of("provider-approver"),
        client_of("consumer-approver"),
        client_of("bureau-reviewer"),
    )
    path = f"/requests/{live.id}"
    assert (
        post(provider, f"{path}/ask-supplement", {"points": ["写明窗口"]}).json()["status"]
        == "supplement_asked"
    )
    full = {
        k: v for k, v in body_of(city, table).items() if k not in {"entry_id", "resource_id", "department_id"}
    }
    assert post(head, f"{path}/supplement", full | {"note": "已写明"}).json()["status"] == "submitted"
    asked = post(provider, f"{path}/ask-extension", {"days": 2, "reason": "资料在档案馆"})
    assert asked.json()["extension_state"] == "asked"
    assert post(provider, f"{path}/consent").status_code == 403
    assert post(bureau, f"{path}/deny").status_code == 400
    assert post(bureau, f"{path}/consent").json()["extension_state"] == "given"
    assert post(head, f"{path}/withdraw", {"note": "不再需要"}).json()["status"] == "withdrawn"


def test_unconditional_at_once(city, client_of):
    table = table_of(city.provider, sharing="unconditional")
    assert post(client_of("consumer-cataloguer"), "/use", body_of(city, table)).status_code == 403
    made = post(client_of("consumer-approver"), "/use", body_of(city, table))
    assert (made.status_code, made.json()["status"]) == (201, "approved")
    assert Grant.objects.count() == 1


def test_who_may_not(city, table, live, client, client_of):
    assert client.get(f"{ROOT}/requests/{live.id}").status_code == 401
    assert client_of("stranger").get(f"{ROOT}/requests/{live.id}").status_code == 404
    assert post(client_of("stranger"), f"/requests/{live.id}/approve").status_code == 404
    assert post(client_of("provider-cataloguer"), f"/requests/{live.id}/approve").status_code == 403
    foreign = body_of(city, table, department_id=str(city.other.id))
    assert post(client_of("consumer-cataloguer"), "/requests", foreign).status_code == 403
    wrong = post(
        client_of("consumer-cataloguer"),
        "/requests",
        body_of(city, table, daily_quota=0, legal_basis_level="x"),
    )
    assert wrong.status_code == 400
    assert len(wrong.json()["problems"]) == 2
    assert SharingRequest.objects.count() == 1
