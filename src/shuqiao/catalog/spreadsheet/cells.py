"""Cells as text, numbers and days, and the letters of columns."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T\s]\s*\d{1,2}:\d{2}.*)?")


def text_of(value: Any) -> str:
    """A cell as text: whole numbers without their decimal point, days as CCYY-MM-DD, spaces at the ends gone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def day_of(text: str) -> date | None:
    """A day written as CCYY-MM-DD, CCYY/M/D, CCYY年M月D日 or CCYYMMDD, a time after it left out; else None."""
    match = DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def number_of(text: str) -> Decimal | None:
    """A bare number, zero or more, at most twelve digits before the point; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return round(value, 6) if value.is_finite() and 0 <= value < 10**12 else None


def letter_of(index: int) -> str:
    """The letter of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
