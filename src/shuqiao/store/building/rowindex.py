"""rows.sqlite: the row index, for lookups by key and keyset pages; made from data.parquet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shuqiao.store.types import Column, ColumnType, Key

_BATCH = 50_000
_SQL_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.DECIMAL: "INTEGER",
    ColumnType.DATE: "TEXT",
    ColumnType.DATETIME: "TEXT",
    ColumnType.BOOLEAN: "INTEGER",
}
_FAST = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA page_size=8192",
    "PRAGMA cache_size=-262144",
    "PRAGMA temp_store=FILE",
)


def build_row_index(
    parquet: Path, into: Path, columns: tuple[Column, ...], keys: tuple[tuple[str, ...], ...]
) -> tuple[Key, ...]:
    """Write the row index of `parquet` and say of every key whether it is unique. Safe to lose power during:
    the file is only ever published whole and synced."""
    by_name = {column.name: column for column in columns}
    with closing(sqlite3.connect(into, isolation_level=None)) as connection:
        for pragma in _FAST:
            connection.execute(pragma)
        fields = ", ".join(f"{column.code} {_SQL_TYPES[column.type]}" for column in columns)
        connection.execute(f"CREATE TABLE rows (n INTEGER PRIMARY KEY, {fields})")
        connection.execute("BEGIN")
        marks = ", ".join("?" * (len(columns) + 1))
        insert = f"INSERT INTO rows VALUES ({marks})"  # noqa: S608  # our own codes
        for rows in _rows(parquet, columns):
            connection.executemany(insert, rows)
        connection.execute("COMMIT")
        built = []
        for number, key in enumerate(keys, start=1):
            codes = ", ".join(by_name[name].code for name in key)
            connection.execute(f"CREATE INDEX k{number} ON rows ({codes})")
            repeated = connection.execute(
                f"SELECT 1 FROM rows GROUP BY {codes} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
            ).fetchone()
            built.append(Key(key, unique=repeated is None))
        connection.execute("ANALYZE")
    return tuple(built)


def _rows(parquet: Path, columns: tuple[Column, ...]) -> Iterator[Iterator[tuple[Any, ...]]]:
    with pq.ParquetFile(parquet) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            arrays = [batch.column(0).to_pylist()]
            arrays += [_plain(batch.column(place), column) for place, column in enumerate(columns, start=1)]
            yield zip(*arrays, strict=True)


def _plain(array: Any, column: Column) -> list[Any]:
    """Values as SQLite keeps them: decimals as scaled integers, days and moments as ISO text."""
    turn: Callable[[Any], Any] | None = _TURNS.get(column.type)
    if column.type is ColumnType.DECIMAL:
        return [None if value is None else int(value.scaleb(column.scale)) for value in array.to_pylist()]
    values: list[Any] = (turn(array) if turn else array).to_pylist()
    return values


_TURNS: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.DATE: lambda array: pc.cast(array, pa.string()),
    ColumnType.DATETIME: lambda array: pc.strftime(
        array.cast(pa.timestamp("s")),  # Parquet gives milliseconds back
        format="%Y-%m-%dT%H:%M:%S",
    ),
    ColumnType.BOOLEAN: lambda array: pc.cast(array, pa.int8()),
}
