"""Whatever bytes come in, a reader answers with a table or with InvalidInput."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.store import Column, ColumnType, Mask, Query, Scope, Store, build, sniff
from shuqiao.store.binding import bind_query, bind_scope
from shuqiao.store.scope import ColumnScope

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


def _workbook() -> bytes:
    book = Workbook()
    for row in (["甲", "乙"], ["1", 2.5], ["x", True]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = _workbook()


def read(data: bytes) -> None:
    """Sniff and, when that gives a proposal, build it: every row is in the version or in the report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        try:
            preview = sniff(path)
            built = build(path, preview.recipe(), Path(folder) / "store")
        except InvalidInput:
            return
        assert built.meta.rows + built.meta.quarantined == preview.rows
        with Store(Path(folder) / "store").open(built.id) as handle:
            page = handle.rows(Query(count="exact"), Scope.whole(handle.columns))
            assert page.total == built.meta.rows


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
    ["名称", "c2", "额", "日", "select", "sort", "limit", "cursor", "count", "__eq", "x__", "-"]
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
        bound = bind_query(COLUMNS, bind_scope(COLUMNS, scope), query, "0" * 64)
    except (InvalidInput, RuleRefused):
        return
    assert bound.select
