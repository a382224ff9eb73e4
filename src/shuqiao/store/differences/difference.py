"""`diff`: two versions compared by key, with memory bounded whatever their size."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import duckdb

from shuqiao.kernel import InvalidInput
from shuqiao.store.differences import writing
from shuqiao.store.differences.comparing import (
    ADDED,
    CHANGED,
    CHANGES,
    REMOVED,
    REPEATED,
    Comparison,
    Side,
    changes_table,
    repeated_table,
)
from shuqiao.store.differences.types import Cell, ChangeKind, Counts, RepeatedKey, RowChange, SchemaChanges
from shuqiao.store.failures import telling_full
from shuqiao.store.query import MAX_LIMIT
from shuqiao.store.running import Running
from shuqiao.store.scope import Scope
from shuqiao.store.sql import Sql, compile_count, join

if TYPE_CHECKING:
    from shuqiao.store.handle import VersionHandle

MEMORY = "1GB"
SLAB = 50_000
_CODES = {ChangeKind.ADDED: ADDED, ChangeKind.REMOVED: REMOVED, ChangeKind.CHANGED: CHANGED}


def diff(
    old: VersionHandle,
    new: VersionHandle,
    key: Sequence[str],
    *,
    scope: Scope | None = None,
    running: Running | None = None,
) -> Difference:
    """Compare two versions of a table by a key. Close the difference; both handles stay open until then.

    Without a scope everything is compared: for the table's own people. Under a scope only granted columns and rows
    are, by what the scope shows of them; a row that comes into the row condition counts as added, one that leaves it
    as removed. Rows whose key names several rows are compared as multisets of whole rows. A column that only one
    version has is named in `schema` and not compared. Raises InvalidInput, NotInScope, StoreFull; Cancelled or
    DeadlinePassed when `running` stops it.
    """
    difference = Difference(Comparison.of(old, new, key, scope), running)
    try:
        difference.compare(unique=_is_unique(old, key) and _is_unique(new, key))
    except BaseException:
        difference.close()
        raise
    return difference


def _is_unique(handle: VersionHandle, key: Sequence[str]) -> bool:
    return any(one.unique and set(one.columns) <= set(key) for one in handle.meta.keys)


class Difference:
    """What is different between two versions, kept as row numbers in a scratch database until it is closed."""

    def __init__(self, comparison: Comparison, running: Running | None) -> None:
        self._comparison = comparison
        self._running = running
        self._folder = tempfile.TemporaryDirectory(prefix="shuqiao-diff-")
        folder = Path(self._folder.name)
        config = {
            "memory_limit": MEMORY,
            "preserve_insertion_order": "false",
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        }
        self._database = duckdb.connect(str(folder / "diff.duckdb"), config=config)

    def __enter__(self) -> Difference:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the scratch space back."""
        self._database.close()
        self._folder.cleanup()

    def compare(self, *, unique: bool) -> None:
        """Find what is different; `unique` says that the key is known to name one row at most."""
        repeated = 0
        if not unique:
            self._execute(repeated_table(self._comparison))
            repeated = self._number(f"SELECT count(*) FROM {REPEATED}")  # noqa: S608
        self._repeated = repeated
        self._execute(changes_table(self._comparison, repeated=repeated > 0))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns compared by."""
        return self._comparison.key

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns compared beside the key."""
        return self._comparison.compared

    @property
    def schema(self) -> SchemaChanges:
        """Columns added, removed and of another type."""
        return self._comparison.schema

    @cached_property
    def counts(self) -> Counts:
        """How many rows of each kind, and how many cells of each column."""
        found = dict.fromkeys(_CODES.values(), 0)
        found |= dict(self._execute(Sql(f"SELECT kind, count(*) FROM {CHANGES} GROUP BY kind")))  # noqa: S608
        sums = ", ".join(f"count(*) FILTER (d{place})" for place in range(1, len(self.columns) + 1))
        cells = self._execute(Sql(f"SELECT {sums or 'count(*)'} FROM {CHANGES} WHERE kind = {CHANGED}"))[0]  # noqa: S608
        old = self._comparison.old
        rows = self._execute(compile_count(old.scope.where, old.dialect))[0][0]
        return Counts(
            added=found[ADDED],
            removed=found[REMOVED],
            changed=found[CHANGED],
            unchanged=rows - found[REMOVED] - found[CHANGED],
            repeated_keys=self._repeated,
            cells=dict(zip(self.columns, cells, strict=False)),
        )

    def page(self, kind: ChangeKind, *, offset: int = 0, limit: int = 50) -> list[RowChange]:
        """Some changes of one kind, in the order of the new version (of the old one for removed rows)."""
        if offset < 0 or not 0 < limit <= MAX_LIMIT:
            raise InvalidInput.one("limit", f"每页 1 至 {MAX_LIMIT} 条，位置不能为负")
        return list(self._slab(kind, offset + 1, offset + limit))

    def changes(self, kind: ChangeKind) -> Iterator[RowChange]:
        """All changes of one kind as they are read."""
        for start in range(1, self.counts.of(kind) + 1, SLAB):
            yield from self._slab(kind, start, start + SLAB - 1)

    def repeated_keys(self, limit: int = 100) -> list[RepeatedKey]:
        """Keys that name several rows in one of the versions, at most `limit` of them."""
        if not self._repeated:
            return []
        codes = ", ".join(self._comparison.key_codes)
        wanted = f"SELECT {codes}, o, w FROM {REPEATED} ORDER BY ALL LIMIT ?"  # noqa: S608
        rows = self._execute(Sql(wanted, (limit,)))
        return [
            RepeatedKey(dict(zip(self.key, map(writing.plain, row), strict=False)), row[-2], row[-1])
            for row in rows
        ]

    def csv(self, *, bom: bool = False) -> Iterator[bytes]:
        """All changes as a table, one line a cell; see docs/reference/versions.md."""
        return writing.csv_pieces(self.key, self._all(), bom=bom)

    def ndjson(self) -> Iterator[bytes]:
        """All changes, one JSON object a line."""
        return writing.ndjson_pieces(self._all())

    def _all(self) -> Iterator[RowChange]:
        for kind in ChangeKind:
            yield from self.changes(kind)

    def _slab(self, kind: ChangeKind, first: int, last: int) -> Iterator[RowChange]:
        comparison, code = self._comparison, _CODES[kind]
        among = f"FROM {CHANGES} WHERE kind = {code} AND i BETWEEN {first:d} AND {last:d}"
        if kind is ChangeKind.CHANGED:
            yield from self._changed(among)
            return
        side, number = (comparison.new, "new_n") if kind is ChangeKind.ADDED else (comparison.old, "old_n")
        names = list(side.columns)
        rows = self._shown(side, names, number, among)
        joined = f"SELECT c.repeated, s.* EXCLUDE (n) FROM (SELECT * {among}) c JOIN {rows.text} s ON s.n = c.{number} ORDER BY c.i"  # noqa: E501, S608
        for repeated, *values in self._execute(Sql(joined, rows.params)):
            row = dict(zip(names, values, strict=True))
            yield RowChange(
                change=kind, key={name: row[name] for name in self.key}, row=row, repeated=repeated
            )

    def _changed(self, among: str) -> Iterator[RowChange]:
        comparison, names = self._comparison, self.columns
        old = self._shown(comparison.old, names, "old_n", among)
        new = self._shown(comparison.new, [*self.key, *names], "new_n", among)
        flags = "".join(f", c.d{place}" for place in range(1, len(names) + 1))
        text = (
            f"SELECT w.* EXCLUDE (n), o.* EXCLUDE (n){flags} FROM (SELECT * {among}) c "  # noqa: S608
            f"JOIN {new.text} w ON w.n = c.new_n JOIN {old.text} o ON o.n = c.old_n ORDER BY c.i"
        )
        keys, width = len(self.key), len(names)
        for row in self._execute(Sql(text, (*new.params, *old.params))):
            after, before = row[keys : keys + width], row[keys + width : keys + 2 * width]
            cells = zip(names, before, after, row[keys + 2 * width :], strict=True)
            yield RowChange(
                change=ChangeKind.CHANGED,
                key=dict(zip(self.key, row, strict=False)),
                cells=tuple(Cell(name, was, now) for name, was, now, differs in cells if differs),
            )

    def _shown(self, side: Side, names: Sequence[str], number: str, among: str) -> Sql:
        """The rows that these changes touch, as answers carry them; only the row groups that hold them are read."""
        bounds = self._execute(Sql(f"SELECT min({number}), max({number}) {among}"))[0]
        values = [Sql("n")]
        for place, name in enumerate(names, start=1):
            shown = side.shown(name)
            values.append(Sql(f"{shown.text} AS s{place}", shown.params))
        rows = join(
            " ",
            [
                Sql("SELECT"),
                join(", ", values),
                Sql("FROM"),
                side.dialect.table(),
                Sql("WHERE n BETWEEN ? AND ?", tuple(0 if bound is None else bound for bound in bounds)),
            ],
        )
        return Sql(f"({rows.text})", rows.params)

    def _number(self, text: str) -> int:
        return int(self._execute(Sql(text))[0][0])

    def _execute(self, sql: Sql) -> list[tuple[Any, ...]]:
        with telling_full(), self._database.cursor() as cursor, self._stoppable(cursor):
            rows: list[tuple[Any, ...]] = cursor.execute(sql.text, list(sql.params)).fetchall()
        return rows

    @contextmanager
    def _stoppable(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        if self._running is None:
            yield
            return
        with self._running.interruptible(cursor.interrupt, duckdb.Error):
            yield
