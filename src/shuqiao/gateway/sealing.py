"""Secrets at rest: the master key, sealing under it (AES-256-GCM), and minting of application keys.

What is sealed is bound to what it belongs to (its context), so that a sealed secret copied to another
row of the book does not open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealError(Exception):
    """A sealed secret does not open, or the master key is missing or malformed."""


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A new application key. `secret` is shown once and never stored; the rest goes into a `KeyRow`.

    `bearer` is what follows ``Authorization: Bearer``; the HMAC key of signatures is `secret` as ASCII bytes.
    """

    id: str
    secret: str = field(repr=False)
    secret_sha256: str
    sealed_secret: bytes

    @property
    def bearer(self) -> str:
        """The bearer token: key id and secret joined by a full stop."""
        return f"{self.id}.{self.secret}"


def mint_key(master_key: bytes, key_id: str | None = None) -> MintedKey:
    """Make a key with 256 bits of randomness. `key_id` must be URL-safe text without a full stop."""
    chosen = key_id if key_id is not None else f"k{secrets.token_hex(8)}"
    if not chosen or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in chosen):
        raise ValueError(f"a key id is made of letters, digits, '-' and '_': {chosen!r}")
    secret = secrets.token_urlsafe(32)
    return MintedKey(
        id=chosen,
        secret=secret,
        secret_sha256=hash_secret(secret),
        sealed_secret=seal(master_key, secret.encode(), context=key_context(chosen)),
    )


def hash_secret(secret: str) -> str:
    """SHA-256 of a bearer secret as hex. No salt or stretching: the secret is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mint_hash_key(master_key: bytes, grant_id: str) -> bytes:
    """A sealed random key for the hash mask of one grant: joinable within it, unrelated to any other."""
    return seal(master_key, secrets.token_bytes(32), context=grant_context(grant_id))


def key_context(key_id: str) -> str:
    """The context under which a key's secret is sealed."""
    return f"key:{key_id}"


def grant_context(grant_id: str) -> str:
    """The context under which a grant's hash key is sealed."""
    return f"grant:{grant_id}"


def seal(master_key: bytes, plain: bytes, *, context: str) -> bytes:
    """Encrypt `plain` under the master key, bound to `context`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_checked(master_key)).encrypt(nonce, plain, context.encode())


def unseal(master_key: bytes, sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal` made. Raises SealError for another key, another context or changed bytes."""
    try:
        return AESGCM(_checked(master_key)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise SealError(f"the sealed secret of {context} does not open under this master key") from error


def parse_master_key(text: str) -> bytes:
    """Read a master key written as 64 hex digits or as base64 of 32 bytes. Raises SealError."""
    stripped = text.strip()
    for decode in (bytes.fromhex, _from_base64):
        try:
            return _checked(decode(stripped))
        except (ValueError, SealError):
            continue
    raise SealError("a master key is 32 bytes, written as 64 hex digits or as base64")


def master_key_path(home: Path) -> Path:
    """Where the master key of an installation lies when it is not given by the environment."""
    return home / "secrets" / "master.key"


def ensure_master_key(home: Path) -> bytes:
    """The installation's master key; made at random, readable by its owner only, when there is none yet."""
    path = master_key_path(home)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".master-{secrets.token_hex(8)}.tmp")
    if not path.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(MASTER_KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # unlike a rename, never replaces a key that another process just made
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return read_master_key(home)


def read_master_key(home: Path) -> bytes:
    """The master key in the file of `home`. Raises SealError when it is absent or malformed."""
    path = master_key_path(home)
    try:
        return parse_master_key(path.read_text(encoding="ascii"))
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise SealError(f"no readable master key at {path}") from error


def _from_base64(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_" if set("-_") & set(text) else None, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _checked(master_key: bytes) -> bytes:
    if len(master_key) != MASTER_KEY_BYTES:
        raise SealError(f"a master key has {MASTER_KEY_BYTES} bytes, not {len(master_key)}")
    return master_key
