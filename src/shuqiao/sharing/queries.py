"""Reads of requests, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import queries as delivery
from shuqiao.delivery.types import GrantState
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.resources import queries as resources
from shuqiao.sharing import offers, rules, withdrawn
from shuqiao.sharing.models import JointQuerySet, JointRequest, RequestQuerySet, SharingRequest
from shuqiao.sharing.types import (
    DeliveryState,
    ExtensionState,
    JointStatus,
    RequestFacts,
    RunningGrant,
    Scope,
    Status,
    WaitingFacts,
)

# Whose permission counts: the requester's department for these, the provider's (or its division's) for the others.
OF_REQUESTER = frozenset({P.SHARING_REQUEST_DRAFT, P.SHARING_REQUEST_SIGN})


def _requests() -> RequestQuerySet:
    return SharingRequest.objects.all()


def list_requests_for(actor: Actor, *, which: str = "all", status: Status | None = None) -> RequestQuerySet:
    """Requests the actor may see, newest change first. `which`: by_us, of_us, consent or all."""
    requests = _requests().visible_to(actor).for_page()
    departments = actor.departments_with(P.SHARING_REQUEST_READ)
    if which == "by_us":
        requests = requests.filter(requester__in=departments)
    elif which == "of_us":
        requests = requests.filter(provider__in=departments).exclude(number="")
    elif which == "consent":
        requests = requests.filter(
            extension_state=ExtensionState.ASKED,
            status=Status.SUBMITTED,
            division__in=actor.divisions_with(P.SHARING_EXTENSION_CONSENT),
        )
    return requests.filter(status=status) if status else requests


def may_on(actor: Actor, request: SharingRequest, permission: P) -> bool:
    """Whether the actor holds the permission over this request, on the side to which it belongs."""
    if permission in OF_REQUESTER:
        return actor.may(permission, department_id=request.requester_id)
    if permission == P.SHARING_EXTENSION_CONSENT:
        return actor.may(permission, division=request.division_id)
    if permission == P.SHARING_REQUEST_ANSWER:
        return actor.may(permission, department_id=request.provider_id)
    return actor.may(permission, department_id=request.requester_id) or actor.may(
        permission, department_id=request.provider_id, division=request.division_id
    )


def get_request_for(actor: Actor, request_id: UUID, permission: P, *, lock: bool = False) -> SharingRequest:
    """A request by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    requests = _requests().visible_to(actor).for_page()
    if lock:
        requests = requests.select_for_update(of=("self",))
    request = requests.filter(id=request_id).first()
    if request is None:
        raise NotFound("共享申请")
    if permission != P.SHARING_REQUEST_READ and not may_on(actor, request, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return request


def regime_for(request: SharingRequest, on: date) -> law.Regime:
    """The regime a request is answered under: that of the provider's division."""
    return organizations.regime_of(request.division_id, on)


def facts_of(request: SharingRequest, listing: offers.Listing, *, signed: bool | None = None) -> RequestFacts:
    """A request as its rules see it. `signed` overrides whether it has been signed."""
    return RequestFacts(
        scope=request.scope(),
        offer=listing.offer(),
        purpose=request.purpose,
        scenario=request.scenario,
        legal_basis=request.legal_basis,
        legal_basis_level=request.legal_basis_level,
        signed=request.signed_on is not None if signed is None else signed,
        to_itself=request.requester_id == request.provider_id,
        onward=request.onward,
        onward_to=request.onward_to,
    )


def listing_for(request: SharingRequest) -> offers.Listing:
    """What the entry and the table of a request offer now. Of an entry that has left the catalogue, or a table that is
    no longer published, what was asked for, from the revision it was asked by."""
    gone = request.gone()
    if not gone:
        try:
            return offers.listing_asked_of(request.entry_id, request.resource_id)
        except NotFound:
            gone = withdrawn.NOT_PUBLISHED
    asked = [(item["name"], item["item"], item["mask"]) for item in request.items]
    return offers.listing_kept(catalog.facts_as_of(request.entry_id, request.revision_id), asked, gone)


def grant_to_renew(request: SharingRequest) -> Any:
    """The newest grant that a request led to, as delivery's row; None when there is none."""
    grants = delivery.grants_of_case(request.case_ref())
    return max(grants, key=lambda grant: (grant.valid_from, grant.issued_at), default=None)


def running_of(grant: Any) -> RunningGrant:
    """A grant (delivery's row) as the rules of renewal and of wider use see it."""
    scope = Scope(
        items=tuple((column["name"], column["mask"]) for column in grant.columns),
        where=tuple(grant.where),
        modes=tuple(grant.modes),
        valid_until=grant.valid_until,
        daily_quota=grant.daily_quota,
        rate_per_minute=grant.rate_per_minute,
    )
    state = GrantState(grant.state)
    return RunningGrant(grant.number, scope, state is GrantState.ACTIVE, state.label)


def list_joint_for(actor: Actor) -> JointQuerySet:
    """Joint applications the actor may see, newest change first; a basket is its department's alone."""
    return JointRequest.objects.all().visible_to(actor).select_related("requester__division")


def get_joint_for(actor: Actor, joint_id: UUID, permission: P, *, lock: bool = False) -> JointRequest:
    """A joint application by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    found = list_joint_for(actor)
    if lock:
        found = found.select_for_update(of=("self",))
    joint = found.filter(id=joint_id).first()
    if joint is None:
        raise NotFound("联合申请")
    if permission != P.SHARING_REQUEST_READ:
        actor.demand(permission, department_id=joint.requester_id)
    return joint


def parts_of(joint: JointRequest) -> list[SharingRequest]:
    """The requests of a joint application, in the order they were added; what was taken out of the basket is not
    among them. The caller has checked that the actor may see it."""
    parts = _requests().for_page().filter(joint=joint).order_by("created_at", "id")
    if joint.number:
        parts = parts.exclude(number="")
    return list(parts.exclude(number="", status=Status.WITHDRAWN))


def basket_of(department_id: UUID) -> JointRequest | None:
    """The department's basket, where it has begun one."""
    return JointRequest.objects.filter(requester=department_id, status=JointStatus.DRAFT).first()


def baskets_for(actor: Actor) -> list[tuple[JointRequest, int]]:
    """Baskets of the actor's departments with the number of their entries. One query."""
    mine = JointRequest.objects.filter(
        requester__in=actor.departments_with(P.SHARING_REQUEST_DRAFT), status=JointStatus.DRAFT
    )
    counted = mine.annotate(entries=Count("parts", filter=Q(parts__status=Status.DRAFT)))
    return [(joint, int(vars(joint)["entries"])) for joint in counted]


def waiting_of(request: SharingRequest) -> WaitingFacts:
    """Whether, and for what, the requester waits for the provider."""
    return WaitingFacts(
        answer_due=request.status == Status.SUBMITTED,
        delivery_due=request.delivery_state == DeliveryState.DUE,
        reminded_on=request.reminded_on,
    )


def requests_of_entry(actor: Actor, entry_id: UUID) -> RequestQuerySet:
    """Requests for an entry that the actor may see, newest change first."""
    return _requests().visible_to(actor).for_page().filter(entry=entry_id)


def counts_for(actor: Actor) -> dict[str, int]:
    """Open requests by us, of us, and extensions that wait for our consent. Three small queries."""
    open_ = Q(status__in=[Status.DRAFT, Status.SUBMITTED, Status.SUPPLEMENT_ASKED])
    return {
        which: list_requests_for(actor, which=which).filter(open_).count()
        for which in ("by_us", "of_us", "consent")
    }


def way_to(entry_id: UUID, on: date) -> dict[str, Any]:
    """How a department gets the data of a published entry: directly, on request, or not, with the term of the
    answer under the provider's regime and the basis of each."""
    entry = catalog.facts_of(entry_id)
    regime = organizations.regime_of(entry.division, on)
    tables = resources.list_resources_of_entry(entry_id)
    kind = entry.sharing_type
    rule = regime.rule(
        rules.NOT_SHARED if kind == "none" else rules.DIRECT if kind == "unconditional" else rules.CONTENT
    )
    return {
        "entry": entry,
        "tables": tables,
        "kind": kind,
        "term": None if kind == "none" else regime.term(rules.reply_term(kind)),
        "basis": rule.basis if rule else (),
        "expired": regime.expired,
        "house_rules": regime.house_rules,
    }
