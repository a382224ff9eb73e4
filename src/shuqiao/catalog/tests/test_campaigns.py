"""The quarter's maintenance: works, stranger, not allowed, refused, twice; and by the worker where a text asks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shuqiao.catalog import jobs, services
from shuqiao.catalog.life import campaigns, rules
from shuqiao.catalog.models import Campaign, CampaignEntry
from shuqiao.catalog.tests.factories import ON, published
from shuqiao.catalog.tests.test_duties import revise
from shuqiao.catalog.types import CampaignStatus, Confirmation
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.procedures.models import Event, InboxItem, Notice
from shuqiao.procedures.types import CaseKind, E

PC, PA, BR = "provider-cataloguer", "provider-approver", "bureau-reviewer"
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def opened(city, on: date = ON) -> Campaign:
    return services.open_campaign(
        actor=city.actor(BR), division="210800", quarter=rules.quarter_of(on), on=on
    )


@pytest.mark.article("yingkou-2022", "15")
def test_a_campaign_holds_every_entry_in_force(city):
    published(city)
    published(city, title="另一个")
    campaign = opened(city)
    assert (campaign.quarter, campaign.due_on) == ("2026-Q4", date(2026, 12, 31))
    assert campaign.entries.count() == 2
    item = InboxItem.objects.get(case_kind=CaseKind.CAMPAIGN)
    assert (item.department_id, item.basis) == (city.provider.id, ["yingkou-2022:15"])
    with pytest.raises(IllegalMove):
        opened(city)


def test_opening_is_the_bureaus_and_wants_the_quarter_that_is(city):
    published(city)
    opening = {"division": "210800", "quarter": "2026-Q4", "on": ON}
    with pytest.raises(NotAllowed):
        services.open_campaign(actor=city.actor(PA), **opening)
    for wrong in ("2026-Q3", "2026-Q5", "2026"):
        with pytest.raises(InvalidInput):
            services.open_campaign(actor=city.actor(BR), **(opening | {"quarter": wrong}))
    with pytest.raises(InvalidInput, match="不能早于今天"):
        services.open_campaign(actor=city.actor(BR), due_on=date(2026, 11, 1), **opening)
    assert not Campaign.objects.exists()


def test_confirm_some_then_all_that_words_find(city):
    entries = [published(city, title=f"{word}信息") for word in ("甲", "乙", "丙")]
    campaign = opened(city)
    confirm = {"actor": city.actor(PC), "campaign_id": campaign.id, "on": ON}
    assert services.confirm_entries(entry_ids=[entries[0].id], **confirm) == 1
    with pytest.raises(InvalidInput):
        services.confirm_entries(entry_ids=[entries[0].id], **confirm)
    assert services.confirm_entries(words="乙", **confirm) == 1
    assert InboxItem.objects.filter(case_id=campaign.id, done_at=None).count() == 1
    assert services.confirm_entries(**confirm) == 1
    assert not InboxItem.objects.filter(case_id=campaign.id, done_at=None).exists()
    assert [event.data["entries"] for event in Event.objects.filter(type=E.CAMPAIGN_CONFIRMED)] == [1, 1, 1]


def test_strangers_see_nothing_and_readers_confirm_nothing(city):
    published(city)
    campaign = opened(city)
    with pytest.raises(NotFound):
        services.confirm_entries(actor=city.actor("stranger"), campaign_id=campaign.id, on=ON)
    with pytest.raises(NotAllowed):
        services.confirm_entries(actor=city.actor("provider-security"), campaign_id=campaign.id, on=ON)
    with pytest.raises(NotAllowed):
        services.confirm_entries(actor=city.actor(BR), campaign_id=campaign.id, on=ON)
    assert campaign.entries.get().outcome == Confirmation.PENDING


def test_a_revision_published_meanwhile_counts_as_changed(city):
    entry = published(city)
    campaign = opened(city)
    revise(city, entry)
    row = campaign.entries.get()
    assert (row.outcome, row.on) == (Confirmation.CHANGED, ON)


@pytest.mark.article("yingkou-2022", "15")
def test_closing_writes_what_was_left_for_good(city):
    published(city)
    published(city, title="另一个")
    campaign = opened(city)
    entry = CampaignEntry.objects.first().entry_id
    services.confirm_entries(actor=city.actor(PC), campaign_id=campaign.id, entry_ids=[entry], on=ON)
    with pytest.raises(NotAllowed):
        services.close_campaign(actor=city.actor(PA), campaign_id=campaign.id, on=ON)
    closed = services.close_campaign(actor=city.actor(BR), campaign_id=campaign.id, on=date(2027, 1, 4))
    assert closed.summary["totals"] == {
        "total": 2, "pending": 1, "unchanged": 1, "changed": 0, "departments": 1, "departments_left": 1,
    }  # fmt: skip
    assert "1 个条目没有确认" in Notice.objects.filter(department=city.provider).first().text
    with pytest.raises(IllegalMove):
        services.close_campaign(actor=city.actor(BR), campaign_id=campaign.id, on=ON)
    with pytest.raises(IllegalMove):
        services.confirm_entries(actor=city.actor(PC), campaign_id=campaign.id, on=ON)


@pytest.mark.article("yingkou-2022", "15")
@pytest.mark.article("shenyang-2020", "12")
def test_the_worker_opens_it_where_a_text_asks_and_only_once(city):
    published(city)
    assert jobs.open_campaigns(MORNING) == 1
    assert jobs.open_campaigns(MORNING) == 0
    assert [campaign.division_id for campaign in Campaign.objects.all()] == ["210800"]
    assert jobs.open_campaigns(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == 1  # 1 January in China
    first, second = Campaign.objects.order_by("quarter")
    assert (first.status, second.status) == (CampaignStatus.CLOSED, CampaignStatus.RUNNING)
    assert second.quarter == "2027-Q1"


def test_reminders_two_weeks_and_two_days_before_the_end(city):
    published(city)
    campaign = opened(city)

    def on(day: int) -> int:
        return jobs.remind_campaigns(datetime(2026, 12, day, 1, 0, tzinfo=UTC))

    assert [on(16), on(17), on(17), on(18), on(29), on(30), on(31)] == [0, 1, 0, 0, 1, 0, 0]
    assert Notice.objects.filter(case_id=campaign.id).count() == 2
    with pytest.raises(NotAllowed):
        services.remind_campaign(actor=city.actor(PA), campaign_id=campaign.id, on=date(2027, 1, 4))
    assert services.remind_campaign(actor=city.actor(BR), campaign_id=campaign.id, on=date(2027, 1, 4)) == 1
    with pytest.raises(IllegalMove):
        services.remind_campaign(actor=city.actor(BR), campaign_id=campaign.id, on=date(2027, 1, 4))


def test_counts_are_those_of_what_one_sees(city):
    published(city)
    opened(city)
    for who, seen in ((PC, 1), (BR, 1), ("stranger", 0)):
        found = list(campaigns.list_campaigns_for(city.actor(who)))
        assert [(one.all_entries, one.pending_entries) for one in found] == [(1, 1)] * seen


@pytest.mark.parametrize(
    ("on", "quarter", "last"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 3, 31)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 6, 30)),
        (date(2026, 12, 31), "2026-Q4", date(2026, 12, 31)),
    ],
)
def test_quarters(on, quarter, last):
    assert rules.quarter_of(on) == quarter
    assert rules.last_day_of(quarter) == last
