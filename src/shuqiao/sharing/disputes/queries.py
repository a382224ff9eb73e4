"""Reads of disputes, always for an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import queries as delivery
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.sharing import offers
from shuqiao.sharing import queries as sharing
from shuqiao.sharing.disputes.types import OPEN_DISPUTES, DisputeStatus, Ground, Side, SubjectFacts
from shuqiao.sharing.models import Dispute, SharingRequest
from shuqiao.sharing.models.disputes import DisputeQuerySet
from shuqiao.sharing.types import RequestFacts, Scope

if TYPE_CHECKING:
    from shuqiao.delivery.models import Grant


@dataclass(frozen=True, slots=True)
class Subject:
    """What a dispute is, or would be, about: one request or one grant."""

    request: SharingRequest | None
    grant: Grant | None

    @property
    def thing(self) -> SharingRequest | Grant:
        """The one of the two."""
        found = self.request or self.grant
        if found is None:
            raise ValueError("a dispute is about a request or a grant")
        return found

    @property
    def requester_id(self) -> UUID | None:
        """The department that asked or uses; None for a grant to somebody outside government."""
        if self.request:
            return self.request.requester_id
        return self.grant.grantee_id if self.grant else None


def _disputes() -> DisputeQuerySet:
    return DisputeQuerySet(Dispute).select_related(
        "requester__division", "provider__division", "coordinator__division", "request", "grant", "division"
    )


def list_disputes_for(actor: Actor, filters: Mapping[str, str] | None = None) -> DisputeQuerySet:
    """Disputes the actor may see, newest first. Filters: which (ours, against, to_coordinate), status (or open),
    ground, q (words in title or number)."""
    given = filters or {}
    rows = _disputes().visible_to(actor)
    own = actor.departments_with(P.SHARING_DISPUTE_READ)
    ours = Q(raised_by=Side.REQUESTER, requester__in=own) | Q(raised_by=Side.PROVIDER, provider__in=own)
    if given.get("which") == "ours":
        rows = rows.filter(ours)
    elif given.get("which") == "against":
        rows = rows.filter(Q(requester__in=own) | Q(provider__in=own)).exclude(ours)
    elif given.get("which") == "to_coordinate":
        rows = rows.filter(
            coordinator__division__in=actor.divisions_with(P.SHARING_DISPUTE_DECIDE),
            status__in=[DisputeStatus.REFERRED, DisputeStatus.ESCALATED],
        )
    if given.get("status") == "open":
        rows = rows.filter(status__in=OPEN_DISPUTES)
    elif given.get("status") in set(DisputeStatus.values):
        rows = rows.filter(status=given["status"])
    if given.get("ground") in set(Ground.values):
        rows = rows.filter(ground=given["ground"])
    if words := given.get("q", "").replace("\0", "").strip()[:100]:
        rows = rows.filter(Q(title__icontains=words) | Q(number__icontains=words))
    return rows.order_by("-opened_on", "-number")


def get_dispute_for(actor: Actor, dispute_id: UUID, permission: P, *, lock: bool = False) -> Dispute:
    """A dispute by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _disputes().visible_to(actor).filter(id=dispute_id)
    if lock:
        rows = rows.select_for_update(of=("self",))
    dispute = rows.first()
    if dispute is None:
        raise NotFound("共享争议")
    if permission == P.SHARING_DISPUTE_RAISE and not sides_of(actor, dispute):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    if permission == P.SHARING_DISPUTE_DECIDE and not coordinates(actor, dispute):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return dispute


def sides_of(actor: Actor, dispute: Dispute) -> frozenset[Side]:
    """For which sides the actor may speak."""
    return frozenset(
        side for side in Side if actor.may(P.SHARING_DISPUTE_RAISE, department_id=dispute.department_of(side))
    )


def coordinates(actor: Actor, dispute: Dispute) -> bool:
    """Whether the actor acts for the coordinating bureau."""
    bureau = dispute.coordinator
    return bureau is not None and actor.may(P.SHARING_DISPUTE_DECIDE, division=bureau.division_id)


