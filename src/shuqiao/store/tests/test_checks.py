"""Checks and masks on known values, and that one wrong character is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.store.checks import CHECKS, credit_code, id_number
from shuqiao.store.masks import keep_ends, keyed_hash, year

RIGHT = {
    "credit_code": ["91211422123510422P", "91210100738683573H", "912101027386842771"],
    "id_number": ["11010519491231002X", "440524188001010014", "11010519491231002x"],
    "id_number_any": ["11010519491231002X", "110105491231002", "210802800229123"],
    "mobile": ["13800138000", "19912345678"],
    "division_code": ["21", "210800", "210802001", "210802001001", "371502"],
    "postcode": ["115000"],
    "phone": [
        "0417-2812345",
        "(024)23456789-801",
        "+86 138 0013 8000",
        "2812345、13800138000",
        "400-810-8888",
    ],
    "grouped": ["1,234", "560", "-12,345.60"],
    "bracketed": ["(100)", "（1,000）", "250"],
    "wide_digits": ["１２３", "-6．５", "45"],
}
WRONG = {
    "credit_code": [
        "91211422123510422Q",
        "91211422123510422p",
        "9121142212351042",
        "",
        "I" * 18,
        "９1211422123510422P",
    ],
    "id_number": ["110105194912310021", "11010519491331002X", "110105491231002", ""],
    "id_number_any": ["110105491331002", "210802810229123", "11010549123100", "110105194912310021"],
    "mobile": ["12800138000", "1380013800", "138001380000", "１3800138000"],
    "division_code": ["00", "990000", "2108", "21080200100", "abcdef"],
    "postcode": ["11500", "1150000"],
    "phone": ["", "电话", "0417", "1380013800012345", "2812345,"],
    "grouped": ["1,23", "1234,567", "(100)", ""],
    "bracketed": ["(100", "100)", "()", ""],
    "wide_digits": ["１,２", "一", "．５", ""],
}


@pytest.mark.parametrize("name", CHECKS)
def test_known_values(name: str) -> None:
    assert [value for value in RIGHT[name] if not CHECKS[name].holds(value)] == []
    assert [value for value in WRONG[name] if CHECKS[name].holds(value)] == []


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_of_a_credit_code_is_noticed(place: int, letter: str) -> None:
    good = "91211422123510422P"
    changed = good[:place] + letter + good[place + 1 :]
    assert credit_code(changed) == (changed == good)


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_of_an_identity_number_is_noticed(place: int, digit: str) -> None:
    good = "11010519491231002X"
    changed = good[:place] + digit + good[place + 1 :]
    assert id_number(changed) == (changed == good)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("张", "*"),
        ("张三", "张*"),
        ("诸葛亮", "诸*亮"),
        ("1234567", "12***67"),
        ("13800138000", "138****8000"),
    ],
)
def test_keep_ends(text: str, shown: str) -> None:
    assert keep_ends(text) == shown


def test_hash_is_hmac_sha256_and_differs_by_key() -> None:
    # RFC 4231 test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keyed_hash("what do ya want for nothing?", b"Jefe") == expected
    assert keyed_hash("x", b"a" * 16) != keyed_hash("x", b"b" * 16)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2012-01-1", "2012"),
        ("20120101", "2012"),
        ("2012年1月", "2012"),
        ("2012", "2012"),
        ("201201010", None),
        ("210102001012", None),
        ("12/29/04", None),
    ],
)
def test_year_of_a_text(text: str, shown: str | None) -> None:
    assert year(text) == shown
