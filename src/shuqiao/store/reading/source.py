"""Opening a source: compression seen by its magic bytes, sizes bounded, damage named instead of raised raw."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.workbooks import demand_bounded
from shuqiao.store.types import Format

MAX_UNPACKED = 16 * 2**30
MAX_WORKBOOK = 1 * 2**30
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCK = 1 << 18


class Source:
    """A file to be read. `compression` is "gz" or "", told by the first bytes and not by the name."""

    def __init__(self, path: Path, filename: str = "") -> None:
        self.path = path
        self.filename = filename or path.name
        try:
            with path.open("rb") as file:
                head = file.read(8)
        except OSError as error:
            raise InvalidInput.one(self.filename, f"文件打不开：{error.strerror}") from None
        self.compression = "gz" if head.startswith(_GZIP) else ""
        self.head = head
        self.position = 0

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The unpacked bytes as a stream. Broken compression raises InvalidInput."""
        with self.path.open("rb") as raw:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self.compression else raw
            try:
                yield stream
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise InvalidInput.one(self.filename, "压缩文件不完整或已损坏") from None

    def blocks(self) -> Iterator[bytes]:
        """The unpacked bytes block by block, never more than `MAX_UNPACKED` of them."""
        total = 0
        with self.path.open("rb") as raw:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self.compression else raw
            while block := self._read(stream):
                total += len(block)
                if total > MAX_UNPACKED:
                    raise InvalidInput.one(self.filename, f"解压后超过 {MAX_UNPACKED >> 30} GB 的上限")
                self.position = raw.tell()
                yield block

    def _read(self, stream: BinaryIO) -> bytes:
        try:
            return stream.read(_BLOCK)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InvalidInput.one(self.filename, "压缩文件不完整或已损坏") from None

    def workbook_bytes(self) -> io.BytesIO | Path:
        """What the spreadsheet reader opens: the path, or the unpacked bytes. Bounded by `MAX_WORKBOOK`."""
        if not self.compression:
            self._check_workbook(self.path)
            return self.path
        unpacked = io.BytesIO()
        for block in self.blocks():
            unpacked.write(block)
            if unpacked.tell() > MAX_WORKBOOK:
                raise self._too_big()
        unpacked.seek(0)
        self._check_workbook(unpacked)
        unpacked.seek(0)
        return unpacked

    def _check_workbook(self, file: Path | io.BytesIO) -> None:
        """Workbooks are held in memory whole, so a small file that unpacks to a huge one is refused."""
        if isinstance(file, Path) and file.stat().st_size > MAX_WORKBOOK:
            raise self._too_big()
        if not zipfile.is_zipfile(file):
            return
        demand_bounded(file, self.filename, max_bytes=MAX_WORKBOOK)

    def _too_big(self) -> InvalidInput:
        return InvalidInput.one(
            self.filename, f"工作簿超过 {MAX_WORKBOOK >> 30} GB 的上限，请另存为 CSV 上传"
        )

    def guess_format(self) -> Format:
        """Told by content; the name decides nothing. Raises InvalidInput for what is not a table."""
        head = next(self.blocks(), b"")
        if head.startswith(_OLE):
            return Format.XLS
        if head.startswith(_ZIP):
            return self._zip_format(head)
        if not head:
            raise InvalidInput.one(self.filename, "文件是空的")
        return _text_format(head)

    def _zip_format(self, head: bytes) -> Format:
        if b"xl/" in head or b"[Content_Types].xml" in head or b"_rels/" in head or b"docProps/" in head:
            return Format.XLSX
        raise InvalidInput.one(self.filename, "ZIP 压缩包请解压后逐个上传")


def _text_format(head: bytes) -> Format:
    text = head
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            text = head.decode(encoding, "replace").encode("utf-8", "replace")
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"[":
        return Format.JSON if text[1:].lstrip()[:1] in (b"{", b"]", b"") else Format.CSV
    if text[:1] != b"{" or text[1:].lstrip()[:1] not in (b'"', b"}", b""):
        return Format.CSV
    line, _, rest = text.partition(b"\n")
    one_line_object = line.rstrip().endswith(b"}") and rest.lstrip()[:1] in (b"{", b"")
    return Format.NDJSON if one_line_object and rest.strip() else Format.JSON
