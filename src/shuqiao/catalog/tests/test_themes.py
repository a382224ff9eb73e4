"""Theme catalogues: works, stranger, not allowed, rule refused, twice."""

from __future__ import annotations

import pytest

from shuqiao.catalog import services
from shuqiao.catalog.life import themes
from shuqiao.catalog.models import ThemeCatalogue
from shuqiao.catalog.tests.factories import ON, published
from shuqiao.catalog.types import ThemeStatus
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Notice
from shuqiao.procedures.types import E

PC, PA, BR = "provider-cataloguer", "provider-approver", "bureau-reviewer"


def theme_of(city, *entries, name: str = "信用主题") -> ThemeCatalogue:
    theme = services.create_theme(
        actor=city.actor(PC), department_id=city.provider.id, name=name, purpose="信用监管", on=ON
    )
    if entries:
        add(city, theme, *entries)
    return theme


def add(city, theme, *entries, **more):
    return services.change_members(
        actor=city.actor(PC), theme_id=theme.id, add=[entry.id for entry in entries], on=ON, **more
    )


def established(city, *entries) -> ThemeCatalogue:
    theme = theme_of(city, *entries)
    services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    return services.establish_theme(actor=city.actor(BR), theme_id=theme.id, on=ON)


@pytest.mark.article("yingkou-2022", "12")
@pytest.mark.article("yingkou-2022", "19")
def test_a_theme_goes_to_the_bureau_as_a_whole_and_is_established(city):
    first, second = published(city), published(city, title="许可信息")
    theme = theme_of(city, first, second)
    assert not themes.list_themes_for(city.actor("stranger")).exists()
    with pytest.raises(NotAllowed):
        services.submit_theme(actor=city.actor(PC), theme_id=theme.id, on=ON)
    services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    item = InboxItem.objects.get(case_id=theme.id, done_at=None)
    assert (item.department_id, item.basis) == (city.bureau.id, ["yingkou-2022:12", "yingkou-2022:19"])
    with pytest.raises(IllegalMove):
        services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    with pytest.raises(NotAllowed):
        services.establish_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    services.establish_theme(actor=city.actor(BR), theme_id=theme.id, on=ON)
    (seen,) = themes.list_themes_for(city.actor("stranger"))
    assert (seen.name, seen.lead_id, seen.entries) == ("信用主题", city.provider.id, 2)
    assert [entry.id for entry in themes.members_of(seen, city.actor("stranger"))] == [first.id, second.id]
    with pytest.raises(IllegalMove):
        services.establish_theme(actor=city.actor(BR), theme_id=theme.id, on=ON)


@pytest.mark.article("yingkou-2022", "12")
def test_an_empty_theme_and_one_with_a_withdrawn_entry_stay_at_home(city):
    theme = theme_of(city)
    with pytest.raises(RuleRefused, match="还没有条目") as caught:
        services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    assert [str(one) for one in caught.value.decision.basis] == ["yingkou-2022:12", "yingkou-2022:19"]
    entry = published(city)
    add(city, theme, entry)
    services.withdraw_entry(actor=city.actor(PA), entry_id=entry.id, reason="不再产生", on=ON)
    with pytest.raises(RuleRefused):
        services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)


def test_returned_with_reason_changed_and_submitted_again(city):
    theme = theme_of(city, published(city))
    services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    with pytest.raises(IllegalMove):
        add(city, theme, published(city, title="乙"))
    with pytest.raises(InvalidInput):
        services.return_theme(actor=city.actor(BR), theme_id=theme.id, reason=" ", on=ON)
    services.return_theme(actor=city.actor(BR), theme_id=theme.id, reason="缺许可信息", on=ON)
    number = ThemeCatalogue.objects.get().case_number
    add(city, theme, published(city, title="许可信息"))
    services.submit_theme(actor=city.actor(PA), theme_id=theme.id, on=ON)
    theme.refresh_from_db()
    assert (theme.status, theme.return_reason, theme.case_number) == (ThemeStatus.SUBMITTED, "", number)


def test_an_established_theme_changes_with_a_reason_that_the_bureau_reads(city):
    first, second = published(city), published(city, title="许可信息")
    theme = established(city, first)
    with pytest.raises(InvalidInput, match="理由"):
        add(city, theme, second)
    services.change_members(
        actor=city.actor(PC),
        theme_id=theme.id,
        add=[second.id],
        remove=[first.id],
        reason="项目范围调整",
        on=ON,
    )
    assert [member.entry_id for member in theme.members.all()] == [second.id]
    event = Event.objects.filter(type=E.THEME_CHANGED).last()
    assert event.data == {"added": [str(second.id)], "removed": [str(first.id)], "reason": "项目范围调整"}
    assert "项目范围调整" in Notice.objects.get(department=city.bureau).text


def test_members_are_published_entries_of_the_division(city):
    theme = theme_of(city)
    with pytest.raises(InvalidInput):
        services.change_members(actor=city.actor(PC), theme_id=theme.id, add=[theme.id], on=ON)
    with pytest.raises(NotFound):
        services.change_members(actor=city.actor("stranger"), theme_id=theme.id, on=ON)
    with pytest.raises(NotAllowed):
        services.change_members(actor=city.actor(PA), theme_id=theme.id, on=ON)


def test_names_are_given_once_in_a_division(city):
    theme = theme_of(city)
    for name in ("", "信用主题", "长" * 101):
        with pytest.raises(InvalidInput):
            theme_of(city, name=name)
    with pytest.raises(NotAllowed):
        services.create_theme(
            actor=city.actor(PC), department_id=city.consumer.id, name="他人的", purpose="", on=ON
        )
    services.rename_theme(actor=city.actor(PC), theme_id=theme.id, name="信用主题", purpose="新用途", on=ON)
    assert ThemeCatalogue.objects.get().purpose == "新用途"


def test_dissolved_by_the_lead_or_the_bureau_once(city):
    theme = established(city, published(city))
    give_up = {"theme_id": theme.id, "reason": "项目结束", "on": ON}
    with pytest.raises(NotAllowed):
        services.dissolve_theme(actor=city.actor("stranger"), **give_up)
    services.dissolve_theme(actor=city.actor(BR), **give_up)
    assert not themes.list_themes_for(city.actor("stranger")).exists()
    with pytest.raises(IllegalMove):
        services.dissolve_theme(actor=city.actor(PA), **give_up)
    theme_of(city)  # the name is free again


def test_the_public_sees_open_entries_of_established_themes_alone(city):
    closed = published(city)
    assert established(city, closed)
    assert themes.list_public_themes() == []
    opened = published(city, title="开放的", opening_type="unconditional", opening_method="download")
    theme = ThemeCatalogue.objects.get()
    add(city, theme, opened, reason="补充")
    assert [(row["name"], row["count"]) for row in themes.list_public_themes()] == [("信用主题", 1)]
    _, members = themes.public_members(theme.id)
    assert [entry.id for entry in members] == [opened.id]
