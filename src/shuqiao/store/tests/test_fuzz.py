"""Whatever bytes come in, a reader answers with a table or with InvalidInput."""

from __future__ import annotations

import gzip
import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.store import Column, ColumnType, Mask, Query, Scope
from shuqiao.store.binding import bind_query, bind_scope
from shuqiao.store.engines.sqlite import SqliteDialect
from shuqiao.store.grouping import bind_aggregate, compile_groups
from shuqiao.store.scope import ColumnScope
from shuqiao.store.tests.mutation import read, seeds

quick = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
csv_like = st.lists(
    st.sampled_from(
        [
            b",",
            b'"',
            b"\n",
            b"\r\n",
            b"\r",
            b";",
            b"a",
            "营".encode(),
            "营".encode("gb18030"),
            b"\x00",
            b"\xff",
            b"\x1a",
            b"1",
            b" ",
            b"-",
            b"\xef\xbb\xbf",
        ]
    ),
    max_size=80,
).map(b"".join)
json_like = st.lists(
    st.sampled_from(
        [
            b"[",
            b"]",
            b"{",
            b"}",
            b'"a"',
            b":",
            b",",
            b"1",
            b"1e999",
            b"null",
            b"\n",
            b'"\\ud800"',
            b"NaN",
            b"\\",
            b'"',
        ]
    ),
    max_size=60,
).map(b"".join)


WORKBOOK = seeds()["xlsx"]


@quick
@given(st.binary(max_size=400) | csv_like | json_like)
@example(b'a,b\n"1,2\n')
@example(b'{"a": [{"b": 1}]}')
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"a":1}\n' + b'{"a":' * 100_000)
def test_random_bytes(data: bytes) -> None:
    read(data)


@quick
@given(st.binary(max_size=60) | csv_like, st.integers(0, 30))
def test_broken_gzip(data: bytes, cut: int) -> None:
    packed = gzip.compress(data)
    read(packed[: len(packed) - cut])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), max_size=20),
    st.integers(0, 300),
)
def test_damaged_workbooks(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(WORKBOOK)
    for place, byte in changes:
        data[place] = byte
    read(bytes(data[: len(data) - cut]))


@quick
@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=4), min_size=1, max_size=8))
def test_any_text_in_json_comes_back_or_is_reported(rows: list[list[str]]) -> None:
    read(json.dumps([{f"k{place}": cell for place, cell in enumerate(row)} for row in rows]).encode())


COLUMNS = (
    Column("名称", "c1", ColumnType.TEXT),
    Column("数", "c2", ColumnType.INTEGER),
    Column("额", "c3", ColumnType.DECIMAL, "minimal", 2),
    Column("日", "c4", ColumnType.DATE),
)
words = st.sampled_from(
    [
        "名称",
        "c2",
        "额",
        "日",
        "select",
        "sort",
        "limit",
        "cursor",
        "count",
        "group",
        "aggregate",
        "__eq",
        "x__",
        "-",
        "sum:数",
        "avg:c3",
        "sum:",
        "max:日",
        "count:名称",
    ]
)
names = st.one_of(
    words,
    st.text(max_size=8),
    st.tuples(words, st.sampled_from(["in", "between", "isnull", "lt", "contains"])).map("__".join),
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(names, st.text(max_size=20) | words | st.sampled_from(["1e99", "NaN", "-0", "1,2", "٣"])),
        max_size=6,
    )
)
def test_any_parameters_parse_or_are_refused(pairs: list[tuple[str, str]]) -> None:
    scope = Scope((ColumnScope("名称"), ColumnScope("数"), ColumnScope("额"), ColumnScope("日", Mask.YEAR)))
    try:
        query = Query.parse(pairs)
        if query.aggregated:
            groups = bind_aggregate(COLUMNS, bind_scope(COLUMNS, scope), query, "0" * 64)
            assert compile_groups(groups, SqliteDialect()).text.count("?") == len(
                compile_groups(groups, SqliteDialect()).params
            )
            assert groups.outputs
            return
        bound = bind_query(COLUMNS, bind_scope(COLUMNS, scope), query, "0" * 64)
    except (InvalidInput, RuleRefused):
        return
    assert bound.select
