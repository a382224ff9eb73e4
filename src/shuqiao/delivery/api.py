"""REST of grants and keys: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.delivery import acting, queries, services
from shuqiao.delivery.models import ApplicationKey, Grant
from shuqiao.delivery.types import EndGround, IssuedKey, Side
from shuqiao.delivery.use.api import router as use
from shuqiao.kernel.time import today

router = Router(tags=["delivery"])
router.add_router("", use)


class GrantOut(Schema):
    """A grant. `columns`: name and mask; `where`: the JSON of a condition on rows; `conditions`: those attached to the
    yes, in words; `basis`: the decision it rests on."""

    id: UUID
    number: str
    title: str
    resource_id: UUID
    entry_id: UUID
    provider_id: UUID
    grantee_id: UUID | None
    party_id: UUID | None
    holder_name: str
    case_id: UUID | None
    case_number: str
    columns: list[dict[str, Any]]
    where: list[dict[str, Any]]
    conditions: list[str]
    purpose: str
    scenario: str
    legal_basis: str
    legal_basis_level: str
    modes: list[str]
    daily_quota: int | None
    rate_per_minute: int | None
    valid_from: date
    valid_until: date | None
    onward: str
    onward_to: str
    state: str
    state_reason: str
    state_basis: list[str]
    basis: dict[str, Any]


class GrantActOut(Schema):
    """A next step of the caller's: whether its rule allows it, by which articles, and why."""

    act: str
    label: str
    allowed: bool
    rule: str
    reason: str
    basis: list[str]


class OneGrantOut(GrantOut):
    """A grant with the caller's next steps."""

    next: list[GrantActOut]


class DeliveryReasonIn(Schema):
    """Why."""

    reason: str = ""


class EndIn(Schema):
    """Why a grant ends. Where the provider must end a running service it files that first."""

    ground: EndGround
    reason: str = ""


class KeyIn(Schema):
    """A key for one system of a department; of somebody outside government, who names no department."""

    department_id: UUID | None = None
    system: str
    not_after: date | None = None


class KeyOut(Schema):
    """A key, without its secret."""

    id: str
    department_id: UUID | None
    party_id: UUID | None
    system: str
    state: str
    not_after: date | None


class SecretOut(Schema):
    """A key just made. The secret is shown this once."""

    id: str
    system: str
    department_id: UUID | None
    party_id: UUID | None
    secret: str
    bearer: str


class BindIn(Schema):
    """Which key."""

    key_id: str


PAGE_MAX = 200
OFFSET_MAX = 1_000_000_000


class GrantPage(Schema):
    """Some grants, and how many there are in all."""

    count: int
    items: list[GrantOut]


class KeyPage(Schema):
    """Some keys, and how many there are in all."""

    count: int
    items: list[KeyOut]


def _page(found: QuerySet[Any], limit: int, offset: int) -> dict[str, Any]:
    first = max(0, min(offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(limit, PAGE_MAX))])}


@router.get("/grants", response=GrantPage, url_name="delivery-grants")
def list_grants(
    request: Request, side: Side | None = None, limit: int = 50, offset: int = 0
) -> dict[str, Any]:
    """Grants the caller may see; `side`: grantee (given to us) or provider (given by us). At most 200 at once."""
    return _page(queries.list_grants_for(request.actor, side=side), limit, offset)


@router.get("/grants/{grant_id}", response=OneGrantOut, url_name="delivery-grant")
def get_grant(request: Request, grant_id: UUID) -> dict[str, Any]:
    """One grant, and what the caller may do next with it."""
    grant = queries.get_grant_for(request.actor, grant_id, P.DELIVERY_GRANT_READ)
    shown = {name: getattr(grant, name) for name in GrantOut.model_fields}
    return {**shown, "next": [act.to_json() for act in acting.acts_for(request.actor, grant, today())]}


@router.post("/grants/{grant_id}/suspend", response=GrantOut, url_name="delivery-suspend")
def suspend(request: Request, grant_id: UUID, body: DeliveryReasonIn) -> Grant:
    """Stop the reads."""
    return services.suspend_grant(actor=request.actor, grant_id=grant_id, reason=body.reason, on=today())


@router.post("/grants/{grant_id}/resume", response=GrantOut, url_name="delivery-resume")
def resume(request: Request, grant_id: UUID, body: DeliveryReasonIn) -> Grant:
    """Let the reads go on; `reason` says what has been put right."""
    return services.resume_grant(actor=request.actor, grant_id=grant_id, note=body.reason, on=today())


@router.post("/grants/{grant_id}/end", response=GrantOut, url_name="delivery-end")
def end(request: Request, grant_id: UUID, body: EndIn) -> Grant:
    """End the grant."""
    return services.end_grant(
        actor=request.actor,
        grant_id=grant_id,
        ground=body.ground,
        reason=body.reason,
        on=today(),
    )


@router.post("/grants/{grant_id}/bind", response=GrantOut, url_name="delivery-bind")
def bind(request: Request, grant_id: UUID, body: BindIn) -> Grant:
    """A key of the grantee may use the grant."""
    return services.bind_key(actor=request.actor, grant_id=grant_id, key_id=body.key_id, on=today())


@router.get("/keys", response=KeyPage, url_name="delivery-keys")
def list_keys(request: Request, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Keys of the departments whose keys the caller manages, or of the caller outside government."""
    queries.demand_keys(request.actor)
    return _page(queries.list_keys_for(request.actor), limit, offset)


@router.post("/keys", response={201: SecretOut}, url_name="delivery-key-create")
def create_key(request: Request, body: KeyIn) -> Status[IssuedKey]:
    """Make a key; the secret is in this answer and nowhere after."""
    issued = services.issue_key(
        actor=request.actor,
        department_id=body.department_id,
        system=body.system,
        not_after=body.not_after,
        on=today(),
    )
    return Status(201, issued)


@router.post("/keys/{key_id}/rotate", response={201: SecretOut}, url_name="delivery-key-rotate")
def rotate_key(request: Request, key_id: str) -> Status[IssuedKey]:
    """Give the key a new secret."""
    return Status(201, services.rotate_key(actor=request.actor, key_id=key_id, on=today()))


@router.post("/keys/{key_id}/revoke", response=KeyOut, url_name="delivery-key-revoke")
def revoke_key(request: Request, key_id: str, body: DeliveryReasonIn) -> ApplicationKey:
    """The key opens nothing any more."""
    return services.revoke_key(actor=request.actor, key_id=key_id, reason=body.reason, on=today())
