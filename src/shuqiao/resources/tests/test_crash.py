"""kill -9 of the worker in the middle of a build, again and again: no half version, and the build gets done."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import shuqiao
from shuqiao.resources.tests.crash_world import ROWS

pytestmark = pytest.mark.crash
KILLED_AFTER = (0.4, 1.2)  # seconds after the worker has claimed the version


class World:
    """A home, a database and the processes on them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = home / "crash.sqlite3"
        self.environment = {
            **os.environ,
            "SHUQIAO_HOME": str(home),
            "SHUQIAO_DATABASE_URL": f"sqlite:///{self.database}",
            "SHUQIAO_SAMPLE_CITY": "1",
            "PYTHONPATH": str(Path(shuqiao.__file__).parents[1]),
        }

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "shuqiao.resources.tests.crash_world", name]

    def run(self, name: str, *more: str) -> str:
        done = subprocess.run(
            [*self.command(name), *more],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=420,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state(self) -> dict[str, object]:
        return json.loads(self.run("state"))

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command("work"), env=self.environment)

    def attempts(self) -> int:
        with sqlite3.connect(self.database) as connection:
            found = connection.execute("SELECT attempts FROM resources_version").fetchone()[0]
        connection.close()
        return int(found)

    def wait_for_claim(self, attempts: int) -> None:
        until = time.monotonic() + 120
        while self.attempts() < attempts:
            assert time.monotonic() < until, "no worker took the version up"
            time.sleep(0.02)


def test_an_upload_takes_no_memory_of_its_size(tmp_path):
    size = 128 * 1024 * 1024
    seen = json.loads(World(tmp_path).run("receive", str(size)))
    assert seen["status"] == "302 Found"
    assert seen["size"] == seen["staged"] > size - 65_536
    assert seen["after"] - seen["before"] < 32, seen


def test_a_build_survives_its_workers(tmp_path):
    world = World(tmp_path)
    world.run("prepare")
    left_behind = 0
    for number, pause in enumerate(KILLED_AFTER, 1):
        worker = world.start()
        world.wait_for_claim(number)
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        seen = world.state()
        if seen["status"] == "built":  # a fast machine finished in time; what is visible is whole, as below
            break
        assert (seen["status"], seen["store_version"], seen["claimed"]) == ("confirmed", "", True)
        left_behind = max(left_behind, int(str(seen["staging"])))
        assert all(table == [ROWS] for table in seen["tables"].values())
    assert left_behind, "no worker was killed in the middle of its work"
    last = world.start()
    assert last.wait(timeout=120) == 0
    seen = world.state()
    assert (seen["status"], seen["rows"], seen["claimed"]) == ("built", ROWS, False)
    assert seen["tables"] == {seen["store_version"]: [ROWS]}
