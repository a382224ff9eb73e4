"""The format as documented: a stranger's script verifies it, and both SM3 agree with the standard."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.journal import Receipt, sm3
from shuqiao.journal.segments import list_segments
from shuqiao.journal.sm3 import through_cryptography, through_hashlib

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "journal.md"


def test_sm3_gives_the_standards_examples() -> None:
    """GM/T 0004-2012, annex A."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@given(st.binary(max_size=300))
def test_the_stand_in_gives_the_same(data: bytes) -> None:
    try:
        digest = through_hashlib()
    except ValueError:
        pytest.skip("this Python's OpenSSL has no SM3")
    assert digest(data) == through_cryptography()(data)


def _script(tmp_path: Path) -> Path:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert "shuqiao" not in code
    path = tmp_path / "independent.py"
    path.write_text(code, "utf-8")
    return path


def _runs(script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, check=False
    )


def test_the_documented_script_verifies_without_our_code(
    root: Path, log: list[Receipt], tmp_path: Path
) -> None:
    script = _script(tmp_path)
    good = _runs(script, root / "gw1")
    assert (good.returncode, good.stdout.strip()) == (0, f"60 {log[-1].hash}")
    path = list_segments(root / "gw1")[1].path
    original = path.read_bytes()
    path.write_bytes(original.replace(b'"rows":', b'"r0ws":', 1))
    assert _runs(script, root / "gw1").returncode != 0
    path.unlink()
    assert _runs(script, root / "gw1").returncode != 0
