"""What the columns of a built version look like: filled, different, least and greatest, longest. Pure."""

from __future__ import annotations

from typing import Any

import duckdb

from shuqiao.store.types import BuiltVersion, ColumnType

SHOWN_CHARS = 60


def profile_of(built: BuiltVersion) -> list[dict[str, Any]]:
    """One line per column, computed in one scan of the version's Parquet file.

    `distinct` is estimated (HyperLogLog, some percent off); everything else is exact.
    """
    columns = built.meta.columns
    if not columns:
        return []
    parts = []
    for column in columns:
        code = column.code
        parts += [f"count({code})", f"approx_count_distinct({code})"]
        if column.type is ColumnType.TEXT:
            parts += [f"min(length({code}))", f"max(length({code}))"]
        else:
            parts += [f"min({code})", f"max({code})"]
    sql = f"SELECT {', '.join(parts)} FROM read_parquet(?)"  # noqa: S608 - only our own column codes c1..cn
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as connection:
        row = connection.execute(sql, [str(built.path / "data.parquet")]).fetchone()
    if row is None:
        return []
    found = []
    for place, column in enumerate(columns):
        filled, distinct, least, most = row[place * 4 : place * 4 + 4]
        found.append(
            {
                "column": column.name,
                "type": column.type.value,
                "filled": filled,
                "missing": built.meta.rows - filled,
                "distinct": min(distinct, filled),
                "least": None if least is None else str(least)[:SHOWN_CHARS],
                "most": None if most is None else str(most)[:SHOWN_CHARS],
            }
        )
    return found
