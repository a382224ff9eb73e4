"""The quick way against the general one: the same requests to two gateways over the same city, one of which has no
quick way. Status, headers, body and evidence have to be the same, whatever is asked."""

from __future__ import annotations

import errno
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao import store
from shuqiao.gateway.app import Gateway
from shuqiao.gateway.book import ColumnRow, ResourceRow
from shuqiao.gateway.fields import InnerList, serialize_bare
from shuqiao.gateway.layouts import make_layout, read_input
from shuqiao.gateway.signing import DEFAULT_COMPONENTS, HmacKey, Message, signature_base
from shuqiao.gateway.tests.city import BASE, City, Desk, a_grant, code, found, lookup, opened, wait_for
from shuqiao.journal import ReadForm, Record
from shuqiao.journal.record import encode

HALLS = "/v1/resources/places/rows"


@dataclass
class Pair:
    """Two gateways over like cities, and how often the first took its quick way."""

    quick: Desk
    general: Desk
    taken: int = 0

    def both(self, path: str, headers: dict[str, str]) -> tuple[httpx.Response, httpx.Response]:
        return self.quick.ask(path, headers=headers), self.general.ask(path, headers=headers)

    def alike(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """Ask both; fails where they differ."""
        mine, theirs = self.both(path, headers)
        assert _said(mine) == _said(theirs)
        mine_kept, theirs_kept = self.quick.city.entries()[-1], self.general.city.entries()[-1]
        assert _kept(mine_kept.record) == _kept(theirs_kept.record)
        assert mine_kept.receipt.seq == theirs_kept.receipt.seq
        return mine


def _said(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    headers = dict(answer.headers)
    receipt = headers.pop("shuqiao-receipt", "none")
    for name in ("ratelimit", "retry-after"):
        if name in headers:
            headers[name] = re.sub(r"\bt=\d+|^\d+$", "", headers[name])
    return answer.status_code, headers, answer.content.replace(receipt.encode(), b"")


def _kept(record: Record) -> Record:
    return msgspec.structs.replace(record, at="")


def _publish_places(home: Path) -> str:
    """A table with a composite key and a second key that names several rows."""
    source = home / "places.csv"
    lines = [f"区{n % 3},{n:03d},厅,{n % 2}" for n in range(30)]
    source.write_text("\n".join(["区,号,类,单", *lines]), "utf-8")
    keys = (("区", "号"), ("类",))
    return store.build(
        source, msgspec.structs.replace(store.sniff(source).recipe(), keys=keys), home / "store"
    ).id


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The two gateways."""
    home = tmp_path_factory.mktemp("quick") / "one"
    city = found(home, open_rate=1e6, open_burst=10**6)
    version = _publish_places(home)
    model = city.resources["enterprises"]
    city.resources["places"] = msgspec.structs.replace(
        model,
        id="places",
        name="大厅",
        version=version,
        lookup_keys=[["区", "号"], ["类"]],
        open_columns=None,
    )
    assert isinstance(model, ResourceRow)
    city.grants["g-places"] = a_grant(
        id="g-places",
        resource="places",
        where=[],
        columns=[ColumnRow("区"), ColumnRow("号"), ColumnRow("类")],
        daily_quota=60,
    )
    city.write()
    other = replace(
        city, home=home.with_name("two"), settings=replace(city.settings, home=home.with_name("two"))
    )
    shutil.copytree(home, other.home)
    with opened(city) as quick, opened(other) as general:
        _without_quick(general.gateway)
        both = Pair(quick, general)
        _counting(both)
        yield both


def _without_quick(gateway: Gateway) -> None:
    async def never(scope: Any) -> None:
        return None

    gateway.quick.answer = never


def _counting(pair: Pair) -> None:
    answer = pair.quick.gateway.quick.answer

    async def counted(scope: Any) -> Any:
        given = await answer(scope)
        pair.taken += given is not None
        return given

    pair.quick.gateway.quick.answer = counted


_numbers = iter(range(10**9))


def signed(city: City, path: str, **odd: Any) -> dict[str, str]:
    """The headers of a signed request, with whatever is odd about it."""
    url = httpx.URL(BASE).join(path)
    key_id, sent = odd.get("key", "k-counter"), dict(odd.get("headers", {}))
    parameters = {
        "created": int(time.time()) + odd.get("late", 0),
        "nonce": odd.get("nonce") or f"nonce-{next(_numbers):020d}",
        "keyid": key_id,
        "alg": odd.get("alg", "hmac-sha256"),
    }
    parameters = {
        name: parameters[name] for name in odd.get("order", tuple(parameters)) if name in parameters
    }
    parameters |= odd.get("more", {})
    covered = InnerList(tuple((name, {}) for name in odd.get("covers", DEFAULT_COMPONENTS)), parameters)
    message = Message.of_url("GET", str(url), {"host": url.host, **sent})
    known = city.minted.get(key_id) or city.minted["k-counter"]
    try:
        signature = HmacKey(known.secret.encode()).sign(signature_base(message, covered))
    except ValueError:
        signature = bytes(32)
    if odd.get("spoilt"):
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    label, space = odd.get("label", "sig"), odd.get("space", "")
    return {
        **sent,
        "Signature-Input": f"{label}={covered.serialize()}".replace(";", f";{space}"),
        "Signature": f"{label}={serialize_bare(signature)}",
    }


paths = st.one_of(
    st.integers(0, 44).map(lambda n: lookup(n % 40) if n < 40 else "/v1/resources/enterprises/rows/9121x"),
    st.builds(
        lookup,
        st.integers(0, 39),
        st.sampled_from(
            [
                f"?select={quote('名称,地区')}",
                "?select=" + quote("法定代表人"),
                "?by=" + quote("统一社会信用代码"),
                "?by=x",
                "?limit=3",
                "?select=%ff",
                "?",
                "?a&b&c",
            ]
        ),
    ),
    st.builds(lambda n: f"{HALLS}/{quote(f'区{n % 3}')},{n:03d}", st.integers(0, 32)),
    st.sampled_from(
        [
            f"{HALLS}/{quote('厅')}?by={quote('类')}",
            f"{HALLS}/{quote('无')}?by={quote('类')}",
            f"{HALLS}/a,b,c",
            f"{HALLS}/%ff,001",
            f"{HALLS}/{quote('区0')}%2C000",
            f"{HALLS}/%E5%8C%BA0,000",
            f"/v1/resources/enterprises/rows/{code(2)[:-1]}%3{code(2)[-1]}",
            f"/v1/resources/unknown/rows/{code(2)}",
            f"/v1/resources/unpublished/rows/{code(2)}",
            "/v1/resources/halls/rows/D01",
            "/v1/resources/enterprises/rows",
            "/v1/resources/enterprises/rows/" + "9" * 1_024,
        ]
    ),
)

oddities = st.fixed_dictionaries(
    {},
    optional={
        "key": st.sampled_from(["k-counter", "k-other", "k-nobody"]),
        "late": st.sampled_from([-400, -299, 0, 299, 400]),
        "nonce": st.sampled_from(
            ["short", "sixteen-letters!", "with;a;semicolon-in-it", "n" * 128, "n" * 129]
        ),
        "alg": st.sampled_from(["hmac-sha256", "hmac-sm3", "rsa-pss-sha512"]),
        "order": st.permutations(["created", "nonce", "keyid", "alg"]),
        "more": st.sampled_from([{}, {"expires": 1}, {"expires": 99_999_999_999}, {"tag": "x"}]),
        "covers": st.sampled_from(
            [
                ("@method", "@target-uri"),
                ("@query", "@path", "@authority", "@method"),
                ("@method", "@authority", "@path"),
                ("@method", "@authority", "@path", "@query", "@scheme"),
                (*DEFAULT_COMPONENTS, "shuqiao-grant"),
                (*DEFAULT_COMPONENTS, "user-agent"),
                (*DEFAULT_COMPONENTS, "@path"),
                (*DEFAULT_COMPONENTS, "@status"),
                (),
            ]
        ),
        "headers": st.sampled_from(
            [
                {"Shuqiao-Grant": "g-interface"},
                {"Shuqiao-Grant": "g-nothing"},
                {"User-Agent": "counter"},
                {"X-Odd": "yes"},
                {"If-None-Match": "*"},
                {"Authorization": "Bearer x.y"},
                {"Content-Length": "0"},
            ]
        ),
        "label": st.sampled_from(["sig", "sig1", "a.b*c", "Sig"]),
        "space": st.sampled_from(["", " "]),
        "spoilt": st.booleans(),
    },
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=paths, odd=oddities, again=st.booleans())
def test_both_ways_say_and_keep_the_same(pair: Pair, path: str, odd: dict[str, Any], again: bool):
    headers = signed(pair.quick.city, path, **odd)
    pair.alike(path, headers)
    if again:
        pair.alike(path, headers)


@pytest.mark.parametrize(
    "order", [("created", "nonce", "keyid", "alg"), ("keyid", "alg", "nonce", "created")]
)
@pytest.mark.parametrize("covers", [DEFAULT_COMPONENTS, ("@method", "@target-uri")])
def test_a_plain_lookup_takes_the_quick_way(pair: Pair, order, covers):
    before = pair.taken
    answer = pair.alike(lookup(4), signed(pair.quick.city, lookup(4), order=order, covers=covers))
    assert answer.status_code == 200
    assert pair.taken == before + 1


def test_a_replay_is_refused_by_the_general_way(pair: Pair):
    headers = signed(pair.quick.city, lookup(6))
    assert pair.alike(lookup(6), headers).status_code == 200
    before = pair.taken
    assert pair.alike(lookup(6), headers).json()["rule"] == "gateway.nonce.replayed"
    assert pair.taken == before


def test_a_counted_grant_is_counted_and_refused_alike(pair: Pair):
    path = f"{HALLS}/{quote('区1')},001"
    for _ in range(61):
        answer = pair.alike(path, signed(pair.quick.city, path))
        if answer.status_code == 429:
            break
    assert answer.json()["rule"] == "gateway.limit.quota"


def test_a_revoked_grant_opens_no_door_any_more(tmp_path: Path):
    city = found(tmp_path / "home")
    with opened(city) as desk:
        assert desk.ask(lookup(2), headers=signed(city, lookup(2))).status_code == 200
        city.change("g-interface", state="suspended", state_reason="核查")
        desk.reload()
        refused = desk.ask(lookup(2), headers=signed(city, lookup(2)))
        assert (refused.status_code, refused.json()["rule"]) == (403, "delivery.misuse.suspend")


def test_no_row_leaves_when_its_evidence_cannot_be_written(tmp_path: Path, monkeypatch):
    city = found(tmp_path / "home")
    with opened(city) as desk:
        assert desk.ask(lookup(2), headers=signed(city, lookup(2))).status_code == 200

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("shuqiao.journal.writer.os.fdatasync", full)
        refused = desk.ask(lookup(4), headers=signed(city, lookup(4)))
        assert (refused.status_code, refused.json()["rule"]) == (503, "evidence.use_log")
        assert "企业" not in refused.text
        assert "retry-after" in refused.headers
        monkeypatch.undo()
        wait_for(lambda: desk.ask(lookup(6), headers=signed(city, lookup(6))).status_code == 200)
    assert city.chain_holds()


texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1)


@given(
    purpose=st.text(st.characters(exclude_categories=("Cs",))),
    query=texts,
    nonce=texts,
    client=texts,
    rows=st.integers(1, 10**6),
    created=st.integers(0, 10**15 - 1),
)
def test_a_form_gives_the_bytes_of_the_whole_record(purpose, query, nonce, client, rows, created):
    at, answer = "2026-11-22T08:00:00.123+08:00", "ab" * 32
    constant = Record(
        kind="read",
        grant="g%b",
        key="k",
        resource="r",
        version="v",
        action="lookup",
        purpose=purpose,
        columns=["列"],
    )
    whole = msgspec.structs.replace(
        constant,
        at=at,
        rows=rows,
        query=query,
        answer=answer,
        client=client,
        extra={"nonce": nonce, "created": created},
    )
    form = ReadForm(constant)
    assert (
        form.encode(
            at=at,
            rows=rows,
            query=query.encode(),
            answer=answer,
            client=client,
            created=created,
            nonce=nonce.encode(),
        )
        == encode(whole)[0]
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'sig=("@method");created=1;nonce="0123456789abcdef";keyid="k"',
        b'sig=("@method");created=01;nonce="0123456789abcdef";keyid="k";alg="hmac-sha256"',
        b'sig=("@method");created=-1;nonce="0123456789abcdef";keyid="k";alg="hmac-sha256"',
        b'sig=("@method");created=1;created=2;nonce="0123456789abcdef";keyid="k"',
        b'sig=("@method");created=1;nonce=0123456789abcdef;keyid="k";alg="hmac-sha256"',
        b'sig=("@method");created=1;nonce="0123456789\\"abcdef";keyid="k";alg="hmac-sha256"',
        b'sig=("@method");created=1;nonce="too short";keyid="k";alg="hmac-sha256"',
    ],
)
def test_what_is_not_plain_is_not_read_quickly(text: bytes):
    assert read_input(text) is None


@pytest.mark.parametrize(
    "head",
    [
        b"sig=()",
        b'sig=("@method" "@path")',
        b'sig=("@method" "@target-uri" "date")',
        b'sig=("@method" "@target-uri";req)',
        b'sig=("@method"  "@target-uri")',
        b'sig=("@method" "@method" "@target-uri")',
        b'sig=("@method" "@target-uri"),other=()',
        "sig=(“@method”)".encode(),
    ],
)
def test_no_layout_is_made_of_what_does_not_cover_enough_or_is_odd(head: bytes):
    assert make_layout(head) is None
