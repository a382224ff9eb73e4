"""A place for evidence, and a log that has been written and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuqiao.journal import Receipt, Record, Writer


def a_read(number: int = 0, **facts: object) -> Record:
    given = {"kind": "read", "grant": "g-1", "key": "k-1", "resource": "r-1", "action": "rows"}
    return Record(**{**given, "query": f"地区=营口&n={number}", "rows": number, **facts})


def write_log(root: Path, count: int, *, node: str = "gw1", segment_bytes: int = 4000) -> list[Receipt]:
    with Writer(root, node, segment_bytes=segment_bytes) as writer:
        return list(writer.append_many_sync(a_read(number) for number in range(count)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def log(root: Path) -> list[Receipt]:
    """60 records of gw1 in several segments."""
    return write_log(root, 60)
