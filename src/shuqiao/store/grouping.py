"""Aggregates bound to a version and a scope, and their SQL. Only columns granted unmasked take part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.aggregates import AVERAGE_PLACES, Aggregate, Figure
from shuqiao.store.binding import (
    BoundPredicate,
    BoundScope,
    bind_filters,
    check_granted,
    check_known,
    check_unmasked,
    finder,
    typed_value,
)
from shuqiao.store.cells import render_decimal
from shuqiao.store.conditions import Scalar
from shuqiao.store.cursors import Order, read_cursor
from shuqiao.store.query import Query, SortKey
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Dialect, Sql, compile_beyond, compile_order, compile_where, join
from shuqiao.store.types import Column, ColumnType

_MAX_SUM = 2**126


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the answer. `column` has the answer's name, the code it has in the SQL and its type; `figure` and
    `source` say what is worked out of which column (None: all rows, or, for a group's value, the column itself)."""

    column: Column
    source: Column | None
    figure: Figure | None = None

    @property
    def wide(self) -> bool:
        """Whether the engine gives a whole number of units that may pass 64 bits."""
        return self.figure in (Figure.SUM, Figure.AVG)

    def text_of(self, units: int) -> str:
        """A wide number as answers carry it."""
        return render_decimal(units, self.column.scale, self.column.form)


@dataclass(frozen=True, slots=True)
class BoundAggregate:
    """An aggregate that may run. `sort` ends with all group values, so that no two rows of the answer tie."""

    groups: tuple[Output, ...]
    figures: tuple[Output, ...]
    where: tuple[BoundPredicate, ...]
    sort: tuple[tuple[Output, bool], ...]
    limit: int
    after: tuple[Any, ...] | None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The columns of the answer."""
        return (*self.groups, *self.figures)

    @property
    def order(self) -> Order:
        """The order as cursors keep it."""
        return [(output.column.name, descending) for output, descending in self.sort]


def bind_aggregate(
    columns: tuple[Column, ...], scope: BoundScope, query: Query, version_id: str
) -> BoundAggregate:
    """The aggregate inside the scope. Raises InvalidInput naming unknown columns and what cannot be worked out,
    NotInScope for columns that are not granted or granted masked."""
    find = finder(columns)
    aggregates = query.aggregates or (Aggregate(Figure.COUNT),)
    used = [
        *query.group,
        *(one.column for one in aggregates if one.column),
        *(p.column for p in query.filters),
    ]
    check_known(find, used)
    touched = [column for name in used if (column := find(name))]
    check_granted(scope, touched)
    check_unmasked(scope, touched)
    if not scope.columns:
        check_granted(scope, columns)
    grouped = dict.fromkeys(column for name in query.group if (column := find(name)))
    groups = tuple(
        Output(Column(column.name, f"g{place}", column.type, column.form, column.scale), column)
        for place, column in enumerate(grouped, start=1)
    )
    chosen = dict.fromkeys((one.figure, find(one.column) if one.column else None) for one in aggregates)
    figures = tuple(_figure(figure, column, f"a{place}") for place, (figure, column) in enumerate(chosen, 1))
    _check_names((*groups, *figures))
    filters = bind_filters(find, query.filters)
    sort = _bind_sort(columns, groups, figures, query.sort)
    bound = BoundAggregate(groups, figures, (*scope.where, *filters), sort, query.limit, None)
    if not query.cursor:
        return bound
    values = read_cursor(query.cursor, bound.order, version_id)
    after = tuple(
        None if value is None else _position(output, value)
        for (output, _), value in zip(sort, values, strict=True)
    )
    return BoundAggregate(groups, figures, bound.where, sort, query.limit, after)


def _figure(figure: Figure, column: Column | None, code: str) -> Output:
    if column is None:
        return Output(Column(str(figure), code, ColumnType.INTEGER), None, figure)
    name = f"{figure}:{column.name}"
    if not figure.fits(column.type):
        raise InvalidInput.one(name, f"{column.type.label}列不能这样统计")
    match figure:
        case Figure.COUNT:
            shown = Column(name, code, ColumnType.INTEGER)
        case Figure.SUM:
            shown = Column(name, code, ColumnType.DECIMAL, column.form, column.scale)
        case Figure.AVG:
            shown = Column(name, code, ColumnType.DECIMAL, "minimal", column.scale + AVERAGE_PLACES)
        case Figure.MIN | Figure.MAX:
            shown = Column(name, code, column.type, column.form, column.scale)
    return Output(shown, column, figure)


def _check_names(outputs: tuple[Output, ...]) -> None:
    names = [output.column.name for output in outputs]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        raise InvalidInput(Problem(name, "分组列与统计项同名，无法区分") for name in twice)


def _bind_sort(
    columns: tuple[Column, ...],
    groups: tuple[Output, ...],
    figures: tuple[Output, ...],
    keys: tuple[SortKey, ...],
) -> tuple[tuple[Output, bool], ...]:
    """What is asked, then every group value: rows of the answer differ in these."""
    find = finder(columns)
    named = {output.column.name: output for output in figures}
    named |= {output.column.name: output for output in groups}
    chosen: dict[Output, bool] = {}
    problems = []
    for key in keys:
        output = named.get(_canonical(key.column, find))
        if output is None:
            problems.append(Problem(key.column, "分组统计只能按分组列和统计项排序"))
        else:
            chosen.setdefault(output, key.descending)
    if problems:
        raise InvalidInput(problems)
    for output in groups:
        chosen.setdefault(output, False)
    return tuple(chosen.items())


def _canonical(name: str, find: Callable[[str], Column | None]) -> str:
    """The answer's name for what a sort key names by a column's code or name."""
    try:
        figure, rest = (one := Aggregate.parse(name)).figure, one.column
    except InvalidInput:
        figure, rest = None, name
    column = find(rest)
    if column is None:
        return name
    return f"{figure}:{column.name}" if figure else column.name


def _position(output: Output, value: Scalar) -> Any:
    """One value of a cursor, typed. Raises InvalidInput."""
    if not output.wide:
        return typed_value(output.column, value)
    text = str(value)
    if len(text) > 40 or not text.removeprefix("-").isdecimal() or abs(int(text)) >= _MAX_SUM:
        raise InvalidInput.one("cursor", "不是有效的翻页位置")
    return int(text)


def compile_groups(query: BoundAggregate, dialect: Dialect) -> Sql:
    """The SELECT of one page of groups. Each row: the answer's columns, then the values of the order."""
    shown = [_shown(output, dialect) for output in query.outputs]
    shown += [_shown(output, dialect) for output, _ in query.sort]
    parts = [Sql("SELECT"), join(", ", shown), Sql("FROM ("), _grouped(query, dialect), Sql(") WHERE")]
    if query.after is None:
        parts.append(Sql("1 = 1"))
    else:
        after = [
            (output.column.code, down, None if value is None else _bind(output, value, dialect))
            for (output, down), value in zip(query.sort, query.after, strict=True)
        ]
        parts.append(compile_beyond(after))
    order = [(output.column.code, down) for output, down in query.sort]
    if order:
        parts.append(compile_order(order))
    parts.append(Sql("LIMIT ?", (query.limit + 1,)))
    return join(" ", parts)


