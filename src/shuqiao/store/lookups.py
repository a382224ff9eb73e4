"""Lookups by a declared key: one key on the hot path, or many in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.binding import BoundPredicate, BoundQuery, typed_value
from shuqiao.store.conditions import Op, Scalar
from shuqiao.store.engines.sqlite import SqliteDialect, SqliteEngine, turned, turns
from shuqiao.store.query import MAX_LIMIT
from shuqiao.store.sql import Sql, compile_export, compile_rows, compile_where, join
from shuqiao.store.types import Column, ColumnType

MAX_KEYS = 1_000
MAX_FOUND = 100_000
"""Rows that the keys of one call may have together."""


class PreparedLookup:
    """One lookup of one version under one scope, compiled once: the hot path only binds and steps.
    `unique` says that a key names at most one row. May be used by any number of threads."""

    def __init__(
        self, engine: SqliteEngine, key: tuple[Column, ...], query: BoundQuery, *, unique: bool
    ) -> None:
        self.columns = query.names
        self.unique = unique
        self._engine = engine
        self._key = key
        dialect = SqliteDialect()
        slots = tuple(BoundPredicate(column, Op.EQ, (_Slot(),)) for column in key)
        sql = compile_found(_with_where(query, slots), dialect, unique=unique)
        self._sql = sql.text
        places = [place for place, value in enumerate(sql.params) if isinstance(value, _Slot)]
        self._before, self._after = sql.params[: places[0]], sql.params[places[-1] + 1 :]
        self._turns = turns(query.select)
        self._dialect = dialect
        many = compile_many(key, query, dialect)
        self._many, self._many_before, self._many_after = many
        self._plain = all(column.type is ColumnType.TEXT for column in key)

    def run(self, values: Sequence[Scalar]) -> list[tuple[Any, ...]]:
        """The rows with this key, values in the order of `columns`, ready for JSON. Raises InvalidInput for a
        value that cannot be of the key's type."""
        if len(values) != len(self._key):
            raise InvalidInput.one("key", f"查询键有 {len(self._key)} 列，收到 {len(values)} 个值")
        bound = self._bind(values)
        rows = self._engine.connection.execute(self._sql, (*self._before, *bound, *self._after)).fetchall()
        return turned(rows, self._turns) if self._turns else rows

    def run_many(self, keys: Sequence[Sequence[Scalar]]) -> list[list[tuple[Any, ...]]]:
        """What `run` answers for each key, in the order of the keys, a key asked twice answered twice; one statement.

        Raises InvalidInput for more than `MAX_KEYS` keys, for a value that cannot be of the key's type, and when
        the keys together have more than `MAX_FOUND` rows.
        """
        if len(keys) > MAX_KEYS:
            raise InvalidInput.one("keys", f"一次最多查 {MAX_KEYS} 个键，收到 {len(keys)} 个")
        packed = msgspec.json.encode([self._bound_key(place, key) for place, key in enumerate(keys)])
        rows = self._engine.connection.execute(
            self._many, (*self._many_before, packed.decode(), *self._many_after)
        ).fetchall()
        if len(rows) > MAX_FOUND:
            raise InvalidInput.one("keys", f"这些键共有超过 {MAX_FOUND} 行，请分几次查询")
        answers: list[list[tuple[Any, ...]]] = [[] for _ in keys]
        width = len(self.columns)
        for row in rows:
            answers[row[width]].append(row[:width])
        return [turned(found[:MAX_LIMIT], self._turns) for found in answers]

    def _bound_key(self, place: int, values: Sequence[Scalar]) -> Sequence[Any]:
        if len(values) != len(self._key):
            raise InvalidInput.one(f"keys[{place}]", f"查询键有 {len(self._key)} 列，收到 {len(values)} 个值")
        try:
            return self._bind(values)
        except InvalidInput as error:
            raise InvalidInput(
                Problem(f"keys[{place}].{problem.where}", problem.what) for problem in error.problems
            ) from None

    def _bind(self, values: Sequence[Scalar]) -> Sequence[Any]:
        if self._plain and all(type(value) is str and value.isalnum() for value in values):
            return values
        pairs = zip(self._key, values, strict=True)
        return [self._dialect.value(column, typed_value(column, value)) for column, value in pairs]


class _Slot:
    """Stands where a key value will be bound."""


def _with_where(query: BoundQuery, first: tuple[BoundPredicate, ...]) -> BoundQuery:
    return BoundQuery(query.select, (*first, *query.where), (), query.limit, None, query.hash_key)


def compile_found(query: BoundQuery, dialect: SqliteDialect, *, unique: bool) -> Sql:
    """The rows of one key. Where there is one at most, nothing is put in order or cut off: SQLite would make a tree
    for it, a quarter of the time that such a lookup takes."""
    if unique:
        shown = [dialect.shown(column, mask, query.hash_key) for column, mask in query.select]
        return compile_export(query, shown, dialect)
    return compile_rows(query, dialect, limit=MAX_LIMIT, position=False)


def compile_many(
    key: Sequence[Column], query: BoundQuery, dialect: SqliteDialect
) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
    """Lookups of many keys as one statement: its text, and the parameters before and after the keys, which come as
    JSON, a list of values each. CROSS JOIN makes SQLite walk the keys and step into the index for each."""
    shown = join(", ", [dialect.shown(column, mask, query.hash_key) for column, mask in query.select])
    met = " AND ".join(f"{column.code} = asked.value ->> {place}" for place, column in enumerate(key))
    where = compile_where(query.where, dialect)
    text = (
        f"SELECT {shown.text}, asked.key FROM json_each(?) AS asked CROSS JOIN rows "  # noqa: S608  # our own codes
        f"WHERE {met} AND {where.text} ORDER BY asked.key, n LIMIT {MAX_FOUND + 1}"
    )
    return text, shown.params, where.params
