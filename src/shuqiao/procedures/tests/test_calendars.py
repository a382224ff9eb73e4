"""A yearly notice is checked by line, counts in every process, moves what it must and says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from shuqiao import law
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import calendars, workdays
from shuqiao.procedures.models import CalendarYear, Event, Notice, Term
from shuqiao.procedures.tests.test_services import make_case, open_term
from shuqiao.procedures.types import E

ON = date(2026, 12, 20)
LINES = """日期,安排
2027-01-01..2027-01-03,休
2027-02-05..2027-02-11 休
2027-02-14,班
2027-05-01..2027-05-05,休
2027-10-01..2027-10-07,休
"""


@pytest.fixture(autouse=True)
def published() -> Iterator[None]:
    """Every test begins and ends with the years that come with the platform."""
    law.install_notices([])
    yield
    law.install_notices([])


def notice(text: str = LINES) -> law.YearNotice:
    return calendars.notice_of(year=2027, source="安排的通知", number="1 号", text=text, form="lines")


def imported(
    city: City, text: str = LINES, by: str = "bureau-supervisor", number: str = "1 号"
) -> CalendarYear:
    return calendars.import_year(
        actor=city.actor(by),
        notice=notice(text),
        source="安排的通知",
        number=number,
        issued_on=date(2026, 11, 5),
        on=ON,
    )


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("2027-03-01,班", "第 7 行", "周一至周五"),
        ("2027-05-05,休", "第 7 行", "已经列出"),
        ("2026-05-05,休", "第 7 行", "不属于"),
        ("2027-06-31,休", "第 7 行", "应为"),
        ("2027-06-09,半天", "第 7 行", "应写作"),
        ("2027-06-09..2027-06-01,休", "第 7 行", "起止"),
    ],
)
def test_nonsense_is_refused_by_line(line: str, where: str, what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        notice(LINES + line)
    assert any(problem.where == where and what in problem.what for problem in refused.value.problems)


def test_a_missing_statutory_day_and_an_empty_notice_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2027-01-01"):
        notice(LINES.replace("2027-01-01..", "2027-01-02.."))
    with pytest.raises(InvalidInput, match="一行也没有"):
        notice("\n")


@pytest.mark.article("national-2025", "21")
def test_a_provisional_day_moves_with_the_notice_and_the_department_is_told(city: City) -> None:
    term = open_term(city, make_case(), date(2027, 2, 1))
    other = open_term(city, make_case(), date(2026, 11, 20))
    assert term.provisional
    assert term.due_on == date(2027, 2, 8)
    seen = calendars.preview(actor=city.actor("bureau-supervisor"), notice=notice())
    assert [(move.before, move.after) for move in seen.moves] == [(date(2027, 2, 8), date(2027, 2, 14))]
    assert Term.objects.get(id=term.id).due_on == date(2027, 2, 8)
    imported(city)
    term.refresh_from_db()
    other.refresh_from_db()
    assert (term.due_on, term.provisional) == (date(2027, 2, 14), False)
    assert (other.due_on, other.provisional) == (date(2026, 11, 27), False)
    event = Event.objects.get(type=E.TERM_RECOMPUTED)
    assert (event.data["from"], event.data["to"]) == ("2027-02-08", "2027-02-14")
    assert "2027-02-14" in Notice.objects.get(case_id=term.case_id).text
    assert calendars.recompute(on=ON) == 0


def test_what_is_opened_afterwards_counts_with_it_in_a_process_that_did_not_import(city: City) -> None:
    imported(city)
    law.install_notices([])  # as a process that has not heard of it
    workdays._seen["ids"] = ()
    term = open_term(city, make_case(), date(2027, 2, 1))
    assert (term.due_on, term.provisional) == (date(2027, 2, 14), False)
    assert law.default_calendar().known_until == date(2027, 12, 31)


def test_a_later_notice_supersedes_and_moves_back(city: City) -> None:
    imported(city)
    term = open_term(city, make_case(), date(2027, 2, 1))
    with pytest.raises(InvalidInput, match="已经导入"):
        imported(city)
    imported(city, LINES.replace("2027-02-14,班\n", ""), number="2 号")
    term.refresh_from_db()
    assert term.due_on == date(2027, 2, 15)
    assert CalendarYear.objects.filter(superseded_at=None).count() == 1
    assert calendars.list_years_for(city.actor("bureau-supervisor")).count() == 2
    assert Event.objects.filter(type=E.CALENDAR_REVISED).count() == 1


def test_only_the_bureau_at_the_top_imports(city: City) -> None:
    for by in ("provider-approver", "bureau-reviewer", "admin"):
        with pytest.raises(NotAllowed):
            imported(city, by=by)
