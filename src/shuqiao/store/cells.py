"""What a typed cell is. A text fits a type when reading it and writing it back gives the same text:
that is the whole definition of "nothing was damaged".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from shuqiao.store.days import DATE_FORMS, DATETIME_FORMS, render_date, render_datetime
from shuqiao.store.types import ColumnPlan, ColumnType

__all__ = ["DATETIME_FORMS", "DATE_FORMS", "render_date", "render_datetime"]

MAX_DIGITS = 18  # a decimal is kept as a 64-bit scaled integer in the row index
_INT64 = 2**63
_NAMED = 20
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


COMMON_FORMS: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.DATE: tuple(DATE_FORMS),
    ColumnType.DATETIME: tuple(DATETIME_FORMS)[:5],
}
"""The written forms of days and moments that are worth a choice in every column."""
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
        named = "、".join(forms[:_NAMED]) or "无"
        more = "等" if len(forms) > _NAMED else ""
        return f"{plan.type.label}列没有这种写法：{plan.form}（可用：{named}{more}）"
    if not 0 <= plan.scale < MAX_DIGITS:
        return f"小数位数应在 0 到 {MAX_DIGITS - 1} 之间"
    return ""


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
