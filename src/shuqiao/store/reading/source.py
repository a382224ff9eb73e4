"""Opening a source: compression seen by its magic bytes, sizes bounded, damage named instead of raised raw."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.archives import Archive
from shuqiao.store.reading.recognition import text_format
from shuqiao.store.reading.workbooks import demand_bounded, demand_loadable
from shuqiao.store.types import Format

MAX_UNPACKED = 16 * 2**30
MAX_WORKBOOK = 1 * 2**30
MAX_PACKED_PARQUET = 256 * 2**20
_GZIP, _ZSTD, _OLE = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP, _EMPTY_ZIP, _PARQUET = b"PK\x03\x04", b"PK\x05\x06", b"PAR1"
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
_BLOCK = 1 << 18


class Source:
    """A file to be read. `compression` is "gz", "zst", "zip" or "", told by the first bytes and not by the name.

    Of a ZIP archive one member is read: `member`, which `choose` changes; `members` are all its files.
    """

    def __init__(self, path: Path, filename: str = "", member: str = "") -> None:
        self.path = path
        self.filename = filename or path.name
        try:
            with path.open("rb") as file:
                head = file.read(8)
        except OSError as error:
            raise InvalidInput.one(self.filename, f"文件打不开：{error.strerror}") from None
        self.compression = "gz" if head.startswith(_GZIP) else "zst" if head.startswith(_ZSTD) else ""
        self.member = ""
        self._archive: Archive | None = None
        if head.startswith((_ZIP, _EMPTY_ZIP)):
            self._open_archive(member)
        self.position = 0

    def _open_archive(self, member: str) -> None:
        archive = Archive(self.path, self.filename)
        if archive.is_open_document:
            raise InvalidInput.one(self.filename, "OpenDocument 文件请另存为 .xlsx 后再传")
        if not archive.is_document:
            self._archive = archive
            self.compression = "zip"
            self.choose(member)

    @property
    def members(self) -> tuple[str, ...]:
        """The files inside a ZIP archive; empty for anything else."""
        return self._archive.names if self._archive else ()

    @property
    def proposals(self) -> tuple[str, ...]:
        """The files inside a ZIP archive, likely tables first."""
        return self._archive.proposals if self._archive else ()

    def choose(self, member: str) -> None:
        """Read this file of the archive (empty: the proposed one). Raises InvalidInput when it is not there."""
        if self._archive:
            self.member = self._archive.find(member or self._archive.proposed()).name

    def blocks(self) -> Iterator[bytes]:
        """The unpacked bytes block by block, never more than `MAX_UNPACKED` of them."""
        total = 0
        for block, position in self._packed_blocks():
            total += len(block)
            if total > MAX_UNPACKED:
                raise InvalidInput.one(self.filename, f"解压后超过 {MAX_UNPACKED >> 30} GB 的上限")
            self.position = position
            yield block

    def _packed_blocks(self) -> Iterator[tuple[bytes, int]]:
        if self._archive:
            yield from self._archive.blocks(self._archive.find(self.member), _BLOCK)
            return
        with self.path.open("rb") as raw:
            stream = self._unpacking(raw)
            while block := self._read(stream):
                yield block, raw.tell()

    def _unpacking(self, raw: Any) -> Any:
        """A stream to read the unpacked bytes from."""
        match self.compression:
            case "gz":
                return gzip.GzipFile(fileobj=raw)
            case "zst":
                return pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
            case _:
                return raw

    def _read(self, stream: Any) -> bytes:
        try:
            return bytes(stream.read(_BLOCK))
        except _DAMAGE:
            raise InvalidInput.one(self.filename, "压缩文件不完整或已损坏") from None
        except OSError:
            if self.compression != "zst":
                raise
            raise InvalidInput.one(self.filename, "压缩文件不完整或已损坏") from None

    def workbook_bytes(self) -> io.BytesIO | Path:
        """What the spreadsheet reader opens: the path, or the unpacked bytes. Bounded by `MAX_WORKBOOK`."""
        if not self.compression:
            self._check_workbook(self.path)
            return self.path
        unpacked = self._in_memory(MAX_WORKBOOK, self._too_big())
        self._check_workbook(unpacked)
        unpacked.seek(0)
        return unpacked

    def parquet_file(self) -> io.BytesIO | Path:
        """What the Parquet reader opens, which must be able to jump: the path, or up to
        `MAX_PACKED_PARQUET` unpacked bytes."""
        if not self.compression:
            return self.path
        limit = MAX_PACKED_PARQUET
        too_big = f"Parquet 文件本身已经压缩；再压缩的超过 {limit >> 20} MB 就不收，请直接上传"
        return self._in_memory(limit, InvalidInput.one(self.filename, too_big))

    def _in_memory(self, limit: int, too_big: InvalidInput) -> io.BytesIO:
        unpacked = io.BytesIO()
        for block in self.blocks():
            unpacked.write(block)
            if unpacked.tell() > limit:
                raise too_big
        unpacked.seek(0)
        return unpacked

    def _check_workbook(self, file: Path | io.BytesIO) -> None:
        """Workbooks are held in memory whole, so a small file that unpacks to a huge one is refused."""
        if isinstance(file, Path) and file.stat().st_size > MAX_WORKBOOK:
            raise self._too_big()
        if _head_of(file).startswith(_OLE):
            demand_loadable(file, self.filename)
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
        if not head:
            raise InvalidInput.one(self.filename, "文件是空的")
        if head.startswith(_OLE):
            return Format.XLS
        if head.startswith(_PARQUET):
            return Format.PARQUET
        if head.startswith(_ZIP):
            return self._zip_format(head)
        if head.startswith((_GZIP, _ZSTD)):
            raise InvalidInput.one(self.filename, "压缩文件里面还是压缩文件，请只压缩一层")
        return text_format(head, self.filename)

    def _zip_format(self, head: bytes) -> Format:
        """A workbook by itself or packed; an archive inside a compressed file is not looked into."""
        if not self.compression:
            return Format.XLSX
        if b"xl/" in head or b"[Content_Types].xml" in head or b"_rels/" in head or b"docProps/" in head:
            return Format.XLSX
        raise InvalidInput.one(self.filename, "压缩文件里面还是压缩文件，请只压缩一层")


def _head_of(file: Path | io.BytesIO) -> bytes:
    """The first bytes, by which a kind of file is known."""
    if isinstance(file, io.BytesIO):
        return bytes(file.getbuffer()[:8])
    with file.open("rb") as opened:
        return opened.read(8)
