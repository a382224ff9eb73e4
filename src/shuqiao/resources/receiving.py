"""Files on their way in: streamed to disk with their sum, checked for being what they say, moved by rename.

Memory stays bounded by the chunk (64 KB) whatever the size of the file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from shuqiao.kernel.ids import new_id
from shuqiao.resources import contents
from shuqiao.resources.types import Kind
from shuqiao.store.failures import is_full

PART_PREFIX = "part-"
PART_KEPT_SECONDS = 24 * 3600


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
        try:
            super().close()
        except OSError as error:  # a full disk refuses the last bytes too, and they are not wanted any more
            if not is_full(error):
                raise
        finally:
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
        with self._or_nothing():
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> ReceivedFile:
        """The file is whole."""
        with self._or_nothing():
            self.file.seek(0)  # which writes out what is still in memory
        self.file.size = file_size
        self.file.sha256 = self.sum.hexdigest()
        return self.file

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """A disk that refuses bytes keeps none of them: the parser forgets files that are not complete."""
        try:
            yield
        except OSError:
            self.file.close()
            raise

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


def take(file: UploadedFile[Any], kind: Kind = Kind.TABLE) -> Taken:
    """Keep a file that came: checked by name and content to be what `kind` takes, forced to disk, moved by rename.

    Raises InvalidInput that names what was found.
    """
    filename = contents.plain_name(file.name or "")
    if not isinstance(file, ReceivedFile):
        raise TypeError(f"want a file of StagingUploadHandler, got {file!r}")
    contents.check_content(file.part_path, filename, kind)
    file.flush()
    os.fsync(file.fileno())
    name = staged_name(new_id(), filename)
    move(file.part_path, staging_root() / name)
    return Taken(name, filename, file.size or 0, file.sha256)


def take_path(source: Path, filename: str, kind: Kind = Kind.TABLE) -> Taken:
    """Keep a file of this machine, by copying it. For commands, samples and tests.

    Raises InvalidInput that names what was found.
    """
    contents.check_content(source, filename, kind)
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
    name = staged_name(new_id(), filename)
    move(Path(writing.name), staging_root() / name)
    return Taken(name, filename, size, total.hexdigest())


def staged_name(upload_id: UUID, filename: str) -> str:
    """The name of an upload in the staging folder."""
    return f"{upload_id.hex}{''.join(contents.suffixes(filename))}"


def move(part: Path, target: Path) -> None:
    """Rename, and force the folder's new state to disk."""
    part.rename(target)
    sync_folder(target.parent)


def sync_folder(path: Path) -> None:
    """Force what a folder lists to disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
