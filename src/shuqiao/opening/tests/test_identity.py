"""Signing in by a city's identity service, against one that runs beside the test."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client

from shuqiao.kernel.time import now
from shuqiao.opening.identity import calling, sessions
from shuqiao.opening.tests.identity_provider import CLIENT, OTHER_KEY, SECRET, Provider, running
from shuqiao.organizations import parties
from shuqiao.organizations.models import Membership, Party
from shuqiao.organizations.tests.factories import PASSWORD, City, credit_code, make_party
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E
from shuqiao.settings import require_identity_service

ZHOU = {"sub": "u-1001", "name": "周公民", "email": "Zhou@Example.cn", "email_verified": True}
START, BACK, CONFIRM = "/open/unified/", "/open/unified/callback/", "/open/unified/confirm/"
AGREED = {"kind": "person", "name": "别人", "agree": "on"}
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("error")]


@pytest.fixture
def provider(settings: Any, city: City) -> Iterator[Provider]:
    """The city's service, configured; it knows 周公民."""
    with running() as found:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = found.issuer, CLIENT
        settings.OIDC_CLIENT_SECRET, settings.OIDC_LABEL = SECRET, "营口市统一身份认证"
        settings.OIDC_TIMEOUT = 30  # a busy machine; what is about time sets its own
        found.claims = dict(ZHOU)
        calling.forget()
        yield found
    calling.forget()


def back(client: Client, provider: Provider, path: str = START, **changed: str) -> HttpResponse:
    """Off to the service, signed in there, and back."""
    started = client.get(path)
    assert started.status_code == 302, started.content.decode()
    return client.get(BACK, {**provider.sign_in(started["Location"]), **changed})


def registered(client: Client, provider: Provider) -> Party:
    back(client, provider)
    assert client.post(CONFIRM, AGREED).status_code == 302
    return Party.objects.get(identity_subject=provider.claims["sub"])


