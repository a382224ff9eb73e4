"""What the columns of a version look like: profile.json, derived from data.parquet and no part of the version's id."""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from shuqiao.store.layout import PROFILE
from shuqiao.store.sniffing.personal import Patterns
from shuqiao.store.types import Column, ColumnType

SHOWN_CHARS = 60
FREQUENT = 10
COUNTED_EXACTLY = 1_000_000
"""Columns that seem to have more different values are not grouped: their number is estimated."""
LOOKED_AT = 50_000
"""Rows whose shapes, units and personal data are looked at, spread evenly over the table."""
_MEMORY = "384MB"
_PART_COLUMNS, _PART_CELLS = 100, 4_000_000
_SHAPES = 5
_LOOKED_CHARS = 64
_SHAPE_CHARS = 40

_UNIT = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?\s*([^\W\d_][^\d,;，；]{0,7}|[%％‰℃°])")
_RUN = re.compile(r"([0-9]+)|([a-z]+)|([A-Z]+)|([\u3400-\u9fff\U00020000-\U0003ffff]+)")
_SIGNS = "9aA汉"


class Frequent(msgspec.Struct, frozen=True):
    """A value (shortened to `SHOWN_CHARS`) and the rows that have it, counted exactly."""

    value: str
    count: int


class Share(msgspec.Struct, frozen=True):
    """A shape or unit and its share of the values looked at, 0 to 1."""

    text: str
    share: float


class ColumnFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a version.

    Nulls, least and greatest value, lengths (in characters, of text only) and the counts of frequent values are
    exact; `distinct` is so where `distinct_exact` says so, else estimated within some percent. `shapes` (9 digits,
    a and A letters, 汉 ideographs, with the length of each run) and `units` (numbers written with a unit) are
    shares among `looked_at` values. `personal` is "" or the kind of personal data suspected.
    """

    name: str
    type: ColumnType
    nulls: int
    distinct: int
    distinct_exact: bool
    least: str | None = None
    greatest: str | None = None
    shortest: int | None = None
    longest: int | None = None
    frequent: tuple[Frequent, ...] = ()
    looked_at: int = 0
    shapes: tuple[Share, ...] = ()
    units: tuple[Share, ...] = ()
    personal: str = ""


class TableProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a version, in order."""

    rows: int
    columns: tuple[ColumnFacts, ...]


def kept_profile(version: Path) -> TableProfile | None:
    """The profile in a version's folder; None where the version was built without one."""
    try:
        return msgspec.json.decode((version / PROFILE).read_bytes(), type=TableProfile)
    except FileNotFoundError:
        return None


def profile_table(parquet: Path, columns: tuple[Column, ...], rows: int) -> TableProfile:
    """Look at every row of a version's data file. Memory is bounded: what does not fit goes to temporary files."""
    with tempfile.TemporaryDirectory(prefix="shuqiao-") as spill:
        config: dict[str, Any] = {"threads": 1, "memory_limit": _MEMORY, "temp_directory": spill}
        with duckdb.connect(config=config) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would write to our standard output
            source = str(parquet).replace("'", "''")
            connection.execute(f"CREATE VIEW file AS FROM read_parquet('{source}')")
            step = max(1, math.ceil(rows / LOOKED_AT))
            facts: list[ColumnFacts] = []
            for part in _parts(connection, columns, rows):
                looked = _looked_at(connection, part, step)
                for column, figures in zip(part, _figures(connection, part), strict=True):
                    facts.append(_facts(connection, column, figures, rows, looked.get(column.code)))
    return TableProfile(rows=rows, columns=tuple(facts))


