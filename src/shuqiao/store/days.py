"""How days and moments are written: forms that are read and written back as the same text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

_BARE = {
    "MM": r"(0[1-9]|1[0-2])",
    "M": r"([1-9]|1[0-2])",
    "DD": r"([0-9]{2})",
    "D": r"([1-9]|[12][0-9]|3[01])",
}
_HOURS = {"hh": r"([0-9]{2})", "h": r"([0-9]|1[0-9]|2[0-3])"}
_DATE = re.compile(r"YYYY([^MD]*)(MM|M)(?:([^MD]*)(DD|D))?([^MD]*)")
_CLOCK = re.compile(r"(hh|h)(:|时)mm(?:(:|分)ss)?(.*)")


@dataclass(frozen=True, slots=True)
class DayForm:
    """What stands after year, month and day, and whether month and day are written without leading zeros. A form
    without a day names a month: it is kept as its first day."""

    first: str
    second: str
    last: str
    bare_month: bool
    bare_day: bool
    has_day: bool

    @property
    def pattern(self) -> str:
        """A regular expression of the form with a group for year, month and, if it has one, day."""
        month = _BARE["M" if self.bare_month else "MM"]
        day = re.escape(self.second) + _BARE["D" if self.bare_day else "DD"] if self.has_day else ""
        return f"([0-9]{{4}}){re.escape(self.first)}{month}{day}{re.escape(self.last)}"


@dataclass(frozen=True, slots=True)
class MomentForm:
    """The form of the day, what stands between it and the clock, whether hours are written without a leading zero,
    what stands after hours, whether there are seconds, and what ends the text."""

    day: str
    between: str
    bare_hour: bool
    after_hour: str
    after_minute: str
    seconds: bool
    end: str

    @property
    def pattern(self) -> str:
        """A regular expression of the form with a group for each number."""
        hour = _HOURS["h" if self.bare_hour else "hh"]
        second = f"{self.after_minute}([0-9]{{2}})" if self.seconds else ""
        clock = f"{hour}{self.after_hour}([0-9]{{2}}){second}{re.escape(self.end)}"
        return f"{DAY_FORMS[self.day].pattern}{self.between}{clock}"


def _day_form(form: str) -> DayForm:
    found = _DATE.fullmatch(form)
    assert found is not None
    day = found[4] or ""
    return DayForm(found[1], found[3] or "", found[5], found[2] == "M", day == "D", bool(day))


def _date_names() -> list[str]:
    """Four separators, months and days with leading zeros or without. Padded forms come first, so that days that fit
    several are read in the common one; then days without separators, and months."""
    found = [
        f"YYYY{first}{month}{second}{day}{last}"
        for month, day in (("MM", "DD"), ("M", "D"), ("MM", "D"), ("M", "DD"))
        for first, second, last in (("-", "-", ""), ("/", "/", ""), (".", ".", ""), ("年", "月", "日"))
    ]
    return [*found, "YYYYMMDD", *MONTH_FORMS]


MONTH_FORMS = ("YYYY年MM月", "YYYY年M月", "YYYY-MM", "YYYY/MM")
"""Months. Chosen by a publisher and never proposed: a day is not in the text."""
DAY_FORMS = {form: _day_form(form) for form in _date_names()}
_USUAL = (
    *("YYYY-MM-DD hh:mm:ss", "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm"),
    *("YYYY/MM/DD hh:mm:ss", "YYYY/MM/DD hh:mm"),
)
_DAYS = (
    *("YYYY-MM-DD", "YYYY-M-D", "YYYY/MM/DD", "YYYY/M/D", "YYYY.MM.DD", "YYYY.M.D"),
    *("YYYY年MM月DD日", "YYYY年M月D日", "YYYYMMDD"),
)
_CLOCKS = (
    *("hh:mm:ss", "hh:mm", "h:mm:ss", "h:mm", "hh:mm:ss.0", "hh:mm:ss.000", "hh:mm:ss.000000"),
    *("hh时mm分ss秒", "hh时mm分", "h时mm分ss秒", "h时mm分"),
)


def _moment_forms() -> dict[str, MomentForm]:
    found = {}
    for day in _DAYS:
        for clock in _CLOCKS:
            between = (" ", "T") if day == "YYYY-MM-DD" else (" ", "") if day.endswith("日") else (" ",)
            parts = _CLOCK.fullmatch(clock)
            assert parts is not None
            for sign in between:
                found[day + sign + clock] = MomentForm(
                    day, sign, parts[1] == "h", parts[2], parts[3] or "", bool(parts[3]), parts[4]
                )
    return {form: found[form] for form in dict.fromkeys([*_USUAL, *found])}


MOMENT_FORMS = _moment_forms()


def _date_parser(form: DayForm) -> Callable[[str], date]:
    shape = re.compile(form.pattern)

    def parse(text: str) -> date:
        match = shape.fullmatch(text)
        if not match:
            raise ValueError(text)
        return date(int(match[1]), int(match[2]), int(match[3]) if form.has_day else 1)

    return parse


def _datetime_parser(form: MomentForm) -> Callable[[str], datetime]:
    shape = re.compile(form.pattern)

    def parse(text: str) -> datetime:
        match = shape.fullmatch(text)
        if not match:
            raise ValueError(text)
        return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001

    return parse


DATE_FORMS = {form: _date_parser(parts) for form, parts in DAY_FORMS.items()}
DATETIME_FORMS = {form: _datetime_parser(parts) for form, parts in MOMENT_FORMS.items()}


def render_date(value: date, form: str) -> str:
    """A day back as the text it was read from."""
    parts = DAY_FORMS[form]
    month = str(value.month) if parts.bare_month else f"{value.month:02d}"
    day = str(value.day) if parts.bare_day else f"{value.day:02d}"
    rest = parts.second + day if parts.has_day else ""
    return f"{value.year:04d}{parts.first}{month}{rest}{parts.last}"


def render_datetime(value: datetime, form: str) -> str:
    """A moment back as the text it was read from."""
    parts = MOMENT_FORMS[form]
    hour = str(value.hour) if parts.bare_hour else f"{value.hour:02d}"
    clock = f"{hour}{parts.after_hour}{value.minute:02d}"
    if parts.seconds:
        clock += f"{parts.after_minute}{value.second:02d}"
    return render_date(value, parts.day) + parts.between + clock + parts.end
