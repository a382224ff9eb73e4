"""Differences, freshness and moves: properties over anything a department may write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.catalog import services
from shuqiao.catalog.life import differences, freshness
from shuqiao.catalog.life.differences import ItemKind
from shuqiao.catalog.models import Campaign, Entry, ThemeCatalogue, UpdateDuty
from shuqiao.catalog.tests.factories import ITEMS, ON, content, published
from shuqiao.catalog.types import (
    CAMPAIGN_MOVES,
    DUTY_MOVES,
    THEME_MOVES,
    CampaignStatus,
    DutyStatus,
    ItemContent,
    ThemeStatus,
    UpdateCycle,
)
from shuqiao.kernel import IllegalMove

names = st.lists(st.sampled_from("甲乙丙丁戊己庚辛"), unique=True, max_size=8)
contents = names.map(
    lambda found: content(items=tuple(ItemContent(name=name, data_type="C") for name in found))
)


@given(contents, contents)
def test_a_difference_leads_from_one_to_the_other(before, after):
    found = differences.between(before, after)
    kinds = {kind: {item.name for item in found.items if item.kind is kind} for kind in ItemKind}
    old, new = {item.name for item in before.items}, {item.name for item in after.items}
    assert kinds[ItemKind.ADDED] == new - old
    assert kinds[ItemKind.REMOVED] == old - new
    assert not kinds[ItemKind.CHANGED]
    stayed = kinds[ItemKind.MOVED]
    kept_before = [item.name for item in before.items if item.name in new and item.name not in stayed]
    kept_after = [item.name for item in after.items if item.name in old and item.name not in stayed]
    assert kept_before == kept_after  # what did not move kept its order
    assert bool(found) == (before != after)


@given(contents)
def test_nothing_differs_from_itself(one):
    assert not differences.between(one, one)


def test_fields_items_and_a_rename_are_told_apart():
    renamed = replace(ITEMS[1], name="单位名称")
    after = content(summary="另一段", items=(ITEMS[3], ITEMS[0], renamed, replace(ITEMS[2], length="40")))
    found = differences.between(content(), after)
    assert [(change.name, change.after) for change in found.fields] == [("summary", "另一段")]
    told = {item.name: (item.kind, [field.name for field in item.fields]) for item in found.items}
    assert told == {
        "法人代表": (ItemKind.MOVED, []),
        "单位名称": (ItemKind.CHANGED, ["name"]),
        "地区": (ItemKind.CHANGED, ["length"]),
    }


@given(st.sampled_from([*UpdateCycle.values, ""]), st.integers(0, 800))
def test_freshness_only_ever_gets_worse(cycle, days):
    order = [freshness.State.FRESH, freshness.State.NEAR, freshness.State.OVERDUE]
    today, tomorrow = (freshness.judge(cycle, ON, ON + timedelta(days=days + more)) for more in (0, 1))
    if today.state is freshness.State.UNKNOWN or cycle == UpdateCycle.NEVER:
        assert tomorrow.state is today.state
    else:
        assert order.index(tomorrow.state) >= order.index(today.state)
        assert (today.late_by > 0) == (today.state is freshness.State.OVERDUE)


def test_freshness_has_its_words():
    assert freshness.judge("weekly", ON, ON + timedelta(days=8)).late_by == 1
    assert freshness.judge("weekly", ON, ON + timedelta(days=7)).state is freshness.State.NEAR
    assert freshness.judge("irregular", ON, ON).label == "无法判断"
    for cycle in UpdateCycle.values:
        assert freshness.judge(cycle, None, ON).why == "数据还没有来过"
        assert freshness.judge(cycle, None, ON).label == "无法判断"


@pytest.mark.parametrize("days", [0, 1, 2, 7, 8, 31, 32, 366, 367])
def test_the_database_judges_as_the_rule_does(city, days):
    for cycle in UpdateCycle.values:
        entry = published(city, title=cycle, update_cycle=cycle)
        published(city, title=f"{cycle}，数据还没有来过", update_cycle=cycle)
        services.note_data(entry_id=entry.id, on=ON, rows=1)
    on = ON + timedelta(days=days)
    found = Entry.objects.annotate(last_on=freshness.LAST).filter(freshness.stale(on))
    wanted = {
        cycle
        for cycle in UpdateCycle.values
        if freshness.judge(cycle, ON, on).state is freshness.State.OVERDUE
    }
    assert {entry.published.title for entry in found.select_related("published")} == wanted


def test_data_makes_an_entry_fresh_and_older_data_changes_nothing(city):
    entry = published(city)
    services.note_data(entry_id=entry.id, on=date(2026, 12, 1), rows=10)
    services.note_data(entry_id=entry.id, on=date(2026, 11, 1), rows=5)
    entry.refresh_from_db()
    assert (entry.data_updated_on, entry.data_rows) == (date(2026, 12, 1), 10)


MACHINES = (
    (lambda: ThemeCatalogue(name="主题"), ThemeStatus, THEME_MOVES),
    (lambda: UpdateDuty(what="变了", case_number="号"), DutyStatus, DUTY_MOVES),
    (lambda: Campaign(quarter="2026-Q4"), CampaignStatus, CAMPAIGN_MOVES),
)


@pytest.mark.parametrize(("make", "states", "moves"), MACHINES)
@given(data=st.data())
def test_random_walks_keep_to_the_table(make, states, moves, data):
    row = make()
    for wanted in data.draw(st.lists(st.sampled_from(list(states)), max_size=12)):
        before = states(row.status)
        if wanted in moves[before]:
            row.move_to(wanted)
            assert row.status == wanted
        else:
            with pytest.raises(IllegalMove):
                row.move_to(wanted)
            assert row.status == before
    assert set(moves) == set(states)
