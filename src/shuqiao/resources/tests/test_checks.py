"""Nonsense in the settings of storage is named at start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.resources.checks import objects_address, objects_answer, years_kept


def test_no_object_store_is_right(settings: Any) -> None:
    settings.OBJECTS = ""
    assert objects_address() == objects_answer() == []


def test_nonsense_is_named(settings: Any) -> None:
    settings.OBJECTS = "ftp://somewhere"
    assert [one.id for one in objects_address()] == ["shuqiao.E021"]
    assert "只支持" in objects_address()[0].msg
    settings.CACHE_BYTES = -1
    assert [one.id for one in objects_address()] == ["shuqiao.E020"]


def test_an_object_store_that_cannot_be_written_is_named_before_it_goes_live(
    settings: Any, tmp_path: Path
) -> None:
    settings.OBJECTS = f"file://{tmp_path}/objects"
    assert objects_answer() == []
    (tmp_path / "file").write_text("")
    settings.OBJECTS = f"file://{tmp_path}/file/below"
    assert {one.id for one in (*objects_address(), *objects_answer())} & {"shuqiao.E021", "shuqiao.E022"}


def test_versions_may_not_go_before_the_evidence_that_names_them(settings: Any) -> None:
    assert years_kept() == []
    settings.JOURNAL_YEARS = settings.VERSIONS_KEPT_YEARS + 1
    assert [one.id for one in years_kept()] == ["shuqiao.E023"]
    settings.VERSIONS_KEPT_YEARS = settings.JOURNAL_YEARS
    assert years_kept() == []
