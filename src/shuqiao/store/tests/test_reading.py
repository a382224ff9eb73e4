"""Reading files with one quirk each."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import xlwt
from openpyxl import Workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import ColumnType, Preview, Query, Recipe, Scope, Store, VersionHandle, build, sniff


def write(folder: Path, content: str | bytes, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def publish(path: Path, recipe: Recipe | None = None) -> VersionHandle:
    built = build(path, recipe or sniff(path).recipe(), path.parent / "store")
    return Store(path.parent / "store").open(built.id)


def rows_of(handle: VersionHandle) -> list[list[Any]]:
    page = handle.rows(Query(limit=10_000), Scope.whole(handle.columns))
    return [list(row.values()) for row in page.rows]


def entries(handle: VersionHandle) -> list[dict[str, Any]]:
    return [json.loads(line) for line in handle.quarantine_path().read_text().splitlines()]


SAMPLE = "名称,地区\n沈阳市铁西区重型机器厂,沈阳\n营口市站前区渤海大街办事处,营口\n" * 3
TRADITIONAL = "名稱,區域\n臺北市政府資訊局開放資料,臺灣\n桃園市政府環境保護局監測站,桃園\n" * 3


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("utf-8", SAMPLE, "utf-8"),
        ("utf-8-sig", SAMPLE, "utf-8-sig"),
        ("gb18030", SAMPLE, "gb18030"),
        ("gb18030", SAMPLE + "𡐓村,营口\n", "gb18030"),
        ("utf-16", SAMPLE, "utf-16"),
        ("utf-16-le", "name,area\n" + SAMPLE, "utf-16-le"),
        ("utf-16-be", "name,area\n" + SAMPLE, "utf-16-be"),
        ("cp950", TRADITIONAL, "cp950"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, text: str, expected: str) -> None:
    path = write(tmp_path, text, encoding=encoding)
    assert sniff(path).encoding == expected
    first = "名稱" if encoding == "cp950" else "name" if text.startswith("name") else "名称"
    assert publish(path).columns[0].name == first


def test_the_encoding_is_judged_by_the_whole_file(tmp_path: Path) -> None:
    late = "code,name\n" + "1,ascii only\n" * 300_000 + "2,营口市\n"
    path = write(tmp_path, late, encoding="gb18030")
    assert sniff(path).encoding == "gb18030"


def test_undecodable_bytes_cost_their_row_and_stay_readable_in_the_report(tmp_path: Path) -> None:
    body = SAMPLE.encode() * 20 + "坏".encode()[:2] + b",x\n"
    handle = publish(write(tmp_path, body))
    (entry,) = [entry for entry in entries(handle) if entry["kind"] == "row"]
    assert entry["raw"] == "\\xe5\\x9d,x"
    assert [reason["rule"] for reason in entry["reasons"]] == ["characters"]


def test_types_are_proposed_only_where_nothing_is_damaged(tmp_path: Path) -> None:
    text = (
        "代码,序号,金额,均价,日期,时刻,标志,编号,混合,电话,大数\n"
        "001,1,1.50,1.5,2012-01-01,2012-01-01 08:00:00,true,12,1.50,13800138000,12345678901234567890\n"
        "010,-20,2.00,2,2012-12-31,2012-01-01 09:00:00,false,13,2,13900139000,1\n"
    )
    preview = sniff(write(tmp_path, text))
    types = {column.source: column.type for column in preview.columns}
    assert types == {
        "代码": ColumnType.TEXT,  # leading zeros
        "序号": ColumnType.INTEGER,
        "金额": ColumnType.DECIMAL,
        "均价": ColumnType.DECIMAL,
        "日期": ColumnType.DATE,
        "时刻": ColumnType.DATETIME,
        "标志": ColumnType.BOOLEAN,
        "编号": ColumnType.TEXT,  # the header says code
        "混合": ColumnType.TEXT,  # 1.50 beside 2: one of them would come back changed
        "电话": ColumnType.TEXT,
        "大数": ColumnType.TEXT,  # does not fit 64 bits
    }
    assert {c.source: c.form for c in preview.columns if c.type is ColumnType.DECIMAL} == {
        "金额": "fixed",
        "均价": "minimal",
    }
    assert rows_of(publish(tmp_path / "t.csv"))[0][:7] == [
        "001",
        1,
        "1.50",
        "1.5",
        "2012-01-01",
        "2012-01-01T08:00:00",
        True,
    ]


def test_a_type_needs_every_row_not_a_sample(tmp_path: Path) -> None:
    text = "甲,乙\n" + "1,x\n" * 30_000 + "1a,x\n"
    assert sniff(write(tmp_path, text)).columns[0].type is ColumnType.TEXT


def test_rows_that_cannot_be_right_are_set_aside_with_all_reasons(tmp_path: Path) -> None:
    text = (
        "社会信用代码,成立日期,名称\n"
        "91211422123510422P,1980-01-01,甲\n"
        "912114221235104220,1980-13-01,乙\x07\n"
        "91211422123510422P,1980-01-02\n"
        '91211422123510422P,1980-01-03,"丙\n第二行"\n'
        "91211422123510422P,1980-01-04,丁\n"
    )
    path = write(tmp_path, text)
    recipe = json.loads(sniff(path).recipe().to_json())
    recipe["columns"][0]["checks"] = ["credit_code"]
    recipe["columns"][1] |= {"type": "date", "form": "YYYY-MM-DD"}
    handle = publish(path, Recipe.from_json(json.dumps(recipe)))
    assert [row[2] for row in rows_of(handle)] == ["甲", "丙\n第二行", "丁"]
    found = entries(handle)
    assert [(entry["line"], sorted(r["rule"] for r in entry["reasons"])) for entry in found] == [
        (3, ["characters", "credit_code", "type"]),
        (4, ["fields"]),
    ]
    assert found[1]["raw"] == "91211422123510422P,1980-01-02"
    assert handle.meta.reasons == {"characters": 1, "credit_code": 1, "type": 1, "fields": 1}


def test_a_quote_that_never_closes_costs_its_line_only(tmp_path: Path) -> None:
    text = 'a,b,c\n1,x,y\n2,"x,y\n' + "3,x,y\n" * 3_000
    handle = publish(write(tmp_path, text))
    (entry,) = entries(handle)
    assert (entry["line"], entry["raw"], entry["reasons"][0]["rule"]) == (3, '2,"x,y', "quote")
    assert handle.meta.rows == 3_001


def test_quoted_cells_keep_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'a,b\r\n"1,2","say ""hi"""\r\n3,"x\r\ny"\r\n4,\r\n'
    handle = publish(write(tmp_path, text))
    assert rows_of(handle) == [["1,2", 'say "hi"'], ["3", "x\r\ny"], ["4", None]]


