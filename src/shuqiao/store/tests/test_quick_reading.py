"""The quick way through delimited text finds what the careful way finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shuqiao.store import sniff
from shuqiao.store.reading import delimited
from shuqiao.store.reading.blocks import ColumnBlock
from shuqiao.store.reading.chunks import NOT_TEXT, Chunk
from shuqiao.store.reading.delimited import DelimitedReader
from shuqiao.store.reading.source import Source
from shuqiao.store.tests.tables import entries, publish, write
from shuqiao.store.types import ColumnPlan, ColumnType, Recipe

Record = tuple[int, int, list[str | None], str | None, tuple[str, str] | None]

PIECES = [
    *[b"a,b\n", b"1,2\n", "营,口\n".encode(), b'"x",y\n', b'"x,\n","y""z"\n', b",\n", b'"",""\r\n', b"x,y\r\n"] * 3,
    *[b",", b'"', b"\n", b"\r\n", b"\r", b"a", b" ", b"\t", b'""', b"\n\n", b"\x00", b"\xff", "\u3000".encode()],
    *["\u0085".encode(), "\ufffd".encode(), b"\xef\xbb\xbf", "·".encode(), b"\xed\xa0\x80", b"1,2,3\n", b"1\n"],
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)


def records(part: Chunk) -> list[Record]:
    return [
        (line, part.ends.get(place, line), list(row), raw, part.faults.get(place))
        for place, (line, row, raw) in enumerate(zip(part.lines, part.rows, part.raws, strict=True))
    ]


def careful(reader: DelimitedReader) -> tuple[list[Record], int]:
    chunks = list(reader.chunks())
    return [record for chunk in chunks for record in records(chunk)], sum(chunk.blanks for chunk in chunks)


def quick(reader: DelimitedReader, width: int, header_row: int) -> tuple[list[Record], int, int]:
    found: list[Record] = []
    blanks = sound = 0
    for part in reader.blocks(width, header_row):
        if isinstance(part, ColumnBlock):
            sound += len(part)
            assert all(len(column) == len(part) for column in part.columns)
            chunk = part.chunk()
            assert not any(NOT_TEXT.search(cell) for row in chunk.rows for cell in row if cell)
            assert all(len(row) == width for row in chunk.rows)
        else:
            chunk = part
        found += records(chunk)
        blanks += chunk.blanks
    return found, blanks, sound


def assert_same(content: bytes, encoding: str, delimiter: str, width: int, header_row: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(content)
        reader = DelimitedReader(Source(path), encoding, delimiter)
        expected, blanks = careful(reader)
        found, found_blanks, sound = quick(reader, width, header_row)
    assert found == expected
    assert found_blanks == blanks
    return sound


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts,
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16-le"]),
    st.sampled_from([",", "\t", " "]),
    st.integers(1, 3),
    st.integers(0, 3),
    st.sampled_from([1, 16, 64, 1 << 18]),
    st.sampled_from([1, 3, 512]),
)
@example(b'2,"x,y\n1,2\n4,"\n', "utf-8", ",", 2, 0, 1 << 18, 512)
@example(b"a,b\n1,2\n\xed\xa0\x80,x\n1,2\n", "utf-8", ",", 2, 0, 64, 1)
@example(b"a\tb\n\t\n1\t2\n", "utf-8", "\t", 2, 0, 1 << 18, 512)
@example(b'a,b\n,\n1,2\n"",""\n,,\n,\r\n', "utf-8", ",", 2, 1, 1 << 18, 512)
def test_any_text_gives_the_same_records_both_ways(
    content: bytes, encoding: str, delimiter: str, width: int, header_row: int, region: int, lines: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "FIRST_REGION", region)
        patch.setattr(delimited, "LARGEST_REGION", 4 * region)
        patch.setattr(delimited, "_FEWEST_LINES", lines)
        assert_same(content, encoding, delimiter, width, header_row)


def test_sound_text_goes_the_quick_way_around_what_is_not() -> None:
    good = "".join(f'{number},"营口 ""{number}""\n第二行",·\r\n' for number in range(20_000)).encode()
    bad = b'1,2\r\n5"x,"a"b,c\r\n\r\nx\x07,y,z\r\n\xff,y,z\r\n'
    sound = assert_same(b"a,b,c\r\n" + good + bad + good + bad, "utf-8", ",", 3, 1)
    assert sound > 37_000


def test_many_doubtful_lines_cost_no_exactness() -> None:
    text = "".join(f'{number},5"{number},x\n1,2,3\n' for number in range(9_000)).encode()
    assert_same(text, "utf-8", ",", 3, 0)


@pytest.mark.parametrize("rows", [3, 5_000])
def test_lines_of_delimiters_only_are_blank_lines(tmp_path: Path, rows: int) -> None:
    """Spreadsheet programs write them below a table, and between its parts."""
    part = "".join(f"名{number},{number},x\n" for number in range(rows))
    hollow = ",,\n" * 70
    path = write(tmp_path, f"名称,数,备注\n{part}{hollow}{part}坏,x,\n,,\n,,,,\n", "t.csv")
    preview = sniff(path)
    assert preview.remarks == ("有 72 行只有分隔符，当作空行略过",)
    handle = publish(
        path, msgspec.structs.replace(preview.recipe(), columns=integer_second(preview.recipe()))
    )
    assert (handle.meta.rows, handle.meta.quarantined, handle.meta.blank_lines) == (2 * rows, 1, 72)
    assert [entry["line"] for entry in entries(handle)] == [2 * rows + 72]


def integer_second(recipe: Recipe) -> tuple[ColumnPlan, ...]:
    first, second, *others = recipe.columns
    return (first, msgspec.structs.replace(second, type=ColumnType.INTEGER), *others)
