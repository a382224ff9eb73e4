"""Seals and proofs: what is signed, who can check it, and that a process killed in between leaves no harm."""

from __future__ import annotations

import itertools
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.journal import (
    JournalDamaged,
    NotSealed,
    Proof,
    Receipt,
    SealBook,
    SealKey,
    Writer,
    compress,
    find,
    head,
    problems_of,
    prove,
    public_keys,
    read_proof,
    read_public_key,
    seal,
    seal_due,
    seal_key,
    seal_of,
    verify,
    verify_proof,
)
from shuqiao.journal.head import Head, write_head
from shuqiao.journal.merkle import leaf_hash, node_hash, path_to, root_from, root_of
from shuqiao.journal.segments import list_segments
from shuqiao.journal.sm3 import sm3
from shuqiao.journal.tests.conftest import a_read, write_log
from shuqiao.kernel import InvalidInput

SOURCE = str(Path(__file__).parents[3])
MINUTES = timedelta(minutes=5)


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return seal_key(tmp_path / "secrets")


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sm3(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_tree_is_that_of_rfc_6962_and_every_leaf_has_its_path(leaves: list[bytes]) -> None:
    root = root_of(leaves)
    assert root == _by_definition(leaves)
    for index, leaf in enumerate(leaves):
        path = path_to(leaves, index)
        assert root_from(leaf, index, len(leaves), path) == root
        assert root_from(leaf + b"x", index, len(leaves), path) != root
        assert root_from(leaf, index, len(leaves), [*path, root]) is None
        if path:
            assert root_from(leaf, index, len(leaves), path[:-1]) is None
    assert root_from(b"", len(leaves), len(leaves), []) is None


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    made: list[SealKey] = []
    threads = [threading.Thread(target=lambda: made.append(seal_key(tmp_path / "secrets"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.public.id for one in made}) == 1
    [path] = (tmp_path / "secrets").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_public_key(made[0].public.pem.encode()) == made[0].public
    with pytest.raises(InvalidInput):
        read_public_key(b"no key")


def test_seals_follow_one_another_and_cover_every_record(root: Path, key: SealKey) -> None:
    write_log(root, 60)
    made = seal(root, "gw1", key, most=7)
    write_log(root, 25)
    made += seal(root, "gw1", key, most=7)
    assert seal(root, "gw1", key) == []
    facts = [one.statement for one in made]
    assert [one.number for one in facts] == list(range(1, len(made) + 1))
    assert facts[0].seq_from == 1
    assert facts[-1].seq_to == 85
    assert all(b.seq_from == a.seq_to + 1 for a, b in itertools.pairwise(facts))
    assert all(b.statement.previous == sm3(a.line).hex() for a, b in itertools.pairwise(made))
    assert all(one.seq_to - one.seq_from < 7 for one in facts)
    firsts = [segment.first for segment in list_segments(root / "gw1")]
    assert not [one for one in facts if any(one.seq_from < first <= one.seq_to for first in firsts)]
    assert list(SealBook(root / "gw1")) == made
    assert list(public_keys(root)) == [key.public.id]
    for seq in range(1, 86):
        found = seal_of(root, "gw1", seq)
        assert found is not None
        assert found.statement.seq_from <= seq <= found.statement.seq_to
    assert seal_of(root, "gw1", 86) is None
    assert verify(root).ok


def test_only_what_is_durable_is_sealed_and_the_writer_is_not_waited_for(root: Path, key: SealKey) -> None:
    with Writer(root, "gw1", head_every=3600) as writer:
        writer.append_many_sync(a_read(n) for n in range(10))
        known = head(root, "gw1")
        assert known is not None
        assert [one.statement.seq_to for one in seal(root, "gw1", key)] == ([known.seq] if known.seq else [])
        writer.append_sync(a_read())
    assert seal(root, "gw1", key)[-1].statement.seq_to == 11


def test_a_seal_is_due_after_its_time_or_when_enough_waits(root: Path, key: SealKey) -> None:
    moment = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
    assert not seal_due(root, "gw1", every=MINUTES, at=moment)
    write_log(root, 3)
    assert seal_due(root, "gw1", every=MINUTES, at=moment)
    seal(root, "gw1", key, at=moment)
    assert not seal_due(root, "gw1", every=MINUTES, at=moment + 2 * MINUTES)
    write_log(root, 3)
    assert not seal_due(root, "gw1", every=MINUTES, at=moment + MINUTES / 2)
    assert seal_due(root, "gw1", every=MINUTES, at=moment + MINUTES)


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("yingkou-2022", "24")
def test_every_receipt_can_be_proven_offline_with_the_public_key_alone(root: Path, key: SealKey) -> None:
    receipts = write_log(root, 200, segment_bytes=20_000)
    seal(root, "gw1", key, most=33)
    compress(root)
    public = read_public_key(key.public.pem.encode())
    for receipt in receipts:
        proof = prove(root, receipt.id)
        assert proof is not None
        assert verify_proof(read_proof(proof.to_json()), public)
        assert (proof.hash, proof.body) == (receipt.hash, "")
    with_record = prove(root, receipts[5].id, with_record=True)
    assert with_record is not None
    assert verify_proof(with_record, public)
    assert '"rows":5' in with_record.body
    changed = msgspec.structs.replace(with_record, body=with_record.body.replace('"rows":5', '"rows":6'))
    assert problems_of(changed, public) == ["所附记录的内容与杂凑值不符"]
    assert prove(root, "gw1-000000000999-00000000") is None
    assert prove(root, "no receipt") is None


def _changes(proof: Proof, other: Proof) -> list[Proof]:
    replace = msgspec.structs.replace
    return [
        replace(proof, hash=other.hash),
        replace(proof, hash="zz"),
        replace(proof, seq=other.seq),
        replace(proof, node="gw2"),
        replace(proof, index=other.index),
        replace(proof, size=proof.size + 1),
        replace(proof, path=other.path),
        replace(proof, path=proof.path[:-1]),
        replace(proof, receipt=other.receipt),
        replace(proof, seal=other.seal),
        replace(proof, seal=proof.seal.replace('"number":', '"number":1')),
        replace(proof, seal="00" + proof.seal[2:]),
        replace(proof, seal="no seal"),
        replace(proof, format="other"),
        replace(proof, body="R 000000000001 {}"),
    ]


def test_no_changed_proof_holds_and_no_other_key(root: Path, key: SealKey, tmp_path: Path) -> None:
    receipts = write_log(root, 40, segment_bytes=1 << 20)
    seal(root, "gw1", key, most=16)
    proof, other = prove(root, receipts[3].id), prove(root, receipts[28].id)
    assert proof is not None
    assert other is not None
    assert verify_proof(proof, key.public)
    for changed in _changes(proof, other):
        assert not verify_proof(changed, key.public), changed
    stranger = seal_key(tmp_path / "other").public
    assert not verify_proof(proof, stranger)
    claims = msgspec.structs.replace(stranger, id=key.public.id)
    assert problems_of(proof, claims) == ["封存的签名不成立"]
    with pytest.raises(InvalidInput):
        read_proof(b"{}")


def test_what_is_not_sealed_yet_says_so(root: Path, key: SealKey) -> None:
    write_log(root, 5)
    seal(root, "gw1", key)
    receipts = write_log(root, 1)
    with pytest.raises(NotSealed, match="还没有封存"):
        prove(root, receipts[0].id)


def test_nothing_wrong_is_ever_signed(root: Path, key: SealKey) -> None:
    write_log(root, 60)
    seal(root, "gw1", key, limit=1)
    path = list_segments(root / "gw1")[-1].path
    path.write_bytes(path.read_bytes().replace("营口".encode(), "沈阳".encode(), 1))
    with pytest.raises(JournalDamaged):
        seal(root, "gw1", key)
    sealed = SealBook(root / "gw1").last()
    assert sealed is not None
    assert sealed.statement.seq_to < list_segments(root / "gw1")[-1].first


def test_a_rewritten_log_is_not_sealed_on_and_its_receipts_have_no_proof(root: Path, key: SealKey) -> None:
    receipts = write_log(root, 10, segment_bytes=1 << 20)
    seal(root, "gw1", key)
    folder = root / "gw1"
    for name in ("seg-000000000001.log", "HEAD"):
        (folder / name).unlink()
    (folder / "index.sqlite").unlink(missing_ok=True)
    forged = write_log(root, 12, segment_bytes=1 << 20)
    assert find(root, forged[3].id) is not None
    with pytest.raises(JournalDamaged):
        prove(root, forged[3].id)
    with pytest.raises(JournalDamaged, match="封存"):
        seal(root, "gw1", key)
    assert prove(root, receipts[3].id) is None


def test_the_torn_end_of_the_book_is_cut(root: Path, key: SealKey) -> None:
    write_log(root, 20)
    seal(root, "gw1", key)
    book = SealBook(root / "gw1")
    whole = book.path.read_bytes()
    last = book.last()
    with book.path.open("ab") as file:
        file.write(b"ab" * 40)
    assert book.last() == last
    write_log(root, 1)
    [made] = seal(root, "gw1", key)
    assert book.path.read_bytes() == whole + made.line + b"\n"
    assert verify(root).ok


_FULL = """
import errno, resource, signal, sys
from datetime import datetime
from pathlib import Path
from shuqiao.journal import compress, seal, seal_key
root, act, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
key = seal_key(root.parent / "secrets")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    seal(root, "gw1", key, most=5) if act == "seal" else compress(root)
except OSError as error:
    print("refused", error.errno in (errno.EFBIG, errno.ENOSPC))
"""


@pytest.mark.crash
@pytest.mark.parametrize("act", ["seal", "compress"])
@pytest.mark.parametrize("limit", [0, 1_000, 2_101])
def test_at_the_end_of_the_disk_nothing_is_lost_and_the_next_run_goes_on(
    root: Path, key: SealKey, act: str, limit: int
) -> None:
    receipts = write_log(root, 400, segment_bytes=40_000)
    child = subprocess.run(
        [sys.executable, "-c", _FULL, str(root), act, str(limit)],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout == "refused True\n"
    assert verify(root).findings == []
    assert list(root.glob("gw1/.*")) == [], "no draft is left over"
    made = seal(root, "gw1", key, most=5)
    assert made[-1].statement.seq_to == 400
    assert compress(root)
    assert verify(root).findings == []
    assert all(find(root, receipt.id) for receipt in receipts[::37])


_SEALER = """
import sys
from pathlib import Path
from shuqiao.journal import seal, seal_key
root = Path(sys.argv[1])
key = seal_key(root.parent / "secrets")
print("begun", flush=True)
seal(root, "gw1", key, most=3)
print("done", flush=True)
"""


@pytest.mark.crash
def test_killed_while_sealing_the_book_goes_on_where_it_was(root: Path) -> None:
    chance = random.Random()
    receipts: list[Receipt] = []
    cut_short = 0
    for _ in range(10):
        receipts += write_log(root, 900, segment_bytes=30_000)
        child = subprocess.Popen(
            [sys.executable, "-c", _SEALER, str(root)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        child.wait()
        cut_short += b"done" not in child.stdout.read()
        child.stdout.close()
        assert verify(root).findings == []
    assert cut_short
    key = seal_key(root.parent / "secrets")
    seal(root, "gw1", key, limit=1_000_000)
    assert verify(root).findings == []
    for receipt in random.sample(receipts, 60):
        proof = prove(root, receipt.id)
        assert proof is not None
        assert verify_proof(proof, key.public)


def test_a_head_that_was_cut_back_is_not_sealed_twice(root: Path, key: SealKey) -> None:
    write_log(root, 5)
    seal(root, "gw1", key)
    write_head(root / "gw1", Head("gw1", 2, "00" * 32))
    assert seal(root, "gw1", key) == []
