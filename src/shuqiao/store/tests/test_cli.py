"""`shuqiao store`: what an operator sees, and the exit codes a script goes by."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shuqiao.cli.store import app
from shuqiao.store import Store
from shuqiao.store.tests.test_object_versions import make


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def places(tmp_path: Path) -> tuple[list[str], list[str]]:
    """The options for a node with the versions, and for one without."""
    url = f"file://{tmp_path}/objects"
    return (
        ["--dir", str(tmp_path / "a"), "--objects", url],
        ["--dir", str(tmp_path / "b"), "--objects", url],
    )


def test_versions_go_to_another_node_and_are_listed_and_verified(
    places: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    version_id = make(Store(tmp_path / "a"), tmp_path)
    assert run("push", *places[0]).exit_code == 0
    assert run("pull", *places[1]).exit_code == 0
    listed = run("list", *places[1])
    assert version_id in listed.stdout
    assert "本机+对象存储" in listed.stdout
    assert run("verify", *places[1]).exit_code == 0
    assert run("check", "--objects", places[0][3]).exit_code == 0


def test_a_damaged_version_is_named_and_not_pushed(
    places: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    version_id = make(Store(tmp_path / "a"), tmp_path)
    (tmp_path / "a" / "versions" / version_id[:2] / version_id / "rows.sqlite").write_bytes(b"")
    seen = run("verify", "--dir", str(tmp_path / "a"))
    assert seen.exit_code == 1
    assert f"已损坏：{version_id}：rows.sqlite" in seen.output
    assert run("push", *places[0]).exit_code == 1
    assert run("pull", *places[1]).exit_code == 0  # nothing there to pull
    assert Store(tmp_path / "b").list_versions() == []


def test_collecting_says_first_what_it_would_do(tmp_path: Path) -> None:
    kept, other = (make(Store(tmp_path / "a"), tmp_path, name=name) for name in "ab")
    (tmp_path / "keep").write_text(kept + "\n")
    options = ["--keep", str(tmp_path / "keep"), "--dir", str(tmp_path / "a"), "--objects", ""]
    said = run("collect", "--dry-run", *options).stdout
    assert other in said
    assert kept not in said
    assert not (tmp_path / "a" / ".tombstones").exists()
    assert run("collect", *options).exit_code == 0
    assert [path.name for path in (tmp_path / "a" / ".tombstones").iterdir()] == [other]


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    assert run("push", "--dir", str(tmp_path), "--objects", "").exit_code == 2
    nonsense = run("check", "--objects", "ftp://x")
    assert nonsense.exit_code == 2
    assert "只支持" in nonsense.output
