"""Layout A: what is written is read again, and every problem is named with its cell."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from shuqiao.catalog import spreadsheet
from shuqiao.catalog.spreadsheet.cells import letter_of
from shuqiao.catalog.spreadsheet.layout import COLUMNS, key_of
from shuqiao.catalog.spreadsheet.parsing import WORDS_FOR_NOTHING
from shuqiao.catalog.tests.factories import conditional, content
from shuqiao.catalog.types import DataType, ItemContent, UpdateCycle
from shuqiao.kernel import InvalidInput

PROVIDER = "营口市市场监督管理局"
LETTER = {column.key: letter_of(index) for index, column in enumerate(COLUMNS)}
ROW = {
    "title": "企业登记信息", "code": "307001/000012", "provider": PROVIDER, "summary": "登记事项",
    "format_category": "数据库", "format_type": "MySQL", "item.name": "企业名称", "item.data_type": "字符型C",
    "item.length": 200, "sharing_type": "无条件共享", "sharing_condition": "无条件", "method_category": "共享平台",
    "method_type": "接口", "to_public": "否", "update_cycle": "每日",
}  # fmt: skip


def sheet(path: Path, *rows: dict, title: str = "目录", above: int = 0, change=None) -> Path:
    """A hand-made workbook: two rows of headings like the form's, then rows given by column key."""
    book = Workbook()
    page = book.active
    page.title = title
    for _ in range(above):
        page.append(["营口市政务信息资源目录"])
    upper, group = [], None
    for column in COLUMNS:
        upper.append(column.heading if not column.group else None if column.group == group else column.group)
        group = column.group
    page.append(upper)
    page.append([column.heading if column.group else None for column in COLUMNS])
    for row in rows:
        page.append([row.get(column.key) for column in COLUMNS])
    if change:
        change(page)
    book.save(path)
    return path


def problems(path: Path) -> dict[str, str]:
    return {problem.where: problem.what for problem in spreadsheet.read(path).problems}


def cell(key: str, row: int) -> str:
    return f"目录!{LETTER[key]}{row}"


@pytest.mark.article("yingkou-2022", "13")
def test_what_is_written_is_read_again(tmp_path):
    closed = replace(content().items[3], sharing_type="none", base_item=True, dictionary="无字典")
    full = conditional(
        title="=个体工商户登记信息", theme="信用", published_on=date(2026, 3, 1), storage_gb=Decimal("1.5"),
        opening_type="conditional",
        opening_condition="签订协议", opening_method="on_application", base_domain="legal_person",
        items=(*content().items[:3], closed),
    )  # fmt: skip
    plain = content(
        title="行政处罚公示",
        format_category="electronic_file",
        format_type="pdf",
        method_type="file",
        items=(),
    )
    entries = [
        spreadsheet.SheetEntry(one, f"307001/{n:06d}", PROVIDER, "") for n, one in enumerate((full, plain), 1)
    ]
    reading = spreadsheet.read(spreadsheet.write(entries, tmp_path / "a.xlsx"))
    assert not reading.problems
    assert [draft.content for draft in reading.drafts] == [full, plain]
    assert [(draft.code, draft.first_row, draft.last_row) for draft in reading.drafts] == [
        ("307001/000001", 3, 6),
        ("307001/000002", 7, 7),
    ]


TEXT = (
    st.text("企业登记信息 abc=+@-1", min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: bool(text) and text not in WORDS_FOR_NOTHING and "  " not in text)
)


@settings(max_examples=25, deadline=None)
@given(
    summary=TEXT,
    cycle=st.sampled_from(UpdateCycle.values),
    names=st.lists(TEXT, min_size=1, max_size=4, unique=True),
    kind=st.sampled_from(DataType.values),
    key=st.booleans(),
)
def test_any_content_survives_the_sheet(tmp_path_factory, summary, cycle, names, kind, key):
    items = tuple(ItemContent(name=name, data_type=kind, is_key=key) for name in names)
    one = content(summary=summary, update_cycle=cycle, items=items)
    path = tmp_path_factory.mktemp("sheet") / "a.xlsx"
    reading = spreadsheet.read(spreadsheet.write([spreadsheet.SheetEntry(one, "", PROVIDER, "")], path))
    assert [draft.content for draft in reading.drafts] == [one]


