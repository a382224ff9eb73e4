"""A published version, opened for reading: lookups, pages and exports, each only inside a scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store.binding import (
    BoundPredicate,
    BoundQuery,
    bind_query,
    bind_scope,
    typed_value,
    write_cursor,
)
from shuqiao.store.conditions import Op, Predicate, Scalar
from shuqiao.store.engines.duck import DuckDialect, DuckEngine
from shuqiao.store.engines.sqlite import SqliteDialect, SqliteEngine, turned, turns
from shuqiao.store.export import export_rows
from shuqiao.store.files import OpenContent, open_content
from shuqiao.store.holding import Hold
from shuqiao.store.query import MAX_LIMIT, Query
from shuqiao.store.scope import Mask, Scope
from shuqiao.store.sql import compile_count, compile_rows
from shuqiao.store.types import Column, ColumnType, Meta
from shuqiao.store.versions import DATA, META, QUARANTINE, ROWS

Row = dict[str, Any]


class Page(msgspec.Struct, frozen=True):
    """One page of rows by column name. `next_cursor` None: nothing follows. `total` only when counted."""

    columns: tuple[str, ...]
    rows: list[Row]
    next_cursor: str | None = None
    total: int | None = None


class PreparedLookup:
    """One lookup of one version under one scope, compiled once: the hot path only binds and steps.
    May be used by any number of threads."""

    def __init__(self, engine: SqliteEngine, key: tuple[Column, ...], query: BoundQuery) -> None:
        self.columns = query.names
        self._engine = engine
        self._key = key
        dialect = SqliteDialect()
        slots = tuple(BoundPredicate(column, Op.EQ, (_Slot(),)) for column in key)
        sql = compile_rows(_with_where(query, slots), dialect, limit=MAX_LIMIT, position=False)
        self._sql = sql.text
        places = [place for place, value in enumerate(sql.params) if isinstance(value, _Slot)]
        self._before, self._after = sql.params[: places[0]], sql.params[places[-1] + 1 :]
        self._turns = turns(query.select)
        self._dialect = dialect
        self._plain = all(column.type is ColumnType.TEXT for column in key)

    def run(self, values: Sequence[Scalar]) -> list[tuple[Any, ...]]:
        """The rows with this key, values in the order of `columns`, ready for JSON. Raises InvalidInput for a
        value that cannot be of the key's type."""
        if len(values) != len(self._key):
            raise InvalidInput.one("key", f"查询键有 {len(self._key)} 列，收到 {len(values)} 个值")
        bound = self._bind(values)
        rows = self._engine.connection.execute(self._sql, (*self._before, *bound, *self._after)).fetchall()
        return turned(rows, self._turns) if self._turns else rows

    def _bind(self, values: Sequence[Scalar]) -> Sequence[Any]:
        if self._plain and all(type(value) is str and value.isalnum() for value in values):
            return values
        pairs = zip(self._key, values, strict=True)
        return [self._dialect.value(column, typed_value(column, value)) for column, value in pairs]


class _Slot:
    """Stands where a key value will be bound."""


def _with_where(query: BoundQuery, first: tuple[BoundPredicate, ...]) -> BoundQuery:
    return BoundQuery(query.select, (*first, *query.where), (), query.limit, None, query.hash_key)


