"""kill -9 at any moment of a build: no half version is ever visible, and running it again completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

import shuqiao
from shuqiao.store import BuiltVersion, Query, Scope, Store, build, sniff

BUILD = """
import sys
from pathlib import Path
from shuqiao.store import Recipe, build
source, recipe, root = map(Path, sys.argv[1:])
print("ready", flush=True)
build(source, Recipe.from_json(recipe.read_bytes()), root)
"""
ROWS = 60_000
KILLS = 12


def make_source(folder: Path) -> Path:
    source = folder / "source.csv"
    lines = (f"C{number:06d},名称{number % 997},{number}\n" for number in range(ROWS))
    source.write_text("编码,名称,数量\n" + "".join(lines) + "坏行\n", encoding="utf-8")
    return source


def assert_whole(store: Store, version_id: str) -> None:
    assert store.damaged_files(version_id) == []
    with store.open(version_id) as handle:
        scope = Scope.whole(handle.columns)
        assert handle.rows(Query(count="exact", limit=1), scope, engine="duckdb").total == ROWS
        assert handle.lookup(["编码"], ["C000042"], scope) == [
            {"编码": "C000042", "名称": "名称42", "数量": 42}
        ]


def run_and_kill(command: list[str], after: float) -> int:
    environment = {**os.environ, "PYTHONPATH": str(Path(shuqiao.__file__).parents[1])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # imports are done, the build begins
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    return process.returncode


@pytest.mark.crash
def test_a_killed_build_leaves_nothing_visible_and_a_second_run_completes(tmp_path: Path) -> None:
    source = make_source(tmp_path)
    recipe = sniff(source).recipe()
    assert recipe.keys == (("编码",),)
    (tmp_path / "recipe.json").write_bytes(recipe.to_json())
    started = time.monotonic()
    expected: BuiltVersion = build(source, recipe, tmp_path / "reference")
    whole_build = time.monotonic() - started
    store = Store(tmp_path / "store")
    command = [sys.executable, "-c", BUILD, str(source), str(tmp_path / "recipe.json"), str(store.root)]
    chance = random.Random(20260101)
    killed = 0
    for _ in range(KILLS):
        returned = run_and_kill(command, chance.uniform(0, whole_build))
        killed += returned == -signal.SIGKILL
        visible = store.list_versions()
        assert visible in ([], [expected.id])
        for version_id in visible:
            assert_whole(store, version_id)
    assert killed >= KILLS // 2
    again = build(source, recipe, store.root)
    assert again.id == expected.id
    assert store.list_versions() == [expected.id]
    assert_whole(store, expected.id)
    leftovers = list((store.root / ".staging").iterdir())
    assert leftovers
    assert store.sweep(timedelta(hours=1)) == []
    assert len(store.sweep(timedelta(seconds=-1))) == len(leftovers)
    assert_whole(store, expected.id)
