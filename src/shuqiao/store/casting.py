"""Whole columns of texts to typed values and back: the Arrow twin of cells.py, which stays the judge of every doubt.

A text fits when the value it is read as, written back, is the same text; so a column is cast, rendered and
compared, and only what differs is looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shuqiao.store.cells import BOOLEAN_FORMS, MAX_DIGITS, TypeFit, arrow_type, parser_for
from shuqiao.store.compute import compute as pc
from shuqiao.store.days import DAY_FORMS, MOMENT_FORMS, MomentForm
from shuqiao.store.types import ColumnType

Mask = npt.NDArray[np.bool_]
Texts = Any
Array = Any

_PLAIN_SCALE = 6  # Arrow writes decimals of more places with an exponent
_FIRST_DAY, _FIRST_MOMENT = date(1, 1, 1), datetime(1, 1, 1)  # noqa: DTZ001  # wall clock, as written
_SHARED = 4
_FIXED_DAYS = ("YYYY-MM-DD", "YYYY/MM/DD")


def cast_texts(texts: Texts, fit: TypeFit) -> tuple[Array, Mask | None]:
    """The typed values of texts (nulls stay null) and which of them do not fit, or None where all do.
    Values of texts that do not fit mean nothing."""
    if fit.type is ColumnType.TEXT:
        return texts, None
    try:
        values, same = _CASTS[fit.type](texts, fit)
    except pa.ArrowInvalid:
        return _one_by_one(texts, fit)
    wrong = pc.invert(same)
    return values, (as_mask(wrong) if pc.any(wrong).as_py() else None)


def all_fit(texts: Texts, fit: TypeFit) -> bool:
    """Whether every text fits; nulls do."""
    if fit.type is ColumnType.TEXT:
        return True
    try:
        _, same = _CASTS[fit.type](texts, fit)
    except pa.ArrowInvalid:
        return False
    fits: bool = pc.all(same).as_py() is not False
    return fits


def as_mask(flags: Array) -> Mask:
    """Flags as a mask; null is no."""
    mask: Mask = flags.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    return mask


def _one_by_one(texts: Texts, fit: TypeFit) -> tuple[Array, Mask]:
    """Some text cannot be cast at all: the distinct ones are parsed each, and the misfits set to null."""
    parse = parser_for(fit)
    misfits = []
    for text in pc.unique(texts).to_pylist():
        try:
            if text is not None and parse is not None:
                parse(text)
        except ValueError:
            misfits.append(text)
    wrong = pc.is_in(texts, value_set=pa.array(misfits, pa.string()))
    sound = pc.if_else(wrong, pa.scalar(None, pa.string()), texts)
    mask = as_mask(wrong)
    try:
        values, same = _CASTS[fit.type](sound, fit)
    except pa.ArrowInvalid:  # Arrow and the parser differ: everything goes the careful way
        nothing: Any = arrow_type(fit.type, fit.scale)
        return pa.nulls(len(texts), nothing), np.ones(len(texts), bool)
    return values, mask | as_mask(pc.invert(same))


def _integers(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    values = pc.cast(texts, pa.int64())
    return values, pc.equal(pc.cast(values, pa.string()), texts)


def _decimals(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    values = pc.cast(texts, pa.decimal128(MAX_DIGITS, fit.scale))
    return values, pc.equal(render_decimals(values, fit.scale, fit.form), texts)


def scaled_integers(values: Array) -> Array:
    """Decimals of at most 18 digits as the integers SQLite keeps: the low half of each 128-bit value."""
    halves = np.frombuffer(values.buffers()[1], np.int64)
    low = halves[2 * values.offset : 2 * (values.offset + len(values)) : 2]
    mask = None if values.null_count == 0 else as_mask(pc.is_null(values))
    return pa.array(low, pa.int64(), mask=mask)


def render_decimals(values: Array, scale: int, form: str) -> Array:
    """Decimals as written: all places (`fixed`) or none that is a trailing zero (`minimal`)."""
    if scale <= _PLAIN_SCALE:
        texts = pc.cast(values, pa.string())
    else:
        scaled = scaled_integers(values)
        size = pc.abs(scaled)
        whole = pc.divide(size, 10**scale)
        rest = pc.subtract(size, pc.multiply(whole, 10**scale))
        fraction = pc.utf8_lpad(pc.cast(rest, pa.string()), width=scale, padding="0")
        sign = pc.if_else(pc.less(scaled, 0), "-", "")
        whole_text = pc.binary_join_element_wise(sign, pc.cast(whole, pa.string()), "")
        texts = pc.binary_join_element_wise(whole_text, fraction, ".")
    if scale and form != "fixed":
        texts = pc.utf8_rtrim(pc.utf8_rtrim(texts, characters="0"), characters=".")
    return texts


def _shared(cast: Callable[[Texts, TypeFit], tuple[Array, Array]], texts: Texts, fit: TypeFit) -> Any:
    """Cast each distinct text once where texts repeat, as days do."""
    encoded = texts.dictionary_encode()
    if len(encoded.dictionary) * _SHARED > len(texts):
        return cast(texts, fit)
    values, same = cast(encoded.dictionary, fit)
    return pc.take(values, encoded.indices), pc.take(same, encoded.indices)


def _dates(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    if fit.form == "YYYY-MM-DD":
        values = pc.cast(texts, pa.date32())
        same = pc.equal(pc.cast(values, pa.string()), texts)
        return values, pc.and_(same, pc.greater_equal(values, pa.scalar(_FIRST_DAY, pa.date32())))
    result: tuple[Array, Array] = _shared(_formed_dates, texts, fit)
    return result


def _formed_dates(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    values = pc.cast(_iso_days(texts, fit.form, "$", ""), pa.date32())
    same = pc.equal(render_dates(values, fit.form), texts)
    return values, pc.and_(same, pc.greater_equal(values, pa.scalar(_FIRST_DAY, pa.date32())))


def _iso_days(texts: Texts, form: str, rest: str, kept: str) -> Array:
    """Texts that begin with a day in this form, the day in ISO form. `rest`: what follows, and `kept` what becomes
    of it."""
    parts = DAY_FORMS[form]
    day = f"{_quoted(parts.second)}([0-9]{{1,2}})" if parts.has_day else "()"
    shape = f"^([0-9]{{4}}){_quoted(parts.first)}([0-9]{{1,2}}){day}{_quoted(parts.last)}{rest}"
    third = r"\3" if parts.has_day else "01"
    iso = pc.replace_substring_regex(texts, shape, rf"\1-\2-{third}{kept}")
    iso = pc.replace_substring_regex(iso, r"^([0-9]{4})-([0-9])-", r"\1-0\2-")
    return pc.replace_substring_regex(iso, r"^([0-9]{4}-[0-9]{2})-([0-9])( |$)", r"\1-0\2\3")


def render_dates(values: Array, form: str) -> Array:
    """Days in a form of `DATE_FORMS`."""
    parts = DAY_FORMS[form]
    texts = pc.cast(values, pa.string())
    if parts.bare_month:
        texts = pc.replace_substring_regex(texts, r"-0([0-9])-", r"-\1-")
    if parts.bare_day:
        texts = pc.replace_substring_regex(texts, r"-0([0-9])$", r"-\1")
    if (parts.first, parts.second, parts.last) == ("-", "-", "") and parts.has_day:
        return texts
    written = rf"\1{parts.first}\2{parts.second}\3" if parts.has_day else rf"\1{parts.first}\2"
    return pc.replace_substring_regex(texts, r"^([0-9]+)-([0-9]+)-([0-9]+)$", written + parts.last)


def _moments(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    form = MOMENT_FORMS[fit.form]
    if form.bare_hour or form.end or form.after_hour != ":" or fit.form[:10] not in _FIXED_DAYS:
        result: tuple[Array, Array] = _shared(_formed_moments, texts, fit)
        return result
    day, between, time = fit.form[:10], fit.form[10], fit.form[11:]
    plain = texts if day[4] == "-" else pc.replace_substring(texts, day[4], "-")
    if time == "hh:mm":
        plain = pc.binary_join_element_wise(plain, ":00", "")
    values = pc.cast(plain, pa.timestamp("s"))
    back = pc.cast(values, pa.string())
    if time == "hh:mm":
        back = pc.utf8_slice_codeunits(back, 0, 16)
    if between != " ":
        back = pc.replace_substring(back, " ", between)
    if day[4] != "-":
        back = pc.replace_substring(back, "-", day[4])
    return values, _after_first(values, pc.equal(back, texts))


def _formed_moments(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    form = MOMENT_FORMS[fit.form]
    place = 4 if DAY_FORMS[form.day].has_day else 3
    second = f"{form.after_minute}([0-9]{{2}})" if form.seconds else ""
    clock = f"{form.between}([0-9]{{1,2}}){form.after_hour}([0-9]{{2}}){second}{re.escape(form.end)}$"
    seconds = rf"\{place + 2}" if form.seconds else "00"
    iso = _iso_days(texts, form.day, clock, rf" \{place}:\{place + 1}:{seconds}")
    iso = pc.replace_substring_regex(iso, r" ([0-9]):", r" 0\1:")
    values = pc.cast(iso, pa.timestamp("s"))
    days = render_dates(pc.cast(values, pa.date32()), form.day)
    back = pc.binary_join_element_wise(days, _rendered_clock(values, form), form.between)
    return values, _after_first(values, pc.equal(back, texts))


def _rendered_clock(values: Array, form: MomentForm) -> Array:
    clock = pc.utf8_slice_codeunits(pc.cast(values, pa.string()), 11, 19)
    if form.bare_hour:
        clock = pc.replace_substring_regex(clock, r"^0([0-9])", r"\1")
    rest = rf"{form.after_minute}\3" if form.seconds else ""
    written = rf"\1{form.after_hour}\2{rest}{form.end}"
    return pc.replace_substring_regex(clock, r"^([0-9]+):([0-9]+):([0-9]+)$", written)


def _after_first(values: Array, same: Array) -> Array:
    return pc.and_(same, pc.greater_equal(values, pa.scalar(_FIRST_MOMENT, pa.timestamp("s"))))


def _booleans(texts: Texts, fit: TypeFit) -> tuple[Array, Array]:
    yes, no = BOOLEAN_FORMS[fit.form]
    values = pc.equal(texts, yes)
    return values, pc.or_(values, pc.equal(texts, no))


def _quoted(separator: str) -> str:
    return "\\." if separator == "." else separator


_CASTS: dict[ColumnType, Callable[[Texts, TypeFit], tuple[Array, Array]]] = {
    ColumnType.INTEGER: _integers,
    ColumnType.DECIMAL: _decimals,
    ColumnType.DATE: _dates,
    ColumnType.DATETIME: _moments,
    ColumnType.BOOLEAN: _booleans,
}
