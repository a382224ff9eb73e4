"""Pages by cursor: all rows once, in their order, whatever comes or goes between two pages."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao.catalog.api.paging import PageIn, page_of, slice_of
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.tests import factories
from shuqiao.kernel import InvalidInput

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 1, 5), None, date(2026, 1, 3), date(2026, 1, 5), None, date(2025, 1, 1), date(2026, 1, 5)]


@pytest.fixture
def entries(city):
    for place, day in enumerate(DAYS):
        entry = factories.published(city, title=f"第{place % 3}种")
        Revision.objects.filter(pk=entry.published_id).update(published_on=day)
    return Entry.objects.select_related("published")


def walk(rows, order, limit) -> list[Entry]:
    found, cursor = [], ""
    while True:
        some, after = page_of(rows, order, PageIn(cursor=cursor, limit=limit))
        assert len(some) <= limit
        found += some
        if after is None:
            return found
        cursor = after


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
@pytest.mark.parametrize(
    "order",
    [
        ("-published__published_on", "id"), ("published__published_on", "-id"), ("published__title", "id"),
        ("-published__title", "published__published_on", "id"), ("code", "id"),
    ],
)  # fmt: skip
def test_every_row_once_and_in_order(entries, order, limit):
    whole = [one.pk for one in page_of(entries, order, PageIn(limit=200))[0]]
    assert len(set(whole)) == len(DAYS)
    assert [one.pk for one in walk(entries, order, limit)] == whole


def test_empty_days_come_last_both_ways(entries):
    for order in (("-published__published_on", "id"), ("published__published_on", "id")):
        days = [one.published.published_on for one in walk(entries, order, 2)]
        assert days[-2:] == [None, None]
        assert days[:-2] == sorted(days[:-2], reverse=order[0].startswith("-"))


def test_rows_that_come_meanwhile_shift_nothing(entries, city):
    order = ("published__title", "id")
    first, cursor = page_of(entries, order, PageIn(limit=3))
    factories.published(city, title="000 排在最前")
    rest, _ = page_of(entries, order, PageIn(cursor=cursor, limit=200))
    assert {one.pk for one in first} & {one.pk for one in rest} == set()
    assert len(first) + len(rest) == len(DAYS)


@pytest.mark.parametrize("text", ["x", "!!", "W10", "bnVsbA", "e30", "é", "A" * 5_000])
def test_what_is_no_cursor_is_named(entries, text):
    with pytest.raises(InvalidInput) as told:
        page_of(entries, ("code", "id"), PageIn(cursor=text))
    assert told.value.problems[0].where == "cursor"


def test_a_cursor_of_another_order_and_a_forged_one(entries):
    from shuqiao.catalog.api.paging import _write

    _, cursor = page_of(entries, ("code", "id"), PageIn(limit=1))
    for order in (("published__title", "id"), ("-code", "id")):
        with pytest.raises(InvalidInput):
            page_of(entries, order, PageIn(cursor=cursor))
    for values in (
        ["x", "no id"],
        ["a\0", str(entries[0].pk)],
        [{"a": 1}, str(entries[0].pk)],
        ["a", ["b"]],
        ["a", None],
        ["x" * 100, str(entries[0].pk)],
    ):
        with pytest.raises(InvalidInput):
            page_of(entries, ("code", "id"), PageIn(cursor=_write(("code", "id"), values)))


def test_a_list_that_stands_fast():
    found, cursor = [], ""
    while cursor is not None:
        some, cursor = slice_of(range(10), PageIn(cursor=cursor, limit=4))
        found += some
    assert found == list(range(10))
    for text in ("zz", PageIn(cursor="W1siIyJdLFstMV1d").cursor):  # the second: place -1
        with pytest.raises(InvalidInput):
            slice_of([1], PageIn(cursor=text))
