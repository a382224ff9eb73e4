"""What a page says of a term: the words of the chain."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao import law
from shuqiao.delivery import telling as delivered
from shuqiao.portal import scope
from shuqiao.procedures.models import Term
from shuqiao.sharing import previews, reading
from shuqiao.sharing.telling import _term_step
from shuqiao.sharing.types import Status
from shuqiao.store import Mask

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


def test_every_mask_of_the_store_has_its_level_and_its_words() -> None:
    """A mask that the store learns is shown on every page that shows a scope, and at the same level."""
    for mask in Mask:
        level = scope.level_of(mask)
        assert reading.LEVELS[mask] == delivered.LEVELS[mask] == level
        assert previews.IN_WORDS[mask]
    assert scope.LEVELS[reading.LEVELS[Mask.DROP]] == previews.IN_WORDS[Mask.DROP] == "不给"
