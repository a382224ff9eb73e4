"""kill -9 and a full disk, while building, publishing, fetching and collecting: nothing half is ever visible."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import shuqiao
from shuqiao.kernel import InvalidInput
from shuqiao.store import Query, Scope, Store, StoreFull, build, build_file, shipping, sniff
from shuqiao.store.failures import is_full
from shuqiao.store.objects import open_objects
from shuqiao.store.tests.conftest import KEYS, s3_url

ROWS = 40_000
STEPS = """
import resource, sys
from datetime import timedelta
from pathlib import Path
from shuqiao.store import StoreFull, Store, build, sniff
from shuqiao.store.objects import open_objects
what, root, url, source, limit = sys.argv[1:]
store = Store(Path(root), open_objects(url) if url else None)
recipe = sniff(Path(source)).recipe()
if int(limit):
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
print("ready", flush=True)
try:
    if what == "publish":
        build(Path(source), recipe, store)
    if what == "fetch":
        for version_id in list(__import__("shuqiao.store.shipping").store.shipping.remote_versions(store.objects)):
            store.fetch(version_id)
    if what == "collect":
        store.collect([], timedelta(0))
except StoreFull as error:
    print("full", error, flush=True)
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    lines = (f"C{number:06d},名称{number % 997},{number}\n" for number in range(ROWS))
    path.write_text("编码,名称,数量\n" + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return f"file://{tmp_path}/objects"
    server, name = request.getfixturevalue("s3_server"), request.getfixturevalue("bucket")
    return s3_url(server, name)


def command(what: str, root: Path, url: str, source: Path, limit: int = 0) -> list[str]:
    return [sys.executable, "-c", STEPS, what, str(root), url, str(source), str(limit)]


def environment() -> dict[str, str]:
    return {**os.environ, **KEYS, "PYTHONPATH": str(Path(shuqiao.__file__).parents[1])}


def run_and_kill(step: list[str], after: float | None) -> tuple[int, float]:
    """Run a step, kill it that long after it is ready. Returns its code and how long it ran."""
    with subprocess.Popen(step, env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        started = time.monotonic()
        if after is not None:
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
        process.wait()
    return process.returncode, time.monotonic() - started


def assert_whole(store: Store, version_id: str) -> None:
    with store.open(version_id) as handle:
        scope = Scope.whole(handle.columns)
        assert handle.rows(Query(count="exact", limit=1), scope, engine="duckdb").total == ROWS
    assert store.damaged_files(version_id) == []


@pytest.mark.crash
def test_killed_publishing_fetching_and_collecting_leave_all_or_nothing(
    url: str, source: Path, tmp_path: Path
) -> None:
    objects = open_objects(url, KEYS)
    reference = build(source, sniff(source).recipe(), tmp_path / "reference")
    chance, killed = random.Random(809), 0
    times: dict[str, float] = {}
    for number in range(4):
        for what in ("publish", "fetch", "collect"):
            node = tmp_path / f"node-{number}-{what}"
            after = None if what not in times else chance.uniform(0, times[what])
            code, took = run_and_kill(command(what, node, url, source), after)
            times.setdefault(what, took)
            killed += code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL)
            for version_id in shipping.remote_versions(objects):
                assert version_id == reference.id
                assert shipping.missing_files(objects, shipping.remote_meta(objects, version_id)) == []
            for version_id in Store(node).list_versions():
                assert_whole(Store(node), version_id)
    assert killed >= 4
    for one in objects.list("locks/"):
        objects.delete(one.key)  # a killed holder's lock lapses after two minutes; the test does not wait
    store = Store(tmp_path / "last", objects)
    assert build(source, sniff(source).recipe(), store).id == reference.id
    assert_whole(Store(tmp_path / "reader", objects), reference.id)


@pytest.mark.crash
def test_a_killed_holders_lock_does_not_stop_the_next_for_ever(tmp_path: Path) -> None:
    objects = open_objects(f"file://{tmp_path}/objects")
    past = {"owner": "killed", "until": "2020-01-01T00:00:00Z"}
    objects.put_bytes("locks/" + "3" * 64, json.dumps(past).encode())
    with shipping.remote_lock(objects, "3" * 64, wait=timedelta(seconds=5)):
        assert objects.exists("locks/" + "3" * 64)
    assert not objects.exists("locks/" + "3" * 64)


@pytest.mark.parametrize("limit", [60_000, 400_000])
@pytest.mark.parametrize("with_objects", [False, True])
def test_no_room_while_publishing_leaves_nothing(
    tmp_path: Path, source: Path, limit: int, with_objects: bool
) -> None:
    """No file may grow over the limit, which is how a full disk and a quota look to a program."""
    url = f"file://{tmp_path}/objects" if with_objects else ""
    step = command("publish", tmp_path / "s", url, source, limit)
    done = subprocess.run(step, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "full 存储空间：磁盘空间不足" in done.stdout
    assert Store(tmp_path / "s").list_versions() == []
    assert list((tmp_path / "s" / ".staging").iterdir()) == []
    if with_objects:
        assert list(shipping.remote_versions(open_objects(url))) == []


def test_no_room_while_fetching_leaves_nothing(tmp_path: Path, source: Path, url: str) -> None:
    objects = open_objects(url, KEYS)
    version_id = build(source, sniff(source).recipe(), Store(tmp_path / "s", objects)).id
    step = command("fetch", tmp_path / "n", url, source, 50_000)
    done = subprocess.run(step, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "full 存储空间" in done.stdout
    assert Store(tmp_path / "n").list_versions() == []
    assert list((tmp_path / "n" / ".staging").iterdir()) == []
    assert_whole(Store(tmp_path / "n", objects), version_id)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path, tmp_path: Path, source: Path) -> None:
    store = Store(small_disk / "s")
    with pytest.raises(StoreFull):
        build(source, sniff(source).recipe(), store)
    assert store.list_versions() == []
    assert list((small_disk / "s" / ".staging").iterdir()) == []
    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(os.urandom(4_000_000))
    small.write_bytes(os.urandom(100_000))
    with pytest.raises(StoreFull):
        build_file(big, store)
    kept = build_file(small, store)  # and there is room again for what fits
    assert store.list_versions() == [kept.id]
    assert store.damaged_files(kept.id) == []


def test_no_room_is_told_apart_from_other_failures() -> None:
    assert is_full(OSError(errno.ENOSPC, "x"))
    assert is_full(RuntimeError("IO Error: could not write: No space left on device"))
    assert not is_full(OSError(errno.EACCES, "x"))
    assert not is_full(InvalidInput.one("a", "b"))
