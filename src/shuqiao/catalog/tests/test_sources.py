"""Spread of items, source departments, emergency collection; their pages and those of doubles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shuqiao import law
from shuqiao.catalog import queries, services
from shuqiao.catalog.models import DuplicatePair, ItemSpread, SourceDesignation
from shuqiao.catalog.onesource import emergencies, items, rules
from shuqiao.catalog.onesource.rules import EmergencyFacts
from shuqiao.catalog.tests import factories
from shuqiao.catalog.types import EmergencyStatus
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now, today
from shuqiao.procedures.models import Event, InboxItem, Notice
from shuqiao.procedures.types import E

ON = factories.ON
NATIONAL = law.regime_of([law.Binding("national-2025", False)], ON)
DONGCHANGFU = law.regime_of([law.Binding("dongchangfu-2020", True)], ON)


def of_other(city, **changes):
    """A published entry of the third department."""
    revision = factories.draft(city, by="stranger", department=city.other, **changes)
    services.submit_revision(actor=city.actor("stranger"), revision_id=revision.id, on=ON)
    services.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=revision.id, on=ON)
    return queries.get_entry_for(city.actor("stranger"), revision.entry_id)


@pytest.fixture
def spread(city):
    factories.published(city, title="企业登记信息")
    of_other(city, title="校办企业信息")
    assert services.count_spread() > 0
    return ItemSpread.objects.get(datum="企业名称")


@pytest.mark.django_db
def test_items_of_several_departments_are_counted(city, spread):
    assert (spread.departments, spread.entries, spread.names) == (2, 2, ["企业名称"])
    assert services.count_spread() == 0  # nothing changed since
    held = queries.holdings_of("210882", ["企业名称"])  # a county asks its jurisdiction
    assert {line.entry.department.name for line in held} == {city.provider.name, city.other.name}
    assert not queries.holdings_of("210100", ["企业名称"])


@pytest.mark.article("national-2025", "19")
@pytest.mark.article("dongchangfu-2020", "17")
@pytest.mark.parametrize(("regime", "number"), [(NATIONAL, "19"), (DONGCHANGFU, "17")])
def test_a_source_is_a_holder_and_has_a_reason(regime, number):
    facts = rules.SourceFacts("企业名称", "甲", frozenset({"甲"}), reason="登记机关")
    decision = rules.may_designate(facts, regime)
    assert decision.allowed
    assert [one.number for one in decision.basis] == [number]
    for wrong in (
        rules.SourceFacts("企业名称", "乙", frozenset({"甲"}), reason="登记机关"),
        rules.SourceFacts("企业名称", "甲", frozenset({"甲"}), reason=" "),
        rules.SourceFacts("企业名称", "甲", frozenset({"甲"}), same_jurisdiction=False, reason="登记机关"),
    ):
        assert not rules.may_designate(wrong, regime).allowed


@pytest.mark.django_db
@pytest.mark.article("national-2025", "19")
def test_the_bureau_names_renames_and_ends_a_source(city, spread):
    bureau = city.actor("bureau-reviewer")
    step = {"division": "210800", "datum": "企业名称", "reason": "登记机关", "on": ON}
    with pytest.raises(NotAllowed):
        services.designate_source(
            actor=city.actor("provider-approver"), department_id=city.provider.id, **step
        )
    with pytest.raises(NotAllowed):
        services.designate_source(actor=city.actor("shenyang-bureau"), department_id=city.provider.id, **step)
    with pytest.raises(RuleRefused):
        services.designate_source(actor=bureau, department_id=city.consumer.id, **step)
    first = services.designate_source(actor=bureau, department_id=city.provider.id, **step)
    with pytest.raises(IllegalMove):
        services.designate_source(actor=bureau, department_id=city.provider.id, **step)
    assert "不再重复采集" in Notice.objects.filter(department=city.other).order_by("-at")[0].text
    second = services.designate_source(actor=bureau, department_id=city.other.id, **step)
    first.refresh_from_db()
    assert first.ended_on == ON
    assert first.end_reason
    with pytest.raises(InvalidInput):
        services.end_designation(actor=bureau, designation_id=second.id, reason=" ", on=ON)
    with pytest.raises(NotAllowed):
        services.end_designation(actor=city.actor("stranger"), designation_id=second.id, reason="调整", on=ON)
    services.end_designation(actor=bureau, designation_id=second.id, reason="职能调整", on=ON)
    with pytest.raises(IllegalMove):
        services.end_designation(actor=bureau, designation_id=second.id, reason="职能调整", on=ON)
    assert not SourceDesignation.objects.filter(ended_on=None).exists()
    assert Event.objects.filter(type=E.SOURCE_ENDED).count() == 2


@pytest.mark.django_db
def test_an_entry_says_who_is_the_source_of_its_items(city, spread):
    services.designate_source(
        actor=city.actor("bureau-reviewer"), division="210800", datum="企业名称",
        department_id=city.provider.id, reason="登记机关", on=ON,
    )  # fmt: skip
    lines = {}
    for row in items.items_of_spread(spread):
        entry = row.revision.entry
        lines[entry.department_id] = items.sources_of_entry(entry)
    assert [line.own for line in lines[city.provider.id]] == [True]
    assert [line.own for line in lines[city.other.id]] == [False]


FACTS = EmergencyFacts("受灾户临时住址", "台风应急响应", "市防指〔2026〕3号", ON, ON + timedelta(days=20))


def opened(city, **changes):
    given = {
        "actor": city.actor("provider-approver"),
        "department_id": city.provider.id,
        "facts": FACTS,
        "on": ON,
    }
    return services.open_emergency(**(given | changes))


@pytest.mark.article("dongchangfu-2020", "17")
def test_an_emergency_has_reason_basis_and_an_end():
    assert rules.may_collect_in_emergency(FACTS, DONGCHANGFU, ON).allowed
    assert rules.may_collect_in_emergency(FACTS, DONGCHANGFU, ON).basis
    late = EmergencyFacts("甲", "乙", "丙", ON, ON - timedelta(days=1))
    for wrong in (EmergencyFacts("甲", "", " ", ON, ON), late):
        assert not rules.may_collect_in_emergency(wrong, DONGCHANGFU, ON).allowed
    assert not rules.may_collect_in_emergency(FACTS, DONGCHANGFU, ON + timedelta(days=30)).allowed


@pytest.mark.article("dongchangfu-2020", "17")
@pytest.mark.parametrize(
    ("begins", "ends"),
    [(ON, date(9999, 12, 31)), (ON - timedelta(days=400), ON), (ON, ON + timedelta(days=367))],
)
def test_an_emergency_is_not_for_ever(begins, ends):
    wrong = EmergencyFacts("甲", "乙", "丙", begins, ends)
    refused = rules.may_collect_in_emergency(wrong, DONGCHANGFU, ON)
    assert not refused.allowed
    assert "最长登记 366 天" in refused.reason
    assert refused.basis
    longest = EmergencyFacts("甲", "乙", "丙", ON, ON + timedelta(days=366))
    assert rules.may_collect_in_emergency(longest, DONGCHANGFU, ON).allowed


@pytest.mark.django_db
def test_text_too_long_to_keep_is_refused_and_never_cut(client_of, city):
    with pytest.raises(InvalidInput) as refused:
        opened(city, facts=EmergencyFacts("甲" * 501, "乙" * 501, "丙" * 301, ON, ON))
    assert [one.where for one in refused.value.problems] == ["采集内容", "应急事由", "依据"]
    row = opened(city, facts=EmergencyFacts("甲" * 500, "乙", "丙 ", ON, ON + timedelta(days=9)))
    assert (len(row.what), row.basis) == (500, "丙")
    with pytest.raises(InvalidInput, match="最多 500 字"):
        services.end_emergency(
            actor=city.actor("provider-approver"), emergency_id=row.id, disposal="销" * 501, on=ON
        )
    body = {"department": str(city.provider.id), "what": "甲" * 501, "reason": "乙", "basis": "丙"}
    body |= {"from_on": "2026-11-20", "until_on": "9999-12-31"}
    answer = client_of("provider-approver").post(
        "/api/v1/catalog/emergencies", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["problems"][0]["where"]) == (400, "采集内容")
    answer = client_of("provider-approver").post(
        "/api/v1/catalog/emergencies", body | {"what": "甲"}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert "最长登记" in answer.json()["detail"]


@pytest.mark.django_db
@pytest.mark.article("dongchangfu-2020", "17")
def test_emergency_recorded_reminded_overdue_and_ended(city):
    row = opened(city)
    assert row.case_number.startswith("营数急〔2026〕")
    assert services.watch_emergencies(on=ON) == 0
    assert services.watch_emergencies(on=FACTS.until_on - timedelta(days=3)) == 1
    assert services.watch_emergencies(on=FACTS.until_on - timedelta(days=2)) == 0
    after = FACTS.until_on + timedelta(days=1)
    assert services.watch_emergencies(on=after) == 1
    assert services.watch_emergencies(on=after) == 0
    row.refresh_from_db()
    assert emergencies.is_late(row, after)
    assert InboxItem.objects.filter(case_id=row.id, done_at=None).count() == 1
    with pytest.raises(NotFound):
        services.end_emergency(actor=city.actor("stranger"), emergency_id=row.id, disposal="销毁", on=after)
    with pytest.raises(NotAllowed):
        services.end_emergency(
            actor=city.actor("provider-cataloguer"), emergency_id=row.id, disposal="销毁", on=after
        )
    with pytest.raises(InvalidInput):
        services.end_emergency(
            actor=city.actor("provider-approver"), emergency_id=row.id, disposal="", on=after
        )
    ended = services.end_emergency(
        actor=city.actor("provider-approver"), emergency_id=row.id, disposal="已销毁", on=after
    )
    assert (ended.status, ended.ended_on) == (EmergencyStatus.ENDED, after)
    assert not InboxItem.objects.filter(case_id=row.id, done_at=None).exists()
    with pytest.raises(IllegalMove):
        services.end_emergency(
            actor=city.actor("provider-approver"), emergency_id=row.id, disposal="再", on=after
        )


@pytest.mark.django_db
def test_who_may_record_an_emergency(city):
    for who in ("provider-cataloguer", "stranger", "shenyang-bureau"):
        with pytest.raises(NotAllowed):
            opened(city, actor=city.actor(who))
    assert opened(city, actor=city.actor("bureau-reviewer")).department_id == city.provider.id


# -- pages ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_pair_pages_decide_and_lead_on(city, client_of, django_assert_max_num_queries):
    one = factories.published(city, on=today(), title="加油站信息")
    other = factories.published(city, on=today(), title="加油站情况")
    services.find_changed_duplicates(at=now())
    pair = DuplicatePair.objects.get()
    bureau = client_of("bureau-reviewer")
    with django_assert_max_num_queries(16):
        assert "加油站情况" in bureau.get("/catalog/duplicates/").content.decode()
    page = bureau.get(f"/catalog/duplicates/{pair.id}/").content.decode()
    assert "保留哪一个" in page
    assert "仍在原处" in page
    assert client_of("stranger").get(f"/catalog/duplicates/{pair.id}/").status_code == 404
    assert (
        "保留哪一个"
        not in client_of("provider-cataloguer").get(f"/catalog/duplicates/{pair.id}/").content.decode()
    )
    assert bureau.post(f"/catalog/duplicates/{pair.id}/merge/", {"note": "同"}).status_code == 400
    merged = bureau.post(f"/catalog/duplicates/{pair.id}/merge/", {"keep": one.pk, "note": "同一批"})
    assert merged.url == f"/catalog/entries/{one.pk}/"
    gone = client_of("stranger").get(f"/catalog/entries/{other.pk}/")
    assert (gone.status_code, gone.url) == (302, f"/catalog/entries/{one.pk}/?from={other.pk}")
    page = client_of("stranger").get(gone.url).content.decode()
    assert other.code in page
    assert "已并入本条目" in page
    assert client_of("stranger").get(f"/open/entries/{other.pk}/").status_code in {302, 404}
    rest = client_of("stranger").get(f"/api/v1/catalog/entries/{other.pk}").json()
    assert rest["merged_into"] == str(one.pk)
    own = client_of("provider-cataloguer").get(f"/catalog/entries/{other.pk}/?as=merged").content.decode()
    assert "恢复为单独的条目" in own
    assert other.code in bureau.get(f"/catalog/entries/{one.pk}/sources/").content.decode()


@pytest.mark.django_db
def test_item_pages_name_a_source(city, client_of, spread, django_assert_max_num_queries):
    bureau = client_of("bureau-reviewer")
    with django_assert_max_num_queries(18):
        assert "企业名称" in bureau.get("/catalog/data-items/").content.decode()
    address = f"/catalog/data-items/{spread.id}/"
    assert "确定数源部门" in bureau.get(address).content.decode()
    assert "确定数源部门</h2>" not in client_of("stranger").get(address).content.decode()
    assert bureau.post(f"{address}designate/", {"reason": "登记机关"}).status_code == 400
    named = bureau.post(f"{address}designate/", {"department": city.provider.id, "reason": "登记机关"})
    assert named.url == address
    assert "应共享获取" in bureau.get(address).content.decode()
    assert city.provider.name in client_of("stranger").get("/catalog/sources/").content.decode()
    row = SourceDesignation.objects.get()
    assert client_of("stranger").post(f"/catalog/sources/{row.id}/end/", {"reason": "改"}).status_code == 403
    assert bureau.post(f"/catalog/sources/{row.id}/end/", {"reason": "职能调整"}).status_code == 302


@pytest.mark.django_db
def test_emergency_pages(city, client_of):
    head = client_of("provider-approver")
    assert client_of("consumer-developer").get("/catalog/emergencies/new/").status_code == 403
    assert head.post("/catalog/emergencies/new/", {"what": "住址"}).status_code == 400
    given = {
        "department": city.provider.id, "what": "受灾户住址", "reason": "台风", "basis": "市防指3号",
        "from_on": today(), "until_on": today() + timedelta(days=5),
    }  # fmt: skip
    made = head.post("/catalog/emergencies/new/", given)
    assert made.status_code == 302
    assert "受灾户住址" in head.get("/catalog/emergencies/").content.decode()
    assert "结束采集" in head.get(made.url).content.decode()
    assert client_of("stranger").get(made.url).status_code == 404
    assert head.post(f"{made.url}end/", {"disposal": "已销毁"}).status_code == 302
