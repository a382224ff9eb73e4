"""Predicates and conditions: what rows are meant, as data. Grants keep them, queries bring them; never SQL."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from shuqiao.kernel import InvalidInput

Scalar = str | int | float | bool | None


class Op(StrEnum):
    """The operators of the query language."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    ISNULL = "isnull"
    CONTAINS = "contains"
    STARTSWITH = "startswith"
    BETWEEN = "between"

    @property
    def label(self) -> str:
        """The Chinese words shown for a condition."""
        return _OP_LABELS[self]


_OP_LABELS = {
    Op.EQ: "等于",
    Op.NE: "不等于",
    Op.LT: "小于",
    Op.LTE: "小于等于",
    Op.GT: "大于",
    Op.GTE: "大于等于",
    Op.IN: "属于",
    Op.ISNULL: "为空",
    Op.CONTAINS: "包含",
    Op.STARTSWITH: "开头是",
    Op.BETWEEN: "介于",
}


class Predicate(msgspec.Struct, frozen=True):
    """One comparison of one column. `eq` takes one value, `between` two, `in` one or more,
    `isnull` one yes or no. A missing value satisfies nothing but ``isnull``."""

    column: str
    op: Op
    values: tuple[Scalar, ...] = ()

    def __str__(self) -> str:
        shown = "、".join("" if value is None else str(value) for value in self.values)
        if self.op is Op.ISNULL:
            return f"{self.column} {'为空' if self.values[:1] in ((True,), ('true',)) else '不为空'}"
        return f"{self.column} {self.op.label} {shown}"


class Condition(msgspec.Struct, frozen=True):
    """All of its predicates hold. An empty condition holds for every row."""

    all: tuple[Predicate, ...] = ()

    @classmethod
    def from_json(cls, value: str | bytes | list[Any] | None) -> Condition:
        """Read ``[{"column":"地区","op":"eq","values":["营口"]}]``, text or decoded. Raises InvalidInput."""
        if value is None:
            return cls()
        try:
            if isinstance(value, str | bytes):
                predicates = msgspec.json.decode(value, type=tuple[Predicate, ...])
            else:
                predicates = msgspec.convert(value, type=tuple[Predicate, ...])
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise InvalidInput.one("where", f"不是有效的行条件：{error}") from None
        return cls(predicates)

    def to_json(self) -> list[dict[str, Any]]:
        """Plain lists and dicts, as grants keep them."""
        plain: list[dict[str, Any]] = msgspec.to_builtins(self.all)
        return plain

    def __str__(self) -> str:
        return " 且 ".join(str(predicate) for predicate in self.all) or "全部行"
