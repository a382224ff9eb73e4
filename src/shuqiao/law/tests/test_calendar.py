"""Working days: the published years, the test vectors, years nobody has published, imported notices."""

from __future__ import annotations

import json
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.kernel import InvalidInput

CALENDAR = law.default_calendar()
KNOWN = st.dates(date(2004, 1, 1), date(2026, 12, 31))

NOTICE = """
year = 2027
source = "测试用通知"
off = [
  "2027-01-01..2027-01-03", "2027-02-05..2027-02-11", 2027-04-05,
  "2027-05-01..2027-05-05", "2027-10-01..2027-10-07",
]
work = ["2027-01-09", "2027-02-13"]
"""


@pytest.mark.parametrize(
    ("received", "days", "due", "provisional"),
    [
        ("2026-02-11", 5, "2026-02-25", False),
        ("2026-02-13", 2, "2026-02-24", False),
        ("2026-02-14", 1, "2026-02-24", False),
        ("2026-02-15", 5, "2026-02-28", False),
        ("2026-04-29", 10, "2026-05-15", False),
        ("2026-09-18", 10, "2026-10-09", False),
        ("2026-09-18", 20, "2026-10-22", False),
        ("2026-09-30", 5, "2026-10-13", False),
        ("2025-12-31", 1, "2026-01-04", False),
        ("2025-09-26", 10, "2025-10-16", False),
        # Crosses into 2027, which no notice covers here: weekends and New Year's Day only.
        ("2026-12-28", 5, "2027-01-05", True),
    ],
)
def test_vectors_of_working_day_counting(received, days, due, provisional):
    calendar = law.WorkCalendar({year: n for year, n in CALENDAR.notices.items() if year <= 2026})
    found = calendar.due_on(date.fromisoformat(received), days)
    assert found == law.DueDate(date.fromisoformat(due), provisional)


@given(KNOWN)
def test_published_days_agree_with_the_library(day):
    assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day)


def test_how_far_the_calendar_reaches_comes_from_the_library():
    last = max(day.year for day in chinese_calendar.holidays)
    assert CALENDAR.known_until == date(last, 12, 31)
    assert CALENDAR.is_published(CALENDAR.known_until)
    beyond = CALENDAR.known_until + timedelta(days=1)
    assert not CALENDAR.is_published(beyond)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(beyond)


def test_an_unpublished_year_is_guessed_from_weekends_and_fixed_days():
    assert not CALENDAR.is_workday(date(2040, 1, 2) - timedelta(days=1))
    assert not CALENDAR.is_workday(date(2040, 10, 3))
    assert not CALENDAR.is_workday(date(2040, 5, 2))
    assert CALENDAR.is_workday(date(2040, 10, 4))
    assert not CALENDAR.is_workday(date(2040, 10, 6))


@given(KNOWN, st.integers(0, 60), st.integers(0, 20))
def test_due_on_is_monotone_in_days_and_in_the_day_of_receipt(received, days, more):
    due = CALENDAR.due_on(received, days)
    assert due.on <= CALENDAR.due_on(received, days + more).on
    assert due.on <= CALENDAR.due_on(received + timedelta(days=more), days).on


@given(KNOWN, st.integers(1, 40))
def test_a_due_date_is_a_working_day_and_counts_back(received, days):
    due = CALENDAR.due_on(received, days).on
    assert CALENDAR.is_workday(due)
    assert CALENDAR.workdays_between(received, due) == days
    assert CALENDAR.workdays_between(due, received) == -days


@given(st.dates(date(2026, 11, 1), date(2027, 3, 1)), st.integers(1, 30))
def test_a_due_date_is_provisional_exactly_when_it_lies_beyond_the_known_years(received, days):
    calendar = law.WorkCalendar({2026: CALENDAR.notices[2026]})
    due = calendar.due_on(received, days)
    assert due.provisional == (due.on > calendar.known_until)


def test_a_term_has_no_negative_days():
    with pytest.raises(ValueError, match="-1"):
        CALENDAR.due_on(date(2026, 1, 5), -1)


