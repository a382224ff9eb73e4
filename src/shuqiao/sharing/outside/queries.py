"""Reads of applications from outside government, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Party
from shuqiao.organizations.types import PartyKind
from shuqiao.sharing import offers, withdrawn
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside.types import Draft, OutsideFacts, OutsideStatus
from shuqiao.sharing.types import Offer

if TYPE_CHECKING:
    from shuqiao.sharing.models.outside import OutsideQuerySet


def _rows() -> OutsideQuerySet:
    return OutsideRequest.objects.all()


def list_outside_for(actor: Actor, *, status: str = "", words: str = "") -> OutsideQuerySet:
    """Applications the actor may see, newest first."""
    rows = _rows().visible_to(actor).for_page()
    if status:
        rows = rows.filter(status=status)
    if said := words.replace("\0", "").strip()[:100]:
        rows = rows.filter(
            Q(title__icontains=said) | Q(number__icontains=said) | Q(party__name__icontains=said)
        )
    return rows


def may_on(actor: Actor, case: OutsideRequest, permission: P) -> bool:
    """Whether the actor holds the permission over this application, on the side to which it belongs."""
    if permission == P.SHARING_OUTSIDE_DECIDE:
        return actor.may(permission, division=case.division_id)
    if permission == P.SHARING_OUTSIDE_CONSENT:
        return actor.may(permission, department_id=case.provider_id)
    return True


def is_applicant(actor: Actor, case: OutsideRequest) -> bool:
    """Whether the actor is the applicant."""
    return actor.party_id is not None and actor.party_id == case.party_id


def get_outside_for(
    actor: Actor, request_id: UUID, permission: P = P.SHARING_OUTSIDE_READ, *, lock: bool = False
) -> OutsideRequest:
    """An application by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _rows().visible_to(actor).for_page()
    if lock:
        rows = rows.select_for_update(of=("self",))
    case = rows.filter(id=request_id).first()
    if case is None:
        raise NotFound("机关以外单位的申请")
    if not may_on(actor, case, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return case


def get_own(actor: Actor, request_id: UUID, *, lock: bool = False) -> OutsideRequest:
    """An application for its applicant to go on with. Others who see it: NotAllowed."""
    case = get_outside_for(actor, request_id, lock=lock)
    if not is_applicant(actor, case):
        raise NotAllowed("sharing:outside:own", "只有申请单位可以办理")
    return case


def applicant(actor: Actor) -> Party:
    """The registration on whose behalf the actor applies. Raises NotAllowed for everybody without one."""
    if actor.party_id is None:
        raise NotAllowed("sharing:outside:own", "先在开放平台注册为单位，再提出申请")
    return organizations.get_party(actor.party_id)


def regime_for(case: OutsideRequest, on: date) -> law.Regime:
    """The regime of the provider's division."""
    return organizations.regime_of(case.division_id, on)


def facts_of_draft(
    party: Party, listing: offers.Listing | None, draft: Draft, *, gone: str = ""
) -> OutsideFacts:
    """What is asked for, as the rules see it; without a listing nothing is offered any more, and `gone` says why."""
    nothing = Offer("none", {}, {}, frozenset(), gone=gone or withdrawn.NOT_PUBLISHED)
    return OutsideFacts(
        scope=draft.scope(),
        offer=listing.offer() if listing else nothing,
        organisation=party.kind != PartyKind.PERSON,
        registered=party.may_apply,
        mounted=listing is not None and listing.table is not None,
        purpose=draft.purpose,
        scenario=draft.scenario,
        safeguards=draft.safeguards,
    )


def listing_for(case: OutsideRequest) -> offers.Listing | None:
    """What the entry and its table offer now; None when it was withdrawn."""
    try:
        return offers.listing_of(case.entry_id, case.resource_id)
    except NotFound:
        return None


def awaits_supplement(case: OutsideRequest) -> bool:
    """Whether a supplement is awaited, of data that is still offered."""
    return case.status == OutsideStatus.SUPPLEMENT_ASKED and listing_for(case) is not None


def facts_of(case: OutsideRequest) -> OutsideFacts:
    """An application as its rules see it now."""
    return facts_of_draft(case.party, listing_for(case), case.draft(), gone=case.gone())
