"""Nonces are used once; fair use and quotas count."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.gateway.limits import DailyQuota, FairUse
from shuqiao.gateway.nonces import NonceWindow, WindowFull


def test_a_nonce_is_used_once_per_key() -> None:
    window = NonceWindow(skew=300, limit=10)
    assert window.use("k1", "n", created=1000, now=1000)
    assert not window.use("k1", "n", created=1000, now=1000)
    assert not window.use("k1", "n", created=1200, now=1200)
    assert window.use("k2", "n", created=1000, now=1000)


@given(
    created=st.integers(-300, 300),
    later=st.lists(st.floats(0, 600, allow_nan=False), max_size=20).map(sorted),
)
def test_a_replay_is_refused_as_long_as_its_age_would_pass(created: int, later: list[float]) -> None:
    window = NonceWindow(skew=300, limit=1000)
    assert window.use("k", "n", created=10_000 + created, now=10_000)
    for step, moment in enumerate(later):
        now = 10_000 + moment
        window.use("k", f"other-{step}", created=now, now=now)
        if abs(now - (10_000 + created)) <= 300:
            assert not window.use("k", "n", created=10_000 + created, now=now)


def test_old_nonces_are_forgotten_and_the_window_refuses_rather_than_forget() -> None:
    window = NonceWindow(skew=300, limit=3)
    for name in "abc":
        assert window.use("k", name, created=1000, now=1000)
    with pytest.raises(WindowFull):
        window.use("k", "d", created=1001, now=1001)
    assert window.use("k", "d", created=1400, now=1400)
    assert len(window) == 1


def test_fair_use_gives_a_burst_then_a_rate() -> None:
    fair = FairUse(rate=2, burst=3, addresses=2)
    assert [fair.take("a", now=0) for _ in range(4)] == [0, 0, 0, 1]
    assert fair.take("b", now=0) == 0
    assert fair.take("a", now=0.5) == 0
    assert fair.take("a", now=0.5) == 1
    assert FairUse(rate=0.1, burst=1).take("a", now=0) == 0


def test_fair_use_says_how_long_to_wait_and_forgets_the_longest_unseen() -> None:
    fair = FairUse(rate=0.1, burst=1, addresses=2)
    assert fair.take("a", now=0) == 0
    assert fair.take("a", now=2) == 8
    assert fair.take("b", now=2) == 0
    assert fair.take("c", now=2) == 0
    assert fair.take("a", now=3) == 0, "its bucket was forgotten"
    with pytest.raises(ValueError, match="positive rate"):
        FairUse(rate=0, burst=1)


def test_a_quota_counts_by_grant_and_day() -> None:
    quota = DailyQuota()
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    assert [quota.take("g", 2, on=first) for _ in range(3)] == [True, True, False]
    assert quota.take("h", 2, on=first)
    assert quota.take("g", 2, on=second)
    assert all(quota.take("i", None, on=second) for _ in range(100))
    quota.restore("g", on=second)
    assert not quota.take("g", 2, on=second)
