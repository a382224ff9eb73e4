"""Cells the spreadsheet reader says nothing of: errors, formulas without a result, numbers shown with zeros."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from shuqiao.store import sniff
from shuqiao.store.reading import marked_cells
from shuqiao.store.reading.marked_cells import letters
from shuqiao.store.tests.tables import publish, rows_of
from shuqiao.store.types import ColumnType


def workbook(folder: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["名称", "数", "代码", "和", "备注"])
    sheet.append(["甲", "#REF!", 417, "=1+1", "#N/A"])
    sheet.append(["乙", 12, 21003, "=B3+1", "写着 #N/A 的文字"])
    sheet.append(["丙", "#N/A", 0, "=B4+1", None])
    for row in (2, 3, 4):
        sheet.cell(row, 3).number_format = "0000"
    sheet["E2"].data_type = "s"
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def rewritten(path: Path, *changes: tuple[str, str]) -> Path:
    """The sheet's XML changed by regular expressions."""
    out = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                for pattern, replacement in changes:
                    text = re.sub(pattern, replacement, text.decode(), flags=re.DOTALL).encode()
            new.writestr(part.filename, text)
    return out


NO_PLACES = (r' r="[A-Z]*[0-9]+"', "")
PREFIXED = (r"<(/?)(?=[a-z])", r"<\1x:"), ("xmlns=", "xmlns:x=")


@pytest.mark.parametrize("changes", [(), (NO_PLACES,), PREFIXED, (NO_PLACES, *PREFIXED)])
@pytest.mark.parametrize("block", [7, 1 << 18])
def test_errors_zeros_and_formulas_without_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: tuple[tuple[str, str], ...], block: int
) -> None:
    monkeypatch.setattr(marked_cells, "_BLOCK", block)
    path = rewritten(workbook(tmp_path), *changes)
    preview = sniff(path)
    assert preview.remarks == (
        "有 2 个单元格是错误值（首个在 B2：#REF!），照原样读作文字",
        "有 3 个公式单元格没有保存计算结果（首个在 D2），读作空；请在表格软件中打开并保存后再传",
        "有数字以补零的格式显示（C 列 2 个，如 0417），按显示的样子读作文字",
    )
    assert rows_of(publish(path)) == [
        ["甲", "#REF!", "0417", None, "#N/A"],
        ["乙", "12", "21003", None, "写着 #N/A 的文字"],
        ["丙", "#N/A", "0000", None, None],
    ]
    assert [column.type for column in preview.columns][2] is ColumnType.TEXT


def test_an_error_in_a_column_of_numbers_can_be_taken_for_missing(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["名称", "数"], ["甲", 1], ["乙", "#N/A"], ["丙", 3]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    preview = sniff(tmp_path / "t.xlsx")
    assert preview.columns[1].type is ColumnType.INTEGER
    assert preview.columns[1].null_markers == {"#N/A": 1}
    assert preview.remarks[0].startswith("有 1 个单元格是错误值（首个在 B3：#N/A）")


def test_numbers_of_sixteen_digits_are_flagged_and_of_fifteen_not(tmp_path: Path) -> None:
    for digits, flagged in ((15, False), (16, True)):
        book = Workbook()
        for row in (["名称", "卡号"], ["甲", 10 ** (digits - 1) + 1], ["乙", 4 * 10 ** (digits - 1) + 1]):
            book.active.append(row)
        book.save(tmp_path / "t.xlsx")
        remarks = sniff(tmp_path / "t.xlsx").remarks
        assert any("超过 15 位" in remark for remark in remarks) is flagged


def test_columns_are_named_as_the_spreadsheet_names_them() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702, 16383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