def subject_for(actor: Actor, *, request_id: UUID | None, grant_id: UUID | None) -> Subject:
    """The request or grant a dispute would be about, as the actor may see it. Raises NotFound."""
    if request_id:
        return Subject(sharing.get_request_for(actor, request_id, P.SHARING_REQUEST_READ), None)
    if grant_id:
        return Subject(None, delivery.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_READ))
    raise NotFound("争议所涉的申请或授权")


def side_on(actor: Actor, subject: Subject) -> Side | None:
    """On which side of a request or grant the actor may raise a dispute; None: on neither."""
    thing = subject.thing
    requester = (
        subject.request.requester_id if subject.request else subject.grant and subject.grant.grantee_id
    )
    if requester and actor.may(P.SHARING_DISPUTE_RAISE, department_id=requester):
        return Side.REQUESTER
    if actor.may(P.SHARING_DISPUTE_RAISE, department_id=thing.provider_id):
        return Side.PROVIDER
    return None


def facts_of(subject: Subject, side: Side, on: date) -> SubjectFacts:
    """A request or grant as the rules of raising see it."""
    open_ones = Dispute.objects.filter(status__in=OPEN_DISPUTES)
    if request := subject.request:
        term = procedures.open_term_of(request.case_ref())
        late = term is not None and not term.paused and term.due_on is not None and term.due_on < on
        disputed = open_ones.filter(request=request.id).exists()
        return SubjectFacts("request", request.status, side, late=late, disputed=disputed)
    grant = subject.grant
    if grant is None:
        raise NotFound("争议所涉的申请或授权")
    disputed = open_ones.filter(grant=grant.id).exists()
    return SubjectFacts("grant", grant.state, side, disputed=disputed, outside=grant.grantee_id is None)


def regime_for(dispute: Dispute, on: date) -> law.Regime:
    """The regime of a dispute: that of the provider's division, as of the request itself."""
    return organizations.regime_of(dispute.division_id, on)


def scope_of_grant(grant: Grant) -> Scope:
    """What a grant gives."""
    return Scope(
        items=tuple((column["name"], column["mask"]) for column in grant.columns),
        where=tuple(grant.where),
        modes=tuple(grant.modes),
        valid_until=grant.valid_until,
        daily_quota=grant.daily_quota,
        rate_per_minute=grant.rate_per_minute,
    )


def grant_in_dispute(dispute: Dispute) -> Grant | None:
    """The grant that a result would change: the disputed one, or the live one the disputed request led to."""
    if dispute.grant_id:
        return dispute.grant
    if dispute.request is None:
        return None
    made = delivery.grants_of_case(dispute.request.case_ref())
    return next((grant for grant in made if grant.state in delivery.LIVE), None)


def limit_of(dispute: Dispute) -> tuple[RequestFacts, offers.Listing]:
    """The most a result may give, as the rules of answers see it, and what the entry offers now: what was asked for
    in the request, or what the disputed grant gave."""
    if request := dispute.request:
        listing = sharing.listing_for(request)
        return sharing.facts_of(request, listing), listing
    grant = dispute.grant
    if grant is None:
        raise NotFound("争议所涉的申请或授权")
    listing = listing_of_grant(grant)
    facts = RequestFacts(
        scope=scope_of_grant(grant),
        offer=listing.offer(),
        purpose=grant.purpose,
        scenario=grant.scenario,
        legal_basis=grant.legal_basis,
        legal_basis_level=grant.legal_basis_level,
        signed=True,
    )
    return facts, listing


def listing_of_grant(grant: Grant) -> offers.Listing:
    """What the entry and the table of a grant offer now; what the grant gave, once they are no longer offered."""
    try:
        return offers.listing_of(grant.entry_id, grant.resource_id)
    except NotFound:
        columns = [(column["name"], column["name"], column["mask"]) for column in grant.columns]
        return offers.listing_kept(
            catalog.facts_as_of(grant.entry_id), columns, "授权所依的目录条目已撤下，或者数据资源已不再发布"
        )


def disputes_about(
    actor: Actor, *, request_id: UUID | None = None, grant_id: UUID | None = None
) -> list[Dispute]:
    """Disputes about one request or grant that the actor may see, newest first."""
    about = Q(request=request_id) if request_id else Q(grant=grant_id)
    return list(_disputes().visible_to(actor).filter(about).order_by("-opened_on", "-number"))
