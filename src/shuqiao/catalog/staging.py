"""Uploaded workbooks on their way from check to import: files under the installation's home, named by record."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from shuqiao.kernel import NotFound

NAMELESS = re.compile(r"upload-[A-Za-z0-9_]+")


def folder() -> Path:
    """Where they lie."""
    place = Path(settings.HOME) / "staging" / "catalog"
    place.mkdir(parents=True, exist_ok=True)
    return place


def receive(upload: UploadedFile[bytes]) -> tuple[Path, str]:
    """Write an upload to a file whose name says no format: readers of workbooks would believe it. Returns it and the
    SHA-256 of its content."""
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(prefix="upload-", dir=folder())
    with os.fdopen(descriptor, "wb") as handle:
        for chunk in upload.chunks():
            digest.update(chunk)
            handle.write(chunk)
    return Path(name), digest.hexdigest()


def keep(path: Path, record_id: UUID) -> Path:
    """Give a received file the name of its import record."""
    return path.replace(folder() / f"{record_id}.upload")


def fetch(record_id: UUID) -> tuple[Path, str]:
    """The file of a record and its SHA-256. Raises NotFound when it has been cleared away."""
    path = folder() / f"{record_id}.upload"
    if not path.is_file():
        raise NotFound("上传的工作簿（已清理，请重新上传）")
    with path.open("rb") as handle:
        return path, hashlib.file_digest(handle, "sha256").hexdigest()


def waiting(name: str) -> Path:
    """A received file that has no record yet, by its name. Raises NotFound when it has been cleared away."""
    path = folder() / name
    if not NAMELESS.fullmatch(name) or not path.is_file():
        raise NotFound("上传的文件（已清理，请重新上传）")
    return path


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def keep_outline(record_id: UUID, outline: list[tuple[str, int, str, str, bool]]) -> None:
    """Keep the list of what a file holds beside it, so that pages need not read the file again."""
    (folder() / f"{record_id}.json").write_text(json.dumps(outline, ensure_ascii=False), encoding="utf-8")


def outline(record_id: UUID) -> list[tuple[str, int, str, str, bool]]:
    """The list kept beside a file; empty when it has been cleared away."""
    path = folder() / f"{record_id}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def clear(record_id: UUID) -> None:
    """File and list are no longer needed."""
    (folder() / f"{record_id}.upload").unlink(missing_ok=True)
    (folder() / f"{record_id}.json").unlink(missing_ok=True)


def sweep(before: datetime) -> int:
    """Remove received files that never got a record, older than `before`. Returns how many."""
    old = [path for path in folder().glob("upload-*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
