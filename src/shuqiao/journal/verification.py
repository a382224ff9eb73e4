"""Proving that the evidence is what was written: every segment of every node, from the first line on."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

from shuqiao.journal.checking import MOST_FINDINGS, Carried, Checked, Task, check, stated_start
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.framed import FramesDamaged
from shuqiao.journal.head import Head, head
from shuqiao.journal.keys import PublicKey, public_keys
from shuqiao.journal.ledger import Ledger
from shuqiao.journal.opening import is_locked
from shuqiao.journal.record import NODE
from shuqiao.journal.sealcheck import SealReader
from shuqiao.journal.seals import NAME
from shuqiao.journal.segments import Segment, list_nodes, list_segments, registered_nodes
from shuqiao.journal.sm3 import ZERO
from shuqiao.journal.walking import Kind

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
    """What was walked of one node. `seq` and `hash` are its last record's; `sealed` is the last under a seal."""

    node: str
    segments: int = 0
    records: int = 0
    bytes: int = 0
    seq: int = 0
    hash: str = ZERO.hex()
    being_written: bool = False
    seals: int = 0
    sealed: int = 0


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
    keys: Mapping[str, PublicKey] | None = None,
    processes: int = 1,
) -> Report:
    """Walk the evidence and report every change, removal, insertion, reordering, missing or foreign segment,
    and every seal that does not hold.

    `node`: only this one. `anchors`: heads kept elsewhere (see `heads`) that must lie on the chain; without
    them or seals under `keys` kept elsewhere a rewriting of the whole chain together with HEAD cannot be found.
    `keys`: those that may have signed, by id; those published beside the log when not given. `processes`:
    segments are walked in so many at once, each from the head its header states, which is compared with where
    the one before really ended. May run while writers are at work: what they are just appending is not judged.
    Reads each byte once; memory does not grow with the log.
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
    trusted = public_keys(root) if keys is None else keys
    with _pool(processes) as pool:
        for name in names:
            check = _NodeCheck(root, name, report, [a for a in anchors if a.node == name], trusted)
            for segment, size in check.segments(pool):
                done += size
                if progress:
                    progress(Progress(name, segment.path.name, done, total))
            check.finish()
    return report


class _Pool:
    """Runs tasks in their order, a few ahead: in this process, or in several."""

    def __init__(self, executor: Executor | None, ahead: int) -> None:
        self.parallel = executor is not None
        self._executor, self._ahead = executor, ahead

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Checked]]:
        """Each task with its result."""
        if self._executor is None:
            yield from ((task, check(task)) for task in tasks)
            return
        waiting: deque[tuple[Task, Future[Checked]]] = deque()
        for task in tasks:
            waiting.append((task, self._executor.submit(check, task)))
            if len(waiting) > self._ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        for task, future in waiting:
            yield task, future.result()


@contextmanager
def _pool(processes: int) -> Iterator[_Pool]:
    if processes <= 1:
        yield _Pool(None, 0)
        return
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
        yield _Pool(executor, processes * 2)


class _NodeCheck:
    def __init__(
        self, root: Path, node: str, report: Report, anchors: list[Head], keys: Mapping[str, PublicKey]
    ) -> None:
        self.folder, self.node, self.report = root / node, node, report
        self.result = NodeReport(node)
        report.nodes.append(self.result)
        self.segment = ""
        self.being_written = self.result.being_written = is_locked(self.folder)
        self.expected: list[tuple[Kind, Head]] = [(Kind.ANCHOR, anchor) for anchor in anchors]
        self._expect_head(root)  # read before the segments, so that a writer cannot be ahead of the walk
        self.start = self.carried = self._archived_to(keys)
        self.seals = SealReader(self.folder, keys, self._fault)
        self.hashes: dict[int, str] = {known.seq: "" for _, known in self.expected}
        self.hashes[0] = ZERO.hex()
        self.hashes[self.start.seq] = self.result.hash = (self.start.prev or ZERO).hex()
        self.result.seq = self.start.seq
        if not self.folder.is_dir():
            self._fault(Kind.MISSING_NODE, 0, 0, "登记过或有锚点的节点，文件夹不在了")
        elif node not in registered_nodes(root):
            self._fault(Kind.FOREIGN, 0, 0, "这个文件夹没有登记为节点")

    def _expect_head(self, root: Path) -> None:
        try:
            known = head(root, self.node)
        except JournalDamaged as error:
            self._fault(Kind.HEAD, 0, 0, f"HEAD 的内容不对：{error.what}", "HEAD")
            return
        if known is not None:
            self.expected.append((Kind.HEAD, known))
            if known.node != self.node:
                self._fault(Kind.HEAD, known.seq, 0, f"HEAD 属于节点 {known.node!r}", "HEAD")
        elif self.folder.is_dir():
            self._fault(Kind.HEAD, 0, 0, "HEAD 文件不在", "HEAD")

    def _archived_to(self, keys: Mapping[str, PublicKey]) -> Carried:
        """Where the chain stands behind what the ledger says was archived and removed."""
        ledger = Ledger(self.folder)
        try:
            for problem in ledger.problems(keys):
                self._fault(Kind.ARCHIVE, 0, 0, problem, ledger.path.name)
            return ledger.start()
        except JournalDamaged as error:
            self._fault(Kind.ARCHIVE, 0, 0, error.what, ledger.path.name)
            return Carried(0, ZERO)

    def segments(self, pool: _Pool) -> Iterator[tuple[Segment, int]]:
        """Walk segment after segment, giving each with its bytes when it is done."""
        for task, checked in pool.run(self._tasks(stated=pool.parallel)):
            self.segment = task.segment.path.name
            # Where the header says something else than where the chain really stands: walk it from there.
            holds = checked.carried == self.carried
            self._take(checked if holds else check(replace(task, carried=self.carried)))
            yield task.segment, checked.bytes
        self.segment = ""

    def _tasks(self, *, stated: bool) -> Iterator[Task]:
        # What a killed process has not removed yet, though the ledger says so, belongs to the archive.
        segments = [one for one in list_segments(self.folder) if one.first > self.start.seq]
        for place, segment in enumerate(segments):
            following = segments[place + 1] if place + 1 < len(segments) else None
            yield Task(
                segment,
                self.node,
                stated_start(segment) if stated else self.carried,
                frozenset(self.hashes),
                self.seals.over(segment, following),
                being_written=following is None and self.being_written,
            )

    def _take(self, checked: Checked) -> None:
        for kind, seq, offset, what in checked.faults:
            self._fault(kind, seq, offset, what, NAME if kind is Kind.SEAL else "")
        self.report.found += checked.found - len(checked.faults)
        self.hashes.update(checked.hashes)
        self.carried = checked.end
        self.result.segments += 1
        self.result.records += checked.records
        self.result.bytes += checked.bytes
        self.result.seq, self.result.hash = checked.end.seq, checked.hash or self.result.hash

    def finish(self) -> None:
        """After the last segment: heads, anchors and seals, and files that do not belong here."""
        self.result.seals, self.result.sealed = self.seals.count, self.seals.sealed
        for kind, known in self.expected:
            name = "HEAD" if kind is Kind.HEAD else ""
            if 0 < known.seq < self.start.seq:
                continue  # lies in the archive, and is checked there
            if self.carried.seq < known.seq:
                what = f"已知写到序号 {known.seq}，日志只到 {self.carried.seq}：末尾的记录缺失"
                self._fault(kind, known.seq, 0, what, name)
            elif self.hashes[known.seq] != known.hash:
                self._fault(kind, known.seq, 0, "该序号的杂凑值与已知的不同：日志被重写", name)
        if self.carried.seq < self.seals.sealed:
            what = f"已封存到序号 {self.seals.sealed}，日志只到 {self.carried.seq}"
            self._fault(Kind.SEAL, self.seals.sealed, 0, what, NAME)
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if not _OWN_FILES.fullmatch(path.name):
                    self._fault(Kind.FOREIGN, 0, 0, "不是存证日志的文件", path.name)

    def _fault(self, kind: Kind, seq: int, offset: int, what: str, segment: str = "") -> None:
        self.report.add(Finding(self.node, segment or self.segment, seq, offset, kind, what))


def _size(segment: Segment) -> int:
    try:
        return segment.size()
    except FramesDamaged:
        return 0  # the walk will name it
