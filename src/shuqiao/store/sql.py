"""A bound query as SQL: only our own codes and keywords in the text, every value a bound parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shuqiao.store.binding import BoundPredicate, BoundQuery
from shuqiao.store.conditions import Op
from shuqiao.store.scope import Mask
from shuqiao.store.types import Column

_COMPARE = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}


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
    same: list[Sql] = []
    cases: list[Sql] = []
    for (column, descending), value in zip(query.sort, values, strict=True):
        if value is None:
            same.append(Sql(f"{column.code} IS NULL"))
            continue
        bound = dialect.value(column, value)
        beyond = Sql(f"({column.code} {'<' if descending else '>'} ? OR {column.code} IS NULL)", (bound,))
        cases.append(join(" AND ", [*same, beyond]))
        same.append(Sql(f"{column.code} = ?", (bound,)))
    cases.append(join(" AND ", [*same, Sql("n > ?", (number,))]))
    return join(" OR ", [Sql(f"({case.text})", case.params) for case in cases])


def compile_rows(query: BoundQuery, dialect: Dialect, *, limit: int | None, position: bool) -> Sql:
    """The SELECT of a query. With `position`, each row ends with its sort values and its number."""
    shown = [dialect.shown(column, mask, query.hash_key) for column, mask in query.select]
    if position:
        shown += [dialect.shown(column, Mask.NONE, b"") for column, _ in query.sort]
        shown.append(Sql("n"))
    where = [compile_where(query.where, dialect)]
    if query.after is not None:
        after = compile_after(query, dialect)
        where.append(Sql(f"({after.text})", after.params))
    parts = [
        Sql("SELECT"),
        join(", ", shown),
        Sql("FROM"),
        dialect.table(),
        Sql("WHERE"),
        join(" AND ", where),
    ]
    order = [
        f"{column.code} IS NULL, {column.code} {'DESC' if down else 'ASC'}" for column, down in query.sort
    ]
    if order or limit is not None:
        parts.append(Sql(f"ORDER BY {', '.join([*order, 'n'])}"))
    if limit is not None:
        parts.append(Sql("LIMIT ?", (limit,)))
    return join(" ", parts)


def compile_count(predicates: Sequence[BoundPredicate], dialect: Dialect) -> Sql:
    """How many rows satisfy the predicates."""
    parts = [Sql("SELECT count(*) FROM"), dialect.table(), Sql("WHERE"), compile_where(predicates, dialect)]
    return join(" ", parts)
