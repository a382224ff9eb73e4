"""The real files again, read by other means (csv, json, openpyxl): every type, and every cell written back."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from shuqiao.store import Column, ColumnType, Preview, Query, Scope, Store, VersionHandle, build, sniff
from shuqiao.store.cells import BOOLEAN_FORMS, render_date, render_datetime

pytestmark = pytest.mark.shared_data
csv.field_size_limit(1 << 24)
INT, D, B, DAY, NOW = "integer", "decimal", "boolean", "date", "datetime"

# file -> (number of columns, those that are not text, the proposed key). Seen by counting the shapes of all values
# with the csv and json modules; identifiers and columns in which one value would change stay text.
COLUMNS: dict[str, tuple[int, dict[str, str], str]] = {
    "admin_streets_2023.gb18030.csv": (5, {}, "code"),
    "admin_villages_2023.csv.gz": (6, {}, "code"),
    "air_quality_shenyang_2010-2015.csv": (
        17,
        dict.fromkeys(
            [
                "No",
                "year",
                "month",
                "day",
                "hour",
                "season",
                "PM_Taiyuanjie",
                "PM_Xiaoheyan",
                "DEWP",
                "PRES",
                "TEMP",
                "PM_US Post",
            ],
            INT,
        )
        | dict.fromkeys(["HUMI", "Iws", "precipitation", "Iprec"], D),
        "",
    ),
    "boundaries_shenyang_districts.geojson": (9, {"childrenNum": INT, "subFeatureIndex": INT}, "adcode"),
    "bus_lines_hangzhou.geojson": (3, {}, ""),
    "bus_stops_hangzhou.csv": (7, {"列3": D, "列4": D}, ""),
    "catalog_argentina_justicia.xlsx": (12, {}, "catalog_homepage"),
    "catalog_china_portals_2023.jsonl.gz": (117, {}, ""),
    "catalog_hangzhou_2023.json": (12, {"发布时间": DAY, "数据量": INT}, ""),
    "catalog_taipei_2018.cp950.csv": (27, {"最後更新時間": NOW, "建立日期": NOW}, "編號"),
    "catalog_taoyuan_2018.csv": (29, {"最後更新時間": NOW, "建立日期": NOW}, "編號"),
    "ckan_birmingham_package_search_2021.json": (
        31,
        {"private": B, "isopen": B, "num_tags": INT, "num_resources": INT, "version": D},
        "id",
    ),
    "datajson_argentina_2018-07-10.json.gz": (17, {}, "identifier"),
    "datajson_argentina_2019-04-08.json.gz": (17, {}, "identifier"),
    "enterprises_liaoning_1980-2004.csv.gz": (10, {"注册日期": DAY}, "统一社会信用代码"),
    "gdp_by_province_nbs.gbk.csv": (20, {f"{year}年": D for year in range(2006, 2025)}, "地区"),
    "hospitals_fever_clinics_2020-02.json": (11, {"isDesignated": B, "date": DAY}, ""),
    "penalties_massdep_2004-2017.csv": (30, {"Year": INT}, ""),
    "universities_moe_2017.xls": (7, {"序号": INT}, "学校标识码"),
    "weather_hangzhou_2012.csv": (
        11,
        {"H": INT} | dict.fromkeys(["T", "TM", "Tm", "SLP", "PP", "VV", "V", "VM", "VG"], D),
        "",
    ),
}
SOME_COLUMNS_ONLY = {
    "catalog_china_portals_2023.jsonl.gz"
}  # 117 columns of 64 portals: the few that are dates vary
TABLES = {
    "admin_streets_2023.gb18030.csv": ("gb18030", ","),
    "air_quality_shenyang_2010-2015.csv": ("ascii", ","),
    "bus_stops_hangzhou.csv": ("utf-8", ";"),
    "catalog_taipei_2018.cp950.csv": ("cp950", ","),
    "catalog_taoyuan_2018.csv": ("utf-8", ","),
    "enterprises_liaoning_1980-2004.csv.gz": ("utf-8", ","),
    "gdp_by_province_nbs.gbk.csv": ("gb18030", ","),
    "penalties_massdep_2004-2017.csv": ("utf-8", ","),
    "weather_hangzhou_2012.csv": ("ascii", ","),
}


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def published(path: Path, into: Path) -> tuple[Preview, VersionHandle]:
    preview = sniff(path)
    return preview, Store(into).open(build(path, preview.recipe(), into).id)


def written_back(handle: VersionHandle) -> Iterator[list[str]]:
    """All rows as the export writes them, moments and yes/no back in the form the version says they came in."""
    body = b"".join(handle.export(Query(), Scope.whole(handle.columns), "csv")).decode()
    rows = csv.reader(io.StringIO(body, newline=""))
    next(rows)
    formed = [(place, column) for place, column in enumerate(handle.columns) if column.form]
    for row in rows:
        for place, column in formed:
            row[place] = as_it_was(row[place], column)
        yield row


def as_it_was(cell: str, column: Column) -> str:
    """A cell in the form the version says it came in."""
    match column.type:
        case ColumnType.BOOLEAN if cell:
            yes, no = BOOLEAN_FORMS[column.form]
            return yes if cell == "true" else no
        case ColumnType.DATE if cell:
            return render_date(date.fromisoformat(cell), column.form)
        case ColumnType.DATETIME if cell:
            return render_datetime(datetime.fromisoformat(cell), column.form)
        case _:
            return cell


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_has_the_type_its_values_have(name: str, shared_data: Path) -> None:
    count, typed, key = COLUMNS[name]
    preview = sniff(shared_data / name)
    assert len(preview.columns) == count
    found = {column.source: column.type.value for column in preview.columns if column.type.value != "text"}
    if name == "penalties_massdep_2004-2017.csv":
        typed = typed | {c.source: B for c in preview.columns if c.source.startswith(("order_", "law_"))}
        assert len(typed) == 26
    if name not in SOME_COLUMNS_ONLY:
        assert found == typed
    assert (preview.keys[0] if preview.keys else ("",)) == (key,)


def test_no_file_of_the_folder_is_left_out(shared_data: Path) -> None:
    assert {path.name for path in shared_data.iterdir()} - {"README.md"} == set(COLUMNS)


@pytest.mark.parametrize("name", TABLES)
def test_delimited_text_is_written_back_cell_by_cell(name: str, shared_data: Path, tmp_path: Path) -> None:
    encoding, delimiter = TABLES[name]
    preview, handle = published(shared_data / name, tmp_path)
    text = content(shared_data / name).decode(encoding, "surrogateescape")
    source = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    width = len(preview.columns)
    data = [row for row in source if len(row) == width and row != source[preview.header_row - 1]]
    if preview.header_row == 0:
        data = source
    if name.startswith("weather"):
        data = [row for row in source if len(row) == width and row[0] != "Day"]
    if name.startswith("gdp"):
        data = [row for row in source if len(row) == width and row[0] != "地区"]
    if name.startswith(
        "enterprises"
    ):  # 32 spoiled rows, 24 of them of the right width: known by their characters
        spoiled = {"\x00", "\ufffd", *map(chr, range(0x80, 0xA0))}
        data = [row for row in data if not spoiled & set("".join(row))]
    marks = [set(column.null_markers) for column in preview.recipe().columns]
    expected = [["" if cell in mark else cell for cell, mark in zip(row, marks, strict=True)] for row in data]
    assert handle.meta.rows == len(expected)
    for number, (row, wanted) in enumerate(zip(written_back(handle), expected, strict=True), start=1):
        assert row == wanted, number


def records(name: str, document: Any) -> list[dict[str, Any]]:
    """The records, found by hand."""
    match name:
        case "hospitals_fever_clinics_2020-02.json":
            cities = [city for province in document["provinceList"] for city in province["cityList"]]
            return [hospital for city in cities for hospital in city["hospitalList"]]
        case "ckan_birmingham_package_search_2021.json":
            return list(document["result"]["results"])
        case _ if name.startswith("datajson"):
            return list(document["dataset"])
        case _ if name.endswith(".geojson"):
            return [each["properties"] | {"geometry": each["geometry"]} for each in document["features"]]
        case _:
            return list(document)


@pytest.mark.parametrize("name", [name for name in COLUMNS if ".json" in name or ".geojson" in name])
def test_json_is_written_back_value_by_value(name: str, shared_data: Path, tmp_path: Path) -> None:
    """Numbers as written (strings of digits to the json module), nested values equal when parsed again."""
    text = content(shared_data / name).decode()
    read = {"parse_int": str, "parse_float": str}
    if "jsonl" in name:
        document: Any = [json.loads(line, **read) for line in text.split("\n") if line]
    else:
        document = json.loads(text, **read)
    wanted = records(name, document)
    preview, handle = published(shared_data / name, tmp_path)
    assert (handle.meta.rows, handle.meta.quarantined) == (len(wanted), 0)
    columns = preview.recipe().columns
    for row, record in zip(written_back(handle), wanted, strict=True):
        for cell, column in zip(row, columns, strict=True):
            value = record.get(column.source)
            if isinstance(value, dict | list):
                assert json.loads(cell, **read) == value
            elif isinstance(value, bool):
                assert cell == str(value).lower()
            else:
                assert cell == ("" if value is None or value in column.null_markers else value)


# sheet: rows and types other than text, by looking with openpyxl; of the ten rows of notes five hold anything
SHEETS = {"Catalog": 1, "Theme": 9, "Dataset": 16, "Distribution": 56, "Field": 53, "Notas y referencias": 5}


@pytest.mark.parametrize("sheet", SHEETS)
def test_workbooks_are_written_back_cell_by_cell(sheet: str, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "catalog_argentina_justicia.xlsx"
    rows = list(load_workbook(path)[sheet].iter_rows(values_only=True))
    preview = sniff(path, sheet=sheet)
    handle = Store(tmp_path).open(build(path, preview.recipe(), tmp_path).id)
    assert (preview.rows, handle.meta.rows) == (SHEETS[sheet], SHEETS[sheet])
    wanted = [row for row in rows[preview.header_row :] if any(cell is not None for cell in row)]
    marks = [set(column.null_markers) for column in preview.recipe().columns]
    for row, cells in zip(written_back(handle), wanted, strict=True):
        assert row == [
            "" if str(cell) in mark or cell is None else str(cell)
            for cell, mark in zip(cells, marks, strict=True)
        ]


def test_the_portals_bring_117_keys_in_40_sets(shared_data: Path, tmp_path: Path) -> None:
    preview, handle = published(shared_data / "catalog_china_portals_2023.jsonl.gz", tmp_path)
    assert (len(handle.columns), handle.meta.rows, handle.meta.quarantined) == (117, 100_157, 0)
    nulls = {column.source: column.nulls for column in preview.columns}
    assert (nulls["_portal"], nulls["文件数"] >= 100_140) == (0, True)
    scope = Scope.whole(handle.columns)
    assert handle.rows(Query.parse({"_portal": "shanghai_shanghai", "count": "exact"}), scope).total == 4_494
