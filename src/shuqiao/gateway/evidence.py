"""What is written down of each read before its answer is sent: who, under which grant, what, how much.

These are the use records of 营口办法 第二十二条 and 国务院条例 第二十九条. No record, no answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shuqiao.gateway.book import GrantRow
from shuqiao.gateway.requests import Request, Target
from shuqiao.journal import Entry, JournalError, JournalUnavailable, Receipt, Record, Writer, iter_records
from shuqiao.kernel import Decision

REOPEN_SECONDS = 1.0
_FIRST_STEP = 4096


@dataclass(slots=True)
class Draft:
    """What is known of a read so far; the rooms of the corridor fill it in. Only what is proven is noted."""

    request: Request
    target: Target
    key: str = ""
    grant: str = ""
    case: str = ""
    purpose: str = ""
    version: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def note_grant(self, row: GrantRow) -> None:
        """The read happens, or is refused, under this grant."""
        self.grant, self.case, self.purpose = row.id, row.case, row.purpose

    def read(self, *, columns: list[str], rows: int, answer: str) -> Record:
        """The evidence of an answer. `answer` is the SM3 of its body in hex."""
        return self._record("read", columns=columns, rows=rows, answer=answer)

    def begun(self, *, columns: list[str]) -> Record:
        """The evidence that a long answer begins; `delivered` says how it ended."""
        self.extra = {**self.extra, "phase": "begun"}
        return self._record("read", columns=columns)

    def delivered(
        self, begun: str, *, columns: list[str], rows: int, answer: str, size: int, reason: str
    ) -> Record:
        """The evidence of what was sent after the receipt `begun`: rows, SM3 and bytes of the content before it was
        packed. An empty `reason` says that it was all."""
        self.extra = {"begun": begun, "bytes": size, "complete": not reason}
        if reason:
            self.extra["reason"] = reason
        return self._record("delivered", columns=columns, rows=rows, answer=answer)

    def refusal(self, decision: Decision) -> Record:
        """The evidence of a refusal."""
        return self._record("refusal", decision=decision.as_json())

    def _record(self, kind: str, **facts: Any) -> Record:
        return Record(
            kind=kind,
            grant=self.grant,
            key=self.key,
            resource=self.target.resource,
            version=self.version,
            action=self.target.action,
            purpose=self.purpose,
            query=self.request.target,
            client=self.request.client,
            case=self.case,
            extra=self.extra,
            **facts,
        )


class EvidenceLog:
    """The gateway's own chain. After a failed write it refuses everything and tries to open anew each second,
    so that a disk with room again is enough to go on."""

    def __init__(self, root: Path, node: str) -> None:
        self.root, self.node = root, node
        self._writer: Writer | None = None
        self._failure = "存证日志还没有打开"
        self._tried = 0.0

    def open(self) -> None:
        """Open the chain. Raises JournalError or OSError when this node's chain cannot be written."""
        self._writer = Writer(self.root, self.node)
        self._failure = ""

    @property
    def failure(self) -> str:
        """Why nothing can be recorded now; empty while it can."""
        return self._writer.failure if self._writer else self._failure

    @property
    def seq(self) -> int:
        """The last sequence known durable; 0 while the chain is not open."""
        return self._writer.seq if self._writer else 0

    async def append(self, record: Record) -> Receipt:
        """The receipt, once the record is durable. Raises JournalUnavailable when it could not be made so."""
        # All requests that are ready now get as far as this before the first record is handed over: one sync for
        # all of them. Without it the commit thread wakes for each record and the two fight for the interpreter.
        await asyncio.sleep(0)
        if self._writer is None:
            raise JournalUnavailable(self.node, self._failure)
        return await self._writer.append(record)

    @property
    def has_room(self) -> bool:
        """Whether `append_soon` would take a record now."""
        return self._writer is not None and self._writer.has_room

    def append_soon(self, payload: bytes, at: str) -> asyncio.Future[str]:
        """`append` of an encoded record: a future of the receipt's id, done once it is durable. Raises
        JournalUnavailable when it cannot be taken, as the future may."""
        if self._writer is None:
            raise JournalUnavailable(self.node, self._failure)
        return self._writer.append_soon(payload, at)

    async def heal(self) -> None:
        """Open the chain anew after a failure, at most once a second."""
        if not self.failure or time.monotonic() - self._tried < REOPEN_SECONDS:
            return
        self._tried = time.monotonic()
        try:
            await asyncio.to_thread(self._reopen)
        except (JournalError, OSError) as error:
            self._failure = str(error)

    def _reopen(self) -> None:
        broken, self._writer = self._writer, None
        if broken is not None:
            self._failure = broken.failure
            broken.close()
        self.open()

    async def close(self) -> None:
        """Make durable what waits and let go of the chain."""
        writer, self._writer = self._writer, None
        self._failure = "存证日志已关闭"
        if writer is not None:
            await writer.aclose()


def entries_since(root: Path, node: str, moment: str, *, last: int) -> Iterator[Entry]:
    """The records of `node` from about `moment` (ISO, China) on, at least all of those; `last` is the newest
    sequence. Goes back in growing steps, so that the cost follows what is wanted and not the log's length."""
    step = _FIRST_STEP
    while True:
        after = max(0, last - step)
        first = next(iter_records(root, node, after), None)
        if after == 0 or first is None or first.record.at < moment:
            return iter_records(root, node, after)
        step *= 4
