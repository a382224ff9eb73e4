"""Dates, numbers and row conditions in Chinese words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
OPERATORS = {
    "eq": "为{}",
    "ne": "不为{}",
    "lt": "小于{}",
    "lte": "不超过{}",
    "gt": "大于{}",
    "gte": "不小于{}",
    "in": "属于{}",
    "isnull": "为空",
    "contains": "含有{}",
    "startswith": "以{}开头",
    "between": "在{}之间",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One condition in words: the item's name, and what is said of it."""

    name: str
    says: str


def cn_date(value: date | datetime | None) -> str:
    """2026年11月23日; empty for nothing."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def cn_day(value: date | datetime | None) -> str:
    """11月23日 周一; empty for nothing."""
    day = _day(value)
    return f"{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}" if day else ""


def cn_datetime(value: datetime | None) -> str:
    """2026年11月23日 09:41:17 in China's time; empty for nothing."""
    if value is None:
        return ""
    local = value.astimezone(CHINA) if value.tzinfo else value
    return f"{cn_date(local)} {local:%H:%M:%S}"


def cn_moment(value: str) -> str:
    """2026年11月23日 09:41:17 of an ISO moment as the evidence log keeps it; empty for nothing."""
    return cn_datetime(datetime.fromisoformat(value)) if value else ""


def grouped(value: object) -> str:
    """A number with thousands marks; anything that is no number comes back as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    return f"{value:,}"


def in_words(conditions: Any, names: Mapping[str, str] | None = None) -> list[Phrase]:
    """All-of conditions as phrases, e.g. 保障状态 / 为“在保”.

    `conditions`: a store.Condition, or a list whose members are `{"column", "op", "values"}` or store.Predicate.
    `names` gives the Chinese name of a column; a column without one is shown by its code. Raises ValueError on an
    unknown operator.
    """
    phrases = []
    for condition in getattr(conditions, "all", conditions):
        column, op, values = _parts(condition)
        if op not in OPERATORS:
            raise ValueError(f"no words for operator {op!r}")
        phrases.append(Phrase((names or {}).get(column, column), _says(op, values)))
    return phrases


def _says(op: str, values: Sequence[Any]) -> str:
    if op == "isnull":
        return "不为空" if values and str(values[0]).lower() != "true" else "为空"
    if op == "between" and len(values) == 2:
        return f"在 {values[0]} 至 {values[1]} 之间"
    if op == "in":
        return OPERATORS[op].format("、".join(str(value) for value in values))
    said = "、".join(_quoted(value) for value in values)
    return OPERATORS[op].format(said)


def _quoted(value: Any) -> str:
    return f" {value}" if isinstance(value, int | float | Decimal) else f"“{value}”"


def _parts(condition: Any) -> tuple[str, str, Sequence[Any]]:
    if isinstance(condition, Mapping):
        return str(condition["column"]), str(condition["op"]), tuple(condition.get("values", ()))
    return str(condition.column), str(condition.op), tuple(condition.values)


def _day(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(CHINA) if value.tzinfo else value).date()
    return value
