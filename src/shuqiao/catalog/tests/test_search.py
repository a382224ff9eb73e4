"""Searching the catalogue: what is found, by whom, in which order, and what a search costs."""

from __future__ import annotations

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog import search
from shuqiao.catalog.search import View
from shuqiao.catalog.tests.factories import content, draft, published
from shuqiao.catalog.types import EntryFilters


def titles(city, words: str, *, who: str = "stranger", view: View = View.SHARED, **asked) -> list[str]:
    actor = city.actor(who) if who else ANONYMOUS
    found = search.find(actor, EntryFilters(words=words, **asked), view=view)
    assert found.total == len(found.hits)
    return [hit.title for hit in found.hits]


def test_words_parts_of_words_english_codes_and_initials_find(city):
    published(
        city, title="行政处罚信息", summary="Penalty decisions 2023", english_name="Administrative Penalty"
    )
    published(city, title="不动产登记", summary="房屋与土地", classification="307002")
    assert titles(city, "行政处罚") == ["行政处罚信息"]
    assert titles(city, "政处") == ["行政处罚信息"]
    assert titles(city, "罚") == ["行政处罚信息"]
    assert titles(city, "PENALTY") == ["行政处罚信息"]
    assert titles(city, "penal") == ["行政处罚信息"]
    assert titles(city, "xzcf") == ["行政处罚信息"]
    assert titles(city, "bdcdj") == ["不动产登记"]
    assert titles(city, "dj") == ["不动产登记"]
    assert titles(city, "xingzheng") == ["行政处罚信息"]
    assert titles(city, "307002") == ["不动产登记"]
    assert titles(city, "土地 不动产") == ["不动产登记"]
    assert set(titles(city, "")) == {"行政处罚信息", "不动产登记"}
