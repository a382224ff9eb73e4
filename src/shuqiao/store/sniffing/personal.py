"""What a header and the shape of values tell: codes that must stay text, checks to propose, personal data."""

from __future__ import annotations

import re
from typing import Any

from shuqiao.store.checks import PHONE_FOR_CERTAIN, find_check, matching

_CODE_WORDS = re.compile(
    r"代码|编码|编号|號|号码|标识|证号|账号|帐号|电话|電話|代碼|手机|邮编|邮政编码|区号|工号|学号|机构码|信用码|条码"
)
_CODE_TOKENS = frozenset(
    {
        "id",
        "identifier",
        "code",
        "codes",
        "uuid",
        "key",
        "tel",
        "phone",
        "mobile",
        "zip",
        "postcode",
        "adcode",
    }
)
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_NAME_WORDS = re.compile(r"姓名|法人代表|法定代表人|联系人|负责人|经办人|户主|申请人|当事人|监护人|曾用名")
_ID_WORDS = re.compile(r"身份证|身份号码|证件号")
_PHONE_WORDS = re.compile(r"手机|电话|電話|联系方式|聯絡|传真|phone|mobile|(?i:\btel\b)")
# Numbers that an office gives out to everybody.
_OFFICE_WORDS = re.compile(r"热线|服务电话|举报|投诉|咨询|监督|办公电话|单位电话|传真")
_CHECK_WORDS = {
    "credit_code": re.compile(r"社会信用代码|信用代码|uscc", re.IGNORECASE),
    "id_number": re.compile(r"身份证|公民身份号码"),
    "id_number_any": re.compile(r"身份证|公民身份号码"),
    "mobile": re.compile(r"手机|移动电话"),
    "division_code": re.compile(r"区划代码|行政区划码"),
    "postcode": re.compile(r"邮政编码|邮编"),
}
_BY_SHAPE = ("credit_code", "id_number", "mobile", "id_number_any")
_FIRST = 2_000
_NEVER_PROPOSED = frozenset({"phone"})
_CERTAIN_PHONES = matching(PHONE_FOR_CERTAIN, range(10, 41))


def means_code(header: str) -> bool:
    """The header says identifier, code or number of a telephone: such a column is text, whatever it holds."""
    if _CODE_WORDS.search(header):
        return True
    return any(token.lower() in _CODE_TOKENS for token in _CAMEL.findall(header))


class Patterns:
    """Counts how many values pass each check, over as many values as it is shown. `held` names the checks that
    the column is held to, whatever its header says."""

    def __init__(self, header: str, held: tuple[str, ...] = ()) -> None:
        worded = [name for name, words in _CHECK_WORDS.items() if words.search(header)]
        self._header = header
        phones = ["phone"] if _PHONE_WORDS.search(header) else []
        self._watched = dict.fromkeys([*worded, *_BY_SHAPE, *phones], 0)
        self._phones = 0
        self._worded = frozenset(worded)
        self._seen = 0
        self._failing: dict[str, int] | None = None
        self._held = tuple(name for name in held if find_check(name))

    def update(self, values: Any) -> None:
        """Look at more values, different from each other (an Arrow array of texts)."""
        self._seen += len(values)
        for name in self._watched:
            self._watched[name] += _held_to(name, values)
        self._phones += int(_CERTAIN_PHONES(values).sum())

    def count(self, values: Any) -> None:
        """Count the failures among all values of the column, a part at a time. A check that only the shape of the
        values speaks for is given up when the first part does not bear it out."""
        if self._failing is None:
            first = values.slice(0, _FIRST)
            shaped = [name for name in _BY_SHAPE if 2 * _held_to(name, first) >= len(first)]
            self._failing = dict.fromkeys([*self._held, *self._worded, *shaped], 0)
        for name in self._failing:
            self._failing[name] += len(values) - _held_to(name, values)

    def failing(self) -> dict[str, int]:
        """How many values fail the checks proposed and those the column is held to."""
        wanted = {*self._held, *self.checks()}
        return {name: failed for name, failed in (self._failing or {}).items() if name in wanted}

    def _share(self, name: str) -> float:
        return self._watched.get(name, 0) / self._seen if self._seen else 0.0

    def checks(self) -> tuple[str, ...]:
        """Checks to propose: nearly all values pass, and the header says so or the check has check digits."""
        return tuple(
            name
            for name in self._watched
            if self._share(name) >= (0.9 if name in self._worded else 0.98)
            and (name in self._worded or name not in ("mobile", "id_number_any"))
            and name not in _NEVER_PROPOSED
        )[:1]

    def personal(self) -> str:
        """The kind of personal data suspected: id_number, mobile (telephone numbers of any kind), name or nothing."""
        if self._share("id_number_any") >= 0.3 or _ID_WORDS.search(self._header):
            return "id_number"
        office = _OFFICE_WORDS.search(self._header)
        phones = self._phones / self._seen if self._seen else 0.0
        if self._share("mobile") >= 0.3 or (not office and (phones >= 0.3 or self._share("phone") > 0)):
            return "mobile"
        return "name" if _NAME_WORDS.search(self._header) else ""


def _held_to(name: str, values: Any) -> int:
    check = find_check(name)
    return int(check.holds_all(values).sum()) if check else 0
