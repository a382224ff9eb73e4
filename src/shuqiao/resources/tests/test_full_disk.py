"""A disk that is full while a file comes and while a version is built: said plainly, and gone on with afterwards.

As root on a file system of its own (8 MB of tmpfs); else by the largest file a process may write (RLIMIT_FSIZE).
"""

from __future__ import annotations

import hashlib
import json
import resource as limits
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shuqiao.resources.tests.test_crash import World

pytestmark = pytest.mark.crash
SMALL_DISK = 8 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a file system of its own can only be mounted by root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def run(world: World, what: str, *more: str, largest: int | None = None) -> dict[str, object]:
    """One scene of full_world in a process of its own, which may write no file larger than `largest` bytes."""

    def bound() -> None:
        if largest is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limits.setrlimit(limits.RLIMIT_FSIZE, (largest, largest))

    done = subprocess.run(
        [sys.executable, "-m", "shuqiao.resources.tests.full_world", what, *more],
        env=world.environment,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
        preexec_fn=bound,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_full_disk_keeps_what_came_and_goes_on(tmp_path: Path, small_disk: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "staging").symlink_to(small_disk, target_is_directory=True)
    world = World(home)
    run(world, "prepare")
    (small_disk / "ballast").write_bytes(b"x" * (5 * 1024 * 1024))
    told = run(world, "send", "begin")
    assert told["status"] == 507
    assert "磁盘已满" in str(told["detail"])
    offset = int(str(told["offset"]))
    assert 1024 * 1024 < offset < 4 * 1024 * 1024
    (small_disk / "ballast").unlink()
    told = run(world, "send", "go-on")
    assert told["status"] == 204
    assert told["first_offset"] == offset
    assert told["sha256"] == told["expected"]


def test_the_largest_file_allowed_keeps_what_came(tmp_path: Path) -> None:
    world = World(tmp_path)
    run(world, "prepare")
    told = run(world, "send", "begin", largest=3 * 1024 * 1024)
    assert (told["status"], told["offset"]) == (507, 3 * 1024 * 1024)
    told = run(world, "send", "go-on")
    assert (told["status"], told["first_offset"]) == (204, 3 * 1024 * 1024)
    assert told["sha256"] == told["expected"]


def test_the_plain_form_says_it_at_the_field_and_leaves_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    run(world, "prepare")
    told = run(world, "form", largest=3 * 1024 * 1024)
    assert told["status"] == 507
    assert "磁盘已满" in str(told["page"])
    assert told["staged"] == []


def test_a_build_without_room_fails_by_name_and_is_built_afterwards(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.run("prepare")
    told = run(world, "build", largest=1024 * 1024)
    assert told["status"] == "failed"
    assert "磁盘空间不足" in str(told["error"])
    assert (told["tables"], told["staging"]) == (0, 0)
    told = run(world, "build-again")
    assert (told["status"], told["tables"]) == ("built", 1)


def test_kill_9_in_the_middle_of_a_piece_loses_no_counted_byte(tmp_path: Path) -> None:
    world = World(tmp_path)
    run(world, "prepare")
    killed = subprocess.run(
        [sys.executable, "-m", "shuqiao.resources.tests.full_world", "send", "killed"],
        env=world.environment,
        capture_output=True,
        timeout=420,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    told = run(world, "send", "go-on")
    assert told["status"] == 204
    assert (
        int(str(told["first_offset"])) == 1024 * 1024
    )  # forced to disk before the kill; what came after is not counted
    assert told["sha256"] == told["expected"]
    assert len(list((tmp_path / "staging").iterdir())) == 1
    assert hashlib.sha256(next((tmp_path / "staging").iterdir()).read_bytes()).hexdigest() == told["sha256"]
