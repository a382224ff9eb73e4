"""Checks a cell can be held to beyond its type. Each answers with a plain yes or no for one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {letter: value for value, letter in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_DIGITS = "10X98765432"
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ID_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
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
    """A citizen identity number: 18 characters, a birth date that exists, check character (GB 11643)."""
    if not _ID_SHAPE.fullmatch(text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return _ID_DIGITS[total % 11] == text[17]


def mobile(text: str) -> bool:
    """A mainland mobile number: eleven digits from 13 to 19."""
    return _MOBILE.fullmatch(text) is not None


def division_code(text: str) -> bool:
    """A division code of 2, 6, 9 or 12 digits under a province that exists (GB/T 2260, GB/T 10114)."""
    return _DIVISION.fullmatch(text) is not None


def postcode(text: str) -> bool:
    """A postal code: six digits."""
    return _POSTCODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Check:
    """A named check with the words shown when a cell fails it."""

    label: str
    holds: Callable[[str], bool]
    failure: str


CHECKS: Mapping[str, Check] = {
    "credit_code": Check("统一社会信用代码", credit_code, "不是有效的统一社会信用代码（GB 32100，含校验码）"),
    "id_number": Check("公民身份号码", id_number, "不是有效的公民身份号码（GB 11643，含校验码）"),
    "mobile": Check("手机号码", mobile, "不是有效的手机号码"),
    "division_code": Check("行政区划代码", division_code, "不是有效的行政区划代码"),
    "postcode": Check("邮政编码", postcode, "不是有效的邮政编码"),
}
