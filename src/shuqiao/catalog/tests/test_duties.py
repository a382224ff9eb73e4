"""Update duties: works, stranger, not allowed, rule refused, twice; terms by regime over the holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services
from shuqiao.catalog.life import duties, rules
from shuqiao.catalog.models import DutyEntry, UpdateDuty
from shuqiao.catalog.services import Occasion
from shuqiao.catalog.tests.factories import ON, content, published
from shuqiao.catalog.types import Confirmation, DutyStatus, Trigger
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, Problem, RuleRefused
from shuqiao.organizations.queries import regime_of
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.procedures.types import E

PC, PA, BR = "provider-cataloguer", "provider-approver", "bureau-reviewer"


def occasion(on: date = ON, trigger: Trigger = Trigger.LAW) -> Occasion:
    return Occasion(trigger, "市场主体登记管理条例修改", on, "国务院令")


def duty_of(city, *entries, by: str = BR, on: date = ON, department=None) -> UpdateDuty:
    (duty,) = services.record_duties(
        actor=city.actor(by),
        department_ids=[(department or city.provider).id],
        occasion=occasion(on),
        entry_ids=[entry.id for entry in entries],
        on=on,
    )
    return duty


def revise(city, entry, *, publish: bool = True, on: date = ON):
    revision = services.start_revision(actor=city.actor(PC), entry_id=entry.id, on=on)
    services.save_draft(
        actor=city.actor(PC),
        revision_id=revision.id,
        content=content(title=revision.title, summary="改了"),
        on=on,
    )
    services.submit_revision(actor=city.actor(PA), revision_id=revision.id, on=on)
    if publish:
        services.publish_revision(actor=city.actor(BR), revision_id=revision.id, on=on)
    return revision


@pytest.mark.parametrize(
    ("changed_on", "refused"),
    [
        (date.min, True),
        (date(2025, 11, 18), True),
        (date(2025, 11, 19), False),
        (ON, False),
        (date(2026, 11, 21), True),
        (date.max, True),
    ],
)
def test_the_day_of_a_change_lies_within_the_last_year(changed_on, refused):
    assert bool(occasion(changed_on).problems(ON)) is refused


@pytest.mark.django_db
def test_a_slip_of_the_pen_in_the_day_is_named_by_page_and_rest(client_of, city):
    given = {"trigger": "law", "what": "条例修改", "changed_on": "0001-01-01"}
    page = client_of(PC).post(reverse("catalog:new-duty"), given | {"departments": [str(city.provider.id)]})
    body = given | {"departments": [str(city.provider.id)]}
    rest = client_of(PC).post("/api/v1/catalog/duties", body, content_type="application/json")
    for answer in (page, rest):
        assert answer.status_code == 400
        assert "变化之日" in answer.content.decode()
    assert not UpdateDuty.objects.exists()


@pytest.mark.article("yingkou-2022", "15")
@pytest.mark.article("national-2025", "17")
def test_a_recorded_change_starts_a_clock_in_each_department(city):
    entry = published(city)
    made = services.record_duties(
        actor=city.actor(BR),
        department_ids=[city.provider.id, city.consumer.id],
        occasion=occasion(),
        entry_ids=[entry.id],
        on=ON,
    )
    assert [duty.department_id for duty in made] == [city.provider.id, city.consumer.id]
    term = Term.objects.get(case_id=made[0].id)
    assert (term.term_id, term.department_id, term.opened_on) == ("catalog.update", city.provider.id, ON)
    assert term.due_on == date(2026, 12, 4)  # ten working days after Friday the 20th
    item = InboxItem.objects.get(case_id=made[0].id)
    assert (item.department_id, item.term_id) == (city.provider.id, term.id)
    assert item.basis == ["yingkou-2022:15", "national-2025:17"]
    assert [row.entry_id for row in made[0].entries.all()] == [entry.id]
    assert not made[1].entries.exists()
    assert made[0].case_number == "营数更〔2026〕0001号"


@pytest.mark.article("dongchangfu-2020", "16")
@pytest.mark.parametrize("trigger", list(Trigger))
def test_each_of_the_four_triggers_by_the_department_itself_is_reported_to_the_bureau(city, trigger):
    services.record_duties(
        actor=city.actor("dongchangfu-approver"),
        department_ids=[city.dongchangfu_provider.id],
        occasion=occasion(trigger=trigger),
        on=ON,
    )
    assert Notice.objects.filter(department=city.dongchangfu_bureau).count() == 1
    assert Event.objects.get(type=E.DUTY_OPENED).data["trigger"] == trigger


SCENARIOS = [
    # Yingkou before the decree, over the Spring Festival of 2025 (28 January to 4 February off, two days worked)
    ("provider", date(2025, 1, 20), 10, date(2025, 2, 8), "yingkou-2022:15"),
    # the decree binds too from 1 August 2025, both say ten; over the new year of 2026
    ("provider", date(2025, 12, 25), 10, date(2026, 1, 9), None),
    # Spring Festival of 2026: 15 to 23 February off, 14 and 28 February worked
    ("provider", date(2026, 2, 10), 10, date(2026, 3, 2), None),
    # Dongchangfu while its own text was in force: fifteen; 31 January to 6 February 2022 off, 29 and 30 January worked
    ("dongchangfu_provider", date(2022, 1, 24), 15, date(2022, 2, 17), "dongchangfu-2020:16"),
    # Dongchangfu as a house rule beside the decree: the shorter one of the decree binds
    ("dongchangfu_provider", date(2026, 2, 10), 10, date(2026, 3, 2), "national-2025:17"),
    # Shenyang: its own text is silent, the decree binds
    ("shenyang_provider", date(2026, 2, 10), 10, date(2026, 3, 2), "national-2025:17"),
]


@pytest.mark.article("yingkou-2022", "15")
@pytest.mark.article("dongchangfu-2020", "16")
@pytest.mark.article("national-2025", "17")
@pytest.mark.article("shenyang-2020", "12")
@pytest.mark.parametrize(("where", "changed", "days", "due", "source"), SCENARIOS)
def test_the_term_is_the_regimes_over_the_holidays(city, where, changed, days, due, source):
    department = getattr(city, where)
    (duty,) = services.record_duties(
        actor=PLATFORM, department_ids=[department.id], occasion=occasion(changed), on=changed
    )
    clock = procedures.open_term_of(duty.case()).clock()
    assert clock.days == days
    assert clock.due.on == due
    assert source is None or str(clock.source) == source


@pytest.mark.article("shenyang-2020", "12")
def test_where_no_text_sets_days_there_is_no_clock(city):
    on = date(2025, 3, 3)
    (duty,) = services.record_duties(
        actor=PLATFORM, department_ids=[city.shenyang_provider.id], occasion=occasion(on), on=on
    )
    assert procedures.open_term_of(duty.case()) is None
    assert InboxItem.objects.get(case_id=duty.id).basis == ["shenyang-2020:12"]


@pytest.mark.article("national-2025", "17")
@pytest.mark.parametrize(
    ("trigger", "named", "silent"),
    [("law", {"15", "17"}, {"12"}), ("system", {"15"}, {"12"})],
)
def test_a_change_rests_on_the_texts_that_name_its_kind(city, trigger, named, silent):
    yingkou, shenyang = (regime_of(city.provider.division_id, ON), regime_of(city.shenyang.pk, ON))
    decision = rules.recorded(trigger, "变化", yingkou)
    assert (decision.rule, {one.number for one in decision.basis}) == ("catalog.update.triggers", named)
    unnamed = [pack for pack in shenyang.packs if pack.rules["catalog.update.triggers"].silent]
    decision = rules.recorded(trigger, "变化", replace(shenyang, packs=tuple(unnamed)))
    assert (decision.rule, {one.number for one in decision.basis}) == ("catalog.update", silent)
    assert "条文没有列出" in decision.reason


def test_record_names_everything_wrong_at_once_and_strangers_may_not(city):
    entry = published(city)
    with pytest.raises(InvalidInput) as caught:
        services.record_duties(
            actor=city.actor(BR),
            department_ids=[city.consumer.id],
            occasion=Occasion(Trigger.DUTY, " ", date(2026, 12, 1)),
            entry_ids=[entry.id],
            on=ON,
        )
    assert {problem.where for problem in caught.value.problems} == {"变化情况", "变化之日", "所涉条目"}
    with pytest.raises(NotAllowed):
        duty_of(city, by="stranger")
    with pytest.raises(NotAllowed):
        duty_of(city, by="provider-security")
    assert not UpdateDuty.objects.exists()


def test_nobody_reports_before_every_entry_is_decided(city):
    changed, kept = published(city), published(city, title="另一个")
    duty = duty_of(city, changed, kept)
    report = {"actor": city.actor(PC), "duty_id": duty.id, "report": "已更新", "on": ON}
    with pytest.raises(RuleRefused, match="2 个条目") as caught:
        services.report_duty(**report)
    assert [str(article) for article in caught.value.decision.basis] == [
        "yingkou-2022:15",
        "national-2025:17",
    ]
    revise(city, changed)
    with pytest.raises(InvalidInput):
        services.mark_unchanged(actor=city.actor(PC), duty_id=duty.id, entry_ids=[kept.id], note=" ", on=ON)
    services.mark_unchanged(actor=city.actor(PC), duty_id=duty.id, entry_ids=[kept.id], note="不涉及", on=ON)
    services.report_duty(**report)
    duty.refresh_from_db()
    assert duty.status == DutyStatus.REPORTED
    assert set(DutyEntry.objects.values_list("outcome", flat=True)) == {"changed", "unchanged"}
    assert Term.objects.get(case_id=duty.id).paused
    assert InboxItem.objects.get(case_id=duty.id, done_at=None).department_id == city.bureau.id
    with pytest.raises(IllegalMove):
        services.report_duty(**report)


@pytest.mark.article("national-2025", "17")
def test_the_bureau_confirms_when_the_new_revision_is_out(city):
    entry = published(city)
    duty = duty_of(city, entry)
    revision = revise(city, entry, publish=False)
    services.report_duty(actor=city.actor(PA), duty_id=duty.id, report="", on=ON)
    confirm = {"actor": city.actor(BR), "duty_id": duty.id, "on": date(2026, 11, 24)}
    with pytest.raises(RuleRefused, match="还没有审核发布"):
        services.confirm_duty(**confirm)
    services.publish_revision(actor=city.actor(BR), revision_id=revision.id, on=ON)
    with pytest.raises(NotAllowed):
        services.confirm_duty(**(confirm | {"actor": city.actor(PA)}))
    with pytest.raises(NotFound):
        services.confirm_duty(**(confirm | {"actor": city.actor("stranger")}))
    services.confirm_duty(**confirm)
    term = Term.objects.get(case_id=duty.id)
    assert term.closed_on == ON  # the day of the report, not of the bureau's word
    assert not InboxItem.objects.filter(case_id=duty.id, done_at=None).exists()
    with pytest.raises(IllegalMove):
        services.confirm_duty(**confirm)


def test_a_returned_revision_opens_the_question_again(city):
    entry = published(city)
    duty = duty_of(city, entry)
    revision = revise(city, entry, publish=False)
    assert duty.entries.get().outcome == Confirmation.CHANGED
    services.return_revision(
        actor=city.actor(BR), revision_id=revision.id, reasons=[Problem("摘要", "太短")], on=ON
    )
    assert duty.entries.get().outcome == Confirmation.PENDING


def test_a_withdrawn_entry_has_followed(city):
    entry = published(city)
    duty = duty_of(city, entry)
    services.withdraw_entry(actor=city.actor(PA), entry_id=entry.id, reason="职责取消", on=ON)
    assert duty.entries.get().outcome == Confirmation.CHANGED
    services.report_duty(actor=city.actor(PC), duty_id=duty.id, report="已撤下", on=ON)
    services.confirm_duty(actor=city.actor(BR), duty_id=duty.id, on=ON)


def test_sent_back_the_clock_runs_again_without_the_days_it_rested(city):
    duty = duty_of(city)
    services.report_duty(actor=city.actor(PC), duty_id=duty.id, report="办了", on=date(2026, 11, 23))
    back = {"actor": city.actor(BR), "duty_id": duty.id, "on": date(2026, 11, 25)}
    with pytest.raises(InvalidInput):
        services.send_duty_back(reason=" ", **back)
    services.send_duty_back(reason="漏了一个条目", **back)
    term = Term.objects.get(case_id=duty.id)
    assert not term.paused
    assert term.due_on == date(2026, 12, 8)  # two working days later than the 4th
    assert UpdateDuty.objects.get().status == DutyStatus.OPEN
    with pytest.raises(IllegalMove):
        services.send_duty_back(reason="再来", **back)


@pytest.mark.article("national-2025", "17")
def test_five_more_days_with_consent_once(city):
    duty = duty_of(city)
    ask = {"actor": city.actor(PC), "duty_id": duty.id, "reason": "系统停机", "on": ON}
    with pytest.raises(RuleRefused):
        services.ask_update_extension(days=6, **ask)
    services.ask_update_extension(days=5, **ask)
    with pytest.raises(IllegalMove):
        services.ask_update_extension(days=5, **ask)
    answer = {"duty_id": duty.id, "consent": True, "days": 5, "on": ON}
    with pytest.raises(NotAllowed):
        services.answer_update_extension(actor=city.actor(PA), **answer)
    services.answer_update_extension(actor=city.actor(BR), **answer)
    assert Term.objects.get(case_id=duty.id).due_on == date(2026, 12, 11)
    with pytest.raises(IllegalMove):
        services.answer_update_extension(actor=city.actor(BR), **answer)


def test_a_no_to_more_days_has_a_reason(city):
    duty = duty_of(city)
    services.ask_update_extension(actor=city.actor(PC), duty_id=duty.id, days=2, reason="忙", on=ON)
    answer = {"actor": city.actor(BR), "duty_id": duty.id, "consent": False, "on": ON}
    with pytest.raises(InvalidInput):
        services.answer_update_extension(**answer)
    services.answer_update_extension(note="理由不足", **answer)
    assert Term.objects.get(case_id=duty.id).due_on == date(2026, 12, 4)
    assert Event.objects.filter(type=E.DUTY_EXTENSION_DENIED).count() == 1


@pytest.mark.article("yingkou-2022", "15")
def test_before_the_decree_no_text_gives_more_days(city):
    on = date(2025, 3, 3)
    duty = duty_of(city, on=on)
    with pytest.raises(RuleRefused, match="没有规定可以延期"):
        services.ask_update_extension(actor=city.actor(PC), duty_id=duty.id, days=1, reason="忙", on=on)


def test_overdue_is_the_bureaus_to_see_and_cancelling_its_alone(city):
    duty = duty_of(city)
    late = date(2026, 12, 7)
    assert [d.id for d in duties.list_overdue_for(city.actor(BR), late)] == [duty.id]
    assert not duties.list_overdue_for(city.actor(BR), date(2026, 12, 4))
    assert not duties.list_overdue_for(city.actor("stranger"), late)
    cancel = {"duty_id": duty.id, "reason": "登记有误", "on": late}
    with pytest.raises(NotAllowed):
        services.cancel_duty(actor=city.actor(PA), **cancel)
    services.cancel_duty(actor=city.actor(BR), **cancel)
    assert not duties.list_overdue_for(city.actor(BR), late)
    with pytest.raises(IllegalMove):
        services.cancel_duty(actor=city.actor(BR), **cancel)


def test_further_entries_are_the_departments_own(city):
    duty, entry = duty_of(city), published(city)
    services.add_duty_entries(actor=city.actor(PC), duty_id=duty.id, entry_ids=[entry.id], on=ON)
    with pytest.raises(InvalidInput):
        services.add_duty_entries(actor=city.actor(PC), duty_id=duty.id, entry_ids=[entry.id], on=ON)
    with pytest.raises(NotFound):
        services.add_duty_entries(actor=city.actor("stranger"), duty_id=duty.id, entry_ids=[entry.id], on=ON)
    assert duty.entries.count() == 1
