"""A published version, opened for reading: lookups, pages and exports, each only inside a scope."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import pyarrow as pa

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store.binding import BoundPredicate, BoundQuery, bind_query, bind_scope, order_of
from shuqiao.store.building.profiling import kept_profile
from shuqiao.store.conditions import Op, Predicate, Scalar
from shuqiao.store.counts import Kept, where_key
from shuqiao.store.cursors import write_cursor
from shuqiao.store.engines.duck import DuckDialect, DuckEngine
from shuqiao.store.engines.sqlite import SqliteDialect, SqliteEngine, turned, turns
from shuqiao.store.exporting import Export, export_rows
from shuqiao.store.exporting.encoding import Encoder
from shuqiao.store.exporting.workbook import may_be_too_long, refuse_too_long, too_long
from shuqiao.store.files import OpenContent, open_content
from shuqiao.store.grouping import bind_aggregate, compile_group_count, compile_groups, page_of_groups
from shuqiao.store.holding import Hold
from shuqiao.store.lookups import PreparedLookup
from shuqiao.store.paging import Pager
from shuqiao.store.query import Query
from shuqiao.store.running import Running
from shuqiao.store.scope import Mask, Scope
from shuqiao.store.sql import Dialect, Sql, compile_count, compile_export, compile_rows, compile_where, join
from shuqiao.store.types import Column, Meta
from shuqiao.store.versions import DATA, META, QUARANTINE, ROWS

COUNTS_MOST = 10_000
Row = dict[str, Any]


class Page(msgspec.Struct, frozen=True):
    """One page of rows by column name. `next_cursor` None: nothing follows. `total` only when counted."""

    columns: tuple[str, ...]
    rows: list[Row]
    next_cursor: str | None = None
    total: int | None = None


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
        self._pager = Pager(self._sqlite, self._duck, self._duck_dialect) if self._sqlite else None
        self._counts: Kept[int] = Kept(COUNTS_MOST)

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

    @cached_property
    def _longest(self) -> dict[str, int]:
        """How long the longest text of each column is, by code; empty where the version was built without a profile."""
        profile = kept_profile(self.path)
        facts = zip(self.columns, profile.columns, strict=True) if profile else ()
        return {column.code: one.longest or 0 for column, one in facts}

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
        unique = any(key.unique for key in self.meta.keys if key.columns == wanted)
        key = tuple(self._by_name[name] for name in wanted)
        return PreparedLookup(self._sqlite, key, scoped, unique=unique)

    def lookup(self, key_columns: Sequence[str], values: Sequence[Scalar], scope: Scope) -> list[Row]:
        """The rows with this key inside the scope, by column name."""
        prepared = self.prepare_lookup(key_columns, scope)
        return [dict(zip(prepared.columns, row, strict=True)) for row in prepared.run(values)]

    def rows(
        self, query: Query, scope: Scope, *, engine: str | None = None, running: Running | None = None
    ) -> Page:
        """One page of the rows the query means inside the scope. `engine` ("sqlite", "duckdb") is chosen by the
        query's shape unless named. Raises InvalidInput and NotInScope before anything is read, Cancelled and
        DeadlinePassed when `running` stops it."""
        if query.aggregated:
            raise InvalidInput.one("aggregate", "分组统计请用统计接口")
        bound = bind_query(self.columns, bind_scope(self.columns, scope), query, self.id)
        found = self._run_page(bound, engine, running)
        names, width = bound.names, len(bound.select)
        page = found[: bound.limit]
        more = len(found) > bound.limit
        return Page(
            columns=names,
            rows=[dict(zip(names, row, strict=False)) for row in page],
            next_cursor=write_cursor(self.id, order_of(bound.sort), page[-1][width:]) if more else None,
            total=self._count(bound, running) if query.count == "exact" else None,
        )

    def aggregate(
        self, query: Query, scope: Scope, *, engine: str | None = None, running: Running | None = None
    ) -> Page:
        """One page of the groups the query means inside the scope, each with its figures; without `group` one row.
        `total` counts the groups. Sums and averages are exact decimal text. Raises as `rows` does."""
        if not query.aggregated:
            raise InvalidInput.one("aggregate", "请用 group 或 aggregate 说明统计什么")
        bound = bind_aggregate(self.columns, bind_scope(self.columns, scope), query, self.id)
        chosen = engine or ("sqlite" if self._hits_key(bound.where) else "duckdb")
        if chosen == "sqlite" and self._sqlite is None:
            chosen = "duckdb"
        dialect: Dialect = SqliteDialect() if chosen == "sqlite" else self._duck_dialect
        found = self._run(chosen, compile_groups(bound, dialect), running)
        page, total = page_of_groups(bound, found, dialect), None
        if query.count == "exact":
            total = int(self._run(chosen, compile_group_count(bound, dialect), running)[0][0])
        cursor = write_cursor(self.id, bound.order, page.last) if len(found) > bound.limit else None
        return Page(page.columns, page.rows, cursor, total)

    def export(
        self,
        query: Query,
        scope: Scope,
        format: str,  # noqa: A002  # the word callers and addresses use
        *,
        bom: bool = False,
        running: Running | None = None,
        compression: str = "",
    ) -> Export:
        """All rows the query means inside the scope as a file, made while it is iterated: see `EXPORT_FORMATS`.
        `limit`, `cursor` and `count` of the query do not apply. `compression` ("gzip", "zstd") packs formats that do
        not pack themselves. InvalidInput and NotInScope come before the first piece; Cancelled and DeadlinePassed
        with any."""
        if query.aggregated:
            raise InvalidInput.one("aggregate", "导出的是行，不能用 group 和 aggregate")
        plain = msgspec.structs.replace(query, cursor=None)
        bound = bind_query(self.columns, bind_scope(self.columns, scope), plain, self.id)
        if format == "xlsx":
            self._check_cells(bound, running)

        def batches(encoder: Encoder, running: Running) -> Generator[pa.RecordBatch]:
            shown = encoder.expressions(self._duck_dialect, bound.hash_key)
            return self._duck.batches(compile_export(bound, shown, self._duck_dialect), running)

        return export_rows(format, bound.select, batches, bom=bom, running=running, compression=compression)

    def _check_cells(self, bound: BoundQuery, running: Running | None) -> None:
        """Raise InvalidInput when a text is longer than a cell of a workbook can be. Only columns of which the profile
        does not say that they have none are looked through."""
        doubtful = may_be_too_long(bound.select, self._longest)
        if not doubtful:
            return
        where = join(" AND ", [compile_where(bound.where, self._duck_dialect), too_long(doubtful)])
        sql = join(
            " ", [Sql("SELECT 1 FROM"), self._duck_dialect.table(), Sql("WHERE"), where, Sql("LIMIT 1")]
        )
        if self._duck.run(sql, running):
            raise refuse_too_long()

    def _run(self, engine: str, sql: Sql, running: Running | None) -> list[tuple[Any, ...]]:
        if engine == "sqlite" and self._sqlite is not None:
            return self._sqlite.run(sql, running)
        return self._duck.run(sql, running)

    def _run_page(
        self, bound: BoundQuery, engine: str | None, running: Running | None
    ) -> list[tuple[Any, ...]]:
        if engine is None and self._pager is not None and not self._hits_key(bound.where):
            return self._pager.rows(bound, running)
        if engine != "duckdb" and self._sqlite is not None:
            sql = compile_rows(bound, SqliteDialect(), limit=bound.limit + 1, position=True)
            shown = (*bound.select, *((column, Mask.NONE) for column, _ in bound.sort))
            return turned(self._sqlite.run(sql, running), turns(shown))
        sql = compile_rows(bound, self._duck_dialect, limit=bound.limit + 1, position=True)
        return self._duck.run(sql, running)

    def _count(self, bound: BoundQuery, running: Running | None) -> int:
        if not bound.where:
            return self.meta.rows
        known = self._pager.known(bound.where) if self._pager else None
        if known is None:
            known = self._counts.get(where_key(bound.where))
        if known is None:
            engine = "sqlite" if self._hits_key(bound.where) else "duckdb"
            dialect: Dialect = SqliteDialect() if engine == "sqlite" else self._duck_dialect
            known = int(self._run(engine, compile_count(bound.where, dialect), running)[0][0])
            self._counts.keep(where_key(bound.where), known)
        return known

    def _hits_key(self, where: Sequence[BoundPredicate]) -> bool:
        exact = {predicate.column.name for predicate in where if predicate.op in (Op.EQ, Op.IN)}
        return any(exact.issuperset(key.columns) for key in self.meta.keys)
