"""Compressed files and archives: one table out of any wrapping, and nothing out of a trap."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import Workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import Format, build, sniff
from shuqiao.store.reading import archives, source
from shuqiao.store.tests.tables import publish, rows_of, write

TABLE = "名称,地区\n沈阳市铁西区重型机器厂,沈阳\n营口市站前区渤海大街办事处,营口\n"
ROWS = [["沈阳市铁西区重型机器厂", "沈阳"], ["营口市站前区渤海大街办事处", "营口"]]


def zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


def zipped(*members: tuple[str | bytes, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive; a name given as bytes is written as it stands, without the mark for UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            plain = name if isinstance(name, str) else "x" * len(name)
            archive.writestr(plain, content)
    data = out.getvalue()
    for name, _ in members:
        if isinstance(name, bytes):
            data = data.replace(b"x" * len(name), name)
    return data


def test_zstd_is_seen_by_content_and_damage_is_named(tmp_path: Path) -> None:
    packed = zstd(TABLE.encode() * 1_000)
    path = write(tmp_path, packed, "noname")
    assert (sniff(path).compression, sniff(path).rows) == ("zst", 2_000)  # the header, repeated, is no row
    assert rows_of(publish(write(tmp_path, zstd(TABLE.encode()), "t.csv.zst"))) == ROWS
    for damaged in (packed[:-20], packed[:4], b"\x28\xb5\x2f\xfd" + b"x" * 50):
        with pytest.raises(InvalidInput, match="不完整或已损坏"):
            sniff(write(tmp_path, damaged, "cut.zst"))


def test_a_table_alone_in_an_archive_is_read_by_whatever_name(tmp_path: Path) -> None:
    path = write(tmp_path, zipped(("2024年1月.csv", TABLE.encode()), ("__MACOSX/._x", b"\0")), "a.zip")
    preview = sniff(path)
    assert (preview.compression, preview.members, preview.member) == (
        "zip",
        ("2024年1月.csv",),
        "2024年1月.csv",
    )
    assert rows_of(publish(path)) == ROWS
    later = write(tmp_path, zipped(("2024年2月.csv", TABLE.encode())), "b.zip")
    assert build(later, preview.recipe(), tmp_path / "store").meta.rows == 2


def test_of_several_files_the_publisher_chooses_one(tmp_path: Path) -> None:
    members = (
        ("说明.md", b"# " * 2_000),
        ("甲.csv", TABLE.encode()),
        ("乙/乙.json", b'[{"a": "x"}, {"a": "y"}]'),
    )
    path = write(tmp_path, zipped(*members), "a.zip")
    assert sniff(path).members == ("说明.md", "甲.csv", "乙/乙.json")
    assert sniff(path).member == "甲.csv"  # the largest that by its name could be a table
    chosen = sniff(path, member="乙/乙.json")
    assert (chosen.format, chosen.member, chosen.rows) == (Format.JSON, "乙/乙.json", 2)
    assert rows_of(publish(path, chosen.recipe())) == [["x"], ["y"]]
    with pytest.raises(InvalidInput, match=r"没有名为“丙\.csv”的文件（有：说明\.md、甲\.csv"):
        sniff(path, member="丙.csv")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_mark_are_told_by_their_bytes(tmp_path: Path, encoding: str) -> None:
    data = zipped(
        ("营口市企业名录.csv".encode(encoding), TABLE.encode()), ("乙㙟.csv".encode(encoding), b"a,b\n1,2\n")
    )
    assert sniff(write(tmp_path, data, "a.zip")).members == ("营口市企业名录.csv", "乙㙟.csv")


def test_workbooks_and_parquet_come_out_of_archives_too(tmp_path: Path) -> None:
    book, out = Workbook(), io.BytesIO()
    for row in (["甲", "乙"], ["1", "x"], ["2", "y"]):
        book.active.append(row)
    book.save(out)
    path = write(tmp_path, zipped(("表.xlsx", out.getvalue())), "a.zip")
    assert (sniff(path).format, sniff(path).compression) == (Format.XLSX, "zip")
    assert rows_of(publish(path)) == [[1, "x"], [2, "y"]]
    table, parquet = pa.table({"甲": [1, 2]}), io.BytesIO()
    pa.parquet.write_table(table, parquet)
    for packed, name in (
        (zipped(("t.parquet", parquet.getvalue())), "p.zip"),
        (gzip.compress(parquet.getvalue()), "p"),
    ):
        assert rows_of(publish(write(tmp_path, packed, name))) == [[1], [2]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(), "没有文件"),
        (zipped(("a.zip", zipped(("b.csv", b"x")))), "只压缩一层"),
        (zipped(("a.csv.gz", gzip.compress(b"a,b\n1,2\n"))), "只压缩一层"),
        (zipped(("a.csv", b"a,b\n1,2\n"), method=zipfile.ZIP_LZMA), "压缩方法"),
        (zipped(("word/document.xml", b"<x/>"), ("[Content_Types].xml", b"<x/>")), "不是 .xlsx"),
        (zipped(("mimetype", b"application/vnd.oasis"), ("content.xml", b"<x/>")), "OpenDocument"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"Rar!\x1a\x07\x00...", "RAR"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        sniff(write(tmp_path, data, "t"))


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", TABLE.encode())))
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    with pytest.raises(InvalidInput, match="密码"):
        sniff(write(tmp_path, bytes(data), "a.zip"))


def test_a_changed_byte_in_an_archive_is_damage(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", TABLE.encode() * 50), method=zipfile.ZIP_STORED))
    data[200] ^= 0x01
    with pytest.raises(InvalidInput, match="不完整或已损坏"):
        sniff(write(tmp_path, bytes(data), "a.zip"))


def test_sizes_are_counted_and_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 MB of one line in 20 kB; the directory says it were ten bytes."""
    monkeypatch.setattr(source, "MAX_UNPACKED", 1 << 20)
    content = b"1,2\n" * (5 << 20)
    data = bytearray(zipped(("a.csv", content)))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, directory + 24, 10)
    for name, packed in (("a.zip", bytes(data)), ("a.gz", gzip.compress(content)), ("a.zst", zstd(content))):
        with pytest.raises(InvalidInput, match="上限"):
            sniff(write(tmp_path, packed, name))


