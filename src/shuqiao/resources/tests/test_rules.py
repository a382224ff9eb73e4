"""Rules: every decision names its rule and basis; nothing is published that was not checked."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.kernel import IllegalMove
from shuqiao.kernel.moves import check_move
from shuqiao.resources import rules
from shuqiao.resources.types import MOVES, OPEN_STATUSES, WITH_TABLE, Status, VersionFacts

DAY = date(2026, 3, 2)
REGIMES = {
    pack: law.regime_of((law.Binding(pack, True), law.Binding("national-2025")), DAY)
    for pack in ("yingkou-2022", "shenyang-2020", "dongchangfu-2020")
}
facts = st.builds(
    VersionFacts,
    status=st.sampled_from(Status),
    entry_published=st.booleans(),
    rows=st.integers(0, 3),
    unmatched=st.sampled_from([(), ("甲",)]),
    undecided=st.sampled_from([(), ("乙",)]),
    secrecy_checked=st.booleans(),
    personal_checked=st.booleans(),
    submitted_by=st.sampled_from([None, uuid4()]),
)


@pytest.mark.article("yingkou-2022", "28")
@given(facts=facts, pack=st.sampled_from(sorted(REGIMES)))
def test_submitting(facts, pack):
    decision = rules.may_submit_version(facts, REGIMES[pack])
    assert decision.rule in {rules.RECHECK, rules.SECRECY}
    assert decision.reason
    good = facts.entry_published and facts.rows and not facts.unmatched and not facts.undecided
    assert decision.allowed == bool(good and facts.secrecy_checked and facts.personal_checked)


@pytest.mark.article("yingkou-2022", "18")
@given(facts=facts, pack=st.sampled_from(sorted(REGIMES)))
def test_publishing(facts, pack):
    decision = rules.may_publish_version(facts, REGIMES[pack], by=uuid4())
    good = facts.entry_published and facts.secrecy_checked and facts.personal_checked
    assert decision.allowed == bool(good)


@pytest.mark.article("yingkou-2022", "18")
def test_the_basis_is_that_of_the_regime():
    said = rules.may_mount(entry_published=False, regime=REGIMES["yingkou-2022"])
    assert not said.allowed
    assert "yingkou-2022:18" in {str(article) for article in said.basis}


@pytest.mark.article("yingkou-2022", "21")
@pytest.mark.article("shenyang-2020", "16")
@pytest.mark.article("dongchangfu-2020", "16")
@pytest.mark.parametrize(
    ("pack", "number"), [("yingkou-2022", "21"), ("shenyang-2020", "16"), ("dongchangfu-2020", "16")]
)
def test_data_without_a_good_row_is_refused_under_the_article_on_quality(pack, number):
    empty = VersionFacts(next(iter(Status)), True, 0, (), (), secrecy_checked=True, personal_checked=True)
    said = rules.may_submit_version(empty, REGIMES[pack])
    assert not said.allowed
    assert f"{pack}:{number}" in {str(article) for article in said.basis}


@given(st.lists(st.sampled_from(Status), max_size=12))
def test_random_walks_reach_publication_only_through_submission(wanted):
    path = [Status.UPLOADED]
    for status in wanted:
        try:
            path.append(check_move(MOVES, path[-1], status, what="版本"))
        except IllegalMove:
            continue
    if Status.PUBLISHED in path:
        place = path.index(Status.PUBLISHED)
        assert path[place - 1] is Status.SUBMITTED
        assert Status.BUILT in path[:place]


def test_the_table_of_moves_is_complete():
    assert set(MOVES) == set(Status)
    assert all(Status.DISCARDED not in MOVES[status] for status in (Status.CONFIRMED, Status.SUBMITTED))
    assert not set(OPEN_STATUSES) & {Status.PUBLISHED, Status.SUPERSEDED, Status.DISCARDED}
    assert set(WITH_TABLE) >= {Status.PUBLISHED, Status.SUPERSEDED}


@pytest.mark.article("yingkou-2022", "21")
@pytest.mark.article("shenyang-2020", "16")
@pytest.mark.parametrize(
    ("cycle", "days", "tone"),
    [("daily", 1, "jade"), ("daily", 2, "late"), ("monthly", 31, "jade"), ("monthly", 40, "late"),
     ("irregular", 900, "jade"), ("", 900, "jade")],
)  # fmt: skip
def test_freshness(cycle, days, tone):
    assert rules.freshness(cycle, DAY - timedelta(days=days), DAY).tone == tone
    assert rules.freshness(cycle, None, DAY).tone == "off"
