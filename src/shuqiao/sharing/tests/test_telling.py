"""What a page says of a term: the words of the chain."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao import law
from shuqiao.procedures.models import Term
from shuqiao.sharing.telling import _term_step
from shuqiao.sharing.types import Status

REGIME = law.regime_of((law.Binding("yingkou-2022", house_rule=False),), date(2026, 11, 13))


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 11, 19), "剩 1 个工作日"),
        (date(2026, 11, 20), "今天到期"),
        (date(2026, 11, 22), "已逾期"),
        (date(2026, 11, 23), "逾期 1 个工作日"),
    ],
)
def test_a_weekend_after_the_last_day_is_late_but_no_working_day(on: date, words: str) -> None:
    resolved = REGIME.term("sharing.reply.conditional")
    clock = law.RunningTerm.open(resolved, date(2026, 11, 13), law.default_calendar())
    assert _term_step(Term(running=clock.to_json()), Status.SUBMITTED, on)["text"] == words
