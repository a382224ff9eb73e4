"""Check before collecting: rules, steps, pages."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.catalog import services as catalog
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, Notice
from shuqiao.procedures.types import E
from shuqiao.sharing.collecting import exporting, rules, services
from shuqiao.sharing.collecting import queries as reads
from shuqiao.sharing.collecting.types import AskedItem, CheckFacts, Choice, Holding, Verdict
from shuqiao.sharing.models import CollectionItem

ON = entries.ON
SHENYANG = law.regime_of([law.Binding("shenyang-2020", False)], ON)
NATIONAL = law.regime_of([law.Binding("national-2025", False)], ON)
DONGCHANGFU = law.regime_of([law.Binding("dongchangfu-2020", True)], ON)
WANTED = services.Wanted(
    title="餐饮企业调查", purpose="食品安全检查", collected_from="全市餐饮企业", basis="食品安全法第一百一十条",
    items=("企业名称", "法人代表", "餐位数", "企业名称", ""),
)  # fmt: skip


def holding(kind: str, department: str = "甲", exact: bool = True) -> Holding:
    return Holding("e", "c", "企业登记", department, department, "企业名称", kind, exact)


def facts(*items: AskedItem, basis: str = "某法第一条") -> CheckFacts:
    return CheckFacts("乙", "检查", basis, items)


@pytest.mark.parametrize(
    ("holdings", "verdict"),
    [
        ((), Verdict.NONE),
        ((holding("unconditional", exact=False),), Verdict.NONE),
        ((holding("none"), holding("conditional")), Verdict.REQUEST),
        ((holding("conditional"), holding("unconditional")), Verdict.DIRECT),
        ((holding("none"),), Verdict.CLOSED),
        ((holding("none", "乙"), holding("unconditional")), Verdict.OWN),
    ],
)
def test_the_easiest_way_counts(holdings, verdict):
    assert rules.verdict_of(AskedItem("企业名称", holdings), "乙") == verdict


@pytest.mark.article("shenyang-2020", "14")
@pytest.mark.article("dongchangfu-2020", "17")
@pytest.mark.article("national-2025", "19")
@pytest.mark.parametrize(
    ("regime", "article"), [(SHENYANG, "14"), (DONGCHANGFU, "17"), (NATIONAL, "19")], ids=["沈", "东", "国"]
)
def test_what_can_be_shared_is_not_collected_again(regime, article):
    decision = rules.answer(facts(AskedItem("企业名称", (holding("unconditional"),))), regime)
    assert not decision.allowed
    assert "企业名称" in decision.reason
    assert [one.number for one in decision.basis] == [article]
    assert rules.answer(facts(AskedItem("餐位数")), regime).allowed


@pytest.mark.article("shenyang-2020", "14")
def test_over_wide_collection_is_flagged():
    assert "超范围" in rules.answer(facts(AskedItem("餐位数"), basis=" "), SHENYANG).reason
    many = [AskedItem(f"第{n}项") for n in range(rules.MOST_ITEMS + 1)]
    assert not rules.answer(facts(*many), SHENYANG).allowed


@given(st.sampled_from(list(Verdict)), st.sampled_from(list(Choice)), st.text(max_size=5))
def test_repeat_collection_always_has_a_reason(verdict, choice, reason):
    decision = rules.may_collect(verdict, choice, reason, SHENYANG)
    assert decision.rule == "collecting.no_repeat"
    if decision.allowed and choice == Choice.COLLECT and verdict in rules.REPEATS:
        assert reason.strip()
    if decision.allowed and choice == Choice.SHARE:
        assert verdict in {Verdict.DIRECT, Verdict.REQUEST}


@pytest.fixture
def check(city):
    entries.published(city, title="企业登记信息")
    return services.check_collection(
        actor=city.actor("consumer-cataloguer"), department_id=city.consumer.id, wanted=WANTED, on=ON
    )


@pytest.mark.django_db
@pytest.mark.article("national-2025", "19")
def test_asked_and_answered_item_by_item(city, check):
    items = {item.name: item for item in check.items.all()}
    assert list(items) == ["企业名称", "法人代表", "餐位数"]
    assert items["餐位数"].verdict == Verdict.NONE
    assert items["企业名称"].verdict in {Verdict.DIRECT, Verdict.REQUEST}
    assert items["企业名称"].found[0]["department"] == city.provider.name
    assert check.number.startswith("营数采〔2026〕")
    assert check.decision_json["allowed"] is False
    assert Event.objects.filter(type=E.COLLECTION_CHECKED).count() == 1


@pytest.mark.django_db
def test_the_named_source_department_is_in_the_answer(city):
    entries.published(city, title="企业登记信息")
    catalog.designate_source(
        actor=city.actor("bureau-reviewer"), division="210800", datum="企业名称",
        department_id=city.provider.id, reason="登记机关", on=ON,
    )  # fmt: skip
    check = services.check_collection(
        actor=city.actor("consumer-cataloguer"), department_id=city.consumer.id, wanted=WANTED, on=ON
    )
    assert check.items.get(name="企业名称").source["department"] == city.provider.name


@pytest.mark.django_db
def test_own_data_is_named_as_such(city):
    entries.published(city, title="企业登记信息")
    check = services.check_collection(
        actor=city.actor("provider-cataloguer"), department_id=city.provider.id, wanted=WANTED, on=ON
    )
    assert check.items.get(name="企业名称").verdict == Verdict.OWN


@pytest.mark.django_db
def test_everything_missing_is_named_at_once(city):
    with pytest.raises(InvalidInput) as wrong:
        services.check_collection(
            actor=city.actor("consumer-cataloguer"), department_id=city.consumer.id,
            wanted=services.Wanted("", "", "", ()), on=ON,
        )  # fmt: skip
    assert len(wrong.value.problems) == 4
    with pytest.raises(NotAllowed):
        services.check_collection(
            actor=city.actor("consumer-cataloguer"), department_id=city.provider.id, wanted=WANTED, on=ON
        )


def choices_of(check, **by_name):
    return {item.pk: by_name.get(item.name, ("drop", "")) for item in check.items.all()}


@pytest.mark.django_db
def test_decided_once_with_reasons_and_the_bureau_told(city, check):
    actor = city.actor("consumer-cataloguer")
    step = {"check_id": check.pk, "on": ON}
    with pytest.raises(RuleRefused):
        services.decide_items(actor=actor, choices=choices_of(check, 企业名称=("collect", " ")), **step)
    with pytest.raises(RuleRefused):
        services.decide_items(actor=actor, choices=choices_of(check, 餐位数=("share", "")), **step)
    with pytest.raises(InvalidInput):
        services.decide_items(actor=actor, choices={}, **step)
    chosen = choices_of(check, 企业名称=("collect", "登记名称与招牌不一致"), 餐位数=("collect", ""))
    with pytest.raises(NotFound):
        services.decide_items(actor=city.actor("stranger"), choices=chosen, **step)
    with pytest.raises(NotAllowed):
        services.decide_items(actor=city.actor("bureau-reviewer"), choices=chosen, **step)
    services.decide_items(actor=actor, choices=chosen, **step)
    assert check.items.get(name="企业名称").reason == "登记名称与招牌不一致"
    assert "仍要采集" in Notice.objects.filter(department=city.bureau).order_by("-at")[0].text
    with pytest.raises(IllegalMove):
        services.decide_items(actor=actor, choices=chosen, **step)


@pytest.mark.django_db
def test_seen_by_its_department_and_the_bureau_only(city, check):
    for who, seen in (
        ("consumer-approver", 1),
        ("bureau-supervisor", 1),
        ("stranger", 0),
        ("shenyang-bureau", 0),
    ):
        assert reads.list_checks_for(city.actor(who)).count() == seen, who


@pytest.mark.django_db
def test_the_export_is_safe_in_a_spreadsheet(city, check):
    item = check.items.get(name="餐位数")
    item.name = "=HYPERLINK(1)"
    item.save()
    text = exporting.as_csv(check)
    assert text.startswith("\ufeff案号")
    assert "'=HYPERLINK(1)" in text


@pytest.mark.django_db
def test_by_pages_from_question_to_the_request_form(client_of, city, check, django_assert_max_num_queries):
    browser = client_of("consumer-cataloguer")
    assert browser.get("/sharing/collecting/new/?item=企业名称").content.decode().count("企业名称")
    assert browser.post("/sharing/collecting/new/", {"title": "只有名称"}).status_code == 400
    given_ = {
        "department": city.consumer.id, "title": "调查", "purpose": "检查", "collected_from": "企业", "basis": "",
        "items": "企业名称\n餐位数",
    }  # fmt: skip
    made = browser.post("/sharing/collecting/new/", given_)
    assert made.status_code == 302
    page = browser.get(made.url).content.decode()
    assert "超范围" in page
    assert "?item=%E4%BC%81%E4%B8%9A%E5%90%8D%E7%A7%B0&amp;purpose=" in page
    with django_assert_max_num_queries(16):
        assert "调查" in browser.get("/sharing/collecting/").content.decode()
    assert client_of("stranger").get(made.url).status_code == 404
    csv = browser.get(f"{made.url}export.csv")
    assert csv["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("企业名称、餐位数，法人代表", ["企业名称", "餐位数", "法人代表"]),
        ("企业名称\r\n结婚、离婚日期", ["企业名称", "结婚、离婚日期"]),
    ],
)
@pytest.mark.article("shenyang-2020", "14")
def test_several_items_in_one_line_are_asked_one_by_one(client_of, city, written, asked):
    """Asked as one item they would be found nowhere, and the platform would say: collect."""
    given = {
        "department": str(city.consumer.id),
        "title": "餐饮企业调查",
        "purpose": "检查",
        "collected_from": "全市",
        "items": written,
    }
    answer = client_of("consumer-cataloguer").post(reverse("sharing:collecting-new"), given)
    assert answer.status_code == 302, answer.content.decode()
    assert list(CollectionItem.objects.order_by("order").values_list("name", flat=True)) == asked
