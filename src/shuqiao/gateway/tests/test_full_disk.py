"""A real full disk under the evidence: answers stop, nothing is lost, and room is enough to go on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SOURCE = str(Path(__file__).parents[3])
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


@cache
def may_mount() -> bool:
    """Can this user mount a file system of its own?"""
    if shutil.which("unshare") is None:
        return False
    tried = [*OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@pytest.mark.crash
@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.skipif(not may_mount(), reason="a small file system of one's own needs user namespaces")
def test_a_full_disk_stops_answers_and_loses_no_evidence(tmp_path: Path) -> None:
    child = subprocess.run(
        [*OWN_MOUNTS, sys.executable, "-m", "shuqiao.gateway.tests.full_disk", str(tmp_path)],
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )
    assert child.returncode == 0, child.stderr.decode()
    seen = json.loads(child.stdout)
    assert len(seen["answered"]) > 50
    assert (seen["refusal"]["status"], seen["refusal"]["rule"]) == (503, "evidence.use_log")
    assert seen["refusal"]["named"] is False
    assert seen["still"] == [503, 503, 503]
    assert (seen["ready"], seen["after"]) == (503, 200)
    assert seen["receipts kept"] is True
    assert seen["findings"] == []
    assert seen["records"] == len(seen["answered"]) + 1
