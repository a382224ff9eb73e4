"""Checking one segment: its chain from a carried head on, and the seals over it. Runs in any process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from shuqiao.journal.merkle import root_of
from shuqiao.journal.segments import Segment, parse_line
from shuqiao.journal.walking import Kind, Walk

MOST_FINDINGS = 1000
"""Findings kept of a segment, and in a report; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the chain stands before a segment: the last record's sequence and the last line's hash (raw; None:
    unknown)."""

    seq: int
    prev: bytes | None


@dataclass(frozen=True, slots=True)
class Span:
    """What a seal says of the records `first` to `last`."""

    number: int
    first: int
    last: int
    root: str
    head: str


@dataclass(frozen=True, slots=True)
class Task:
    """One segment to check. `wanted`: sequences whose hashes are asked for. `being_written`: an incomplete last
    line is no fault."""

    segment: Segment
    node: str
    carried: Carried
    wanted: frozenset[int]
    spans: tuple[Span, ...]
    being_written: bool


@dataclass(slots=True)
class Checked:
    """What was found in one segment, and where the chain stands after it."""

    carried: Carried
    end: Carried = field(default_factory=lambda: Carried(0, None))
    records: int = 0
    bytes: int = 0
    hash: str = ""
    hashes: dict[int, str] = field(default_factory=dict)
    faults: list[tuple[Kind, int, int, str]] = field(default_factory=list)
    found: int = 0

    def fault(self, kind: Kind, seq: int, offset: int, what: str) -> None:
        """Count a fault, and keep it while there is room."""
        self.found += 1
        if len(self.faults) < MOST_FINDINGS:
            self.faults.append((kind, seq, offset, what))


def stated_start(segment: Segment) -> Carried:
    """Where the chain stands before a segment by the word of its own header; whoever uses it compares it with
    the end of the segment before."""
    try:
        with segment.open() as file:
            line = parse_line(file.readline(4096), 0)
        prev = bytes.fromhex(json.loads(line.payload)["prev"]) if line else None
    except (OSError, ValueError, KeyError, TypeError):
        prev = None
    return Carried(segment.first - 1, prev)


def check(task: Task) -> Checked:
    """Walk one segment. Reads each byte once; holds the hashes under one seal at a time."""
    result = Checked(task.carried)

    def fault(kind: Kind, seq: int, offset: int, what: str) -> None:
        if kind is not Kind.TORN or not task.being_written:
            result.fault(kind, seq, offset, what)

    walk = Walk(task.node, seq=task.carried.seq, prev=task.carried.prev, record_hash="")
    seals = _SealCheck(task.spans, result)
    wanted = task.wanted
    for line in walk.lines(task.segment, fault):
        result.records += 1
        if line.seq in wanted:
            result.hashes[line.seq] = line.hash
        seals.take(line.seq, line.hash)
    seals.finish()
    result.end, result.hash, result.bytes = Carried(walk.seq, walk.prev), walk.record_hash, walk.end
    return result


class _SealCheck:
    """Grows the leaves of the current seal, and compares root and head at its end."""

    def __init__(self, spans: tuple[Span, ...], result: Checked) -> None:
        self.spans, self.result = iter(spans), result
        self.span = next(self.spans, None)
        self.leaves: list[bytes] = []

    def take(self, seq: int, chain_hash: str) -> None:
        span = self.span
        if span is None or seq < span.first:
            return
        try:
            self.leaves.append(bytes.fromhex(chain_hash))
        except ValueError:
            self.leaves.append(b"")  # told of by the walk; the root cannot come out right
        if seq >= span.last:
            self._compare(span, chain_hash)
            self.span, self.leaves = next(self.spans, None), []

    def finish(self) -> None:
        """Seals for which there were not enough records."""
        while self.span is not None:
            what = f"第 {self.span.number} 次封存到序号 {self.span.last}，这一段里的记录不全"
            self.result.fault(Kind.SEAL, self.span.last, 0, what)
            self.span = next(self.spans, None)

    def _compare(self, span: Span, chain_hash: str) -> None:
        if len(self.leaves) != span.last - span.first + 1 or root_of(self.leaves).hex() != span.root:
            what = f"第 {span.number} 次封存（序号 {span.first} 至 {span.last}）的根与记录不符"
            self.result.fault(Kind.SEAL, span.first, 0, what)
        elif chain_hash != span.head:
            self.result.fault(Kind.SEAL, span.last, 0, f"第 {span.number} 次封存的链头与记录不符")
