"""Pages and REST of demands: the way in, what the catalogue has, each form, what is missing."""

from __future__ import annotations

from shuqiao.catalog import services as catalog
from shuqiao.catalog.tests import factories as entries
from shuqiao.sharing.demands import services
from shuqiao.sharing.demands.tests.conftest import MONDAY, WANTED, post
from shuqiao.sharing.models import Demand


def test_from_an_empty_search_to_a_met_demand(city, client_of):
    user, bureau, provider, editor = (
        client_of(one)
        for one in ("consumer-cataloguer", "bureau-reviewer", "provider-approver", "provider-cataloguer")
    )
    assert "/sharing/demands/new/?q=" in user.get("/catalog/?q=健康证明").content.decode()
    entry = entries.published(city, title="企业登记信息")
    given = {
        "department": city.consumer.id,
        "title": "企业名录",
        "items": "企业名称\n地区",
        "purpose": "核验",
    }
    assert user.post("/sharing/demands/new/", given | {"items": ""}).status_code == 400
    seen = user.post("/sharing/demands/new/", given).content.decode()
    assert "目录里已有这些" in seen
    assert f"/catalog/{entry.id}/" in seen or str(entry.id) in seen
    assert not Demand.objects.exists()
    assert user.post("/sharing/demands/new/", given | {"seen": "1"}).status_code == 409
    user.post("/sharing/demands/new/", given | {"seen": "1", "not_enough": "要全省的"})
    demand = Demand.objects.get()
    page = f"/sharing/demands/{demand.id}/"
    assert "分办数据需求" in bureau.get("/work/").content.decode()
    assert bureau.post(f"{page}assign/", {"department": ""}).status_code == 400
    bureau.post(f"{page}assign/", {"department": city.provider.id})
    assert "承诺编目" in provider.get(page).content.decode()
    assert provider.post(f"{page}refuse/", {"kind": "closed"}).status_code == 409
    provider.post(f"{page}accept/", {"promised_on": "2099-01-01", "note": "月底前"})
    assert "按需求起草条目" in editor.get(page).content.decode()
    editor.post(f"{page}link/", {"entry": entry.id})
    demand.refresh_from_db()
    assert demand.status == "met"
    shown = user.get(page).content.decode()
    assert "需求已编目" in shown
    assert provider.post(f"{page}refuse/", {"kind": "closed"}).status_code == 409


def test_the_list_is_filtered_counts_and_shows_the_bureau_its_figures(
    city, client_of, django_assert_max_num_queries
):
    demand = post(city)
    other = client_of("stranger")
    other.post(f"/sharing/demands/{demand.id}/support/", {"department": city.other.id, "note": "入学"})
    client = client_of("bureau-reviewer")
    with django_assert_max_num_queries(22):
        shown = client.get("/sharing/demands/").content.decode()
    assert "另有 1 个部门也需要" in shown
    assert "平均办结" in shown
    assert "平均办结" not in other.get("/sharing/demands/").content.decode()
    for query, there in (
        ("which=to_assign", True),
        ("which=late", False),
        ("status=open", True),
        ("q=健康", True),
    ):
        assert (str(demand.id) in client.get(f"/sharing/demands/?{query}").content.decode()) is there, query


def test_rest_goes_the_same_way(city, client_of):
    user, bureau, provider = (
        client_of(one) for one in ("consumer-approver", "bureau-reviewer", "provider-approver")
    )

    def send(client, address: str, **body):
        return client.post(f"/api/v1/sharing/demands{address}", body, content_type="application/json")

    wanted = {"title": WANTED.title, "items": list(WANTED.items), "purpose": WANTED.purpose}
    made = send(user, "", department_id=str(city.consumer.id), **wanted)
    assert made.status_code == 201
    address = f"/{made.json()['id']}"
    acts = [one["name"] for one in bureau.get(f"/api/v1/sharing/demands{address}").json()["acts"]]
    assert acts == ["assign", "meet", "merge"]
    assert (
        send(bureau, f"{address}/assign", department_id=str(city.provider.id)).json()["status"] == "assigned"
    )
    refused = send(provider, f"{address}/refuse", kind="closed", reason="秘密", basis="某规章", level="rule")
    assert (refused.status_code, refused.json()["rule"]) == (409, "catalog.none.basis")
    done = send(provider, f"{address}/refuse", kind="closed", reason="秘密", basis="某法", level="law").json()
    assert (done["status"], done["answer_basis"]) == ("refused", "某法")
    assert bureau.get("/api/v1/sharing/demands/statistics").json()["all"] == 1
    assert user.get("/api/v1/sharing/demands?which=ours").json()["count"] == 1


def test_a_met_demand_says_when_its_entry_has_gone(city, client_of, assigned):
    entry = entries.published(city, title="健康证明")
    services.meet_with_entry(
        actor=city.actor("provider-approver"), demand_id=assigned.id, entry_id=entry.id, on=MONDAY
    )
    client, address = client_of("consumer-approver"), f"/sharing/demands/{assigned.id}/"
    assert "目录已撤下" not in client.get(address).content.decode()
    catalog.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=entry.id, reason="职责取消", on=MONDAY
    )
    page = client.get(address).content.decode()
    assert "撤下（职责取消）" in page
    assert "另行提出需求</a>" in page
    assert "撤下（职责取消）" in client.get(f"/api/v1/sharing/demands/{assigned.id}").json()["gone"]
