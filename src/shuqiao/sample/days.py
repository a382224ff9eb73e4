"""Days of the sample city, counted back from the day on which it is loaded, so that clocks look right on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shuqiao import law
from shuqiao.kernel.time import CHINA

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Working days before `today`."""

    today: date

    def back(self, days: int) -> date:
        """The last working day that has exactly `days` working days after it, up to and including today.

        A term of n working days received on ``back(n)`` is due today, on a working day; ``back(n + 1)`` is one
        working day late.
        """
        calendar, day, passed = law.default_calendar(), self.today, 0
        while passed < days or not calendar.is_workday(day):
            passed += calendar.is_workday(day)
            day -= _DAY
        return day

    def before(self, day: date, days: int) -> date:
        """The working day `days` working days before a day."""
        return Days(day).back(days)

    def ahead(self, days: int) -> date:
        """The day `days` calendar days from now."""
        return self.today + timedelta(days=days)

    @staticmethod
    def moment(day: date, hour: int = 10) -> datetime:
        """A moment of office hours of a day."""
        return datetime.combine(day, time(hour, 12), CHINA)
