"""Differences of two versions: always what a naive comparison in Python finds, under any scope, in bounded memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.kernel import InvalidInput
from shuqiao.store import (
    Cancelled,
    ColumnScope,
    ColumnType,
    Condition,
    Mask,
    NotInScope,
    Op,
    Predicate,
    Query,
    Running,
    Scope,
    VersionHandle,
    build,
    build_file,
    sniff,
)
from shuqiao.store import types as store_types
from shuqiao.store.differences import Cell, ChangeKind, Difference, RowChange, diff
from shuqiao.store.versions import Store

Rows = list[tuple[str, ...]]
NAMES = ("编码", "名称", "数量", "日期")
OLD: Rows = [
    ("001", "甲", "1", "2026-01-01"),
    ("002", "乙", "2", "2026-01-02"),
    ("003", "丙", "", "2026-01-03"),
]
NEW: Rows = [
    ("003", "丙", "3", "2026-01-03"),
    ("001", "甲", "1", "2026-01-01"),
    ("004", "丁", "4", ""),
]
TYPES = {"数量": ColumnType.INTEGER, "日期": ColumnType.DATE}


def version(
    root: Path,
    rows: Rows,
    names: tuple[str, ...] = NAMES,
    types: dict[str, ColumnType] = TYPES,
    keys: tuple[tuple[str, ...], ...] = (("编码",),),
) -> VersionHandle:
    source = root / f"{os.urandom(6).hex()}.csv"
    with source.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    plans = tuple(
        store_types.ColumnPlan(
            source=name,
            name=name,
            type=types.get(name, ColumnType.TEXT),
            form="YYYY-MM-DD" if types.get(name) is ColumnType.DATE else "",
        )
        for name in names
    )
    recipe = store_types.Recipe(format=store_types.Format.CSV, columns=plans, keys=keys)
    return Store(root / "s").open(build(source, recipe, root / "s").id)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[VersionHandle, VersionHandle]]:
    with version(tmp_path, OLD) as old, version(tmp_path, NEW) as new:
        yield old, new


def everything(difference: Difference) -> list[RowChange]:
    return [change for kind in ChangeKind for change in difference.changes(kind)]


def test_counts_first_then_rows_and_cells(pair: tuple[VersionHandle, VersionHandle]) -> None:
    with diff(*pair, ["编码"]) as difference:
        counts = difference.counts
        assert (counts.added, counts.removed, counts.changed, counts.unchanged) == (1, 1, 1, 1)
        assert counts.cells == {"名称": 0, "数量": 1, "日期": 0}
        assert not counts.same
        assert everything(difference) == [
            RowChange(
                change=ChangeKind.ADDED,
                key={"编码": "004"},
                row={"编码": "004", "名称": "丁", "数量": 4, "日期": None},
            ),
            RowChange(
                change=ChangeKind.REMOVED,
                key={"编码": "002"},
                row={"编码": "002", "名称": "乙", "数量": 2, "日期": "2026-01-02"},
            ),
            RowChange(change=ChangeKind.CHANGED, key={"编码": "003"}, cells=(Cell("数量", None, 3),)),
        ]
        assert difference.repeated_keys() == []


def test_a_version_is_the_same_as_itself(pair: tuple[VersionHandle, VersionHandle]) -> None:
    with diff(pair[0], pair[0], ["编码"]) as difference:
        assert difference.counts.same
        assert difference.counts.unchanged == 3
        assert list(difference.ndjson()) == []


def test_files(pair: tuple[VersionHandle, VersionHandle]) -> None:
    with diff(*pair, ["编码"]) as difference:
        text = b"".join(difference.csv(bom=True)).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [
            ["变化", "编码", "列", "原值", "新值"],
            ["新增", "004", "名称", "", "丁"],
            ["新增", "004", "数量", "", "4"],
            ["新增", "004", "日期", "", ""],
            ["删除", "002", "名称", "乙", ""],
            ["删除", "002", "数量", "2", ""],
            ["删除", "002", "日期", "2026-01-02", ""],
            ["修改", "003", "数量", "", "3"],
        ]
        lines = [json.loads(line) for line in b"".join(difference.ndjson()).splitlines()]
        assert lines[2] == {
            "change": "changed",
            "key": {"编码": "003"},
            "cells": [{"column": "数量", "old": None, "new": 3}],
        }


def test_columns_that_came_went_and_changed_their_type_are_named(tmp_path: Path) -> None:
    with (
        version(tmp_path, [("1", "甲", "5"), ("2", "乙", "06")], ("编码", "名称", "数量"), {}) as old,
        version(
            tmp_path,
            [("1", "5", "x"), ("2", "6", "y")],
            ("编码", "数量", "备注"),
            {"数量": ColumnType.INTEGER},
        ) as new,
        diff(old, new, ["编码"]) as difference,
    ):
        assert difference.schema.added == ("备注",)
        assert difference.schema.removed == ("名称",)
        assert difference.schema.retyped == (("数量", ColumnType.TEXT, ColumnType.INTEGER),)
        assert everything(difference) == [
            RowChange(change=ChangeKind.CHANGED, key={"编码": "2"}, cells=(Cell("数量", "06", 6),))
        ]


def test_rows_of_a_repeated_key_are_compared_as_wholes(tmp_path: Path) -> None:
    names = ("编码", "名称")
    with (
        version(tmp_path, [("1", "甲"), ("1", "甲"), ("1", "乙"), ("2", "丙"), ("", "丁")], names, {}) as old,
        version(tmp_path, [("1", "甲"), ("1", "戊"), ("2", "丙"), ("", "丁"), ("", "丁")], names, {}) as new,
        diff(old, new, ["编码"]) as difference,
    ):
        assert difference.counts.repeated_keys == 2
        assert [(one.key["编码"], one.old, one.new) for one in difference.repeated_keys()] == [
            ("1", 3, 2),
            (None, 1, 2),
        ]
        found = Counter((c.change.value, c.row["编码"], c.row["名称"]) for c in everything(difference))
        assert found == {
            ("removed", "1", "甲"): 1,
            ("removed", "1", "乙"): 1,
            ("added", "1", "戊"): 1,
            ("added", None, "丁"): 1,
        }
        assert all(change.repeated for change in everything(difference))
        assert difference.counts.unchanged == 3


def test_pages_go_through_all_of_a_kind_once(tmp_path: Path) -> None:
    rows = [(f"{n:04d}", "甲", str(n), "") for n in range(300)]
    with (
        version(tmp_path, rows) as old,
        version(tmp_path, [(a, "乙" if int(c) % 3 else b, c, d) for a, b, c, d in rows]) as new,
        diff(old, new, ["编码"]) as difference,
    ):
        pages = [difference.page(ChangeKind.CHANGED, offset=at, limit=70) for at in range(0, 280, 70)]
        keys = [change.key["编码"] for page in pages for change in page]
        assert keys == [f"{n:04d}" for n in range(300) if n % 3]
        assert difference.page(ChangeKind.CHANGED, offset=5_000) == []
        with pytest.raises(InvalidInput):
            difference.page(ChangeKind.CHANGED, offset=-1)


def test_under_a_scope_only_what_it_shows_is_compared(pair: tuple[VersionHandle, VersionHandle]) -> None:
    scope = Scope(
        (ColumnScope("编码"), ColumnScope("名称", Mask.KEEP_ENDS), ColumnScope("日期", Mask.YEAR)),
        Condition((Predicate("编码", Op.GTE, ("002",)),)),
    )
    with diff(*pair, ["编码"], scope=scope) as difference:
        assert difference.columns == ("名称", "日期")
        assert everything(difference) == [
            RowChange(
                change=ChangeKind.ADDED,
                key={"编码": "004"},
                row={"编码": "004", "名称": "*", "日期": None},
            ),
            RowChange(
                change=ChangeKind.REMOVED,
                key={"编码": "002"},
                row={"编码": "002", "名称": "*", "日期": "2026"},
            ),
        ]
        assert difference.counts.unchanged == 1


@pytest.mark.parametrize("columns", [(ColumnScope("名称"),), (ColumnScope("编码", Mask.KEEP_ENDS),)])
def test_a_key_outside_the_scope_or_masked_is_refused(
    pair: tuple[VersionHandle, VersionHandle], columns: tuple[ColumnScope, ...]
) -> None:
    with pytest.raises(NotInScope):
        diff(*pair, ["编码"], scope=Scope(columns))


@pytest.mark.parametrize("key", [[], ["编码", "编码"], ["没有"]])
def test_a_key_that_cannot_be_is_refused(pair: tuple[VersionHandle, VersionHandle], key: list[str]) -> None:
    with pytest.raises(InvalidInput):
        diff(*pair, key)


def test_files_have_no_difference(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"1")
    store = Store(tmp_path / "s")
    with (
        store.open(build_file(tmp_path / "f", store).id) as file,
        pytest.raises(InvalidInput, match="不是表"),
    ):
        diff(file, file, ["编码"])


def test_it_can_be_stopped(pair: tuple[VersionHandle, VersionHandle]) -> None:
    running = Running()
    running.cancel()
    with pytest.raises(Cancelled):
        diff(*pair, ["编码"], running=running)


CELLS = st.sampled_from(["", "a", "b", "甲"])
NUMBERS = st.sampled_from(["", "1", "2"])
TABLES = st.lists(
    st.tuples(st.sampled_from(["", "1", "2", "3", "4"]), CELLS, NUMBERS), min_size=1, max_size=12
)
COLUMNS = ("k", "t", "z")


def naive(old: list[dict[str, Any]], new: list[dict[str, Any]], key: tuple[str, ...]) -> Counter[str]:
    """The same comparison, row by row."""
    found: Counter[str] = Counter()

    def groups(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        out: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in rows:
            out.setdefault(tuple(row[name] for name in key), []).append(row)
        return out

    before, after = groups(old), groups(new)
    for value in before.keys() | after.keys():
        was, now = before.get(value, []), after.get(value, [])
        if len(was) == len(now) == 1:
            cells = {name: [was[0][name], now[0][name]] for name in was[0] if was[0][name] != now[0][name]}
            if cells:
                found[json.dumps(["changed", value, cells, False], sort_keys=True)] += 1
            continue
        left, right = (Counter(json.dumps(row, sort_keys=True) for row in rows) for rows in (was, now))
        repeated = max(len(was), len(now)) > 1
        for kind, rest in (("removed", left - right), ("added", right - left)):
            for row, times in rest.items():
                found[json.dumps([kind, value, json.loads(row), repeated], sort_keys=True)] += times
    return found


def told(difference: Difference) -> Counter[str]:
    found: Counter[str] = Counter()
    for change in everything(difference):
        detail = {cell.column: [cell.old, cell.new] for cell in change.cells} or change.row
        line = [change.change.value, list(change.key.values()), detail, change.repeated]
        found[json.dumps(line, sort_keys=True)] += 1
    return found


SCOPES = st.builds(
    lambda columns, where: Scope((ColumnScope("k"), *columns), Condition(where), b"k" * 32),
    st.lists(
        st.builds(
            ColumnScope, st.sampled_from(["t", "z"]), st.sampled_from([Mask.NONE, Mask.KEEP_ENDS, Mask.HASH])
        ),
        unique_by=lambda one: one.name,
    ),
    st.sampled_from([(), (Predicate("z", Op.EQ, ("1",)),), (Predicate("k", Op.NE, ("2",)),)]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TABLES, new=TABLES, by=st.sampled_from([("k",), ("k", "z")]), scope=st.none() | SCOPES)
def test_it_is_what_a_naive_comparison_finds(
    tmp_path: Path, old: Rows, new: Rows, by: tuple[str, ...], scope: Scope | None
) -> None:
    if scope is not None and ColumnScope("z") not in scope.columns:
        by = ("k",)
    types = {"z": ColumnType.INTEGER}
    with (
        version(tmp_path, old, COLUMNS, types, (by,)) as left,
        version(tmp_path, new, COLUMNS, types, (by,)) as right,
        diff(left, right, by, scope=scope) as difference,
    ):
        shown = scope or Scope.whole(left.columns)
        rows = [handle.rows(Query(limit=100), shown).rows for handle in (left, right)]
        assert told(difference) == naive(*rows, by)
        counts = difference.counts
        assert counts.unchanged + counts.changed + counts.removed == len(rows[0])
        assert counts.unchanged + counts.changed + counts.added == len(rows[1])


@pytest.mark.shared_data
def test_seeded_mutations_of_the_villages_table_are_found(shared_data: Path, tmp_path: Path) -> None:
    """620,000 rows: what was changed on purpose is found, no more and no less."""
    source = tmp_path / "old.csv"
    with gzip.open(shared_data / "admin_villages_2023.csv.gz") as packed, source.open("wb") as file:
        shutil.copyfileobj(packed, file)
    with source.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    chance = random.Random(809)
    places = chance.sample(range(len(rows)), 3_000)
    changed, removed = places[:1_000], set(places[1_000:2_000])
    mutated = [list(row) for row in rows]
    for place in changed:
        mutated[place][1] += "（改）"
    kept = [row for place, row in enumerate(mutated) if place not in removed]
    added = [[f"9{number:011d}", *rows[place][1:]] for number, place in enumerate(places[2_000:])]
    recipe = msgspec.structs.replace(sniff(source).recipe(), keys=((header[0],),))
    target = tmp_path / "new.csv"
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *kept, *added])
    store = Store(tmp_path / "s")
    with (
        store.open(build(source, recipe, store).id) as before,
        store.open(build(target, recipe, store).id) as after,
        diff(before, after, [header[0]]) as difference,
    ):
        counts = difference.counts
        assert (counts.added, counts.removed, counts.changed) == (1_000, 1_000, 1_000)
        assert counts.unchanged == len(rows) - 2_000
        assert counts.cells[header[1]] == 1_000
        assert {change.key[header[0]] for change in difference.changes(ChangeKind.CHANGED)} == {
            rows[place][0] for place in changed
        }
        assert {change.key[header[0]] for change in difference.changes(ChangeKind.REMOVED)} == {
            rows[place][0] for place in removed
        }
        assert {change.key[header[0]] for change in difference.changes(ChangeKind.ADDED)} == {
            row[0] for row in added
        }
