"""Cells the spreadsheet reader says nothing of: errors, formulas without a result, numbers shown with zeros."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook

from shuqiao.store import sniff
from shuqiao.store.reading import marked_cells
from shuqiao.store.reading.marked_cells import letters
from shuqiao.store.reading.old_cells import old_marked_cells
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


def old_workbook(folder: Path) -> Path:
    book = xlwt.Workbook()
    book.add_sheet("说明")
    sheet = book.add_sheet("表")
    zeros = xlwt.easyxf(num_format_str="0000")
    for column, header in enumerate(["名称", "数", "代码", "长码", "备注"]):
        sheet.write(0, column, header)
    for row, (label, code, long) in enumerate((("甲", 417, 12_345), ("乙", 21_003, 7), ("丙", 0, 80.5)), 1):
        sheet.write(row, 0, label)
        sheet.write(row, 2, code, zeros)
        sheet.write(row, 3, long, zeros)  # the two stand together in one record
    for row, column, code in ((1, 1, 0x17), (3, 1, 0x2A), (3, 4, 0x07)):
        sheet.row(row).set_cell_error(column, code)
    sheet.write(1, 4, "#N/A")
    sheet.write(2, 1, 12)
    book.save(str(folder / "t.xls"))
    return folder / "t.xls"


def test_an_old_workbook_tells_its_errors_and_zeros_too(tmp_path: Path) -> None:
    preview = sniff(old_workbook(tmp_path))
    assert preview.remarks == (
        "有 3 个单元格是错误值（首个在 B2：#REF!），照原样读作文字",
        "有数字以补零的格式显示（C 列 2 个、D 列 1 个，如 0417），按显示的样子读作文字",
        "工作表“说明”里没有数据，改读“表”",
    )
    assert rows_of(publish(tmp_path / "t.xls")) == [
        ["甲", "#REF!", "0417", "12345", "#N/A"],
        ["乙", "12", "21003", "0007", None],
        ["丙", "#N/A", "0000", "80.5", "#DIV/0!"],
    ]


def test_a_formula_of_an_old_workbook_tells_its_error(tmp_path: Path) -> None:
    """What MS-XLS stores as its result: 2 for an error (3 for an empty text), its code, 0xFFFF for no number."""
    book, path = xlwt.Workbook(), tmp_path / "t.xls"
    sheet = book.add_sheet("表")
    for row, cells in enumerate((["名称", "率"], ["甲", 0.5], ["乙", xlwt.Formula("1/0")])):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(path))
    stored = bytes.fromhex("030000000000ffff0000")
    assert path.read_bytes().count(stored) == 1
    path.write_bytes(path.read_bytes().replace(stored, bytes.fromhex("020007000000ffff0000")))
    assert sniff(path).remarks == ("有 1 个单元格是错误值（首个在 B3：#DIV/0!），照原样读作文字",)
    assert rows_of(publish(path)) == [["甲", "0.5"], ["乙", "#DIV/0!"]]


def test_a_damaged_old_workbook_tells_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    whole = old_workbook(tmp_path).read_bytes()
    assert len(list(old_marked_cells(io.BytesIO(whole), 1))) == 6
    assert list(old_marked_cells(io.BytesIO(whole), 7)) == []
    chance = random.Random(7)
    for _ in range(300):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 40)):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for cell in old_marked_cells(io.BytesIO(bytes(damaged)), 1):
            assert cell.text
