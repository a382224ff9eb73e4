"""What a file is by its name and its first bytes: a table that can be read, a document that may be offered as it
is, or something that has no place here. No database."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path
from typing import Literal

import pyarrow as pa

from shuqiao.kernel import InvalidInput
from shuqiao.resources.types import Kind

EXTENSIONS: dict[str, str] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".json": "text",
    ".geojson": "text",
    ".ndjson": "text",
    ".jsonl": "text",
    ".xml": "text",
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".et": "xls",
    ".parquet": "parquet",
    ".zip": "zip",
}
PACKED = {".gz": "gzip", ".zst": "zstd"}
ACCEPTED = "CSV、TSV、XLSX、XLS、ET、JSON、GeoJSON、XML、Parquet（可压缩为 .gz、.zst 或 .zip）"
# Documents offered as they are: extension, media type, and what the content must be. What a browser would run
# (HTML, SVG, programs) is not among them.
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCUMENTS: dict[str, tuple[str, frozenset[str]]] = {
    ".pdf": ("application/pdf", frozenset({"PDF 文档"})),
    ".ofd": ("application/ofd", frozenset({"zip"})),
    ".doc": ("application/msword", frozenset({"xls"})),
    ".docx": (f"{_OFFICE}.wordprocessingml.document", frozenset({"Word 文档"})),
    ".wps": ("application/vnd.ms-works", frozenset({"xls"})),
    ".ppt": ("application/vnd.ms-powerpoint", frozenset({"xls"})),
    ".pptx": (f"{_OFFICE}.presentationml.presentation", frozenset({"PPT 文档"})),
    ".xls": ("application/vnd.ms-excel", frozenset({"xls"})),
    ".et": ("application/vnd.ms-excel", frozenset({"xls", "xlsx"})),
    ".xlsx": (f"{_OFFICE}.spreadsheetml.sheet", frozenset({"xlsx"})),
    ".png": ("image/png", frozenset({"PNG 图像"})),
    ".jpg": ("image/jpeg", frozenset({"JPEG 图像"})),
    ".jpeg": ("image/jpeg", frozenset({"JPEG 图像"})),
    ".gif": ("image/gif", frozenset({"GIF 图像"})),
    ".tif": ("image/tiff", frozenset({"TIFF 图像"})),
    ".tiff": ("image/tiff", frozenset({"TIFF 图像"})),
    ".zip": ("application/zip", frozenset({"zip", "xlsx", "Word 文档", "PPT 文档"})),
    ".7z": ("application/x-7z-compressed", frozenset({"7z 压缩包"})),
    ".rar": ("application/vnd.rar", frozenset({"RAR 压缩包"})),
    ".txt": ("text/plain", frozenset({"text"})),
}
ACCEPTED_DOCUMENTS = "PDF、OFD、Word、WPS、PPT、Excel、ET、PNG、JPEG、GIF、TIFF、ZIP、7z、RAR、TXT"
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZSTD, _PARQUET = b"\x28\xb5\x2f\xfd", b"PAR1"
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF 文档"),
    (b"\x89PNG", "PNG 图像"),
    (b"\xff\xd8\xff", "JPEG 图像"),
    (b"GIF89a", "GIF 图像"),
    (b"GIF87a", "GIF 图像"),
    (b"II*\x00", "TIFF 图像"),
    (b"MM\x00*", "TIFF 图像"),
    (b"Rar!\x1a", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\xfd7zXZ", "xz 压缩文件"),
    (b"SQLite format 3\x00", "SQLite 数据库"),
    (b"<!DOCTYPE html", "网页"),
    (b"<html", "网页"),
    (b"MZ\x90\x00", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
)
_HEAD = 64 * 1024
# A table of the same line again and again packs to a hundredth; DEFLATE ends at 1032 to 1.
BOMB_BYTES, BOMB_RATIO = 32 * 1024 * 1024, 300
Packing = Literal["gzip", "zstd"]
_STREAMS: tuple[tuple[bytes, Packing], ...] = ((_GZIP, "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TABLES = frozenset({"text", "xlsx", "xls", "parquet", "zip"})


def plain_name(filename: str) -> str:
    """The file's own name without folders, without what is no character, at most 200 characters and 255 bytes: what
    is too long loses its beginning, so that the extension stays."""
    name = unicodedata.normalize("NFC", Path(filename.replace("\\", "/")).name)
    name = "".join(letter for letter in name if letter.isprintable()).strip()[-200:]
    return name.encode()[-255:].decode(errors="ignore")


def suffixes(filename: str) -> list[str]:
    """The extension that tells the kind, and the packing after it: ".csv", ".gz"."""
    found = [suffix.lower() for suffix in Path(filename).suffixes]
    return found[-2:] if found and found[-1] in PACKED else found[-1:]


def check_name(filename: str, kind: Kind = Kind.TABLE) -> None:
    """Raise InvalidInput unless the name's extension is one that a resource of this kind takes."""
    found = suffixes(filename)
    known, words = (DOCUMENTS, ACCEPTED_DOCUMENTS) if kind is Kind.FILE else (EXTENSIONS, ACCEPTED)
    if not found or found[0] not in known or (kind is Kind.FILE and len(found) > 1):
        able = "能接收" if kind is Kind.FILE else "能读取"
        raise InvalidInput.one("文件", f"“{filename}”不是{able}的格式；可以上传 {words}")


