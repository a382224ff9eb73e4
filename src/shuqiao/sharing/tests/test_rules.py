"""Properties of the rules, and what the texts say on the two days around the decree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.kernel import Article, IllegalMove
from shuqiao.kernel.moves import check_move
from shuqiao.law import BasisLevel, Binding
from shuqiao.sharing import rules
from shuqiao.sharing.types import AGREED, ENDED, MOVES, Offer, RefusalFacts, RequestFacts, Scope, Status

BEFORE, AFTER = date(2025, 7, 31), date(2025, 8, 1)
NATIONAL = Binding("national-2025")
PLACES = {
    "yingkou": (Binding("yingkou-2022"), NATIONAL),
    "shenyang": (Binding("shenyang-2020"), NATIONAL),
    "dongchangfu": (Binding("dongchangfu-2020", house_rule=True), NATIONAL),
}
MASKS = ("none", "keep_ends", "hash", "year", "drop")
COLUMNS = ("甲", "乙", "丙", "丁", "戊")
OFFER = Offer(
    sharing_type="conditional",
    masks={name: frozenset(MASKS) for name in COLUMNS[:4]},
    types={**dict.fromkeys(COLUMNS[:4], "conditional"), "戊": "none"},
    modes=frozenset({"interface", "file"}),
)


def regime(place: str = "yingkou", on: date = date(2026, 11, 23)) -> law.Regime:
    return law.regime_of(PLACES[place], on)


def facts(**changes: object) -> RequestFacts:
    scope = Scope((("甲", "none"), ("乙", "keep_ends")), (), ("interface",), date(2027, 1, 1), 100)
    given = {
        "scope": scope,
        "offer": OFFER,
        "purpose": "核定",
        "scenario": "窗口",
        "legal_basis": "某法",
        "legal_basis_level": "law",
        "signed": True,
    }
    return RequestFacts(**(given | changes))


PREDICATES = st.builds(
    lambda column, value: {"column": column, "op": "eq", "values": [value]},
    st.sampled_from(COLUMNS),
    st.sampled_from(["营口", "沈阳"]),
)
SCOPES = st.builds(
    Scope,
    items=st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from(MASKS)).map(lambda d: tuple(d.items())),
    where=st.lists(PREDICATES, max_size=2).map(tuple),
    modes=st.sets(st.sampled_from(["interface", "file", "batch"])).map(lambda s: tuple(sorted(s))),
    valid_until=st.none() | st.dates(date(2026, 11, 1), date(2027, 12, 31)),
    daily_quota=st.none() | st.integers(1, 500),
)
ON = st.sampled_from([BEFORE, AFTER, date(2026, 11, 23)])


@given(asked=SCOPES, decided=SCOPES, place=st.sampled_from(list(PLACES)), on=ON)
@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "25")
def test_no_grant_is_wider_than_what_was_asked(asked, decided, place, on):
    decision = rules.may_approve(facts(scope=asked), decided, regime(place, on))
    if not decision.allowed:
        return
    assert rules.gives_something(decided)
    masks = asked.masks()
    for name, mask in decided.items:
        assert name in masks
        assert OFFER.types[name] != "none"
        assert mask == "drop" or masks[name] in {"none", mask}
    keys = rules._keys(decided.where)
    assert rules._keys(asked.where) <= keys
    assert set(decided.modes) <= set(asked.modes)
    if asked.valid_until:
        assert decided.valid_until
        assert decided.valid_until <= asked.valid_until
    if asked.daily_quota:
        assert decided.daily_quota
        assert decided.daily_quota <= asked.daily_quota


@given(asked=SCOPES, data=st.data())
def test_what_was_asked_within_the_offer_can_be_given_whole_or_in_part(asked, data):
    inside = replace(
        asked,
        items=tuple((n, m) for n, m in asked.items if n != "戊" and m != "drop") or (("甲", "none"),),
        where=tuple(p for p in asked.where if p["column"] != "戊"),
        modes=tuple(m for m in asked.modes if m != "batch"),
    )
    kept = data.draw(st.sets(st.sampled_from(inside.items), min_size=1))
    part = replace(inside, items=tuple(sorted(kept)))
    assert rules.may_approve(facts(scope=inside), inside, regime()).allowed
    assert rules.may_approve(facts(scope=inside), part, regime()).allowed
    assert rules.is_whole(facts(scope=inside), part) == (set(part.items) == set(inside.items))


@given(
    scope=SCOPES,
    place=st.sampled_from(list(PLACES)),
    on=st.sampled_from([AFTER, date(2026, 11, 23)]),
    onward=st.booleans(),
    signed=st.booleans(),
    reason=st.sampled_from(["", "理由"]),
    basis=st.sampled_from(["", "某法 第一条"]),
    level=st.none() | st.sampled_from(list(BasisLevel)),
    before=st.booleans(),
)
def test_every_decision_names_rule_and_basis(scope, place, on, onward, signed, reason, basis, level, before):
    binding = regime(place, on)
    asked = facts(scope=scope, onward=onward, onward_to="某公司" if onward else "", signed=signed)
    decisions = [
        rules.may_request(asked, binding),
        rules.may_submit(asked, binding),
        rules.may_approve(asked, scope, binding),
        rules.use_unconditional(asked, binding),
        rules.may_refuse(RefusalFacts(reason, basis, level), binding),
        rules.may_ask_supplement(asked_before=before, points=(reason,), regime=binding),
        rules.may_withdraw(reason=reason, regime=binding),
    ]
    for decision in decisions:
        assert decision.rule in law.RULES or decision.rule in law.TERMS
        assert decision.reason
        assert decision.basis
        for article in decision.basis:
            law.article_title(article)


@given(path=st.lists(st.sampled_from(list(Status)), max_size=12))
def test_random_walks_never_leave_an_answer(path):
    """No answer follows an answer. A yes may still be given up by who asked for it, or lapse, until it is delivered."""
    current, answer = Status.DRAFT, None
    for wanted in path:
        try:
            current = check_move(MOVES, current, wanted, what="申请")
        except IllegalMove:
            continue
        assert answer is None or (answer in AGREED and current in {Status.WITHDRAWN, Status.LAPSED})
        answer = current if current in ENDED else None
    assert set(MOVES) == set(Status)


@pytest.mark.article("national-2025", "20")
def test_everything_missing_is_named_at_once():
    empty = RequestFacts(scope=Scope(()), offer=OFFER)
    decision = rules.may_submit(empty, regime())
    assert decision.rule == "sharing.request.content"
    for part in ("用途", "使用依据", "使用场景", "使用范围", "共享方式", "使用时限", "负责人同意"):
        assert part in decision.reason
    assert decision.basis == (Article("national-2025", "20"), Article("national-2025", "22"))
    with_mode = rules.may_submit(facts(scope=Scope((), (), ("interface",))), regime())
    assert with_mode.basis == (Article("national-2025", "20"),)
    assert rules.may_submit(facts(), regime()).allowed


@pytest.mark.article("national-2025", "20")
@pytest.mark.parametrize("place", PLACES)
def test_an_answer_cites_who_has_to_sign_it(place):
    sign_off, level = Article("national-2025", "20"), BasisLevel.LAW
    for on, said in ((BEFORE, False), (AFTER, True)):
        no = rules.may_refuse(RefusalFacts("超出职责", "某法", level), regime(place, on))
        yes = rules.may_approve(facts(), facts().scope, regime(place, on))
        assert no.allowed
        assert (sign_off in no.basis, sign_off in yes.basis) == (said, said)


@pytest.mark.article("national-2025", "20")
def test_before_the_decree_a_request_needed_less():
    bare = facts(scenario="", scope=replace(facts().scope, modes=(), valid_until=None))
    assert rules.may_submit(bare, regime(on=BEFORE)).allowed
    assert not rules.may_submit(bare, regime(on=AFTER)).allowed


def test_a_request_stays_within_the_entry():
    for items in ((("戊", "none"),), (("己", "none"),)):
        wider = facts(scope=replace(facts().scope, items=items))
        assert not rules.may_submit(wider, regime()).allowed
    odd = facts(scope=replace(facts().scope, modes=("batch",)))
    assert "batch" in rules.may_submit(odd, regime()).reason
    foreign = facts(scope=replace(facts().scope, where=({"column": "己", "op": "eq", "values": ["1"]},)))
    assert "己" in rules.may_submit(foreign, regime()).reason


def test_what_is_not_shared_answers_with_its_own_basis():
    closed = facts(
        offer=replace(OFFER, sharing_type="none", basis="统计法 第二十五条", reason="原始调查资料")
    )
    decision = rules.may_submit(closed, regime())
    assert decision.rule == "catalog.none.basis"
    assert "统计法 第二十五条" in decision.reason


@pytest.mark.article("shenyang-2020", "23")
@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "25")
def test_passing_on():
    onward = facts(onward=True, onward_to="某公司")
    refused = rules.may_submit(onward, regime("shenyang"))
    assert (refused.allowed, refused.rule) == (False, "sharing.onward_transfer")
    assert Article("shenyang-2020", "23") in refused.basis
    assert not rules.may_approve(onward, onward.scope, regime("shenyang")).allowed
    assert rules.may_submit(onward, regime("yingkou")).allowed
    with_consent = rules.may_approve(onward, onward.scope, regime("yingkou"), onward_consent=True)
    assert with_consent.allowed
    assert not rules.is_whole(onward, onward.scope)  # a yes without the consent is a narrower one
    unasked = rules.may_approve(facts(), facts().scope, regime("yingkou"), onward_consent=True)
    assert not unasked.allowed
    assert "哪个第三方" in rules.may_submit(facts(onward=True), regime()).reason


@pytest.mark.article("yingkou-2022", "22")
def test_a_column_that_is_not_given_may_be_named_but_is_nothing_by_itself():
    masked = replace(facts().scope, items=(("甲", "none"), ("乙", "drop")))
    assert rules.may_approve(facts(), masked, regime()).allowed
    assert not rules.is_whole(facts(), masked)
    nothing = replace(masked, items=(("甲", "drop"), ("乙", "drop")))
    assert "至少要给一个信息项" in rules.may_approve(facts(), nothing, regime()).reason
    assert not rules.may_submit(facts(scope=nothing), regime()).allowed
    shown = rules.may_approve(facts(scope=masked), facts().scope, regime())
    assert "“乙”比申请的脱敏宽" in shown.reason


NO = RefusalFacts("超出履职所需", "某规章 第三条", BasisLevel.RULE)


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.article("national-2025", "21")
@pytest.mark.parametrize("place", PLACES)
def test_a_rule_level_basis_sufficed_until_the_decree(place):
    assert rules.may_refuse(NO, regime(place, BEFORE)).allowed
    refused = rules.may_refuse(NO, regime(place, AFTER))
    assert not refused.allowed
    assert "规章" in refused.reason
    assert {article.pack for article in refused.basis} == {"national-2025"}
    law_level = replace(NO, level=BasisLevel.LAW)
    assert rules.may_refuse(law_level, regime(place, BEFORE)).allowed
    assert rules.may_refuse(law_level, regime(place, AFTER)).allowed
    normative = replace(NO, level=BasisLevel.NORMATIVE)
    assert not rules.may_refuse(normative, regime(place, BEFORE)).allowed


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.parametrize("missing", [{"reason": " "}, {"basis": ""}, {"level": None}])
@pytest.mark.parametrize("on", [BEFORE, AFTER])
def test_no_refusal_without_reason_basis_and_level(missing, on):
    assert rules.may_refuse(replace(NO, level=BasisLevel.LAW, **{}), regime(on=on)) is not None
    assert not rules.may_refuse(replace(replace(NO, level=BasisLevel.LAW), **missing), regime(on=on)).allowed


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "20")
@pytest.mark.article("national-2025", "21")
def test_the_term_of_the_answer_by_place_and_day():
    def days(place: str, on: date) -> tuple[int, str] | None:
        term = regime(place, on).term(rules.reply_term("conditional"))
        return (term.days, str(term.source)) if term else None

    assert days("yingkou", BEFORE) == (5, "yingkou-2022:20")
    assert days("shenyang", BEFORE) == (5, "shenyang-2020:20")
    assert days("dongchangfu", BEFORE) is None
    assert days("yingkou", AFTER) == (5, "yingkou-2022:20")
    assert days("shenyang", AFTER) == (5, "shenyang-2020:20")
    assert days("dongchangfu", AFTER) == (10, "national-2025:21")
    assert regime("yingkou", AFTER).term(rules.reply_term("unconditional")).days == 1


@pytest.mark.article("national-2025", "21")
def test_what_is_missing_is_asked_for_once():
    assert rules.may_ask_supplement(asked_before=False, points=("时限",), regime=regime()).allowed
    assert not rules.may_ask_supplement(asked_before=True, points=("时限",), regime=regime()).allowed
    assert not rules.may_ask_supplement(asked_before=False, points=(" ",), regime=regime()).allowed


@pytest.mark.article("national-2025", "21")
@given(days=st.integers(-3, 20))
def test_an_extension_stays_within_the_text(days):
    resolved = regime(on=AFTER).term(rules.REPLY)
    clock = law.RunningTerm.open(resolved, date(2026, 11, 23))
    asked = {"clock": clock, "days": days, "on": date(2026, 11, 24)}
    assert rules.may_extend(**asked, reason="资料在档案馆", asked_before=False).allowed == (1 <= days <= 10)
    assert not rules.may_extend(**asked, reason="", asked_before=False).allowed
    assert not rules.may_extend(**asked, reason="x", asked_before=True).allowed
    late = {**asked, "on": clock.due.on + timedelta(days=3)}
    assert not rules.may_extend(**late, reason="x", asked_before=False).allowed


@pytest.mark.article("national-2025", "21")
def test_before_the_decree_there_was_no_extension():
    resolved = regime(on=BEFORE).term(rules.REPLY)
    clock = law.RunningTerm.open(resolved, BEFORE)
    assert not rules.may_extend(clock=clock, days=1, reason="x", asked_before=False, on=BEFORE).allowed
    assert not rules.may_extend(clock=None, days=1, reason="x", asked_before=False, on=BEFORE).allowed


def test_unconditional_data_grants_itself_unless_an_item_is_not():
    free = replace(OFFER, sharing_type="unconditional", types=dict.fromkeys(COLUMNS, "unconditional"))
    assert rules.grants_itself(facts(offer=free))
    assert not rules.grants_itself(facts(offer=replace(free, types={**free.types, "甲": "conditional"})))
    assert not rules.grants_itself(facts(offer=free, onward=True, onward_to="某公司"))
    assert rules.use_unconditional(facts(offer=free), regime()).allowed
    assert not rules.use_unconditional(facts(), regime()).allowed
