"""SM2 beside Ed25519: made, checked by verification and by whoever holds a proof and both keys."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from shuqiao.cli.journal import app
from shuqiao.journal import (
    SealBook,
    SealKey,
    prove,
    public_keys,
    read_public_key,
    seal,
    seal_key,
    sm2,
    sm2_key,
    verify,
    verify_proof,
)
from shuqiao.journal.seals import make_line
from shuqiao.journal.tests.conftest import write_log

pytestmark = pytest.mark.skipif(not sm2.available(), reason="openssl with SM2 is not on this machine")


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return seal_key(tmp_path / "secrets")


def test_sm2_signs_beside_ed25519(root: Path, key: SealKey, tmp_path: Path) -> None:
    receipts = write_log(root, 5)
    national = sm2_key(tmp_path / "secrets")
    assert stat.S_IMODE(national.path.stat().st_mode) == 0o600
    assert sm2_key(tmp_path / "secrets").public == national.public
    made = seal(root, "gw1", key, sm2=national)[0]
    assert made.statement.sm2_key == national.public.id
    assert sm2.verifies(national.public, made.sm2, made.signed)
    assert not sm2.verifies(national.public, made.sm2, made.signed + b" ")
    assert set(public_keys(root)) == {key.public.id, national.public.id}
    proof = prove(root, receipts[0].id)
    assert proof is not None
    assert verify_proof(proof, key.public, national.public)
    assert read_public_key(national.public.pem.encode()) == national.public
    assert verify(root).ok
    other = sm2_key(tmp_path / "others").public
    assert not verify_proof(proof, key.public, other)
    forged = make_line(
        made.statement, ed25519=made.ed25519, sm2=sm2_key(tmp_path / "others").sign(made.signed)
    )
    assert not verify_proof(msgspec.structs.replace(proof, seal=forged.decode()), key.public, national.public)
    assert verify_proof(msgspec.structs.replace(proof, seal=forged.decode()), key.public), (
        "one key, one signature"
    )
    SealBook(root / "gw1").path.write_bytes(forged + b"\n")
    assert ["SM2" in finding.what for finding in verify(root).findings] == [True]
    left_out = make_line(made.statement, ed25519=made.ed25519, sm2=b"")
    SealBook(root / "gw1").path.write_bytes(left_out + b"\n")
    assert not verify(root).ok


def test_check_proof_says_both_signatures(root: Path, key: SealKey, tmp_path: Path) -> None:
    [receipt] = write_log(root, 1)
    national = sm2_key(tmp_path / "secrets")
    seal(root, "gw1", key, sm2=national)
    proof = prove(root, receipt.id)
    assert proof is not None
    files = {name: tmp_path / name for name in ("proof", "own", "national")}
    files["proof"].write_bytes(proof.to_json())
    files["own"].write_text(key.public.pem)
    files["national"].write_text(national.public.pem)
    words = ["check-proof", str(files["proof"]), "--key", str(files["own"])]
    alone = CliRunner().invoke(app, words)
    assert (alone.exit_code, "没有核对" in alone.stderr) == (0, True)
    both = CliRunner().invoke(app, [*words, "--key", str(files["national"])])
    assert (both.exit_code, "SM2 签名也成立" in both.stdout) == (0, True)
    files["national"].write_text(sm2_key(tmp_path / "others").public.pem)
    assert CliRunner().invoke(app, [*words, "--key", str(files["national"])]).exit_code == 1
