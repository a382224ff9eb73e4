"""Grants and keys of somebody outside government: their own, and nobody else's."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM, P
from shuqiao.delivery import book, queries, services
from shuqiao.delivery.models import ApplicationKey, Grant
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, order_of
from shuqiao.delivery.types import EndGround, Side
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import Event, OutgoingMail


@pytest.fixture
def party(city):
    return make_party(city, "legal_person", "firm")


@pytest.fixture
def outside(city, table, party):
    order = order_of(table, None, party_id=party.id)
    return services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)


def test_a_party_is_told_by_mail_and_sees_its_own_grant(city, outside, party, grant):
    firm = city.actor("firm")
    assert list(queries.list_grants_for(firm)) == [outside]
    assert list(queries.list_grants_for(firm, side=Side.GRANTEE)) == [outside]
    assert outside.holder_name == party.name
    assert OutgoingMail.objects.get(to=party.email).text.startswith("授权已开通")
    with pytest.raises(NotFound):
        queries.get_grant_for(firm, grant.id, P.DELIVERY_GRANT_READ)


def test_a_grant_to_a_party_gives_no_department_more(city, outside):
    """A missing department must never be read as "any department"."""
    for who in ("consumer-approver", "consumer-developer", "stranger"):
        with pytest.raises(NotFound):
            queries.get_grant_for(city.actor(who), outside.id, P.DELIVERY_GRANT_READ)
    with pytest.raises(NotAllowed):
        queries.get_grant_for(city.actor("provider-cataloguer"), outside.id, P.DELIVERY_KEY_MANAGE)
    assert queries.sides_of(city.actor("consumer-approver"), outside, P.DELIVERY_GRANT_STOP) == frozenset()
    seen = queries.get_grant_for(city.actor("provider-approver"), outside.id, P.DELIVERY_GRANT_STOP)
    assert queries.sides_of(city.actor("provider-approver"), seen, P.DELIVERY_GRANT_STOP) == {Side.PROVIDER}


def test_another_party_is_a_stranger(city, outside):
    make_party(city, "person", "citizen")
    citizen = city.actor("citizen")
    assert not queries.list_grants_for(citizen).exists()
    with pytest.raises(NotFound):
        services.issue_key(actor=citizen, department_id=None, system="手机", grant_id=outside.id, on=TODAY)
    assert not ApplicationKey.objects.exists()


def test_a_party_issues_binds_rotates_and_revokes_its_own_keys(city, outside, party):
    firm = city.actor("firm")
    issued = services.issue_key(
        actor=firm, department_id=None, system="研究平台", grant_id=outside.id, on=TODAY
    )
    assert (issued.department_id, issued.party_id) == (None, party.id)
    services.rotate_key(actor=firm, key_id=issued.id, on=TODAY)
    compiled = book.compile_book(1, now())
    row = next(row for row in compiled.grants if row.id == str(outside.id))
    assert (row.grantee, row.keys) == (str(party.id), [issued.id])
    assert compiled.keys[issued.id].department == str(party.id)
    with pytest.raises(NotFound):
        services.revoke_key(actor=city.actor("consumer-developer"), key_id=issued.id, reason="x", on=TODAY)
    services.revoke_key(actor=firm, key_id=issued.id, reason="项目结束", on=TODAY)
    assert Event.objects.filter(type="delivery.key.revoked", case_kind="party", case_id=party.id).exists()


def test_a_department_key_never_opens_a_party_grant(city, outside):
    developer = city.actor("consumer-developer")
    theirs = services.issue_key(actor=developer, department_id=city.consumer.id, system="核定", on=TODAY)
    with pytest.raises(NotFound):
        services.bind_key(actor=developer, grant_id=outside.id, key_id=theirs.id, on=TODAY)
    with pytest.raises(NotFound):
        services.bind_key(actor=city.actor("firm"), grant_id=outside.id, key_id=theirs.id, on=TODAY)
    assert not queries.keys_to_bind(developer, outside).exists()


def test_a_key_names_its_holder(city, outside):
    with pytest.raises(InvalidInput):
        services.issue_key(
            actor=city.actor("consumer-developer"), department_id=None, system="核定", on=TODAY
        )
    with pytest.raises(NotAllowed):
        services.issue_key(actor=city.actor("firm"), department_id=city.consumer.id, system="核定", on=TODAY)


def test_a_party_ends_its_grant_but_stops_nobody(city, outside):
    firm = city.actor("firm")
    with pytest.raises(RuleRefused):
        services.suspend_grant(actor=firm, grant_id=outside.id, reason="x", on=TODAY)
    services.end_grant(
        actor=firm, grant_id=outside.id, ground=EndGround.FULFILLED, reason="研究完成", on=TODAY
    )


def test_exactly_one_holder(city, table, outside, party):
    for order in (
        order_of(table, None),
        order_of(table, city.consumer.id, party_id=party.id),
    ):
        with pytest.raises(InvalidInput):
            services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    for broken in ({"grantee": city.consumer}, {"party": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.filter(id=outside.id).update(**broken)


def test_a_closed_registration_gets_no_grant(table, party):
    party.closed_at = now()
    party.save(update_fields=["closed_at"])
    with pytest.raises(InvalidInput):
        services.issue_grant(
            actor=PLATFORM, order=order_of(table, None, party_id=party.id), decision=YES, on=TODAY
        )


def test_pages_of_a_party(client_of, city, outside, grant):
    client = client_of("firm")
    listed = client.get(reverse("delivery:grants"))
    assert listed.status_code == 200
    assert listed.content.decode().count("营数授") == 1
    shown = client.get(reverse("delivery:grant", args=[outside.id]))
    assert shown.status_code == 200
    assert "签发新的凭证" in shown.content.decode()
    assert client.get(reverse("delivery:grant", args=[grant.id])).status_code == 404
    keys = client.get(reverse("delivery:keys"), {"grant": outside.id})
    assert keys.status_code == 200
    made = client.post(reverse("delivery:key-create"), {"grant": outside.id, "department": "", "system": "x"})
    assert made.status_code == 201
    assert ApplicationKey.objects.get().party_id == outside.party_id


def test_rest_of_a_party(client_of, outside):
    client = client_of("firm")
    found = client.get("/api/v1/delivery/grants").json()
    assert found["items"][0]["party_id"] == str(outside.party_id)
    assert found["items"][0]["grantee_id"] is None
    made = client.post("/api/v1/delivery/keys", {"system": "研究"}, content_type="application/json")
    assert made.status_code == 201
    assert client.get("/api/v1/delivery/keys").json()["count"] == 1


def test_a_public_receipt_does_not_name_a_person(city, table):
    person = make_party(city, "person", "citizen")
    grant = services.issue_grant(
        actor=PLATFORM, order=order_of(table, None, party_id=person.id), decision=YES, on=date(2026, 11, 23)
    )
    assert grant.holder_public_name == "自然人"
    assert person.name not in msgspec.json.encode(book.compile_book(1, now())).decode()