def compile_group_count(query: BoundAggregate, dialect: Dialect) -> Sql:
    """How many groups there are."""
    return join(" ", [Sql("SELECT count(*) FROM ("), _grouped(query, dialect), Sql(")")])


def _grouped(query: BoundAggregate, dialect: Dialect) -> Sql:
    inner = [Sql(f"{output.source.code} AS {output.column.code}") for output in query.groups if output.source]
    inner += [Sql(f"{_worked_out(output, dialect)} AS {output.column.code}") for output in query.figures]
    parts = [Sql("SELECT"), join(", ", inner), Sql("FROM"), dialect.table(), Sql("WHERE")]
    parts.append(compile_where(query.where, dialect))
    if query.groups:
        codes = ", ".join(output.source.code for output in query.groups if output.source)
        parts.append(Sql(f"GROUP BY {codes}"))
    return join(" ", parts)


def _worked_out(output: Output, dialect: Dialect) -> str:
    if output.source is None:
        return "count(*)"
    match output.figure:
        case Figure.SUM:
            return dialect.sum_of(output.source)
        case Figure.AVG:
            return dialect.average_of(output.source)
        case _:
            return f"{output.figure}({output.source.code})"


def _shown(output: Output, dialect: Dialect) -> Sql:
    return Sql(output.column.code) if output.wide else dialect.shown(output.column, Mask.NONE, b"")


def _bind(output: Output, value: Any, dialect: Dialect) -> Any:
    return dialect.wide(value) if output.wide else dialect.value(output.column, value)


@dataclass(frozen=True, slots=True)
class GroupRows:
    """A page of groups as answers carry it; `last` are the order's values of its last row, for the cursor."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    last: tuple[Any, ...]


def page_of_groups(query: BoundAggregate, found: list[tuple[Any, ...]], dialect: Dialect) -> GroupRows:
    """What an engine gave, as answers carry it."""
    placed = (*query.outputs, *(output for output, _ in query.sort))
    turns = dict(dialect.turns([(output.column, Mask.NONE) for output in placed]))
    names = tuple(output.column.name for output in query.outputs)

    def finish(place: int, value: Any) -> Any:
        if value is None:
            return None
        output = placed[place]
        if output.wide:
            units = dialect.units(value)
            return output.text_of(units) if place < len(names) else str(units)
        return turns[place](value) if place in turns else value

    rows = [[finish(place, value) for place, value in enumerate(row)] for row in found[: query.limit]]
    last = tuple(rows[-1][len(names) :]) if rows else ()
    return GroupRows(names, [dict(zip(names, row, strict=False)) for row in rows], last)
