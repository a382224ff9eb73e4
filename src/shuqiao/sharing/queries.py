"""Reads of requests, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.resources import queries as resources
from shuqiao.sharing import offers, rules
from shuqiao.sharing.models import RequestQuerySet, SharingRequest
from shuqiao.sharing.types import ExtensionState, RequestFacts, Status

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
    """What the entry and the table of a request offer now."""
    return offers.listing_of(request.entry_id, request.resource_id)


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
