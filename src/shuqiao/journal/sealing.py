"""Making seals, without the writer noticing: only what `HEAD` says is durable is read, checked and signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shuqiao.journal.compressing import keeping
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.head import Head, head
from shuqiao.journal.keys import SealKey, publish
from shuqiao.journal.merkle import root_of
from shuqiao.journal.reading import bisect, opened
from shuqiao.journal.seals import FORMAT, NOTHING, Seal, SealBook, Statement, make_line, signed_bytes
from shuqiao.journal.segments import Segment, list_segments
from shuqiao.journal.sm2 import Sm2Key
from shuqiao.journal.sm3 import ZERO
from shuqiao.journal.walking import Walk, raise_damage
from shuqiao.kernel.time import CHINA, now

MOST = 1 << 14
"""The most records under one seal: what a proof has to read."""


def seal_due(dir: Path, node: str, *, every: timedelta, at: datetime) -> bool:  # noqa: A002
    """Is there something to seal, and was the last seal `every` ago, or is more waiting than one seal holds?

    Raises JournalDamaged."""
    durable = _durable(Path(dir), node)
    if durable is None:
        return False
    last = SealBook(Path(dir) / node).last()
    if last is None:
        return True
    if durable.seq <= last.statement.seq_to:
        return False
    return (
        durable.seq - last.statement.seq_to >= MOST or datetime.fromisoformat(last.statement.at) + every <= at
    )


def seal(
    dir: Path,  # noqa: A002
    node: str,
    key: SealKey,
    *,
    sm2: Sm2Key | None = None,
    at: datetime | None = None,
    most: int = MOST,
    limit: int = 1_000,
) -> list[Seal]:
    """Seal all durable records of `node` that are not sealed, in at most `limit` seals of at most `most` each.

    `at`: aware; now when not given. None made when another process is at it. Raises JournalDamaged where the
    log does not hold (nothing wrong is ever signed), OSError.
    """
    root = Path(dir)
    folder = root / node
    durable = _durable(root, node)
    if durable is None:
        return []
    made: list[Seal] = []
    with keeping(folder) as ours:
        if not ours:
            return []
        publish(root, [key.public, *([sm2.public] if sm2 else [])])
        book = SealBook(folder)
        last = book.last()
        moment = (at or now()).astimezone(CHINA).isoformat(timespec="milliseconds")
        sealer = _Sealer(book, node, moment, key, sm2)
        for leaves in _stretches(folder, node, last, durable, most):
            last = sealer.add(last, leaves)
            made.append(last)
            if len(made) >= limit:
                break
    return made


def _durable(root: Path, node: str) -> Head | None:
    """What is known durable; None when that is nothing."""
    known = head(root, node)
    return known if known and known.seq else None


@dataclass(frozen=True, slots=True)
class _Sealer:
    book: SealBook
    node: str
    moment: str
    key: SealKey
    sm2: Sm2Key | None

    def add(self, last: Seal | None, leaves: list[bytes]) -> Seal:
        first = last.statement.seq_to + 1 if last else 1
        statement = Statement(
            format=FORMAT,
            number=last.statement.number + 1 if last else 1,
            node=self.node,
            seq_from=first,
            seq_to=first + len(leaves) - 1,
            root=root_of(leaves).hex(),
            head=leaves[-1].hex(),
            at=self.moment,
            previous=last.digest if last else NOTHING,
            key=self.key.public.id,
            sm2_key=self.sm2.public.id if self.sm2 else "",
        )
        data = signed_bytes(statement)
        sm2 = self.sm2.sign(data) if self.sm2 else b""
        return self.book.append(make_line(statement, ed25519=self.key.sign(data), sm2=sm2))


def _stretches(folder: Path, node: str, last: Seal | None, durable: Head, most: int) -> Iterator[list[bytes]]:
    """The chain hashes of what is to be sealed, a list a seal: in one segment, at most `most`."""
    sealed, chain = (last.statement.seq_to, last.statement.head) if last else (0, ZERO.hex())
    segments = list_segments(folder)
    for place, segment in enumerate(segments):
        end = segments[place + 1].first - 1 if place + 1 < len(segments) else durable.seq
        if end <= sealed:
            continue
        leaves: list[bytes] = []
        for leaf in _hashes(segment, node, sealed, chain, until=min(end, durable.seq)):
            leaves.append(leaf)
            if len(leaves) == most:
                sealed, chain = sealed + most, leaf.hex()
                yield leaves
                leaves = []
        if leaves:
            sealed, chain = sealed + len(leaves), leaves[-1].hex()
            yield leaves
        if sealed >= durable.seq:
            return


def _hashes(segment: Segment, node: str, sealed: int, chain: str, *, until: int) -> Iterator[bytes]:
    """The checked chain hashes of the records after `sealed`, whose own hash is `chain`."""
    fault = raise_damage(segment, torn_is_damage=False)
    if segment.first > sealed + 1:
        raise JournalDamaged(str(segment.path), 0, sealed + 1, "缺少分段")
    if segment.first == sealed + 1:
        offset, walk = 0, Walk(node, seq=sealed, prev=bytes.fromhex(chain), record_hash="")
    else:
        with opened(segment, sealed) as file:
            offset = bisect(file, segment, sealed)
        walk = Walk(node, seq=segment.first - 1, prev=None, record_hash="")
    for line in walk.lines(segment, fault, offset):
        if line.seq == sealed and line.hash != chain:
            raise JournalDamaged(str(segment.path), line.offset, sealed, "与上一次封存的杂凑值不符")
        if line.seq > until:
            return
        if line.seq > sealed:
            yield bytes.fromhex(line.hash)
