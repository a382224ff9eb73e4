"""Application keys: the secret is shown once, stored only as hash and sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shuqiao.delivery import queries, services
from shuqiao.delivery.models import ApplicationKey, GrantKey
from shuqiao.delivery.tests.factories import TODAY
from shuqiao.delivery.types import EndGround, KeyState
from shuqiao.gateway.sealing import hash_secret, key_context, unseal
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.procedures.models import Event

MASTER = bytes.fromhex("ab" * 32)


@pytest.fixture
def developer(city):
    return city.actor("consumer-developer")


@pytest.fixture
def issued(city, developer):
    return services.issue_key(
        actor=developer, department_id=city.consumer.id, system="社保核定系统", on=TODAY
    )


def test_the_secret_is_nowhere_in_clear(issued):
    key = ApplicationKey.objects.get(id=issued.id)
    assert key.secret_sha256 == hash_secret(issued.secret)
    assert issued.secret.encode() not in bytes(key.sealed_secret)
    assert unseal(MASTER, bytes(key.sealed_secret), context=key_context(key.id)) == issued.secret.encode()
    assert issued.bearer == f"{issued.id}.{issued.secret}"
    assert issued.secret not in repr(issued)
    assert issued.secret not in str(list(Event.objects.values_list("data", flat=True)))


def test_who_may_not_manage_keys(city, issued):
    with pytest.raises(NotAllowed):
        services.issue_key(
            actor=city.actor("consumer-approver"), department_id=city.consumer.id, system="x", on=TODAY
        )
    with pytest.raises(NotAllowed):
        services.issue_key(
            actor=city.actor("consumer-developer"), department_id=city.provider.id, system="x", on=TODAY
        )
    with pytest.raises(NotFound):
        services.revoke_key(actor=city.actor("provider-approver"), key_id=issued.id, reason="x", on=TODAY)


def test_everything_missing_is_named(city, developer):
    with pytest.raises(InvalidInput) as wrong:
        services.issue_key(
            actor=developer,
            department_id=city.consumer.id,
            system=" ",
            not_after=TODAY - timedelta(days=1),
            on=TODAY,
        )
    assert {problem.where for problem in wrong.value.problems} == {"系统", "有效至"}


def test_binding_is_idempotent_and_only_for_the_grantee(city, developer, issued, grant):
    assert list(queries.keys_to_bind(developer, grant)) == [ApplicationKey.objects.get(id=issued.id)]
    services.bind_key(actor=developer, grant_id=grant.id, key_id=issued.id, on=TODAY)
    services.bind_key(actor=developer, grant_id=grant.id, key_id=issued.id, on=TODAY)
    assert GrantKey.objects.count() == 1
    assert Event.objects.filter(type="delivery.key.bound").count() == 1
    assert not queries.keys_to_bind(developer, grant).exists()
    with pytest.raises(NotAllowed):
        services.bind_key(
            actor=city.actor("provider-approver"), grant_id=grant.id, key_id=issued.id, on=TODAY
        )


def test_a_rotated_key_has_a_new_secret(developer, issued):
    again = services.rotate_key(actor=developer, key_id=issued.id, on=TODAY)
    assert again.id == issued.id
    assert again.secret != issued.secret
    assert ApplicationKey.objects.get(id=issued.id).secret_sha256 == hash_secret(again.secret)


def test_a_revoked_key_stays_revoked(developer, issued, grant):
    services.revoke_key(actor=developer, key_id=issued.id, reason="人员离岗", on=TODAY)
    assert ApplicationKey.objects.get(id=issued.id).state == KeyState.REVOKED
    with pytest.raises(IllegalMove):
        services.revoke_key(actor=developer, key_id=issued.id, reason="人员离岗", on=TODAY)
    with pytest.raises(IllegalMove):
        services.bind_key(actor=developer, grant_id=grant.id, key_id=issued.id, on=TODAY)
    with pytest.raises(IllegalMove):
        services.rotate_key(actor=developer, key_id=issued.id, on=TODAY)


def test_an_ended_grant_takes_no_key(city, developer, issued, grant):
    services.end_grant(
        actor=city.actor("consumer-approver"),
        grant_id=grant.id,
        ground=EndGround.FULFILLED,
        reason="完成",
        on=TODAY,
    )
    with pytest.raises(IllegalMove):
        services.bind_key(actor=developer, grant_id=grant.id, key_id=issued.id, on=TODAY)


def test_a_key_made_for_a_grant_is_bound_to_it_or_not_made(city, developer, grant):
    made = services.issue_key(
        actor=developer, department_id=city.consumer.id, system="核定系统", grant_id=grant.id, on=TODAY
    )
    assert GrantKey.objects.get().key_id == made.id
    services.end_grant(
        actor=city.actor("consumer-approver"),
        grant_id=grant.id,
        ground=EndGround.FULFILLED,
        reason="已办结",
        on=TODAY,
    )
    with pytest.raises(IllegalMove):
        services.issue_key(
            actor=developer, department_id=city.consumer.id, system="又一个", grant_id=grant.id, on=TODAY
        )
    assert list(ApplicationKey.objects.values_list("id", flat=True)) == [made.id]