def test_a_hand_made_form_with_a_title_above_and_merged_groups(tmp_path):
    rows = [
        ROW,
        {"item.name": "地区", "item.data_type": "字符型C"},
        ROW | {"item.name": "代码", "item.data_type": "C"},
    ]
    reading = spreadsheet.read(sheet(tmp_path / "a.xlsx", *rows, above=2))
    assert not reading.problems
    (draft,) = reading.drafts
    assert [item.name for item in draft.content.items] == ["企业名称", "地区", "代码"]
    assert draft.content.items[0].length == "200"
    assert (draft.content.classification, draft.content.kind) == ("307001", "department")
    assert (draft.first_row, draft.last_row) == (5, 7)


@pytest.mark.article("yingkou-2022", "13")
@pytest.mark.article("yingkou-2022", "14")
def test_every_problem_of_a_row_is_named_with_its_cell(tmp_path):
    bad = ROW | {
        "title": "市场监管综合业务系统", "provider": None, "summary": None, "format_type": "xlsx", "storage_gb": "12G",
        "item.data_type": "varchar", "method_type": "文件", "update_cycle": "经常", "sharing_type": "有条件共享",
        "published_on": "去年", "code": "1",
    }  # fmt: skip
    found = problems(sheet(tmp_path / "a.xlsx", bad))
    assert "系统或平台的名称" in found[cell("title", 3)]
    assert "必填" in found[cell("provider", 3)]
    assert "必填" in found[cell("summary", 3)]
    assert "不属于数据库" in found[cell("format_type", 3)]
    assert "不写单位" in found[cell("storage_gb", 3)]
    assert "可选：字符型C" in found[cell("item.data_type", 3)]
    assert "数据库经共享平台" in found[cell("method_type", 3)]
    assert "可选：实时" in found[cell("update_cycle", 3)]
    assert "要写明具体条件" in found[cell("sharing_condition", 3)]
    assert "不是日期" in found[cell("published_on", 3)]
    assert "过短" in found[cell("code", 3)]
    assert not spreadsheet.read(tmp_path / "a.xlsx").drafts[0].is_good


def test_a_formula_without_result_and_an_error_are_no_empty_cells(tmp_path):
    wrong = ROW | {"code": "=1/0", "summary": "#N/A"}
    good = ROW | {"title": "企业年报信息", "code": "307001/000013"}
    nothing = {"title": "=A3"}
    read = spreadsheet.read(sheet(tmp_path / "a.xlsx", wrong, good, nothing))
    found = {problem.where: problem.what for problem in read.problems}
    assert "没有保存计算结果" in found[cell("code", 3)]
    assert "错误值 #N/A" in found[cell("summary", 3)]
    assert "没有保存计算结果" in found[cell("title", 5)]
    assert [draft.is_good for draft in read.drafts] == [False, True]


def test_a_number_shown_with_leading_zeros_is_read_as_shown(tmp_path):
    def padded(page):
        page[f"{LETTER['item.name']}3"].number_format = "000000"

    read = spreadsheet.read(sheet(tmp_path / "a.xlsx", ROW | {"item.name": 417}, change=padded))
    assert read.drafts[0].content.items[0].name == "000417"


def test_files_are_shared_only_as_files(tmp_path):
    row = ROW | {"format_category": "电子表格", "format_type": "xlsx", "method_type": "接口"}
    assert "只能以“文件”方式" in problems(sheet(tmp_path / "a.xlsx", row))[cell("method_type", 3)]


def test_rows_of_one_resource_must_agree(tmp_path):
    rows = [ROW, ROW | {"item.name": "地区", "summary": "别的摘要"}]
    found = problems(sheet(tmp_path / "a.xlsx", *rows))
    assert "第 3 行是“登记事项”" in found[cell("summary", 4)]
    assert list(found) == [cell("summary", 4)]


def test_items_twice_and_nameless(tmp_path):
    rows = [ROW, ROW | {"item.name": "企业名称"}, ROW | {"item.name": None, "item.data_type": "C"}]
    found = problems(sheet(tmp_path / "a.xlsx", rows[0], rows[1]))
    assert "与第 3 行重复" in found[cell("item.name", 4)]
    no_code = {"item.name": None, "item.data_type": "C", "title": None, "code": None}
    assert "没有信息资源名称" in problems(sheet(tmp_path / "b.xlsx", ROW, no_code))[cell("title", 4)]


