"""What a typed cell is. A text fits a type when reading it and writing it back gives the same text:
that is the whole definition of "nothing was damaged".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from shuqiao.store.types import ColumnPlan, ColumnType

MAX_DIGITS = 18  # a decimal is kept as a 64-bit scaled integer in the row index
_INT64 = 2**63
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")


@dataclass(frozen=True, slots=True)
class TypeFit:
    """A type every judged text fits, with the form it is written in."""

    type: ColumnType
    form: str = ""
    scale: int = 0


Parser = Callable[[str], Any]
"""Text to value; raises ValueError when the text does not fit."""


def parse_integer(text: str) -> int:
    """A 64-bit integer written without leading zeros, plus sign or separators."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    value = int(text)
    if not -_INT64 <= value < _INT64:
        raise ValueError(text)
    return value


def decimal_shape(text: str) -> tuple[int, int, bool] | None:
    """(digits before the point, digits after it, ends in a zero after it), or None if not a plain decimal."""
    match = _DECIMAL.fullmatch(text)
    if not match:
        return None
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if sign and not (whole + fraction).strip("0"):
        return None  # "-0" would come back as "0"
    return len(whole), len(fraction), fraction.endswith("0")


def decimal_parser(scale: int, form: str) -> Parser:
    """Decimals of at most `scale` places: all places written (`fixed`) or no trailing zero (`minimal`)."""

    def parse(text: str) -> Decimal:
        shape = decimal_shape(text)
        if shape is None or shape[0] > MAX_DIGITS - scale:
            raise ValueError(text)
        if shape[1] != scale if form == "fixed" else shape[1] > scale or shape[2]:
            raise ValueError(text)
        return Decimal(text)

    return parse


def render_decimal(scaled: int, scale: int, form: str) -> str:
    """A scaled integer back as the text it was read from."""
    if scale == 0:
        return str(scaled)
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(scale + 1, "0")
    whole, fraction = digits[:-scale], digits[-scale:]
    if form != "fixed":
        fraction = fraction.rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def _date_parser(pattern: str) -> Parser:
    shape = re.compile(pattern)

    def parse(text: str) -> date:
        match = shape.fullmatch(text)
        if not match:
            raise ValueError(text)
        return date(int(match[1]), int(match[2]), int(match[3]))

    return parse


def _datetime_parser(pattern: str) -> Parser:
    shape = re.compile(pattern)

    def parse(text: str) -> datetime:
        match = shape.fullmatch(text)
        if not match:
            raise ValueError(text)
        return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001

    return parse


_Y, _M, _D = r"([0-9]{4})", r"([0-9]{2})", r"([0-9]{2})"
_HM = r"([0-9]{2}):([0-9]{2})"


def _date_patterns() -> dict[str, str]:
    """Forms of days: four separators, months and days with leading zeros or without. Padded forms come first, so
    that days that fit several are read in the common one."""
    bare = r"([1-9]|1[0-9]|2[0-9]|3[01])"
    found = {}
    for month, day in (("MM", "DD"), ("M", "D"), ("MM", "D"), ("M", "DD")):
        for first, second, last in (("-", "-", ""), ("/", "/", ""), (".", ".", ""), ("年", "月", "日")):
            m, d = _M if month == "MM" else bare, _D if day == "DD" else bare
            pattern = f"{_Y}{re.escape(first)}{m}{re.escape(second)}{d}{last}"
            found[f"YYYY{first}{month}{second}{day}{last}"] = pattern
    return found


DATE_FORMS: dict[str, Parser] = {form: _date_parser(pattern) for form, pattern in _date_patterns().items()}
DATETIME_FORMS: dict[str, Parser] = {
    "YYYY-MM-DD hh:mm:ss": _datetime_parser(f"{_Y}-{_M}-{_D} {_HM}:([0-9]{{2}})"),
    "YYYY-MM-DDThh:mm:ss": _datetime_parser(f"{_Y}-{_M}-{_D}T{_HM}:([0-9]{{2}})"),
    "YYYY-MM-DD hh:mm": _datetime_parser(f"{_Y}-{_M}-{_D} {_HM}"),
    "YYYY/MM/DD hh:mm:ss": _datetime_parser(f"{_Y}/{_M}/{_D} {_HM}:([0-9]{{2}})"),
    "YYYY/MM/DD hh:mm": _datetime_parser(f"{_Y}/{_M}/{_D} {_HM}"),
}
BOOLEAN_FORMS: dict[str, tuple[str, str]] = {
    "true/false": ("true", "false"),
    "True/False": ("True", "False"),
    "TRUE/FALSE": ("TRUE", "FALSE"),
}


