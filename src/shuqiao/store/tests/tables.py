"""What tests of readers share: write a file, build it, look at its rows and its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shuqiao.store import Query, Recipe, Scope, Store, VersionHandle, build, sniff


def write(folder: Path, content: str | bytes, name: str = "t", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def publish(path: Path, recipe: Recipe | None = None, **choices: Any) -> VersionHandle:
    built = build(path, recipe or sniff(path, **choices).recipe(), path.parent / "store")
    return Store(path.parent / "store").open(built.id)


def rows_of(handle: VersionHandle) -> list[list[Any]]:
    page = handle.rows(Query(limit=10_000), Scope.whole(handle.columns))
    return [list(row.values()) for row in page.rows]


def entries(handle: VersionHandle) -> list[dict[str, Any]]:
    return [json.loads(line) for line in handle.quarantine_path().read_text().splitlines()]
