"""What the columns of a built version look like, in words for its page. The store looked; nothing is computed here.

Of a sensitive column only counts and lengths are told: no value of it, nor how its values are written.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shuqiao.resources.queries import shelf
from shuqiao.resources.types import PERSONAL_KINDS

if TYPE_CHECKING:
    from shuqiao.resources.models import Version
    from shuqiao.store.building.profiling import ColumnFacts, Share


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column. `frequent`: value and rows; `shapes` and `units`: text and share of the values looked at (0 to 1);
    `span`: least and greatest value; `lengths`: characters of the shortest and longest text."""

    name: str
    type: str
    missing: int
    distinct: int
    exact: bool
    span: str
    lengths: str
    frequent: tuple[tuple[str, int], ...]
    shapes: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    personal: str
    sensitive: bool


def lines_of(version: Version, names: Collection[str]) -> list[ColumnLine] | None:
    """These columns of a version, in its order; None when it was built before columns were looked at."""
    found = shelf().kept_profile(version.store_version)
    if found is None:
        return None
    sensitive = version.sensitive_columns
    return [_line(facts, facts.name in sensitive) for facts in found.columns if facts.name in names]


def _line(facts: ColumnFacts, sensitive: bool) -> ColumnLine:
    return ColumnLine(
        name=facts.name,
        type=facts.type.label,
        missing=facts.nulls,
        distinct=facts.distinct,
        exact=facts.distinct_exact,
        span="" if sensitive else _span(facts.least, facts.greatest),
        lengths=_span(facts.shortest, facts.longest),
        frequent=() if sensitive else tuple((one.value, one.count) for one in facts.frequent),
        shapes=() if sensitive else _shares(facts.shapes),
        units=() if sensitive else _shares(facts.units),
        personal=PERSONAL_KINDS.get(facts.personal, "个人信息") if facts.personal else "",
        sensitive=sensitive,
    )


def _span(least: object, greatest: object) -> str:
    if least is None:
        return ""
    return str(least) if least == greatest else f"{least} 至 {greatest}"


def _shares(shares: Collection[Share]) -> tuple[tuple[str, str], ...]:
    return tuple((one.text, f"{one.share:.0%}" if one.share >= 0.005 else "不到 1%") for one in shares)
