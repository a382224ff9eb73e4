"""What is not simply open has its basis, base data their base items, and nothing contradicts itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.catalog import checking, rules, services
from shuqiao.catalog.explaining import said_of
from shuqiao.catalog.models import Revision
from shuqiao.catalog.tests.factories import ITEMS, ON, conditional, content, draft
from shuqiao.catalog.tests.test_rules import CITIES, facts, regime
from shuqiao.catalog.types import ItemContent, OpeningType, SharingType
from shuqiao.kernel import Article, RuleRefused

ARTICLES = {
    "yingkou": ("yingkou-2022", "30"),
    "shenyang": ("shenyang-2020", "27"),
    "dongchangfu": ("dongchangfu-2020", "22"),
}
OPEN = {
    "opening_type": "unconditional",
    "opening_method": "download",
    "opening_basis": "",
    "opening_basis_level": "",
}


@pytest.mark.article("yingkou-2022", "30")
@pytest.mark.article("shenyang-2020", "27")
@pytest.mark.article("dongchangfu-2020", "22")
@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("opening", ["closed", "conditional"])
def test_what_is_not_simply_open_names_its_basis(city, opening):
    said = {"opening_type": opening, "opening_method": "on_application", "opening_condition": "签订协议"}
    bare = content(**said, opening_basis="", opening_basis_level="")
    refused = rules.opening_has_basis(facts(bare), regime(city))
    assert not refused.allowed
    assert "依据" in refused.reason
    assert refused.basis == (Article(*ARTICLES[city]),)
    assert not rules.may_submit(facts(bare), regime(city)).allowed
    assert rules.may_submit(facts(content(**said)), regime(city)).allowed
    at_field = said_of(bare, regime(city), {"307001"})["opening_basis"]
    assert [one.basis for one in at_field] == [(Article(*ARTICLES[city]),)]


@pytest.mark.parametrize("city", CITIES)
def test_what_is_open_to_all_needs_no_basis(city):
    assert rules.may_submit(facts(content(**OPEN)), regime(city)).allowed


def test_each_regime_calls_the_type_by_its_own_name():
    bare = content(opening_type="conditional", opening_basis="")
    said = {city: rules.opening_has_basis(facts(bare), regime(city)).reason for city in CITIES}
    assert "依申请开放" in said["yingkou"]
    assert "有条件开放" in said["dongchangfu"]


@pytest.mark.article("dongchangfu-2020", "22")
@pytest.mark.parametrize("city", CITIES)
def test_opening_on_conditions_says_which(city):
    bare = replace(content(opening_type="conditional", opening_method="on_application"), opening_condition="")
    refused = rules.metadata_complete(facts(bare), regime(city))
    assert not refused.allowed
    assert "开放条件" in refused.reason
    assert "opening_condition" in said_of(bare, regime(city), {"307001"})


@pytest.mark.article("yingkou-2022", "30")
def test_without_a_basis_nothing_reaches_the_bureau(city):
    revision = draft(city, opening_basis="")
    with pytest.raises(RuleRefused) as refused:
        services.submit_revision(actor=city.actor("provider-approver"), revision_id=revision.id, on=ON)
    assert Article("yingkou-2022", "30") in refused.value.decision.basis
    assert Revision.objects.get().status == "draft"


BASE = {"kind": "base", "base_domain": "legal_person", "classification": "102001"}
MARKED = (replace(ITEMS[0], base_item=True), *ITEMS[1:])


@pytest.mark.article("yingkou-2022", "19")
@pytest.mark.article("shenyang-2020", "19")
@pytest.mark.parametrize(("city", "article"), [("yingkou", "19"), ("shenyang", "19")])
def test_base_data_have_a_domain_and_base_items(city, article):
    whole = content(**BASE, items=MARKED)
    assert rules.may_submit(facts(whole), regime(city)).allowed
    for wrong, word in (
        (replace(whole, base_domain=""), "哪一类基础数据"),
        (replace(whole, items=ITEMS), "至少标明一个基础数据项"),
        (replace(whole, kind="department", classification="307001", items=ITEMS), "至少标明一个基础数据项"),
        (replace(whole, items=()), "须列出信息项"),
    ):
        refused = rules.base_items_unconditional(facts(wrong), regime(city))
        assert not refused.allowed
        assert word in refused.reason
        assert [one.number for one in refused.basis] == [article]
        assert not rules.may_submit(facts(wrong), regime(city)).allowed
        assert rules.base_items_unconditional(facts(wrong), regime("dongchangfu")).allowed, (
            "its text is silent"
        )


def test_base_data_without_items_are_unconditional_as_a_whole():
    scan = {"format_category": "graphics", "format_type": "tiff", "method_type": "file", "items": ()}
    whole = content(**BASE | {"classification": "103006", "base_domain": "natural_geography"}, **scan)
    assert rules.base_items_unconditional(facts(whole), regime()).allowed
    refused = rules.base_items_unconditional(facts(replace(whole, sharing_type="conditional")), regime())
    assert "须无条件共享" in refused.reason


def test_social_credit_is_of_the_base_class_and_none_of_the_domains():
    credit = content(kind="base", classification="104003")
    assert rules.may_submit(facts(credit), regime()).allowed


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"sharing_type": "none"} | OPEN, "不能向社会开放"),
        ({"sharing_type": "none", "items": (replace(ITEMS[0], sharing_type="unconditional"),)}, "却可以共享"),
        ({"items": (replace(ITEMS[0], opening_type="unconditional"), ITEMS[1])}, "开放得更宽"),
        ({"items": (replace(ITEMS[0], opening_type="conditional"), ITEMS[1])}, "开放得更宽"),
        (
            {"opening_type": "conditional", "items": (replace(ITEMS[0], opening_type="unconditional"),)},
            "开放得更宽",
        ),
        (OPEN | {"items": tuple(replace(one, opening_type="closed") for one in ITEMS)}, "全部不予开放"),
        (OPEN | {"items": (replace(ITEMS[0], sharing_type="none"), ITEMS[1])}, "却随条目向社会开放"),
    ],
)
@pytest.mark.parametrize("city", CITIES)
def test_what_contradicts_itself_is_refused(city, changes, word):
    given = {
        "sharing_reason": "涉密审查",
        "sharing_basis": "《某法》",
        "sharing_basis_level": "law",
    } | changes
    wrong = content(**given)
    refused = rules.may_submit(facts(wrong), regime(city))
    assert not refused.allowed
    assert word in refused.reason
    assert refused.basis


def test_an_item_may_be_narrower_than_its_entry():
    narrower = (*ITEMS[:3], replace(ITEMS[3], opening_type="closed", sharing_type="conditional"))
    of = conditional(**OPEN, items=narrower)
    assert rules.may_submit(facts(of), regime("dongchangfu")).allowed
    base = (replace(ITEMS[0], base_item=True, sharing_type="unconditional"), *ITEMS[1:])
    assert rules.may_submit(facts(conditional(**BASE, items=base)), regime()).allowed


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        (OPEN | {"items": (ItemContent(name="公民身份号码", data_type="C"),)}, "items"),
        (OPEN | {"items": (ItemContent(name="号码", column="sfzh", data_type="C"),)}, "items"),
        (OPEN | {"items": (ItemContent(name="账户", data_type="C", sensitive="account"),)}, "items"),
        (OPEN | {"items": (*ITEMS[:3], replace(ITEMS[3], opening_type="closed"))}, "opening_basis"),
        (OPEN | {"sharing_type": "conditional", "sharing_condition": "核验"}, "opening_type"),
        ({"related_codes": "307001/000001，企业 名录"}, "related_codes"),
        ({"classification": "101001", "kind": "base", "base_domain": "legal_person"}, "base_domain"),
    ],
)
def test_what_only_does_not_fit_is_pointed_out_to_the_reviewer(changes, column):
    assert column in {finding.column for finding in checking.reviewed(content(**changes))}
    assert column not in {finding.column for finding in checking.reviewed(content())}


TYPES = st.sampled_from(["", *OpeningType.values])


@given(
    entry=TYPES,
    items=st.lists(st.tuples(TYPES, st.sampled_from(["", *SharingType.values])), max_size=4),
    sharing=st.sampled_from(SharingType.values),
)
def test_nothing_that_may_be_submitted_opens_what_its_entry_keeps(entry, items, sharing):
    made = tuple(
        ItemContent(name=f"项{n}", data_type="C", opening_type=opens, sharing_type=shared)
        for n, (opens, shared) in enumerate(items)
    )
    of = content(opening_type=entry, sharing_type=sharing, items=made)
    if not rules.may_submit(facts(of), regime()).allowed:
        return
    width = {"closed": 0, "conditional": 1, "unconditional": 2}
    for item in made:
        assert width[item.opening_type or entry] <= width[entry]
        assert not ((item.sharing_type or sharing) == "none" and width[item.opening_type or entry])
