"""kill -9 of the worker in the middle of an export: no half file, nothing left behind, and the export gets done."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

import shuqiao
from shuqiao.catalog.tests.export_world import ENTRIES

pytestmark = pytest.mark.crash
KILLED_AT = (200, 1_000)  # entries written


class World:
    """A home, a database and the processes on them; temporary files of the system lie in it too."""

    def __init__(self, home: Path) -> None:
        self.home, self.temporary = home, home / "tmp"
        self.temporary.mkdir()
        self.database = home / "crash.sqlite3"
        self.environment = {
            **os.environ,
            "TMPDIR": str(self.temporary),
            "SHUQIAO_HOME": str(home),
            "SHUQIAO_DATABASE_URL": f"sqlite:///{self.database}",
            "SHUQIAO_SAMPLE_CITY": "1",
            "PYTHONPATH": str(Path(shuqiao.__file__).parents[1]),
        }

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "shuqiao.catalog.tests.export_world", name]

    def run(self, name: str) -> str:
        done = subprocess.run(
            self.command(name), env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state(self) -> dict:
        return json.loads(self.run("state"))

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command("work"), env=self.environment)

    def wait_for(self, attempt: int, written: int) -> None:
        until = time.monotonic() + 120
        while True:
            with closing(sqlite3.connect(self.database, timeout=30)) as connection:
                seen = connection.execute("SELECT attempts, written FROM catalog_export").fetchone()
            if seen[0] == attempt and seen[1] >= written:
                return
            assert time.monotonic() < until, f"no worker came so far: {seen}"
            time.sleep(0.02)


def test_an_export_survives_its_workers(tmp_path):
    world = World(tmp_path)
    world.run("prepare")
    for number, written in enumerate(KILLED_AT, 1):
        worker = world.start()
        world.wait_for(number, written)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        seen = world.state()
        assert (seen["status"], seen["file"]) == ("waiting", "")
        assert "还在制作" in seen["why_not"]
    last = world.start()
    assert last.wait(timeout=120) == 0
    seen = world.state()
    assert (seen["status"], seen["written"], seen["why_not"]) == ("done", ENTRIES, "")
    assert seen["attempts"] == len(KILLED_AT) + 1
    assert seen["files"] == sorted([seen["file"], seen["file"].replace(".xlsx", ".ids")])
    sheet = load_workbook(tmp_path / "exports" / seen["file"], read_only=True)["目录"]
    assert sum(1 for _ in sheet.rows) == 2 + ENTRIES
    assert not [path for path in world.temporary.rglob("*") if "openpyxl" in path.name]
