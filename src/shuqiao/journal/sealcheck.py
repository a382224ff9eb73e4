"""Checking a node's book of seals: signatures, order, and that nothing lies between two seals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from shuqiao.journal import sm2
from shuqiao.journal.checking import Span
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.keys import SM2, PublicKey
from shuqiao.journal.seals import FORMAT, NAME, NOTHING, Seal, SealBook
from shuqiao.journal.segments import Segment
from shuqiao.journal.walking import Kind

Fault = Callable[[Kind, int, int, str, str], None]


class SealReader:
    """Gives out the seals over each segment in turn, each checked on its way."""

    def __init__(self, folder: Path, keys: Mapping[str, PublicKey], fault: Fault) -> None:
        self.folder, self.keys, self.fault = folder, keys, fault
        self.count = 0
        self._book = SealBook(folder)
        self._size = self._book.size()  # what is sealed from now on may lie beyond what will be walked
        self._before: Seal | None = None
        self._seals = self._checked()
        self._next = next(self._seals, None)

    @property
    def sealed(self) -> int:
        """The last sequence under a seal that was given out."""
        return self._before.statement.seq_to if self._before else 0

    def over(self, segment: Segment, following: Segment | None) -> tuple[Span, ...]:
        """The seals that begin in `segment`; before the first one, also what begins before it."""
        spans = []
        while self._next is not None and (following is None or self._next.first < following.first):
            if self._next.first >= segment.first:
                spans.append(self._next)
            self._next = next(self._seals, None)
        return tuple(spans)

    def _checked(self) -> Iterator[Span]:
        try:
            for seal in self._book.seals(until=self._size):
                self._check(seal)
                self._before = seal
                self.count += 1
                said = seal.statement
                yield Span(said.number, said.seq_from, said.seq_to, said.root, said.head)
        except JournalDamaged as error:
            self.fault(Kind.SEAL, error.seq, error.offset, error.what, NAME)

    def _check(self, seal: Seal) -> None:
        said, before = seal.statement, self._before
        number, first = (before.statement.number, before.statement.seq_to) if before else (0, 0)
        previous = before.digest if before else NOTHING
        problems = []
        if said.format != FORMAT or said.node != self.folder.name:
            problems.append("不属于这个节点或这个格式")
        if (said.number, said.seq_from, said.previous) != (number + 1, first + 1, previous):
            problems.append("与上一次封存不相接")
        if said.seq_to < said.seq_from:
            problems.append("范围是空的")
        key = self.keys.get(said.key)
        if key is None:
            problems.append(f"没有编号为 {said.key} 的公钥")
        elif not key.verifies(seal.ed25519, seal.signed):
            problems.append("签名不成立")
        problems += self._sm2_problems(seal)
        for problem in problems:
            self.fault(Kind.SEAL, said.seq_from, 0, f"第 {said.number} 次封存：{problem}", NAME)

    def _sm2_problems(self, seal: Seal) -> list[str]:
        """The second signature, where there is one and somebody gave its key; needs OpenSSL."""
        named = seal.statement.sm2_key
        if bool(named) != bool(seal.sm2):
            return ["SM2 签名与所写的公钥不相配"]
        if not named or not sm2.available():
            return []
        if not any(key.algorithm == SM2 for key in self.keys.values()):
            return []
        key = self.keys.get(named)
        if key is None:
            return [f"没有编号为 {named} 的 SM2 公钥"]
        return [] if sm2.verifies(key, seal.sm2, seal.signed) else ["SM2 签名不成立"]
