"""While an index is made, whoever searches is told how far it has come, or answered from the one before."""

from __future__ import annotations

import pytest

from shuqiao.catalog import search
from shuqiao.catalog.search import catching_up, index
from shuqiao.catalog.tests.factories import published
from shuqiao.catalog.types import EntryFilters

pytestmark = pytest.mark.django_db
ADDRESSES = ("/catalog/", "/open/", "/api/v1/catalog/entries")


@pytest.fixture
def somebody_else_writes(city, monkeypatch):
    """Another process has the lock and is making an index."""
    monkeypatch.setattr(catching_up, "MAKING_SECONDS", 0.1)
    published(city, title="企业登记信息")
    with index.locked(0):
        index.say_progress(12_000, 100_154)
        yield
        index.end_progress()


def found(city) -> list[str]:
    hits = search.find(city.actor("stranger"), EntryFilters(words="企业")).hits
    return [hit.title for hit in hits]


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_an_index_the_answer_says_how_far_it_has_come(address, somebody_else_writes, city, client_of):
    answer = client_of("stranger").get(address, {"q": "企业"})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    said = answer.content.decode()
    assert "12,000 / 100,154" in said
    assert address.startswith("/api/") or f'href="{address}?q=%E4%BC%81%E4%B8%9A">再试一次' in said


def test_an_index_whose_first_pass_was_cut_off_is_not_answered_from(somebody_else_writes, city):
    path = index.begin_generation()
    opened, writer = index.writer_of(path, many=False)
    index.say_state(writer, index.State(seq=1, after="0" * 32))
    writer.commit()
    writer.wait_merging_threads()
    del writer, opened
    index.make_current(path)
    with pytest.raises(index.Busy, match="12,000"):
        found(city)


def test_the_index_before_is_answered_from_meanwhile(city):
    published(city, title="企业登记信息")
    assert found(city) == ["企业登记信息"]
    with index.locked(0):
        index.say_progress(0, 2)
        published(city, title="企业年报信息", classification="307002")
        assert found(city) == ["企业登记信息"]
        index.end_progress()
    assert sorted(found(city)) == ["企业年报信息", "企业登记信息"]


def test_progress_is_told_while_it_is_made_and_not_after_it_ended_or_failed(city, monkeypatch):
    published(city)
    told = []
    say = index.say_progress
    monkeypatch.setattr(
        index, "say_progress", lambda *how_far: (say(*how_far), told.append(index.progress()))
    )
    catching_up.rebuild()
    assert told == [(0, 1), (1, 1)]
    assert index.progress() is None
    monkeypatch.setattr(catching_up, "_put", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        catching_up.rebuild()
    assert index.progress() is None
