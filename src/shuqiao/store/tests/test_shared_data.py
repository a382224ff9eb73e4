"""The real files, with the counts written down by looking at them (README of the data folder)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shuqiao.store import ColumnType, Preview, Query, Scope, Store, VersionHandle, build, sniff

pytestmark = pytest.mark.shared_data


def publish(path: Path, into: Path) -> tuple[Preview, VersionHandle]:
    preview = sniff(path)
    built = build(path, preview.recipe(), into)
    return preview, Store(into).open(built.id)


def quarantine(handle: VersionHandle) -> list[dict]:
    return [json.loads(line) for line in handle.quarantine_path().read_text().splitlines()]


def test_enterprises_keep_51661_rows_and_set_32_spoiled_ones_aside(shared_data: Path, tmp_path: Path) -> None:
    preview, handle = publish(shared_data / "enterprises_liaoning_1980-2004.csv.gz", tmp_path)
    types = {column.source: (column.type, column.checks, column.personal) for column in preview.columns}
    assert types["统一社会信用代码"] == (ColumnType.TEXT, ("credit_code",), "")
    assert types["注册日期"] == (ColumnType.DATE, (), "")
    assert types["法人代表"][2] == "name"
    assert preview.keys[0] == ("统一社会信用代码",)
    assert dict(preview.columns[3].null_markers) == {"N/A": 45_496}
    assert (handle.meta.rows, handle.meta.quarantined) == (51_661, 32)
    entries = quarantine(handle)
    assert [entry["kind"] for entry in entries] == ["row"] * 32
    assert handle.meta.reasons == {"characters": 32, "fields": 8, "type": 24, "credit_code": 24}
    assert (entries[0]["line"], entries[0]["reasons"][0]["text"]) == (39_875, "应有 10 列，实有 11 列")
    assert {reason["rule"] for reason in entries[2]["reasons"]} == {"characters", "credit_code", "type"}
    assert "912101027386842771" in entries[2]["raw"]
    assert all("\x00" not in entry["raw"] and entry["raw"] for entry in entries)
    scope = Scope.whole(handle.columns)
    query = Query.parse({"地区": "营口", "count": "exact", "limit": "1"})
    assert handle.rows(query, scope).total == 2_359
    found = handle.lookup(["统一社会信用代码"], ["91211422123510422P"], scope)
    assert [(row["企业名称"], row["注册日期"], row["企业类型"]) for row in found] == [
        ("建昌县房产管理处住宅建筑公司", "1980-01-01", "N/A")
    ]


def test_streets_decode_their_eight_four_byte_names(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "admin_streets_2023.gb18030.csv"
    preview, handle = publish(path, tmp_path)
    assert (preview.encoding, preview.delimiter, handle.meta.rows, handle.meta.quarantined) == (
        "gb18030",
        ",",
        41_352,
        0,
    )
    expected = [line.split(",") for line in path.read_bytes().decode("gb18030").split("\r\n")[1:] if line]

    def four_bytes(text: str) -> bool:
        return any(len(char.encode("gb18030")) == 4 for char in text)

    rare = {cells[0].strip('"'): cells[1].strip('"') for cells in expected if four_bytes(cells[1])}
    assert len(rare) == 8
    scope = Scope.whole(handle.columns)
    assert {code: handle.lookup(["code"], [code], scope)[0]["name"] for code in rare} == rare


def test_universities_report_titles_and_31_province_rows(shared_data: Path, tmp_path: Path) -> None:
    preview, handle = publish(shared_data / "universities_moe_2017.xls", tmp_path)
    assert (preview.format, preview.header_row, preview.separators) == ("xls", 3, 31)
    assert [line for line, _ in preview.titles] == [1, 2]
    assert (handle.meta.rows, handle.meta.quarantined) == (2_631, 0)
    assert handle.meta.reported == {"title": 2, "separator": 31}
    entries = quarantine(handle)
    assert [entry["line"] for entry in entries[:3]] == [1, 2, 4]
    assert "北京市（92所）" in entries[2]["raw"]
    row = handle.lookup(["学校标识码"], ["4111010001"], Scope.whole(handle.columns))[0]
    assert (row["序号"], row["学校名称"], row["备注"]) == (1, "北京大学", None)


def test_villages_keep_every_code_as_text(shared_data: Path, tmp_path: Path) -> None:
    preview, handle = publish(shared_data / "admin_villages_2023.csv.gz", tmp_path)
    assert {column.type for column in preview.columns} == {ColumnType.TEXT}
    assert (handle.meta.rows, handle.meta.quarantined) == (620_573, 0)
    assert (
        handle.rows(Query.parse({"cityCode": "2108", "count": "exact"}), Scope.whole(handle.columns)).total
        == 849
    )


# file: encoding, delimiter, header row, rows, lines reported, some column types
TABLES = {
    "gdp_by_province_nbs.gbk.csv": (
        "gb18030",
        ",",
        4,
        31,
        {"title": 3, "note": 2},
        {"地区": "text", "2024年": "decimal", "2006年": "decimal"},
    ),
    "catalog_taipei_2018.cp950.csv": ("cp950", ",", 1, 1_127, {}, {"最後更新時間": "datetime"}),
    "catalog_taoyuan_2018.csv": ("utf-8", ",", 1, 1_444, {}, {"資料名稱": "text"}),
    "air_quality_shenyang_2010-2015.csv": (
        "utf-8",
        ",",
        1,
        52_584,
        {},
        {"year": "integer", "PM_US Post": "integer", "HUMI": "decimal"},
    ),
    "weather_hangzhou_2012.csv": (
        "utf-8",
        ",",
        2,
        3_080,
        {"title": 1, "repeated_header": 208, "separator": 208},
        {"Day": "text", "TM": "decimal", "Tm": "decimal", "H": "integer"},
    ),
    "bus_stops_hangzhou.csv": ("utf-8", ";", 0, 5_589, {}, {"列2": "text", "列3": "decimal", "列7": "text"}),
    "penalties_massdep_2004-2017.csv": ("utf-8", ",", 1, 4_348, {}, {"Date": "text", "Year": "integer"}),
    "catalog_hangzhou_2023.json": ("utf-8", "", 0, 6_590, {}, {"发布时间": "date", "联系电话": "text"}),
    "hospitals_fever_clinics_2020-02.json": ("utf-8", "", 0, 6_753, {}, {"isDesignated": "boolean"}),
    "ckan_birmingham_package_search_2021.json": ("utf-8", "", 0, 10, {}, {"id": "text"}),
    "datajson_argentina_2018-07-10.json.gz": ("utf-8", "", 0, 639, {}, {"identifier": "text"}),
    "catalog_china_portals_2023.jsonl.gz": ("utf-8", "", 0, 100_157, {}, {"_portal": "text"}),
}


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_read_whole(name: str, shared_data: Path, tmp_path: Path) -> None:
    encoding, delimiter, header, rows, reported, types = TABLES[name]
    preview, handle = publish(shared_data / name, tmp_path)
    assert (preview.encoding, preview.delimiter, preview.header_row) == (encoding, delimiter, header)
    assert (preview.rows, preview.unsound) == (rows, 0)
    assert (handle.meta.rows, handle.meta.quarantined, handle.meta.reported) == (rows, 0, reported)
    found = {column.name: column.type for column in handle.columns}
    assert {column: found[column] for column in types} == types
    assert len(handle.rows(Query(limit=10), Scope.whole(handle.columns)).rows) == min(rows, 10)


def test_each_sheet_of_a_workbook_can_be_chosen(shared_data: Path) -> None:
    path = shared_data / "catalog_argentina_justicia.xlsx"
    sheets = sniff(path).sheets
    counts = [sniff(path, sheet=sheet).rows for sheet in sheets]
    assert counts == [1, 9, 16, 56, 53, 5]  # of the ten rows of notes five are blank


def test_a_nested_list_is_read_by_its_path(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "ckan_birmingham_package_search_2021.json"
    preview = sniff(path, list_path="result.results[].resources[]")
    assert preview.rows == 54
    assert build(path, preview.recipe(), tmp_path).meta.rows == 54


def test_typed_cells_come_back_as_they_were_written(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "gdp_by_province_nbs.gbk.csv"
    _, handle = publish(path, tmp_path)
    lines = path.read_bytes().decode("gb18030").replace("\r\n", "\n").split("\n")
    body = b"".join(handle.export(Query(), Scope.whole(handle.columns), "csv")).decode().replace('"', "")
    assert body.rstrip("\n").split("\n") == lines[3:35]
