"""A bound query as SQL: only our own codes and keywords in the text, every value a bound parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shuqiao.store.binding import BoundPredicate, BoundQuery
from shuqiao.store.conditions import Op
from shuqiao.store.scope import Mask
from shuqiao.store.types import Column

_COMPARE = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}

Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters in order."""

    text: str
    params: tuple[Any, ...] = ()


class Dialect(Protocol):
    """What differs between the engines."""

    def table(self) -> Sql:
        """What rows are read from."""
        ...

    def shown(self, column: Column, mask: Mask, hash_key: bytes) -> Sql:
        """The expression for what the scope shows of a column."""
        ...

    def value(self, column: Column, value: Any) -> Any:
        """A typed value as this engine binds it."""
        ...

    def sum_of(self, column: Column) -> str:
        """The exact sum of a column's units (a decimal's last place) as a wide number."""
        ...

    def average_of(self, column: Column) -> str:
        """The average in millionths of a unit as a wide number, half of one rounded away from zero."""
        ...

    def wide(self, value: int) -> Any:
        """A wide number as this engine binds it."""
        ...

    def units(self, value: Any) -> int:
        """A wide number as this engine gives it."""
        ...

    def turns(self, shown: Sequence[tuple[Column, Mask]]) -> tuple[tuple[int, Turn], ...]:
        """(position, how) for shown values that the engine gives in another form than answers carry."""
        ...

    contains: str
    startswith: str


def join(separator: str, parts: Sequence[Sql]) -> Sql:
    """Pieces in a row."""
    return Sql(separator.join(part.text for part in parts), tuple(p for part in parts for p in part.params))


def compile_predicate(predicate: BoundPredicate, dialect: Dialect) -> Sql:
    """One predicate. Missing values satisfy only `isnull`, as SQL has it."""
    code, op = predicate.column.code, predicate.op
    if op is Op.ISNULL:
        return Sql(f"{code} IS NULL" if predicate.values[0] else f"{code} IS NOT NULL")
    params = tuple(dialect.value(predicate.column, value) for value in predicate.values)
    match op:
        case Op.IN:
            return Sql(f"{code} IN ({', '.join('?' * len(params))})", params)
        case Op.BETWEEN:
            return Sql(f"{code} BETWEEN ? AND ?", params)
        case Op.CONTAINS:
            return Sql(dialect.contains.format(code), params)
        case Op.STARTSWITH:
            times = dialect.startswith.count("?")
            return Sql(dialect.startswith.format(code), params * times)
        case _:
            return Sql(f"{code} {_COMPARE[op]} ?", params)


def compile_where(predicates: Sequence[BoundPredicate], dialect: Dialect) -> Sql:
    """All predicates together; ``1 = 1`` for none."""
    return join(" AND ", [compile_predicate(p, dialect) for p in predicates] or [Sql("1 = 1")])


def compile_after(query: BoundQuery, dialect: Dialect) -> Sql:
    """The rows after the cursor in the query's order, missing values last."""
    assert query.after is not None
    *values, number = query.after
    position = [
        (column.code, descending, None if value is None else dialect.value(column, value))
        for (column, descending), value in zip(query.sort, values, strict=True)
    ]
    return compile_beyond(position, Sql("n > ?", (number,)))


def compile_beyond(position: Sequence[tuple[str, bool, Any]], last: Sql | None = None) -> Sql:
    """What comes after a position of (code, descending, value) in that order, missing values last; where all of them
    are equal, `last` decides."""
    same: list[Sql] = []
    cases: list[Sql] = []
    for code, descending, value in position:
        if value is None:
            same.append(Sql(f"{code} IS NULL"))
            continue
        beyond = Sql(f"({code} {'<' if descending else '>'} ? OR {code} IS NULL)", (value,))
        cases.append(join(" AND ", [*same, beyond]))
        same.append(Sql(f"{code} = ?", (value,)))
    if last is not None:
        cases.append(join(" AND ", [*same, last]))
    whole = join(" OR ", [Sql(f"({case.text})", case.params) for case in cases] or [Sql("1 = 0")])
    return Sql(f"({whole.text})", whole.params)


def compile_order(order: Sequence[tuple[str, bool]], *last: str) -> Sql:
    """ORDER BY, missing values last in both directions."""
    parts = [f"{code} IS NULL, {code} {'DESC' if descending else 'ASC'}" for code, descending in order]
    return Sql(f"ORDER BY {', '.join([*parts, *last])}")


def compile_export(query: BoundQuery, shown: Sequence[Sql], dialect: Dialect) -> Sql:
    """The SELECT of expressions over all rows of a query, in its order."""
    parts = [Sql("SELECT"), join(", ", shown), Sql("FROM"), dialect.table()]
    parts += [Sql("WHERE"), compile_where(query.where, dialect)]
    if query.sort:
        parts.append(compile_order([(column.code, down) for column, down in query.sort], "n"))
    return join(" ", parts)


def compile_rows(query: BoundQuery, dialect: Dialect, *, limit: int, position: bool) -> Sql:
    """The SELECT of a query. With `position`, each row ends with its sort values and its number."""
    shown = [dialect.shown(column, mask, query.hash_key) for column, mask in query.select]
    if position:
        shown += [dialect.shown(column, Mask.NONE, b"") for column, _ in query.sort]
        shown.append(Sql("n"))
    return _compile_page(query, shown, dialect, limit)


def _compile_page(query: BoundQuery, shown: Sequence[Sql], dialect: Dialect, limit: int) -> Sql:
    where = [compile_where(query.where, dialect)]
    if query.after is not None:
        where.append(compile_after(query, dialect))
    order = compile_order([(column.code, down) for column, down in query.sort], "n")
    parts = [Sql("SELECT"), join(", ", shown), Sql("FROM"), dialect.table(), Sql("WHERE")]
    return join(" ", [*parts, join(" AND ", where), order, Sql("LIMIT ?", (limit,))])


def compile_numbers(query: BoundQuery, dialect: Dialect, *, limit: int) -> Sql:
    """The row numbers of a page, in its order: few columns are read."""
    return _compile_page(query, [Sql("n")], dialect, limit)


def compile_numbered(query: BoundQuery, dialect: Dialect, numbers: str) -> Sql:
    """The rows with these numbers (a JSON list), each with its sort values and number, in any order."""
    shown = [dialect.shown(column, mask, query.hash_key) for column, mask in query.select]
    shown += [dialect.shown(column, Mask.NONE, b"") for column, _ in query.sort]
    parts = [Sql("SELECT"), join(", ", [*shown, Sql("n")]), Sql("FROM"), dialect.table()]
    parts.append(Sql("WHERE n IN (SELECT value FROM json_each(?))", (numbers,)))
    return join(" ", parts)


def compile_count(predicates: Sequence[BoundPredicate], dialect: Dialect) -> Sql:
    """How many rows satisfy the predicates."""
    parts = [Sql("SELECT count(*) FROM"), dialect.table(), Sql("WHERE"), compile_where(predicates, dialect)]
    return join(" ", parts)
