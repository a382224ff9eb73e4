"""Encoding, delimiter and quote as a publisher chooses them: read so, or refused with why; doubt is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuqiao.kernel import InvalidInput
from shuqiao.store import sniff
from shuqiao.store.tests.tables import publish, rows_of, write

WORDS = ["中西區", "灣仔", "銅鑼灣", "鰂魚涌", "深水埗", "油麻地", "紅磡", "屯門", "元朗", "西貢"]
HONG_KONG = "地區,人口\n" + "".join(f"{word}{place},{place}\n" for place in range(3) for word in WORDS)
CHINESE = "名称,地址\n" + "".join(f"营口市第{place}中学,辽宁省营口市站前区\n" for place in range(40))


def test_a_hong_kong_file_is_told_or_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, HONG_KONG, encoding="big5hkscs")
    seen = sniff(path, encoding="big5hkscs")
    assert [column.source for column in seen.columns] == ["地區", "人口"]
    assert seen.columns[0].samples[3] == "鰂魚涌0"
    assert [row[0] for row in rows_of(publish(path, seen.recipe()))][:4] == [
        "中西區0",
        "灣仔0",
        "銅鑼灣0",
        "鰂魚涌0",
    ]
    by_itself = sniff(path)
    assert by_itself.encoding == "big5hkscs" or any("Big5" in remark for remark in by_itself.remarks)


@pytest.mark.parametrize(
    ("written", "chosen", "said"),
    [
        ("utf-8", "gb18030", "整个是合规的 UTF-8"),
        ("gb18030", "utf-8", "不能解码"),
        ("gb18030", "utf-16-le", "不是 UTF-16"),
        ("utf-16", "gb18030", "是 UTF-16"),
        ("utf-8", "latin-1", "不支持“latin-1”"),
        ("utf-8", "../etc", "不支持"),
    ],
)
def test_an_encoding_that_is_certainly_wrong_is_refused(
    tmp_path: Path, written: str, chosen: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        sniff(write(tmp_path, CHINESE, encoding=written), encoding=chosen)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-16"])
def test_the_right_choice_reads_like_detection(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, CHINESE, encoding=encoding)
    assert sniff(path, encoding=encoding).columns == sniff(path).columns
    assert sniff(path).remarks == ()


def test_a_mark_does_not_stay_in_the_first_header(tmp_path: Path) -> None:
    seen = sniff(write(tmp_path, CHINESE, encoding="utf-8-sig"), encoding="utf-8")
    assert seen.columns[0].header == "名称"


def test_a_delimiter_and_a_quote_that_were_chosen_hold_in_the_build(tmp_path: Path) -> None:
    path = write(tmp_path, "a#b\n'1#x'#2\n3'#4\n")
    seen = sniff(path, delimiter="#", quote="'")
    assert (seen.delimiter, seen.quote) == ("#", "'")
    handle = publish(path, seen.recipe())
    assert rows_of(handle) == [["1#x", 2]] or rows_of(handle)[0][0] == "1#x"
    plain = sniff(write(tmp_path, 'a;b\n"甲;1\n乙";2\n', name="u"), delimiter=";", quote="")
    assert plain.columns[0].samples == ('"甲', '乙"')
    assert rows_of(publish(tmp_path / "u", plain.recipe())) == [['"甲', 1], ['乙"', 2]]


@pytest.mark.parametrize(
    ("delimiter", "quote", "said"),
    [
        (";", '"', "没有分号"),
        ("ab", '"', "一个字符"),
        ("a", '"', "一个字符"),
        (",", "x", "引号"),
        ("'", "'", "引号"),
    ],
)
def test_a_delimiter_that_stands_nowhere_is_refused(
    tmp_path: Path, delimiter: str, quote: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        sniff(write(tmp_path, CHINESE), delimiter=delimiter, quote=quote)


def test_two_delimiters_that_would_do_are_said(tmp_path: Path) -> None:
    seen = sniff(write(tmp_path, "a,b;c\n1,2;3\n4,5;6\n"))
    assert [remark for remark in seen.remarks if "也可能是分号" in remark]
    assert sniff(write(tmp_path, CHINESE, name="v")).remarks == ()
