"""Workbooks that are not what their size says: looked through in a stream before any reader holds them in memory.

The spreadsheet reader makes room for every cell between the first and the last one. Two cells at opposite corners,
in a file of five kilobytes, ask it for 400 GB, and the process is gone. And a ZIP directory may state any size.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.archives import DAMAGE, PLAIN_METHODS, Capped, part_blocks

MAX_CELLS = 40_000_000
MAX_MERGES = 200_000
LOAD_BYTES = 4 * 2**30
LOAD_SECONDS = 120
_LOAD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
_BLOCK = 1 << 18
_PLACE = re.compile(rb"""r=["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_LONGEST_PLACE = 16
_SPACE = b" \t\r\n"
_MERGE = b"mergeCellref="  # white space is taken out before it is looked for


def demand_bounded(
    file: Path | io.BytesIO, filename: str, *, max_bytes: int, max_cells: int = MAX_CELLS
) -> None:
    """Raise InvalidInput unless the workbook unpacks to at most `max_bytes` and each of its parts spans at most
    `max_cells` cells, rows times columns, counted and not believed. Memory: one block."""
    left = max_bytes
    try:
        with Capped.of(file) as raw, zipfile.ZipFile(raw) as archive:
            for part in archive.infolist():
                if part.compress_type not in PLAIN_METHODS:
                    raise zipfile.BadZipFile(f"method {part.compress_type}")
                left -= _look_through(part_blocks(archive, part, _BLOCK), filename, left, max_cells)
            if "xl/workbook.xml" not in {name.lower() for name in archive.namelist()}:
                raise InvalidInput.one(filename, "不是 .xlsx 工作簿，请另存为 .xlsx 后再传")
    except DAMAGE:
        raise InvalidInput.one(filename, "工作簿已损坏") from None


def demand_loadable(file: Path | io.BytesIO, filename: str) -> None:
    """Raise InvalidInput unless an old binary workbook (.xls) can be loaded within `LOAD_BYTES`.

    Its records cannot be looked through without reading them as the reader does, and one spoiled number asks the
    reader for all the memory there is. So a process that may not take more than that loads it first.
    """
    with tempfile.NamedTemporaryFile(suffix=".xls") as copy:
        path = file if isinstance(file, Path) else Path(copy.name)
        if isinstance(file, io.BytesIO):
            copy.write(file.getbuffer())
            copy.flush()
        try:
            ran = subprocess.run(  # noqa: S603  # our own program on a file, no shell
                [sys.executable, "-I", "-c", _LOAD, str(path), str(LOAD_BYTES)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LOAD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InvalidInput.one(filename, "工作簿太大，读不完，请另存为 CSV 后再传") from None
    if ran.returncode != 0:
        raise InvalidInput.one(filename, "工作簿已损坏，读不出来；请在表格软件中打开并另存为 .xlsx 后再传")


def _look_through(blocks: Iterator[bytes], filename: str, max_bytes: int, max_cells: int) -> int:
    """The size of one part; raises InvalidInput where it passes a bound."""
    size = rows = columns = merges = 0
    tail = b""
    for block in blocks:
        size += len(block)
        if size > max_bytes:
            raise InvalidInput.one(filename, "工作簿解开后超过上限，请另存为 CSV 或拆开后再传")
        text = tail + block.translate(None, _SPACE)
        for letters, digits in set(_PLACE.findall(text)):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters))
        if rows * columns > max_cells:
            what = f"有一个单元格远离数据（{rows:,} 行、{columns:,} 列），请删去多余的行列后再传"
            raise InvalidInput.one(filename, what)
        merges += text.count(_MERGE) - tail.count(_MERGE)
        if merges > MAX_MERGES:
            raise InvalidInput.one(filename, f"合并的单元格超过 {MAX_MERGES:,} 处，请取消合并后再传")
        tail = text[-_LONGEST_PLACE:]
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)