def test_a_directory_larger_than_any_table_needs_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zipped(*((f"{n:05}.csv", b"a,b\n1,2\n") for n in range(2_000)))
    assert len(sniff(write(tmp_path, data, "a.zip")).members) == 2_000
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 70_000)
    with pytest.raises(InvalidInput, match="不完整或已损坏"):
        sniff(write(tmp_path, data, "a.zip"))


def test_a_checksum_of_zero_bytes_is_right(tmp_path: Path) -> None:
    assert zlib.crc32(b"") == 0
    with pytest.raises(InvalidInput, match="空的"):
        sniff(write(tmp_path, zipped(("a.csv", b"")), "a.zip"))


def test_the_largest_table_of_an_archive_may_be_none(tmp_path: Path) -> None:
    page = "<html><body>" + "请先登录" * 1_000 + "</body></html>"
    parts = {
        "导出.csv": page,
        "图.csv": "%PDF-" + "x" * 500,
        "表.csv": "名称,数\n甲,1\n乙,2\n",
        "说明.txt": "a",
    }
    with zipfile.ZipFile(path := tmp_path / "t.zip", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    preview = sniff(path)
    assert (preview.member, preview.rows, preview.members) == ("表.csv", 2, tuple(parts))
    assert preview.remarks[0] == (
        "压缩包里的“导出.csv”读不成表（这是网页（HTML），不是表格文件，请用电子表格软件另存为 .xlsx 后再传），"
        "改读“表.csv”"
    )
    assert build(path, preview.recipe(), tmp_path / "store").meta.rows == 2
    with pytest.raises(InvalidInput, match="这是网页"):
        sniff(path, member="导出.csv")


def test_an_archive_without_any_table_is_refused_for_its_likeliest_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(path := tmp_path / "t.zip", "w") as archive:
        archive.writestr("导出.csv", "<html><body>请先登录</body></html>")
        archive.writestr("图.pdf", "%PDF-1.7")
    with pytest.raises(InvalidInput, match="这是网页"):
        sniff(path)
