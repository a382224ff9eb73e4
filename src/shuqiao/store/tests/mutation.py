"""Real files in small, one per format, and ways to spoil them. Shared by the property tests and `make fuzz`."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from openpyxl import Workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import Query, Scope, Store, build, sniff

ROWS = [
    ["名称", "数量", "日期"],
    ["营口", "1", "2024-01-02"],
    ["沈阳", "2.5", "2024-01-03"],
    ["合计", "", "3"],
]


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


def _workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (["甲", "乙", None], [None, "丙", "丁"], ["x", 1, 2.5], ["y", True, None], [None, 3, 4]):
        book.active.append(row)
    for place in ("A1:A2", "B1:C1", "A4:A5"):
        book.active.merge_cells(place)
    book.save(out)
    return out.getvalue()


def _old_workbook() -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("表")
    sheet.write_merge(0, 0, 0, 2, "标题")
    for y, row in enumerate(ROWS, start=1):
        for x, cell in enumerate(row):
            sheet.write(y, x, cell)
    book.save(out)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    columns = {
        "甲": ["x", "y", None],
        "乙": [1, 2, 3],
        "丙": [[1], [], None],
        "丁": [1.5, None, float("inf")],
    }
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("说明.txt", "x")
        archive.writestr("表.csv", content)
    return out.getvalue()


def _zstd(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content)
    packed: bytes = out.getvalue().to_pybytes()
    return packed


@cache
def seeds() -> dict[str, bytes]:
    """A sound file of every format."""
    table = "".join(",".join(row) + "\n" for row in ROWS)
    records = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    features = [
        {"type": "Feature", "properties": each, "geometry": {"type": "Point", "coordinates": [1, 2.50]}}
        for each in records
    ]
    rows = "".join(f'<row id="{n}"><名称>{each["名称"]}</名称><数/></row>' for n, each in enumerate(records))
    return {
        "csv": table.encode(),
        "gb18030": table.encode("gb18030"),
        "utf-16": table.encode("utf-16"),
        "quoted": table.replace("营口", '"营,""口\n"').encode(),
        "caret": table.replace(",", "^").encode(),
        "json": json.dumps({"data": {"rows": records}}, ensure_ascii=False).encode(),
        "ndjson": "".join(json.dumps(each) + "\n" for each in records).encode(),
        "geojson": json.dumps({"type": "FeatureCollection", "features": features}).encode(),
        "xml": f'<?xml version="1.0" encoding="UTF-8"?><data><rows>{rows}</rows></data>'.encode(),
        "xlsx": _workbook(),
        "xls": _old_workbook(),
        "parquet": _parquet(),
        "zip": _zip(table.encode()),
        "gz": gzip.compress(table.encode()),
        "zst": _zstd(table.encode()),
    }


def spoil(data: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    """At each place (counted modulo the length) put bytes instead of as many as the change says."""
    spoiled = bytearray(data)
    for place, instead, count in changes:
        at = place % (len(spoiled) + 1)
        spoiled[at : at + count] = instead
    return bytes(spoiled)
