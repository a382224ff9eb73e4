"""Uploaded workbooks on their way from check to import: files under the installation's home, named by record."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from shuqiao.kernel import NotFound


def folder() -> Path:
    """Where they lie."""
    place = Path(settings.HOME) / "staging" / "catalog"
    place.mkdir(parents=True, exist_ok=True)
    return place


def receive(upload: UploadedFile[bytes]) -> tuple[Path, str]:
    """Write an upload to a nameless file. Returns it and the SHA-256 of its content."""
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(prefix="upload-", suffix=".xlsx", dir=folder())
    with os.fdopen(descriptor, "wb") as handle:
        for chunk in upload.chunks():
            digest.update(chunk)
            handle.write(chunk)
    return Path(name), digest.hexdigest()


def keep(path: Path, record_id: UUID) -> Path:
    """Give a received file the name of its import record."""
    return path.replace(folder() / f"{record_id}.xlsx")


def fetch(record_id: UUID) -> tuple[Path, str]:
    """The file of a record and its SHA-256. Raises NotFound when it has been cleared away."""
    path = folder() / f"{record_id}.xlsx"
    if not path.is_file():
        raise NotFound("上传的工作簿（已清理，请重新上传）")
    with path.open("rb") as handle:
        return path, hashlib.file_digest(handle, "sha256").hexdigest()


def clear(record_id: UUID) -> None:
    """The file is no longer needed."""
    (folder() / f"{record_id}.xlsx").unlink(missing_ok=True)
