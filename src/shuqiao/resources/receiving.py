"""Files on their way in: streamed to disk with their sum, checked for being what they say, moved by rename.

Memory stays bounded by the chunk (64 KB) whatever the size of the file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from shuqiao.kernel import InvalidInput
from shuqiao.kernel.ids import new_id

PART_PREFIX = "part-"
PART_KEPT_SECONDS = 24 * 3600
EXTENSIONS: dict[str, str] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".json": "text",
    ".geojson": "text",
    ".ndjson": "text",
    ".jsonl": "text",
    ".xlsx": "xlsx",
    ".xls": "xls",
}
ACCEPTED = "CSV、CSV.gz、XLSX、XLS、JSON（可压缩为 .gz）"
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF 文档"),
    (b"\x89PNG", "PNG 图像"),
    (b"\xff\xd8\xff", "JPEG 图像"),
    (b"GIF89a", "GIF 图像"),
    (b"GIF87a", "GIF 图像"),
    (b"Rar!\x1a", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\xfd7zXZ", "xz 压缩文件"),
    (b"\x28\xb5\x2f\xfd", "zstd 压缩文件"),
    (b"PAR1\x15", "Parquet 文件"),
    (b"SQLite format 3\x00", "SQLite 数据库"),
    (b"<?xml", "XML 文档"),
    (b"<!DOCTYPE", "网页"),
    (b"<html", "网页"),
    (b"MZ\x90\x00", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
)
_HEAD = 64 * 1024
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def staging_root() -> Path:
    """The folder of uploaded files, made when it is not there."""
    folder = Path(settings.HOME) / "staging"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


if TYPE_CHECKING:
    _UploadedFile = UploadedFile[Any]
else:
    _UploadedFile = UploadedFile  # generic for the type checker only


class ReceivedFile(_UploadedFile):
    """A file that came with a form: on disk already, size and SHA-256 known. Removed on close unless taken."""

    def __init__(
        self, name: str, content_type: str, charset: str | None, extra: dict[str, Any] | None
    ) -> None:
        part = tempfile.NamedTemporaryFile(dir=staging_root(), prefix=PART_PREFIX, delete=False)  # noqa: SIM115
        super().__init__(part, name, content_type, 0, charset, extra)
        self.part_path = Path(part.name)
        self.sha256 = ""
        # A sender that goes away mid-file leaves nobody to call `close`.
        weakref.finalize(self, self.part_path.unlink, missing_ok=True)

    def temporary_file_path(self) -> str:
        """Where the bytes are, as Django's own temporary files say it."""
        return str(self.part_path)

    def close(self) -> None:
        """Forget the bytes, unless `take` moved them away."""
        super().close()
        self.part_path.unlink(missing_ok=True)


class StagingUploadHandler(FileUploadHandler):
    """Writes what comes straight into the staging folder and sums it on the way, so that a file of two
    gigabytes is written once and never copied."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.file = ReceivedFile(
            self.file_name or "", self.content_type or "", self.charset, self.content_type_extra
        )
        self.sum = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some bytes came."""
        self.sum.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> ReceivedFile:
        """The file is whole."""
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.sum.hexdigest()
        return self.file

    def upload_interrupted(self) -> None:
        """The sender went away or the file grew too big: nothing stays."""
        if hasattr(self, "file"):
            self.file.close()


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that lies in the staging folder for good: `path` is relative to it, `size` in bytes."""

    path: str
    filename: str
    size: int
    sha256: str

    @property
    def absolute(self) -> Path:
        """Where the bytes are."""
        return staging_root() / self.path


def take(file: UploadedFile[Any]) -> Taken:
    """Keep a file that came: checked to be a table by name and content, forced to disk, moved by rename.

    Raises InvalidInput that names what was found.
    """
    filename = Path((file.name or "").replace("\\", "/")).name[-200:]
    if not isinstance(file, ReceivedFile):
        raise TypeError(f"want a file of StagingUploadHandler, got {file!r}")
    check_content(file.part_path, filename)
    file.flush()
    os.fsync(file.fileno())
    name = f"{new_id().hex}{''.join(_suffixes(filename))}"
    _rename(file.part_path, staging_root() / name)
    return Taken(name, filename, file.size or 0, file.sha256)


def take_path(source: Path, filename: str) -> Taken:
    """Keep a file of this machine, by copying it. For commands, samples and tests.

    Raises InvalidInput that names what was found.
    """
    check_content(source, filename)
    total = hashlib.sha256()
    size = 0
    with (
        source.open("rb") as reading,
        tempfile.NamedTemporaryFile(dir=staging_root(), prefix=PART_PREFIX, delete=False) as writing,
    ):
        while block := reading.read(1 << 20):
            total.update(block)
            size += len(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    name = f"{new_id().hex}{''.join(_suffixes(filename))}"
    _rename(Path(writing.name), staging_root() / name)
    return Taken(name, filename, size, total.hexdigest())


def _rename(part: Path, target: Path) -> None:
    part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_content(path: Path, filename: str) -> None:
    """Raise InvalidInput unless name and first bytes agree on a kind of table that can be read."""
    suffixes = _suffixes(filename)
    kind = EXTENSIONS.get(suffixes[0]) if suffixes else None
    if kind is None:
        raise InvalidInput.one("文件", f"“{filename}”不是能读取的格式；可以上传 {ACCEPTED}")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InvalidInput.one("文件", f"“{filename}”是空的（0 字节）")
    found = _what_is(head, path)
    if found == "gz":  # what is inside shows when it is read
        return
    if suffixes[-1] == ".gz":
        raise InvalidInput.one("文件", f"“{filename}”的扩展名是 .gz，内容却不是 gzip 压缩文件")
    if found not in {"text", "xlsx", "xls"}:
        raise InvalidInput.one("文件", f"“{filename}”的内容是{found}，不是数据表；可以上传 {ACCEPTED}")


def _what_is(head: bytes, path: Path) -> str:
    """text, xlsx, xls, gz, or the Chinese name of something that is no table."""
    if head.startswith(_GZIP):
        return "gz"
    if head.startswith(_OLE):
        return "设有打开密码的工作簿（请去掉密码再传）" if _mentions(path, _ENCRYPTED) else "xls"
    if head.startswith(_ZIP):
        return "xlsx" if _mentions(path, b"xl/") else _zip_kind(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in _FOREIGN:
        if start[: len(magic)].lower() == magic.lower():
            return name
    return "text"


def _zip_kind(path: Path) -> str:
    if _mentions(path, b"word/"):
        return "Word 文档"
    if _mentions(path, b"ppt/"):
        return "PPT 文档"
    return " ZIP 压缩包（请解压后逐个上传）"


def _mentions(path: Path, needle: bytes) -> bool:
    """Whether the directory of a container (at its beginning or end) names a part."""
    with path.open("rb") as file:
        if needle in file.read(_HEAD):
            return True
        file.seek(max(0, path.stat().st_size - 4 * _HEAD))
        return needle in file.read()


def _suffixes(filename: str) -> list[str]:
    """The extension that tells the kind, and .gz after it: ".csv", ".gz"."""
    suffixes = [suffix.lower() for suffix in Path(filename).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        return suffixes[-2:]
    return suffixes[-1:]


def sweep_parts() -> int:
    """Remove what interrupted uploads left behind a day ago. Returns how many."""
    removed = 0
    for part in staging_root().glob(f"{PART_PREFIX}*"):
        try:
            if part.stat().st_mtime < time.time() - PART_KEPT_SECONDS:
                part.unlink()
                removed += 1
        except FileNotFoundError:  # another worker was faster
            continue
    return removed
