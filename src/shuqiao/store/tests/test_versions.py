"""Versions: immutable, named by their content, whole or not there."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store import BuiltVersion, Query, Scope, Store, build, sniff

TEXT = "编码,名称\n001,甲\n002,乙\n002,丙\n"


def make(
    folder: Path, text: str = TEXT, keys: tuple[tuple[str, ...], ...] = (("编码",),), name: str = "t.csv"
) -> BuiltVersion:
    import msgspec

    path = folder / name
    path.write_text(text, encoding="utf-8")
    recipe = msgspec.structs.replace(sniff(path).recipe(), keys=keys)
    return build(path, recipe, folder / "store")


def test_a_version_holds_its_four_files_and_meta_describes_them(tmp_path: Path) -> None:
    built = make(tmp_path)
    assert built.path == tmp_path / "store" / "versions" / built.id[:2] / built.id
    assert sorted(file.name for file in built.path.iterdir()) == [
        "data.parquet",
        "meta.json",
        "profile.json",
        "quarantine.jsonl",
        "rows.sqlite",
    ]
    assert set(built.meta.files) == {"data.parquet", "profile.json", "quarantine.jsonl", "rows.sqlite"}
    assert [(column.name, column.code, column.type) for column in built.meta.columns] == [
        ("编码", "c1", "text"),
        ("名称", "c2", "text"),
    ]
    assert [(key.columns, key.unique) for key in built.meta.keys] == [(("编码",), False)]
    assert Store(tmp_path / "store").damaged_files(built.id) == []


def test_the_same_content_is_the_same_version_and_is_not_built_twice(tmp_path: Path) -> None:
    first = make(tmp_path)
    stamp = first.path.stat().st_mtime_ns
    second = make(tmp_path, name="other.csv")
    assert (second.id, second.existed) == (first.id, True)
    assert first.path.stat().st_mtime_ns == stamp
    assert list((tmp_path / "store" / ".staging").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (TEXT + "003,丁\n", (("编码",),)),
        (TEXT.replace("名称", "名字"), (("编码",),)),
        (TEXT, ()),
        (TEXT + "4\n", (("编码",),)),
    ],
)
def test_other_content_schema_keys_or_quarantine_is_another_version(
    tmp_path: Path, text: str, keys: tuple[tuple[str, ...], ...]
) -> None:
    assert make(tmp_path).id != make(tmp_path, text, keys, "other.csv").id
    assert len(Store(tmp_path / "store").list_versions()) == 2


def test_an_old_version_stays_readable_beside_the_new(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    old = store.open(make(tmp_path).id)
    new = store.open(make(tmp_path, TEXT + "003,丁\n").id)
    scope = Scope.whole(old.columns)
    assert [handle.rows(Query(count="exact"), scope).total for handle in (old, new)] == [3, 4]


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    make(tmp_path)
    recipe = sniff(tmp_path / "t.csv").recipe()
    (tmp_path / "t.csv").write_text("别的,表\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidInput):
        build(tmp_path / "t.csv", recipe, tmp_path / "store")
    assert list((tmp_path / "store" / ".staging").iterdir()) == []


def test_changed_files_are_found(tmp_path: Path) -> None:
    built = make(tmp_path)
    with (built.path / "quarantine.jsonl").open("ab") as file:
        file.write(b"\n")
    (built.path / "rows.sqlite").unlink()
    assert Store(tmp_path / "store").damaged_files(built.id) == ["quarantine.jsonl", "rows.sqlite"]


@pytest.mark.parametrize("version_id", ["", "../../etc", "0" * 63, "0" * 64, "A" * 64])
def test_what_is_no_version_is_not_found(tmp_path: Path, version_id: str) -> None:
    with pytest.raises(NotFound):
        Store(tmp_path).open(version_id)
    assert not Store(tmp_path).has(version_id)


def test_sweep_spares_what_is_young(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, young = tmp_path / ".staging" / "old", tmp_path / ".staging" / "young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "data.parquet").write_bytes(b"x")
    for path in (old / "data.parquet", old):
        os.utime(path, (1, 1))
    assert store.sweep(timedelta(hours=6)) == ["old"]
    assert young.is_dir()
    assert Store(tmp_path / "nowhere").sweep(timedelta(0)) == []


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("编码,名称\n" + "".join(f"{n:05d},甲\n" for n in range(20_000)), encoding="utf-8")
    told: list[tuple[int, int]] = []
    build(
        path, sniff(path).recipe(), tmp_path / "store", progress=lambda rows, size: told.append((rows, size))
    )
    assert told == sorted(told)
    assert told[-1] == (20_000, path.stat().st_size)
    assert len(told) >= 3
