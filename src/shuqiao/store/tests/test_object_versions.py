"""Versions behind an object store: written through, fetched by nodes that lack them, evicted, never half there."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from shuqiao.kernel import NotFound
from shuqiao.store import Damaged, ObjectsUnavailable, Query, Scope, Store, build, build_file, shipping, sniff
from shuqiao.store.objects import ObjectStore, open_objects
from shuqiao.store.tests.conftest import KEYS, CuttingProxy, s3_url


def make(store: Store, folder: Path, rows: int = 500, name: str = "t") -> str:
    path = folder / f"{name}.csv"
    path.write_text("编码,名称\n" + "".join(f"{name}{n:06d},甲{n}\n" for n in range(rows)), encoding="utf-8")
    return build(path, sniff(path).recipe(), store).id


def read_all(store: Store, version_id: str) -> list[dict[str, object]]:
    with store.open(version_id) as handle:
        return handle.rows(Query(limit=1000), Scope.whole(handle.columns)).rows


def test_what_one_node_publishes_another_reads(objects: ObjectStore, tmp_path: Path) -> None:
    first, second = Store(tmp_path / "n1", objects), Store(tmp_path / "n2", objects)
    version_id = make(first, tmp_path)
    assert not second.has(version_id)
    assert second.meta(version_id) == first.meta(version_id)
    assert read_all(second, version_id) == read_all(first, version_id)
    assert second.has(version_id)
    assert second.damaged_files(version_id) == []
    with second.open(version_id) as handle:
        assert handle.lookup(["编码"], ["t000007"], Scope.of(["编码", "名称"]))[0]["名称"] == "甲7"
    files = {path.name: path.read_bytes() for path in first.path_of(version_id).iterdir()}
    assert files == {path.name: path.read_bytes() for path in second.path_of(version_id).iterdir()}


def test_files_travel_too(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF" * 100)
    built = build_file(tmp_path / "a.pdf", Store(tmp_path / "n1", objects))
    with Store(tmp_path / "n2", objects).open(built.id) as handle:
        assert handle.open_content().path.read_bytes() == b"%PDF" * 100


def test_the_same_content_built_on_two_nodes_is_one_version(objects: ObjectStore, tmp_path: Path) -> None:
    first, second = Store(tmp_path / "n1", objects), Store(tmp_path / "n2", objects)
    assert make(first, tmp_path) == make(second, tmp_path)
    version_id = make(first, tmp_path)
    assert list(shipping.remote_versions(objects)) == [version_id]
    assert read_all(Store(tmp_path / "n3", objects), version_id) == read_all(first, version_id)


def test_a_version_made_before_there_was_an_object_store_is_sent_when_it_is_built_again(
    objects: ObjectStore, tmp_path: Path
) -> None:
    version_id = make(Store(tmp_path / "n1"), tmp_path)
    assert not shipping.is_remote(objects, version_id)
    make(Store(tmp_path / "n1", objects), tmp_path)
    assert read_all(Store(tmp_path / "n2", objects), version_id)


def test_what_nobody_published_is_not_found(objects: ObjectStore, tmp_path: Path) -> None:
    store = Store(tmp_path / "n", objects)
    for read in (store.open, store.meta, store.fetch):
        with pytest.raises(NotFound):
            read("0" * 64)
    assert not store.has("0" * 64)


def test_many_readers_fetch_once(objects: ObjectStore, tmp_path: Path) -> None:
    version_id = make(Store(tmp_path / "n1", objects), tmp_path)
    fetched: list[int] = []
    store = Store(tmp_path / "n2", objects)
    results: list[int] = []

    def read() -> None:
        store.fetch(version_id, fetched.append)
        results.append(len(read_all(store, version_id)))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [500] * 8
    assert sum(fetched) == sum(file.size for file in store.meta(version_id).files.values())
    assert list((tmp_path / "n2" / ".staging").iterdir()) == []


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "meta"])
def test_a_damaged_object_is_named_and_not_taken(objects: ObjectStore, tmp_path: Path, how: str) -> None:
    version_id = make(Store(tmp_path / "n1", objects), tmp_path)
    key = shipping.prefix_of(version_id) + ("meta.json" if how == "meta" else "data.parquet")
    data = bytearray(objects.get_bytes(key))
    data[len(data) // 2] ^= 1
    match how:
        case "gone":
            objects.delete(key)
        case "meta":
            objects.put_bytes(key, b"{}")
        case _:
            objects.put_bytes(key, bytes(data) if how == "changed" else bytes(data[:-1]))
    store = Store(tmp_path / "n2", objects)
    with pytest.raises(Damaged) as error:
        store.open(version_id)
    assert error.value.files == (key.rpartition("/")[2],)
    assert not store.has(version_id)
    assert list((tmp_path / "n2" / ".staging").iterdir()) == []


class Failing(ObjectStore):
    """An object store that breaks at the n-th write."""

    def __init__(self, objects: ObjectStore, after: int) -> None:
        super().__init__(objects.where, objects._store)
        self.left = after

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ObjectsUnavailable(self.where, "连接中断")

    def put_file(self, key: str, path: Path) -> None:
        self._count()
        super().put_file(key, path)

    def put_bytes(self, key: str, data: bytes, *, create: bool = False) -> bool:
        self._count()
        return super().put_bytes(key, data, create=create)


@pytest.mark.parametrize("after", range(6))
def test_a_publication_that_breaks_is_nowhere_visible_and_can_be_repeated(
    objects: ObjectStore, tmp_path: Path, after: int
) -> None:
    store = Store(tmp_path / "n1", Failing(objects, after))
    with pytest.raises(ObjectsUnavailable):
        make(store, tmp_path)
    assert store.list_versions() == []
    assert list(shipping.remote_versions(objects)) == []
    assert list((tmp_path / "n1" / ".staging").iterdir()) == []
    version_id = make(Store(tmp_path / "n1", objects), tmp_path)
    assert len(read_all(Store(tmp_path / "n2", objects), version_id)) == 500


def test_publishing_takes_six_writes(objects: ObjectStore, tmp_path: Path) -> None:
    make(Store(tmp_path / "n1", Failing(objects, 6)), tmp_path)  # so the range above covers every one


def test_a_fetch_that_breaks_leaves_nothing(proxy: CuttingProxy, bucket: str, tmp_path: Path) -> None:
    objects = open_objects(s3_url(proxy.address, bucket), KEYS)
    version_id = make(Store(tmp_path / "n1", objects), tmp_path, rows=60_000)
    store = Store(tmp_path / "n2", objects)
    proxy.cuts, proxy.answers = 1 << 30, 20_000
    with pytest.raises(ObjectsUnavailable):
        store.open(version_id)
    assert not store.has(version_id)
    assert list((tmp_path / "n2" / ".staging").iterdir()) == []
    proxy.cuts = 0
    assert read_all(store, version_id)


def size_of(store: Store, version_id: str) -> int:
    return sum(path.stat().st_size for path in store.path_of(version_id).iterdir())


def test_the_cache_lets_go_of_what_was_used_longest_ago(objects: ObjectStore, tmp_path: Path) -> None:
    source = Store(tmp_path / "n1", objects)
    ids = [make(source, tmp_path, name=name) for name in "abc"]
    room = sum(size_of(source, one) for one in ids[:2]) + 1_000
    store = Store(tmp_path / "n2", objects, cache_bytes=room)
    for one in (ids[0], ids[1], ids[0]):
        read_all(store, one)
        time.sleep(0.02)
    read_all(store, ids[2])
    assert sorted(store.list_versions()) == sorted([ids[0], ids[2]])
    assert read_all(store, ids[1]) == read_all(source, ids[1])


def test_what_is_open_is_never_evicted_and_goes_on_working(objects: ObjectStore, tmp_path: Path) -> None:
    source = Store(tmp_path / "n1", objects)
    ids = [make(source, tmp_path, name=name) for name in "ab"]
    store = Store(tmp_path / "n2", objects, cache_bytes=1)
    with store.open(ids[0]) as handle:
        read_all(store, ids[1])
        assert store.evict(1) == [ids[1]]
        assert store.list_versions() == [ids[0]]
        assert len(handle.rows(Query(limit=1000), Scope.whole(handle.columns)).rows) == 500
    assert store.evict() == [ids[0]]
    assert store.list_versions() == []


def test_what_the_object_store_does_not_have_is_never_evicted(objects: ObjectStore, tmp_path: Path) -> None:
    version_id = make(Store(tmp_path / "n1"), tmp_path)
    store = Store(tmp_path / "n1", objects)
    assert store.evict(1) == []
    assert store.has(version_id)
    assert Store(tmp_path / "n1").evict(1) == []  # no object store: nothing may ever go


def test_a_lock_is_one_nodes_and_lapses_with_a_killed_holder(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_id = "1" * 64
    with (
        shipping.remote_lock(objects, version_id),
        pytest.raises(ObjectsUnavailable, match="另一节点"),
        shipping.remote_lock(objects, version_id, wait=timedelta(0)),
    ):
        pytest.fail("two holders")
    monkeypatch.setattr(shipping, "LEASE", timedelta(seconds=-1))
    killed = shipping.remote_lock(objects, version_id)
    killed.__enter__()
    with shipping.remote_lock(objects, version_id, wait=timedelta(seconds=5)):
        pass
