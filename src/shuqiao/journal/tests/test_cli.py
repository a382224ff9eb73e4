"""The command line: exit code 1 on any finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shuqiao.cli.journal_archive import app
from shuqiao.journal import Receipt, Writer
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read, write_log

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


def test_a_proof_is_made_and_checked_with_the_published_key(
    root: Path, log: list[Receipt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUQIAO_HOME", str(root.parent))
    proof, public = tmp_path / "proof.json", tmp_path / "key.pem"
    waiting = run(app, ["prove", log[7].id, "-o", str(proof)])
    assert waiting.exit_code == 1
    assert "还没有封存" in waiting.output
    assert "第 1 次封存" in run(app, ["seal"]).output
    public.write_text(run(app, ["key"]).output)
    assert run(app, ["prove", log[7].id, "-o", str(proof)]).exit_code == 0
    checked = run(app, ["check-proof", str(proof), "--key", str(public)])
    assert checked.exit_code == 0
    assert log[7].hash in checked.output
    proof.write_text(proof.read_text().replace(log[7].hash, log[8].hash))
    assert run(app, ["check-proof", str(proof), "--key", str(public)]).exit_code == 1
    proof.write_text("nothing")
    assert run(app, ["check-proof", str(proof), "--key", str(public)]).exit_code == 2
    assert run(app, ["prove", "gw1-000000000099-00000000"]).exit_code == 1
    assert json.loads(run(app, ["prove", log[7].id, "--with-record"]).output)["body"].startswith(
        "R 000000000008 "
    )


def test_verify_with_a_key_kept_elsewhere_and_compressed_segments(
    root: Path, log: list[Receipt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUQIAO_HOME", str(root.parent))
    run(app, ["seal"])
    assert "seg-000000000001.log.zst" in run(app, ["compress"]).output
    public, other = tmp_path / "key.pem", tmp_path / "other.pem"
    public.write_text(run(app, ["key"]).output)
    other.write_text(run(app, ["key", "--secrets", str(tmp_path / "elsewhere")]).output)
    verified = run(app, ["verify", "--key", str(public)])
    assert verified.exit_code == 0
    assert "封存至 60" in verified.output
    assert run(app, ["verify", "--key", str(other)]).exit_code == 1
    assert run(app, ["verify", "--key", str(tmp_path / "absent")]).exit_code == 2


def test_archive_who_and_verification_of_the_archive(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUQIAO_HOME", str(root.parent))
    monkeypatch.setenv("SHUQIAO_OBJECTS", f"file://{tmp_path}/objects")
    asked = "/v1/resources/r-1/rows/21080219900101001X"
    with Writer(root, "gw1") as writer:
        writer.append_sync(a_read(1, action="lookup", query=asked, at="2026-03-01T09:00:00.000+08:00"))
        writer.append_sync(a_read(9, at="2026-03-02T09:00:00.000+08:00"))
    assert run(app, ["archive"]).output == "", "not sealed yet"
    run(app, ["seal"])
    assert "已归档 gw1 序号 1 至 1" in run(app, ["archive", "--remove"]).output
    stored = sorted(path.name for path in (tmp_path / "objects" / "journal" / "gw1").iterdir())
    assert stored == ["archive.jsonl", "seal-keys", "seals.jsonl", "seg-000000000001.parquet"]
    assert "归档的 1 条存证逐条相符" in run(app, ["verify-archive"]).output
    told = run(app, ["who", "--resource", "r-1", "--key-value", "21080219900101001X", "--year", "2026"])
    first, second, sums = told.output.splitlines()
    assert first.startswith("读到\t2026-03-01")
    assert second.startswith("可能包含\t2026-03-02")
    assert sums == "读到 1 次，查过，没有给出 0 次，可能包含 1 次"
    assert run(app, ["archive", "--through", "soon"]).exit_code == 2
    monkeypatch.setenv("SHUQIAO_JOURNAL_YEARS", "2")
    refused = run(app, ["archive", "--remove"])
    assert refused.exit_code == 1
    assert "至少保存 3 年" in refused.output
    (root.parent / "journal-archive" / "gw1" / "seg-000000000001.parquet").unlink()
    assert run(app, ["verify-archive"]).exit_code == 1
