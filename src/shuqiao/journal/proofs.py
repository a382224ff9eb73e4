"""Inclusion proofs: that one record lies under a seal, checkable offline with nothing but the public key.

A proof names no person and no query unless the record is put into it on purpose: what it carries is the chain
hash that stands on the receipt, the neighbours' hashes up to the root, and the signed seal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from shuqiao.journal import sm2
from shuqiao.journal.archived import leaves_in, line_in
from shuqiao.journal.errors import JournalDamaged, NotSealed
from shuqiao.journal.keys import PublicKey
from shuqiao.journal.merkle import path_to, root_from
from shuqiao.journal.reading import bisect, find_line, opened
from shuqiao.journal.record import parse_receipt_id, receipt_id
from shuqiao.journal.seals import Seal, SealBook, Statement, parse_seal
from shuqiao.journal.segments import TAG_RECORD, Line, Segment, parse_line, read_lines
from shuqiao.journal.sm3 import sm3
from shuqiao.kernel import InvalidInput

FORMAT = "shuqiao-proof-1"


class Proof(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record's place under a seal. `path`: hashes from the bottom up (hex). `seal`: the seal's line.

    `prev` and `body`, only when asked for: the hash before the record and the record's line after its own hash;
    SM3 of both is `hash`.
    """

    format: str
    receipt: str
    node: str
    seq: int
    hash: str
    index: int
    size: int
    path: list[str]
    seal: str
    prev: str = ""
    body: str = ""

    def to_json(self) -> bytes:
        """The form in which a proof is handed over."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_proof(content: bytes) -> Proof:
    """Read what `to_json` wrote. Raises InvalidInput on anything else."""
    try:
        return msgspec.json.decode(content, type=Proof)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInput.one("proof", f"不是存证证明：{error}") from None


def seal_of(dir: Path, node: str, seq: int, archive: Path | None = None) -> Seal | None:  # noqa: A002
    """The seal over a record, also from the copy of the book in `archive`; None while it is not sealed."""
    book = SealBook(Path(dir) / node)
    return SealBook(archive / node).of(seq) if archive and not book.size() else book.of(seq)


def prove(
    dir: Path,  # noqa: A002
    receipt: str,
    *,
    with_record: bool = False,
    archive: Path | None = None,
) -> Proof | None:
    """The proof of a receipt; None when there is no such record, neither in the log nor in `archive`.

    Reads the records under one seal (at most 16,384). Raises NotSealed while it is not sealed, JournalDamaged
    where the log does not hold.
    """
    parts = parse_receipt_id(receipt)
    place = _place_of(Path(dir), receipt, archive)
    if parts is None or place is None:
        return None
    path, prev, line, leaves_under = place
    node = parts[0]
    seal = seal_of(dir, node, line.seq, archive)
    if seal is None:
        raise NotSealed(receipt)
    leaves = leaves_under(seal.statement)
    if len(leaves) != seal.statement.seq_to - seal.statement.seq_from + 1:
        raise JournalDamaged(str(path), line.offset, seal.statement.seq_from, "封存的记录不全")
    proof = make_proof(
        node,
        line.seq,
        seal,
        leaves,
        prev=prev if with_record else "",
        body=line.body.decode() if with_record else "",
    )
    root = root_from(leaves[proof.index], proof.index, proof.size, [bytes.fromhex(one) for one in proof.path])
    if proof.hash != line.hash or root is None or root.hex() != seal.statement.root:
        raise JournalDamaged(str(path), line.offset, line.seq, "与封存的根不符")
    return proof


_Place = tuple[Path, str, Line, Callable[[Statement], list[bytes]]]


def _place_of(root: Path, receipt: str, archive: Path | None) -> _Place | None:
    """A receipt's record, wherever it lies: the file, the hash before it, its line, and how its leaves are read."""
    found = find_line(root, receipt)
    if found is not None:
        segment, before, line = found
        return segment.path, before.hash, line, partial(_leaves, segment)
    archived = line_in(archive, receipt) if archive else None
    if archived is None:
        return None
    file, prev, line = archived
    return file, prev, line, partial(leaves_in, file)


