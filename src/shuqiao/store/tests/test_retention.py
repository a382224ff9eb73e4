"""Garbage collection: nothing that is named or open ever goes; what went comes back by publishing it again."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.kernel import NotFound
from shuqiao.store import Query, Scope, Store, build_file, retention, shipping
from shuqiao.store.objects import ObjectStore
from shuqiao.store.tests.conftest import KINDS, objects_of_kind
from shuqiao.store.tests.test_object_versions import make, read_all

DAY, NOW = timedelta(days=1), timedelta(0)


@pytest.fixture(params=["alone", *KINDS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "alone":
        return Store(tmp_path / "s")
    return Store(tmp_path / "s", objects_of_kind(request.param, request, tmp_path))


def test_it_takes_two_steps(store: Store, tmp_path: Path) -> None:
    named, other = make(store, tmp_path, name="a"), make(store, tmp_path, name="b")
    assert store.collect([named], DAY) == []
    assert set(retention.marked(store)) == {other}
    assert store.collect([named], DAY) == []
    assert read_all(store, other)
    assert store.collect([named], NOW) == [other]
    assert store.list_versions() == [named]
    assert retention.marked(store) == {}
    with pytest.raises(NotFound):
        store.open(other)
    assert read_all(store, named)
    assert list((store.root / ".staging").iterdir()) == []


def test_naming_it_again_takes_the_mark_off(store: Store, tmp_path: Path) -> None:
    version_id = make(store, tmp_path)
    store.collect([], DAY)
    assert store.collect([version_id], NOW) == []
    assert retention.marked(store) == {}
    assert read_all(store, version_id)


def test_publishing_it_again_takes_the_mark_off(store: Store, tmp_path: Path) -> None:
    version_id = make(store, tmp_path)
    store.collect([], DAY)
    assert make(store, tmp_path) == version_id
    assert retention.marked(store) == {}
    assert store.collect([], DAY) == []
    assert read_all(store, version_id)


def test_publishing_it_again_after_it_went_brings_it_back(store: Store, tmp_path: Path) -> None:
    version_id = make(store, tmp_path)
    store.collect([], DAY)
    assert store.collect([], NOW) == [version_id]
    assert make(store, tmp_path) == version_id
    assert read_all(store, version_id)


def test_who_is_named_is_asked_again_before_each_removal(store: Store, tmp_path: Path) -> None:
    ids = [make(store, tmp_path, name=name) for name in "ab"]
    store.collect([], DAY)
    asked: list[int] = []

    def keep() -> list[str]:
        """A grant on the first version comes up while collection is under way."""
        asked.append(1)
        return [] if len(asked) == 1 else [ids[0]]

    assert store.collect(keep, NOW) == [ids[1]]
    assert store.list_versions() == [ids[0]]
    assert read_all(store, ids[0])


def test_what_is_open_stays_until_it_is_closed(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    version_id = make(store, tmp_path)
    store.collect([], DAY)
    with Store(tmp_path / "s").open(version_id) as handle:
        assert store.collect([], NOW) == []
        assert len(handle.rows(Query(limit=1000), Scope.whole(handle.columns)).rows) == 500
    assert store.collect([], NOW) == [version_id]


def test_another_nodes_cache_outlives_the_version_and_then_goes(objects: ObjectStore, tmp_path: Path) -> None:
    store, node = Store(tmp_path / "s", objects), Store(tmp_path / "n", objects)
    version_id = make(store, tmp_path)
    read_all(node, version_id)
    store.collect([], DAY)
    assert store.collect([], NOW) == [version_id]
    assert read_all(node, version_id)
    node.collect([], DAY)
    assert node.collect([], NOW) == [version_id]
    assert node.list_versions() == []
    assert list(objects.list()) == []


def test_what_a_killed_upload_left_goes_when_it_is_old(objects: ObjectStore, tmp_path: Path) -> None:
    store = Store(tmp_path / "s", objects)
    version_id, half = make(store, tmp_path), "2" * 64
    objects.put_bytes(shipping.prefix_of(half) + "data.parquet", b"half")
    store.collect([version_id], DAY)
    assert objects.exists(shipping.prefix_of(half) + "data.parquet")
    store.collect([version_id], NOW)
    assert not objects.exists(shipping.prefix_of(half) + "data.parquet")
    assert read_all(Store(tmp_path / "n", objects), version_id)


@pytest.mark.race
def test_collecting_against_publishing_and_reading_loses_nothing(store: Store, tmp_path: Path) -> None:
    """Whoever has published or holds a version can read it, however hard collection tries."""
    (tmp_path / "f").write_bytes(b"content")
    over, errors, rounds = threading.Event(), [], []

    def collect() -> None:
        while not over.is_set():
            store.collect([], NOW)

    def publish() -> None:
        for number in range(25):
            try:
                built = build_file(tmp_path / "f", store, filename=f"{number % 3}.txt")
                with store.open(built.id) as handle:
                    rounds.append(handle.open_content().path.read_bytes())
            except NotFound:
                rounds.append(
                    b"gone"
                )  # with no grace a version may go before it is opened, but never in part
            except Exception as error:
                errors.append(error)
                raise

    threads = [threading.Thread(target=publish) for _ in range(2)]
    collector = threading.Thread(target=collect)
    for thread in (collector, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    collector.join()
    assert errors == []
    assert set(rounds) <= {b"content", b"gone"}
    assert b"content" in rounds


STEPS = st.lists(
    st.tuples(st.sampled_from(["publish", "collect", "age"]), st.sets(st.integers(0, 2))), max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_over_any_history_only_what_was_unnamed_for_the_whole_grace_goes(
    tmp_path: Path, steps: list[tuple[str, set[int]]]
) -> None:
    """Against a model: day by day, which versions are there and since when each has gone unnamed."""
    root = tmp_path / os.urandom(8).hex()
    store, ids = Store(root), {}
    for number in range(3):
        (tmp_path / "f").write_bytes(str(number).encode())
        ids[number] = build_file(tmp_path / "f", store, filename="f").id
    here, since, day = {0, 1, 2}, dict[int, int](), 0
    for step, numbers in steps:
        if step == "age":
            day += 1
            for mark in (root / ".tombstones").glob("*"):
                old = mark.stat().st_mtime - DAY.total_seconds()
                os.utime(mark, (old, old))
        elif step == "publish":
            for number in numbers:
                (tmp_path / "f").write_bytes(str(number).encode())
                build_file(tmp_path / "f", store, filename="f")
            here |= numbers
            since = {number: at for number, at in since.items() if number not in numbers}
        else:
            since = {number: since.get(number, day) for number in here - numbers}
            due = {number for number, at in since.items() if day - at >= 2}
            gone = store.collect([ids[number] for number in numbers], timedelta(days=2) - timedelta(hours=1))
            assert set(gone) == {ids[number] for number in due}
            here -= due
            since = {number: at for number, at in since.items() if number not in due}
        assert set(store.list_versions()) == {ids[number] for number in here}
