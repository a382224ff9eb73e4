"""For any table, scope and query: both engines answer what a naive reading of the rows answers, and nothing
outside the scope is ever shown."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.store import ColumnType, NotInScope, Op, Predicate, Query, Scope
from shuqiao.store.tests.naive import (
    all_pages,
    is_refused,
    naive,
    queries,
    rows_of,
    scopes,
    texts,
    values,
    version_of,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of, scope=scopes(), queries_=st.lists(queries, min_size=1, max_size=6))
def test_both_engines_answer_what_a_naive_reading_answers(
    rows: list[dict[str, Any]], scope: Scope, queries_: list[Query]
) -> None:
    with tempfile.TemporaryDirectory() as folder, version_of(rows, Path(folder)) as handle:
        for query in queries_:
            if is_refused(scope, query):
                for engine in ("sqlite", "duckdb"):
                    with pytest.raises(NotInScope):
                        handle.rows(query, scope, engine=engine)
                continue
            expected = naive(rows, scope, query)
            for engine in ("sqlite", "duckdb", None):
                found, totals = all_pages(handle.rows, query, scope, engine)
                assert found == expected, engine
                assert totals == {len(expected) if query.count == "exact" else None}


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of, scope=scopes(), code=texts, number=values[ColumnType.INTEGER])
def test_lookups_answer_what_a_naive_reading_answers(
    rows: list[dict[str, Any]], scope: Scope, code: str, number: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, version_of(rows, Path(folder)) as handle:
        wanted: list[Any] = [(("代码",), (code,)), (("名称", "数"), (code, str(number)))]
        wanted += [(("代码",), (row["代码"],)) for row in rows if row["代码"]]
        wanted += [
            (("名称", "数"), (row["名称"], row["数"]))
            for row in rows
            if row["名称"] and row["数"] is not None
        ]
        for key, given_values in wanted:
            filters = tuple(
                Predicate(name, Op.EQ, (value,)) for name, value in zip(key, given_values, strict=True)
            )
            query = Query(filters=filters)
            if is_refused(scope, query):
                with pytest.raises(NotInScope):
                    handle.lookup(key, given_values, scope)
                continue
            typed = Query(filters=tuple(
                Predicate(p.column, p.op, (int(p.values[0]) if p.column == "数" else p.values[0],)) for p in filters
            ))  # fmt: skip
            expected = naive(rows, scope, typed)
            assert handle.lookup(key, given_values, scope) == expected
            prepared = handle.prepare_lookup(key, scope)
            several = prepared.run_many([given_values, *[values for asked, values in wanted if asked == key]])
            assert [dict(zip(prepared.columns, row, strict=True)) for row in several[0]] == expected
            assert several[1:] == [prepared.run(values) for asked, values in wanted if asked == key]
