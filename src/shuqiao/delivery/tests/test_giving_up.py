"""The user of a running grant gives part of it up; every step on a grant says its rule before it is taken."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shuqiao.delivery import acting, services
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import TODAY
from shuqiao.kernel import NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, Notice

LESS = {"columns": (("企业名称", "none"),)}


@pytest.mark.article("national-2025", "25")
def test_the_user_gives_part_of_it_up_without_filing(city, grant):
    head = city.actor("consumer-approver")
    services.change_grant(actor=head, grant_id=grant.id, **LESS, reason="系统只用名称", on=TODAY)
    assert [one["name"] for one in Grant.objects.get().columns] == ["企业名称"]
    event = Event.objects.get(type="delivery.grant.changed")
    assert (event.data["side"], event.department_id) == ("grantee", city.consumer.id)
    assert Notice.objects.filter(department=city.provider, text__contains="系统只用名称").exists()
    with pytest.raises(RuleRefused, match="相同"):
        services.change_grant(actor=head, grant_id=grant.id, **LESS, reason="再来", on=TODAY)


def test_never_more_never_without_a_reason_never_by_others(city, grant):
    head = city.actor("consumer-approver")
    more = (("统一社会信用代码", "none"), ("企业名称", "none"), ("地区", "none"))
    with pytest.raises(RuleRefused, match="不能扩大"):
        services.change_grant(actor=head, grant_id=grant.id, columns=more, reason="需要", on=TODAY)
    with pytest.raises(RuleRefused, match="写明原因"):
        services.change_grant(actor=head, grant_id=grant.id, **LESS, on=TODAY)
    for name, error in (
        ("bureau-supervisor", RuleRefused),
        ("consumer-cataloguer", NotAllowed),
        ("stranger", NotFound),
    ):
        with pytest.raises(error):
            services.change_grant(actor=city.actor(name), grant_id=grant.id, **LESS, reason="无", on=TODAY)


def test_each_side_reads_rule_article_and_reason_first(city, grant):
    for name, wanted in (
        ("provider-approver", {"suspend", "end"}),
        ("consumer-approver", {"end", "change"}),
        ("bureau-supervisor", {"suspend", "end"}),
        ("consumer-cataloguer", set()),
    ):
        acts = acting.acts_for(city.actor(name), grant, TODAY)
        assert {act.name for act in acts} == wanted
        assert all(act.decision.allowed and act.decision.basis and act.decision.reason for act in acts)
    provider = city.actor("provider-approver")
    stopped = services.suspend_grant(actor=provider, grant_id=grant.id, reason="核查", on=TODAY)
    assert {act.name for act in acting.acts_for(provider, stopped, TODAY)} == {"resume", "end"}


def test_page_and_rest(city, grant, client):
    Grant.objects.update(conditions=["不得与其他数据合并"])
    client.force_login(city.user("consumer-approver"))
    page = client.get(reverse("delivery:grant", args=[grant.id])).content.decode()
    assert "放弃一部分" in page
    assert "不得与其他数据合并" in page
    shown = client.get(f"/api/v1/delivery/grants/{grant.id}").json()
    assert shown["conditions"] == ["不得与其他数据合并"]
    assert {one["act"]: bool(one["basis"]) for one in shown["next"]} == {"end": True, "change": True}
    use = client.get(reverse("delivery:use", args=[grant.id])).content.decode()
    assert "放弃的原因" in use
    said = {"change-columns": ["企业名称"], "change-modes": grant.modes, "change-reason": "只用名称"}
    if grant.valid_until:
        said["change-valid_until"] = str(grant.valid_until)
    for name in ("daily_quota", "rate_per_minute"):
        if getattr(grant, name):
            said[f"change-{name}"] = getattr(grant, name)
    change = reverse("delivery:change", args=[grant.id])
    assert client.post(change, said | {"change-reason": ""}).status_code == 400
    assert client.post(change, said).status_code == 302
    assert len(Grant.objects.get().columns) == 1
    client.force_login(city.user("provider-approver"))
    page = client.get(reverse("delivery:grant", args=[grant.id])).content.decode()
    assert "写明原因，一秒内停止读取" in page
