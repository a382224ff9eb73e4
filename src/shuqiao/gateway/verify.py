"""What the gateway asks of a request signature, beyond RFC 9421: which parts it must cover, how old it may
be, and that its nonce is new. Every refusal names its rule and says in words what to change."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shuqiao.gateway.fields import (
    FieldError,
    InnerList,
    Member,
    parse_byte_sequence,
    parse_dictionary,
    parse_inner_list,
)
from shuqiao.gateway.signing import (
    ALGORITHMS,
    GRANT_HEADER,
    ComponentError,
    HmacKey,
    Message,
    digest_matches,
    signature_base,
)

NONCE_MIN = 16
NONCE_MAX = 128


class SignatureRefused(Exception):
    """The signature is not accepted: by which rule, and why."""

    def __init__(self, rule: str, reason: str) -> None:
        self.rule, self.reason = rule, reason
        super().__init__(f"{rule}: {reason}")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says of itself, read but not yet believed."""

    covered: InnerList
    signature: bytes
    key_id: str
    nonce: str
    created: int
    algorithm: str


def read_claim(message: Message) -> Claim:
    """Read Signature-Input and Signature. Raises SignatureRefused when a part is missing or malformed."""
    try:
        text = message.headers.get("signature-input", "")
        plain = parse_inner_list(text)
        inputs: Mapping[str, Member] = dict([plain]) if plain else parse_dictionary(text)
        value_text = message.headers.get("signature", "")
        sequence = parse_byte_sequence(value_text)
        values: Mapping[str, Member] = (
            {sequence[0]: (sequence[1], {})} if sequence else parse_dictionary(value_text)
        )
    except FieldError as error:
        raise SignatureRefused(
            "gateway.signature.malformed", f"签名标头不符合 RFC 9421 的写法：{error}"
        ) from error
    if len(inputs) != 1 or inputs.keys() != values.keys():
        raise SignatureRefused(
            "gateway.signature.malformed", "Signature-Input 与 Signature 应当各有且只有同一个名称的一项"
        )
    ((label, covered),) = inputs.items()
    value = values[label]
    if not isinstance(covered, InnerList) or isinstance(value, InnerList) or not isinstance(value[0], bytes):
        raise SignatureRefused("gateway.signature.malformed", "签名标头不符合 RFC 9421 的写法")
    return _claim_of(covered, value[0])


def _claim_of(covered: InnerList, signature: bytes) -> Claim:
    parameters = covered.parameters
    created, nonce = parameters.get("created"), parameters.get("nonce")
    key_id, algorithm = parameters.get("keyid"), parameters.get("alg")
    if not isinstance(key_id, str) or not isinstance(nonce, str) or type(created) is not int:
        raise SignatureRefused("gateway.signature.incomplete", "签名参数须有 created、nonce、keyid")
    if algorithm not in ALGORITHMS:
        raise SignatureRefused("gateway.signature.algorithm", f"签名参数 alg 须为 {' 或 '.join(ALGORITHMS)}")
    if not NONCE_MIN <= len(nonce) <= NONCE_MAX:
        raise SignatureRefused("gateway.nonce.length", f"nonce 须为 {NONCE_MIN} 至 {NONCE_MAX} 个字符")
    return Claim(covered, signature, key_id, nonce, created, str(algorithm))


def check_claim(claim: Claim, message: Message, key: HmacKey, *, body: bytes, now: float, skew: int) -> None:
    """Check coverage, age (±`skew` seconds), the signature itself and the body's digest, in this order.

    The nonce is checked by the caller afterwards, so that only a holder of the secret can use one up.
    Raises SignatureRefused.
    """
    _check_coverage(claim, message, has_body=bool(body))
    _check_age(claim, now, skew)
    try:
        expected = key.sign(signature_base(message, claim.covered), claim.algorithm)
    except ComponentError as error:
        raise SignatureRefused("gateway.signature.component", str(error)) from error
    if not hmac.compare_digest(expected, claim.signature):
        raise SignatureRefused("gateway.signature.invalid", "签名不符：请求在签名后被改动，或者密钥不对")
    if body and not digest_matches(message.headers.get("content-digest", ""), body):
        raise SignatureRefused("gateway.digest.mismatch", "请求正文与 Content-Digest 不符")


def _check_coverage(claim: Claim, message: Message, *, has_body: bool) -> None:
    names = {name for name, _ in claim.covered.members}
    missing = missing_parts(names)
    if GRANT_HEADER in message.headers and GRANT_HEADER not in names:
        missing.append(GRANT_HEADER)
    if has_body and "content-digest" not in names:
        missing.append("content-digest")
    if missing:
        raise SignatureRefused("gateway.signature.coverage", f"签名没有覆盖：{'、'.join(missing)}")


def missing_parts(names: Collection[str]) -> list[str]:
    """The parts that every signature has to cover and these do not."""
    missing = [] if "@method" in names else ["@method"]
    if "@target-uri" not in names:
        missing += [name for name in ("@authority", "@path", "@query") if name not in names]
    return missing


def _check_age(claim: Claim, now: float, skew: int) -> None:
    if abs(now - claim.created) > skew:
        raise SignatureRefused(
            "gateway.signature.stale", f"签名时间 created 与网关时间相差超过 {skew} 秒，请校准时钟后重新签名"
        )
    expires = claim.covered.parameters.get("expires")
    if expires is not None and (type(expires) is not int or now > expires):
        raise SignatureRefused("gateway.signature.stale", "签名已过 expires 所定的时间")
