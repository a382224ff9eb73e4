"""A run that is stopped really stops: the engine, not only the one who waits."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from shuqiao.store import (
    Cancelled,
    DeadlinePassed,
    Query,
    Running,
    Scope,
    Stopped,
    Store,
    VersionHandle,
    build,
    sniff,
)
from shuqiao.store.engines.duck import DuckEngine
from shuqiao.store.engines.sqlite import SqliteEngine
from shuqiao.store.sql import Sql

SOON = 0.1  # seconds within which a stopped scan must have ended, in processor time of a machine that is not busy
ENDLESS = {
    "sqlite": Sql("WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"),
    "duckdb": Sql("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 7"),
}
Run = Callable[[Sql, Running], object]


@pytest.fixture
def engines(tmp_path: Path) -> dict[str, Run]:
    sqlite3.connect(tmp_path / "rows.sqlite").close()
    return {"sqlite": SqliteEngine(tmp_path / "rows.sqlite").run, "duckdb": DuckEngine().run}


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_cancelling_stops_a_long_scan(engines: dict[str, Run], engine: str) -> None:
    running, cancelled_at = Running(), []

    def cancel() -> None:
        cancelled_at.append((time.perf_counter(), time.process_time()))
        running.cancel()

    threading.Timer(0.3, cancel).start()
    with pytest.raises(Cancelled):
        engines[engine](ENDLESS[engine], running)
    _, worked = cancelled_at[0]
    assert time.process_time() - worked < SOON


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_deadline_stops_a_long_scan(engines: dict[str, Run], engine: str) -> None:
    worked = time.process_time()
    running = Running(deadline=0.2)
    with pytest.raises(DeadlinePassed):
        engines[engine](ENDLESS[engine], running)
    assert running.stopped
    assert time.process_time() - worked < 2 * (0.2 + SOON)  # two threads scan


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_run_stopped_before_it_began_does_not_begin(engines: dict[str, Run], engine: str) -> None:
    running = Running()
    running.cancel()
    running.cancel()
    with pytest.raises(Cancelled):
        engines[engine](ENDLESS[engine], running)
    with pytest.raises(DeadlinePassed):
        engines[engine](ENDLESS[engine], Running(deadline=0))


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_the_next_statement_is_not_hit(engines: dict[str, Run], engine: str) -> None:
    for _ in range(20):
        running = Running(deadline=0.005)
        with pytest.raises(Stopped):
            engines[engine](ENDLESS[engine], running)
        assert engines[engine](Sql("SELECT 1"), Running(deadline=60)) == [(1,)]


def test_an_error_of_the_statement_stays_its_own(engines: dict[str, Run]) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        engines["sqlite"](Sql("SELECT * FROM absent"), Running(deadline=60))


@pytest.fixture(scope="module")
def handle(tmp_path_factory: pytest.TempPathFactory) -> VersionHandle:
    folder = tmp_path_factory.mktemp("running")
    path = folder / "t.csv"
    path.write_text("编码,值\n" + "".join(f"{n:07d},{n % 7}\n" for n in range(300_000)), encoding="utf-8")
    recipe = msgspec.structs.replace(sniff(path).recipe(), keys=(("编码",),))
    return Store(folder / "store").open(build(path, recipe, folder / "store").id)


def test_pages_aggregates_and_exports_can_be_stopped(handle: VersionHandle) -> None:
    scope, running = Scope.whole(handle.columns), Running()
    running.cancel()
    with pytest.raises(Cancelled):
        handle.rows(Query.parse({"sort": "值"}), scope, running=running)
    with pytest.raises(Cancelled):
        handle.aggregate(Query.parse({"group": "值"}), scope, running=running)
    with pytest.raises(Cancelled):
        list(handle.export(Query(), scope, "csv", running=running))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_export_under_way_can_be_stopped(handle: VersionHandle, kind: str) -> None:
    running = Running()
    export = handle.export(Query(), Scope.whole(handle.columns), kind, running=running)
    pieces = iter(export)
    next(pieces)
    next(pieces)
    assert 0 < export.rows < 300_000
    running.cancel()
    with pytest.raises(Cancelled):
        list(pieces)


def test_an_export_that_is_left_leaves_no_thread(handle: VersionHandle) -> None:
    export = handle.export(Query(), Scope.whole(handle.columns), "csv")
    pieces = iter(export)
    next(pieces)
    next(pieces)
    counted = export.rows
    export.close()
    left = [
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith(("store-export", "store-enc"))
    ]
    assert left == []
    assert export.rows == counted > 0
    assert list(pieces) == []
