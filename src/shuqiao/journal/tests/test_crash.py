"""Killed at any moment, or out of disk: what was acknowledged is there, the chain holds, the writer goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shuqiao.journal import Writer, find, iter_records, verify
from shuqiao.journal.tests.conftest import a_read

SOURCE = str(Path(__file__).parents[3])


def _child(root: Path, segment_bytes: int, limit: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "shuqiao.journal.tests.appender",
        str(root),
        str(segment_bytes),
        str(limit),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": SOURCE})


def _whole_lines(output: bytes) -> list[str]:
    return output.decode()[: output.rfind(b"\n") + 1].splitlines()


def _all_stand(root: Path, acknowledged: list[str]) -> None:
    with Writer(root, "gw1") as writer:
        seq = writer.seq
        assert writer.append_sync(a_read()).seq == seq + 1
    report = verify(root)
    assert report.findings == []
    kept = {entry.receipt.id for entry in iter_records(root, "gw1")}
    assert [receipt for receipt in acknowledged if receipt not in kept] == []
    looked_up = acknowledged[-100:] + random.sample(acknowledged, min(100, len(acknowledged)))
    assert [receipt for receipt in looked_up if find(root, receipt) is None] == []


@pytest.mark.crash
@pytest.mark.article("yingkou-2022", "22")
def test_killed_again_and_again_no_acknowledged_read_is_lost(root: Path) -> None:
    chance = random.Random()
    acknowledged: list[str] = []
    for _ in range(12):
        child = _child(root, segment_bytes=60_000, limit=0)
        assert child.stdout is not None
        first = os.read(child.stdout.fileno(), 64)  # it has begun
        wait = chance.uniform(0, 0.15)
        output = [first]
        os.set_blocking(child.stdout.fileno(), False)
        until = time.monotonic() + wait
        while time.monotonic() < until:
            output.append(child.stdout.read() or b"")
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
        os.set_blocking(child.stdout.fileno(), True)
        output.append(child.stdout.read() or b"")
        child.stdout.close()
        acknowledged += _whole_lines(b"".join(output))
        _all_stand(root, acknowledged)
    assert len(acknowledged) > 500
    assert len(set(acknowledged)) == len(acknowledged)


@pytest.mark.crash
@pytest.mark.parametrize("limit", [5_000, 70_001, 150_000])
def test_at_the_end_of_the_disk_nothing_is_acknowledged_that_is_not_there(root: Path, limit: int) -> None:
    child = _child(root, segment_bytes=1 << 30, limit=limit)
    output, _ = child.communicate(timeout=60)
    *acknowledged, last = _whole_lines(output)
    assert child.returncode == 0
    assert last.startswith("refused ")
    assert acknowledged
    assert verify(root).ok  # the half-written tail was taken back at once
    _all_stand(root, acknowledged)
