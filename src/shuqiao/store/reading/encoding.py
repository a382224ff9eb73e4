"""Encoding detection over the whole file in one streaming pass per candidate, never on a head sample:
a GB18030 file can look like GBK for its first 382,109 bytes.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.wide import seems_wide

_LITERAL = {"utf-8": b"\xef\xbf\xbd", "gb18030": b"\x84\x31\xa4\x37"}
_SCORED_EVERY = 8
# An encoding of which fewer characters are everyday ones, or that leads by less than this, may be another one.
_CLEAR, _AHEAD = 0.7, 0.2
ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030（含 GBK、GB2312）",
    "cp950": "Big5",
    "big5hkscs": "Big5-HKSCS",
    "utf-16": "UTF-16（有字节序标记）",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
}
"""The encodings a publisher can choose, with the words on the page."""
_ENOUGH = 30
_MOST_WRONG = 0.1


@dataclass(frozen=True, slots=True)
class Detected:
    """The encoding, how many places of the file it cannot decode, and another that it may as well be."""

    encoding: str
    errors: int = 0
    runner_up: str = ""


def detect(source: Source) -> Detected:
    """The encoding of a text source. Raises InvalidInput when none fits."""
    head = next(source.blocks(), b"")
    marked = _by_mark(head)
    if marked:
        return Detected(marked)
    wide = seems_wide(head)
    if wide:
        return Detected(wide)
    utf8, _ = _count_errors(source, "utf-8", stop_after=None)
    if utf8 == 0:
        return Detected("utf-8")
    scores = {name: _count_errors(source, name, stop_after=None) for name in ("gb18030", "cp950")}
    if scores["cp950"][0] and _rank(scores["gb18030"]) < _CLEAR:
        scores["big5hkscs"] = _count_errors(source, "big5hkscs", stop_after=None)
    best, *others = sorted(scores, key=lambda name: _rank(scores[name]), reverse=True)
    errors, (common, wide_chars) = scores[best]
    characters = max(wide_chars, 1)
    if utf8 <= errors or (common / characters < 0.5 and utf8 * 20 < characters):
        return _checked(source, Detected("utf-8", utf8), characters)
    doubtful = _rank(scores[best]) < _CLEAR or _rank(scores[best]) - _rank(scores[others[0]]) < _AHEAD
    return _checked(source, Detected(best, errors, others[0] if doubtful else ""), characters)


def as_chosen(source: Source, encoding: str) -> Detected:
    """The encoding a publisher chose, with the places it cannot decode. Raises InvalidInput when it is none of
    `ENCODINGS` or certainly not that of the file."""
    label = ENCODINGS.get(encoding)
    if label is None:
        raise InvalidInput.one("编码", f"不支持“{encoding}”；可选：{'、'.join(ENCODINGS)}")
    head = next(source.blocks(), b"")
    mark = _by_mark(head)
    wide = mark == "utf-16" or bool(seems_wide(head))
    if wide != encoding.startswith("utf-16"):
        raise InvalidInput.one("编码", f"这个文件{'是' if wide else '不是'} UTF-16，不能按 {label} 读")
    if encoding == "utf-8":
        encoding = mark or encoding
    elif not wide:
        errors, foreign = _undecodable(source, "utf-8")
        if errors == 0 and foreign >= _ENOUGH:
            raise InvalidInput.one("编码", f"这个文件整个是合规的 UTF-8，按 {label} 读会成乱码")
    errors, foreign = _undecodable(source, encoding)
    if errors > max(3, foreign * _MOST_WRONG):
        share = errors / max(foreign, 1)
        raise InvalidInput.one("编码", f"按 {label} 读有 {errors:,} 处（{share:.0%}）不能解码，请另选编码")
    return Detected(encoding, errors)


def _undecodable(source: Source, encoding: str) -> tuple[int, int]:
    """(undecodable places, characters beyond ASCII) of the whole file."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    errors = foreign = 0
    for block in _with_end(source.blocks()):
        text = decoder.decode(block, final=not block)
        errors += text.count("\ufffd")
        foreign += len(text) - len(text.encode("ascii", "ignore"))
    return errors, foreign


def _checked(source: Source, found: Detected, characters: int) -> Detected:
    if found.errors > 20 and found.errors > characters // 3:
        raise InvalidInput.one(source.filename, "看不出文字编码，文件可能不是文本表格")
    return found


def _by_mark(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return ""


def _rank(score: tuple[int, tuple[int, int]]) -> float:
    errors, (common, wide) = score
    return common / max(wide, 1) - 20 * errors / max(wide, 1)


def _count_errors(source: Source, encoding: str, stop_after: int | None) -> tuple[int, tuple[int, int]]:
    """(undecodable places, (common ideographs, ideographs) in the blocks looked at closely)."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    literal = _LITERAL.get(encoding, b"")
    errors = common = wide = 0
    tail = b""
    for number, block in enumerate(_with_end(source.blocks())):
        text = decoder.decode(block, final=not block)
        errors += text.count("\ufffd")
        if literal:
            joined = tail + block
            errors -= joined.count(literal)
            tail = joined[-(len(literal) - 1) :] if block else b""
        if number % _SCORED_EVERY == 0 and encoding != "utf-8":
            more_common, more_wide = _commonness(text, encoding)
            common, wide = common + more_common, wide + more_wide
        if stop_after is not None and errors > stop_after:
            break
    return max(errors, 0), (common, wide)


def _with_end(blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _commonness(text: str, encoding: str) -> tuple[int, int]:
    """How many ideographs are of the everyday level of that encoding's own standard."""
    level = _EVERYDAY[encoding]
    ideographs = [char for char in text if char > "\u2e7f"]
    return sum(char in level for char in ideographs), len(ideographs)


def _everyday(encoding: str, leads: range, trails: tuple[range, ...]) -> frozenset[str]:
    pairs = (bytes((lead, trail)) for lead in leads for part in trails for trail in part)
    return frozenset(pair.decode(encoding, "ignore") for pair in pairs) - {""}


_PUNCTUATION = frozenset("，。、；：？！（）《》“”‘’—…·　１２３４５６７８９０％【】「」")
_EVERYDAY = {
    # GB 2312 level 1: 3,755 characters
    "gb18030": _everyday("gb18030", range(0xB0, 0xD8), (range(0xA1, 0xFF),)) | _PUNCTUATION,
    # Big5 level 1: 5,401 characters
    "cp950": _everyday("cp950", range(0xA4, 0xC7), (range(0x40, 0x7F), range(0xA1, 0xFF))) | _PUNCTUATION,
}
_EVERYDAY["big5hkscs"] = _EVERYDAY["cp950"]
