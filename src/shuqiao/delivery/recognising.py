"""Whose system asks the control plane, by its application key: for reads that need no person."""

from __future__ import annotations

import hmac
from datetime import date

from shuqiao.accounts.types import Actor
from shuqiao.delivery.models import ApplicationKey
from shuqiao.delivery.types import KeyState
from shuqiao.gateway.sealing import hash_secret

LONGEST = 300
_NO_HASH = "0" * 64
UNKNOWN = "密钥不存在或者不正确"


class KeyRefused(Exception):
    """The key opens nothing, and why."""


def system_of(bearer: str, on: date) -> Actor:
    """The system whose key this is (`key id.secret`, as after `Bearer`), as an actor without any post: it sees what
    every department sees, and can do nothing. One query. Raises KeyRefused for a key that is unknown, wrong, revoked
    or past its last day; an unknown one is told like a wrong one."""
    if len(bearer) > LONGEST or not bearer.isascii() or not bearer.isprintable():
        raise KeyRefused(UNKNOWN)
    key_id, _, secret = bearer.strip().partition(".")
    key = ApplicationKey.objects.select_related("department", "party").filter(pk=key_id).first()
    if not hmac.compare_digest(hash_secret(secret), key.secret_sha256 if key else _NO_HASH) or key is None:
        raise KeyRefused(UNKNOWN)
    if key.state != KeyState.ACTIVE:
        raise KeyRefused("这个密钥已被撤销")
    if key.not_after is not None and on > key.not_after:
        raise KeyRefused(f"这个密钥的有效期到 {key.not_after.isoformat()} 为止")
    return Actor(None, f"{key.holder_name}·{key.system}", party_id=key.party_id, key_id=key.pk)