def _parts(
    connection: duckdb.DuckDBPyConnection, columns: tuple[Column, ...], rows: int
) -> Iterator[tuple[Column, ...]]:
    """Some columns at a time, to be asked for in `rows`. Small ones are copied there: a query of the file takes time
    for every column of the file, and would be asked several times for each of them."""
    width = min(_PART_COLUMNS, max(1, _PART_CELLS // max(rows, 1)))
    kind = "TABLE" if width > 1 else "VIEW"
    for start in range(0, len(columns), width):
        part = columns[start : start + width]
        codes = ", ".join(column.code for column in part)
        connection.execute(f"CREATE OR REPLACE TEMP {kind} rows AS SELECT n, {codes} FROM file")  # noqa: S608  # codes
        yield part


def _facts(
    connection: duckdb.DuckDBPyConnection, column: Column, figures: tuple[Any, ...], rows: int, looked: Any
) -> ColumnFacts:
    filled, estimate, least, greatest, shortest, longest = figures
    distinct, exact, frequent = _distinct(connection, column, filled, estimate)
    return ColumnFacts(
        name=column.name,
        type=column.type,
        nulls=rows - filled,
        distinct=distinct,
        distinct_exact=exact,
        least=_shown(least),
        greatest=_shown(greatest),
        shortest=shortest,
        longest=longest,
        frequent=frequent,
        **_looks(column.name, looked),
    )


def _figures(connection: duckdb.DuckDBPyConnection, columns: tuple[Column, ...]) -> list[tuple[Any, ...]]:
    """(filled, estimated distinct, least, greatest, shortest, longest) of each column."""
    parts = []
    for column in columns:
        code, text = column.code, column.type is ColumnType.TEXT
        parts += [f"count({code})", f"approx_count_distinct({code})", f"min({code})", f"max({code})"]
        parts += [f"min(length({code}))", f"max(length({code}))"] if text else ["NULL", "NULL"]
    row = connection.execute(f"SELECT {', '.join(parts)} FROM rows").fetchone() or ()  # noqa: S608  # our codes
    return [tuple(row[place : place + 6]) for place in range(0, len(row), 6)]


def _distinct(
    connection: duckdb.DuckDBPyConnection, column: Column, filled: int, estimate: int
) -> tuple[int, bool, tuple[Frequent, ...]]:
    """How many different values, whether that is exact, and the most frequent ones."""
    code = column.code
    if estimate <= COUNTED_EXACTLY:
        found = connection.execute(
            f"SELECT v, k, count(*) OVER () FROM (SELECT {code} AS v, count(*) AS k FROM rows "  # noqa: S608
            f"WHERE {code} IS NOT NULL GROUP BY 1) ORDER BY k DESC, v LIMIT {FREQUENT}"
        ).fetchall()
        distinct = found[0][2] if found else 0
        return distinct, True, tuple(Frequent(_shown(value) or "", count) for value, count, _ in found)
    found = connection.execute(
        f"WITH likely AS (SELECT unnest(approx_top_k({code}, {FREQUENT})) AS v FROM rows) "  # noqa: S608
        f"SELECT {code}, count(*) AS k FROM rows WHERE {code} IN (SELECT v FROM likely) "
        f"GROUP BY 1 HAVING count(*) > 1 ORDER BY k DESC, 1"
    ).fetchall()
    return min(estimate, filled), False, tuple(Frequent(_shown(value) or "", count) for value, count in found)


def _looked_at(
    connection: duckdb.DuckDBPyConnection, columns: tuple[Column, ...], step: int
) -> dict[str, Any]:
    """The heads of the texts to be looked at, by the columns' codes."""
    codes = [column.code for column in columns if column.type is ColumnType.TEXT]
    heads = ", ".join(f"left({code}, {_LOOKED_CHARS}) AS {code}" for code in codes)
    if not codes:
        return {}
    looked = connection.sql(f"SELECT {heads} FROM rows WHERE n % {step} = 0").to_arrow_table()  # noqa: S608
    return dict(zip(codes, looked.columns, strict=True))


def _looks(name: str, looked: Any) -> dict[str, Any]:
    """Shapes, units and suspected personal data of texts."""
    if looked is None:
        return {}
    values = looked.drop_null().to_pylist()
    patterns = Patterns(name)
    patterns.update(pa.array(set(values), pa.string()))
    shapes = Counter(map(shape_of, values))
    units = Counter(match[1].strip() for match in map(_UNIT.fullmatch, values) if match)
    return {
        "looked_at": len(values),
        "shapes": _shares(shapes, len(values)),
        "units": _shares(units, len(values)),
        "personal": patterns.personal(),
    }


def shape_of(value: str) -> str:
    """The shape of a text: runs of digits, letters and ideographs as their class and length, the rest as it is:
    ``2012年1月`` → ``9{4}汉9汉``."""
    return _RUN.sub(_sign, value[:_SHAPE_CHARS])


def _sign(run: re.Match[str]) -> str:
    sign, length = _SIGNS[(run.lastindex or 1) - 1], len(run[0])
    return sign if length == 1 else f"{sign}{{{length}}}"


def _shares(counts: Counter[str], total: int) -> tuple[Share, ...]:
    return tuple(Share(text, round(count / total, 4)) for text, count in counts.most_common(_SHAPES))


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)[:SHOWN_CHARS]