def test_a_notice_makes_a_year_known_and_moves_the_due_date():
    calendar = law.WorkCalendar({2026: CALENDAR.notices[2026]})
    received = date(2027, 1, 4)
    assert calendar.due_on(received, 5) == law.DueDate(date(2027, 1, 11), True)
    arrived = calendar.with_notice(law.read_notice(NOTICE, "toml"))
    # Saturday the 9th is a working day in the notice.
    assert arrived.due_on(received, 5) == law.DueDate(date(2027, 1, 9), False)
    assert arrived.known_until == date(2027, 12, 31)
    assert calendar.known_until == date(2026, 12, 31), "the old calendar is untouched"


def test_a_notice_replaces_a_published_year_as_a_whole():
    notice = law.read_notice(
        json.dumps(
            {
                "year": 2026,
                "source": "更正",
                "off": ["2026-01-01", "2026-05-01", "2026-10-01..2026-10-03"],
            }
        ),
        "json",
    )
    changed = CALENDAR.with_notice(notice)
    assert changed.is_workday(date(2026, 2, 16))
    assert not CALENDAR.is_workday(date(2026, 2, 16))


def test_a_notice_may_reach_back_into_december():
    """The notice for 2019 made Monday 2018-12-31 a day off and Saturday 2018-12-29 a working day."""
    value = {
        "year": 2027,
        "source": "测试",
        "off": ["2026-12-31..2027-01-02", "2027-05-01", "2027-10-01..2027-10-03"],
        "work": ["2026-12-27"],
    }
    calendar = CALENDAR.with_notice(law.YearNotice.from_json(value))
    assert not calendar.is_workday(date(2026, 12, 31))
    assert calendar.is_workday(date(2026, 12, 27))
    assert CALENDAR.is_workday(date(2026, 12, 31))


@given(st.sampled_from(sorted(CALENDAR.notices)))
def test_every_published_year_passes_the_checks_of_a_notice_and_round_trips(year):
    notice = CALENDAR.notices[year]
    assert law.YearNotice.from_json(json.loads(json.dumps(notice.to_json()))) == notice


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("year = 2027", 'year = "2027"', "year", "年份"),
        ("year = 2027", "year = 1927", "year", "1927"),
        ('source = "测试用通知"', "", "source", "名称"),
        ("year = 2027", "year = 2027\nholiday = 1", "holiday", "不认识"),
        ('"2027-02-13"', '"2027-02-30"', "work[1]", "2027-02-30"),
        ('"2027-02-13"', '"2027-02-08"', "work", "同时列为放假"),
        ('"2027-02-13"', '"2027-03-10"', "work", "周一至周五"),
        ('"2027-02-13"', '"2028-02-12"', "work", "不属于 2027 年"),
        ('"2027-02-13"', '"2027-01-09"', "work[1]", "重复"),
        ('"2027-02-13"', "7", "work[1]", "应为日期"),
        ('"2027-02-13"', "2027-02-13T08:00:00", "work[1]", "应为日期"),
        ("2027-02-05..2027-02-11", "2027-02-11..2027-02-05", "off[1]", "起止不对"),
        ('"2027-01-01..2027-01-03", ', "", "off", "缺少法定节假日 2027-01-01"),
        ("off = [", "off = 3\nsilly = [", "off", "日期列表"),
        ("year = 2027", "year 2027", "文件", "TOML"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_by_name(old, new, where, what):
    assert NOTICE.count(old) == 1
    with pytest.raises(InvalidInput) as caught:
        law.read_notice(NOTICE.replace(old, new), "toml")
    assert any(p.where == where and what in p.what for p in caught.value.problems), caught.value.problems


def test_a_notice_names_every_problem_at_once():
    with pytest.raises(InvalidInput) as caught:
        law.YearNotice.from_json({"year": 1, "off": [], "work": ["x"]})
    assert {problem.where for problem in caught.value.problems} == {"year", "source", "work[0]"}


def test_json_that_is_no_table_is_refused():
    with pytest.raises(InvalidInput, match="应为一个表"):
        law.read_notice("[]", "json")
