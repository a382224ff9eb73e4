"""Statutory days are days in China, wherever the server stands. Services take the day as an argument;
only the outermost caller (view, command, job) asks here."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, aware, in China's time zone."""
    return datetime.now(CHINA)


def today() -> date:
    """The calendar day in China."""
    return now().date()


def day_of(moment: datetime) -> date:
    """The calendar day in China on which an aware `moment` falls."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment!r}")
    return moment.astimezone(CHINA).date()


def in_chinese(day: date | None) -> str:
    """2026年11月23日, as every sentence for people says a day; empty for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
