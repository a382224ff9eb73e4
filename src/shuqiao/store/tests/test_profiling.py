"""Profiles of versions, held against counting by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from shuqiao.store import ColumnType, Store, build, sniff
from shuqiao.store.building import profiling
from shuqiao.store.building.profiling import ColumnFacts, Frequent, Share, shape_of

AREAS = ["营口", "沈阳", "营口", "", "大连"]


def rows_of(count: int) -> list[list[str]]:
    return [
        [
            f"C{n:06d}",
            AREAS[n % 5],
            f"2012-{n % 12 + 1:02d}-01",
            f"{n % 97}.50",
            f"{n % 9 + 1}.5万元" if n % 4 else "面议",
        ]
        for n in range(count)
    ]


def make(folder: Path, count: int) -> dict[str, ColumnFacts]:
    path = folder / "t.csv"
    lines = ["编码,地区,日期,金额,资金", *(",".join(row) for row in rows_of(count))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    store = Store(folder / "store")
    built = build(path, sniff(path).recipe(), store)
    assert (built.path / "profile.json").is_file()
    assert "profile.json" in built.meta.files
    profile = store.profile(built.id)
    assert profile.rows == count
    return {facts.name: facts for facts in profile.columns}


def test_a_profile_says_what_counting_says(tmp_path: Path) -> None:
    facts = make(tmp_path, 5_000)
    codes, areas, days, sums, funds = facts.values()
    assert (codes.distinct, codes.distinct_exact, codes.nulls) == (5_000, True, 0)
    assert (codes.shortest, codes.longest, codes.least, codes.greatest) == (7, 7, "C000000", "C004999")
    assert codes.shapes == (Share("A9{6}", 1.0),)
    assert (areas.nulls, areas.distinct) == (1_000, 3)
    assert areas.frequent == (Frequent("营口", 2_000), Frequent("大连", 1_000), Frequent("沈阳", 1_000))
    assert (days.type, days.distinct, days.least, days.greatest) == (
        ColumnType.DATE,
        12,
        "2012-01-01",
        "2012-12-01",
    )
    assert sum(one.count for one in days.frequent) == sum(
        count for _, count in Counter(row[2] for row in rows_of(5_000)).most_common(10)
    )
    assert (sums.type, sums.least, sums.greatest, sums.distinct) == (ColumnType.DECIMAL, "0.50", "96.50", 97)
    assert funds.type is ColumnType.TEXT
    assert funds.units == (Share("万元", 0.75),)


def test_what_is_estimated_says_so_and_frequent_values_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "COUNTED_EXACTLY", 2)
    facts = make(tmp_path, 5_000)
    assert not facts["编码"].distinct_exact
    assert 4_000 < facts["编码"].distinct <= 5_000
    assert facts["编码"].frequent == ()
    assert facts["地区"].frequent[0] == Frequent("营口", 2_000)


def test_a_version_built_without_a_profile_is_looked_at(tmp_path: Path) -> None:
    made = make(tmp_path, 50)
    store = Store(tmp_path / "store")
    (version,) = store.list_versions()
    (store.path_of(version) / "profile.json").unlink()
    assert {facts.name: facts for facts in store.profile(version).columns} == made
    assert msgspec.json.decode(msgspec.json.encode(store.profile(version)))["rows"] == 50


def test_personal_data_is_suspected(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "姓名,证件,联系\n" + "张三,11010519491231002X,13800138000\n李四,440524188001010014,13900139000\n" * 3
    )
    store = Store(tmp_path / "store")
    found = store.profile(build(path, sniff(path).recipe(), store).id).columns
    assert [facts.personal for facts in found] == ["name", "id_number", "mobile"]


@pytest.mark.parametrize(
    ("text", "shape"),
    [("2012年1月", "9{4}汉9汉"), ("AB-12c", "A{2}-9{2}a"), ("", ""), ("３·x", "３·a")],
)
def test_shapes(text: str, shape: str) -> None:
    assert shape_of(text) == shape
