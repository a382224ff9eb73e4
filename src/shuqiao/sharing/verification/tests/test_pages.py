"""Pages and REST: from the grant's button to the corrected case, and what each person sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from shuqiao.kernel.time import now, today
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification.jobs import notice_corrections
from shuqiao.sharing.verification.tests.conftest import ITEMS, KEY, ON, OTHER, accept
from shuqiao.sharing.verification.types import Citizen, Claim


def at(name, *args):
    return reverse(f"sharing:verification{name}", args=args)


def html(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.mark.article("yingkou-2022", "23")
def test_from_the_grants_page_to_the_correction(table, grant, client_of):
    consumer, provider = client_of("consumer-cataloguer"), client_of("provider-approver")
    assert at("-new", grant.id) in html(consumer.get(reverse("delivery:grant", args=[grant.id])))
    assert at("-new", grant.id) not in html(provider.get(reverse("delivery:grant", args=[grant.id])))
    page = html(consumer.get(at("-new", grant.id)))
    assert "查看记录" in page
    assert "营口办法 5 个工作日" in page
    looked = html(consumer.post(at("-look", grant.id), {"keys": f"{KEY}\n{OTHER}\n"}))
    assert "张三" in looked
    assert "营口乙公司" in looked
    place = ITEMS.index("法人代表")
    posted = {
        "key-0": KEY, "key-1": OTHER,
        f"wrong-0-{place}": "1", f"believed-0-{place}": "赵六", f"shown-0-{place}": "张三",
    }  # fmt: skip
    again = html(consumer.post(at("-new", grant.id), posted), 400)
    assert "理由" in again
    assert 'value="赵六"' in again, "what was written is not lost"
    sent = consumer.post(at("-new", grant.id), posted | {"reason": "与执照不符", "proof": "执照"})
    case = Verification.objects.get()
    assert sent["Location"] == at("", case.id)
    assert html(consumer.get(at("", case.id))).count("赵六") == 1
    answer = html(provider.get(at("-answer", case.id)))
    assert "张三" in answer
    assert at("-accept", case.id) in answer
    field = case.fields.get()
    given = {f"outcome-{field.id}": "wrong", f"correct-{field.id}": "赵六", "reason": "档案有误"}
    assert "更正日期" in html(provider.post(at("-accept", case.id), given), 400)
    given["correct_by"] = (today() + timedelta(days=1)).isoformat()
    assert provider.post(at("-accept", case.id), given).status_code == 302
    assert "更改更正内容" in html(provider.get(at("-answer", case.id)))
    given[f"correct-{field.id}"] = "赵六六"
    assert provider.post(at("-restate", case.id), given | {"reason": "笔误"}).status_code == 302
    table.publish(**{KEY: "赵六六"})
    notice_corrections(now())
    shown = html(consumer.get(at("", case.id)))
    assert "已由第 2 版更正" in shown
    assert "没有授权读过" in shown


def test_the_list_filters_and_asks_few_queries(ask, client_of, django_assert_max_num_queries):
    ask()
    ask(citizen=Citizen("写错了", "赵某", "执照", "参保"))
    client = client_of("consumer-approver")
    with django_assert_max_num_queries(40):
        page = html(client.get(reverse("sharing:verifications")))
    assert "共 2 件" in page
    assert "凭有效证明照常办理 1 件" in page
    for query, count in (
        ("?citizen=1", 1), ("?status=confirmed", 0), ("?tab=by_us", 2), ("?tab=of_us", 0), ("?q=没有这个", 0),
        ("?tab=x&status=y", 2),
    ):  # fmt: skip
        assert html(client.get(reverse("sharing:verifications") + query)).count('<th scope="row">') == count
    assert "共 0 件" in html(client_of("stranger").get(reverse("sharing:verifications")))


def test_names_and_values_are_for_those_they_concern(ask, client_of):
    case = ask(citizen=Citizen("写错了", "赵某"))
    assert "赵某" in html(client_of("consumer-approver").get(at("", case.id)))
    for who in ("provider-approver", "provider-security", "bureau-supervisor", "auditor"):
        assert "赵某" not in html(client_of(who).get(at("", case.id)))
    overseer = html(client_of("bureau-supervisor").get(at("", case.id)))
    assert KEY not in overseer
    assert "当事双方可见" in overseer
    assert KEY in html(client_of("provider-security").get(at("", case.id)))
    assert client_of("stranger").get(at("", case.id)).status_code == 404


def test_a_masked_column_stays_masked_for_who_asked(city, table, client_of):
    from shuqiao.sharing.verification import services
    from shuqiao.sharing.verification.tests.conftest import asked_of
    from shuqiao.sharing.verification.types import Finding

    grant = table.grant(city.consumer, columns=(("统一社会信用代码", "none"), ("法人代表", "keep_ends")))
    case = services.ask_verification(
        actor=city.actor("consumer-cataloguer"), grant_id=grant.id,
        asked=asked_of(Claim((KEY,), "法人代表", "不是张某")), on=ON,
    )  # fmt: skip
    accept(city, case, Finding("wrong", "欧阳修竹"))
    mine = html(client_of("consumer-cataloguer").get(at("", case.id)))
    assert "欧阳修竹" not in mine
    assert "授权只给脱敏值" in mine
    assert "欧阳修竹" in html(client_of("provider-approver").get(at("", case.id)))


def test_the_other_answers_and_steps_of_the_asker(ask, client_of):
    consumer, provider = client_of("consumer-cataloguer"), client_of("provider-approver")
    case = ask(citizen=Citizen("写错了", "赵某"))
    served = {"document": "执照", "service_item": "参保"}
    assert consumer.post(at("-serve", case.id), served).status_code == 302
    assert consumer.post(at("-serve", case.id), served).status_code == 409
    assert provider.post(at("-confirm", case.id), {"reason": ""}).status_code == 409
    assert provider.post(at("-confirm", case.id), {"reason": "与档案一致"}).status_code == 302
    assert provider.post(at("-confirm", case.id), {"reason": "与档案一致"}).status_code == 409
    assert consumer.post(at("-erase", case.id)).status_code == 302
    assert "赵某" not in html(consumer.get(at("", case.id)))
    other = ask()
    assert (
        provider.post(at("-reject", other.id), {"reason": "不属登记", "basis": "条例第三条"}).status_code
        == 302
    )
    assert "条例第三条" in html(consumer.get(at("", other.id)))
    third = ask()
    assert consumer.post(at("-withdraw", third.id), {"reason": "误会"}).status_code == 302


def test_from_the_table_to_the_grant(table, grant, client_of):
    address = at("-of-resource", table.resource.id)
    assert client_of("consumer-cataloguer").get(address)["Location"] == at("-new", grant.id)
    assert "没有取得过" in html(client_of("stranger").get(address))
    page = html(client_of("consumer-cataloguer").get(reverse("resources:resource", args=[table.resource.id])))
    assert address in page
    entry = reverse("sharing:of-entry", args=[table.resource.entry_id])
    assert address in html(client_of("consumer-cataloguer").get(entry))
    table.grant(table.city.consumer)
    assert "选择据以取得数据的授权" in html(client_of("consumer-cataloguer").get(address))


def test_values_of_a_grant_that_is_not_in_force_are_written_by_hand(city, table, client_of):
    grant = table.grant(city.consumer, columns=tuple((name, "keep_ends") for name in ITEMS))
    client = client_of("consumer-cataloguer")
    assert "请写下您已取得的值" in html(client.get(at("-new", grant.id)))
    posted = {
        "hand-0-key": KEY, "hand-0-column": "法人代表", "hand-0-shown": "张*", "hand-0-believed": "赵六",
        "reason": "不符", "proof": "执照",
    }  # fmt: skip
    assert client.post(at("-new", grant.id), posted).status_code == 302
    assert Verification.objects.get().fields.get().shown == "张*"


def test_rest_from_first_to_last(table, grant, client_of):
    consumer, provider = client_of("consumer-cataloguer"), client_of("provider-approver")

    def send(client, path, body):
        token = client.get("/").cookies.get("csrftoken")
        headers = {"X-CSRFToken": token.value} if token else {}
        return client.post(f"/api/v1/sharing/verifications{path}", body, "application/json", headers=headers)

    looked = send(consumer, "/look", {"grant_id": str(grant.id), "keys": [[KEY]]})
    assert looked.json() == [
        {"key": [KEY], "values": dict(zip(ITEMS, (KEY, "营口甲公司", "营口", "张三"), strict=True))}
    ]
    body = {
        "grant_id": str(grant.id), "by": ["统一社会信用代码"], "reason": "不符", "proof": "执照",
        "claims": [{"key": [KEY], "column": "法人代表", "believed": "赵六"}],
    }  # fmt: skip
    refused = send(consumer, "", body | {"proof": ""})
    assert (
        refused.status_code,
        refused.json()["decision"]["rule"] if "decision" in refused.json() else "",
    ) != (201, "")
    made = send(consumer, "", body)
    assert made.status_code == 201
    path = f"/{made.json()['id']}"
    one = provider.get(f"/api/v1/sharing/verifications{path}").json()
    assert {act["act"] for act in one["acts"]} == {"confirm", "accept", "reject"}
    assert one["acts"][0]["basis"]
    mine = consumer.get(f"/api/v1/sharing/verifications{path}").json()
    assert {act["act"] for act in mine["acts"]} == {"attach", "withdraw"}
    accepted = {
        "findings": [{"field_id": one["fields"][0]["id"], "outcome": "wrong", "correct": "赵六"}],
        "reason": "档案有误", "correct_by": today().isoformat(),
    }  # fmt: skip
    assert send(consumer, f"{path}/accept", accepted).status_code == 403
    assert send(client_of("stranger"), f"{path}/accept", accepted).status_code == 404
    assert send(provider, f"{path}/accept", accepted).json()["status"] == "accepted"
    assert send(provider, f"{path}/accept", accepted).status_code == 409
    listed = consumer.get("/api/v1/sharing/verifications?status=accepted&which=by_us").json()
    assert listed["count"] == 1
    assert consumer.get("/api/v1/sharing/verifications/statistics").json()["accepted"] == 1
