"""The first room: who asks. By bearer key, by message signature, or nobody (an anonymous reader)."""

from __future__ import annotations

import hmac
from datetime import date

from shuqiao.gateway.book import KeyRow
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.grants import Ledger
from shuqiao.gateway.nonces import NonceWindow, WindowFull
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.sealing import hash_secret
from shuqiao.gateway.verify import SignatureRefused, check_claim, read_claim

UNKNOWN = ("gateway.auth.unknown", "密钥不存在或者不正确")
_NO_HASH = "0" * 64


def authenticate(
    draft: Draft, ledger: Ledger, nonces: NonceWindow, *, now: float, today: date, skew: int
) -> KeyRow | None:
    """The key that asks; None when the request brings neither key nor signature.

    Notes the key in the draft as soon as it is proven. Raises Refused (401; 503 when no more nonces can be
    remembered).
    """
    headers = draft.request.message.headers
    signed = "signature" in headers or "signature-input" in headers
    if "authorization" in headers:
        if signed:
            raise Refused(401, "gateway.auth.ambiguous", "请求同时带有密钥和签名，请只用一种")
        key = _by_bearer(headers["authorization"], ledger)
        draft.key = key.id
    elif signed:
        key = _by_signature(draft, ledger, nonces, now=now, skew=skew)
    else:
        return None
    check_key(key, today)
    return key


def check_key(key: KeyRow, on: date) -> None:
    """Raises Refused (401) when a proven key is of no use on this day."""
    if key.state != "active":
        raise Refused(401, "gateway.key.revoked", "这个密钥已被撤销")
    if key.not_after is not None and on > key.not_after:
        raise Refused(401, "gateway.key.expired", f"这个密钥的有效期到 {key.not_after.isoformat()} 为止")


def _by_bearer(value: str, ledger: Ledger) -> KeyRow:
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(401, "gateway.auth.scheme", "Authorization 只支持 Bearer")
    key_id, _, secret = token.strip().partition(".")
    key = ledger.keys.get(key_id)
    expected = key.secret_sha256 if key else _NO_HASH
    if not hmac.compare_digest(hash_secret(secret), expected) or key is None:
        raise Refused(401, *UNKNOWN)
    return key


def _by_signature(draft: Draft, ledger: Ledger, nonces: NonceWindow, *, now: float, skew: int) -> KeyRow:
    request = draft.request
    try:
        claim = read_claim(request.message)
        key, secret = ledger.keys.get(claim.key_id), ledger.secrets.get(claim.key_id)
        if key is None or secret is None:
            raise Refused(401, *UNKNOWN)
        check_claim(claim, request.message, secret, body=request.body, now=now, skew=skew)
    except SignatureRefused as refused:
        raise Refused(401, refused.rule, refused.reason) from refused
    draft.key = key.id
    draft.extra = {"nonce": claim.nonce, "created": claim.created}
    try:
        fresh = nonces.use(key.id, claim.nonce, created=claim.created, now=now)
    except WindowFull:
        raise Refused.later(
            "gateway.nonce.window_full", "网关暂时记不下更多的签名请求", seconds=30, status=503
        ) from None
    if not fresh:
        raise Refused(401, "gateway.nonce.replayed", "这个 nonce 已经用过：请求可能被重放")
    return key
