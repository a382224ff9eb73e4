"""OpenID Connect, authorization code flow with PKCE: the way out, and what comes back.

Sources: OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636 (PKCE), RFC 9700 (best practice), RFC 9207 (`iss`).
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from django.conf import settings
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shuqiao.opening.identity import calling
from shuqiao.opening.identity.types import Begun, Identity, NotProved, ServiceDown
from shuqiao.organizations.parties import email_problem, normal
from shuqiao.organizations.types import credit_code_problem

ALGORITHMS = (
    "RS256",
    "ES256",
)  # the first is the one every service must know; no secret-keyed one, never "none"
LEEWAY = 60  # seconds between the service's clock and ours
NAME_MOST = 128
SUBJECT_MOST = 255


def begin(*, again: bool = False) -> tuple[str, Begun]:
    """Where to send the browser, and what to remember until it comes back. `again`: the service asks for the password
    even of who is signed in there. Raises ServiceDown."""
    begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
    challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect_uri(),
        "scope": settings.OIDC_SCOPES,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if again:
        asked["prompt"] = "login"
    address = calling.endpoints().authorization
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", begun


def redirect_uri() -> str:
    """Our address that the service sends browsers back to; it must be entered there."""
    return f"{settings.PUBLIC_URL}{reverse('opening:unified-callback')}"


def finish(answer: Mapping[str, str], begun: Begun, *, at: datetime) -> Identity:
    """Who came back. Raises NotProved, ServiceDown."""
    if answer.get("error"):
        raise NotProved(f"service answers {answer['error'][:60]!r}", "没有在身份认证服务里完成登录")
    if "iss" in answer and answer["iss"] != settings.OIDC_ISSUER:
        raise NotProved("answer of another service")
    code = answer.get("code", "")
    if not code:
        raise NotProved("no code")
    found = calling.endpoints()
    tokens = _redeem(found, code, begun)
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        raise NotProved("no ID token")
    claims = verified_claims(id_token, found.keys, nonce=begun.nonce, at=at)
    return identity_of({**_userinfo(found, tokens, claims), **claims})


def _redeem(found: calling.Endpoints, code: str, begun: Begun) -> calling.Json:
    """The code for tokens. Without a secret the client is a public one: PKCE alone binds the code to us."""
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(),
        "code_verifier": begun.verifier,
        "client_id": settings.OIDC_CLIENT_ID,
    }
    auth = None
    secret = settings.OIDC_CLIENT_SECRET
    if secret and found.secret_in_body:
        data["client_secret"] = secret
    elif secret:  # RFC 6749, 2.3.1: form-encoded first, then Basic
        auth = httpx.BasicAuth(quote_plus(settings.OIDC_CLIENT_ID), quote_plus(secret))
    return calling.call("POST", found.token, data=data, auth=auth)


def verified_claims(token: str, keys_at: str, *, nonce: str, at: datetime) -> dict[str, Any]:
    """The claims of an ID token that is signed by the service, for us, for this sign-in, now. Raises NotProved."""
    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.OIDC_ISSUER},
        aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = _decoded(token, keys_at)
        registry.validate(claims)
    except (JoseError, ValueError, RecursionError) as error:
        raise NotProved(f"ID token: {type(error).__name__} {error}") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", "" if several else settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
        raise NotProved("ID token was issued to another client")
    if claims["nonce"] != nonce or len(claims["sub"]) > SUBJECT_MOST:
        raise NotProved("nonce or subject of the wrong shape")
    return dict(claims)


def _decoded(token: str, keys_at: str) -> dict[str, Any]:
    """The content of a signed token; a key we do not know yet may be new."""
    try:
        return jwt.decode(token, _keys(calling.document(keys_at)), algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:
        return jwt.decode(token, _keys(calling.document(keys_at, fresh=True)), algorithms=ALGORITHMS).claims


def _keys(found: calling.Json) -> KeySet:
    """The service's signing keys of the kinds we take; others (encryption, other curves) are left aside."""
    listed = found.get("keys")
    if not isinstance(listed, list):
        raise ServiceDown("key set without keys")
    usable = [
        key
        for key in listed
        if isinstance(key, dict)
        and (key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256"))
        and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": usable})


def _userinfo(found: calling.Endpoints, tokens: calling.Json, claims: Mapping[str, Any]) -> calling.Json:
    """What the service tells beyond the ID token: many keep names out of it. Believed only of the same person."""
    wanted = {settings.OIDC_CLAIM_NAME, settings.OIDC_CLAIM_LEGAL_NAME, settings.OIDC_CLAIM_CREDIT_CODE}
    access = tokens.get("access_token")
    if not found.userinfo or not isinstance(access, str) or {*wanted, "email"} <= claims.keys():
        return {}
    told = calling.call("GET", found.userinfo, bearer=access)
    if told.get("sub") != claims["sub"]:
        raise NotProved("userinfo is about somebody else")
    return told


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """What we keep of the claims, for as long as the person decides. An address that the service has not verified,
    and a code that is none, are left out."""
    email = normal(_text(claims, "email"))
    if claims.get("email_verified") is not True or email_problem(email):
        email = ""
    code = _text(claims, settings.OIDC_CLAIM_CREDIT_CODE).upper()
    if credit_code_problem(code):
        code = ""
    return Identity(
        issuer=settings.OIDC_ISSUER,
        subject=claims["sub"],
        name=_text(claims, settings.OIDC_CLAIM_NAME),
        legal_name=_text(claims, settings.OIDC_CLAIM_LEGAL_NAME) if code else "",
        credit_code=code,
        email=email,
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value if sign.isprintable()).strip()[:NAME_MOST]
