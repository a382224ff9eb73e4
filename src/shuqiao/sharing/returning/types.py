"""States of a return flow, how rows are known to belong to an area, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices

from shuqiao.law import BasisLevel
from shuqiao.sharing.types import Offer, Scope


class ReturnStatus(TextChoices):
    """Where a return flow stands."""

    ASKED = "asked", "待提供部门标注"
    OPENED = "opened", "已回流"
    REFUSED = "refused", "依法不能回流"
    WITHDRAWN = "withdrawn", "已撤回"


RETURN_MOVES: Mapping[ReturnStatus, frozenset[ReturnStatus]] = {
    ReturnStatus.ASKED: frozenset({ReturnStatus.OPENED, ReturnStatus.REFUSED, ReturnStatus.WITHDRAWN}),
    ReturnStatus.OPENED: frozenset(),
    ReturnStatus.REFUSED: frozenset(),
    ReturnStatus.WITHDRAWN: frozenset(),
}
RETURN_TONES: Mapping[ReturnStatus, str] = {
    ReturnStatus.ASKED: "wait",
    ReturnStatus.OPENED: "jade",
    ReturnStatus.REFUSED: "off",
    ReturnStatus.WITHDRAWN: "off",
}


class AreaForm(TextChoices):
    """What the division column holds."""

    CODE = "code", "区划代码"
    NAME = "name", "区划名称"


@dataclass(frozen=True, slots=True)
class Area:
    """A division as rows name it."""

    code: str
    name: str
    short_name: str

    def condition(self, column: str, form: AreaForm) -> dict[str, Any]:
        """Rows of this area: a code and every code under it, or the name in full or short."""
        if form is AreaForm.CODE:
            return {"column": column, "op": "startswith", "values": [self.prefix]}
        names = list(dict.fromkeys([self.name, self.short_name]))
        return {"column": column, "op": "in", "values": names}

    @property
    def prefix(self) -> str:
        """The code without the zeros that stand for "all under it" (GB/T 2260: two digits a level)."""
        digits = self.code
        while len(digits) > 2 and digits.endswith("00"):
            digits = digits[:-2]
        return digits


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """What a department asks for. `items`: columns of the table."""

    items: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    purpose: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A return flow as its rules see it. `lower`: the asking department's division lies under the provider's;
    `column`: the marked division column, empty while there is none; `kept`: the department has or asks for this."""

    offer: Offer
    scope: Scope
    purpose: str
    lower: bool
    mounted: bool
    column: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class NoFacts:
    """A no, as the provider writes it: only what the law keeps closed is not returned."""

    reason: str
    basis: str
    level: BasisLevel | None
