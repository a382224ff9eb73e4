"""Steps on application keys: issue, rotate, bind to a grant, revoke. Called through `services`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import book, queries, secrets
from shuqiao.delivery.models import ApplicationKey, Grant, GrantKey
from shuqiao.delivery.types import GrantState, IssuedKey, KeyState
from shuqiao.gateway.sealing import MintedKey, mint_key
from shuqiao.kernel import IllegalMove, InvalidInput, NotFound, Problem
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E


def _case_of(key: ApplicationKey) -> CaseRef:
    url = reverse("delivery:keys")
    if key.department:
        of = key.department
        return CaseRef(CaseKind.DEPARTMENT, of.id, of.credit_code, of.name, url)
    return CaseRef(CaseKind.PARTY, key.holder_id, str(key.holder_id), key.holder_name, url)


def _issued(key: ApplicationKey, minted: MintedKey) -> IssuedKey:
    return IssuedKey(
        key.id, key.system, key.department_id, minted.secret, minted.bearer, party_id=key.party_id
    )


def _holder(actor: Actor, department_id: UUID | None) -> dict[str, UUID]:
    """Whose key it will be: the named department's; without one, that of the actor outside government."""
    if department_id is not None:
        department = organizations.get_department(department_id)
        actor.demand(P.DELIVERY_KEY_MANAGE, department_id=department.id)
        return {"department_id": department.id}
    if actor.party_id is None:
        raise InvalidInput.one("部门", "写明是哪个部门的凭证")
    return {"party_id": actor.party_id}


@transaction.atomic
def issue_key(
    *,
    actor: Actor,
    department_id: UUID | None,
    system: str,
    not_after: date | None = None,
    grant_id: UUID | None = None,
    on: date,
) -> IssuedKey:
    """A system of the department gets a key; with no department named, one of the actor outside government. The
    secret is in the answer and nowhere else.

    `grant_id`: the grant it is made for; the key is made and bound to it together, or not at all.
    """
    holder = _holder(actor, department_id)
    problems = []
    if not system.strip():
        problems.append(Problem("系统", "写明使用凭证的系统"))
    if not_after and not_after < on:
        problems.append(Problem("有效至", "不能早于今天"))
    if problems:
        raise InvalidInput(problems)
    minted = mint_key(secrets.master_key())
    key = ApplicationKey.objects.create(
        id=minted.id,
        **holder,
        system=system.strip()[:128],
        secret_sha256=minted.secret_sha256,
        sealed_secret=minted.sealed_secret,
        not_after=not_after,
        created_by_id=actor.user_id,
        created_at=now(),
    )
    _tell(E.KEY_ISSUED, actor, key, on)
    if grant_id is not None:
        bind_key(actor=actor, grant_id=grant_id, key_id=key.id, on=on)
    return _issued(key, minted)


@transaction.atomic
def rotate_key(*, actor: Actor, key_id: str, on: date) -> IssuedKey:
    """The key gets a new secret, the old one stops at once. The secret is in the answer and nowhere else."""
    key = queries.get_key_for(actor, key_id, lock=True)
    _demand_active(key, "更换密钥")
    minted = mint_key(secrets.master_key(), key.id)
    key.secret_sha256, key.sealed_secret, key.rotated_at = minted.secret_sha256, minted.sealed_secret, now()
    key.save(update_fields=["secret_sha256", "sealed_secret", "rotated_at"])
    _tell(E.KEY_ISSUED, actor, key, on, rotated=True)
    return _issued(key, minted)


@transaction.atomic
def bind_key(*, actor: Actor, grant_id: UUID, key_id: str, on: date) -> Grant:
    """A key of the grantee may use the grant. Binding it twice changes nothing."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_KEY_MANAGE, lock=True)
    key = queries.get_key_for(actor, key_id)
    if key.holder_id != grant.holder_id:
        raise NotFound("使用方的这个应用凭证")
    _demand_active(key, "用于授权")
    if grant.state in {GrantState.ENDED, GrantState.EXPIRED}:
        raise IllegalMove(f"授权 {grant.number}", GrantState(grant.state).label, "绑定凭证")
    _, made = GrantKey.objects.get_or_create(grant=grant, key=key, defaults={"bound_at": now()})
    if made:
        events.record(
            E.KEY_BOUND,
            actor=actor,
            case=grant.case_ref(),
            department_id=grant.grantee_id,
            on=on,
            data={"key": key.id, "system": key.system},
        )
        book.changed()
    return grant


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: str, reason: str, on: date) -> ApplicationKey:
    """The key opens nothing any more, within a second. It cannot be taken back."""
    key = queries.get_key_for(actor, key_id, lock=True)
    if not reason.strip():
        raise InvalidInput.one("原因", "写明吊销的原因")
    _demand_active(key, "吊销")
    key.state, key.revoked_at, key.revoke_reason = KeyState.REVOKED, now(), reason.strip()[:300]
    key.save(update_fields=["state", "revoked_at", "revoke_reason"])
    _tell(E.KEY_REVOKED, actor, key, on, reason=key.revoke_reason)
    return key


def _demand_active(key: ApplicationKey, wanted: str) -> None:
    if key.state != KeyState.ACTIVE:
        raise IllegalMove(f"凭证 {key.id}", KeyState(key.state).label, wanted)


def _tell(event: E, actor: Actor, key: ApplicationKey, on: date, **data: object) -> None:
    """The event row and the book, last in every step."""
    events.record(
        event,
        actor=actor,
        case=_case_of(key),
        department_id=key.department_id,
        on=on,
        data={"key": key.id, "system": key.system, **data},
    )
    book.changed()
