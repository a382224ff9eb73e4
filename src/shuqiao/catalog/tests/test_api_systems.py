"""The catalogue read without a person's session: by the key of a system, and by everybody what the public sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from shuqiao.catalog.api.doors import BOUND, WITHOUT_SESSION
from shuqiao.catalog.tests import factories
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import ApplicationKey
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import make_party

pytestmark = [pytest.mark.django_db, pytest.mark.article("yingkou-2022", "11")]
BASE = "/api/v1/catalog"
CHANGES = BASE + "/changes"


@pytest.fixture(autouse=True)
def nobody_has_called_yet():
    BOUND.counts.clear()


@pytest.fixture
def key(city):
    """A key of a system of the consumer, as the platform gives it out once."""
    return delivery.issue_key(
        actor=city.actor("consumer-developer"),
        department_id=city.consumer.id,
        system="省级目录系统",
        on=today(),
    )


def ask(bearer: str, path: str = "/changes", **asked):
    return Client().get(BASE + path, asked, headers={"Authorization": bearer})


def test_a_system_follows_the_feed_and_reads_entries_with_its_key(city, key):
    entry = factories.published(city, on=today())
    bearer = f"Bearer {key.bearer}"
    answer = ask(bearer, since=0)
    assert answer.status_code == 200, answer.content
    (change,) = answer.json()["changes"]
    assert change["content"]["summary"], "what departments see"
    assert answer["Cache-Control"] == "no-store"
    assert ask(bearer, since=answer.json()["last"]).json()["changes"] == []
    assert ask(bearer, "/entries").json()["items"][0]["id"] == str(entry.pk)
    assert ask(bearer, f"/entries/{entry.pk}").json()["code"] == entry.code


def test_a_key_sees_no_draft_and_opens_nothing_else(city, key):
    draft = factories.draft(city)
    bearer = f"Bearer {key.bearer}"
    assert ask(bearer, f"/entries/{draft.entry_id}").status_code == 404
    for path in ("/review", "/imports", f"/revisions/{draft.pk}"):
        assert ask(bearer, path).status_code == 401, path
    made = Client().post(
        f"{BASE}/entries", {}, content_type="application/json", headers={"Authorization": bearer}
    )
    assert made.status_code == 401


@pytest.mark.parametrize(
    "written", ["Bearer ", "Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer é.x", "Bearer " + "9" * 999]
)
def test_what_is_no_key_is_told_so_even_for_the_public_face(city, written):
    for asked in ({}, {"face": "public"}):
        answer = ask(written, **asked)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "密钥不存在或者不正确" in answer.json()["detail"] or "Bearer" in answer.json()["detail"]


def test_wrong_secret_revoked_and_expired_keys_are_refused(city, key):
    assert "不正确" in ask(f"Bearer {key.bearer}x").json()["detail"]
    row = ApplicationKey.objects.get(pk=key.id)
    row.not_after = today() - timedelta(days=1)
    row.save()
    late = ask(f"Bearer {key.bearer}")
    assert (late.status_code, "有效期" in late.json()["detail"]) == (401, True)
    row.not_after = today()
    row.save()
    assert ask(f"Bearer {key.bearer}").status_code == 200, "its last day counts"
    delivery.revoke_key(actor=city.actor("consumer-developer"), key_id=row.pk, reason="停用", on=today())
    gone = ask(f"Bearer {key.bearer}")
    assert (gone.status_code, "撤销" in gone.json()["detail"]) == (401, True)


def test_a_key_of_somebody_outside_government_opens_the_public_face_only(city):
    factories.published(city, on=today())
    make_party(city, "legal_person", "firm")
    firm = delivery.issue_key(actor=city.actor("firm"), department_id=None, system="企业系统", on=today())
    refused = ask(f"Bearer {firm.bearer}")
    assert (refused.status_code, "face=public" in refused.json()["detail"]) == (403, True)
    (change,) = ask(f"Bearer {firm.bearer}", face="public").json()["changes"]
    assert change["content"]["summary"] == ""


def test_a_proxy_that_asks_for_a_password_does_not_lock_people_out(client_of):
    assert client_of("stranger").get(CHANGES, headers={"Authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.article("yingkou-2022", "30")
def test_everybody_reads_what_the_public_sees_and_nothing_else(city):
    entry = factories.published(city, on=today(), opening_basis="某条例 第三条")
    client = Client()
    answer = client.get(CHANGES, {"face": "public"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["changes"][0]["content"]["summary"] == ""
    shown = client.get(f"{BASE}/entries/{entry.pk}", {"face": "public"}).json()
    assert (shown["opening_basis"], shown["items"]) == ("某条例 第三条", [])
    for path in ("/changes", "/changes?face=shared", "/entries", "/entries?face=", f"/entries/{entry.pk}"):
        refused = client.get(BASE + path)
        assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json"), path


def test_calls_of_one_system_and_of_one_address_are_bounded(city, key, monkeypatch):
    monkeypatch.setattr(BOUND, "most", 2)
    for asked, bearer in (({}, key.bearer), ({"face": "public"}, "")):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        told = [Client().get(CHANGES, asked, headers=headers) for _ in range(3)]
        assert [one.status_code for one in told] == [200, 200, 429]
        assert int(told[-1]["Retry-After"]) <= 61


def test_people_are_not_counted(client_of, monkeypatch):
    monkeypatch.setattr(BOUND, "most", 1)
    client = client_of("stranger")
    assert {client.get(CHANGES).status_code for _ in range(3)} == {200}


def test_a_key_costs_one_query_more(city, key, django_assert_num_queries):
    factories.published(city, on=today())
    with django_assert_num_queries(7):
        ask(f"Bearer {key.bearer}")


def test_the_interface_says_who_may_come_in(client_of):
    paths = client_of("stranger").get("/api/v1/openapi.json").json()["paths"]
    security = paths[CHANGES]["get"]["security"]
    assert {"Systems": []} in security
    assert WITHOUT_SESSION


def test_a_parameter_nobody_knows_is_named(client_of):
    answer = client_of("stranger").get(CHANGES, {"form": "1", "since": 0, "page": 2})
    assert answer.status_code == 400
    assert [one["where"] for one in answer.json()["problems"]] == ["form", "page"]
