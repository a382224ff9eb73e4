"""For any table, scope and query: what every export format holds, read back, is the naive answer."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shuqiao.store import EXPORT_FORMATS, ColumnType, Mask, NotInScope, Query, Scope
from shuqiao.store.exporting.lines import xml_name
from shuqiao.store.tests.naive import (
    TYPES,
    found_by,
    granted,
    is_refused,
    naive,
    ordered,
    queries,
    rows_of,
    scopes,
    version_of,
)

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def typed(rows: list[dict[str, Any]], scope: Scope, query: Query) -> list[dict[str, Any]]:
    """The naive answer with unmasked values as they are."""
    masks = granted(scope)
    raw = ordered(found_by(rows, scope, query), query.sort)
    return [
        {name: row[name] if masks[name] is Mask.NONE else value for name, value in shown.items()}
        for row, shown in zip(raw, naive(rows, scope, query), strict=True)
    ]


def check_csv(body: bytes, expected: list[dict[str, Any]]) -> None:
    names, *found = csv.reader(io.StringIO(body.decode(), newline=""))
    assert [row or [""] for row in found] == [[plain(value) for value in row.values()] for row in expected]
    assert not expected or names == list(expected[0])


def check_xml(body: bytes, expected: list[dict[str, Any]]) -> None:
    found = [{cell.tag: cell.text or "" for cell in row} for row in fromstring(body)]
    assert found == [
        {xml_name(n): NOT_IN_XML.sub("\ufffd", plain(v)) for n, v in row.items() if v is not None}
        for row in expected
    ]


def check_workbook(body: bytes, expected: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    book = load_workbook(io.BytesIO(body), read_only=True)
    cells = [[cell.value for cell in row] for row in book.active.iter_rows(max_col=len(columns))]
    assert cells[0] == list(columns)
    assert len(cells) == len(expected) + 1
    for row, wanted in zip(cells[1:], expected, strict=True):
        for name, value in zip(columns, row, strict=True):
            assert as_sheet(wanted[name]) == (
                plain(value) if isinstance(value, bool) else as_number(value)
            ), name


def as_sheet(value: Any) -> Any:
    if isinstance(value, bool):
        return plain(value)
    text = None if value is None else NOT_IN_XML.sub("\ufffd", str(value))
    if text is not None:
        text = re.sub("_(x[0-9A-Fa-f]{4}_)", "_x005F_\\1", text)
    return as_number(text)


def as_number(value: Any) -> Any:
    """Numbers and their texts are one thing here."""
    try:
        return float(value) if isinstance(value, int | float) or re.fullmatch("-?[0-9.]+", value) else value
    except (TypeError, ValueError):
        return value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of, scope=scopes(), query=queries, sheet=st.booleans())
def test_every_format_holds_what_a_naive_reading_answers(
    rows: list[dict[str, Any]], scope: Scope, query: Query, sheet: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, version_of(rows, Path(folder)) as handle:
        if is_refused(scope, query):
            for kind in EXPORT_FORMATS:
                with pytest.raises(NotInScope):
                    handle.export(query, scope, kind)
            return
        expected, values = naive(rows, scope, query), typed(rows, scope, query)

        def body(kind: str, compression: str = "") -> bytes:
            export = handle.export(query, scope, kind, compression=compression)
            data = b"".join(export)
            assert export.rows == len(expected)
            assert list(export.columns) == list(expected[0] if expected else export.columns)
            return data

        check_csv(body("csv"), expected)
        assert gzip.decompress(body("csv", "gzip")) == body("csv")
        assert json.loads(body("json")) == expected
        assert [json.loads(line) for line in body("ndjson").splitlines()] == expected
        check_xml(body("xml"), expected)
        assert pq.read_table(io.BytesIO(body("parquet"))).to_pylist() == values
        assert pa.ipc.open_stream(body("arrow")).read_all().to_pylist() == values
        if sheet:
            columns = handle.export(query, scope, "xlsx").columns
            check_workbook(body("xlsx"), expected, columns)


def test_types_of_columns_are_kept(tmp_path: Path) -> None:
    with version_of([], tmp_path) as handle:
        body = b"".join(handle.export(Query(), Scope.whole(handle.columns), "parquet"))
    schema = pq.read_schema(io.BytesIO(body))
    assert schema.names == list(TYPES)
    assert [str(schema.field(name).type) for name in TYPES if TYPES[name] is not ColumnType.DATETIME] == [
        "string", "string", "int64", "decimal128(18, 2)", "date32[day]", "bool",
    ]  # fmt: skip
