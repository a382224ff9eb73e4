"""Proving that the evidence is what was written: every segment of every node, from the first line on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from shuqiao.journal.framed import FramesDamaged
from shuqiao.journal.head import Head, head
from shuqiao.journal.opening import is_locked
from shuqiao.journal.record import NODE
from shuqiao.journal.segments import Segment, list_nodes, list_segments, registered_nodes
from shuqiao.journal.sm3 import ZERO
from shuqiao.journal.walking import Kind, Walk

MOST_FINDINGS = 1000
"""Findings kept in a report; the rest are counted."""

_OWN_FILES = re.compile(
    r"seg-\d{12}\.log(\.zst)?|seals\.jsonl|archive\.jsonl|SEAL|cut-\d{12}\.bin|HEAD|LOCK|index\.sqlite(-wal|-shm|-journal)?|\..*\.new"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: where (segment file, sequence, byte offset) and what, in words."""

    node: str
    segment: str
    seq: int
    offset: int
    kind: Kind
    what: str

    def __str__(self) -> str:
        place = f"{self.node}/{self.segment}" if self.segment else self.node
        return f"{place} 序号 {self.seq} 偏移 {self.offset}：{self.kind.label}：{self.what}"


@dataclass(slots=True)
class NodeReport:
    """What was walked of one node. `seq` and `hash` are its last record's."""

    node: str
    segments: int = 0
    records: int = 0
    bytes: int = 0
    seq: int = 0
    hash: str = ZERO.hex()
    being_written: bool = False


@dataclass(slots=True)
class Report:
    """The outcome of `verify`."""

    nodes: list[NodeReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return self.found == 0

    @property
    def records(self) -> int:
        """Records walked, all nodes together."""
        return sum(node.records for node in self.nodes)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while the report is not full."""
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the walk is: bytes read and bytes to read, over all nodes asked for."""

    node: str
    segment: str
    bytes_done: int
    bytes_total: int


def verify(
    dir: Path,  # noqa: A002
    *,
    node: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    anchors: Iterable[Head] = (),
) -> Report:
    """Walk the evidence and report every change, removal, insertion, reordering, missing or foreign segment.

    `node`: only this one. `anchors`: heads kept elsewhere (see `heads`) that must lie on the chain; without
    them a rewriting of the whole chain together with HEAD cannot be found. May run while writers are at
    work: what they are just appending is not judged. Reads each byte once; memory does not grow with the log.
    """
    root = Path(dir)
    anchors = [anchor for anchor in anchors if node in (None, anchor.node)]
    known = {anchor.node for anchor in anchors} | set(list_nodes(root))
    names = [node] if node is not None else sorted(known)
    report = Report()
    for odd in sorted(name for name in registered_nodes(root) if not NODE.fullmatch(name)):
        report.add(Finding("", "nodes", 0, 0, Kind.FOREIGN, f"节点登记里有不是节点名的内容：{odd[:64]!r}"))
    total = sum(_size(s) for name in names for s in list_segments(root / name))
    done = 0
    for name in names:
        check = _NodeCheck(root, name, report, [anchor for anchor in anchors if anchor.node == name])
        for segment in check.segments():
            done += check.walk.end
            if progress:
                progress(Progress(name, segment.path.name, done, total))
        check.finish()
    return report


class _NodeCheck:
    def __init__(self, root: Path, node: str, report: Report, anchors: list[Head]) -> None:
        self.folder, self.node, self.report = root / node, node, report
        self.result = NodeReport(node)
        report.nodes.append(self.result)
        self.walk = Walk(node, seq=0, prev=ZERO, record_hash=ZERO.hex())
        self.segment = ""
        self.being_written = self.result.being_written = is_locked(self.folder)
        self.expected: list[tuple[Kind, Head]] = [(Kind.ANCHOR, anchor) for anchor in anchors]
        self._expect_head(root)  # read before the segments, so that a writer cannot be ahead of the walk
        self.hashes: dict[int, str] = {known.seq: "" for _, known in self.expected}
        self.hashes[0] = ZERO.hex()
        if not self.folder.is_dir():
            self._fault(Kind.MISSING_NODE, 0, 0, "登记过或有锚点的节点，文件夹不在了")
        elif node not in registered_nodes(root):
            self._fault(Kind.FOREIGN, 0, 0, "这个文件夹没有登记为节点")

    def _expect_head(self, root: Path) -> None:
        try:
            known = head(root, self.node)
        except ValueError as error:
            self._fault(Kind.HEAD, 0, 0, f"HEAD 的内容不对：{error}", "HEAD")
            return
        if known is not None:
            self.expected.append((Kind.HEAD, known))
            if known.node != self.node:
                self._fault(Kind.HEAD, known.seq, 0, f"HEAD 属于节点 {known.node!r}", "HEAD")
        elif self.folder.is_dir():
            self._fault(Kind.HEAD, 0, 0, "HEAD 文件不在", "HEAD")

    def segments(self) -> Iterable[Segment]:
        """Walk segment after segment, giving each when it is done."""
        segments = list_segments(self.folder)
        for segment in segments:
            self.segment = segment.path.name
            for line in self.walk.lines(segment, self._chain_fault(last=segment is segments[-1])):
                self.result.records += 1
                if line.seq in self.hashes:
                    self.hashes[line.seq] = line.hash
            self.result.segments += 1
            self.result.bytes += self.walk.end
            yield segment
        self.segment = ""

    def finish(self) -> None:
        """After the last segment: heads and anchors, and files that do not belong here."""
        self.result.seq, self.result.hash = self.walk.seq, self.walk.record_hash
        for kind, known in self.expected:
            name = "HEAD" if kind is Kind.HEAD else ""
            if self.walk.seq < known.seq:
                what = f"已知写到序号 {known.seq}，日志只到 {self.walk.seq}：末尾的记录缺失"
                self._fault(kind, known.seq, 0, what, name)
            elif self.hashes[known.seq] != known.hash:
                self._fault(kind, known.seq, 0, "该序号的杂凑值与已知的不同：日志被重写", name)
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if not _OWN_FILES.fullmatch(path.name):
                    self._fault(Kind.FOREIGN, 0, 0, "不是存证日志的文件", path.name)

    def _chain_fault(self, *, last: bool) -> Callable[[Kind, int, int, str], None]:
        def fault(kind: Kind, seq: int, offset: int, what: str) -> None:
            if not (kind is Kind.TORN and last and self.being_written):
                self._fault(kind, seq, offset, what)

        return fault

    def _fault(self, kind: Kind, seq: int, offset: int, what: str, segment: str = "") -> None:
        self.report.add(Finding(self.node, segment or self.segment, seq, offset, kind, what))


def _size(segment: Segment) -> int:
    try:
        return segment.size()
    except FramesDamaged:
        return 0  # the walk will name it
