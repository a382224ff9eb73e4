"""Secrets at rest open only under their master key and in their own row."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from shuqiao.gateway import sealing
from shuqiao.gateway.sealing import SealError

MASTER = bytes(range(32))


def test_a_minted_key_can_be_checked_and_unsealed() -> None:
    key = sealing.mint_key(MASTER)
    assert sealing.hash_secret(key.secret) == key.secret_sha256
    opened = sealing.unseal(MASTER, key.sealed_secret, context=sealing.key_context(key.id))
    assert opened == key.secret.encode()
    assert key.bearer == f"{key.id}.{key.secret}"
    assert key.secret not in repr(key)
    assert key.secret.encode() not in key.sealed_secret


def test_no_two_keys_are_alike() -> None:
    assert len({sealing.mint_key(MASTER, "same").secret for _ in range(100)}) == 100


@pytest.mark.parametrize("bad", ["", "a.b", "键", "a b"])
def test_a_key_id_must_fit_into_a_header(bad: str) -> None:
    with pytest.raises(ValueError, match="a key id is made of"):
        sealing.mint_key(MASTER, bad)


def test_a_sealed_secret_opens_nowhere_else() -> None:
    sealed = sealing.seal(MASTER, b"plain", context="key:a")
    for master, content, context in [
        (bytes(32), sealed, "key:a"),
        (MASTER, sealed, "key:b"),
        (MASTER, sealed[:-1] + bytes([sealed[-1] ^ 1]), "key:a"),
        (MASTER, sealed[:5], "key:a"),
        (MASTER, b"", "key:a"),
    ]:
        with pytest.raises(SealError, match="does not open"):
            sealing.unseal(master, content, context=context)


def test_the_master_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = sealing.ensure_master_key(tmp_path)
    assert sealing.ensure_master_key(tmp_path) == first == sealing.read_master_key(tmp_path)
    path = sealing.master_key_path(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_a_master_key_is_hex_or_base64_of_32_bytes() -> None:
    key = bytes(range(200, 232))
    for text in (
        key.hex(),
        base64.b64encode(key).decode(),
        base64.urlsafe_b64encode(key).decode().rstrip("="),
    ):
        assert sealing.parse_master_key(text + "\n") == key
    for bad in ("", "abc", "00" * 31, "zz" * 32):
        with pytest.raises(SealError, match="32 bytes"):
            sealing.parse_master_key(bad)
