"""SQLite on rows.sqlite: lookups by key and keyset pages."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shuqiao.store import masks
from shuqiao.store.aggregates import AVERAGE_PLACES
from shuqiao.store.cells import render_decimal
from shuqiao.store.running import Running
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql, Turn
from shuqiao.store.types import Column, ColumnType

_MASKED = {Mask.KEEP_ENDS: "mask_ends(CAST({} AS TEXT))", Mask.HASH: "mask_hash(CAST({} AS TEXT), ?)"}
_MAPPED_BYTES = 1 << 30
_WIDE = 1 << 127


class SqliteDialect:
    """rows.sqlite keeps decimals as scaled integers, days and moments as ISO text, booleans as 0 and 1."""

    contains = "instr({}, ?) > 0"
    startswith = "substr({}, 1, length(?)) = ?"

    def table(self) -> Sql:
        """The one table."""
        return Sql("rows")

    def shown(self, column: Column, mask: Mask, hash_key: bytes) -> Sql:
        """The masked expression; `turns` finishes unmasked decimals and booleans."""
        match mask:
            case Mask.NONE:
                return Sql(column.code)
            case Mask.YEAR:
                form = "mask_year({})" if column.type is ColumnType.TEXT else "substr({}, 1, 4)"
                return Sql(form.format(column.code))
            case Mask.DROP:
                raise AssertionError(f"{column.name} is not given")
            case _:
                return Sql(_MASKED[mask].format(column.code), (hash_key,) if mask is Mask.HASH else ())

    def value(self, column: Column, value: Any) -> Any:
        """A typed value as rows.sqlite keeps it."""
        match value:
            case Decimal():
                return int(value.scaleb(column.scale))
            case datetime():
                return value.isoformat(timespec="seconds")
            case date():
                return value.isoformat()
            case bool():
                return int(value)
            case _:
                return value

    def sum_of(self, column: Column) -> str:
        """A blob that compares as the number does."""
        return f"exact_sum({column.code})"

    def average_of(self, column: Column) -> str:
        """The same of the average."""
        return f"exact_average({column.code})"

    def wide(self, value: int) -> bytes:
        """SQLite's numbers end at 64 bits; blobs compare byte by byte."""
        return (value + _WIDE).to_bytes(16, "big")

    def units(self, value: Any) -> int:
        """What `wide` wrote."""
        return int.from_bytes(value, "big") - _WIDE

    def turns(self, shown: Sequence[tuple[Column, Mask]]) -> tuple[tuple[int, Turn], ...]:
        """Decimals and booleans."""
        return turns(shown)


class _Sum:
    """The exact sum of whole numbers."""

    def __init__(self) -> None:
        self.total = self.count = 0

    def step(self, value: Any, /) -> None:
        if value is not None:
            self.total += value
            self.count += 1

    def finalize(self) -> Any:
        return SqliteDialect().wide(self.total) if self.count else None


class _Average(_Sum):
    """Their average in millionths, half of one away from zero."""

    def finalize(self) -> Any:
        if not self.count:
            return None
        size = (abs(self.total) * 2 * 10**AVERAGE_PLACES + self.count) // (2 * self.count)
        return SqliteDialect().wide(-size if self.total < 0 else size)


def turns(shown: Sequence[tuple[Column, Mask]]) -> tuple[tuple[int, Turn], ...]:
    """(position, how) for the values SQLite keeps in another form than answers carry."""
    found: list[tuple[int, Turn]] = []
    for place, (column, mask) in enumerate(shown):
        if mask is Mask.NONE and column.type is ColumnType.DECIMAL:
            found.append((place, partial(render_decimal, scale=column.scale, form=column.form)))
        elif mask is Mask.NONE and column.type is ColumnType.BOOLEAN:
            found.append((place, bool))
    return tuple(found)


def turned(rows: list[tuple[Any, ...]], how: tuple[tuple[int, Turn], ...]) -> list[tuple[Any, ...]]:
    """The rows with those values turned."""
    if not how:
        return rows
    finished = []
    for row in rows:
        values = list(row)
        for place, turn in how:
            if values[place] is not None:
                values[place] = turn(values[place])
        finished.append(tuple(values))
    return finished


class BudgetSpent(Exception):
    """The statement needs more steps than it was given."""


class _Budget:
    """Called by SQLite when the steps are spent."""

    spent = False

    def spend(self) -> int:
        self.spent = True
        return 1


class SqliteEngine:
    """The row index of one version, opened immutable, one connection a thread."""

    def __init__(self, path: Path) -> None:
        self._address = f"file:{quote(str(path))}?mode=ro&immutable=1"
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        try:
            return self._local.connection  # type: ignore[no-any-return]
        except AttributeError:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
        connection.create_function("mask_ends", 1, masks.keep_ends, deterministic=True)
        connection.create_function("mask_hash", 2, masks.keyed_hash, deterministic=True)
        connection.create_function("mask_year", 1, masks.year, deterministic=True)
        connection.create_aggregate("exact_sum", 1, _Sum)
        connection.create_aggregate("exact_average", 1, _Average)
        self._local.connection = connection
        with self._lock:
            self._opened.append(connection)
        return connection

    def run(self, sql: Sql, running: Running | None = None, *, steps: int = 0) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises Cancelled or DeadlinePassed when `running` stops it, BudgetSpent when it
        takes more than about `steps` steps of SQLite's machine."""
        connection = self.connection
        if running is None:
            return self._fetch(connection, sql, steps)
        with running.interruptible(connection.interrupt, sqlite3.OperationalError):
            return self._fetch(connection, sql, steps)

    def _fetch(self, connection: sqlite3.Connection, sql: Sql, steps: int) -> list[tuple[Any, ...]]:
        if not steps:
            return connection.execute(sql.text, sql.params).fetchall()
        budget = _Budget()
        connection.set_progress_handler(budget.spend, steps)
        try:
            return connection.execute(sql.text, sql.params).fetchall()
        except sqlite3.OperationalError as error:
            if budget.spent:
                raise BudgetSpent from error
            raise
        finally:
            connection.set_progress_handler(None, 0)

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._local = threading.local()
