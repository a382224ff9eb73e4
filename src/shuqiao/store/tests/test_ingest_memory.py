"""Memory does not grow with the file: sniffing and building, measured in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import shuqiao

INGEST = r"""
import re, sys
from pathlib import Path
from shuqiao.store import build, sniff
path = Path(sys.argv[1])
built = build(path, sniff(path).recipe(), Path(sys.argv[2]))
assert built.meta.rows == int(sys.argv[3]), built.meta.rows
# not ru_maxrss: a child begins with its parent's, which would hide what is measured
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""
GROWTH, MOST = 192 << 10, 1_300 << 10
"""KiB. What may fill up with more rows: the row index's page cache (128 MiB) and eight bytes a row of hashes. What the
whole may take is DuckDB's share for the profile (768 MiB) and the interpreter's own."""


def peak(folder: Path, rows: int) -> int:
    path = folder / f"{rows}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("编码,名称,日期,数量\n")
        for number in range(rows):
            file.write(f"C{number:08d},营口{number % 9973}有限公司,2012-{number % 12 + 1:02d}-01,{number}\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(shuqiao.__file__).parents[1])}
    command = [sys.executable, "-c", INGEST, str(path), str(folder / f"store{rows}"), str(rows)]
    return int(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def test_four_times_the_rows_take_hardly_more_memory(tmp_path: Path) -> None:
    small, large = peak(tmp_path, 400_000), peak(tmp_path, 1_600_000)
    assert large - small < GROWTH
    assert large < MOST
