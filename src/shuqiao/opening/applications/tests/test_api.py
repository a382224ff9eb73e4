"""REST of reviews and applications: the same steps, refusals as problem JSON with rule and basis."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shuqiao.kernel.time import today
from shuqiao.opening.review import queries as reviews
from shuqiao.opening.tests.opened import table_in
from shuqiao.organizations.tests.factories import make_party

BASE = "/api/v1/opening"
BODY = {
    "items": ["企业名称"],
    "purpose": "做一张地图",
    "scenario": "网站",
    "safeguards": "自己的服务器",
}


def call(client, method, path, body=None):
    answer = getattr(client, method)(f"{BASE}{path}", body, content_type="application/json") if body is not None else (
        getattr(client, method)(f"{BASE}{path}", content_type="application/json")
    )  # fmt: skip
    return answer.status_code, answer.json() if answer.content else None


@pytest.mark.article("yingkou-2022", "28")
@pytest.mark.article("yingkou-2022", "29")
def test_from_the_review_to_the_revocation(city, client_of):
    make_party(city)
    table = table_in(city)
    provider, bureau, citizen = (
        client_of(name) for name in ("provider-approver", "bureau-reviewer", "citizen")
    )
    status, review = call(provider, "post", "/reviews", {"resource_id": str(table.id)})
    assert status == 201
    status, steps = call(provider, "get", f"/reviews/{review['id']}/steps")
    assert [one["step"] for one in steps["steps"]] == ["submit", "cancel"]
    columns = [
        {"name": one.name, "treatment": "mask" if one.personal else "keep", "mask": "keep_ends"}
        for one in reviews.columns_now(table.id)
    ]
    draft = {"columns": columns, "licence": "cc-by-4.0", "secrecy_checked": True, "personal_checked": True}
    status, blocked = call(provider, "post", f"/reviews/{review['id']}/submit", {**draft, "columns": []})
    assert (status, blocked["rule"]) == (409, "opening.secrecy_check")
    assert blocked["basis"][0]["article"] == "yingkou-2022:28"
    assert call(provider, "post", f"/reviews/{review['id']}/submit", draft)[0] == 200
    assert call(bureau, "post", f"/reviews/{review['id']}/pass")[0] == 200
    assert call(bureau, "get", "/reviews")[1]["count"] == 1

    body = {**BODY, "entry_id": str(table.entry_id), "valid_until": str(today() + timedelta(days=99))}
    status, missing = call(citizen, "post", "/applications", {**body, "purpose": ""})
    assert (status, missing["rule"]) == (409, "opening.application")
    status, made = call(citizen, "post", "/applications", body)
    assert status == 201
    assert len(made["code"]) == 11
    case = f"/applications/{made['id']}"
    status, shown = call(citizen, "get", case)
    assert shown["due_on"]
    assert [one["step"] for one in shown["steps"]] == ["withdraw"]
    steps = [one["step"] for one in call(provider, "get", case)[1]["steps"]]
    assert steps == ["agree", "refuse", "ask-supplement"]
    assert call(provider, "post", f"{case}/ask-supplement", {"points": ["网站地址"]})[0] == 200
    assert call(citizen, "post", f"{case}/supplement", {**body, "note": "写了"})[0] == 200
    assert call(provider, "post", f"{case}/refuse", {"reason": "不"})[0] == 409
    assert call(provider, "post", f"{case}/agree", {})[0] == 200
    assert call(provider, "post", f"{case}/confirm")[0] == 200
    assert call(citizen, "post", f"{case}/confirm")[1]["status"] == "opened"
    assert "获取" in call(citizen, "get", case)[1]["citation"]
    assert call(citizen, "post", f"{case}/report", {"usage": "地图"})[0] == 200
    assert call(provider, "post", f"{case}/seen")[0] == 200
    assert call(citizen, "post", f"{case}/reply")[0] == 204
    assert (
        call(provider, "post", f"{case}/revoke", {"reason": "转售", "ground": "第五条"})[1]["status"]
        == "revoked"
    )
    assert call(citizen, "post", f"{case}/withdraw", {"reason": "x"})[0] == 409
    assert call(client_of("stranger"), "get", case)[0] == 404


def test_a_competition(city, client_of):
    firm = make_party(city, "legal_person", "firm")
    table = table_in(city, "dongchangfu")
    body = {
        "entry_id": str(table.entry_id), "number": "东招1", "method": "公开招标", "held_on": str(today()),
        "winner_id": str(firm.id),
    }  # fmt: skip
    assert call(client_of("dongchangfu-approver"), "post", "/competitions", body)[0] == 201
    assert call(client_of("stranger"), "post", "/competitions", {**body, "number": "2"})[0] == 403
