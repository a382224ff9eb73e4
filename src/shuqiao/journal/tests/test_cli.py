"""The command line: exit code 1 on any finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shuqiao.cli.journal import app
from shuqiao.journal import Receipt
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import write_log

run = CliRunner().invoke


def _spoil(root: Path) -> None:
    path = list_segments(root / "gw1")[0].path
    path.write_bytes(path.read_bytes().replace("营口".encode(), "沈阳".encode(), 1))


def test_verify_says_what_it_walked(root: Path, log: list[Receipt], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUQIAO_HOME", str(root.parent))
    result = run(app, ["verify"])
    assert result.exit_code == 0
    assert f"链头 60 {log[-1].hash}" in result.output
    assert "60 条存证逐条相符" in result.output


def test_verify_names_the_place_and_fails(root: Path, log: list[Receipt]) -> None:
    write_log(root, 3, node="gw2")
    _spoil(root)
    result = run(app, ["verify", "--dir", str(root)])
    assert result.exit_code == 1
    assert "gw1/seg-000000000001.log 序号 1 偏移" in result.output
    assert run(app, ["verify", "--dir", str(root), "--node", "gw2"]).exit_code == 0


def test_nothing_to_verify_is_no_success(tmp_path: Path) -> None:
    assert run(app, ["verify", "--dir", str(tmp_path)]).exit_code == 1
    assert run(app, ["verify", "--dir", str(tmp_path / "absent")]).exit_code == 2
    assert run(app, ["verify", "--dir", str(tmp_path), "--node", "gw1"]).exit_code == 1


def test_heads_kept_elsewhere_are_anchors(root: Path, log: list[Receipt], tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    anchors.write_text(run(app, ["heads", "--dir", str(root)]).output)
    assert run(app, ["verify", "--dir", str(root), "--anchors", str(anchors)]).exit_code == 0
    anchors.write_text(anchors.read_text().replace(log[-1].hash[:8], "00000000"))
    assert run(app, ["verify", "--dir", str(root), "--anchors", str(anchors)]).exit_code == 1
    anchors.write_text("not a head")
    assert run(app, ["verify", "--dir", str(root), "--anchors", str(anchors)]).exit_code == 2


def test_find_prints_the_record_of_a_receipt(root: Path, log: list[Receipt]) -> None:
    result = run(app, ["find", log[4].id, "--dir", str(root)])
    assert json.loads(result.output)["record"]["query"] == "地区=营口&n=4"
    assert run(app, ["find", "gw1-000000000099-00000000", "--dir", str(root)]).exit_code == 1
    _spoil(root)
    assert run(app, ["find", log[0].id, "--dir", str(root)]).exit_code == 1


def test_show_lists_the_newest_first(root: Path, log: list[Receipt]) -> None:
    result = run(app, ["show", "--dir", str(root), "--grant", "g-1", "--limit", "3"])
    assert [json.loads(line)["receipt"]["seq"] for line in result.output.splitlines()] == [60, 59, 58]
    assert run(app, ["show", "--dir", str(root), "--grant", "g-2"]).output == ""
