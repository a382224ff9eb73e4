"""The words of a written reply, as they are frozen in its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

TITLE = "政务数据开放申请答复书"
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: who answers whom, under which number, in which paragraphs, signed on which day."""

    authority: str
    number: str
    addressee: str
    paragraphs: tuple[str, ...]
    signed_on: date

    def to_json(self) -> dict[str, Any]:
        """The form kept in the row."""
        return {
            "authority": self.authority,
            "number": self.number,
            "addressee": self.addressee,
            "paragraphs": list(self.paragraphs),
            "signed_on": self.signed_on.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reply:
        """Read what `to_json` wrote."""
        return cls(
            value["authority"],
            value["number"],
            value["addressee"],
            tuple(value["paragraphs"]),
            date.fromisoformat(value["signed_on"]),
        )

    @property
    def signed_in_words(self) -> str:
        """The day as official documents sign it: 二〇二六年三月二日."""
        day = self.signed_on
        year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
        return f"{year}年{_number(day.month)}月{_number(day.day)}日"


def _number(value: int) -> str:
    """1 to 31 in Chinese numerals."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")
