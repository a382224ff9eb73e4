"""Which days are working days: published years, the yearly notice an administrator imports, due dates.

Published years come from `chinesecalendar`, which knows by itself how far it reaches. A day of a year
nobody has published is guessed from weekends and the fixed statutory days, and what is computed from it
is provisional.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from chinese_calendar import constants

from shuqiao.kernel import InvalidInput, Problem

_DAY = timedelta(days=1)
# New Year, Labour Day, National Day: the statutory days that follow the solar calendar (Holiday Measures
# as amended 2024-11-10, article 2). The others follow the moon and wait for the notice.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
# In every published year since 2004 these were off; a notice without them is a typing error.
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
_LONGEST_RUN = 60


@dataclass(frozen=True, slots=True)
class DueDate:
    """The last day of a term; provisional while it rests on a year without a published calendar."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class YearNotice:
    """One year as the State Council's yearly notice puts it: days off, and weekend days worked.

    A notice may reach back into the last days of December before its year.
    """

    year: int
    off: frozenset[date]
    work: frozenset[date]
    source: str

    def to_json(self) -> dict[str, Any]:
        """The importable form."""
        return {
            "year": self.year,
            "source": self.source,
            "off": [day.isoformat() for day in sorted(self.off)],
            "work": [day.isoformat() for day in sorted(self.work)],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> YearNotice:
        """Read and check a notice: year, source, off, work.

        A day is "2027-01-01" or a run "2027-02-05..2027-02-11". Raises InvalidInput with every problem.
        """
        problems: list[Problem] = []
        unknown = sorted(set(value) - {"year", "source", "off", "work"})
        problems += [Problem(key, "不认识的键；应为 year、source、off、work") for key in unknown]
        year, source = value.get("year"), value.get("source")
        if not isinstance(year, int) or isinstance(year, bool) or not 2000 <= year <= 2100:
            problems.append(Problem("year", f"应为 2000 至 2100 之间的年份，得到 {year!r}"))
            year = 0
        if not isinstance(source, str) or not source.strip():
            problems.append(Problem("source", "请写明通知的名称和日期"))
            source = ""
        off = _days("off", value.get("off"), problems)
        work = _days("work", value.get("work", []), problems)
        if year:
            problems += _notice_problems(year, off, work)
        if problems:
            raise InvalidInput(problems)
        return cls(year, frozenset(off), frozenset(work), source)


def read_notice(text: str, form: Literal["toml", "json"]) -> YearNotice:
    """A yearly notice from TOML or JSON text. Raises InvalidInput with every problem."""
    try:
        value = tomllib.loads(text) if form == "toml" else json.loads(text)
    except ValueError as error:
        raise InvalidInput.one("文件", f"不是有效的 {form.upper()}：{error}") from None
    if not isinstance(value, dict):
        raise InvalidInput.one("文件", "应为一个表：year、source、off、work")
    return YearNotice.from_json(value)


@dataclass(frozen=True)
class WorkCalendar:
    """The working days of the years in `notices`; other years are guessed and make results provisional."""

    notices: Mapping[int, YearNotice]

    def with_notice(self, notice: YearNotice) -> WorkCalendar:
        """A calendar in which this notice adds or replaces its year."""
        return WorkCalendar({**self.notices, notice.year: notice})

    def is_published(self, day: date) -> bool:
        """The calendar of the day's year is known."""
        return day.year in self.notices

    @property
    def known_until(self) -> date:
        """The last day up to which the calendar is known without a gap from its first year."""
        year = min(self.notices)
        while year + 1 in self.notices:
            year += 1
        return date(year, 12, 31)

    def is_workday(self, day: date) -> bool:
        """A working day: not a weekend nor a day off, or a weekend day the notice makes a working day."""
        # The notice of the coming year may speak about the last days of this December.
        for year in (day.year + 1, day.year) if day.month == 12 else (day.year,):
            notice = self.notices.get(year)
            if notice is not None:
                if day in notice.work:
                    return True
                if day in notice.off:
                    return False
        if day.weekday() >= 5:
            return False
        return self.is_published(day) or (day.month, day.day) not in _FIXED_HOLIDAYS

    def due_on(self, received: date, days: int) -> DueDate:
        """The last day of a term of `days` working days; the day of receipt is not counted.

        Provisional when counting touched a year without a published calendar. Raises ValueError on a
        negative number of days.
        """
        return self.due_counting(received, days, frozenset())

    def due_counting(self, received: date, days: int, skipped: Collection[date]) -> DueDate:
        """As `due_on`, leaving out the days in `skipped` (on which the term was paused)."""
        if days < 0:
            raise ValueError(f"a term has no negative days: {days}")
        day, left, provisional = received, days, False
        while left:
            day += _DAY
            provisional = provisional or not self.is_published(day)
            if self.is_workday(day) and day not in skipped:
                left -= 1
        return DueDate(day, provisional)

    def workdays_between(self, after: date, until: date) -> int:
        """Working days later than `after` and not later than `until`; negative when `until` comes first."""
        if until < after:
            return -self.workdays_between(until, after)
        return sum(self.is_workday(after + _DAY * step) for step in range(1, (until - after).days + 1))


_installed: WorkCalendar | None = None


def default_calendar() -> WorkCalendar:
    """The calendar everything in this process counts with: the published years that `chinesecalendar` knows, and on
    top of them the notices that the installation has put in with `install_notices`."""
    return _installed or published_calendar()


def install_notices(notices: Iterable[YearNotice]) -> WorkCalendar:
    """Put an administrator's notices on top of the published years, for this whole process; none takes them away.

    The one thing of this package that changes: notices live in the installation's database, which law does not know.
    """
    global _installed  # noqa: PLW0603 - see above
    calendar = published_calendar()
    for notice in notices:
        calendar = calendar.with_notice(notice)
    _installed = calendar
    return calendar


@cache
def published_calendar() -> WorkCalendar:
    """The published years that `chinesecalendar` knows, without any notice of this installation."""
    years = {day.year for day in constants.holidays}
    return WorkCalendar({year: _published(year) for year in sorted(years)})


def _published(year: int) -> YearNotice:
    return YearNotice(
        year,
        frozenset(day for day in constants.holidays if day.year == year),
        frozenset(day for day in constants.workdays if day.year == year),
        "chinesecalendar",
    )


def _days(key: str, values: object, problems: list[Problem]) -> list[date]:
    if not isinstance(values, list):
        problems.append(Problem(key, "应为日期列表"))
        return []
    found: list[date] = []
    for index, value in enumerate(values):
        where = f"{key}[{index}]"
        try:
            run = list(days_of(value))
        except ValueError as error:
            problems.append(Problem(where, str(error)))
            continue
        problems += [Problem(where, f"{day} 重复") for day in run if day in found]
        found += run
    return found


def days_of(value: object) -> Iterable[date]:
    """The days of "2027-01-01" or "2027-02-05..2027-02-11". Raises ValueError with what is wrong."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return [value]
    if not isinstance(value, str):
        raise ValueError(f"应为日期，得到 {value!r}")
    first, dots, last = value.partition("..")
    try:
        start = date.fromisoformat(first)
        end = date.fromisoformat(last) if dots else start
    except ValueError:
        raise ValueError(f"应为 2027-01-01 或 2027-02-05..2027-02-11，得到 {value!r}") from None
    if not 0 <= (end - start).days < _LONGEST_RUN:
        raise ValueError(f"起止不对：{value!r}")
    return (start + _DAY * step for step in range((end - start).days + 1))


def _notice_problems(year: int, off: list[date], work: list[date]) -> list[Problem]:
    problems = []
    for key, days in (("off", off), ("work", work)):
        for day in days:
            late_december = day.year == year - 1 and (day.month, day.day) >= (12, 20)
            if day.year != year and not late_december:
                problems.append(Problem(key, f"{day} 不属于 {year} 年"))
    problems += [Problem("work", f"{day} 同时列为放假") for day in work if day in off]
    problems += [Problem("work", f"{day} 是周一至周五，本来就上班") for day in work if day.weekday() < 5]
    missing = [date(year, month, day) for month, day in _ALWAYS_OFF if date(year, month, day) not in off]
    problems += [Problem("off", f"缺少法定节假日 {day}") for day in missing]
    return problems
