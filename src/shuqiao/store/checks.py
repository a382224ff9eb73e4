"""Checks a cell can be held to beyond its type. Each answers with a plain yes or no for one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from shuqiao.store.compute import compute as pc

Mask = npt.NDArray[np.bool_]

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {letter: value for value, letter in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_DIGITS = "10X98765432"
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ID_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_OLD_ID = re.compile(
    r"[1-9][0-9]{5}(?:"
    r"[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    r"|02(?:0[1-9]|1[0-9]|2[0-8]))|(?:0[48]|[2468][048]|[13579][26])0229)[0-9]{3}"
)
_SOME_MOBILE = r"(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"
_LANDLINE = r"(?:\+?86[- ]?)?(?:[(（]0[0-9]{2,3}[)）] ?|0?[1-9][0-9]{1,2}[- ]|0[0-9]{2,3})[2-9][0-9]{6,7}"
_EXTENSION = r"(?:(?:[-－转]|ext\.?)[0-9]{1,6})?"
_SHORT = r"[2-9][0-9]{6,7}|[48]00[- ]?[0-9]{3}[- ]?[0-9]{4}|1[012][0-9]{1,3}|95[0-9]{3}|96[0-9]{3,4}"
_ONE_PHONE = f"(?:{_SOME_MOBILE}|(?:{_LANDLINE}|{_SHORT}){_EXTENSION})"
_PHONE = re.compile(f"{_ONE_PHONE}(?:[、/，,;；] ?{_ONE_PHONE}){{0,4}}")
PHONE_FOR_CERTAIN = re.compile(f"{_SOME_MOBILE}|{_LANDLINE}{_EXTENSION}")
"""Mobile numbers however they are grouped, and landlines with their area code."""
_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?")
_BRACKETED = re.compile(rf"[(（]{_NUMBER}[)）]|[-+]?{_NUMBER}")
_WIDE = re.compile(r"[-+－＋]?[0-9０-９]+(?:[.．][0-9０-９]+)?")
UNIT = "unit:"
"""With a unit behind it the name of the check for numbers written with that unit."""
_UNIT = re.compile(r"[^\W\d_][^\d,，;；\s]{0,7}|[%％‰℃°]")
_DIVISION = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])(?:[0-9]{4}|[0-9]{7}|[0-9]{10})?"
)
_POSTCODE = re.compile(r"[0-9]{6}")


def credit_code(text: str) -> bool:
    """A unified social credit code: 18 characters with a right check character (GB 32100-2015)."""
    if len(text) != 18:
        return False
    try:
        total = sum(
            _CREDIT_VALUE[letter] * weight for letter, weight in zip(text, _CREDIT_WEIGHTS, strict=False)
        )
    except KeyError:
        return False
    return _CREDIT_ALPHABET[(31 - total % 31) % 31] == text[17]


def id_number(text: str) -> bool:
    """A citizen identity number: 18 characters, a birth date that exists, check character (GB 11643). An X at the
    end may be written small."""
    if not _ID_SHAPE.fullmatch(text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return _ID_DIGITS[total % 11] == text[17].upper()


def id_number_any(text: str) -> bool:
    """A citizen identity number, or one of the 15 digits that were given out until 1999: they have no check
    character."""
    return id_number(text) or _OLD_ID.fullmatch(text) is not None


def phone(text: str) -> bool:
    """Telephone numbers as people write them: landlines with or without area code and extension, mobile numbers in
    groups or with +86, service numbers; up to five."""
    return _PHONE.fullmatch(text) is not None


def mobile(text: str) -> bool:
    """A mainland mobile number: eleven digits from 13 to 19."""
    return _MOBILE.fullmatch(text) is not None


def division_code(text: str) -> bool:
    """A division code of 2, 6, 9 or 12 digits under a province that exists (GB/T 2260, GB/T 10114)."""
    return _DIVISION.fullmatch(text) is not None


def postcode(text: str) -> bool:
    """A postal code: six digits."""
    return _POSTCODE.fullmatch(text) is not None


def _eighteen(texts: Any) -> tuple[Mask, npt.NDArray[np.int16]]:
    """Which texts are 18 bytes long (ASCII wherever a check can hold), and these as rows of bytes."""
    long = pc.equal(pc.binary_length(texts), 18).fill_null(fill_value=False)
    chosen = texts.filter(long)
    mask: Mask = long.to_numpy(zero_copy_only=False)
    if len(chosen) == 0:
        return mask, np.empty((0, 18), np.int16)
    _, offsets, data = chosen.buffers()
    start = int(np.frombuffer(offsets, np.int32)[chosen.offset])
    flat = np.frombuffer(data, np.uint8)[start : start + 18 * len(chosen)]
    return mask, flat.reshape(-1, 18).astype(np.int16)


_CREDIT_TABLE = np.full(256, -1, np.int16)
_CREDIT_TABLE[list(_CREDIT_ALPHABET.encode())] = range(31)


def _credit_codes(texts: Any) -> Mask:
    mask, rows = _eighteen(texts)
    values = _CREDIT_TABLE[rows]
    totals = values[:, :17].astype(np.int32) @ np.array(_CREDIT_WEIGHTS, np.int32)
    mask[mask] = (values >= 0).all(axis=1) & ((31 - totals % 31) % 31 == values[:, 17])
    return mask


_MONTH_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _id_numbers(texts: Any) -> Mask:
    mask, rows = _eighteen(texts)
    digits = rows.astype(np.int32) - 48
    shaped = ((digits[:, :17] >= 0) & (digits[:, :17] <= 9)).all(axis=1) & (digits[:, 0] > 0)
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    month, day = digits[:, 10] * 10 + digits[:, 11], digits[:, 12] * 10 + digits[:, 13]
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    born = shaped & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    born &= day <= _MONTH_DAYS[np.clip(month, 0, 12)] - ((month == 2) & ~leap)
    last = np.frombuffer(_ID_DIGITS.encode(), np.uint8)[digits[:, :17] @ np.array(_ID_WEIGHTS) % 11]
    mask[mask] = born & (np.where(rows[:, 17] == ord("x"), ord("X"), rows[:, 17]) == last)
    return mask


def _id_numbers_any(texts: Any) -> Mask:
    found: Mask = _id_numbers(texts) | _old_ids(texts)
    return found


def matching(pattern: re.Pattern[str], lengths: range | None = None) -> Callable[[Any], Mask]:
    """Which texts of a column are of the pattern, whole. `lengths` (in bytes): the only ones that can be, which spares
    the others the search."""
    anchored = rf"\A(?:{pattern.pattern})\z"

    def holds(texts: Any) -> Mask:
        if lengths is not None:
            sizes = pc.binary_length(texts)
            fitting = pc.and_(pc.greater_equal(sizes, lengths.start), pc.less(sizes, lengths.stop))
            few: Mask = fitting.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
            if not few.all():
                few[few] = every(texts.filter(fitting))
                return few
        return every(texts)

    def every(texts: Any) -> Mask:
        found = pc.match_substring_regex(texts, anchored).fill_null(fill_value=False)
        mask: Mask = found.to_numpy(zero_copy_only=False)
        return mask

    return holds


_old_ids = matching(_OLD_ID, range(15, 16))


def _of(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Check:
    """A named check with the words shown when a cell fails it. `holds_all` answers for a whole column at once,
    no for nulls."""

    label: str
    holds: Callable[[str], bool]
    failure: str
    holds_all: Callable[[Any], Mask]


CHECKS: Mapping[str, Check] = {
    "credit_code": Check(
        "统一社会信用代码", credit_code, "不是有效的统一社会信用代码（GB 32100，含校验码）", _credit_codes
    ),
    "id_number": Check(
        "公民身份号码", id_number, "不是有效的公民身份号码（GB 11643，含校验码）", _id_numbers
    ),
    "id_number_any": Check(
        "公民身份号码（含 15 位旧号）",
        id_number_any,
        "不是有效的公民身份号码（18 位含校验码，或 15 位旧号）",
        _id_numbers_any,
    ),
    "mobile": Check("手机号码", mobile, "不是有效的手机号码", matching(_MOBILE)),
    "division_code": Check("行政区划代码", division_code, "不是有效的行政区划代码", matching(_DIVISION)),
    "postcode": Check("邮政编码", postcode, "不是有效的邮政编码", matching(_POSTCODE)),
    "phone": Check("电话号码", phone, "不是电话号码", matching(_PHONE)),
    "grouped": Check("千分位数", _of(_GROUPED), "不是按千分位写的数", matching(_GROUPED)),
    "bracketed": Check(
        "数（括号表示负数）", _of(_BRACKETED), "不是数，也不是写在括号里的数", matching(_BRACKETED)
    ),
    "wide_digits": Check("数（可用全角）", _of(_WIDE), "不是用全角或半角数字写的数", matching(_WIDE)),
}


@cache
def find_check(name: str) -> Check | None:
    """The check of a name: one of `CHECKS`, or of numbers with a unit (`unit:万元`); None when there is none."""
    unit = name.removeprefix(UNIT)
    if unit == name or not _UNIT.fullmatch(unit):
        return CHECKS.get(name)
    pattern = re.compile(rf"[-+]?{_NUMBER} ?{re.escape(unit)}")
    label = "百分数" if unit in "%％" else f"带单位“{unit}”的数"
    return Check(label, _of(pattern), f"不是{label}", matching(pattern))


def demand_check(name: str) -> Check:
    """The check of a name that a valid recipe holds."""
    found = find_check(name)
    if found is None:
        raise KeyError(name)
    return found
