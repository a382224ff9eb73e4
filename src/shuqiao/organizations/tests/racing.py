"""Several hands at once in one test: a database that several connections can write to, and a line to start from."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections

from shuqiao.kernel import ShuqiaoError

Step = Callable[[], Any]


@contextmanager
def shared_database(folder: Path) -> Iterator[None]:
    """SQLite in memory has one connection for all: meanwhile the test runs on a file. Other databases stay."""
    if connection.vendor != "sqlite":
        yield
        return
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    file = folder / "race.sqlite3"
    with sqlite3.connect(file) as copy:
        in_memory.backup(copy)
    copy.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(file)
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = in_memory, name


def race(*steps: Step) -> list[Any]:
    """What each step came to, all begun at the same moment: its result, or what it raised."""
    line = threading.Barrier(len(steps))
    outcomes: list[Any] = [None] * len(steps)

    def run(place: int, step: Step) -> None:
        try:
            line.wait(10)
            outcomes[place] = step()
        except Exception as error:  # noqa: BLE001 - what it raised is the outcome
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a step hangs"
    return outcomes


def winners(outcomes: list[Any], *losing: type[ShuqiaoError]) -> list[Any]:
    """Those that did not raise; every other one raised one of `losing`."""
    won = [one for one in outcomes if not isinstance(one, Exception)]
    lost = [one for one in outcomes if isinstance(one, Exception)]
    assert all(isinstance(one, losing) for one in lost), outcomes
    return won
