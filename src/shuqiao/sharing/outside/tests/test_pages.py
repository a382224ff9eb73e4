"""The applicant's way through the open platform and the officers' through the workbench, and the same by REST."""

from __future__ import annotations

import json

import pytest

from shuqiao.catalog import services as catalog
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside.tests.conftest import APPROVER, COMPANY, MONDAY, OFFICER

FORM = {
    "level-企业名称": "full",
    "level-联系电话": "mask",
    "modes": ["interface"],
    "purpose": "企业信用核验",
    "scenario": "贷款受理",
    "safeguards": "专网存放",
}


def until() -> str:
    return today().replace(year=today().year + 1, day=1).isoformat()


@pytest.mark.article("dongchangfu-2020", "20")
def test_the_whole_way_by_pages(client_of, table):
    company, officer, provider = client_of(COMPANY), client_of(OFFICER), client_of(APPROVER)
    public = company.get(f"/open/{table.entry_id}/").content.decode()
    new = f"/open/sharing/new/{table.entry_id}/"
    assert new in public
    assert "东昌府区大数据局" in company.get(new).content.decode()
    bad = company.post(new, {**FORM, "valid_until": ""})
    assert bad.status_code == 400
    assert "使用期限" in bad.content.decode()
    made = company.post(new, {**FORM, "valid_until": until()}, follow=True)
    case = OutsideRequest.objects.get()
    assert "查询码" in made.content.decode()
    assert case.number in made.content.decode()
    page = f"/sharing/outside/{case.id}/"
    assert case.title in officer.get("/sharing/outside/").content.decode()
    assert provider.get(page).status_code == 404
    officer.post(f"{page}consult/", {"note": "请三日内答复"})
    assert "签署并答复" in provider.get(page).content.decode()
    provider.post(f"{page}consent/", {"consent": "yes"})
    wrong = officer.post(f"{page}agree/", {"items": ["企业名称"], "valid_until": "x"})
    assert wrong.status_code == 400
    officer.post(f"{page}agree/", {"items": ["企业名称", "联系电话"], "valid_until": until()})
    own = f"/open/sharing/{case.id}/"
    assert "政务数据使用协议" in company.get(own).content.decode()
    assert case.number in company.get(f"{own}agreement.txt").content.decode()
    company.post(f"{own}confirm/")
    assert not Grant.objects.exists()
    done = officer.post(f"{page}confirm/", follow=True).content.decode()
    assert "授权已开通" in done
    assert Grant.objects.get().number
    assert company.get(page).headers["Location"] == own
    assert (
        "已收回"
        in officer.post(
            f"{page}revoke/", {"reason": "转售", "ground": "协议第五条"}, follow=True
        ).content.decode()
    )


@pytest.mark.article("yingkou-2022", "29")
def test_where_the_texts_are_silent_the_page_says_so(city, client_of, table):
    other = make_table(make_entry(city.provider))
    company = client_of(COMPANY)
    assert "单位申请使用" not in company.get(f"/open/{other.entry_id}/").content.decode()
    page = company.get(f"/open/sharing/new/{other.entry_id}/").content.decode()
    assert "在开放平台申请开放" in page
    assert "提出申请</button>" not in page


def test_rest_says_the_rule_of_every_step(client_of, table):
    company, officer = client_of(COMPANY), client_of(OFFICER)

    def send(client, path, **body):
        token = client.get("/account/password/").cookies["csrftoken"].value
        return client.post(
            f"/api/v1/sharing/outside{path}",
            json.dumps(body),
            "application/json",
            headers={"X-CSRFToken": token},
        )

    said = {"purpose": "核验", "scenario": "柜面", "modes": ["interface"], "valid_until": until()}
    items = [{"name": "企业名称"}]
    short = send(company, "", entry_id=str(table.entry_id), items=items, **said)
    assert short.status_code == 409
    assert "安全保障措施" in short.json()["detail"]
    made = send(company, "", entry_id=str(table.entry_id), items=items, safeguards="专网", **said)
    assert made.status_code == 201
    assert made.json()["code"]
    one = officer.get(f"/api/v1/sharing/outside/{made.json()['id']}").json()
    acts = {act["name"]: act for act in one["acts"]}
    assert set(acts) == {"consult", "ask-supplement", "refuse"}
    assert acts["consult"]["rule"] == "sharing.outside"
    assert acts["consult"]["basis"][0]["title"] == "东昌府办法 第二十条"


def test_when_the_entry_has_gone_the_page_says_so_and_what_to_do(city, client_of, apply):
    case = apply()
    catalog.withdraw_entry(actor=city.actor(APPROVER), entry_id=case.entry_id, reason="职责取消", on=MONDAY)
    company, officer = client_of(COMPANY), client_of(OFFICER)
    page = company.get(f"/open/sharing/{case.id}/").content.decode()
    assert "撤下（职责取消）" in page
    assert "您可以撤回" in page
    assert 'href="/open/"' in page
    assert "请写明理由和依据答复" in officer.get(f"/sharing/outside/{case.id}/").content.decode()
    assert "撤下（职责取消）" in officer.get(f"/api/v1/sharing/outside/{case.id}").json()["gone"]
    refused = company.get(f"/open/sharing/{case.id}/supplement/")
    assert refused.status_code == 409
    assert "撤下（职责取消）" in refused.content.decode()
