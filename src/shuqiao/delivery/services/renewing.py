"""A grant is renewed: its successor opens for the day after it ends, for the same keys, so that reads go on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.delivery import book, secrets
from shuqiao.delivery.models import Grant, GrantKey
from shuqiao.delivery.services.issuing import issue_grant
from shuqiao.delivery.types import GrantOrder, KeyState
from shuqiao.gateway.sealing import grant_context, seal, unseal
from shuqiao.kernel import Decision, InvalidInput
from shuqiao.kernel.time import now
from shuqiao.procedures import events
from shuqiao.procedures.types import E


@transaction.atomic
def renew_grant(*, actor: Actor, grant_id: UUID, order: GrantOrder, decision: Decision, on: date) -> Grant:
    """The successor of a grant, of the same table and holder: whatever keys open the old one open it, and hashed
    values stay comparable. The caller has decided by a rule; `order.valid_from` is the first day without the old."""
    old = Grant.objects.select_for_update().get(id=grant_id)
    if (old.resource_id, old.grantee_id, old.party_id) != (
        order.resource_id,
        order.grantee_id,
        order.party_id,
    ):
        raise InvalidInput.one("续期", "续期限同一使用方、同一数据")
    grant = issue_grant(actor=actor, order=order, decision=decision, on=on)
    master = secrets.master_key()
    plain = unseal(master, bytes(old.hash_key), context=grant_context(str(old.id)))
    grant.hash_key = seal(master, plain, context=grant_context(str(grant.id)))
    grant.save(update_fields=["hash_key"])
    for binding in old.bindings.select_related("key").filter(key__state=KeyState.ACTIVE):
        GrantKey.objects.create(grant=grant, key=binding.key, bound_at=now())
        events.record(
            E.KEY_BOUND,
            actor=actor,
            case=grant.case_ref(),
            department_id=grant.grantee_id,
            on=on,
            data={"key": binding.key_id, "system": binding.key.system, "renews": old.number},
        )
    book.changed()
    return grant