def make_proof(
    node: str, seq: int, seal: Seal, leaves: Sequence[bytes], *, prev: str = "", body: str = ""
) -> Proof:
    """The proof of record `seq` among the leaves under `seal`."""
    index = seq - seal.statement.seq_from
    chain_hash = leaves[index].hex()
    return Proof(
        format=FORMAT,
        receipt=receipt_id(node, seq, chain_hash),
        node=node,
        seq=seq,
        hash=chain_hash,
        index=index,
        size=len(leaves),
        path=[one.hex() for one in path_to(leaves, index)],
        seal=seal.line.decode(),
        prev=prev,
        body=body,
    )


def _leaves(segment: Segment, statement: Statement) -> list[bytes]:
    with opened(segment, statement.seq_from) as file:
        return _stated(file, bisect(file, segment, statement.seq_from), statement)


def _stated(file: BinaryIO, offset: int, statement: Statement) -> list[bytes]:
    leaves: list[bytes] = []
    for at, raw in read_lines(file, offset):
        line = parse_line(raw, at)
        if line is None or line.seq > statement.seq_to:
            break
        if line.tag == TAG_RECORD and line.seq >= statement.seq_from:
            leaves.append(bytes.fromhex(line.hash))
    return leaves


def verify_proof(proof: Proof, public_key: PublicKey, sm2_key: PublicKey | None = None) -> bool:
    """Does the proof hold under this key? Needs neither log nor network."""
    return not problems_of(proof, public_key, sm2_key)


def problems_of(proof: Proof, public_key: PublicKey, sm2_key: PublicKey | None = None) -> list[str]:
    """What is wrong with a proof, in words; nothing when it holds.

    `sm2_key`: the SM2 signature of the seal is checked too, and must be there; raises Sm2Unavailable without
    OpenSSL.
    """
    seal = parse_seal(proof.seal.encode("utf-8", "surrogatepass"))
    if proof.format != FORMAT or seal is None:
        return ["不认识的证明格式"]
    problems = [
        *_signature_problems(seal, public_key),
        *_sm2_problems(seal, sm2_key),
        *_place_problems(proof, seal.statement),
    ]
    try:
        leaf, path = bytes.fromhex(proof.hash), [bytes.fromhex(one) for one in proof.path]
    except ValueError:
        return [*problems, "杂凑值不是十六进制"]
    root = root_from(leaf, proof.index, proof.size, path)
    if root is None or root.hex() != seal.statement.root:
        problems.append("由这条记录算不出封存的根")
    if proof.body and not _body_holds(proof):
        problems.append("所附记录的内容与杂凑值不符")
    return problems


def _signature_problems(seal: Seal, public_key: PublicKey) -> list[str]:
    if seal.statement.key != public_key.id:
        return [f"封存用的密钥是 {seal.statement.key}，给出的是 {public_key.id}"]
    if not public_key.verifies(seal.ed25519, seal.signed):
        return ["封存的签名不成立"]
    return []


def _sm2_problems(seal: Seal, key: PublicKey | None) -> list[str]:
    if key is None:
        return []
    if not seal.sm2:
        return ["封存没有 SM2 签名"]
    if seal.statement.sm2_key != key.id:
        return [f"封存用的 SM2 密钥是 {seal.statement.sm2_key}，给出的是 {key.id}"]
    return [] if sm2.verifies(key, seal.sm2, seal.signed) else ["封存的 SM2 签名不成立"]


def _place_problems(proof: Proof, statement: Statement) -> list[str]:
    problems = []
    size = statement.seq_to - statement.seq_from + 1
    if (proof.node, proof.size, proof.index) != (statement.node, size, proof.seq - statement.seq_from):
        problems.append("记录的位置与封存的范围不符")
    if proof.receipt != receipt_id(proof.node, proof.seq, proof.hash):
        problems.append("回执编号与记录不符")
    return problems


def _body_holds(proof: Proof) -> bool:
    try:
        prev, body = bytes.fromhex(proof.prev), proof.body.encode()
    except ValueError:
        return False
    return sm3(prev + body).hex() == proof.hash and body.startswith(b"R %012d " % proof.seq)
