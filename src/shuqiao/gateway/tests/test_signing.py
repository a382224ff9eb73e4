"""Message signatures: RFC 9421's own vector, and everything that must not pass."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.gateway.fields import FieldError, InnerList, parse_dictionary, parse_inner_list
from shuqiao.gateway.signing import (
    HmacKey,
    Message,
    component_value,
    content_digest,
    digest_matches,
    sign,
    signature_base,
)
from shuqiao.gateway.verify import SignatureRefused, check_claim, read_claim
from shuqiao.journal import sm3

# RFC 9421, appendix B.1.5 and B.2.5
SHARED_SECRET = base64.b64decode(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
RFC_MESSAGE = Message.of_url(
    "POST",
    "https://example.com/foo?param=Value&Pet=dog",
    {
        "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "Content-Type": "application/json",
        "Content-Digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm"
        "+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        "Content-Length": "18",
    },
)
RFC_INPUT = 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
RFC_SIGNATURE = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="

URL = "https://gw.example/v1/resources/r1/rows?%E5%9C%B0%E5%8C%BA=%E8%90%A5%E5%8F%A3"
SECRET = "a-secret-of-this-test"
NOW = 1_800_000_000


def test_the_vector_of_the_rfc_gives_its_base_and_signature() -> None:
    covered = parse_dictionary(RFC_INPUT)["sig-b25"]
    assert isinstance(covered, InnerList)
    base = signature_base(RFC_MESSAGE, covered)
    assert base.decode() == (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"@signature-params": ("date" "@authority" "content-type")'
        ';created=1618884473;keyid="test-shared-secret"'
    )
    assert base64.b64encode(HmacKey(SHARED_SECRET).sign(base)).decode() == RFC_SIGNATURE


def test_the_digest_of_the_rfc_fits_its_body() -> None:
    value = RFC_MESSAGE.headers["content-digest"]
    assert digest_matches(value, b'{"hello": "world"}')
    assert not digest_matches(value, b'{"hello": "World"}')
    assert not digest_matches("md5=:AAAA:", b"x")
    assert not digest_matches("sha-256", b"x")
    assert not digest_matches(content_digest(b"x") + ", sha-512=:AAAA:", b"x")


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("@method", "POST"),
        ("@authority", "www.example.com"),
        ("@scheme", "https"),
        ("@target-uri", "https://www.example.com/path?param=value"),
        ("@request-target", "/path?param=value"),
        ("@path", "/path"),
        ("@query", "?param=value"),
    ],
)
def test_derived_components_are_as_the_rfc_shows_them(component: str, value: str) -> None:
    message = Message.of_url("post", "https://WWW.example.com:443/path?param=value")
    assert component_value(message, component) == value


def test_an_empty_query_is_a_question_mark_and_an_empty_path_a_slash() -> None:
    message = Message.of_url("GET", "http://example.com:8080")
    assert component_value(message, "@query") == "?"
    assert component_value(message, "@path") == "/"
    assert component_value(message, "@authority") == "example.com:8080"


def signed(url: str = URL, method: str = "GET", headers=None, body: bytes = b"", **options) -> Message:
    headers = headers or {}
    added = sign(
        method=method,
        url=url,
        key_id="k1",
        secret=options.pop("secret", SECRET),
        headers=headers,
        body=body,
        created=options.pop("created", NOW),
        **options,
    )
    return Message.of_url(method, url, {**headers, **added})


def check(message: Message, *, body: bytes = b"", now: float = NOW) -> str:
    """The rule that refuses, or "" when the signature is accepted."""
    try:
        check_claim(read_claim(message), message, HmacKey(SECRET.encode()), body=body, now=now, skew=300)
    except SignatureRefused as refused:
        return refused.rule if refused.reason else "a refusal without a reason"
    return ""


def test_what_the_client_signs_is_accepted() -> None:
    assert check(signed()) == ""
    assert check(signed(headers={"Shuqiao-Grant": "g1"})) == ""
    assert check(signed(method="POST", body=b"{}"), body=b"{}") == ""
    assert check(signed(components=["@method", "@target-uri"])) == ""


def altered(message: Message, **changes) -> Message:
    headers = {**message.headers, **changes.pop("headers", {})}
    values = {name: getattr(message, name) for name in ("method", "scheme", "authority", "path", "query")}
    return Message(**{**values, **changes}, headers=headers)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"method": "POST"}, "gateway.signature.invalid"),
        ({"authority": "other.example"}, "gateway.signature.invalid"),
        ({"path": "/v1/resources/r2/rows"}, "gateway.signature.invalid"),
        ({"query": "%E5%9C%B0%E5%8C%BA=%E6%B2%88%E9%98%B3"}, "gateway.signature.invalid"),
        ({"query": ""}, "gateway.signature.invalid"),
        ({"headers": {"shuqiao-grant": "g2"}}, "gateway.signature.invalid"),
        ({"headers": {"signature": "sig=:AAAA:"}}, "gateway.signature.invalid"),
        ({"headers": {"signature": "other=:AAAA:"}}, "gateway.signature.malformed"),
        ({"headers": {"signature": "sig"}}, "gateway.signature.malformed"),
        ({"headers": {"signature-input": 'sig="text"'}}, "gateway.signature.malformed"),
        ({"headers": {"signature-input": "sig=("}}, "gateway.signature.malformed"),
    ],
)
def test_an_altered_request_is_refused(change, rule: str) -> None:
    message = signed(headers={"Shuqiao-Grant": "g1"})
    assert check(altered(message, **change)) == rule


def test_a_grant_header_added_after_signing_is_refused() -> None:
    assert check(altered(signed(), headers={"shuqiao-grant": "g1"})) == "gateway.signature.coverage"


def test_another_secret_is_refused() -> None:
    assert check(signed(secret="another")) == "gateway.signature.invalid"


@pytest.mark.parametrize(("offset", "rule"), [(-301, "stale"), (301, "stale"), (-300, ""), (300, "")])
def test_the_clock_may_differ_by_300_seconds(offset: int, rule: str) -> None:
    expected = f"gateway.signature.{rule}" if rule else ""
    assert check(signed(created=NOW + offset)) == expected


def test_a_body_must_be_covered_and_fit() -> None:
    message = signed(method="POST", body=b"{}")
    assert check(message, body=b"[]") == "gateway.digest.mismatch"
    assert check(signed(), body=b"{}") == "gateway.signature.coverage"


def resigned(parameters: str, components: str = '"@method" "@authority" "@path" "@query"') -> Message:
    """A request signed rightly over whatever parameters and components the test names."""
    text = f"({components}){parameters}"
    message = Message.of_url("GET", URL)
    covered = parse_dictionary(f"sig={text}")["sig"]
    assert isinstance(covered, InnerList)
    try:
        base = signature_base(message, covered)
    except ValueError:
        base = b""
    value = base64.b64encode(HmacKey(SECRET.encode()).sign(base)).decode()
    return altered(message, headers={"signature-input": f"sig={text}", "signature": f"sig=:{value}:"})


GOOD = f';created={NOW};nonce="0123456789abcdef";keyid="k1";alg="hmac-sha256"'


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (resigned(GOOD), ""),
        (resigned(GOOD + f";expires={NOW + 1}"), ""),
        (resigned(GOOD + f";expires={NOW - 1}"), "gateway.signature.stale"),
        (resigned(GOOD.replace(f";created={NOW}", "")), "gateway.signature.incomplete"),
        (resigned(GOOD.replace(';nonce="0123456789abcdef"', "")), "gateway.signature.incomplete"),
        (resigned(GOOD.replace(';keyid="k1"', "")), "gateway.signature.incomplete"),
        (resigned(GOOD.replace(';alg="hmac-sha256"', "")), "gateway.signature.algorithm"),
        (resigned(GOOD.replace("sha256", "sha1")), "gateway.signature.algorithm"),
        (resigned(GOOD.replace("0123456789abcdef", "short")), "gateway.nonce.length"),
        (resigned(GOOD.replace("0123456789abcdef", "x" * 129)), "gateway.nonce.length"),
        (resigned(GOOD, '"@method" "@path" "@query"'), "gateway.signature.coverage"),
        (resigned(GOOD, '"@authority" "@path" "@query"'), "gateway.signature.coverage"),
        (resigned(GOOD, '"@method" "@target-uri" "x-absent"'), "gateway.signature.component"),
        (resigned(GOOD, '"@method" "@target-uri" "@method"'), "gateway.signature.component"),
        (resigned(GOOD, '"@method" "@target-uri" "@query-param";name="a"'), "gateway.signature.component"),
        (resigned(GOOD, '"@method" "@target-uri" "@status"'), "gateway.signature.component"),
    ],
)
def test_the_policy_on_top_of_the_rfc(message: Message, rule: str) -> None:
    assert check(message) == rule


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_no_text_makes_the_reader_fail_in_another_way(text: str) -> None:
    message = altered(Message.of_url("GET", URL), headers={"signature-input": text, "signature": text})
    assert check(message).startswith("gateway.signature.")


@pytest.mark.parametrize(
    "bad", ["a=", "a=(1)", "a,", 'a="x', "a=:$:", "a=:A:", "A=1", "a=1 b", 'a=("x""y")', "a=1.5", 'a=("x"']
)
def test_a_malformed_field_is_an_error(bad: str) -> None:
    with pytest.raises(FieldError):
        parse_dictionary(bad)


_strings = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)


@given(st.lists(_strings, max_size=5, unique=True), st.dictionaries(st.sampled_from("abc"), _strings))
def test_what_is_serialized_is_read_back(names: list[str], parameters: dict[str, str]) -> None:
    covered = InnerList(tuple((name, {}) for name in names), dict(parameters))
    text = f"x={covered.serialize()}"
    assert parse_dictionary(text) == {"x": covered}
    plain = parse_inner_list(text)
    assert plain is None or (dict([plain]), f"x={plain[1].serialize()}") == ({"x": covered}, text)


_pieces = st.sampled_from(
    [
        'x=("a" "b")',
        'x=( "a")',
        "x=()",
        'x=("a";req)',
        ";created=12",
        ";created=012",
        ";created=-0",
        '; n="1"',
        ';n="1"',
    ]
)


@given(st.lists(_pieces, min_size=1, max_size=5).map("".join))
def test_the_short_way_reads_what_the_long_way_reads(text: str) -> None:
    plain = parse_inner_list(text)
    if plain is not None:
        assert parse_dictionary(text) == dict([plain])
        long_way = parse_dictionary(text)["x"]
        assert isinstance(long_way, InnerList)
        assert plain[1].serialize() == long_way.serialize()


def test_the_short_way_is_taken_for_what_our_client_signs() -> None:
    assert parse_inner_list(signed().headers["signature-input"]) is not None


def test_a_signed_request_costs_microseconds() -> None:
    """Not a benchmark: holds the verifier to an order of magnitude that the lookup target needs."""
    message = signed()
    best = min(_timed(message) for _ in range(5))
    assert best < 500e-6, f"{best * 1e6:.0f} µs a verification"


def _timed(message: Message) -> float:
    started = time.perf_counter()
    for _ in range(200):
        check(message)
    return (time.perf_counter() - started) / 200


def test_messages_are_values() -> None:
    assert Message.of_url("GET", URL) == Message.of_url("get", URL)
    with pytest.raises(ValueError, match="percent-encode"):
        Message.of_url("GET", "https://gw.example/营口")
    with pytest.raises(ValueError, match="absolute"):
        Message.of_url("GET", "/v1")


def test_hmac_sm3_is_that_of_the_standard() -> None:
    """The example of GM/T 0042, as other libraries print it, and RFC 2104 spelled out over SM3."""
    key, text = bytes(range(1, 33)), b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    signed = HmacKey(key).sign(text, "hmac-sm3")
    assert signed.hex() == "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    padded = key.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + text)
    assert signed == sm3(bytes(byte ^ 0x5C for byte in padded) + inner)


def test_a_request_signed_with_sm3_is_accepted_and_only_under_its_name() -> None:
    url = "http://gateway.test/v1/resources/r/lookup"
    body = b'{"keys":[["1"]]}'
    signed = sign(method="POST", url=url, key_id="k", secret="s", body=body, algorithm="hmac-sm3")
    assert signed["Content-Digest"].startswith("sm3=:")
    message = Message.of_url("POST", url, signed)
    claim = read_claim(message)
    check_claim(claim, message, HmacKey(b"s"), body=body, now=time.time(), skew=300)
    with pytest.raises(SignatureRefused, match="digest"):
        check_claim(claim, message, HmacKey(b"s"), body=b"{}", now=time.time(), skew=300)
    renamed = {**signed, "Signature-Input": signed["Signature-Input"].replace("hmac-sm3", "hmac-sha256")}
    other = Message.of_url("POST", url, renamed)
    with pytest.raises(SignatureRefused, match="invalid"):
        check_claim(read_claim(other), other, HmacKey(b"s"), body=body, now=time.time(), skew=300)
    with pytest.raises(ValueError, match="hmac-md5"):
        sign(method="GET", url=url, key_id="k", secret="s", algorithm="hmac-md5")
