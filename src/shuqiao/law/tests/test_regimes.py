"""Strictest wins, every source is kept, expired packs bind only as house rule."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.kernel import Article
from shuqiao.law import BasisLevel, Binding, regime_of

EVE = date(2025, 7, 31)
DECREE = date(2025, 8, 1)
ABOVE_LOCAL = {BasisLevel.LAW, BasisLevel.ADMINISTRATIVE_REGULATION, BasisLevel.STATE_COUNCIL_DECISION}


def regime(local: str, on: date, *, house_rule: bool = False) -> law.Regime:
    return regime_of([Binding(local, house_rule), Binding("national-2025")], on)


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("national-2025", "21")
@pytest.mark.article("national-2025", "23")
@pytest.mark.parametrize(("local", "title"), [("yingkou-2022", "营口办法"), ("shenyang-2020", "沈阳条例")])
def test_five_local_days_stay_beside_the_decrees_ten(local, title):
    term = regime(local, DECREE).term("sharing.reply.conditional")
    assert (term.days, term.source, term.source_title) == (5, Article(local, "20"), f"{title} 第二十条")
    assert [(source.days, source.applied) for source in term.considered] == [(5, True), (10, False)]
    assert term.considered[1].title == "政务数据共享条例 第二十一条"
    assert not term.house_rule


@pytest.mark.article("dongchangfu-2020", "33")
def test_fifteen_house_rule_days_give_way_to_the_decrees_ten():
    before = regime("dongchangfu-2020", EVE, house_rule=True).term("catalog.update")
    assert (before.days, before.source.pack, before.house_rule) == (15, "dongchangfu-2020", True)
    after = regime("dongchangfu-2020", DECREE, house_rule=True).term("catalog.update")
    assert (after.days, after.source.pack, after.house_rule) == (10, "national-2025", False)
    assert [(s.days, s.house_rule) for s in after.considered] == [(15, True), (10, False)]


@pytest.mark.article("dongchangfu-2020", "33")
def test_an_expired_pack_binds_only_where_the_division_keeps_it():
    last, next_day = date(2022, 10, 31), date(2022, 11, 1)
    assert regime("dongchangfu-2020", last).term("catalog.update").days == 15
    dropped = regime("dongchangfu-2020", next_day)
    assert dropped.packs == ()
    assert [pack.id for pack in dropped.expired] == ["dongchangfu-2020"]
    assert dropped.term("catalog.update") is None
    assert dropped.rule("catalog.none.basis") is None
    kept = regime("dongchangfu-2020", next_day, house_rule=True)
    assert kept.house_rules == {"dongchangfu-2020"}
    assert kept.term("catalog.update").house_rule
    assert kept.rule("catalog.none.basis").house_rule
    assert [pack.id for pack in kept.upcoming] == ["national-2025"]


def test_house_rule_changes_nothing_while_the_pack_is_in_force():
    on = date(2021, 6, 1)
    kept, plain = (regime("dongchangfu-2020", on, house_rule=flag) for flag in (True, False))
    assert kept.term("catalog.update") == plain.term("catalog.update")
    assert not kept.house_rules


@pytest.mark.parametrize("house_rule", [True, False])
def test_a_pack_not_yet_in_force_never_binds(house_rule):
    found = regime_of([Binding("national-2025", house_rule)], EVE)
    assert found.packs == ()
    assert found.expired == ()


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.article("national-2025", "15")
@pytest.mark.article("national-2025", "21")
@pytest.mark.parametrize("local", ["yingkou-2022", "shenyang-2020", "dongchangfu-2020"])
def test_a_refusal_on_a_rule_is_fine_until_the_decree_comes(local):
    before = regime(local, EVE, house_rule=True).rule("sharing.refusal.basis")
    assert before.accepts(BasisLevel.RULE)
    assert not before.accepts(BasisLevel.NORMATIVE)
    assert {"reason", "basis"} <= before.needs
    after = regime(local, DECREE, house_rule=True).rule("sharing.refusal.basis")
    assert after.levels == ABOVE_LOCAL
    assert not after.accepts(BasisLevel.RULE)
    [against] = after.against(BasisLevel.RULE)
    assert against.title == "政务数据共享条例 第二十一条、第十五条"
    assert "解读" in against.note


@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.parametrize("local", ["yingkou-2022", "shenyang-2020", "dongchangfu-2020"])
def test_not_shared_needs_a_basis_and_since_the_decree_a_high_one(local):
    before = regime(local, EVE, house_rule=True).rule("catalog.none.basis")
    assert "basis" in before.needs
    assert before.levels == ABOVE_LOCAL | {BasisLevel.LOCAL_REGULATION, BasisLevel.RULE}
    after = regime(local, DECREE, house_rule=True).rule("catalog.none.basis")
    assert after.levels == ABOVE_LOCAL
    assert after.needs == {"reason", "basis"}


@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.article("national-2025", "15")
def test_a_text_without_levels_does_not_loosen_those_of_another():
    rule = regime("dongchangfu-2020", DECREE, house_rule=True).rule("catalog.conditional.basis")
    assert BasisLevel.RULE in rule.levels
    assert rule.needs == {"reason", "basis", "sharing_scope", "permitted_use"}
    national = regime_of([Binding("national-2025")], DECREE).rule("catalog.conditional.basis")
    assert national.levels == frozenset()
    assert national.accepts(BasisLevel.NORMATIVE)


def test_of_two_prohibitions_the_stricter_wins():
    def transfer(local: str, on: date) -> dict[str, object]:
        return regime(local, on).rule("sharing.onward_transfer").params

    assert transfer("yingkou-2022", EVE) == {
        "transfer": "with_consent",
        "consent_of": ("provider", "data_subject"),
    }
    assert transfer("yingkou-2022", DECREE) == {"transfer": "with_consent", "consent_of": ("provider",)}
    assert transfer("shenyang-2020", EVE) == {"transfer": "never"}
    assert transfer("shenyang-2020", DECREE) == {"transfer": "never"}
    assert regime("shenyang-2020", DECREE).rule("sharing.purpose_bound").params == {"other_use": "never"}


def test_what_is_outside_adds_up():
    rule = regime("dongchangfu-2020", DECREE, house_rule=True).rule("catalog.secret.refused")
    assert rule.params == {"marks": ("state_secret", "work_secret", "information_disclosure")}


def test_use_records_are_kept_three_years_since_the_decree():
    assert regime("yingkou-2022", EVE).rule("evidence.use_log").params == {}
    rule = regime("yingkou-2022", DECREE).rule("evidence.use_log")
    assert rule.params == {"keep_years": 3}
    assert rule.basis == (Article("yingkou-2022", "22"), Article("national-2025", "29"))


@pytest.mark.article("national-2025", "21")
def test_an_extension_comes_from_the_text_that_grants_one():
    assert regime("yingkou-2022", EVE).term("sharing.reply.conditional").extension_days is None
    reply = regime("yingkou-2022", DECREE).term("sharing.reply.conditional")
    assert (reply.extension_days, reply.extension_source) == (10, Article("national-2025", "21"))
    assert reply.extension_title == "政务数据共享条例 第二十一条"
    assert reply.extension_needs == {"authority_consent", "requester_notice"}
    update = regime("yingkou-2022", DECREE).term("catalog.update")
    assert (update.days, update.source.pack, update.extension_days) == (10, "yingkou-2022", 5)
    assert regime("yingkou-2022", DECREE).term("sharing.delivery").extension_days is None


@pytest.mark.article("national-2025", "2")
def test_the_open_types_have_the_names_of_the_text():
    def middle(*bindings: Binding, on: date = DECREE) -> str:
        return regime_of(bindings, on).open_type_names["conditional"]

    assert middle(Binding("yingkou-2022"), Binding("national-2025")) == "依申请开放"
    assert middle(Binding("shenyang-2020")) == "依申请开放"
    assert middle(Binding("dongchangfu-2020"), Binding("national-2025")) == "有条件开放"
    only_decree = regime_of([Binding("national-2025")], DECREE)
    assert set(only_decree.open_type_names) == {"unconditional", "conditional", "closed"}
    assert only_decree.term("opening.reply") is None
    assert only_decree.rule("opening.basis.public") is None


def test_misuse_is_loud():
    with pytest.raises(law.UnknownPack, match=r"atlantis-1999.*yingkou-2022"):
        regime_of([Binding("atlantis-1999")], DECREE)
    with pytest.raises(ValueError, match="bound twice"):
        regime_of([Binding("yingkou-2022"), Binding("yingkou-2022", True)], DECREE)
    found = regime("yingkou-2022", DECREE)
    with pytest.raises(LookupError, match=r"tea\.break"):
        found.term("tea.break")
    with pytest.raises(LookupError, match=r"tea\.break"):
        found.rule("tea.break")


PACK_IDS = sorted(law.load_packs())
BINDINGS = st.lists(st.sampled_from(PACK_IDS), unique=True).flatmap(
    lambda ids: st.tuples(*(st.builds(Binding, st.just(pack_id), st.booleans()) for pack_id in ids))
)
DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))


@given(BINDINGS, DAYS, st.sampled_from(list(law.TERMS)), st.dates(date(2019, 1, 1), date(2026, 6, 30)))
def test_the_strictest_term_is_never_later_than_any_considered_source(bindings, on, term_id, received):
    term = regime_of(bindings, on).term(term_id)
    if term is None:
        return
    calendar = law.default_calendar()
    due = calendar.due_on(received, term.days).on
    assert all(due <= calendar.due_on(received, source.days).on for source in term.considered)
    [applied] = [source for source in term.considered if source.applied]
    assert (applied.article, applied.days, applied.title) == (term.source, term.days, term.source_title)
    assert term.source_title
    if term.extension_days is not None:
        assert term.extension_source is not None
        assert term.extension_title
    assert law.ResolvedTerm.from_json(term.to_json()) == term


@given(BINDINGS, DAYS, st.sampled_from(list(law.RULES)))
def test_a_regime_is_no_looser_than_any_pack_in_it(bindings, on, rule_id):
    found = regime_of(bindings, on)
    rule = found.rule(rule_id)
    stating = [pack for pack in found.packs if not pack.rules[rule_id].silent]
    assert (rule is None) == (not stating)
    if rule is None:
        return
    assert {article.pack for article in rule.basis} == {pack.id for pack in stating}
    for pack in stating:
        text = pack.rules[rule_id]
        assert text.needs <= rule.needs
        assert not text.levels or rule.levels <= text.levels
    for level in BasisLevel:
        assert rule.accepts(level) == (not rule.against(level))


@given(BINDINGS, DAYS)
def test_every_bound_pack_is_in_force_expired_or_upcoming(bindings, on):
    found = regime_of(bindings, on)
    by_itself = [pack.id for pack in found.packs if pack.id not in found.house_rules]
    rest = [pack.id for pack in (*found.expired, *found.upcoming)]
    assert sorted([*by_itself, *rest]) == sorted(binding.pack_id for binding in bindings)
    assert found.house_rules <= {pack.id for pack in found.expired}