def media_type(filename: str) -> str:
    """The media type of a document by its name."""
    return DOCUMENTS.get(Path(filename).suffix.lower(), ("application/octet-stream", frozenset()))[0]


def check_content(path: Path, filename: str, kind: Kind = Kind.TABLE) -> None:
    """Raise InvalidInput, naming what was found, unless name and content agree on something this kind takes."""
    check_name(filename, kind)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InvalidInput.one("文件", f"“{filename}”是空的（0 字节）")
    found = _what_is(head, path)
    if kind is Kind.FILE:
        _check_document(filename, found)
    else:
        _check_table(filename, found)
        _check_packing(path, filename)


def _check_packing(path: Path, filename: str) -> None:
    """Refuse what unpacks to so much more than it is that it can be no table of anybody's (a decompression bomb)."""
    size, unpacked = path.stat().st_size, unpacked_size(path)
    if unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * size:
        said = f"“{filename}”压缩比异常（{unpacked // size:,} 倍），不收；请直接上传未压缩的文件"
        raise InvalidInput.one("文件", said)


def unpacked_size(path: Path) -> int:
    """Bytes of the content unpacked: of a ZIP archive what it says itself, of a gzip or zstd file as many as its
    beginning lets expect; of anything else, and of what is damaged, the size as it is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_ZIP))
    if packing := next((name for magic, name in _STREAMS if head.startswith(magic)), None):
        return _unpacked_stream(path, size, packing)
    if head != _ZIP:
        return size
    try:
        with zipfile.ZipFile(path) as archive:
            return max(size, sum(one.file_size for one in archive.infolist()))
    except (zipfile.BadZipFile, NotImplementedError):
        return size  # what reads it says what is wrong with it


def _unpacked_stream(path: Path, size: int, packing: Packing) -> int:
    """At most BOMB_BYTES are unpacked; a longer file is taken to go on as it began. Its own word for the length is
    worth nothing where it was cut."""
    made = 0
    try:
        with path.open("rb") as file, pa.CompressedInputStream(pa.PythonFile(file, "r"), packing) as stream:
            while made <= BOMB_BYTES and (piece := stream.read(_HEAD)):
                made += len(piece)
            used = file.tell()
    except (OSError, pa.ArrowException):
        return size
    return max(size, made * size // max(used, 1))


def _check_document(filename: str, found: str) -> None:
    if found not in DOCUMENTS[Path(filename).suffix.lower()][1]:
        words = _WORDS.get(found, found)
        raise InvalidInput.one("文件", f"“{filename}”的内容是{words}，与扩展名不符")


_WORDS = {
    "text": "文本",
    "zip": " ZIP 压缩包",
    "xlsx": " XLSX 工作簿",
    "xls": "旧版 Office 文档",
    "gz": " gzip 压缩文件",
    "zst": " zstd 压缩文件",
    "parquet": " Parquet 文件",
}


def _check_table(filename: str, found: str) -> None:
    packing = suffixes(filename)[-1]
    if found in {"gz", "zst"}:  # what is inside shows when it is read
        return
    if packing in PACKED:
        raise InvalidInput.one(
            "文件", f"“{filename}”的扩展名是 {packing}，内容却不是 {PACKED[packing]} 压缩文件"
        )
    if found not in _TABLES:
        raise InvalidInput.one("文件", f"“{filename}”的内容是{found}，不是数据表；可以上传 {ACCEPTED}")


def _what_is(head: bytes, path: Path) -> str:
    """text, xlsx, xls, zip, parquet, gz, zst, or the Chinese name of something else."""
    for magic, name in ((_GZIP, "gz"), (_ZSTD, "zst"), (_PARQUET, "parquet")):
        if head.startswith(magic):
            return name
    if head.startswith(_OLE):
        return "设有打开密码的工作簿（请去掉密码再传）" if _mentions(path, _ENCRYPTED) else "xls"
    if head.startswith(_ZIP):
        return _zip_kind(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in _FOREIGN:
        if start[: len(magic)].lower() == magic.lower():
            return name
    return "text"


def _zip_kind(path: Path) -> str:
    for needle, name in ((b"xl/", "xlsx"), (b"word/", "Word 文档"), (b"ppt/", "PPT 文档")):
        if _mentions(path, b"[Content_Types].xml") and _mentions(path, needle):
            return name
    return "Word 文档" if _mentions(path, b"word/document.xml") else "zip"


def _mentions(path: Path, needle: bytes) -> bool:
    """Whether the directory of a container (at its beginning or end) names a part."""
    with path.open("rb") as file:
        if needle in file.read(_HEAD):
            return True
        file.seek(max(0, path.stat().st_size - 4 * _HEAD))
        return needle in file.read()
