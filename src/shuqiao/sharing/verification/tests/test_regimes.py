"""The clock under the four regimes, over Spring Festival, make-up days and the year's end; and the rules as such."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import make_entry, make_table, order_of
from shuqiao.procedures.models import Term
from shuqiao.sharing.verification import rules, services
from shuqiao.sharing.verification.findings import due_of
from shuqiao.sharing.verification.tests.conftest import YES, asked_of
from shuqiao.sharing.verification.types import AcceptFacts, AskFacts, Citizen, Claim, Finding, Outcome

NATIONAL = law.Binding("national-2025", False)
YINGKOU = [law.Binding("yingkou-2022", False), NATIONAL]
SHENYANG = [law.Binding("shenyang-2020", False), NATIONAL]
DONGCHANGFU = [law.Binding("dongchangfu-2020", True), NATIONAL]
OLD, FESTIVAL, NEW_YEAR = date(2025, 7, 31), date(2026, 2, 12), date(2025, 12, 30)


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
@pytest.mark.parametrize(
    ("division", "received", "source", "due"),
    [
        ("yingkou", OLD, "yingkou-2022:23", date(2025, 8, 7)),
        ("yingkou", FESTIVAL, "yingkou-2022:23", date(2026, 2, 26)),  # 14 and 28 February are worked
        ("yingkou", NEW_YEAR, "yingkou-2022:23", date(2026, 1, 7)),  # 4 January is worked
        ("shenyang", OLD, None, None),
        ("shenyang", FESTIVAL, "national-2025:26", date(2026, 3, 4)),
        ("shenyang", NEW_YEAR, "national-2025:26", date(2026, 1, 14)),
        ("dongchangfu", OLD, None, None),
        ("dongchangfu", FESTIVAL, "national-2025:26", date(2026, 3, 4)),
        ("dongchangfu", NEW_YEAR, "national-2025:26", date(2026, 1, 14)),
        ("dongchangfu", date(2025, 8, 1), "national-2025:26", date(2025, 8, 15)),
    ],
)
def test_the_clock_of_the_answer(city, division, received, source, due):
    provider = {"yingkou": city.provider}.get(division) or getattr(city, f"{division}_provider")
    table = make_table(make_entry(provider))
    columns = (("统一社会信用代码", "keep_ends"), ("企业名称", "none"))
    order = order_of(
        table, city.consumer.id, columns=columns, where=(), valid_from=received, valid_until=None
    )
    grant = delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=received)
    case = services.ask_verification(
        actor=city.actor("consumer-cataloguer"),
        grant_id=grant.id,
        asked=asked_of(Claim(("9121",), "企业名称", "甲", shown="乙")),
        on=received,
    )
    term = Term.objects.filter(case_id=case.id).first()
    if source is None:
        assert term is None, "no text in force sets a term"
        return
    calendar = law.default_calendar()
    assert str(term.clock().source) == source
    assert term.due_on == due
    assert calendar.workdays_between(received, term.due_on) == term.clock().days
    assert not term.clock().overdue(due)
    assert term.clock().overdue(due + timedelta(days=1))


@pytest.mark.article("national-2025", "26")
def test_the_correction_has_its_own_term_only_where_a_text_sets_one():
    on = FESTIVAL
    for bindings in (YINGKOU, SHENYANG, DONGCHANGFU):
        resolved = law.regime_of(bindings, on).term(rules.CORRECTION)
        assert str(resolved.source) == "national-2025:26"
        assert due_of(resolved, on) == date(2026, 3, 4)
        assert law.regime_of(bindings, OLD).term(rules.CORRECTION) is None
    assert due_of(None, on) is None


@pytest.mark.article("yingkou-2022", "23")
def test_only_yingkou_says_that_a_citizen_with_proof_is_served():
    facts = AskFacts(1, "不符", "执照", citizen=Citizen("写错了", document="执照"))
    cited = [
        [str(article) for article in rules.may_ask(facts, law.regime_of(bindings, FESTIVAL)).basis]
        for bindings in (YINGKOU, SHENYANG, DONGCHANGFU)
    ]
    assert cited == [["yingkou-2022:23"], [], []]
    assert not rules.may_ask(facts, law.regime_of(SHENYANG, FESTIVAL)).allowed, "it is asked for everywhere"


def test_ones_own_data_are_corrected_without_asking():
    decision = rules.may_ask(AskFacts(1, "甲", "乙", of_itself=True), law.regime_of(YINGKOU, FESTIVAL))
    assert not decision.allowed
    assert "直接上传" in decision.reason


@given(
    st.lists(st.sampled_from([*Outcome.values, "", "x"]), max_size=4),
    st.sampled_from(["", " ", "核对档案"]),
    st.none() | st.integers(-3, 30),
    st.sampled_from([YINGKOU, SHENYANG, DONGCHANGFU]),
    st.sampled_from([OLD, FESTIVAL]),
)
def test_every_acceptance_promises_a_correction_within_the_term(outcomes, reason, days, bindings, on):
    regime = law.regime_of(bindings, on)
    by = None if days is None else on + timedelta(days=days)
    due = due_of(regime.term(rules.CORRECTION), on)
    facts = AcceptFacts(tuple(Finding(one, "值") for one in outcomes), reason, by, on, due)
    decision = rules.may_accept(facts, regime)
    assert decision.reason
    assert decision.rule in {rules.ANSWER, rules.CORRECTION}
    if decision.allowed:
        assert reason.strip()
        assert on <= by <= (due or by)
        assert {Outcome.WRONG, Outcome.REMOVE} & set(outcomes)
        assert set(outcomes) <= set(Outcome.values)
