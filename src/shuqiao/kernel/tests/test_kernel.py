"""Decisions, errors, moves, ids and days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.kernel import Article, Decision, IllegalMove, InvalidInput, Problem, RuleRefused
from shuqiao.kernel.decision import allow, refuse
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.kernel.time import day_of

articles = st.builds(
    Article,
    st.from_regex(r"[a-z]+-[0-9]{4}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]?(\([1-9]\))?", fullmatch=True),
)


@given(st.builds(Decision, st.booleans(), st.text(), st.text(), st.lists(articles).map(tuple)))
def test_decision_survives_json(decision: Decision) -> None:
    assert Decision.from_json(decision.as_json()) == decision


def test_refusal_raises_with_its_decision_and_consent_does_not() -> None:
    yes = allow("a.rule", "可以", Article("yingkou-2022", "20"))
    assert yes.or_raise() is yes
    no = refuse("a.rule", "不可以", Article("yingkou-2022", "20"))
    with pytest.raises(RuleRefused) as error:
        no.or_raise()
    assert error.value.decision is no
    with pytest.raises(ValueError, match="refusing"):
        RuleRefused(yes)


@pytest.mark.parametrize("text", ["", "yingkou-2022", ":20", "yingkou-2022:"])
def test_article_reference_shows_what_it_could_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="pack:number"):
        Article.parse(text)


def test_invalid_input_names_every_problem_and_never_none() -> None:
    error = InvalidInput([Problem("甲", "必填"), Problem("乙", "太长")])
    assert str(error) == "甲：必填；乙：太长"
    with pytest.raises(ValueError, match="at least one"):
        InvalidInput([])


def test_move_follows_the_table_or_says_what_stands_in_the_way() -> None:
    moves = {"draft": ["sent"], "sent": []}
    assert check_move(moves, "draft", "sent", what="申请") == "sent"
    for current, wanted in (("sent", "draft"), ("draft", "draft"), ("gone", "sent")):
        with pytest.raises(IllegalMove, match="申请"):
            check_move(moves, current, wanted, what="申请")


def test_ids_are_version_7_unique_and_sorted_by_millisecond() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert {one.version for one in ids} == {7}
    millis = [one.int >> 80 for one in ids]
    assert millis == sorted(millis)


def test_a_moment_late_in_london_is_tomorrow_in_china() -> None:
    assert day_of(datetime(2026, 11, 22, 17, tzinfo=UTC)) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2026, 11, 22, 17))
