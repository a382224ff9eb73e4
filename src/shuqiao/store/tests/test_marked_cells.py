"""Cells the spreadsheet reader says nothing of: errors, formulas without a result, numbers shown with zeros."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook

from shuqiao.store import sniff
from shuqiao.store.reading import marked_cells
from shuqiao.store.reading.marked_cells import Mark, MarkedCell, letters
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


def test_an_old_workbook_in_small_sectors_is_walked_too() -> None:
    """Streams of less than 4,096 bytes lie in sectors of 64 [MS-CFB]."""
    stream = b"".join(
        struct.pack("<HH", kind, len(body)) + body
        for kind, body in (
            (0x0809, struct.pack("<HH", 0x0600, 5)),
            (0x0085, struct.pack("<I", 20)),
            (0x000A, b""),
            (0x0809, struct.pack("<HH", 0x0600, 16)),
            (0x0205, struct.pack("<HHHBB", 3, 1, 0, 0x2A, 1)),
            (0x0205, struct.pack("<HHHBB", 4, 1, 0, 1, 0)),
            (0x000A, b""),
        )
    )
    content = io.BytesIO(compound(stream))
    assert list(old_marked_cells(content, 0)) == [MarkedCell(3, 1, Mark.ERROR, "#N/A")]
    assert list(old_marked_cells(content, 1)) == []
    for cut in range(0, 2560, 37):
        assert len(list(old_marked_cells(io.BytesIO(content.getvalue()[:cut]), 0))) <= 1


def compound(stream: bytes) -> bytes:
    """A compound file with the sectors: table, folder, table of small sectors, small sectors."""
    last, free = 0xFFFFFFFE, 0xFFFFFFFF
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", head, 44, 1, 1, 0, 4096, 2, 1, last, 0, 0)
    struct.pack_into("<108I", head, 80, *[free] * 108)
    small = -(-len(stream) // 64)
    tables = [[0xFFFFFFFD, last, last, last], [*range(1, small), last]]
    table, smalls = (struct.pack("<128I", *each, *[free] * (128 - len(each))) for each in tables)
    folder = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HB", 2 * len(name) + 2, kind).ljust(52, b"\0")
        + struct.pack("<II4x", first, size)
        for name, kind, first, size in (("Root Entry", 5, 3, small * 64), ("Workbook", 2, 0, len(stream)))
    )
    return bytes(head) + table + folder.ljust(512, b"\0") + smalls + stream.ljust(512, b"\0")
