"""The ledger of a node's archive: which segments lie in which file, and which were then removed from the log.

    <dir>/<node>/archive.jsonl    <ed25519, hex> <json>\\n

Each line is signed with the sealing key and names the SM3 of the line before. A segment that is not in the log
any more must stand here as removed, or it is missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shuqiao.journal.checking import Carried
from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.keys import PublicKey, SealKey
from shuqiao.journal.segments import sync_folder, write_all
from shuqiao.journal.sm3 import ZERO, sm3

FORMAT = 1
NAME = "archive.jsonl"
ARCHIVED, REMOVED = "archived", "removed"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A segment in the archive. `what`: "archived" or "removed". `prev` and `end`: chain hashes before its
    header and of its last line. `since` and `until`: moments of its first and last record. `sm3`: of the file.
    """

    format: int = FORMAT
    number: int
    node: str
    what: str
    first: int
    last: int
    prev: str
    end: str
    since: str
    until: str
    file: str
    bytes: int
    sm3: str
    at: str
    previous: str
    key: str


_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class _Line:
    part: Part
    signature: bytes
    signed: bytes
    digest: str


class Ledger:
    """One node's archive, as its ledger tells it. A torn last line counts for nothing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.node = folder.name

    def parts(self, what: str) -> list[Part]:
        """The segments archived, or removed, in their order. Raises JournalDamaged."""
        return [line.part for line in self._lines() if line.part.what == what]

    def start(self) -> Carried:
        """Where the chain stands before the first segment that must be in the log. Raises JournalDamaged."""
        removed = self.parts(REMOVED)
        return Carried(removed[-1].last, bytes.fromhex(removed[-1].end)) if removed else Carried(0, ZERO)

    def append(self, part: Part, key: SealKey) -> Part:
        """Add a line, durably. `number`, `previous` and `key` of `part` are filled in. Raises OSError."""
        lines = self._lines()
        part = msgspec.structs.replace(
            part,
            number=len(lines) + 1,
            previous=lines[-1].digest if lines else ZERO.hex(),
            key=key.public.id,
        )
        signed = _encoder.encode(part)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            end = self._whole()
            os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)
            write_all(fd, b"%b %b\n" % (key.sign(signed).hex().encode(), signed))
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(self.path.parent)
        return part

    def problems(self, keys: Mapping[str, PublicKey]) -> list[str]:
        """What is wrong with the ledger itself, in words. Raises JournalDamaged."""
        problems: list[str] = []
        previous, ends = ZERO.hex(), {ARCHIVED: (0, ZERO.hex()), REMOVED: (0, ZERO.hex())}
        for number, line in enumerate(self._lines(), 1):
            part = line.part
            before = ends.get(part.what)
            key = keys.get(part.key)
            if (part.number, part.node, part.previous) != (number, self.node, previous):
                problems.append(f"第 {number} 行与前一行不相接")
            if before != (part.first - 1, part.prev):
                problems.append(f"第 {number} 行（序号 {part.first} 至 {part.last}）与前一段不相接")
            if key is None or not key.verifies(line.signature, line.signed):
                problems.append(f"第 {number} 行的签名不成立（公钥 {part.key}）")
            previous, ends[part.what] = line.digest, (part.last, part.end)
        return problems

    def _lines(self) -> list[_Line]:
        if not self.path.exists():
            return []
        lines = []
        for number, raw in enumerate(self.path.read_bytes().split(b"\n")[:-1], 1):
            signature, _, signed = raw.partition(b" ")
            try:
                part = msgspec.json.decode(signed, type=Part)
                lines.append(_Line(part, bytes.fromhex(signature.decode()), signed, sm3(raw).hex()))
            except (ValueError, msgspec.MsgspecError):
                raise JournalDamaged(str(self.path), 0, 0, f"第 {number} 行不是归档记录") from None
        return lines

    def _whole(self) -> int:
        return self.path.read_bytes().rfind(b"\n") + 1