def test_duplicates_and_drag_filling_are_found(tmp_path):
    rows = [ROW, ROW | {"code": "307001/000013"}, ROW | {"code": "307001/000014", "title": "企业登记信息2"}]
    found = problems(sheet(tmp_path / "a.xlsx", *rows))
    assert "与第 3 行重复" in found[cell("title", 4)]
    assert "只差末尾的数字" in found[cell("title", 5)]
    drafts = spreadsheet.read(tmp_path / "a.xlsx").drafts
    assert [draft.is_good for draft in drafts] == [True, False, True]


def test_without_codes_a_repeated_resource_is_a_duplicate(tmp_path):
    bare = ROW | {"code": None}
    other = bare | {"title": "房屋信息"}
    reading = spreadsheet.read(sheet(tmp_path / "a.xlsx", bare, other, bare))
    assert [draft.is_good for draft in reading.drafts] == [True, True, False]


def test_columns_are_found_by_name_in_any_order_and_strange_ones_reported(tmp_path):
    def change(page):
        page.insert_cols(1)
        page.cell(1, 1, "备注栏")

    reading = spreadsheet.read(sheet(tmp_path / "a.xlsx", ROW, change=change))
    assert [(problem.where, problem.blocks) for problem in reading.problems] == [("目录!A2", False)]
    assert reading.drafts[0].is_good
    assert reading.drafts[0].content.title == "企业登记信息"


def test_a_missing_column_is_named(tmp_path):
    def change(page):
        page.delete_cols([column.key for column in COLUMNS].index("summary") + 1)

    reading = spreadsheet.read(sheet(tmp_path / "a.xlsx", ROW, change=change))
    assert not reading.drafts
    assert "缺少“信息资源摘要”列" in reading.problems[0].what


def test_no_sharing_takes_its_basis_from_the_condition_as_the_form_says(tmp_path):
    row = ROW | {"sharing_type": "不予共享", "sharing_condition": "《某法》第五条"}
    (draft,) = spreadsheet.read(sheet(tmp_path / "a.xlsx", row)).drafts
    assert draft.content.sharing_basis == "《某法》第五条"
    assert draft.content.sharing_basis_level == ""


@pytest.mark.parametrize(
    ("public", "condition", "meant"),
    [("是", None, "unconditional"), ("是", "签协议", "conditional"), ("否", None, "closed")],
)
def test_open_to_society_in_three_ways(tmp_path, public, condition, meant):
    row = ROW | {"to_public": public, "opening_condition": condition}
    (draft,) = spreadsheet.read(sheet(tmp_path / "a.xlsx", row)).drafts
    assert draft.content.opening_type == meant


def test_what_is_no_workbook_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(InvalidInput, match="另存为"):
        spreadsheet.read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "x")
    with pytest.raises(InvalidInput):
        spreadsheet.read(path)
    empty = Workbook()
    empty.active.append(["别的表"])
    empty.save(path)
    with pytest.raises(InvalidInput, match="信息资源名称"):
        spreadsheet.read(path)


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("shuqiao.catalog.spreadsheet.reading.MAX_UNPACKED", 1_000_000)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    with pytest.raises(InvalidInput, match="解开后"):
        spreadsheet.read(path)


def test_too_many_rows_are_refused_by_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr("shuqiao.catalog.spreadsheet.reading.MAX_ROWS", 3)
    rows = [ROW | {"item.name": f"项{n}"} for n in range(20)]
    reading = spreadsheet.read(sheet(tmp_path / "a.xlsx", *rows))
    assert not reading.drafts
    assert "请拆开导入" in reading.problems[0].what


def test_the_template_has_lists_and_no_entries(tmp_path):
    path = spreadsheet.template(tmp_path / "t.xlsx")
    reading = spreadsheet.read(path)
    assert (reading.drafts, reading.problems) == ((), ())
    book = load_workbook(path)
    page = book[spreadsheet.SHEET]
    ruled = {str(rule.sqref).split(":")[0] for rule in page.data_validations.dataValidation}
    for key in ("format_category", "format_type", "item.data_type", "sharing_type", "update_cycle"):
        assert f"{LETTER[key]}3" in ruled
    assert "C1:C2" not in {str(one) for one in page.merged_cells.ranges}
    assert f"{LETTER['format_category']}1:{LETTER['format_note']}1" in {
        str(one) for one in page.merged_cells.ranges
    }


def test_every_heading_of_the_layout_is_known():
    for column in COLUMNS:
        assert key_of(column.group, column.heading) == column.key