def test_text_beside_a_closing_quote_is_set_aside_rather_than_guessed(tmp_path: Path) -> None:
    handle = publish(write(tmp_path, 'a,b\r\n"x"y,1\r\n5"管,2\r\nz,3\r\n'))
    assert rows_of(handle) == [['5"管', 2], ["z", 3]]
    assert [(e["line"], e["raw"], e["reasons"][0]["rule"]) for e in entries(handle)] == [
        (2, '"x"y,1', "record")
    ]


def test_blank_lines_are_counted_and_repeated_names_made_unique(tmp_path: Path) -> None:
    preview = sniff(write(tmp_path, "名称,名称,,名称_2\n\na,b,c,d\n\n"))
    assert [column.source for column in preview.columns] == ["名称", "名称_3", "列3", "名称_2"]
    assert preview.renamed == (("名称", "名称_3"), ("", "列3"))
    assert publish(tmp_path / "t.csv").meta.blank_lines == 2


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_detected(tmp_path: Path, delimiter: str) -> None:
    path = write(
        tmp_path,
        "\n".join(delimiter.join(row) for row in (["甲", "乙", "丙"], ["a,b", "c", "d"], ["e", "f", "g"])),
    )
    text = path.read_text().replace("a,b", '"a,b"')
    path.write_text(text)
    assert sniff(path).delimiter == delimiter
    assert rows_of(publish(path))[0] == ["a,b", "c", "d"]


def test_a_table_of_one_column(tmp_path: Path) -> None:
    assert rows_of(publish(write(tmp_path, "名称\n甲\n乙\n"))) == [["甲"], ["乙"]]


def test_gzip_is_seen_by_content_and_damage_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(SAMPLE.encode() * 1000)
    assert sniff(write(tmp_path, packed, "noname")).compression == "gz"
    with pytest.raises(InvalidInput, match="不完整或已损坏"):
        sniff(write(tmp_path, packed[:-20], "cut.gz"))


