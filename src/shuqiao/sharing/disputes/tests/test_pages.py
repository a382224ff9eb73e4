"""Pages and REST of disputes: the way in, each form, what is missing, what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.sharing.disputes.tests.conftest import refused_of
from shuqiao.sharing.models import Dispute

TODAY = date(2026, 11, 24)


@pytest.fixture
def at(monkeypatch):
    for module in ("views", "api"):
        monkeypatch.setattr(f"shuqiao.sharing.disputes.{module}.today", lambda: TODAY)
    monkeypatch.setattr("shuqiao.sharing.views.reading.today", lambda: TODAY)


def test_from_the_refused_request_to_the_opened_grant(city, client_of, at):
    refused = refused_of(city, city.provider, "provider-approver")
    user, provider, bureau = (
        client_of(one) for one in ("consumer-approver", "provider-approver", "bureau-supervisor")
    )
    link = f"/sharing/disputes/new/?request={refused.id}"
    assert link in user.get(f"/sharing/{refused.id}/").content.decode()
    assert link not in provider.get(f"/sharing/{refused.id}/").content.decode()
    assert "签署并提出争议" in user.get(link).content.decode()
    empty = user.post("/sharing/disputes/new/", {"request": refused.id, "claim": ""})
    assert empty.status_code == 400
    assert "主张" in empty.content.decode()
    user.post("/sharing/disputes/new/", {"request": refused.id, "claim": "应当共享"})
    dispute = Dispute.objects.get()
    page = f"/sharing/disputes/{dispute.id}/"
    assert "陈述意见" in provider.get(page).content.decode()
    assert provider.post(f"{page}speak/", {"text": ""}).status_code == 400
    provider.post(f"{page}speak/", {"text": "不同意"})
    user.post(f"{page}refer/", {"why": "谈不拢"})
    assert "协调共享争议" in bureau.get("/work/").content.decode()
    nothing = bureau.post(f"{page}decide/", {"reason": "符合", "basis": "条例"})
    assert nothing.status_code == 400
    assert "处理办法" in nothing.content.decode()
    levels = {"level-企业名称": "full"}
    said = {"outcome": "open", "result_text": "给名称", "reason": "符合", "basis": "条例 第二十条"}
    assert bureau.post(f"{page}decide/", said | levels).status_code == 302
    for client in (user, provider):
        assert "对协调意见表态" in client.get(page).content.decode()
        client.post(f"{page}accept/")
    assert Grant.objects.get().columns == [{"name": "企业名称", "mask": "none"}]
    shown = user.get(page).content.decode()
    assert "平台已执行" in shown
    assert "执行争议处理结果" in shown
    again = user.post(f"{page}withdraw/", {"reason": "x"})
    assert again.status_code == 409


def test_the_list_is_filtered_and_asks_a_fixed_number_of_questions(
    city, client_of, at, raised, django_assert_max_num_queries
):
    client = client_of("consumer-approver")
    with django_assert_max_num_queries(20):
        assert raised.number in client.get("/sharing/disputes/").content.decode().replace("<wbr>", "")
    for query, there in (
        ("which=ours", True),
        ("which=against", False),
        ("status=open", True),
        ("status=ruled", False),
        ("ground=refused", True),
        ("ground=use", False),
        ("q=企业", True),
        ("q=没有的", False),
    ):
        shown = client.get(f"/sharing/disputes/?{query}").content.decode()
        assert (str(raised.id) in shown) is there, query
    assert str(raised.id) not in client_of("stranger").get("/sharing/disputes/").content.decode()


def test_rest_says_what_may_be_done_next_with_rule_and_articles(city, client_of, at, raised):
    user, provider = client_of("consumer-approver"), client_of("provider-approver")
    address = f"/api/v1/sharing/disputes/{raised.id}"
    acts = {one["name"]: one for one in user.get(address).json()["acts"]}
    assert set(acts) == {"speak", "refer", "withdraw"}
    assert acts["refer"]["rule"] == "sharing.dispute"
    assert "national-2025:28" in [one["article"] for one in acts["refer"]["basis"]]
    wide = {"outcome": "end", "text": "终止"}
    refused = provider.post(
        f"{address}/speak", {"text": "x", "proposal": wide}, content_type="application/json"
    )
    assert refused.status_code == 409
    assert refused.json()["rule"] == "sharing.dispute"
    keep = {"text": "维持", "proposal": {"outcome": "keep", "text": "维持"}}
    assert provider.post(f"{address}/speak", keep, content_type="application/json").status_code == 200
    done = user.post(f"{address}/agree", {}, content_type="application/json").json()
    assert (done["status"], done["done"]) == ("settled", {"outcome": "keep"})
    assert user.get("/api/v1/sharing/disputes?status=settled").json()["count"] == 1
    assert user.get(address).json()["acts"] == []


def test_without_a_case_one_chooses_among_those_that_may_be_disputed(city, client_of, at):
    new = "/sharing/disputes/new/"
    user = client_of("consumer-approver")
    assert "现在没有可以争议的" in user.get(new).content.decode()
    refused = refused_of(city, city.provider, "provider-approver")
    page = user.get(new).content.decode()
    assert f"{new}?request={refused.id}" in page
    assert "不服不同意共享" in page
    assert "现在没有可以争议的" in client_of("stranger").get(new).content.decode()
    assert client_of("consumer-cataloguer").get(new).status_code == 403
    user.post(new, {"request": refused.id, "claim": "应当共享"})
    assert "现在没有可以争议的" in user.get(new).content.decode()
    assert user.get(f"{new}?request=nonsense").status_code == 404
