"""The annotated copy of an imported file: what must be changed stands before hints, and colours the cell."""

from __future__ import annotations

from openpyxl import Workbook, load_workbook

from shuqiao.catalog import annotating, mappings
from shuqiao.catalog.types import SheetProblem


def test_in_a_workbook_what_must_be_changed_comes_before_hints(tmp_path):
    book = Workbook()
    book.active.title = "目录"
    for row in (["代码", "名称", "摘要"], ["1", "公厕", "位置"]):
        book.active.append(row)
    book.save(tmp_path / "目录.xlsx")
    found = [
        SheetProblem("目录", "B2", "可以更短", blocks=False),
        SheetProblem("目录", "C2", "可以更长", blocks=False),
        SheetProblem("目录", "B2", "必填"),
        SheetProblem("目录", "B2", "最好带年份", blocks=False),
    ]
    copy = annotating.annotated_workbook(tmp_path / "目录.xlsx", found, tmp_path / "copy.xlsx")
    page = load_workbook(copy)["目录"]
    assert page["D2"].value == (
        "【须改】B 列：必填；【提示】B 列：可以更短；【提示】C 列：可以更长；【提示】B 列：最好带年份"
    )
    assert page["B2"].fill.fgColor.rgb.endswith(annotating.MUST)
    assert page["C2"].fill.fgColor.rgb.endswith(annotating.HINT)


def test_in_a_table_what_must_be_changed_comes_before_hints(tmp_path):
    path = tmp_path / "目录.csv"
    path.write_text("名称,摘要\n公厕,位置\n", "utf-8")
    source = mappings.look(path, path.name)
    found = [SheetProblem("", "第 2 行", "可以更短", blocks=False), SheetProblem("", "第 2 行", "必填")]
    page = load_workbook(annotating.annotated_table(source, found, tmp_path / "copy.xlsx")).active
    assert [cell.value for cell in page[2]] == [2, "公厕", "位置", "【须改】必填；【提示】可以更短"]
