"""Reads of grants and keys, always for an actor."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import readers, usage
from shuqiao.delivery.holders import PARTY_MAY
from shuqiao.delivery.models import ApplicationKey, Grant, GrantQuerySet
from shuqiao.delivery.readers import Reader as Reader  # noqa: PLC0414 - for the apps above
from shuqiao.delivery.readers import Readers as Readers  # noqa: PLC0414 - for the apps above
from shuqiao.delivery.readers import RowKey as RowKey  # noqa: PLC0414 - for the apps above
from shuqiao.delivery.types import GrantState, KeyState, Side
from shuqiao.journal import Proof, PublicKey
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.procedures.types import CaseRef
from shuqiao.store import Scope

LIVE = (GrantState.ACTIVE, GrantState.SUSPENDED)


def list_grants_for(actor: Actor, *, side: Side | None = None) -> GrantQuerySet:
    """Grants the actor may see, newest first: given to the actor's departments, given by them, or all."""
    grants = Grant.objects.visible_to(actor).for_page()
    departments = actor.departments_with(P.DELIVERY_GRANT_READ)
    if side is Side.GRANTEE and actor.party_id is not None:
        return grants.filter(party=actor.party_id)
    if side is Side.GRANTEE:
        return grants.filter(grantee__in=departments)
    if side is Side.PROVIDER:
        return grants.filter(provider__in=departments)
    return grants


def sides_of(actor: Actor, grant: Grant, permission: P) -> frozenset[Side]:
    """On whose behalf the actor holds the permission over a grant. Somebody outside government holds it over their
    own as far as `PARTY_MAY` says."""
    sides = set()
    if grant.party_id is not None and grant.party_id == actor.party_id and permission in PARTY_MAY:
        sides.add(Side.GRANTEE)
    if actor.may(permission, department_id=grant.provider_id):
        sides.add(Side.PROVIDER)
    if actor.may(permission, division=grant.provider.division_id):
        sides.add(Side.BUREAU)
    if grant.grantee_id is not None and actor.may(permission, department_id=grant.grantee_id):
        sides.add(Side.GRANTEE)
    return frozenset(sides)


def get_grant_for(actor: Actor, grant_id: UUID, permission: P, *, lock: bool = False) -> Grant:
    """A grant by id. Not visible: NotFound. Visible, but the permission is held on neither side: NotAllowed."""
    grants = Grant.objects.visible_to(actor).for_page()
    if lock:
        grants = grants.select_for_update(of=("self",))
    grant = grants.filter(id=grant_id).first()
    if grant is None:
        raise NotFound("授权")
    allowed = sides_of(actor, grant, permission) or (
        permission == P.DELIVERY_GRANT_READ
        and grant.grantee is not None
        and actor.may(permission, division=grant.grantee.division_id)
    )
    if not allowed:
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return grant


def grants_of_case(case: CaseRef) -> list[Grant]:
    """Grants that a case led to. The caller has checked that the actor may see the case."""
    return list(Grant.objects.for_page().filter(case_id=case.id))


def live_grant_of(*, resource_id: UUID, grantee_id: UUID) -> Grant | None:
    """A grant of the resource that the department has now, the newest."""
    return Grant.objects.filter(resource=resource_id, grantee=grantee_id, state__in=LIVE).first()


def manages_keys(actor: Actor) -> bool:
    """Whether the actor has keys of any holder to manage."""
    return actor.party_id is not None or actor.may(P.DELIVERY_KEY_MANAGE)


def demand_keys(actor: Actor) -> None:
    """Raise NotAllowed unless the actor manages keys."""
    if actor.party_id is None:
        actor.demand(P.DELIVERY_KEY_MANAGE)


def list_keys_for(actor: Actor) -> QuerySet[ApplicationKey]:
    """Keys of the departments for which the actor manages keys, newest first."""
    return ApplicationKey.objects.visible_to(actor).select_related("department", "party")


def get_key_for(actor: Actor, key_id: str, *, lock: bool = False) -> ApplicationKey:
    """A key by its id. Raises NotFound when the actor does not manage keys of its department."""
    keys = ApplicationKey.objects.visible_to(actor).select_related("department__division", "party")
    if lock:
        keys = keys.select_for_update(of=("self",))
    key = keys.filter(id=key_id).first()
    if key is None:
        raise NotFound("应用凭证")
    return key


def keys_to_bind(actor: Actor, grant: Grant) -> QuerySet[ApplicationKey]:
    """Active keys of the grantee, managed by the actor, that do not use the grant yet."""
    return (
        ApplicationKey.objects.visible_to(actor)
        .filter(department=grant.grantee_id, party=grant.party_id, state=KeyState.ACTIVE)
        .exclude(bindings__grant=grant)
    )


def keys_of(grant: Grant) -> list[ApplicationKey]:
    """Keys that use a grant."""
    return list(ApplicationKey.objects.filter(bindings__grant=grant).order_by("system", "id"))


def usage_of(grant: Grant, on: date) -> usage.Usage:
    """How a grant was used in the thirty days up to `on`, from the evidence (Yingkou 16, 22; Decree 29)."""
    return usage.usage_of(grant, on)


def use_between(grant: Grant, since: date, until: date) -> usage.Sum:
    """How a grant was used from one day to another, both counted, from the evidence (Yingkou 22, 33)."""
    return usage.use_between(grant, since, until)


def find_receipt(receipt_id: str) -> usage.Attested | None:
    """What a receipt attests, for everybody who holds its id; None when there is no such record (Yingkou 24)."""
    return usage.find_receipt(receipt_id)


def proof_of(receipt_id: str) -> Proof | None:
    """The proof that a receipt's record is sealed, for everybody who holds its id (Yingkou 24)."""
    return usage.proof_of(receipt_id)


def seal_keys() -> dict[str, PublicKey]:
    """The public keys of the seals, for everybody."""
    return usage.seal_keys()


def readers_of_row(resource_id: UUID, row: RowKey, *, since: datetime, until: datetime) -> Readers:
    """Who read the row of a key between two moments, or may have, from the evidence. Raises JournalDamaged."""
    return readers.readers_of_row(resource_id, row, since=since, until=until)


def readers_of(resource_id: UUID, *, since: datetime, until: datetime) -> Readers:
    """Who read anything of a resource between two moments, from the evidence. Raises JournalDamaged."""
    return readers.readers_of(resource_id, since=since, until=until)


def scope_of(grant: Grant) -> Scope:
    """What a grant shows, as the store takes it. For steps that show or compare rows on a holder's behalf."""
    return readers.scope_of(grant)
