"""What a hostile file, number, name or header must not do. The why is in docs/explanation/security.md."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from shuqiao import store
from shuqiao.catalog import spreadsheet
from shuqiao.kernel import InvalidInput

READERS = (spreadsheet.read, store.sniff)


def two_corners(path: Path) -> Path:
    """A workbook of five kilobytes whose two cells span seventeen thousand million."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "信息资源名称", "x"
    book.save(path)
    return path


@pytest.mark.parametrize("read", READERS)
def test_two_cells_at_opposite_corners_are_refused(read, tmp_path):
    with pytest.raises(InvalidInput, match="远离数据"):
        read(two_corners(tmp_path / "a.xlsx"))


@pytest.mark.parametrize("read", READERS)
def test_places_written_oddly_are_seen_too(read, tmp_path):
    path = two_corners(tmp_path / "a.xlsx")
    odd = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(odd, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            text = given.read(name).replace(b'r="XFD1048576"', b"r" + b" " * 300_000 + b"= 'xfd1048576'")
            made.writestr(name, text)
    with pytest.raises(InvalidInput, match="远离数据"):
        read(odd)


def lying(path: Path, megabytes: int) -> Path:
    """A workbook with a part of many megabytes that its directory calls ten bytes long."""
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/sharedStrings.xml", b"\0" * (megabytes << 20))
    data = bytearray(two.getvalue())
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    path.write_bytes(data)
    return path


def test_the_stated_size_of_a_part_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr("shuqiao.store.reading.source.MAX_WORKBOOK", 8 << 20)
    monkeypatch.setattr("shuqiao.catalog.spreadsheet.reading.MAX_UNPACKED", 8 << 20)
    for read in READERS:
        with pytest.raises(InvalidInput, match="解开后超过"):
            read(lying(tmp_path / "b.xlsx", 16))


@pytest.mark.parametrize("read", READERS)
def test_an_open_document_is_not_taken_for_a_workbook(read, tmp_path):
    path = tmp_path / "c.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("xl/content.xml", "<x/>")
    with pytest.raises(InvalidInput, match=r"\.xlsx"):
        read(path)