def sheet_rows() -> list[list[Any]]:
    return [
        ["统计表"],
        ["名称", "代码", "数量", "日期", "时刻", "启用"],
        ["=甲", "001", 12, date(2020, 1, 2), datetime(2020, 1, 2, 3, 4, 5), True],
        ["乙", "002", 0.5, date(2021, 1, 2), datetime(2021, 1, 2, 3, 4, 5), False],
        ["注：样例"],
    ]


def make_xlsx(path: Path) -> None:
    book = Workbook()
    for row in sheet_rows():
        book.active.append(row)
    book.active["A3"].data_type = "s"
    book.save(path)


def make_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")
    styles = {
        date: xlwt.easyxf(num_format_str="YYYY-MM-DD"),
        datetime: xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS"),
    }
    for y, row in enumerate(sheet_rows()):
        for x, value in enumerate(row):
            sheet.write(y, x, value, styles.get(type(value), xlwt.Style.default_style))
    book.save(str(path))


@pytest.mark.parametrize(("name", "make"), [("t.xlsx", make_xlsx), ("t.xls", make_xls)])
def test_sheets_give_the_text_a_person_would_type(tmp_path: Path, name: str, make: Any) -> None:
    make(tmp_path / name)
    preview = sniff(tmp_path / name)
    assert (preview.header_row, len(preview.titles), preview.notes) == (2, 1, ((5, "注：样例"),))
    handle = publish(tmp_path / name)
    assert rows_of(handle) == [
        ["=甲", "001", "12", "2020-01-02", "2020-01-02T03:04:05", True],
        ["乙", "002", "0.5", "2021-01-02", "2021-01-02T03:04:05", False],
    ]
    assert handle.meta.reported == {"title": 1, "note": 1}


def test_json_numbers_keep_their_digits(tmp_path: Path) -> None:
    path = write(
        tmp_path, '[{"a": 1.10, "b": 12345678901234567890, "c": {"x": 1.0}}, {"a": 2.20, "c": null, "b": 3}]'
    )
    assert rows_of(publish(path)) == [["1.10", "12345678901234567890", '{"x":1.0}'], ["2.20", "3", None]]


def test_json_larger_than_the_window_is_streamed(tmp_path: Path) -> None:
    rows = [{"名称": f"第{n}条", "说明": "长" * (n % 3000)} for n in range(3_000)]
    path = write(tmp_path, json.dumps({"meta": [1, 2], "data": {"rows": rows}}, ensure_ascii=False))
    preview = sniff(path)
    assert (preview.path, preview.rows) == ("data.rows[]", 3_000)
    assert rows_of(publish(path))[-1][0] == "第2999条"


def test_a_bad_line_of_ndjson_is_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": "x"}\n{"a": "y"}\n{broken\n[1]\n{"a": "z"}\n')
    handle = publish(path)
    assert rows_of(handle) == [["x"], ["y"], ["z"]]
    assert [(e["line"], e["raw"], e["reasons"][0]["text"]) for e in entries(handle)] == [
        (3, "{broken", "不是有效的 JSON"),
        (4, "[1]", "不是一个 JSON 对象"),
    ]


def test_a_field_the_recipe_does_not_know_is_not_dropped(tmp_path: Path) -> None:
    recipe = sniff(write(tmp_path, '{"a": "x"}\n{"a": "y"}\n', "old")).recipe()
    handle = publish(write(tmp_path, '{"a": "x"}\n{"a": "y", "新": "1"}\n', "new"), recipe)
    assert entries(handle)[0]["reasons"][0]["text"] == "有读取方案里没有的字段：新"


