"""What the texts ask of an entry, and that every answer says by which rule and on which articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.catalog import rules
from shuqiao.catalog.tests.factories import conditional, content
from shuqiao.catalog.types import MOVES, BaseDomain, SecrecyMark, SharingType, Status
from shuqiao.kernel import Article, IllegalMove
from shuqiao.kernel.moves import check_move

NATIONAL = law.Binding("national-2025", False)
CITIES = {
    "yingkou": (law.Binding("yingkou-2022", False), NATIONAL),
    "shenyang": (law.Binding("shenyang-2020", False), NATIONAL),
    "dongchangfu": (law.Binding("dongchangfu-2020", True), NATIONAL),
}
BEFORE, AFTER, NOW = date(2025, 7, 31), date(2025, 8, 1), date(2026, 11, 20)


def regime(city: str = "yingkou", on: date = NOW) -> law.Regime:
    return law.regime_of(CITIES[city], on)


def facts(of, consented: bool = True) -> rules.RevisionFacts:
    return rules.RevisionFacts(of, consented)


@pytest.mark.parametrize("city", CITIES)
def test_a_whole_content_may_be_submitted_everywhere(city):
    decision = rules.may_submit(facts(content()), regime(city))
    assert decision.allowed
    assert decision.basis


@pytest.mark.article("yingkou-2022", "14")
@pytest.mark.article("national-2025", "13")
@pytest.mark.article("dongchangfu-2020", "14")
def test_everything_missing_is_named_at_once():
    bare = content(
        summary="", classification="", format_type="", update_cycle="", method_type="", opening_type="",
        contact_phone="", grade="", items=(),
    )  # fmt: skip
    decision = rules.metadata_complete(facts(bare), regime())
    assert not decision.allowed
    for label in (
        "摘要",
        "分类代码",
        "格式",
        "更新周期",
        "共享方式",
        "开放类型",
        "联系人",
        "数据分级",
        "信息项",
    ):
        assert label in decision.reason
    assert {Article("yingkou-2022", "14"), Article("national-2025", "13")} <= set(decision.basis)
    in_dongchangfu = rules.metadata_complete(facts(bare), regime("dongchangfu"))
    assert Article("dongchangfu-2020", "14") in in_dongchangfu.basis


def test_what_only_yingkou_asks_is_not_asked_in_shenyang():
    without = content(contact_name="", contact_phone="")
    assert not rules.metadata_complete(facts(without), regime("yingkou")).allowed
    assert rules.metadata_complete(facts(without), regime("shenyang")).allowed


def test_files_need_no_items_and_tables_do():
    file = content(format_category="electronic_file", format_type="pdf", method_type="file", items=())
    assert rules.metadata_complete(facts(file), regime()).allowed
    assert not rules.metadata_complete(facts(content(items=())), regime()).allowed


@pytest.mark.article("yingkou-2022", "17")
@pytest.mark.article("shenyang-2020", "18")
@pytest.mark.article("national-2025", "14")
@pytest.mark.parametrize(("city", "article"), [("yingkou", "17"), ("shenyang", "18")])
def test_a_rule_as_basis_sufficed_until_the_decree_came_into_force(city, article):
    none = conditional(sharing_type="none", sharing_basis="某部门规章", sharing_basis_level="rule")
    before = rules.not_shared_has_basis(facts(none), regime(city, BEFORE))
    after = rules.not_shared_has_basis(facts(none), regime(city, AFTER))
    assert before.allowed
    assert any(one.number == article for one in before.basis)
    assert not after.allowed
    assert "层级不足" in after.reason
    assert set(after.basis) <= {Article("national-2025", "14"), Article("national-2025", "15")}
    assert after.basis


@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.article("national-2025", "15")
def test_conditional_needs_reason_and_basis_in_dongchangfu_scope_and_use_by_the_decree():
    bare = content(sharing_type="conditional", sharing_condition="仅供履职")
    in_dongchangfu = rules.conditional_has_basis(facts(bare), regime("dongchangfu"))
    assert not in_dongchangfu.allowed
    for label in ("理由", "依据", "共享范围", "使用用途"):
        assert label in in_dongchangfu.reason
    assert Article("dongchangfu-2020", "19") in in_dongchangfu.basis
    in_yingkou = rules.conditional_has_basis(facts(bare), regime("yingkou"))
    assert not in_yingkou.allowed
    assert "依据" not in in_yingkou.reason
    assert rules.conditional_has_basis(facts(bare), regime("yingkou", BEFORE)).allowed
    assert rules.conditional_has_basis(facts(conditional()), regime("dongchangfu")).allowed


def test_one_closed_item_needs_a_basis_too():
    item = replace(content().items[3], sharing_type="none")
    with_item = content(items=(*content().items[:3], item))
    decision = rules.not_shared_has_basis(facts(with_item), regime())
    assert not decision.allowed
    assert "法人代表" in decision.reason


@pytest.mark.article("national-2025", "2")
@pytest.mark.article("national-2025", "3")
@pytest.mark.article("dongchangfu-2020", "2")
def test_secrets_never_enter_and_disclosure_items_not_in_dongchangfu():
    for city in CITIES:
        for mark in (SecrecyMark.STATE_SECRET, SecrecyMark.WORK_SECRET):
            decision = rules.no_secret(facts(content(secrecy_mark=mark)), regime(city))
            assert not decision.allowed
            assert Article("national-2025", "3") in decision.basis
    item = facts(content(secrecy_mark=SecrecyMark.DISCLOSURE_ITEM))
    refused = rules.no_secret(item, regime("dongchangfu"))
    assert not refused.allowed
    assert Article("dongchangfu-2020", "2") in refused.basis
    assert rules.no_secret(item, regime("yingkou")).allowed


@pytest.mark.article("yingkou-2022", "19")
@pytest.mark.article("shenyang-2020", "19")
@pytest.mark.parametrize("domain", [one for one in BaseDomain.values if one])
def test_base_items_of_base_data_are_unconditional(domain):
    base = replace(content().items[0], base_item=True, sharing_type="conditional")
    entry = content(base_domain=domain, items=(base, *content().items[1:]))
    for city, article in (("yingkou", "19"), ("shenyang", "19")):
        decision = rules.base_items_unconditional(facts(entry), regime(city))
        assert not decision.allowed
        assert "统一社会信用代码" in decision.reason
        assert any(one.number == article for one in decision.basis)
    assert rules.base_items_unconditional(facts(entry), regime("dongchangfu")).allowed
    assert rules.base_items_unconditional(facts(replace(entry, base_domain="")), regime()).allowed


@pytest.mark.article("national-2025", "13")
def test_assessments_and_consent_come_first():
    decision = rules.signed_off(
        facts(content(secrecy_assessed=False, personal_information_assessed=False), consented=False), regime()
    )
    assert not decision.allowed
    for label in ("负责人", "保密风险", "个人信息"):
        assert label in decision.reason
    before = rules.signed_off(facts(content(secrecy_assessed=False)), regime("yingkou", BEFORE))
    assert before.allowed


@pytest.mark.article("yingkou-2022", "17")
@pytest.mark.article("shenyang-2020", "18")
def test_sharing_is_the_default():
    from shuqiao.catalog.types import RevisionContent

    assert RevisionContent(title="新条目").sharing_type == SharingType.UNCONDITIONAL


CONTENTS = st.builds(
    content,
    sharing_type=st.sampled_from([*SharingType.values, ""]),
    sharing_basis=st.sampled_from(["", "《某法》"]),
    sharing_basis_level=st.sampled_from(["", *law.BasisLevel]),
    sharing_reason=st.sampled_from(["", "涉及个人隐私"]),
    sharing_scope=st.sampled_from(["", "市级部门"]),
    sharing_use=st.sampled_from(["", "核验"]),
    secrecy_mark=st.sampled_from(SecrecyMark.values),
    base_domain=st.sampled_from(BaseDomain.values),
    update_cycle=st.sampled_from(["", "daily"]),
    summary=st.sampled_from(["", "摘要"]),
    secrecy_assessed=st.booleans(),
)
DAYS = st.sampled_from([BEFORE, AFTER, NOW])


@given(of=CONTENTS, city=st.sampled_from(sorted(CITIES)), on=DAYS, consented=st.booleans())
def test_every_no_names_rule_reason_and_the_articles_that_state_it(of, city, on, consented):
    binding = regime(city, on)
    for decision in rules.checks(facts(of, consented), binding):
        assert decision.rule in law.RULES
        assert decision.reason
        if not decision.allowed and binding.rule(decision.rule):
            assert decision.basis
        for article in decision.basis:
            assert law.article_summary(article)


@given(of=CONTENTS, city=st.sampled_from(sorted(CITIES)), on=DAYS)
def test_together_says_no_when_one_does_and_repeats_every_reason(of, city, on):
    checks = rules.checks(facts(of), regime(city, on))
    whole = rules.may_submit(facts(of), regime(city, on))
    assert whole.allowed == all(check.allowed for check in checks)
    for check in checks:
        assert check.allowed or check.reason in whole.reason


@given(of=CONTENTS, city=st.sampled_from(sorted(CITIES)))
def test_the_decree_only_ever_adds_demands_on_what_is_not_shared(of, city):
    after = rules.not_shared_has_basis(facts(of), regime(city, AFTER))
    before = rules.not_shared_has_basis(facts(of), regime(city, BEFORE))
    assert before.allowed or not after.allowed


@given(steps=st.lists(st.sampled_from(list(Status)), max_size=12))
def test_no_walk_leaves_the_table_or_comes_back_from_an_end(steps):
    state = Status.DRAFT
    for wanted in steps:
        try:
            state = check_move(MOVES, state, wanted, what="条目")
        except IllegalMove:
            assert wanted not in MOVES[state]
        else:
            assert state is wanted
    assert not MOVES[Status.SUPERSEDED]
    assert not MOVES[Status.WITHDRAWN]
