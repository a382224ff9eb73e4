"""Nonces are used once; fair use, rates and quotas count, for all processes of a host together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.gateway.limits import DailyQuota, FairUse, GrantRate, TokenBuckets
from shuqiao.gateway.memory import open_memory
from shuqiao.gateway.nonces import NonceWindow, WindowFull
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.shared import SHARDS, CounterTable, Marks, make_file

MARKS = Marks(b"k" * 32)


def window(folder: Path, limit: int = 10) -> NonceWindow:
    return NonceWindow(folder, MARKS, skew=300, limit=limit)


def table(folder: Path, names: int = 1000) -> Path:
    path = folder / "table"
    make_file(path, CounterTable.size(names))
    return path


def test_a_nonce_is_used_once_per_key(tmp_path: Path) -> None:
    nonces = window(tmp_path)
    assert nonces.use("k1", "n", created=1000, now=1000)
    assert not nonces.use("k1", "n", created=1000, now=1000)
    assert not nonces.use("k1", "n", created=1200, now=1200)
    assert nonces.use("k2", "n", created=1000, now=1000)


@given(
    created=st.integers(-300, 300),
    later=st.lists(st.floats(0, 600, allow_nan=False), max_size=20).map(sorted),
)
def test_a_replay_is_refused_as_long_as_its_age_would_pass(
    tmp_path_factory: pytest.TempPathFactory, created: int, later: list[float]
) -> None:
    nonces = window(tmp_path_factory.mktemp("nonces"), limit=1000)
    assert nonces.use("k", "n", created=10_000 + created, now=10_000)
    for step, moment in enumerate(later):
        now = 10_000 + moment
        nonces.use("k", f"other-{step}", created=now, now=now)
        if abs(now - (10_000 + created)) <= 300:
            assert not nonces.use("k", "n", created=10_000 + created, now=now)
    nonces.close()


def test_the_window_grows_then_refuses_rather_than_forget(tmp_path: Path) -> None:
    nonces, other = window(tmp_path, limit=70_000), window(tmp_path, limit=70_000)
    used = []

    def fill() -> None:
        for number in range(200_000):
            nonces.use("k", f"n{number}", created=1000, now=1000)
            used.append(number)

    with pytest.raises(WindowFull):
        fill()
    assert len(nonces) > 70_000, "a second file was added"
    assert len(used) > 50_000
    for number in (*used[:500], *used[-500:]):
        assert not other.use("k", f"n{number}", created=1000, now=1100), "another process sees both files"
    assert nonces.use("k", "later", created=1400, now=1400), "old ones are forgotten"


def test_fair_use_gives_a_burst_then_a_rate(tmp_path: Path) -> None:
    fair = FairUse(TokenBuckets(table(tmp_path), MARKS), rate=2, burst=3)
    assert [fair.take("a", now=0) for _ in range(4)] == [0, 0, 0, 1]
    assert fair.take("b", now=0) == 0
    assert fair.take("a", now=0.5) == 0
    assert fair.take("a", now=0.5) == 1


def test_fair_use_says_how_long_to_wait_and_forgets_the_longest_unseen(tmp_path: Path) -> None:
    path = table(tmp_path, names=1)
    slow = FairUse(TokenBuckets(path, MARKS), rate=0.01, burst=1)
    assert slow.take("a", now=0) == 0
    assert slow.take("a", now=20) == 80
    for number in range(SHARDS * 200):
        slow.take(f"other-{number}", now=21)
    assert slow.take("a", now=22) == 0, "its bucket was forgotten"
    with pytest.raises(ValueError, match="positive rate"):
        FairUse(TokenBuckets(path, MARKS), rate=0, burst=1)


def test_a_rate_says_how_much_is_left_and_when_there_is_more(tmp_path: Path) -> None:
    rate = GrantRate(TokenBuckets(table(tmp_path), MARKS))
    taken = [rate.take("g", 60, now=100.0) for _ in range(11)]
    assert [one.allowed for one in taken] == [True] * 10 + [False]
    assert [one.left for one in taken] == [*range(9, -1, -1), 0]
    assert taken[-1].seconds == 1
    assert rate.take("g", 60, now=101.0).allowed
    assert rate.take("h", 1, now=101.0).allowed
    assert rate.take("h", 1, now=101.0).seconds == 60


def test_a_quota_counts_by_grant_and_day(tmp_path: Path) -> None:
    quota = DailyQuota(table(tmp_path), MARKS)
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    assert [quota.take("g", 2, on=first).allowed for _ in range(3)] == [True, True, False]
    assert quota.take("h", 2, on=first) == quota.take("j", 2, on=first)
    assert quota.take("g", 2, on=second).left == 1
    assert not quota.take("g", 2, on=second, reads=2).allowed, "what does not fit takes nothing"
    assert quota.take("g", 2, on=second).allowed
    assert all(quota.take("i", None, on=second).allowed for _ in range(100))
    quota.take("k", None, on=second, reads=2)
    assert not quota.take("k", 2, on=second).allowed


def settings_of(home: Path) -> GatewaySettings:
    return GatewaySettings(home=home, master_key=bytes(32))


def _take_all(home: Path, results: multiprocessing.Queue) -> None:
    memory = open_memory(settings_of(home))
    moment, day = time.time(), date(2026, 1, 1)
    fresh = sum(memory.nonces.use("k", f"n{number}", created=moment, now=moment) for number in range(3000))
    allowed = sum(memory.quota.take("g", 5000, on=day).allowed for _ in range(3000))
    results.put((fresh, allowed))


@pytest.mark.race
def test_processes_use_each_nonce_once_and_share_a_quota(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_take_all, args=(tmp_path, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(fresh for fresh, _ in found) == 3000
    assert sum(allowed for _, allowed in found) == 5000


def _hold(home: Path, ready: multiprocessing.Event) -> None:
    memory = open_memory(settings_of(home))
    for shard in range(SHARDS + 1):
        memory.nonces._first.lock(shard)
    ready.set()
    signal.pause()


@pytest.mark.crash
def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, ready))
    holder.start()
    assert ready.wait(30)
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    memory = open_memory(settings_of(tmp_path))
    moment = time.time()
    assert all(memory.nonces.use("k", f"n{number}", created=moment, now=moment) for number in range(500))


def test_memory_of_another_boot_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_memory(settings_of(tmp_path))
    assert first.nonces.use("k", "n", created=time.time(), now=time.time())
    first.close()
    (tmp_path / "boot").write_text("another\n")
    monkeypatch.setattr("shuqiao.gateway.memory._BOOT", tmp_path / "boot")
    second = open_memory(settings_of(tmp_path))
    assert second.nonces.use("k", "n", created=time.time(), now=time.time())
    assert [path.name for path in (tmp_path / "gateway").glob("*-*")] == ["another-1"]
