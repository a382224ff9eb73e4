"""Pages by the shape of the query: what SQLite finds at once in file order it gives; what needs a scan or a sort DuckDB
finds as row numbers only, and SQLite gives the rows. What a scan found is kept: a version never changes."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import msgspec

from shuqiao.store.binding import BoundPredicate, BoundQuery
from shuqiao.store.counts import Kept, where_key
from shuqiao.store.engines.duck import DuckDialect, DuckEngine
from shuqiao.store.engines.sqlite import BudgetSpent, SqliteDialect, SqliteEngine, turned, turns
from shuqiao.store.running import Running
from shuqiao.store.scope import Mask
from shuqiao.store.sql import compile_numbered, compile_numbers, compile_rows

STEPS = 1_000_000
"""Steps of SQLite's machine (some 10 milliseconds) after which a page is looked for by a scan instead."""
FOUND_MOST = 10_000
"""Row numbers kept of one filter; a filter with more rows finds a page near by."""
FILTERS_MOST = 500


class Pager:
    """Pages of one version that has a row index, for any number of threads."""

    def __init__(self, sqlite: SqliteEngine, duck: DuckEngine, dialect: DuckDialect) -> None:
        self._sqlite, self._duck, self._dialect = sqlite, duck, dialect
        self._found: Kept[array[int]] = Kept(FILTERS_MOST)

    def rows(self, query: BoundQuery, running: Running | None) -> list[tuple[Any, ...]]:
        """The page's rows and one more where there is one, each with its sort values and number at its end."""
        if query.sort:
            return self._numbered(query, self._scan(query, running), running)
        found = self._found.get(where_key(query.where))
        if found is None:
            sql = compile_rows(query, SqliteDialect(), limit=query.limit + 1, position=True)
            try:
                return turned(self._sqlite.run(sql, running, steps=STEPS), turns(_shown(query)))
            except BudgetSpent:
                found = self._find(query.where, running)
        if found is None:
            return self._numbered(query, self._scan(query, running), running)
        start = bisect_right(found, query.after[-1]) if query.after else 0
        return self._numbered(query, found[start : start + query.limit + 1], running)

    def known(self, where: Sequence[BoundPredicate]) -> int | None:
        """How many rows a filter has, when a scan has found them all."""
        found = self._found.get(where_key(where))
        return None if found is None else len(found)

    def _find(self, where: Sequence[BoundPredicate], running: Running | None) -> array[int] | None:
        """All row numbers of a filter with few rows, None when they are many."""
        every = BoundQuery((), tuple(where), (), FOUND_MOST, None, b"")
        numbers = self._scan(every, running)
        if len(numbers) > FOUND_MOST:
            return None
        found = array("q", numbers)
        self._found.keep(where_key(where), found)
        return found

    def _scan(self, query: BoundQuery, running: Running | None) -> list[int]:
        sql = compile_numbers(query, self._dialect, limit=query.limit + 1)
        return [row[0] for row in self._duck.run(sql, running)]

    def _numbered(
        self, query: BoundQuery, numbers: Sequence[int], running: Running | None
    ) -> list[tuple[Any, ...]]:
        """The rows with these numbers, in this order."""
        packed = msgspec.json.encode(list(numbers)).decode()
        rows = self._sqlite.run(compile_numbered(query, SqliteDialect(), packed), running)
        by_number = {row[-1]: row for row in turned(rows, turns(_shown(query)))}
        return [by_number[number] for number in numbers]


def _shown(query: BoundQuery) -> list[tuple[Any, Mask]]:
    return [*query.select, *((column, Mask.NONE) for column, _ in query.sort)]
