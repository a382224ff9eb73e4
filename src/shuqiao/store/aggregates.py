"""Aggregates: rows gathered into groups, each group one row of figures. Parsed, bound and written as SQL here."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from shuqiao.kernel import InvalidInput
from shuqiao.store.types import ColumnType

MAX_GROUP_COLUMNS = 8
MAX_AGGREGATES = 32
AVERAGE_PLACES = 6
"""Decimal places of an average beyond those of its column; half a unit is rounded away from zero."""


class Figure(StrEnum):
    """What is worked out of the rows of a group."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"

    def fits(self, kind: ColumnType) -> bool:
        """Whether the figure can be worked out of a column of this type."""
        if self in (Figure.SUM, Figure.AVG):
            return kind in (ColumnType.INTEGER, ColumnType.DECIMAL)
        return self is Figure.COUNT or kind is not ColumnType.BOOLEAN


_FIGURES = frozenset(str(figure) for figure in Figure)


class Aggregate(msgspec.Struct, frozen=True):
    """One figure of every group: `count` of the rows, or a figure of one column's values. Missing values do not
    take part; a figure of no values at all is missing."""

    figure: Figure
    column: str = ""

    @property
    def name(self) -> str:
        """What the figure is called in answers: ``count``, ``sum:注册资本``."""
        return f"{self.figure}:{self.column}" if self.column else str(self.figure)

    @classmethod
    def parse(cls, text: str) -> Aggregate:
        """Read ``count`` or ``sum:注册资本``. Raises InvalidInput."""
        figure, separator, column = text.partition(":")
        if figure not in _FIGURES or (separator and not column) or (figure != Figure.COUNT and not column):
            shown = text[:100].encode("utf-8", "replace").decode()
            what = f"“{shown}”不是统计项，应为 count 或 sum、avg、min、max 加冒号和列名，如 sum:金额"
            raise InvalidInput.one("aggregate", what)
        return cls(Figure(figure), column)
