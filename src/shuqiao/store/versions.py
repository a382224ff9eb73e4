"""The store on disk: immutable versions, published by one rename, and what a crash left behind swept up."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shuqiao.kernel import NotFound
from shuqiao.kernel.ids import new_id
from shuqiao.store.types import Column, FileMeta, Meta

if TYPE_CHECKING:
    from shuqiao.store.handle import VersionHandle

BUILDER = 1
DATA, ROWS, META, QUARANTINE = "data.parquet", "rows.sqlite", "meta.json", "quarantine.jsonl"
_ID = re.compile(r"[0-9a-f]{64}")
_STAGING = ".staging"


class Store:
    """A directory of versions. Opening it writes nothing; any number of processes may share it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, version_id: str) -> Path:
        """Where a version stands or would stand. Raises NotFound for what cannot be an id."""
        if not _ID.fullmatch(version_id):
            raise NotFound(f"数据版本 {version_id[:80]}")
        return self.root / "versions" / version_id[:2] / version_id

    def has(self, version_id: str) -> bool:
        """Whether the version is published here."""
        return bool(_ID.fullmatch(version_id)) and (self.path_of(version_id) / META).is_file()

    def list_versions(self) -> list[str]:
        """Ids of all published versions, in order."""
        found = (self.root / "versions").glob("[0-9a-f][0-9a-f]/*")
        return sorted(path.name for path in found if _ID.fullmatch(path.name))

    def open(self, version_id: str) -> VersionHandle:
        """Open a published version for reading. Raises NotFound."""
        from shuqiao.store.handle import VersionHandle  # the handle knows the file names kept here

        return VersionHandle(self.path_of(version_id))

    def meta(self, version_id: str) -> Meta:
        """What the version says of itself. Raises NotFound."""
        try:
            return msgspec.json.decode((self.path_of(version_id) / META).read_bytes(), type=Meta)
        except FileNotFoundError:
            raise NotFound(f"数据版本 {version_id}") from None

    def damaged_files(self, version_id: str) -> list[str]:
        """Names of the files whose content is no longer what meta.json says; empty when the version is whole."""
        path, meta = self.path_of(version_id), self.meta(version_id)
        return [
            name
            for name, file in meta.files.items()
            if not (path / name).is_file() or file_meta(path / name) != file
        ]

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A directory to build in, on the same file system as the versions; gone afterwards unless published."""
        area = self.root / _STAGING
        area.mkdir(parents=True, exist_ok=True)
        path = area / str(new_id())
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def publish_dir(self, staged: Path, version_id: str) -> Path:
        """Make a staged directory the version: sync all of it, rename once, sync the parent.

        A version that is there already stays; the staged copy is left to be removed.
        """
        target = self.path_of(version_id)
        for file in staged.iterdir():
            sync(file)
        sync(staged)
        for folder in (self.root / "versions", target.parent):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                sync(folder.parent)
        try:
            staged.rename(target)
        except OSError:
            if not self.has(version_id):
                raise
        sync(target.parent)
        return target

    def sweep(self, older_than: timedelta) -> list[str]:
        """Remove what killed builds left in the staging area, untouched for `older_than`. Returns the names."""
        limit = time.time() - older_than.total_seconds()
        area = self.root / _STAGING
        stale = [path for path in area.iterdir() if _last_touched(path) < limit] if area.is_dir() else []
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return sorted(path.name for path in stale)


def _last_touched(path: Path) -> float:
    times = []
    for part in (path, *path.glob("*")):
        try:
            times.append(part.stat().st_mtime)
        except FileNotFoundError:  # a living build moves its files while we look
            times.append(time.time())
    return max(times)


def sync(path: Path) -> None:
    """Bring a file or directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_meta(path: Path) -> FileMeta:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileMeta(path.stat().st_size, digest)


def version_id_of(
    columns: tuple[Column, ...], keys: tuple[tuple[str, ...], ...], files: dict[str, FileMeta]
) -> str:
    """The id: SHA-256 over the schema, the declared keys and the content files' hashes.

    rows.sqlite is derived from data.parquet and the keys, so it adds nothing; its hash stands in meta.json.
    """
    content = {name: files[name].sha256 for name in (DATA, QUARANTINE)}
    described = msgspec.json.encode([BUILDER, columns, keys, content], order="sorted")
    return hashlib.sha256(described).hexdigest()
