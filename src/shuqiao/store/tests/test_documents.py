"""GeoJSON, Parquet and XML: records with names of their own."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shuqiao.kernel import InvalidInput
from shuqiao.store import ColumnType, Format, build, sniff
from shuqiao.store.reading import Source, xml_records
from shuqiao.store.reading.xml_records import XmlReader
from shuqiao.store.tests.tables import entries, publish, rows_of, write

FEATURE = {
    "type": "Feature",
    "properties": {"名称": "站前区"},
    "geometry": {"type": "Point", "coordinates": [1, 2]},
}


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": features}, ensure_ascii=False)


def test_geometry_keeps_the_digits_it_was_written_with(tmp_path: Path) -> None:
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"n": 1},'
        '"geometry": {"type": "Point", "coordinates": [122.200, 40.1234567890123456, 1e1]}},'
        '{"type": "Feature", "properties": null, "geometry": null}]}'
    )
    preview = sniff(write(tmp_path, text))
    assert (preview.format, preview.path, preview.rows) == (Format.GEOJSON, "features[]", 2)
    geometry = '{"type":"Point","coordinates":[122.200,40.1234567890123456,1e1]}'
    assert rows_of(publish(tmp_path / "t")) == [[1, geometry], [None, None]]


def test_a_feature_of_its_own_kind_loses_nothing(tmp_path: Path) -> None:
    """Its id, its box, and properties called like the columns we add."""
    odd = FEATURE | {"id": 7, "bbox": [1, 2, 3, 4], "properties": {"geometry": "x", "@id": "y", "id": "z"}}
    handle = publish(write(tmp_path, collection(odd, odd)))
    names = [column.name for column in handle.columns]
    assert names == ["properties.geometry", "properties.@id", "id", "@id", "@bbox", "geometry"]
    assert rows_of(handle)[0] == ["x", "y", "z", "7", "[1,2,3,4]", '{"type":"Point","coordinates":[1,2]}']


def test_one_feature_a_line_is_geojson_too(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(json.dumps(FEATURE, ensure_ascii=False) + "\n" for _ in range(3)))
    assert (sniff(path).format, sniff(path).path, sniff(path).rows) == (Format.GEOJSON, "", 3)
    assert rows_of(publish(path))[0][0] == "站前区"


def test_what_is_no_feature_is_set_aside(tmp_path: Path) -> None:
    handle = publish(
        write(tmp_path, collection(FEATURE, {"type": "Point"}, [1], FEATURE | {"properties": [1]}, FEATURE))
    )
    assert handle.meta.rows == 2
    assert [entry["reasons"][0]["text"][:5] for entry in entries(handle)] == [
        "不是一个 ",
        "不是一个 ",
        "要素的 p",
    ]


TYPED: dict[str, tuple[pa.Array, str, list[Any]]] = {
    "整数": (pa.array([1, None], pa.int32()), "integer", [1, None]),
    "编号": (pa.array([7, 8], pa.uint16()), "integer", [7, 8]),
    "大整数": (pa.array([2**64 - 1, 1], pa.uint64()), "text", [str(2**64 - 1), "1"]),
    "金额": (
        pa.array([Decimal("1.50"), Decimal("-2.00")], pa.decimal128(12, 2)),
        "decimal",
        ["1.50", "-2.00"],
    ),
    "浮点": (pa.array([1.5, 2.0]), "decimal", ["1.5", "2"]),
    "非数": (pa.array([float("nan"), 1e300]), "text", ["nan", "1e+300"]),
    "日": (pa.array([date(2020, 1, 2), None]), "date", ["2020-01-02", None]),
    "时刻": (
        pa.array([datetime(2020, 1, 2, 3, 4, 5)] * 2, pa.timestamp("us")),
        "datetime",
        ["2020-01-02T03:04:05"] * 2,
    ),
    "秒": (pa.array([datetime(2020, 1, 2)] * 2, pa.timestamp("s")), "datetime", ["2020-01-02T00:00:00"] * 2),
    "毫秒": (
        pa.array([1, 1_000], pa.timestamp("ms")),
        "text",
        ["1970-01-01 00:00:00.001000", "1970-01-01 00:00:01"],
    ),
    "纳秒": (
        pa.array([1, 10**9], pa.timestamp("ns")),
        "text",
        ["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:01.000000000"],
    ),
    "时区": (
        pa.array([datetime(2020, 1, 2, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC")),
        "text",
        ["2020-01-02 00:00:00+00:00"] * 2,
    ),
    "钟点": (pa.array([time(1, 2, 3), None]), "text", ["01:02:03", None]),
    "是否": (pa.array([True, False]), "boolean", [True, False]),
    "文字": (pa.array(["007", "1"]), "text", ["007", "1"]),
    "类别": (pa.array(["甲", None]).dictionary_encode(), "text", ["甲", None]),
    "字节": (pa.array([b"\x00\xff", b"a"]), "text", ["00ff", "61"]),
    "列表": (pa.array([[1, None], []]), "text", ["[1,null]", "[]"]),
    "结构": (pa.array([{"甲": 1, "d": date(2020, 1, 2)}, None]), "text", ['{"甲":1,"d":"2020-01-02"}', None]),
    "映射": (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())), "text", ['[["k",1]]', None]),
}


def test_parquet_keeps_the_declared_types(tmp_path: Path) -> None:
    table = pa.table({name: array for name, (array, _, _) in TYPED.items()})
    pq.write_table(table, tmp_path / "t")
    preview = sniff(tmp_path / "t")
    assert preview.format is Format.PARQUET
    assert {column.source: column.type.value for column in preview.columns} == {
        name: kind for name, (_, kind, _) in TYPED.items()
    }
    rows = rows_of(publish(tmp_path / "t"))
    assert {name: [row[place] for row in rows] for place, name in enumerate(TYPED)} == {
        name: values for name, (_, _, values) in TYPED.items()
    }


def test_parquet_of_many_row_groups_is_read_in_order(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"n": range(30_000), "s": [f"第{n}" for n in range(30_000)]}),
        tmp_path / "t",
        row_group_size=7_000,
    )
    handle = publish(tmp_path / "t")
    assert handle.meta.rows == 30_000
    assert rows_of(handle)[9_999] == [9_999, "第9999"]


def test_parquet_with_other_columns_is_named_column_by_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"甲": ["x"], "乙": [1]}), tmp_path / "t")
    recipe = sniff(tmp_path / "t").recipe()
    pq.write_table(pa.table({"甲": ["x"], "丙": [1]}), tmp_path / "u")
    with pytest.raises(InvalidInput) as caught:
        build(tmp_path / "u", recipe, tmp_path / "store")
    assert [problem.where for problem in caught.value.problems] == ["乙", "丙"]


def test_a_long_text_named_by_every_row_is_held_once(tmp_path: Path) -> None:
    """A dictionary of one megabyte for 4,000 rows: 4 GB if every row had its own."""
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000, pa.int32()), pa.array(["长" * 350_000]))
    pq.write_table(pa.table({"a": words}), tmp_path / "t")
    assert (tmp_path / "t").stat().st_size < 2 << 20
    from shuqiao.store.reading.parquet import ParquetReader

    tracemalloc.start()
    seen = sum(len(chunk) for chunk in ParquetReader(Source(tmp_path / "t")).chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (seen, peak < 64 << 20) == (4_000, True)


XML = """<?xml version="1.0" encoding="{}"?>
<!-- 导出 -->
<data xmlns="http://example.org/x"><meta><date>2024-01-02</date></meta><rows>
<row id="1"><名称>营口 &amp; 沈阳</名称><数量>10</数量><电话>1</电话><电话>2</电话></row>
<row id="2"><名称/><地址 邮编="115000"><市>营口</市></地址></row>
<row id="3"><名称><![CDATA[<甲>]]></名称><数量>30</数量></row>
</rows></data>"""


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB2312", "UTF-16", "Big5"])
def test_xml_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = XML.format(encoding)
    if encoding == "Big5":
        text = (
            text.replace("营", "營")
            .replace("沈阳", "瀋陽")
            .replace("数", "數")
            .replace("电话", "電話")
            .replace("导", "導")
        )
        text = text.replace("邮编", "郵編").replace("名称", "名稱")
    path = write(tmp_path, text, encoding=encoding)
    preview = sniff(path)
    assert (preview.format, preview.path, preview.rows) == (Format.XML, "data/rows/row", 3)
    name, amount, tel = ("名稱", "數量", "電話") if encoding == "Big5" else ("名称", "数量", "电话")
    assert [column.source for column in preview.columns] == ["@id", name, amount, tel, "地址"]
    rows = rows_of(publish(path))
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert [row[2] for row in rows] == [10, None, 30]
    assert (rows[0][3], rows[1][1], rows[2][1]) == ('["1","2"]', None, "<甲>")
    assert rows[1][4] == (
        '{"@郵編":"115000","市":"營口"}' if encoding == "Big5" else '{"@邮编":"115000","市":"营口"}'
    )


def test_the_publisher_may_name_another_element(tmp_path: Path) -> None:
    text = "<a><b><c><d>1</d></c><c><d>2</d></c></b><b><c><d>3</d></c></b></a>"
    preview = sniff(write(tmp_path, text))
    assert (preview.path, preview.rows, dict(preview.paths)) == ("a/b", 2, {"a/b": 2, "a/b/c": 3})
    inner = sniff(tmp_path / "t", list_path="a/b/c")
    assert rows_of(publish(tmp_path / "t", inner.recipe())) == [[1], [2], [3]]
    with pytest.raises(InvalidInput, match="没有找到任何数据列"):
        sniff(tmp_path / "t", list_path="a/x")


def test_a_field_of_xml_the_recipe_does_not_know_is_not_dropped(tmp_path: Path) -> None:
    recipe = sniff(write(tmp_path, "<a><r><b>x</b></r><r><b>y</b></r></a>", "old")).recipe()
    handle = publish(write(tmp_path, "<a><r><b>x</b></r><r><b>y</b><新>1</新></r></a>", "new"), recipe)
    (entry,) = entries(handle)
    assert (entry["line"], entry["raw"]) == (2, '{"b":"y","新":"1"}')
    assert entry["reasons"][0]["text"] == "有读取方案里没有的字段：新"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><a><b c="1"/><b c="2"/></a>', "实体"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>&x;</b></a>', "实体"),
        ("<a><b><c>1</c></b><b>", "不是有效的 XML"),
        ("<a>" * 200 + "</a>" * 200, "嵌套超过"),
        ("<a>x</a>", "没有重复的元素"),
    ],
)
def test_xml_that_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        sniff(write(tmp_path, text))


def test_a_record_without_end_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_records, "MAX_RECORD_CHARS", 1 << 20)
    path = write(tmp_path, "<a><r>" + "<b>x</b>" * 400_000 + "</r><r><b>y</b></r></a>")
    with pytest.raises(InvalidInput, match="一条记录超过"):
        sniff(path, list_path="a/r")


def test_xml_is_streamed(tmp_path: Path) -> None:
    def text() -> Iterator[str]:
        yield "<a>"
        for number in range(60_000):
            yield f"<r><n>{number}</n><s>{'字' * 100}</s></r>\n"
        yield "</a>"

    with (tmp_path / "t").open("w", encoding="utf-8") as file:
        file.writelines(text())
    reader = XmlReader(Source(tmp_path / "t"), "utf-8", "a/r", ["n", "s"])
    tracemalloc.start()
    rows = sum(len(chunk) for chunk in reader.chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 60_000
    assert peak < (tmp_path / "t").stat().st_size * 3 // 4  # text in memory is wider than in the file


def test_types_are_proposed_for_xml(tmp_path: Path) -> None:
    text = "<a>" + "".join(f"<r><日期>2024-01-0{n}</日期><额>{n}.50</额></r>" for n in range(1, 8)) + "</a>"
    preview = sniff(write(tmp_path, text))
    assert [column.type for column in preview.columns] == [ColumnType.DATE, ColumnType.DECIMAL]


def test_names_of_xml_that_differ_only_in_their_namespace_are_all_kept(tmp_path: Path) -> None:
    """An attribute with a prefix is another one than that without; so are elements of two namespaces."""
    text = (
        '<a xmlns:b="urn:b" xmlns:c="urn:c"><i b:id="1" id="2"><b:x>3</b:x><c:x>4</c:x><y/></i>'
        '<i b:id="5" xml:lang="zh"><c:x b:k="6" k="7">8</c:x><y>9</y></i></a>'
    )
    handle = publish(write(tmp_path, text))
    assert {
        column.name: values for column, *values in zip(handle.columns, *rows_of(handle), strict=True)
    } == {
        "@b:id": ["1", "5"],
        "@id": ["2", None],
        "b:x": [3, None],
        "c:x": [4, None],
        "y": [None, 9],
        "@xml:lang": [None, "zh"],
        "x": [None, '{"@b:k":"6","@k":"7","#text":"8"}'],
    }


def test_one_prefix_for_two_namespaces(tmp_path: Path) -> None:
    text = (
        '<a xmlns:b="urn:1" xmlns:c="urn:2"><i c:id="x" b:id="y"><b:t xmlns:b="urn:3">1</b:t><b:t>2</b:t></i>'
        '<i xmlns:b="urn:2" xmlns:d="urn:1" d:id="z" b:id="w"/><i/></a>'
    )
    handle = publish(write(tmp_path, text))
    kept = [cell for row in rows_of(handle) for cell in row if cell is not None]
    assert sorted(map(str, kept)) == ["1", "2", "w", "x", "y", "z"]
