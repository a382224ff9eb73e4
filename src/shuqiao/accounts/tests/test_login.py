"""Logging in, out, and the pause after too many failures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shuqiao.accounts import services
from shuqiao.accounts.models import LoginFailure
from shuqiao.accounts.types import ROLES, P, Role
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import PASSWORD, City

LOGIN = "/account/login/"


def try_login(client: Client, password: str, username: str = "provider-approver") -> int:
    return client.post(LOGIN, {"username": username, "password": password}).status_code


def test_good_login_goes_to_the_workbench_and_out_again(city: City, client: Client) -> None:
    answer = client.post(LOGIN, {"username": "provider-approver", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/work/")
    page = client.get("/work/")
    assert page.status_code == 200
    assert "陈局长" in page.content.decode()
    assert client.post("/account/logout/").status_code == 302
    assert client.get("/work/").status_code == 302


def test_wrong_name_and_wrong_password_get_the_same_words(city: City, client: Client) -> None:
    pages = [
        client.post(LOGIN, {"username": name, "password": "wrong"}).content.decode()
        for name in ("provider-approver", "nobody-at-all")
    ]
    assert all("账号或密码不正确" in page for page in pages)


def test_five_failures_close_the_account_for_a_while_even_for_the_right_password(
    city: City, client: Client
) -> None:
    for _ in range(services.FAILURES_ALLOWED):
        assert try_login(client, "wrong") == 200
    assert try_login(client, PASSWORD) == 200, "paused: no login"
    assert try_login(client, PASSWORD, "consumer-approver") == 302, "others may log in"
    LoginFailure.objects.update(at=now() - services.REST - timedelta(seconds=1))
    client.post("/account/logout/")
    assert try_login(client, PASSWORD) == 302
    assert not LoginFailure.objects.filter(username="provider-approver").exists()


def test_inactive_person_cannot_log_in(city: City, client: Client) -> None:
    user = city.user("stranger")
    user.is_active = False
    user.save()
    assert try_login(client, PASSWORD, "stranger") == 200


def test_anonymous_page_request_goes_to_login_and_machine_gets_401(city: City, client: Client) -> None:
    answer = client.get("/work/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))
    machine = client.get("/work/", headers={"Accept": "application/json"})
    assert machine.status_code == 401
    assert machine["Content-Type"] == "application/problem+json"


def test_password_change_wants_the_old_one_and_a_strong_new_one(city: City, client: Client) -> None:
    client.force_login(city.user("stranger"))
    form = {"old_password": PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    assert client.post("/account/password/", form).status_code == 200
    strong = "a-long-new-password-7"
    good = {"old_password": PASSWORD, "new_password1": strong, "new_password2": strong}
    assert client.post("/account/password/", good).status_code == 302
    client.post("/account/logout/")
    assert try_login(client, strong, "stranger") == 302


def test_answers_forbid_inline_scripts_and_are_not_kept(city: City, client: Client) -> None:
    client.force_login(city.user("stranger"))
    answer = client.get("/work/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.article("yingkou-2022", "6")
@pytest.mark.article("shenyang-2020", "5")
def test_administration_audit_and_operation_are_three_hands() -> None:
    deciding = {
        P.SHARING_REQUEST_ANSWER,
        P.CATALOG_ENTRY_REVIEW,
        P.RESOURCES_VERSION_REVIEW,
        P.CATALOG_ENTRY_EDIT,
    }
    assert not ROLES[Role.SYSTEM_ADMIN] & (deciding | {P.JOURNAL_READ, P.DELIVERY_GRANT_READ})
    assert not ROLES[Role.AUDITOR] & (deciding | {P.ORGANIZATIONS_ADMIN, P.DELIVERY_GRANT_STOP})
    assert P.ORGANIZATIONS_ADMIN not in set().union(
        *(ROLES[role] for role in Role if role != Role.SYSTEM_ADMIN)
    )


def test_every_role_has_permissions_and_every_permission_a_role() -> None:
    assert set(ROLES) == set(Role)
    assert set().union(*ROLES.values()) == set(P)
