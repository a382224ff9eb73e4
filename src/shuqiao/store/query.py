"""The query language, parsed into a type: `select`, `field__op=value`, `sort`, `limit`, `cursor`, `count`, and for
figures of groups `group` and `aggregate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.aggregates import MAX_AGGREGATES, MAX_GROUP_COLUMNS, Aggregate
from shuqiao.store.conditions import Op, Predicate

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 100
MAX_IN_VALUES = 1_000
MAX_FILTERS = 50
MAX_FILTER_VALUES = 5_000
MAX_FILTER_CHARS = 200_000
"""What all filters of a query may bring together."""
MAX_SORT_COLUMNS = 16
RESERVED = frozenset({"select", "sort", "limit", "cursor", "count", "group", "aggregate"})
_OPS = frozenset(Op)


class SortKey(msgspec.Struct, frozen=True):
    """One column to sort by. Missing values come last in both directions."""

    column: str
    descending: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a version, by column names or codes. `select` None means every granted column.

    With `group` or `aggregates` the answer has one row a group (`VersionHandle.aggregate`): the group's values and
    its figures, `count` when none is named. Such a query has no `select`.
    """

    select: tuple[str, ...] | None = None
    filters: tuple[Predicate, ...] = ()
    sort: tuple[SortKey, ...] = ()
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    count: str = "none"
    group: tuple[str, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()

    def __post_init__(self) -> None:
        problems = []
        if not 1 <= self.limit <= MAX_LIMIT:
            problems.append(Problem("limit", f"应在 1 到 {MAX_LIMIT} 之间，收到 {self.limit}"))
        if self.count not in ("none", "exact"):
            problems.append(Problem("count", f"只能是 none 或 exact，收到 {self.count}"))
        if len(self.filters) > MAX_FILTERS:
            problems.append(Problem("filters", f"条件最多 {MAX_FILTERS} 个"))
        problems += _filter_problems(self.filters)
        if len(self.sort) > MAX_SORT_COLUMNS:
            problems.append(Problem("sort", f"排序最多 {MAX_SORT_COLUMNS} 列"))
        if len(self.group) > MAX_GROUP_COLUMNS:
            problems.append(Problem("group", f"分组最多 {MAX_GROUP_COLUMNS} 列"))
        if len(self.aggregates) > MAX_AGGREGATES:
            problems.append(Problem("aggregate", f"统计项最多 {MAX_AGGREGATES} 个"))
        if self.aggregated and self.select is not None:
            problems.append(Problem("select", "分组统计的列由 group 和 aggregate 决定，不能再用 select"))
        if problems:
            raise InvalidInput(problems)

    @property
    def aggregated(self) -> bool:
        """Whether figures of groups are asked, not rows."""
        return bool(self.group or self.aggregates)

    @classmethod
    def parse(cls, params: Mapping[str, str] | Iterable[tuple[str, str]]) -> Query:
        """Read decoded URL parameters, pairs or a mapping. Raises InvalidInput naming every bad one."""
        pairs = list(params.items() if isinstance(params, Mapping) else params)
        problems: list[Problem] = []
        known = _reserved_values(pairs, problems)
        filters = tuple(_predicate(name, value) for name, value in pairs if name not in RESERVED)
        limit = _limit(known.get("limit"), problems)
        count = known.get("count", "none")
        if count not in ("none", "exact"):
            problems.append(Problem("count", f"只能是 none 或 exact，收到 {count}"))
        aggregates = _aggregates(known.get("aggregate", ""), problems)
        if problems:
            raise InvalidInput(problems)
        select = known.get("select")
        return cls(
            select=_names(select) if select is not None else None,
            filters=filters,
            sort=tuple(_sort_key(name) for name in _names(known.get("sort", ""))),
            limit=limit,
            cursor=known.get("cursor") or None,
            count=count,
            group=_names(known.get("group", "")),
            aggregates=aggregates,
        )


def _filter_problems(filters: tuple[Predicate, ...]) -> Iterable[Problem]:
    """The values of all filters are counted together: an engine plans every one of them."""
    count = sum(len(one.values) for one in filters)
    if count > MAX_FILTER_VALUES:
        yield Problem("filters", f"条件的取值一共最多 {MAX_FILTER_VALUES} 个，收到 {count} 个")
    chars = sum(len(value) for one in filters for value in one.values if isinstance(value, str))
    if chars > MAX_FILTER_CHARS:
        yield Problem("filters", f"条件的取值一共最多 {MAX_FILTER_CHARS} 个字符，收到 {chars} 个")


def _reserved_values(pairs: list[tuple[str, str]], problems: list[Problem]) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, value in pairs:
        if name in RESERVED:
            if name in known:
                problems.append(Problem(name, "只能出现一次"))
            known[name] = value
    return known


def _limit(text: str | None, problems: list[Problem]) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    problems.append(Problem("limit", f"应在 1 到 {MAX_LIMIT} 之间，收到 {text}"))
    return DEFAULT_LIMIT


def _names(text: str) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


def _aggregates(text: str, problems: list[Problem]) -> tuple[Aggregate, ...]:
    found = []
    for part in _names(text):
        try:
            found.append(Aggregate.parse(part))
        except InvalidInput as error:
            problems += error.problems
    return tuple(found)


def _sort_key(text: str) -> SortKey:
    if text.startswith("-"):
        return SortKey(text[1:], descending=True)
    return SortKey(text)


def _predicate(name: str, value: str) -> Predicate:
    column, separator, op = name.rpartition("__")
    if not separator or not column or op not in _OPS:
        return Predicate(name, Op.EQ, (value,))
    if op in (Op.IN, Op.BETWEEN):
        return Predicate(column, Op(op), tuple(value.split(",")))
    return Predicate(column, Op(op), (value,))
