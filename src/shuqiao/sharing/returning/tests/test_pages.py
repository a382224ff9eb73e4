"""Pages and REST of return flows: asked below, marked or refused above, withdrawn below."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.procedures.models import Event
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning.tests.conftest import LOWER, PROVIDER, ask, mark, types_of

pytestmark = pytest.mark.article("national-2025", "24")
LIST, REST = "/sharing/returns/", "/api/v1/sharing/returns"


def form(lower, **changes: Any) -> dict[str, Any]:
    values = {
        "department": str(lower.id),
        "items": ["企业名称", "地区"],
        "modes": ["interface"],
        "purpose": "本区域企业监管",
    }
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def test_asked_marked_and_flowing_by_pages(city, client_of, lower, table):
    below, above = client_of(LOWER), client_of(PROVIDER)
    new, marking = f"{LIST}new/{table.entry_id}/", f"{LIST}mark/{table.entry_id}/"
    assert new in below.get(f"/sharing/of-entry/{table.entry_id}/").content.decode(), (
        "the entry's page leads here"
    )
    page = below.get(new).content.decode()
    assert "还没有标注" in page
    assert "国务院令第809号" in page or "第二十四条" in page
    made = below.post(new, form(lower))
    flow = ReturnFlow.objects.get()
    assert made["Location"] == f"{LIST}{flow.id}/"
    waiting = below.get(made["Location"], follow=True).content.decode()
    assert "待提供部门标注" in waiting
    assert "撤回" in waiting
    assert "标注回流数据的区划列" in above.get("/work/").content.decode()
    assert marking in above.get(made["Location"]).content.decode()
    assert "地区" in above.get(marking).content.decode()
    assert above.post(marking, {"column": "地区", "form": "name"})["Location"] == marking
    assert "现在按“地区”" in above.get(marking).content.decode()
    grant = Grant.objects.get()
    opened = below.get(made["Location"]).content.decode()
    assert "已回流" in opened
    assert "大石桥市、大石桥" in opened
    assert grant.get_absolute_url() in opened
    assert "撤回</button>" not in opened, "nothing is left to do"
    assert "已标注“地区”" in below.get(new).content.decode()
    assert below.post(new, form(lower)).status_code == 409, "it flows already"
    assert ReturnFlow.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"items": None},
        {"items": ["没有的列"]},
        {"modes": None},
        {"modes": ["pigeon"]},
        {"purpose": " "},
        {"purpose": "长" * 301},
        {"department": None},
        {"department": str(uuid4())},
        {"valid_until": "someday"},
    ],
)
def test_a_form_that_is_not_right_names_its_fields(client_of, lower, table, changes):
    answer = client_of(LOWER).post(f"{LIST}new/{table.entry_id}/", form(lower, **changes))
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode() or "is-invalid" in answer.content.decode()
    assert not ReturnFlow.objects.exists()


def test_pages_say_why_there_is_nothing_to_ask(city, client_of, lower, table):
    page = client_of("consumer-approver").get(f"{LIST}new/{table.entry_id}/").content.decode()
    assert "回流是上级向下级" in page
    assert "签署并提出" not in page
    closed = make_table(make_entry(city.provider, sharing="none", title="不予共享的数据"))
    refused = client_of(LOWER).post(f"{LIST}new/{closed.entry_id}/", form(lower))
    assert refused.status_code in {400, 409}
    assert client_of(LOWER).get(f"{LIST}new/{uuid4()}/").status_code == 404
    assert client_of(LOWER).get(f"{LIST}{uuid4()}/").status_code == 404


def test_refused_by_page_with_the_law_only(city, client_of, lower, table):
    flow = ask(city, table, lower, on=today())
    page, above = f"{LIST}{flow.id}/", client_of(PROVIDER)
    no = {"reason": "涉及国家秘密", "basis": "某法 第一条", "level": "law"}
    for wrong in (
        {**no, "level": ""},
        {**no, "level": "hearsay"},
        {**no, "basis": " "},
        {**no, "reason": ""},
    ):
        answer = above.post(f"{page}refuse/", wrong)
        assert answer.status_code == 409
        assert "除法律另有规定外" in answer.content.decode()
    weak = above.post(f"{page}refuse/", {**no, "level": "normative"})
    assert weak.status_code == 409
    assert "不足以" in weak.content.decode()
    assert above.post(f"{page}open/").status_code == 409, "there is no mark"
    assert above.post(f"{page}refuse/", no)["Location"] == page
    shown = client_of(LOWER).get(page).content.decode()
    assert "依法不能回流" in shown
    assert "某法 第一条" in shown
    assert above.post(f"{page}refuse/", no).status_code == 409, "answered once"
    assert types_of(flow) == ["asked", "refused"]


def test_withdrawn_by_page_with_a_reason(city, client_of, lower, table):
    flow = ask(city, table, lower, on=today())
    page, below = f"{LIST}{flow.id}/", client_of(LOWER)
    assert below.post(f"{page}withdraw/", {"reason": " "}).status_code == 409
    assert below.post(f"{page}withdraw/", {"reason": "不再需要"})["Location"] == page
    shown = below.get(page).content.decode()
    assert "已撤回" in shown
    assert "不再需要" in shown, "the reason stays with the case"
    assert below.post(f"{page}withdraw/", {"reason": "再次"}).status_code == 409


def test_a_mark_names_a_column_of_the_table(client_of, lower, table):
    marking, above = f"{LIST}mark/{table.entry_id}/", client_of(PROVIDER)
    for column in ("", "没有的列"):
        assert above.post(marking, {"column": column, "form": "name"}).status_code == 409
    assert not ReturnMark.objects.exists()
    assert above.get(f"{LIST}mark/{uuid4()}/").status_code == 404


def test_the_list_is_by_state_and_asks_the_database_evenly(
    city, client_of, lower, table, django_assert_max_num_queries
):
    first = ask(city, table, lower, on=today())
    below = client_of(LOWER)
    assert first.number in below.get(LIST).content.decode().replace("&nbsp;", "")
    assert first.title not in below.get(LIST, {"status": "opened"}).content.decode()
    assert below.get(LIST, {"status": "nonsense", "page": "nonsense"}).status_code == 200
    for number in range(5):
        ask(city, make_table(make_entry(city.provider, title=f"第{number}张")), lower, on=today())
    with django_assert_max_num_queries(25):
        page = below.get(LIST).content.decode()
    assert page.count("待提供部门标注") >= 6
    assert first.title not in client_of("stranger").get(LIST).content.decode()


def send(client, path: str, **body: Any):
    token = client.get("/account/password/").cookies["csrftoken"].value
    return client.post(f"{REST}{path}", json.dumps(body), "application/json", headers={"X-CSRFToken": token})


def asked_by_rest(client, lower, table, **changes: Any):
    body = {
        "department_id": str(lower.id),
        "entry_id": str(table.entry_id),
        "items": ["企业名称", "地区"],
        "modes": ["interface"],
        "purpose": "本区域企业监管",
    }
    return send(client, "", **{**body, **changes})


def test_rest_from_the_asking_to_the_grant(city, client_of, lower, table):
    below, above = client_of(LOWER), client_of(PROVIDER)
    made = asked_by_rest(below, lower, table)
    assert made.status_code == 201
    flow = made.json()
    assert (flow["status"], flow["grant_id"], flow["decision_json"]) == ("asked", None, None)
    assert below.get(REST).json()["count"] == 1
    assert below.get(REST, {"status": "opened"}).json() == {"count": 0, "items": []}
    one = above.get(f"{REST}/{flow['id']}").json()
    acts = {act["name"]: act for act in one["acts"]}
    assert set(acts) == {"mark", "open", "refuse"}
    assert (acts["open"]["allowed"], acts["mark"]["allowed"]) == (False, True)
    assert "还没有标注" in acts["open"]["reason"]
    assert acts["open"]["rule"] == "sharing.return_flow"
    assert {act["name"] for act in below.get(f"{REST}/{flow['id']}").json()["acts"]} == {"withdraw"}
    early = send(above, f"/{flow['id']}/open")
    assert early.status_code == 409
    assert early.json()["rule"] == "sharing.return_flow"
    assert early.json()["basis"]
    marked = send(above, "/marks", entry_id=str(table.entry_id), column="地区", form="name")
    assert marked.json()["column"] == "地区"
    done = below.get(f"{REST}/{flow['id']}").json()
    assert (done["status"], done["acts"]) == ("opened", [])
    assert done["where"] == [{"column": "地区", "op": "in", "values": ["大石桥市", "大石桥"]}]
    assert done["grant_id"] == str(Grant.objects.get().id)
    assert asked_by_rest(below, lower, table).status_code == 409, "it flows already"


def test_rest_says_what_is_wrong(city, client_of, lower, table):
    below, above = client_of(LOWER), client_of(PROVIDER)
    short = asked_by_rest(below, lower, table, purpose="", modes=[])
    assert short.status_code == 409
    assert "共享方式、用途" in short.json()["detail"]
    strange = asked_by_rest(below, lower, table, items=["没有的列"])
    assert strange.status_code == 400
    assert strange.json()["problems"] == [{"where": "信息项", "what": "没有“没有的列”这一列"}]
    assert asked_by_rest(below, lower, table, entry_id=str(uuid4())).status_code == 404
    assert asked_by_rest(client_of("stranger"), lower, table).status_code == 403
    flow = asked_by_rest(below, lower, table).json()
    assert client_of("stranger").get(f"{REST}/{flow['id']}").status_code == 404
    no = {"reason": "涉及国家秘密", "basis": "某法 第一条"}
    assert send(above, f"/{flow['id']}/refuse", **no).status_code == 409, "no level"
    assert send(above, f"/{flow['id']}/refuse", **no, level="hearsay").status_code in {400, 422}
    assert send(below, f"/{flow['id']}/refuse", **no, level="law").status_code == 403
    refused = send(above, f"/{flow['id']}/refuse", **no, level="law").json()
    assert (refused["status"], refused["answer_basis"]) == ("refused", "某法 第一条")
    assert refused["decision_json"]["basis"]
    assert send(below, f"/{flow['id']}/withdraw", reason="不再需要").status_code == 409
    again = asked_by_rest(below, lower, table).json()
    assert send(below, f"/{again['id']}/withdraw", reason="").status_code == 409
    assert send(below, f"/{again['id']}/withdraw", reason="不再需要").json()["status"] == "withdrawn"
    assert Event.objects.filter(case_id=again["id"]).count() == 2


def test_rest_pages_are_bounded(city, client_of, lower, table):
    mark(city, table)
    asked_by_rest(client_of(LOWER), lower, table)
    bounded = client_of(LOWER).get(REST, {"limit": 10**9, "offset": -5}).json()
    assert (bounded["count"], len(bounded["items"])) == (1, 1)
    far = client_of(LOWER).get(REST, {"offset": 10**30})
    assert far.status_code in {200, 400, 422}
    assert client_of(LOWER).get(REST, {"limit": 0}).status_code == 200
