"""Workbooks as offices make them: merged cells, headers over several rows, hidden sheets, footers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import build, sniff
from shuqiao.store.reading import workbooks
from shuqiao.store.tests.tables import entries, publish, rows_of, write

Maker = Callable[[Path, list[list[Any]], list[str]], Path]


def as_xlsx(folder: Path, rows: list[list[Any]], merged: list[str]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place in merged:
        book.active.merge_cells(place)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def as_xls(folder: Path, rows: list[list[Any]], merged: list[str]) -> Path:
    """BIFF8, which is also what an .et export is."""
    from openpyxl.utils import range_boundaries

    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    covered = set()
    for place in merged:
        left, top, right, bottom = range_boundaries(place)
        sheet.write_merge(top - 1, bottom - 1, left - 1, right - 1, rows[top - 1][left - 1])
        covered |= {(y, x) for y in range(top - 1, bottom) for x in range(left - 1, right)}
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if (y, x) not in covered and value is not None:
                sheet.write(y, x, value)
    book.save(str(folder / "t.et"))
    return folder / "t.et"


both = pytest.mark.parametrize("make", [as_xlsx, as_xls])
OFFICE: list[list[Any]] = [
    ["2023年各县区情况统计表", None, None, None, None, None],
    ["地区", "人口", None, "经济", None, "备注"],
    [None, "总数", "城镇", "产值", "增速", None],
    ["站前区", 100, 90, 1.5, 2.5, "甲"],
    ["西市区", 200, 190, 2.5, 3.5, "乙"],
    ["合　计", None, 280, 4.0, None, None],
    ["注：数据为快报数", None, None, None, None, None],
    ["填报人：某某", None, None, "审核人：某某", None, None],
]
OFFICE_MERGES = ["A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3", "A6:B6"]


@both
def test_a_header_over_two_rows_is_joined_and_the_foot_set_aside(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, OFFICE, OFFICE_MERGES)
    preview = sniff(path)
    names = ["地区", "人口_总数", "人口_城镇", "经济_产值", "经济_增速", "备注"]
    assert [column.source for column in preview.columns] == names
    assert (preview.header_row, preview.titles, preview.rows) == (2, ((1, "2023年各县区情况统计表"),), 2)
    assert [line for line, _ in preview.notes] == [7, 8]
    assert "表头占 2 行，已合为一行，各级名称以“_”相连" in preview.remarks
    handle = publish(path)
    assert rows_of(handle) == [
        ["站前区", 100, 90, "1.5", "2.5", "甲"],
        ["西市区", 200, 190, "2.5", "3.5", "乙"],
    ]
    assert handle.meta.reported == {"title": 1, "total": 1, "note": 2}
    assert [(entry["line"], entry["kind"]) for entry in entries(handle)] == [
        (1, "title"),
        (6, "total"),
        (7, "note"),
        (8, "note"),
    ]


@both
def test_a_header_over_three_rows(tmp_path: Path, make: Maker) -> None:
    rows = [
        ["单位", "收入", None, None, None],
        [None, "本年", None, "上年", None],
        [None, "预算", "决算", "预算", "决算"],
        ["甲局", 1, 2, 3, 4],
        ["乙局", 5, 6, 7, 8],
    ]
    path = make(tmp_path, rows, ["A1:A3", "B1:E1", "B2:C2", "D2:E2"])
    assert [column.source for column in sniff(path).columns] == [
        "单位",
        "收入_本年_预算",
        "收入_本年_决算",
        "收入_上年_预算",
        "收入_上年_决算",
    ]
    assert rows_of(publish(path)) == [["甲局", 1, 2, 3, 4], ["乙局", 5, 6, 7, 8]]


DOWN = [
    ["序号", "名称", "金额", "日期"],
    [None, None, "（万元）", None],
    [1, "甲", 10, "x"],
    [2, "乙", 20, "y"],
]


@both
@pytest.mark.parametrize("merged", [["A1:A2", "B1:B2", "D1:D2"], ["A1:A2"]])
def test_a_header_merged_only_downwards_is_joined(tmp_path: Path, make: Maker, merged: list[str]) -> None:
    preview = sniff(path := make(tmp_path, DOWN, merged))
    assert [column.source for column in preview.columns] == ["序号", "名称", "金额_（万元）", "日期"]
    assert "表头占 2 行，已合为一行，各级名称以“_”相连" in preview.remarks
    assert rows_of(publish(path)) == [[1, "甲", 10, "x"], [2, "乙", 20, "y"]]


@both
def test_data_that_shares_a_value_downwards_is_no_header(tmp_path: Path, make: Maker) -> None:
    rows = [
        ["部门", "事项", "说明"],
        ["公安局", "户口", "甲"],
        [None, "身份证", "乙"],
        ["民政局", "结婚", "丙"],
    ]
    assert rows_of(publish(make(tmp_path, rows, ["A2:A3"])))[0] == ["公安局", "户口", "甲"]
    handle = publish(make(tmp_path, rows[1:], ["A1:A2"]))
    assert [column.name for column in handle.columns] == ["公安局", "户口", "甲"]


@both
def test_the_header_repeated_on_every_page_is_reported(tmp_path: Path, make: Maker) -> None:
    rows = [*OFFICE[1:5], *OFFICE[1:5]]
    merged = ["A1:A2", "B1:C1", "D1:E1", "F1:F2", "A5:A6", "B5:C5", "D5:E5", "F5:F6"]
    handle = publish(make(tmp_path, rows, merged))
    assert (handle.meta.rows, handle.meta.reported) == (4, {"repeated_header": 1})


@both
def test_another_header_line_may_be_chosen_inside_a_joined_one(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, OFFICE, OFFICE_MERGES)
    preview = sniff(path, header_row=3)
    assert [column.source for column in preview.columns][1:5] == ["总数", "城镇", "产值", "增速"]
    assert build(path, preview.recipe(), tmp_path / "store").meta.rows == 2


@both
def test_values_merged_over_rows_are_written_into_each(tmp_path: Path, make: Maker) -> None:
    rows = [
        ["部门", "事项", "数"],
        ["公安局", "户口", 1],
        [None, "身份证", 2],
        ["民政局", "结婚", 3],
        [None, "离婚", 4],
    ]
    preview = sniff(path := make(tmp_path, rows, ["A2:A3", "A4:A5"]))
    assert "有 2 处纵向合并的单元格，合并范围内的每一行都填上了同一个值" in preview.remarks
    assert [row[0] for row in rows_of(publish(path))] == ["公安局", "公安局", "民政局", "民政局"]


@both
def test_a_separator_over_all_columns_stays_one(tmp_path: Path, make: Maker) -> None:
    rows = [["名称", "地区", "数"], ["站前区（2家）", None, None], ["甲", "x", 1], ["乙", "y", 2]]
    handle = publish(make(tmp_path, rows, ["A2:C2"]))
    assert (rows_of(handle), handle.meta.reported) == ([["甲", "x", 1], ["乙", "y", 2]], {"separator": 1})


@both
def test_a_row_of_data_with_cells_merged_across_is_no_header(tmp_path: Path, make: Maker) -> None:
    rows = [["名称", "甲", "乙"], ["一", "无", None], ["二", "有", "无"], ["三", "有", "有"]]
    handle = publish(make(tmp_path, rows, ["B2:C2"]))
    assert rows_of(handle) == [["一", "无", None], ["二", "有", "无"], ["三", "有", "有"]]


def test_hidden_sheets_are_noted_and_not_proposed(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "代码表"
    book.active.sheet_state = "hidden"
    book.active.append(["a", "b"])
    shown = book.create_sheet("数据")
    for row in (["名称", "数"], ["甲", 1], ["乙", 2]):
        shown.append(row)
    book.save(tmp_path / "t.xlsx")
    preview = sniff(tmp_path / "t.xlsx")
    assert (preview.sheets, preview.sheet) == (("代码表", "数据"), "数据")
    assert preview.remarks == ("有隐藏的工作表：代码表",)


def test_an_empty_sheet_is_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "封面"
    book.create_sheet("空白")["C3"] = ""
    hidden = book.create_sheet("代码表")
    hidden.sheet_state = "hidden"
    data = book.create_sheet("数据")
    for sheet in (hidden, data):
        for row in (["名称", "数"], ["甲", 1], ["乙", 2]):
            sheet.append(row)
    book.save(path := tmp_path / "t.xlsx")
    preview = sniff(path)
    assert (preview.sheet, preview.rows) == ("数据", 2)
    assert preview.remarks[0] == "工作表“封面、空白”里没有数据，改读“数据”"
    assert rows_of(publish(path)) == [["甲", 1], ["乙", 2]]
    with pytest.raises(InvalidInput, match="没有找到任何数据列"):
        sniff(path, sheet="封面")


def test_a_workbook_of_empty_sheets_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("又一张")
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(InvalidInput, match="没有找到任何数据列"):
        sniff(tmp_path / "t.xlsx")


def test_long_numbers_are_flagged_and_dates_are_dates(tmp_path: Path) -> None:
    rows = [["身份证号", "日期", "时刻"]] + [
        [11010519491231002 + n, date(2020, 1, n), datetime(2020, 1, n, 8)] for n in (1, 2)
    ]
    rows[1][0] = 110105194912310021
    preview = sniff(as_xlsx(tmp_path, rows, []))
    assert any("超过 15 位" in remark for remark in preview.remarks)
    assert [column.type.value for column in preview.columns] == ["text", "date", "datetime"]


def test_a_workbook_of_merged_cells_only_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_MERGES", 10)
    merged = [f"A{row}:A{row + 1}" for row in range(2, 26, 2)]
    path = as_xlsx(tmp_path, [["甲", "乙"], *([f"x{n}", n] for n in range(30))], merged)
    with pytest.raises(InvalidInput, match="合并的单元格超过"):
        sniff(path)


def test_a_workbook_packed_in_an_uncommon_way_is_refused(tmp_path: Path) -> None:
    path = as_xlsx(tmp_path, [["甲", "乙"], ["x", 1]], [])
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
    with pytest.raises(InvalidInput, match="已损坏"):
        sniff(write(tmp_path, out.getvalue(), "lzma.xlsx"))


def test_names_that_differ_in_case_only_and_long_names(tmp_path: Path) -> None:
    """The engines know columns by codes: names may be what they are."""
    long = "企业统一社会信用代码登记机关" * 3
    path = write(tmp_path, f"Tm,TM,tm,{long},{long}\n1,2,3,4,5\n6,7,8,9,10\n")
    handle = publish(path, sniff(path).recipe())
    assert [column.name for column in handle.columns] == ["Tm", "TM", "tm", long, f"{long}_2"]
    assert len(long.encode()) > 63
    assert [list(map(str, row)) for row in rows_of(handle)] == [
        ["1", "2", "3", "4", "5"],
        ["6", "7", "8", "9", "10"],
    ]


@pytest.mark.parametrize("delimiter", ["^", "~", ":", "#", "@", "$", "&", "\x01", "¦"])
def test_any_repeated_sign_may_be_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["名称", "地区", "备注"],
        ["甲厂", "沈阳", "a,b"],
        ["乙厂", "营口", ""],
        ["丙厂", "大连", "2012-01-01"],
    ]
    path = write(tmp_path, "".join(delimiter.join(row) + "\n" for row in rows))
    assert sniff(path).delimiter == delimiter
    assert [[cell or "" for cell in row] for row in rows_of(publish(path))] == rows[1:]


@pytest.mark.parametrize(
    "lines",
    [
        ["时间", "08:30:00", "09:30:00", "10:30:00"],
        ["08:30:00", "09:30:00", "10:30:00"],
        ["邮箱", "a@b.cn", "c@d.cn"],
        ["日期", "2012-01-01", "2012-01-02"],
        ["编码", "a_b_c", "d_e_f"],
        ["名称", "甲&乙", "丙&丁"],
    ],
)
def test_a_table_of_one_column_is_not_cut_up(tmp_path: Path, lines: list[str]) -> None:
    assert len(sniff(write(tmp_path, "\n".join(lines) + "\n")).columns) == 1


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("（万元）,（人）", True),
        ("amount,people", True),
        ("Beijing,x", False),
        ("12,（人）", False),
        ("（万元）,", True),
    ],
)
def test_a_second_line_of_header_in_text_is_told(tmp_path: Path, second: str, told: bool) -> None:
    others = "Shanghai,y\nTianjin,z\n" if "Beijing" in second else "12,甲\n13,乙\n"
    preview = sniff(write(tmp_path, f"金额,人数\n{second}\n{others}"))
    assert any(remark.startswith("第 2 行像是第二行表头") for remark in preview.remarks) is told


FOOT = "地区,人口\n站前区,10\n小计,10\n西市区,20\n合计,30\n注：年末数,\n资料来源：统计局,2023\n"


@pytest.mark.parametrize("rows", [0, 9_000])
@pytest.mark.parametrize("quick", [True, False])
def test_sums_and_notes_at_the_end_of_two_columns_are_no_data(tmp_path: Path, rows: int, quick: bool) -> None:
    """A sum inside the table is data, and so is everything where more data follows."""
    more = "".join(f"街道{number},{number}\n" for number in range(rows))
    text = FOOT.replace("站前区,10\n", more + '"站前""区",10\n' if quick else more + "\n站前区,10\n")
    path = write(tmp_path, text)
    line = rows + (5 if quick else 6)
    preview = sniff(path)
    assert preview.rows == rows + 3
    assert preview.remarks == (
        f"表尾有 3 行是合计或附注（第 {line} 行“合计 30”、第 {line + 1} 行“注：年末数”、"
        f"第 {line + 2} 行“资料来源：统计局 2023”），另行登记，不作数据",
    )
    handle = publish(path)
    assert (handle.meta.rows, handle.meta.reported) == (rows + 3, {"total": 1, "note": 2})
    assert [(entry["line"], entry["kind"]) for entry in entries(handle)] == [
        (line, "total"),
        (line + 1, "note"),
        (line + 2, "note"),
    ]


@pytest.mark.parametrize("rows", [1, 9_000])
def test_what_looks_like_a_foot_is_data_where_data_follows(tmp_path: Path, rows: int) -> None:
    foot = "合计,30\n注：年末数,\n资料来源：统计局,2023\n"
    path = write(tmp_path, "地区,人口\n" + f"站前区,10\n{foot}" * rows + "西市区,20\n")
    handle = publish(path)
    assert (handle.meta.rows, handle.meta.reported, handle.meta.quarantined) == (4 * rows + 1, {}, 0)


def test_a_table_of_notes_only_and_sums_that_are_words_stay(tmp_path: Path) -> None:
    notes = "".join(f"备注：{number},值{number}\n" for number in range(30))
    assert publish(write(tmp_path, f"名称,值\n{notes}")).meta.rows == 30
    assert publish(write(tmp_path, "名称,值\n备注：一,甲\n")).meta.rows == 1
    assert publish(write(tmp_path, "指标,说明\n人口,常住\n合计,全部相加\n")).meta.rows == 2


def test_a_note_with_a_second_cell_below_a_wide_table(tmp_path: Path) -> None:
    path = write(tmp_path, "甲,乙,丙,丁\nx,1,2,3\n合计,y,2,3\n填报人：张三,审核人：李四,,\n")
    handle = publish(path)
    assert (handle.meta.rows, handle.meta.reported) == (2, {"note": 1})
