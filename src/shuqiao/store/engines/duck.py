"""DuckDB on data.parquet: filters over all rows, exact counts, sorting, exports."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from shuqiao.store import masks
from shuqiao.store.aggregates import AVERAGE_PLACES
from shuqiao.store.running import Running
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql, Turn
from shuqiao.store.types import Column, ColumnType

MEMORY = "768MB"
"""What all scans of a process may hold together; sorts and groups beyond it go to disk."""
THREADS = max(1, min(4, os.cpu_count() or 1))
"""Threads that scan in one process, shared by all its queries and exports."""
BATCH_ROWS = 50_000
_BLOCK = 64  # bytes of a SHA-256 block
_CONFIG = {
    "memory_limit": MEMORY,
    "threads": str(THREADS),
    "preserve_insertion_order": "true",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
}
_INTERRUPTED = (duckdb.Error, pa.ArrowException, OSError)  # a reader of batches tells it in its own words
_lock = threading.Lock()
_shared: list[duckdb.DuckDBPyConnection] = []


def database() -> duckdb.DuckDBPyConnection:
    """A cursor on this process's one in-memory database: one pool of threads and memory for all scans."""
    with _lock:
        if not _shared:
            config = {**_CONFIG, "temp_directory": str(Path(tempfile.gettempdir()) / "shuqiao-duckdb")}
            _shared.append(duckdb.connect(":memory:", config=config))
        return _shared[0].cursor()


class DuckDialect:
    """data.parquet has real types; answers carry decimals, days and moments as text, so SQL writes them."""

    contains = "contains({}, ?)"
    startswith = "starts_with({}, ?)"

    def __init__(self, path: Path) -> None:
        self._path = str(path).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")

    def table(self) -> Sql:
        """The file as a table."""
        return Sql("read_parquet(?)", (self._path,))

    def shown(self, column: Column, mask: Mask, hash_key: bytes) -> Sql:
        """The masked expression."""
        text = _written(column)
        match mask:
            case Mask.NONE:
                return Sql(text)
            case Mask.KEEP_ENDS:
                return Sql(_keep_ends(f"CAST({text} AS VARCHAR)"))
            case Mask.HASH:
                inner, outer = _hmac_pads(hash_key)
                form = f"sha256(?::BLOB || unhex(sha256(?::BLOB || encode(CAST({text} AS VARCHAR)))))"
                return Sql(form, (outer, inner))
            case Mask.YEAR if column.type is ColumnType.TEXT:
                return Sql(
                    f"CASE WHEN regexp_matches({text}, ?) THEN substr({text}, 1, 4) END", (masks.YEAR,)
                )
            case Mask.YEAR:
                return Sql(f"substr({text}, 1, 4)")
            case Mask.DROP:
                raise AssertionError(f"{column.name} is not given")

    def value(self, column: Column, value: Any) -> Any:
        """Typed values are bound as they are."""
        return value

    def sum_of(self, column: Column) -> str:
        """HUGEINT units."""
        if column.type is not ColumnType.DECIMAL:
            return f"sum({column.code})"
        return f"CAST(replace(CAST(sum({column.code}) AS VARCHAR), '.', '') AS HUGEINT)"

    def average_of(self, column: Column) -> str:
        """HUGEINT millionths of a unit."""
        total, count = self.sum_of(column), f"count({column.code})"
        size = f"(abs({total}) * {2 * 10**AVERAGE_PLACES} + {count}) // (2 * {count})"
        return f"CASE WHEN {total} < 0 THEN -({size}) ELSE {size} END"

    def wide(self, value: int) -> Any:
        """HUGEINT holds it."""
        return value

    def units(self, value: Any) -> int:
        """A Python integer already."""
        return int(value)

    def turns(self, shown: Sequence[tuple[Column, Mask]]) -> tuple[tuple[int, Turn], ...]:
        """None: SQL has written them."""
        return ()


def _written(column: Column) -> str:
    """The value of a column as answers carry it."""
    code = column.code
    match column.type:
        case ColumnType.DECIMAL if column.scale and column.form != "fixed":
            return f"rtrim(rtrim(CAST({code} AS VARCHAR), '0'), '.')"
        case ColumnType.DECIMAL | ColumnType.DATE:
            return f"CAST({code} AS VARCHAR)"
        case ColumnType.DATETIME:
            return f"strftime({code}, '%Y-%m-%dT%H:%M:%S')"
        case _:
            return code


def _keep_ends(text: str) -> str:
    """`masks.keep_ends` as SQL."""
    cases = []
    for least, head, tail in masks.ENDS:
        stars = f"repeat('*', length({text}) - {head + tail})"
        end = f" || right({text}, {tail})" if tail else ""
        cases.append(f"WHEN length({text}) >= {least} THEN left({text}, {head}) || {stars}{end}")
    return f"CASE {' '.join(cases)} END"


def _hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """The two padded keys of HMAC (RFC 2104)."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


class DuckEngine:
    """Scans of one version's Parquet file."""

    def run(self, sql: Sql, running: Running | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises Cancelled or DeadlinePassed when `running` stops it."""
        with database() as cursor, _interruptible(cursor, running):
            rows: list[tuple[Any, ...]] = cursor.execute(sql.text, list(sql.params)).fetchall()
        return rows

    def batches(self, sql: Sql, running: Running | None = None) -> Generator[pa.RecordBatch]:
        """The rows of a statement as they come, `BATCH_ROWS` at a time; memory stays bounded. Raises as `run`."""
        with database() as cursor:
            with _interruptible(cursor, running):
                reader = cursor.sql(sql.text, params=list(sql.params)).to_arrow_reader(BATCH_ROWS)
            while True:
                with _interruptible(cursor, running):
                    try:
                        batch = reader.read_next_batch()
                    except StopIteration:
                        return
                yield batch


@contextmanager
def _interruptible(cursor: duckdb.DuckDBPyConnection, running: Running | None) -> Iterator[None]:
    if running is None:
        yield
        return
    with running.interruptible(cursor.interrupt, _INTERRUPTED):
        yield
