"""ZIP archives: the files inside by their right names, read one at a time, nothing ever unpacked to the disk.

A directory may claim anything. Names are told from their bytes (Windows in China writes them in GB18030 without
saying so), sizes are counted and not believed, and the directory itself may not be larger than `MAX_DIRECTORY`.
"""

from __future__ import annotations

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from shuqiao.kernel import InvalidInput

MAX_DIRECTORY = 4 << 20
PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class OutOfFile(OSError):
    """A directory points before the beginning of the file."""


DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    OutOfFile,
)
_TABLES = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".et",
    ".json",
    ".jsonl",
    ".ndjson",
    ".geojson",
    ".parquet",
)
_TABLE_SUFFIXES = frozenset((*_TABLES, ".xml"))
_JUNK = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_ENCRYPTED, _UTF8 = 0x1, 0x800
_UNICODE_PATH = 0x7075


class Capped:
    """A file that refuses to hand out more than a directory's worth at once."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @staticmethod
    @contextmanager
    def of(file: Path | io.BytesIO) -> Iterator[Any]:
        """A file by its path, closed afterwards, or one that is open already and stays so."""
        if isinstance(file, io.BytesIO):
            yield Capped(file)
        else:
            with file.open("rb") as raw:
                yield Capped(raw)

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise zipfile.BadZipFile("directory too large")
        data: bytes = self._raw.read(size if size >= 0 else MAX_DIRECTORY + 1)
        if len(data) > MAX_DIRECTORY:
            raise zipfile.BadZipFile("directory too large")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            place: int = self._raw.seek(offset, whence)
        except OSError:  # a directory that points before the beginning of the file
            raise OutOfFile from None
        return place

    def tell(self) -> int:
        place: int = self._raw.tell()
        return place

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Whoever opened the file closes it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive: its name as the sender saw it, the size the directory claims."""

    name: str
    claimed: int
    info: zipfile.ZipInfo


class Archive:
    """A ZIP archive opened for looking. Raises InvalidInput when its directory cannot be read."""

    def __init__(self, path: Path, filename: str) -> None:
        self.path, self.filename = path, filename
        try:
            with Capped.of(path) as raw, zipfile.ZipFile(raw) as archive:
                infos = archive.infolist()
        except DAMAGE:
            raise InvalidInput.one(filename, "压缩文件不完整或已损坏") from None
        self._parts = frozenset(info.filename.lower() for info in infos)
        self.members = _members(infos)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, in the order of the directory."""
        return tuple(member.name for member in self.members)

    @property
    def is_document(self) -> bool:
        """Whether this is an office document, which is a ZIP archive only in its wrapping."""
        return "[content_types].xml" in self._parts or "xl/workbook.xml" in self._parts

    @property
    def is_open_document(self) -> bool:
        """Whether this is an OpenDocument file (.ods, .odt)."""
        return "mimetype" in self._parts and any(part.endswith("content.xml") for part in self._parts)

    @property
    def proposals(self) -> tuple[str, ...]:
        """The files, likely tables first: those whose name is a table's by size, then the others by size."""

        def rank(each: Member) -> tuple[bool, int]:
            return _suffix(each.name) in _TABLE_SUFFIXES, each.claimed

        return tuple(each.name for each in sorted(self.members, key=rank, reverse=True))

    def proposed(self) -> str:
        """The largest file that by its name could be a table, else the largest."""
        return next(iter(self.proposals), "")

    def find(self, name: str) -> Member:
        """The file of that name; an archive of a single file answers to any. Raises InvalidInput."""
        if not self.members:
            raise InvalidInput.one(self.filename, "压缩包里没有文件")
        found = next((each for each in self.members if each.name == name), None)
        if found is None and len(self.members) > 1:
            known = "、".join(self.names[:10])
            raise InvalidInput.one(self.filename, f"压缩包里没有名为“{name}”的文件（有：{known}）")
        return found or self.members[0]

    def blocks(self, member: Member, size: int) -> Iterator[tuple[bytes, int]]:
        """The unpacked bytes of a member, block by block, with the place reached in the archive."""
        _demand_readable(member.info, f"{self.filename} 中的 {member.name}")
        try:
            with Capped.of(self.path) as raw, zipfile.ZipFile(raw) as archive:
                for block in part_blocks(archive, member.info, size):
                    yield block, raw.tell()
        except DAMAGE:
            raise InvalidInput.one(self.filename, "压缩文件不完整或已损坏") from None


class _Part:
    """A part read to the true end of its compressed stream, its checksum kept, its claimed size not believed."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        honest = copy.copy(info)
        honest.file_size = 1 << 62
        self._checked = info.CRC
        del honest.CRC
        self._stream = archive.open(honest)
        self._sum = 0

    def __enter__(self) -> _Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def read(self, size: int) -> bytes:
        block = self._stream.read(size)
        self._sum = zlib.crc32(block, self._sum)
        if not block and self._sum != self._checked:
            raise zipfile.BadZipFile("checksum")
        return block


def part_blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> Iterator[bytes]:
    """The unpacked bytes of one part, checked against its checksum. Damage raises one of `DAMAGE`."""
    with _Part(archive, info) as part:
        while block := part.read(size):
            yield block


def _members(infos: list[zipfile.ZipInfo]) -> tuple[Member, ...]:
    members: list[Member] = []
    used: set[str] = set()
    for info in infos:
        name = true_name(info)
        if info.is_dir() or name.endswith("/") or _is_junk(name):
            continue
        wanted, number = name, 1
        while name in used:
            number += 1
            name = f"{wanted}（{number}）"
        used.add(name)
        members.append(Member(name, info.file_size, info))
    return tuple(members)


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].lower() in _JUNK or parts[-1].startswith("._")


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def true_name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: marked UTF-8, the Unicode extra field, else UTF-8 or GB18030 by its bytes."""
    if info.flag_bits & _UTF8:
        return _printable(info.filename)
    named = _unicode_path(info.extra)
    if named:
        return _printable(named)
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return _printable(info.filename)
    for encoding in ("utf-8", "gb18030"):
        try:
            return _printable(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _printable(info.filename)


def _unicode_path(extra: bytes) -> str:
    """Info-ZIP's Unicode path field: version, checksum of the plain name, the name in UTF-8."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and 5 < size <= len(extra) - 4:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in name.replace("\\", "/"))


def _demand_readable(info: zipfile.ZipInfo, where: str) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise InvalidInput.one(where, "压缩包设有密码，请解除密码后再传")
    if info.compress_type not in PLAIN_METHODS:
        raise InvalidInput.one(where, "压缩方法不受支持，请用普通 ZIP（Deflate）方式重新压缩")
