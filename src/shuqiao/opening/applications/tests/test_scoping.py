"""A yes narrower than the review: masks laid on, rows limited, previewed, written into agreement and grant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from shuqiao.catalog.models import DataItem, Revision
from shuqiao.delivery.models import Grant
from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.kernel.time import today
from shuqiao.opening.applications import queries, scoping, services
from shuqiao.opening.applications.tests.conftest import MONDAY, UNTIL
from shuqiao.opening.applications.types import Draft, Given
from shuqiao.opening.models import OpenAgreement
from shuqiao.opening.tests.opened import opened, real_table
from shuqiao.organizations.tests.factories import make_party

WHERE = ({"column": "地区", "op": "eq", "values": ["营口"]},)


def given_to(application, **changes) -> Given:
    masks = queries.offer_now(application).masks
    whole = Given(tuple((one["name"], masks[one["name"]]) for one in application.items), UNTIL)
    return replace(whole, **changes)


def agree(city, application, given, **changes):
    said = {"reason": "按需给予", "on": MONDAY} | changes
    officer = city.actor("provider-approver")
    return services.agree_application(actor=officer, application_id=application.id, given=given, **said)


def test_rows_and_masks_go_into_agreement_and_grant(city, apply):
    made = apply()
    items = tuple((n, "keep_ends" if n == "企业名称" else m) for n, m in given_to(made).items)
    with pytest.raises(RuleRefused, match="较小范围"):
        agree(city, made, given_to(made, where=WHERE), reason="")
    agree(city, made, given_to(made, items=items, where=WHERE, conditions="不得转售"))
    text = OpenAgreement.objects.get().text
    assert "地区 等于 营口" in text
    assert "不得转售" in text
    for name in ("provider-approver", "citizen"):
        services.confirm_agreement(actor=city.actor(name), application_id=made.id, on=MONDAY)
    grant = Grant.objects.get()
    assert grant.where == list(WHERE)
    assert {"name": "企业名称", "mask": "keep_ends"} in grant.columns
    assert grant.conditions == ["不得转售"]


def test_never_wider_than_the_review_and_only_what_the_table_carries(city, apply):
    made = apply()
    masks = dict(given_to(made).items)
    assert masks["联系电话"] == "keep_ends"
    plain = tuple((name, "none") for name in masks)
    with pytest.raises(RuleRefused, match="更严"):
        agree(city, made, given_to(made, items=plain))
    strange = ({"column": "没有的列", "op": "eq", "values": ["1"]},)
    with pytest.raises(RuleRefused, match="没有的列"):
        agree(city, made, given_to(made, where=strange))
    with pytest.raises(InvalidInput, match="脱敏"):
        agree(city, made, given_to(made, items=(("企业名称", "年"),)))


def asked_of_real(city, tmp_path):
    """An application for two columns of a table with real rows."""
    table = real_table(city, tmp_path)
    Revision.objects.filter(entry=table.entry_id).update(
        opening_type="conditional", opening_method="download", opening_condition="说明用途",
        opening_basis="统计法 第二十五条", opening_basis_level="law",
    )  # fmt: skip
    DataItem.objects.filter(revision__entry=table.entry_id).update(opening_type="")
    opened(city, table, on=today())
    make_party(city)
    draft = Draft(
        items=("代码", "名称"), purpose="地图", scenario="网站", safeguards="本机",
        valid_until=today() + timedelta(days=99),
    )  # fmt: skip
    made, _ = services.submit_application(
        actor=city.actor("citizen"), entry_id=table.entry_id, draft=draft, on=today()
    )
    return made


def test_the_reviewer_sees_what_would_be_read_before_signing(city, client, tmp_path):
    made = asked_of_real(city, tmp_path)
    everything = scoping.preview(made, given_to(made, valid_until=made.valid_until), today())
    first = str(everything["rows"][0][0])
    client.force_login(city.user("provider-approver"))
    said = {
        "items": ["代码", "名称"], "valid_until": str(made.valid_until), "follow_up_months": 6, "mask-名称": "hash",
        "where-column": "代码", "where-op": "eq", "where-value": first, "reason": "够用",
    }  # fmt: skip
    url = reverse("opening:application-agree", args=[made.id])
    page = client.post(url, said | {"preview": "1"})
    assert page.status_code == 200
    assert "对方读得到 1 行" in page.content.decode()
    nobody = client.post(url, said | {"preview": "1", "where-value": "没有这个代码"})
    assert "没有符合条件的行" in nobody.content.decode()
    made.refresh_from_db()
    assert made.status == "submitted"
    assert everything["total"] > 1
    assert client.post(url, said).status_code == 302
    made.refresh_from_db()
    assert made.given().where[0]["values"] == [first]
    assert dict(made.given().items)["名称"] == "hash"
    shown = client.get(reverse("opening:application", args=[made.id])).content.decode()
    assert "等于" in shown
    assert client.post(url, said | {"preview": "1", "items": ["代码", "没有申请的"]}).status_code == 400


def test_each_mask_stands_beside_its_item(city, client, tmp_path):
    made = asked_of_real(city, tmp_path)
    client.force_login(city.user("provider-approver"))
    page = client.get(reverse("opening:application", args=[made.id])).content.decode()
    form = page[page.index('id="id_items"') : page.index('name="reason"')]
    rows = form.split("<tr>")[2:]
    assert len(rows) == 2
    for row, name in zip(rows, ("代码", "名称"), strict=True):
        assert f'value="{name}"' in row
        assert f'name="mask-{name}"' in row
        assert row.count("<select") == 1
    assert page.count('name="mask-名称"') == 1
    said = {
        "items": ["代码"],
        "valid_until": str(made.valid_until),
        "follow_up_months": 6,
        "mask-代码": "没有",
    }
    wrong = client.post(reverse("opening:application-agree", args=[made.id]), said)
    assert wrong.status_code == 400
    assert 'aria-invalid="true"' in wrong.content.decode()


def test_the_preview_by_rest_changes_nothing_and_looks_behind_no_mask(city, client, tmp_path):
    made = asked_of_real(city, tmp_path)
    url = reverse("api:opening-preview", args=[made.id])

    def look(**body):
        return client.post(url, body, content_type="application/json")

    client.force_login(city.user("provider-approver"))
    whole = look().json()
    assert (whole["shown"], len(whole["heads"])) == (True, 2)
    masked = look(items=[{"name": "代码"}, {"name": "名称", "mask": "hash"}]).json()
    assert masked["rows"][0][1] != whole["rows"][0][1]
    code = str(whole["rows"][0][0])
    assert look(where=[{"column": "代码", "op": "eq", "values": [code]}]).json()["total"] == 1
    beyond = look(items=[{"name": "代码"}, {"name": "备注"}])
    assert beyond.status_code == 409, "only what a yes may give is looked at"
    assert "没有申请" in beyond.json()["detail"]
    assert look(where=[{"column": "代码", "op": "gt", "values": ["x" * 999]}]).status_code == 400
    made.refresh_from_db()
    assert made.status == "submitted"
    client.force_login(city.user("citizen"))
    assert look().status_code == 403
    client.force_login(city.user("stranger"))
    assert look().status_code == 404
