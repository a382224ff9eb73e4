"""The order of what a search finds."""

from __future__ import annotations

import pytest

from shuqiao.catalog import search
from shuqiao.catalog.search import compiling
from shuqiao.catalog.tests.factories import published
from shuqiao.catalog.types import EntryFilters

BEGINS, HOLDS = "行政许可事项办理结果信息公开目录汇总总表", "营口行政许可事项办理结果"


@pytest.mark.parametrize("words", ["行政许可", "行政许可事项办", "行政许可事项办理", "行政许可事项办理结果"])
def test_a_title_that_begins_so_comes_first_however_long_the_beginning(city, monkeypatch, words):
    published(city, title=BEGINS)
    published(city, title=HOLDS, classification="307002")

    def order() -> list[str]:
        return [hit.title for hit in search.find(city.actor("stranger"), EntryFilters(words=words)).hits]

    assert order() == [BEGINS, HOLDS]
    monkeypatch.setattr(compiling, "BEGINS", 0.0)
    assert order() == [HOLDS, BEGINS]
