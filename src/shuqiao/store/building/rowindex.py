"""rows.sqlite: the row index, for lookups by key and keyset pages; filled while data.parquet is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from shuqiao.store.casting import scaled_integers
from shuqiao.store.compute import compute as pc
from shuqiao.store.types import Column, ColumnType, Key

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
    "PRAGMA cache_size=-131072",
    "PRAGMA temp_store=FILE",
)


def fill_row_index(into: Path, columns: tuple[Column, ...], batches: Iterator[pa.RecordBatch]) -> None:
    """Write the rows of `batches` (n and the columns, as in data.parquet) into a new row index, without keys."""
    fields = ", ".join(f"{column.code} {_SQL_TYPES[column.type]}" for column in columns)
    schema = pa.schema([("n", pa.int64()), *((column.code, _stored_type(column)) for column in columns)])
    with _opened(into) as cursor:
        cursor.execute(f"CREATE TABLE rows (n INTEGER PRIMARY KEY, {fields})")
        stored = (_stored(batch, columns, schema) for batch in batches)
        cursor.adbc_ingest("rows", pa.RecordBatchReader.from_batches(schema, stored), mode="append")


def index_keys(into: Path, columns: tuple[Column, ...], keys: tuple[tuple[str, ...], ...]) -> tuple[Key, ...]:
    """Index the declared keys and say of every one whether it is unique. Safe to lose power during: the file is
    only ever published whole and synced."""
    codes_of = {column.name: column.code for column in columns}
    built = []
    with _opened(into) as cursor:
        for number, key in enumerate(keys, start=1):
            codes = ", ".join(codes_of[name] for name in key)
            cursor.execute(f"CREATE INDEX k{number} ON rows ({codes})")
            cursor.execute(f"SELECT 1 FROM rows GROUP BY {codes} HAVING count(*) > 1 LIMIT 1")  # noqa: S608  # codes
            built.append(Key(key, unique=cursor.fetchone() is None))
        cursor.execute("ANALYZE")
    return tuple(built)


class _opened:  # noqa: N801  # reads as a verb
    """A cursor on the file, set for building fast."""

    def __init__(self, path: Path) -> None:
        import adbc_driver_sqlite.dbapi as adbc  # brings pandas where that is installed; only builds need it

        self._connection = adbc.connect(str(path), autocommit=True)
        self._cursor = self._connection.cursor()

    def __enter__(self) -> Any:
        for pragma in _FAST:
            self._cursor.execute(pragma)
            self._cursor.fetchall()
        return self._cursor

    def __exit__(self, *_: object) -> None:
        with closing(self._connection):
            self._cursor.close()


def _stored_type(column: Column) -> Any:
    return pa.string() if _SQL_TYPES[column.type] == "TEXT" else pa.int64()


def _stored(batch: pa.RecordBatch, columns: tuple[Column, ...], schema: Any) -> pa.RecordBatch:
    """Values as SQLite keeps them: decimals as scaled integers, days and moments as ISO text, yes and no as 1 and 0."""
    arrays: list[Any] = [batch.column(0)]
    for place, column in enumerate(columns, start=1):
        turn = _TURNS.get(column.type)
        arrays.append(turn(batch.column(place)) if turn else batch.column(place))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


_TURNS: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.DECIMAL: scaled_integers,
    ColumnType.DATE: lambda array: pc.cast(array, pa.string()),
    ColumnType.DATETIME: lambda array: pc.strftime(array, format="%Y-%m-%dT%H:%M:%S"),
    ColumnType.BOOLEAN: lambda array: pc.cast(array, pa.int64()),
}
