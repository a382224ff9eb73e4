"""Reminders come once, mail comes as the person wished, and neither says what a case is about."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from icalendar import Calendar

from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import CHINA, now
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import feeds, jobs, reminding, services
from shuqiao.procedures.models import Event, Notice, OutgoingMail, Term
from shuqiao.procedures.tests.test_services import make_case, open_term
from shuqiao.procedures.types import E, MailRhythm

HEAD = "provider-approver"


def morning(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


def waiting(city: City, received: date) -> Term:
    case = make_case()
    term = open_term(city, case, received)
    services.assign(
        case=case, department=city.provider, permission=P.SHARING_REQUEST_ANSWER, action="答复", term=term
    )
    return term


def wish(city: City, rhythm: MailRhythm, at: datetime) -> None:
    reminding.choose(actor=city.actor(HEAD), email="chen@example.cn", rhythm=rhythm, at=at)


@pytest.mark.article("yingkou-2022", "20")
def test_reminded_two_working_days_before_and_on_the_day_each_once(city: City) -> None:
    waiting(city, date(2026, 2, 11))  # 5 working days over Spring Festival: 12, 13, Saturday 14, 24, 25
    said = []
    for offset in range(16):
        day = date(2026, 2, 11) + timedelta(days=offset)
        assert jobs.remind_of_due(morning(day, 8)) == 0
        if jobs.remind_of_due(morning(day)):
            said.append(day)
        assert jobs.remind_of_due(morning(day, 18)) == 0
    assert said == [date(2026, 2, 14), date(2026, 2, 25)]
    assert Notice.objects.count() == 2
    assert Event.objects.filter(type=E.TERM_NEAR).count() == 2


def test_what_is_paused_or_done_is_not_reminded_of(city: City) -> None:
    paused, done = waiting(city, date(2026, 3, 2)), waiting(city, date(2026, 3, 2))
    services.pause_term(term_id=paused.id, on=date(2026, 3, 3))
    services.close_term(term_id=done.id, on=date(2026, 3, 3))
    assert jobs.remind_of_due(morning(date(2026, 3, 9))) == 0


def test_a_digest_once_on_the_morning_of_a_working_day(city: City) -> None:
    term = waiting(city, date(2026, 3, 2))
    wish(city, MailRhythm.DAILY, morning(date(2026, 3, 2)))
    assert reminding.mail_digests(at=morning(date(2026, 3, 7))) == 0  # Saturday
    assert reminding.mail_digests(at=morning(date(2026, 3, 9), 8)) == 0
    assert reminding.mail_digests(at=morning(date(2026, 3, 9))) == 1
    assert reminding.mail_digests(at=morning(date(2026, 3, 9), 11)) == 0
    mail = OutgoingMail.objects.get()
    assert mail.to == "chen@example.cn"
    assert term.case_number in mail.text
    assert "今天到期" in mail.text
    assert term.case_title not in mail.text + mail.subject


def test_at_once_means_what_is_new_and_once(city: City) -> None:
    waiting(city, date(2026, 3, 2))
    wish(city, MailRhythm.AT_ONCE, now())
    later = now() + timedelta(minutes=1)
    assert reminding.mail_at_once(at=later) == 0  # what was there before is not new
    term = waiting(city, date(2026, 3, 3))
    services.notify(case=services.case_of(term), department_id=city.provider.id, text="对方已补正")
    assert reminding.mail_at_once(at=now()) == 0  # not settled yet
    with_new = now() + timedelta(minutes=5)
    reminding.MailWish.objects.update(told_until=now() - timedelta(minutes=1))
    assert reminding.mail_at_once(at=with_new) == 1
    assert reminding.mail_at_once(at=with_new + timedelta(minutes=1)) == 0
    assert "1 条新通知" in OutgoingMail.objects.get().subject


def test_who_wants_none_or_has_no_address_gets_none(city: City) -> None:
    waiting(city, date(2026, 3, 2))
    with pytest.raises(InvalidInput):
        reminding.choose(actor=city.actor(HEAD), email="", rhythm=MailRhythm.DAILY, at=now())
    with pytest.raises(InvalidInput):
        reminding.choose(actor=city.actor(HEAD), email="nonsense", rhythm=MailRhythm.DAILY, at=now())
    wish(city, MailRhythm.NONE, now())
    jobs.mail_people(morning(date(2026, 3, 9)))
    assert not OutgoingMail.objects.exists()


def test_the_calendar_holds_days_and_numbers_and_nothing_else(city: City) -> None:
    term, far = waiting(city, date(2026, 3, 2)), waiting(city, date(2027, 1, 4))
    secret = feeds.make_feed(actor=city.actor(HEAD), at=now())
    text = feeds.calendar_of(secret, at=now(), on=date(2026, 3, 3))
    found = {str(event["uid"]): event for event in Calendar.from_ical(text).walk("VEVENT")}
    assert set(found) == {f"{term.id}@shuqiao", f"{far.id}@shuqiao"}
    one, other = found[f"{term.id}@shuqiao"], found[f"{far.id}@shuqiao"]
    assert one.decoded("dtstart") == date(2026, 3, 9)
    assert one.decoded("dtend") == date(2026, 3, 10)
    assert str(one["summary"]) == f"共享申请 {term.case_number} 到期"
    assert str(other["summary"]).endswith("（待定）")
    assert term.case_title.encode() not in text


def test_an_address_is_nobodys_once_changed_revoked_or_left(city: City) -> None:
    first = feeds.make_feed(actor=city.actor(HEAD), at=now())
    second = feeds.make_feed(actor=city.actor(HEAD), at=now())
    assert first not in str(feeds.feed_of(city.actor(HEAD)).__dict__)
    with pytest.raises(NotFound):
        feeds.calendar_of(first, at=now(), on=date(2026, 3, 3))
    feeds.calendar_of(second, at=now(), on=date(2026, 3, 3))
    user = city.user(HEAD)
    user.is_active = False
    user.save()
    with pytest.raises(NotFound):
        feeds.calendar_of(second, at=now(), on=date(2026, 3, 3))
    user.is_active = True
    user.save()
    assert feeds.revoke_feed(actor=city.actor(HEAD))
    with pytest.raises(NotFound):
        feeds.calendar_of(second, at=now(), on=date(2026, 3, 3))