def test_another_header_is_named_column_by_column(tmp_path: Path) -> None:
    recipe = sniff(write(tmp_path, "甲,乙\n1,x\n", "old")).recipe()
    with pytest.raises(InvalidInput) as caught:
        build(write(tmp_path, "甲,丙\n1,x\n", "new"), recipe, tmp_path / "store")
    assert [problem.where for problem in caught.value.problems] == ["乙", "丙"]
    with pytest.raises(InvalidInput, match="顺序"):
        build(write(tmp_path, "乙,甲\n1,x\n", "new"), recipe, tmp_path / "store")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04junk",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk",
        b'{"a": 1}',
        b'{"a": [1, 2',
        b"[]",
        b"\n\n",
    ],
)
def test_what_is_no_table_is_invalid_input(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        sniff(write(tmp_path, content))


def test_a_recipe_survives_json_and_names_all_its_faults(tmp_path: Path) -> None:
    recipe = sniff(write(tmp_path, SAMPLE)).recipe()
    assert Recipe.from_json(recipe.to_json()) == recipe
    spoiled = json.loads(recipe.to_json())
    spoiled["columns"][0] |= {"name": "同名", "checks": ["nonsense"]}
    spoiled["columns"][1] |= {"name": "同名", "type": "date", "form": "DD/MM"}
    spoiled["keys"] = [["没有"]]
    with pytest.raises(InvalidInput) as caught:
        Recipe.from_json(json.dumps(spoiled)).validate()
    assert len(caught.value.problems) == 4
    with pytest.raises(InvalidInput, match="读取方案"):
        Recipe.from_json('{"format": "csv"}')


def test_personal_data_is_suspected_by_pattern_and_by_header(tmp_path: Path) -> None:
    text = (
        "姓名,证件,联系,备注\n"
        + "张三,11010519491231002X,13800138000,x\n李四,440524188001010014,13900139000,y\n" * 3
    )
    preview: Preview = sniff(write(tmp_path, text))
    assert [column.personal for column in preview.columns] == ["name", "id_number", "mobile", ""]
    assert preview.columns[1].checks == ("id_number",)


def test_a_table_wider_than_the_row_index_is_built_without_keys(tmp_path: Path) -> None:
    columns = ["编码", *(f"项{n}" for n in range(2_100))]
    path = write(tmp_path, "".join(",".join(row) + "\n" for row in (columns, ["x1"] * 2_101, ["x2"] * 2_101)))
    recipe = sniff(path).recipe()
    assert (len(recipe.columns), recipe.keys) == (2_101, ())
    assert publish(path, recipe).meta.rows == 2
    spoiled = json.loads(recipe.to_json()) | {"keys": [["编码"]]}
    with pytest.raises(InvalidInput, match="1900"):
        Recipe.from_json(json.dumps(spoiled)).validate()


def test_the_publisher_may_name_another_header_line(tmp_path: Path) -> None:
    path = write(tmp_path, "甲,乙\n丙,丁\n1,x\n")
    assert [column.source for column in sniff(path, header_row=2).columns] == ["丙", "丁"]
    assert publish(path, sniff(path, header_row=2).recipe()).meta.reported == {"title": 1}
    assert (sniff(path, header_row=0).rows, sniff(path, header_row=0).header_row) == (3, 0)
    with pytest.raises(InvalidInput, match="第 9 行"):
        sniff(path, header_row=9)


def test_signs_for_nothing_stay_in_columns_of_text_and_are_proposed_where_a_type_needs_them(
    tmp_path: Path,
) -> None:
    """NA is Namibia; which of several signs stood in a text nobody could tell afterwards."""
    lines = ["国家,说明,数", "NA,-,1", "CN,/,-", "US,—,3", "DE,,4", "FR,无,5"]
    path = write(tmp_path, "\n".join(lines))
    preview = sniff(path)
    assert [plan.null_markers for plan in preview.recipe().columns] == [("",), ("",), ("", "-")]
    assert [(column.nulls, column.marks) for column in preview.columns] == [
        (0, ("NA",)),
        (1, ("-", "/", "—", "无")),
        (1, ("-",)),
    ]
    assert rows_of(publish(path)) == [
        ["NA", "-", 1],
        ["CN", "/", None],
        ["US", "—", 3],
        ["DE", None, 4],
        ["FR", "无", 5],
    ]


def test_a_text_with_one_sign_for_nothing_keeps_it_unless_the_publisher_says_otherwise(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "名称,备注,人数\n甲,无,3\n乙,迁址,无\n丙,,4\n丁,无,5\n")
    preview = sniff(path)
    assert [column.type for column in preview.columns] == [
        ColumnType.TEXT,
        ColumnType.TEXT,
        ColumnType.INTEGER,
    ]
    assert [column.null_markers for column in preview.columns] == [{}, {"无": 2, "": 1}, {"无": 1}]
    recipe = preview.recipe()
    assert [plan.null_markers for plan in recipe.columns] == [("",), ("",), ("", "无")]
    kept = [["甲", "无", 3], ["乙", "迁址", None], ["丙", None, 4], ["丁", "无", 5]]
    assert rows_of(publish(path, recipe)) == kept
    taken = msgspec.structs.replace(recipe.columns[1], null_markers=("", "无"))
    changed = msgspec.structs.replace(recipe, columns=(recipe.columns[0], taken, recipe.columns[2]))
    assert [row[1] for row in rows_of(publish(path, changed))] == [None, "迁址", None, None]
