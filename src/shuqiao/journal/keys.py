"""The keys that sign seals: the private one in a file only the platform reads, the public ones with the log.

A public key beside the log convinces nobody who distrusts the platform; auditors keep their own copy of it.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shuqiao.journal.segments import sync_folder, write_all
from shuqiao.journal.sm3 import sm3
from shuqiao.kernel import InvalidInput

KEY_FILE = "journal-ed25519.key"
ED25519, SM2 = "Ed25519", "SM2"
PUBLISHED = "seal-keys"


_SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")


class PublicKey(msgspec.Struct, frozen=True):
    """A key that may have signed seals. `id`: the first 16 hex digits of SM3 over its DER form."""

    id: str
    algorithm: str
    pem: str

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Is this an Ed25519 signature of `data` by this key? An SM2 key needs `sm2.verifies`."""
        key = serialization.load_pem_public_key(self.pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            return False
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SealKey:
    """The platform's own key."""

    public: PublicKey
    _private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """64 bytes, Ed25519."""
        return self._private.sign(data)


def key_id(pem: bytes) -> str:
    """The id of a public key in PEM form. The DER inside is hashed, so that line breaks do not matter."""
    lines = pem.decode("ascii").strip().splitlines()
    return sm3(base64.b64decode("".join(lines[1:-1]))).hex()[:16]


def read_public_key(pem: bytes) -> PublicKey:
    """An Ed25519 or SM2 public key in PEM form. Raises InvalidInput on anything else."""
    if _is_sm2(pem):
        return PublicKey(key_id(pem), SM2, pem.decode("ascii"))
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise InvalidInput.one("key", f"不是 PEM 公钥：{error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidInput.one("key", "不是 Ed25519 或 SM2 公钥")
    return _public(key)


def _is_sm2(pem: bytes) -> bool:
    """Does the key name the curve of SM2 (1.2.156.10197.1.301)? `cryptography` cannot read it."""
    lines = pem.strip().splitlines()
    if not lines or lines[0] != b"-----BEGIN PUBLIC KEY-----":
        return False
    try:
        return _SM2_CURVE in base64.b64decode(b"".join(lines[1:-1]))
    except ValueError:
        return False


def seal_key(secrets: Path) -> SealKey:
    """The key in the folder of secrets; made there at first use, mode 600. Raises OSError, also when it is none."""
    path = secrets / KEY_FILE
    if not path.exists():
        secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        keep_secret(path, made)
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise OSError(f"{path.name} 读不出来：{error}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise OSError(f"{path.name} 不是 Ed25519 私钥")
    return SealKey(_public(private.public_key()), private)


def keep_secret(path: Path, content: bytes) -> None:
    """Write a secret once, whole and durable; what another process wrote first stays. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(fd, content)
        os.fsync(fd)
    finally:
        os.close(fd)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_folder(path.parent)


def public_keys(root: Path) -> dict[str, PublicKey]:
    """The keys that ever sealed here, by id, as published beside the log."""
    try:
        lines = (Path(root) / PUBLISHED).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return {}
    keys: dict[str, PublicKey] = {}
    for line in lines:
        with suppress(msgspec.DecodeError, msgspec.ValidationError):
            key = msgspec.json.decode(line, type=PublicKey)
            keys[key.id] = key
    return keys


def publish(root: Path, keys: Iterable[PublicKey]) -> None:
    """Put public keys beside the log, once each, durably. Raises OSError."""
    known = public_keys(root)
    fresh = [key for key in keys if key.id not in known]
    if not fresh:
        return
    fd = os.open(root / PUBLISHED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        # The line break in front ends what a killed process left of its own line.
        write_all(fd, b"".join(b"\n" + msgspec.json.encode(key) + b"\n" for key in fresh))
        os.fsync(fd)
    finally:
        os.close(fd)
    sync_folder(root)


def _public(key: Ed25519PublicKey) -> PublicKey:
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(key_id(pem), ED25519, pem.decode())
