"""What can go wrong with evidence. All are `ShuqiaoError`; none is the caller's fault.

JournalError
├── JournalUnavailable  the record is not durable; whoever waits must not answer
├── JournalLocked       another process writes this node's evidence
├── NotSealed           a proof was asked for before the record was sealed
└── JournalDamaged      what is on disk is not what was written
"""

from __future__ import annotations

from shuqiao.kernel import ShuqiaoError


class JournalError(ShuqiaoError):
    """Root of the evidence log's errors."""


class JournalUnavailable(JournalError):
    """The evidence could not be made durable (disk full, device error, log closed). Nothing may be answered
    until a new `Writer` has been opened."""

    def __init__(self, node: str, reason: str) -> None:
        self.node, self.reason = node, reason
        super().__init__(f"存证日志 {node} 不能写入：{reason}")


class JournalLocked(JournalError):
    """A node has one writer. `holder` is what the other wrote into the lock file (its process id)."""

    def __init__(self, node: str, holder: str) -> None:
        self.node, self.holder = node, holder
        super().__init__(f"存证日志 {node} 正由进程 {holder or '（未知）'} 写入，一个节点只能有一个写入者")


class NotSealed(JournalError):
    """The record is durable and chained, but no seal covers it yet; the next one will."""

    def __init__(self, receipt: str) -> None:
        self.receipt = receipt
        super().__init__(f"回执 {receipt} 还没有封存，下一次封存之后才有证明")


class JournalDamaged(JournalError):
    """The log contradicts itself; it is never repaired silently. Names file, offset (bytes), sequence."""

    def __init__(self, path: str, offset: int, seq: int, what: str) -> None:
        self.path, self.offset, self.seq, self.what = path, offset, seq, what
        super().__init__(f"存证日志损坏：{path} 第 {offset} 字节处（序号 {seq}）：{what}")
