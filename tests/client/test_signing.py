"""The client's signatures are what the gateway verifies; the two are written apart, so each checks the other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.gateway.signing import HmacKey, Message
from shuqiao.gateway.verify import SignatureRefused, check_claim, read_claim
from shuqiao_client import Signer
from shuqiao_client.calls import Address, query_pairs

SECRET = "an-example-secret-shown-once-000000000000000"


def verified(method: str, url: str, headers: dict[str, str], body: bytes) -> None:
    """Raise SignatureRefused unless the gateway would accept the signature."""
    message = Message.of_url(method, url, headers)
    check_claim(read_claim(message), message, HmacKey(SECRET.encode()), body=body, now=time.time(), skew=300)


@given(
    path=st.text(min_size=1, max_size=30),
    where=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=3),
    body=st.binary(max_size=200),
    grant=st.sampled_from(["", "g-1"]),
)
def test_the_gateway_accepts_whatever_the_client_signs(path, where, body, grant):
    call = Address("r", grant).call("rows/x", query_pairs(where={**where, "q": path}))
    url = "http://Gateway.Test:8080" + call.path
    headers = Signer("k", SECRET).headers("POST" if body else "GET", url, grant=grant, body=body)
    verified("POST" if body else "GET", url, headers, body)


def test_the_worked_example_of_the_reference():
    """docs/reference/gateway.md, whose example gateway/tests/test_docs.py checks from the other side."""
    headers = Signer("k-demo", SECRET).headers(
        "GET",
        "https://gateway.example/v1/resources/r1/rows/91210800000000001X?select=name",
        created=1767225600,
        nonce="example-nonce-0001",
    )
    assert headers["Signature"] == "sig=:RbxC+L/XK+POqTYI/pLjH7v6fVOppJES64t7bZY4FzQ=:"


def test_an_altered_body_or_address_is_not_accepted():
    url = "http://gateway.test/v1/resources/r/lookup"
    headers = Signer("k", SECRET).headers("POST", url, body=b'{"keys":[["1"]]}')
    with pytest.raises(SignatureRefused):
        verified("POST", url, headers, b'{"keys":[["2"]]}')
    with pytest.raises(SignatureRefused):
        verified("POST", url + "?x=1", headers, b'{"keys":[["1"]]}')


def test_misuse_is_said_at_once():
    with pytest.raises(ValueError, match="unknown algorithm 'md5'"):
        Signer("k", SECRET, "md5")
    assert SECRET not in repr(Signer("k", SECRET)), "a secret is not shown in logs"
