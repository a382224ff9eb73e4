"""REST of grants and keys."""

from __future__ import annotations

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.kernel.time import today

ROOT = "/api/v1/delivery"


@pytest.fixture
def post():
    def send(client, path, body):
        return client.post(f"{ROOT}{path}", body, content_type="application/json")

    return send


def test_list_and_get(client_of, grant):
    client = client_of("consumer-approver")
    listed = client.get(f"{ROOT}/grants", {"side": "grantee"}).json()
    assert [one["number"] for one in listed["items"]] == [grant.number]
    assert client.get(f"{ROOT}/grants/{grant.id}").json()["basis"]["basis"] == ["yingkou-2022:20"]
    assert client_of("stranger").get(f"{ROOT}/grants/{grant.id}").status_code == 404


def test_anonymous_gets_json_not_a_login_page(client, grant):
    answer = client.get(f"{ROOT}/grants/{grant.id}")
    assert answer.status_code == 401
    assert "json" in answer["Content-Type"]


def test_suspend_and_end(client_of, grant, post):
    provider = client_of("provider-approver")
    refused = post(provider, f"/grants/{grant.id}/suspend", {})
    assert refused.status_code == 409
    assert refused.json()["rule"] == "delivery.misuse.suspend"
    assert refused.json()["basis"][0]["article"] == "national-2025:27"
    assert post(provider, f"/grants/{grant.id}/suspend", {"reason": "核查"}).json()["state"] == "suspended"
    assert post(provider, f"/grants/{grant.id}/suspend", {"reason": "核查"}).status_code == 409
    assert post(provider, f"/grants/{grant.id}/resume", {"reason": "已改"}).json()["state"] == "active"
    assert post(provider, f"/grants/{grant.id}/end", {"ground": "nonsense"}).status_code in {400, 422}
    filed = {"kind": "end", "reason": "下线", "negotiation": "已商定", "effective_on": str(today())}
    assert post(provider, f"/grants/{grant.id}/file", filed).json()["filings"][0]["state"] == "filed"
    ended = post(provider, f"/grants/{grant.id}/end", {"ground": "necessary", "reason": "x"})
    assert ended.json()["state"] == "ended"
    assert "已商定" in Grant.objects.get().filing_note
    assert (
        post(client_of("provider-cataloguer"), f"/grants/{grant.id}/suspend", {"reason": "x"}).status_code
        == 403
    )


def test_keys(city, client_of, grant, post):
    developer = client_of("consumer-developer")
    made = post(developer, "/keys", {"department_id": str(city.consumer.id), "system": "核定"})
    assert made.status_code == 201
    key = made.json()
    assert key["bearer"] == f"{key['id']}.{key['secret']}"
    assert post(developer, f"/grants/{grant.id}/bind", {"key_id": key["id"]}).status_code == 200
    assert "secret" not in developer.get(f"{ROOT}/keys").json()["items"][0]
    assert post(developer, f"/keys/{key['id']}/rotate", {}).json()["secret"] != key["secret"]
    assert post(developer, f"/keys/{key['id']}/revoke", {"reason": "离岗"}).json()["state"] == "revoked"
    assert client_of("consumer-approver").get(f"{ROOT}/keys").status_code == 403
    assert (
        post(developer, "/keys", {"department_id": str(city.provider.id), "system": "x"}).status_code == 403
    )
