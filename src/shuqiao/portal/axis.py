"""Days laid out: the axis of the inbox (ten working days ahead) and the strip that explains one count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from shuqiao import law
from shuqiao.portal.wording import WEEKDAYS

AHEAD = 10
IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something open that falls due. `tone`: "" in time, o due soon, l late."""

    label: str
    url: str
    due_on: date
    tone: str = ""


@dataclass(frozen=True, slots=True)
class AxisDay:
    """One column of the axis. `kind`: late, now, day, off (days that do not count), later."""

    kind: str
    head: str
    small: str = ""
    duties: tuple[Duty, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class StripDay:
    """One column of the strip: date, weekday, and what the day is to the count."""

    head: str
    weekday: str
    word: str
    css: str = ""


def axis_of(duties: Iterable[Duty], on: date, is_workday: IsWorkday) -> list[AxisDay]:
    """What is late, then today and the following working days up to ten, then what comes later.

    Days that do not count between two columns fold into one hatched column; a duty that falls due on such a
    day stands on the working day before it.
    """
    waiting = sorted(duties, key=lambda duty: duty.due_on)
    columns = [AxisDay("late", "逾期", "", tuple(duty for duty in waiting if duty.due_on < on))]
    day, shown, month = on, 0, on.month
    while shown < AHEAD:
        if day != on and not is_workday(day):
            if columns[-1].kind != "off":
                columns.append(AxisDay("off", _off_word(day)))
            day += timedelta(days=1)
            continue
        following = _next_workday(day, is_workday)
        head = f"{day.month}/{day.day}" if day.month != month else str(day.day)
        month = day.month
        columns.append(
            AxisDay(
                "now" if day == on else "day",
                head,
                "今天" if day == on else WEEKDAYS[day.weekday()],
                tuple(duty for duty in waiting if day <= duty.due_on < following),
            )
        )
        shown += 1
        day += timedelta(days=1)
    end = _next_workday(day - timedelta(days=1), is_workday)
    columns.append(AxisDay("later", "以后", "", tuple(duty for duty in waiting if duty.due_on >= end)))
    return columns


def strip_of(opened_on: date, due_on: date, on: date, is_workday: IsWorkday) -> list[StripDay]:
    """Every day from receipt to the last day, with the number of each working day; receipt itself is not counted."""
    days, count, day = (
        [StripDay(f"{opened_on.month}/{opened_on.day}", WEEKDAYS[opened_on.weekday()], "收到", "off")],
        0,
        opened_on,
    )
    while day < due_on:
        day += timedelta(days=1)
        works = is_workday(day)
        count += works
        head = f"{day.month}/{day.day}" if day.day == 1 else str(day.day)
        days.append(
            StripDay(
                head,
                WEEKDAYS[day.weekday()],
                _strip_word(day, count, works, on, due_on),
                _strip_css(day, works, on, due_on),
            )
        )
    return days


def strip_of_term(term: law.RunningTerm, on: date) -> list[StripDay]:
    """The days of a running term, its pauses taken out."""
    calendar = law.default_calendar()
    resting = frozenset(day for pause in term.pauses for day in pause.days())
    return strip_of(
        term.opened_on, term.due.on, on, lambda day: calendar.is_workday(day) and day not in resting
    )


def _strip_word(day: date, count: int, works: bool, on: date, due_on: date) -> str:
    if not works:
        return "休"
    if day == due_on:
        return f"{count} 到期"
    return f"{count} 今天" if day == on else str(count)


def _strip_css(day: date, works: bool, on: date, due_on: date) -> str:
    if day == due_on:
        return "due"
    if day == on:
        return "now"
    return "" if works else "off"


def _off_word(day: date) -> str:
    return "周末" if day.weekday() >= 5 else "休息日"


def _next_workday(day: date, is_workday: IsWorkday) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day