def boolean_parser(form: str) -> Parser:
    """Yes and no in one spelling."""
    yes, no = BOOLEAN_FORMS[form]

    def parse(text: str) -> bool:
        if text == yes:
            return True
        if text == no:
            return False
        raise ValueError(text)

    return parse


FORMS: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.DATE: tuple(DATE_FORMS),
    ColumnType.DATETIME: tuple(DATETIME_FORMS),
    ColumnType.BOOLEAN: tuple(BOOLEAN_FORMS),
    ColumnType.DECIMAL: ("minimal", "fixed"),
}


def default_form(plan: ColumnPlan) -> str:
    """The form of a plan; the first of its type where the publisher named none."""
    return plan.form or FORMS.get(plan.type, ("",))[0]


def form_problem(plan: ColumnPlan) -> str:
    """What cannot be about type, form and scale of a plan, in words; empty when all is well."""
    forms = FORMS.get(plan.type, ("",))
    if plan.form and plan.form not in forms:
        return f"{plan.type.label}列没有这种写法：{plan.form}（可用：{'、'.join(forms) or '无'}）"
    if not 0 <= plan.scale < MAX_DIGITS:
        return f"小数位数应在 0 到 {MAX_DIGITS - 1} 之间"
    return ""


def date_parts(form: str) -> tuple[str, str, str, bool, bool]:
    """What stands after year, month and day in a form of `DATE_FORMS`, and whether months and days are written
    without leading zeros."""
    first, second = form[4], form.rstrip("日").rstrip("D")[-1]
    last = "日" if form.endswith("日") else ""
    return first, second, last, "MM" not in form, "DD" not in form


def render_date(value: date, form: str) -> str:
    """A day back as the text it was read from."""
    first, second, last, bare_month, bare_day = date_parts(form)
    month = str(value.month) if bare_month else f"{value.month:02d}"
    day = str(value.day) if bare_day else f"{value.day:02d}"
    return f"{value.year:04d}{first}{month}{second}{day}{last}"


def render_datetime(value: datetime, form: str) -> str:
    """A moment back as the text it was read from."""
    clock = f"{value.hour:02d}:{value.minute:02d}"
    if form.endswith("ss"):
        clock += f":{value.second:02d}"
    return render_date(value, form[:10]) + form[10] + clock


def parser_of(plan: ColumnPlan) -> Parser | None:
    """How texts of this column become values; None for text, which stays what it is."""
    return parser_for(fit_of(plan))


def fit_of(plan: ColumnPlan) -> TypeFit:
    """Type, form and scale a plan holds its column to."""
    return TypeFit(plan.type, default_form(plan), plan.scale)


def parser_for(fit: TypeFit) -> Parser | None:
    """How texts that fit become values; None for text."""
    match fit.type:
        case ColumnType.INTEGER:
            return parse_integer
        case ColumnType.DECIMAL:
            return decimal_parser(fit.scale, fit.form)
        case ColumnType.DATE:
            return DATE_FORMS[fit.form]
        case ColumnType.DATETIME:
            return DATETIME_FORMS[fit.form]
        case ColumnType.BOOLEAN:
            return boolean_parser(fit.form)
        case ColumnType.TEXT:
            return None


def arrow_type(kind: ColumnType, scale: int) -> pa.DataType:
    """The Parquet type of a column."""
    match kind:
        case ColumnType.INTEGER:
            return pa.int64()
        case ColumnType.DECIMAL:
            return pa.decimal128(MAX_DIGITS, scale)
        case ColumnType.DATE:
            return pa.date32()
        case ColumnType.DATETIME:
            return pa.timestamp("s")
        case ColumnType.BOOLEAN:
            return pa.bool_()
        case ColumnType.TEXT:
            return pa.string()
