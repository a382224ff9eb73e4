"""SM3 (GM/T 0004-2012), the hash of the evidence chain.

OpenSSL's SM3 through `hashlib` is used where the build has it: on a 600-byte record 4.7 µs (copying a
prepared state) against 4.9–6.5 µs through `cryptography`, which stands in where it has not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes

DIGEST_SIZE = 32
ZERO = bytes(DIGEST_SIZE)
"""What the first header of a node's chain follows."""


def through_hashlib() -> Callable[[bytes], bytes]:
    """SM3 of this Python's OpenSSL. Raises ValueError where it was built without."""
    prepared = hashlib.new("sm3")

    def digest(data: bytes) -> bytes:
        state = prepared.copy()
        state.update(data)
        return state.digest()

    return digest


def through_cryptography() -> Callable[[bytes], bytes]:
    """SM3 of the `cryptography` package's own OpenSSL."""
    prepared = hashes.Hash(hashes.SM3())

    def digest(data: bytes) -> bytes:
        state = prepared.copy()
        state.update(data)
        return state.finalize()

    return digest


def _choose() -> Callable[[bytes], bytes]:
    try:
        return through_hashlib()
    except ValueError:
        return through_cryptography()


sm3: Callable[[bytes], bytes] = _choose()
"""The 32-byte SM3 digest of `data`."""
