"""The files of a version: their names, their hashes, and how they are brought to disk."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from shuqiao.store.types import FileMeta

DATA, ROWS, META, QUARANTINE = "data.parquet", "rows.sqlite", "meta.json", "quarantine.jsonl"
PROFILE = "profile.json"
CONTENT = "content/file"
"""The bytes of a file version; the name they are handed out with stands in meta.json."""
_ID = re.compile(r"[0-9a-f]{64}")


def is_version_id(text: str) -> bool:
    """Whether a text can be a version's id."""
    return _ID.fullmatch(text) is not None


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
