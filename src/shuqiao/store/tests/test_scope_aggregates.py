"""For any table, scope and question of groups: both engines give the figures worked out row by row, and only of
columns granted unmasked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.kernel import InvalidInput
from shuqiao.store import (
    Aggregate,
    ColumnType,
    Figure,
    Mask,
    NotInScope,
    Query,
    Scope,
    SortKey,
    VersionHandle,
)
from shuqiao.store.tests.naive import (
    NAMES,
    TYPES,
    all_pages,
    found_by,
    granted,
    ordered,
    predicates,
    rows_of,
    scopes,
    version_of,
    written,
)

FIGURES = [Aggregate(Figure.COUNT), *[Aggregate(f, n) for f in Figure for n in NAMES if f.fits(TYPES[n])]]


@st.composite
def questions(draw: Callable[..., Any]) -> Query:
    group = tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)))
    figures = tuple(
        draw(st.lists(st.sampled_from(FIGURES), min_size=0 if group else 1, max_size=3, unique=True))
    )
    outputs = [*group, *[one.name for one in figures or (Aggregate(Figure.COUNT),)]]
    sort = draw(st.lists(st.builds(SortKey, st.sampled_from(outputs), st.booleans()), max_size=2))
    return Query(
        group=group,
        aggregates=figures,
        filters=tuple(draw(st.lists(predicates(), max_size=1))),
        sort=tuple(sort),
        limit=draw(st.sampled_from([1, 2, 100])),
        count=draw(st.sampled_from(["none", "exact"])),
    )


def figure_of(one: Aggregate, rows: list[dict[str, Any]]) -> Any:
    """A figure as a value that can be compared with others of its kind."""
    if not one.column:
        return len(rows)
    present = [row[one.column] for row in rows if row[one.column] is not None]
    if one.figure is Figure.COUNT:
        return len(present)
    if not present:
        return None
    if one.figure in (Figure.MIN, Figure.MAX):
        return min(present) if one.figure is Figure.MIN else max(present)
    total = sum(Fraction(value) for value in present)
    if one.figure is Figure.SUM:
        return total
    places = 10 ** (6 + (2 if TYPES[one.column] is ColumnType.DECIMAL else 0))
    size = int(abs(total) / len(present) * places + Fraction(1, 2))
    return Fraction(-size if total < 0 else size, places)


def shown(value: Any) -> Any:
    if not isinstance(value, Fraction):
        return written(value)
    units = value * 10**8
    assert units.denominator == 1
    text = f"{Decimal(int(units)).scaleb(-8):f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def naive_groups(rows: list[dict[str, Any]], scope: Scope, query: Query) -> list[dict[str, Any]]:
    gathered: dict[tuple[Any, ...], list[dict[str, Any]]] = {} if query.group else {(): []}
    for row in found_by(rows, scope, query):
        gathered.setdefault(tuple(row[name] for name in query.group), []).append(row)
    figures = query.aggregates or (Aggregate(Figure.COUNT),)
    made = [
        dict(zip(query.group, values, strict=True)) | {one.name: figure_of(one, members) for one in figures}
        for values, members in gathered.items()
    ]
    made = ordered(made, [*query.sort, *[SortKey(name) for name in query.group]])
    return [{name: shown(value) for name, value in row.items()} for row in made]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of, scope=scopes(), questions_=st.lists(questions(), min_size=1, max_size=6))
def test_both_engines_work_out_what_a_naive_reading_works_out(
    rows: list[dict[str, Any]], scope: Scope, questions_: list[Query]
) -> None:
    with tempfile.TemporaryDirectory() as folder, version_of(rows, Path(folder)) as handle:
        for query in questions_:
            used = {*query.group, *(p.column for p in query.filters)}
            used |= {one.column for one in query.aggregates if one.column}
            given_ = granted(scope)
            if not given_ or any(given_.get(name) is not Mask.NONE for name in used):
                for engine in ("sqlite", "duckdb"):
                    with pytest.raises(NotInScope):
                        handle.aggregate(query, scope, engine=engine)
                continue
            expected = naive_groups(rows, scope, query)
            for engine in ("sqlite", "duckdb", None):
                found, totals = all_pages(handle.aggregate, query, scope, engine)
                assert found == expected, engine
                assert totals == {len(expected) if query.count == "exact" else None}


ROWS: list[dict[str, Any]] = [
    {"名称": "a", "代码": None, "数": 2**63 - 1, "额": Decimal("0.01"), "日": None, "时": None, "否": True},
    {"名称": "a", "代码": None, "数": 2**63 - 1, "额": Decimal("-0.02"), "日": None, "时": None, "否": False},
    {"名称": None, "代码": None, "数": None, "额": None, "日": None, "时": None, "否": None},
]


@pytest.fixture(scope="module")
def handle(tmp_path_factory: pytest.TempPathFactory) -> VersionHandle:
    return version_of(ROWS, tmp_path_factory.mktemp("aggregates"))


def asked(handle: VersionHandle, **params: str) -> list[dict[str, Any]]:
    return handle.aggregate(Query.parse(params), Scope.whole(handle.columns)).rows


def test_addresses_name_columns_by_name_or_code(handle: VersionHandle) -> None:
    expected = [
        {"名称": "a", "count": 2, "sum:数": str(2**64 - 2), "avg:额": "-0.005"},
        {"名称": None, "count": 1, "sum:数": None, "avg:额": None},
    ]
    assert asked(handle, group="名称", aggregate="count,sum:数,avg:额") == expected
    assert asked(handle, group="c1", aggregate="count,sum:c3,avg:c4", sort="sum:c3") == expected
    assert asked(handle, group="名称", sort="-count,c1", limit="1") == [{"名称": "a", "count": 2}]
    assert asked(handle, aggregate="min:额,max:额,count:数", 名称="b") == [
        {"min:额": None, "max:额": None, "count:数": 0}
    ]


@pytest.mark.parametrize(
    "params",
    [
        {"aggregate": "median:数"},
        {"aggregate": "sum"},
        {"aggregate": "sum:"},
        {"aggregate": "sum:名称"},
        {"aggregate": "min:否"},
        {"aggregate": "sum:没有"},
        {"group": "没有"},
        {"group": "名称", "sort": "额"},
        {"group": "名称", "sort": "sum:额"},
        {"group": "名称", "select": "名称"},
        {"group": ",".join(f"c{n}" for n in range(1, 10))},
        {"名称": "a"},
    ],
)
def test_what_cannot_be_worked_out_is_bad_input(handle: VersionHandle, params: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        asked(handle, **params)


def test_groups_are_no_rows(handle: VersionHandle) -> None:
    query, scope = Query.parse({"group": "名称"}), Scope.whole(handle.columns)
    with pytest.raises(InvalidInput, match="统计"):
        handle.rows(query, scope)
    with pytest.raises(InvalidInput, match="导出"):
        handle.export(query, scope, "csv")


def test_a_cursor_belongs_to_its_question(handle: VersionHandle) -> None:
    scope = Scope.whole(handle.columns)
    query = Query.parse({"group": "名称", "aggregate": "sum:数", "sort": "sum:数", "limit": "1"})
    cursor = handle.aggregate(query, scope).next_cursor
    assert cursor is not None
    for other in ({"group": "否"}, {"group": "名称", "aggregate": "sum:额", "sort": "sum:额"}):
        with pytest.raises(InvalidInput, match="排序"):
            handle.aggregate(msgspec.structs.replace(Query.parse(other), cursor=cursor), scope)