def signed_in_as(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
def test_a_person_registers_once_and_signs_in_ever_after(client: Client, provider: Provider) -> None:
    assert "营口市统一身份认证登录" in client.get("/account/login/").content.decode()
    assert "营口市统一身份认证注册" in client.get("/open/register/").content.decode()
    assert back(client, provider, f"{START}?next=/open/account/")["Location"] == CONFIRM
    assert not Party.objects.exists()
    page = client.get(CONFIRM).content.decode()
    assert "周公民" in page
    assert "zhou@example.cn" in page
    assert client.post(CONFIRM, {"kind": "person"}).status_code == 400  # no consent
    assert client.post(CONFIRM, AGREED)["Location"] == "/open/account/"
    party = Party.objects.get()
    assert (party.name, party.email, party.may_apply) == ("周公民", "zhou@example.cn", True)
    assert (party.identity_issuer, party.identity_subject) == (provider.issuer, "u-1001")
    assert not party.user.has_usable_password()
    event = Event.objects.get(type=E.PARTY_REGISTERED)
    assert (event.data["kind"], event.data["by"]) == ("person", "identity")
    assert event.data["service"] == Party.objects.get().identity_issuer != ""
    assert client.post(CONFIRM, AGREED).status_code == 400, "an identity is confirmed once"
    another = Client()
    assert back(another, provider)["Location"] == "/open/mine/"
    assert signed_in_as(another) == str(party.user_id)
    assert another.get("/open/mine/").status_code == 200
    assert Party.objects.count() == 1
    assert not provider.refused


def test_a_body_brings_its_name_and_code(client: Client, provider: Provider) -> None:
    code = credit_code(60_000_777)
    provider.algorithm = "ES256"
    provider.claims = {"sub": "org-7"}
    provider.told = {
        "sub": "org-7",
        "name": "周联系",
        "legal_name": "营口某公司",
        "credit_code": code.lower(),
    }
    assert back(client, provider)["Location"] == CONFIRM
    wrong = {**AGREED, "kind": "legal_person"}
    assert client.post(CONFIRM, AGREED).status_code == 400, "the account of a body is no person"
    assert client.post(CONFIRM, wrong).status_code == 400, "no contact"
    forged = {**wrong, "contact": "周联系", "credit_code": credit_code(60_000_778)}
    assert client.post(CONFIRM, forged).status_code == 302
    party = Party.objects.get()
    assert (party.kind, party.name, party.credit_code) == ("legal_person", "营口某公司", code)
    assert (party.email, party.email_verified_at, party.may_apply) == ("", None, True)
    page = client.get("/open/account/").content.decode()
    assert "登记邮箱" in page
    assert "重设密码" not in page
    parties.clear_unverified(at=now() + timedelta(days=30))
    assert Party.objects.count() == 1


def test_the_names_of_claims_are_the_citys(client: Client, provider: Provider, settings: Any) -> None:
    settings.OIDC_CLAIM_NAME, settings.OIDC_CLAIM_CREDIT_CODE = "xm", "tyshxydm"
    provider.claims = {"sub": "u-2", "xm": "李\x00四", "tyshxydm": "no code", "name": "nobody"}
    party = registered(client, provider)
    assert (party.name, party.credit_code, party.kind) == ("李四", "", "person")


BAD = {
    "nonce of another sign-in": {"nonce": "other"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "issued in the future": {"iat": 4_000_000_000},
    "for another client": {"aud": "another"},
    "for us and others, issued to others": {"aud": [CLIENT, "another"], "azp": "another"},
    "for several, issued to nobody": {"aud": [CLIENT, "another"]},
    "of another service": {"iss": "https://other.example"},
    "of nobody": {"sub": ""},
    "of a list": {"sub": ["u-1001"]},
}


@pytest.mark.parametrize("wrong", BAD.values(), ids=BAD.keys())
def test_a_token_with_a_wrong_claim_opens_nothing(
    client: Client, provider: Provider, wrong: dict[str, Any]
) -> None:
    registered(Client(), provider)
    provider.wrong = wrong
    answer = back(client, provider)
    assert answer.status_code == 400
    assert "没有通过核验" in answer.content.decode()
    assert not signed_in_as(client)
    provider.wrong = {}
    assert back(client, provider).status_code == 302


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_a_token_that_the_service_did_not_sign_opens_nothing(
    client: Client, provider: Provider, algorithm: str
) -> None:
    provider.algorithm, provider.key = algorithm, OTHER_KEY
    assert back(client, provider).status_code == 400
    assert not Party.objects.exists()


def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(
    client: Client, provider: Provider
) -> None:
    assert back(client, provider, state="guessed").status_code == 400
    answer = provider.sign_in(client.get(START)["Location"])
    assert Client().get(BACK, answer).status_code == 400, "another browser"
    assert "/token" not in provider.calls
    assert client.get(BACK, answer).status_code == 302
    assert client.get(BACK, answer).status_code == 400, "the same answer again"
    answer = provider.sign_in(client.get(START)["Location"])
    assert client.get(BACK, {**answer, "iss": "https://other.example"}).status_code == 400
    denied = client.get(START)["Location"]
    state = parse_qs(urlsplit(denied).query)["state"][0]
    assert client.get(BACK, {"error": "access_denied", "state": state}).status_code == 400


def test_a_sign_in_that_took_too_long_is_begun_anew(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = provider.sign_in(client.get(START)["Location"])
    monkeypatch.setattr(sessions, "LIVES", timedelta(0))
    assert client.get(BACK, answer).status_code == 400


def test_windows_side_by_side_do_not_disturb_each_other(client: Client, provider: Provider) -> None:
    first, second = (provider.sign_in(client.get(START)["Location"]) for _ in range(2))
    registered(Client(), provider)
    assert client.get(BACK, first).status_code == 302
    assert signed_in_as(client)
    assert client.get(BACK, second).status_code == 302


DOWN = {
    "fails": (500, b"{}"),
    "is redirected": (302, b""),
    "no JSON": (200, b"<html>"),
    "no object": (200, b"[]"),
    "huge": (200, b'{"a":"' + b"x" * 5_000_000 + b'"}'),
    "deep": (200, b"[" * 200_000),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize("said", DOWN.values(), ids=DOWN.keys())
def test_a_service_that_answers_nonsense_is_down(
    client: Client, provider: Provider, path: str, said: tuple[int, bytes]
) -> None:
    started = client.get(START)
    calling.forget()
    provider.raw[path] = said
    answer = client.get(BACK, provider.sign_in(started["Location"]))
    assert answer.status_code == 503
    assert "统一身份认证服务暂时不可用" in answer.content.decode()
    assert not signed_in_as(client)


def test_a_service_that_is_not_there_or_says_nothing(
    client: Client, provider: Provider, settings: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.OIDC_TIMEOUT = 0.3
        settings.OIDC_ISSUER = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert client.get(START).status_code == 503
    assert client.get(START).status_code == 503
    assert client.get("/account/login/").status_code == 200


def test_discovery_of_another_issuer_or_to_the_clear_is_not_followed(
    client: Client, provider: Provider, settings: Any
) -> None:
    provider.discovery = {"issuer": "https://other.example"}
    assert client.get(START).status_code == 503
    calling.forget()
    provider.discovery = {"authorization_endpoint": "javascript:alert(1)"}
    assert client.get(START).status_code == 503


def test_a_new_key_of_the_service_is_fetched(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, provider.keys = provider.keys, [key for key in provider.keys if key["kid"] != "rsa"]
    assert back(client, provider).status_code == 400
    provider.keys = known
    assert back(client, provider).status_code == 400, "not asked for twice in half a minute"
    monkeypatch.setattr(calling, "FRESH_ENOUGH", -1.0)
    assert back(client, provider).status_code == 302


def test_userinfo_about_somebody_else_is_refused(client: Client, provider: Provider) -> None:
    provider.told = {"sub": "u-9", "name": "别人", "credit_code": credit_code(60_000_900)}
    assert back(client, provider).status_code == 400


def test_no_account_is_found_by_its_address(client: Client, provider: Provider, city: City) -> None:
    old = make_party(city, username="zhou")  # zhou@example.cn
    provider.claims["email_verified"] = False
    assert back(client, provider)["Location"] == CONFIRM
    assert client.post(CONFIRM, AGREED).status_code == 302
    new = Party.objects.exclude(id=old.id).get()
    assert (new.email, new.user_id != old.user_id) == ("", True)
    provider.claims = {**ZHOU, "sub": "u-1002"}
    other = Client()
    assert back(other, provider)["Location"] == CONFIRM
    assert "已有注册" in other.get(CONFIRM).content.decode()
    assert other.post(CONFIRM, AGREED).status_code == 400
    assert not signed_in_as(other)
    old.refresh_from_db()
    assert old.identity_verified_at is None


def test_the_owner_of_an_address_binds_with_the_password(
    client: Client, provider: Provider, city: City
) -> None:
    party = make_party(city, username="zhou")
    client.force_login(party.user)
    assert "again=1" in client.get("/open/account/").content.decode()
    started = client.get(f"{START}?again=1")["Location"]
    assert "prompt=login" in started
    assert client.get(BACK, provider.sign_in(started))["Location"] == "/open/account/unified/"
    assert "周公民" in client.get("/open/account/unified/").content.decode()
    assert client.post("/open/account/unified/", {"password": "wrong"}).status_code == 400
    assert client.post("/open/account/unified/", {"password": PASSWORD}).status_code == 302
    assert Event.objects.get(type=E.PARTY_CHANGED).data["what"] == "identity"
    another = Client()
    assert back(another, provider).status_code == 302
    assert signed_in_as(another) == str(party.user_id)
    second = make_party(city, username="li")
    browser = Client()
    browser.force_login(second.user)
    provider.claims = {"sub": "u-5"}
    back(browser, provider)
    assert browser.post("/open/account/unified/", {"password": PASSWORD}).status_code == 302
    provider.claims = {"sub": "u-6"}
    back(browser, provider)
    assert browser.post("/open/account/unified/", {"password": PASSWORD}).status_code == 400, "bound already"


def test_a_person_without_password_closes_after_signing_in_again(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = registered(client, provider)
    monkeypatch.setattr(sessions, "PROOF_LIVES", timedelta(0))
    page = client.get("/open/account/close/").content.decode()
    assert "登录密码" in page
    assert "again=1" in page
    assert client.post("/open/account/close/", {}).status_code == 400
    assert client.post("/open/account/close/", {"password": ""}).status_code == 400
    monkeypatch.undo()
    back(client, provider, f"{START}?again=1&next=/open/account/close/")
    assert "登录密码" not in client.get("/open/account/close/").content.decode()
    assert client.post("/open/account/email/", {"email": "new@example.cn"}).status_code == 302
    assert client.post("/open/account/close/", {}).status_code == 302
    party.refresh_from_db()
    assert (party.identity_subject, party.identity_verified_at) == ("", None)
    assert back(Client(), provider)["Location"] == CONFIRM, "whoever left is new"


def test_staff_accounts_are_out_of_reach(
    client: Client, provider: Provider, city: City, client_of: Callable[[str], Client]
) -> None:
    staff = client_of("provider-approver")
    assert staff.get(START).status_code == 403
    assert staff.get(CONFIRM).status_code == 403
    answer = provider.sign_in(client.get(START)["Location"])
    user = city.user("provider-approver")
    user.username = "zhou@example.cn"  # an account that is named like the address the service vouches for
    user.save()
    assert client.get(BACK, answer)["Location"] == CONFIRM
    assert client.post(CONFIRM, AGREED).status_code == 400
    assert not signed_in_as(client)
    assert not Party.objects.exists(), "nothing is left half made"


def test_who_was_appointed_since_no_longer_comes_in_this_way(
    provider: Provider, client: Client, city: City
) -> None:
    party = registered(Client(), provider)
    department = city.actor("provider-approver").posts[0].department_id
    Membership.objects.create(user=party.user, department_id=department, role="approver", since=now().date())
    assert back(client, provider).status_code == 403
    assert not signed_in_as(client)


def test_afterwards_only_to_pages_of_this_site(client: Client, provider: Provider) -> None:
    registered(Client(), provider)
    assert back(client, provider, f"{START}?next=https://evil.example/")["Location"] == "/open/mine/"
    assert back(Client(), provider, f"{START}?next=//evil.example/")["Location"] == "/open/mine/"


def test_off_without_configuration(client: Client, city: City) -> None:
    assert client.get(START).status_code == 404
    assert client.get(BACK).status_code == 404
    for page in ("/account/login/", "/open/register/"):
        assert "/open/unified/" not in client.get(page).content.decode()


def test_half_a_service_or_one_in_the_clear_does_not_start() -> None:
    require_identity_service("", "")
    require_identity_service("https://id.example", "shuqiao")
    require_identity_service("http://localhost:8080", "shuqiao")
    for issuer, client in (("http://id.example", "shuqiao"), ("https://id.example", ""), ("id.example", "x")):
        with pytest.raises(ImproperlyConfigured):
            require_identity_service(issuer, client)
