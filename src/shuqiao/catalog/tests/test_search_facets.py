"""Facets of a search: counted by numbers, they are what a count of the rows would say."""

from __future__ import annotations

from collections import Counter
from itertools import product

from shuqiao.catalog import search
from shuqiao.catalog.models import Revision
from shuqiao.catalog.search import View, counting, results
from shuqiao.catalog.search.knowing import Names
from shuqiao.catalog.search.types import Found
from shuqiao.catalog.tests.factories import draft, published
from shuqiao.catalog.types import EntryFilters, FormatCategory, Kind, OpeningType, SharingType, UpdateCycle


def test_the_index_numbers_every_value_of_the_lists_facets_are_counted_by():
    lists = {
        "sharing": SharingType, "opening": OpeningType, "kinds": Kind, "formats": FormatCategory,
        "cycles": UpdateCycle,
    }  # fmt: skip
    assert {name: set(values) for name, values in counting.MIXED.items()} == {
        name: set(values.values) for name, values in lists.items()
    }
    assert all(len(values) < 1 << counting.BITS for values in counting.MIXED.values())


def test_facets_count_what_the_database_holds_whichever_are_chosen(city):
    """Every choice of two values of two facets: each facet's counts are those of all other choices."""
    drawn = [
        ("unconditional", "yearly", "spreadsheet"), ("conditional", "yearly", "database"),
        ("conditional", "daily", "spreadsheet"), ("conditional", "daily", "spreadsheet"),
    ]  # fmt: skip
    for number, (sharing, cycle, form) in enumerate(drawn):
        entry = published(city, title=f"名录{number}", classification=f"30700{number + 1}")
        Revision.objects.filter(pk=entry.published_id).update(
            sharing_type=sharing, update_cycle=cycle, format_category=form
        )
    rows = [dict(zip(("sharing", "cycles", "formats"), one, strict=True)) for one in drawn]
    for one, other in (("sharing", "cycles"), ("cycles", "formats"), ("sharing", "formats")):
        for first, second in product({row[one] for row in rows}, {row[other] for row in rows}):
            chosen = {one: (first,), other: (second,)}
            found = search.find(city.actor("stranger"), EntryFilters(**chosen))
            for name in ("sharing", "cycles", "formats"):
                left = [
                    row[name] for row in rows if all(row[by] in chosen[by] for by in chosen if by != name)
                ]
                assert dict(found.facets[name]) == Counter(left), (chosen, name)
            assert sum(count for _, count in found.facets["departments"]) == found.total


def test_counts_without_words_are_those_of_the_newest_change_and_of_who_asks(city):
    stranger = city.actor("stranger")
    published(city)
    assert dict(search.find(stranger, EntryFilters()).facets["sharing"]) == {"unconditional": 1}
    published(city, title="房屋", sharing_type="conditional", classification="307002")
    assert sum(dict(search.find(stranger, EntryFilters()).facets["sharing"]).values()) == 2
    draft(city, title="草稿", classification="307003")
    for who, mine in (("provider-cataloguer", 3), ("consumer-cataloguer", 0)):
        found = search.find(city.actor(who), EntryFilters(), view=View.OWN)
        assert (found.total, sum(count for _, count in found.facets["departments"])) == (mine, mine)


def test_departments_of_two_places_with_one_short_name_are_told_apart():
    one, other, third = (f"{number:032x}" for number in (1, 2, 3))
    names = Names(
        [
            (one, "营口市市场监督管理局", "市市场监管局"),
            (other, "沈阳市市场监督管理局", "市市场监管局"),
            (third, "营口市教育局", "市教育局"),
        ],
        {},
    )
    counts = {name: [] for name in counting.FACETS} | {
        "departments": [(key, 2) for key in names.departments],
    }
    rows = results._facet_rows(names, Found((), 6, counts), EntryFilters())["departments"]
    assert {row["label"] for row in rows} == {"营口市市场监督管理局", "沈阳市市场监督管理局", "市教育局"}