class VersionHandle:
    """An open version. Handles are safe to share between threads; close them when the version is retired."""

    def __init__(self, path: Path) -> None:
        try:
            self.hold = Hold(path / META)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"数据版本 {path.name}") from None
        self.meta = msgspec.json.decode(self.hold.read(), type=Meta)
        self.path = path
        self._duck = DuckEngine()
        self._duck_dialect = DuckDialect(path / DATA)
        self._sqlite = SqliteEngine(path / ROWS) if self.meta.keys else None

    def __enter__(self) -> VersionHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file handles back."""
        if self._sqlite is not None:
            self._sqlite.close()
        self.hold.close()

    @property
    def id(self) -> str:
        """The version's id."""
        return self.meta.id

    @property
    def columns(self) -> tuple[Column, ...]:
        """The version's columns."""
        return self.meta.columns

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def open_content(self) -> OpenContent:
        """The bytes of a file version and how they are handed out. Raises NotFound for a table."""
        return open_content(self.path, self.meta)

    def quarantine_path(self) -> Path:
        """The quarantine report (JSON lines) of this version."""
        return self.path / QUARANTINE

    def prepare_lookup(
        self, key_columns: Sequence[str], scope: Scope, select: Sequence[str] | None = None
    ) -> PreparedLookup:
        """Compile a lookup by a declared key. The key's columns must be granted unmasked.

        Raises InvalidInput naming the declared keys when it is none of them, NotInScope as `rows` does.
        """
        wanted = tuple(key_columns)
        if self._sqlite is None or wanted not in {key.columns for key in self.meta.keys}:
            declared = "；".join("＋".join(key.columns) for key in self.meta.keys) or "无"
            raise InvalidInput.one("＋".join(wanted), f"不是声明过的查询键（已声明：{declared}）")
        probe = Query(
            select=tuple(select) if select is not None else None,
            filters=tuple(Predicate(name, Op.ISNULL, (False,)) for name in wanted),
        )
        bound_scope = bind_scope(self.columns, scope)
        bound = bind_query(self.columns, bound_scope, probe, self.id)
        scoped = BoundQuery(bound.select, bound_scope.where, (), bound.limit, None, bound.hash_key)
        return PreparedLookup(self._sqlite, tuple(self._by_name[name] for name in wanted), scoped)

    def lookup(self, key_columns: Sequence[str], values: Sequence[Scalar], scope: Scope) -> list[Row]:
        """The rows with this key inside the scope, by column name."""
        prepared = self.prepare_lookup(key_columns, scope)
        return [dict(zip(prepared.columns, row, strict=True)) for row in prepared.run(values)]

    def rows(self, query: Query, scope: Scope, *, engine: str | None = None) -> Page:
        """One page of the rows the query means inside the scope. `engine` ("sqlite", "duckdb") is chosen by the
        query's shape unless named. Raises InvalidInput and NotInScope before anything is read."""
        bound = bind_query(self.columns, bind_scope(self.columns, scope), query, self.id)
        found = self._run_page(bound, engine or self._engine_for(bound))
        names, width = bound.names, len(bound.select)
        page = found[: bound.limit]
        more = len(found) > bound.limit
        return Page(
            columns=names,
            rows=[dict(zip(names, row, strict=False)) for row in page],
            next_cursor=write_cursor(self.id, bound.sort, page[-1][width:]) if more else None,
            total=self._count(bound) if query.count == "exact" else None,
        )

    def export(
        self,
        query: Query,
        scope: Scope,
        format: str,  # noqa: A002  # the word callers and addresses use
        *,
        bom: bool = False,
    ) -> Iterator[bytes]:
        """All rows the query means inside the scope as a file, piece by piece: csv, json or xlsx. `limit`,
        `cursor` and `count` of the query do not apply. Errors come before the first piece."""
        bound = bind_query(
            self.columns,
            bind_scope(self.columns, scope),
            msgspec.structs.replace(query, cursor=None),
            self.id,
        )
        sql = compile_rows(bound, self._duck_dialect, limit=None, position=False)
        return export_rows(
            format, bound.select, lambda: self._duck.batches(sql), lambda: self._count(bound), bom=bom
        )

    def _run_page(self, bound: BoundQuery, engine: str) -> list[tuple[Any, ...]]:
        if engine == "sqlite" and self._sqlite is not None:
            sql = compile_rows(bound, SqliteDialect(), limit=bound.limit + 1, position=True)
            shown = (*bound.select, *((column, Mask.NONE) for column, _ in bound.sort))
            return turned(self._sqlite.run(sql), turns(shown))
        return self._duck.run(compile_rows(bound, self._duck_dialect, limit=bound.limit + 1, position=True))

    def _count(self, bound: BoundQuery) -> int:
        if not bound.where:
            return self.meta.rows
        if self._sqlite is not None and self._hits_key(bound):
            return int(self._sqlite.run(compile_count(bound.where, SqliteDialect()))[0][0])
        return int(self._duck.run(compile_count(bound.where, self._duck_dialect))[0][0])

    def _engine_for(self, bound: BoundQuery) -> str:
        """Keys and pages in row order are SQLite's; whatever scans or sorts is DuckDB's."""
        if self._sqlite is None:
            return "duckdb"
        if self._hits_key(bound) or (not bound.where and not bound.sort):
            return "sqlite"
        return "duckdb"

    def _hits_key(self, bound: BoundQuery) -> bool:
        exact = {predicate.column.name for predicate in bound.where if predicate.op in (Op.EQ, Op.IN)}
        return any(exact.issuperset(key.columns) for key in self.meta.keys)
