"""Following the chain through one segment, and naming what breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import StrEnum

from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.framed import FramesDamaged
from shuqiao.journal.segments import (
    FORMAT,
    MAX_LINE,
    TAG_HEADER,
    TAG_RECORD,
    Line,
    Segment,
    parse_line,
    read_lines,
)


class Kind(StrEnum):
    """What is wrong with a place in the log."""

    CHANGED = "changed"
    REMOVED = "removed"
    OUT_OF_ORDER = "out_of_order"
    MALFORMED = "malformed"
    TORN = "torn"
    HEADER = "header"
    MISSING_SEGMENT = "missing_segment"
    FOREIGN = "foreign"
    HEAD = "head"
    ANCHOR = "anchor"
    SEAL = "seal"
    ARCHIVE = "archive"
    MISSING_NODE = "missing_node"

    @property
    def label(self) -> str:
        """The word screens and the command line show."""
        return _LABELS[self]


_LABELS = {
    Kind.CHANGED: "内容被改动",
    Kind.REMOVED: "记录缺失",
    Kind.OUT_OF_ORDER: "顺序被改动或插入",
    Kind.MALFORMED: "无法识别的内容",
    Kind.TORN: "末尾不完整",
    Kind.HEADER: "段头不符",
    Kind.MISSING_SEGMENT: "缺少分段",
    Kind.FOREIGN: "外来文件",
    Kind.HEAD: "链头不符",
    Kind.ANCHOR: "与锚点不符",
    Kind.SEAL: "与封存不符",
    Kind.ARCHIVE: "与归档不符",
    Kind.MISSING_NODE: "缺少节点",
}

Fault = Callable[[Kind, int, int, str], None]
"""Told of each fault: kind, sequence, offset in the segment, words."""


class Walk:
    """A walk along one node's chain, segment after segment.

    `seq` and `prev` are the last record's sequence and the last line's hash (raw); `prev` is None after a
    line that cannot be read, and then the next line's link is taken as it is. `record_hash` belongs to `seq`.
    """

    def __init__(self, node: str, *, seq: int, prev: bytes | None, record_hash: str) -> None:
        self.node, self.seq, self.prev, self.record_hash = node, seq, prev, record_hash
        self.end = self.last = self.before = 0

    def lines(self, segment: Segment, fault: Fault, offset: int = 0) -> Iterator[Line]:
        """The records of `segment` from `offset` on, each checked against the chain; faults are told and
        passed over.

        `end` is the offset after the last complete line read, `last` where that line begins, `before` where
        the one before it begins.
        """
        self.end = offset
        try:
            yield from self._lines(segment, fault, offset)
        except FramesDamaged as error:
            fault(Kind.MALFORMED, self.seq + 1, self.end, str(error))
            self.prev = None
            return
        if self.end == 0:
            fault(Kind.HEADER, segment.first, 0, "分段是空的")

    def _lines(self, segment: Segment, fault: Fault, offset: int) -> Iterator[Line]:
        with segment.open() as file:
            for at, raw in read_lines(file, offset):
                if raw[-1] != 0x0A and len(raw) < MAX_LINE:
                    fault(Kind.TORN, self.seq + 1, at, f"最后 {len(raw)} 字节不是完整的一行")
                    return
                self.before, self.last, self.end = self.last, at, at + len(raw)
                line = parse_line(raw, at)
                if line is None:
                    fault(Kind.MALFORMED, self.seq + 1, at, "这一行不是存证的格式")
                    self.prev = None
                elif at == 0:
                    self._enter(line, segment, fault)
                else:
                    if line.tag == TAG_HEADER:
                        fault(Kind.OUT_OF_ORDER, line.seq, at, "段头出现在分段中间")
                    self._link(line, fault)
                    if line.tag == TAG_RECORD:
                        yield line

    def _enter(self, line: Line, segment: Segment, fault: Fault) -> None:
        """Check the header: own hash, and that it belongs to this node, file name and chain."""
        problem = self._header_problem(line, segment)
        if segment.first > self.seq + 1:
            fault(
                Kind.MISSING_SEGMENT,
                self.seq + 1,
                0,
                f"缺少序号 {self.seq + 1} 至 {segment.first - 1} 的分段",
            )
        elif segment.first <= self.seq:
            fault(Kind.OUT_OF_ORDER, segment.first, 0, f"分段从 {segment.first} 起，前段却已到 {self.seq}")
        if problem:
            fault(Kind.HEADER, segment.first, 0, problem)
        elif self.prev is not None and not line.follows(self.prev):
            fault(Kind.CHANGED, segment.first, 0, "段头的杂凑值与内容不符")
        self.prev = _raw(line.hash)
        self.seq = segment.first - 1

    def _header_problem(self, line: Line, segment: Segment) -> str:
        if line.tag != TAG_HEADER:
            return "第一行不是段头"
        try:
            facts = json.loads(line.payload)
            stated = {name: facts[name] for name in ("format", "node", "first", "prev")}
        except (ValueError, KeyError, TypeError):
            return "段头读不出来"
        if stated["format"] != FORMAT:
            return f"格式版本是 {stated['format']!r}，本程序认识 {FORMAT}"
        if stated["node"] != self.node:
            return f"段头属于节点 {stated['node']!r}，不是 {self.node!r}"
        if stated["first"] != segment.first or line.seq != segment.first:
            return f"段头的起始序号是 {stated['first']!r}，文件名说的是 {segment.first}"
        if self.prev is not None and stated["prev"] != self.prev.hex():
            return "段头记的前段杂凑值与前段末行不符"
        return ""

    def _link(self, line: Line, fault: Fault) -> None:
        expected = self.seq + 1 if line.tag == TAG_RECORD else self.seq
        if self.prev is None:
            pass  # the line before could not be read and has been told of
        elif line.seq > expected:
            fault(Kind.REMOVED, expected, line.offset, f"缺少序号 {expected} 至 {line.seq - 1}")
        elif line.seq < expected:
            fault(Kind.OUT_OF_ORDER, line.seq, line.offset, f"这里应是序号 {expected}，却是 {line.seq}")
        elif not line.follows(self.prev):
            fault(Kind.CHANGED, line.seq, line.offset, "杂凑值与前一行和内容不符")
        self.prev = _raw(line.hash)
        if line.tag == TAG_RECORD:
            self.seq, self.record_hash = line.seq, line.hash


def _raw(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def raise_damage(segment: Segment, *, torn_is_damage: bool = True) -> Fault:
    """A fault handler that raises JournalDamaged at the first fault; a torn tail may be passed over."""

    def fault(kind: Kind, seq: int, offset: int, what: str) -> None:
        if kind is not Kind.TORN or torn_is_damage:
            raise JournalDamaged(str(segment.path), offset, seq, f"{kind.label}：{what}")

    return fault
