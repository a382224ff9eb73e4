"""After a yes that could not be delivered at once, the provider delivers; whoever waits for it reminds."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import InvalidInput
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import offers, queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import granting
from shuqiao.sharing.types import DeliveryState, Scope, Status


@transaction.atomic
def confirm_delivery(
    *, actor: Actor, request_id: UUID, note: str = "", resource_id: UUID | None = None, on: date
) -> SharingRequest:
    """The provider has set up what was agreed to: the term of delivery stops and the grant opens (Decree 22).

    `resource_id` says which of the entry's tables carries the items, where nothing was mounted when they were asked
    for; the first one otherwise. Refused while the published data does not carry what was agreed to.
    """
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    listing = _listing(request, resource_id)
    scope, missing = _carried(request, listing)
    regime = queries.regime_for(request, on)
    due, published = request.delivery_state == DeliveryState.DUE, listing.table is not None
    decision = rules.may_confirm_delivery(
        due=due, missing=missing, published=published, regime=regime, gone=listing.gone
    ).or_raise()
    _settle_on(request, scope, listing)
    request.delivery_state, request.delivered_on = DeliveryState.DONE, on
    request.save()
    granting.close_reply(request, on)
    events.record(
        E.DELIVERY_CONFIRMED,
        actor=actor,
        case=request.case_ref(),
        department_id=request.provider_id,
        on=on,
        decision=decision,
        data={"note": note.strip()[:300], "resource": str(request.resource_id)},
    )
    yes = request.decision()
    if yes is None:  # the database keeps no agreed request without one
        raise ValueError(f"request {request.number} was agreed to without a decision")
    granting.open_grant(actor=actor, request=request, decided=scope, decision=yes, on=on)
    return request


def _listing(request: SharingRequest, resource_id: UUID | None) -> offers.Listing:
    if request.gone():
        return queries.listing_for(request)
    return offers.listing_of(request.entry_id, request.resource_id or resource_id)


def _carried(request: SharingRequest, listing: offers.Listing) -> tuple[Scope, tuple[str, ...]]:
    """What was decided, in the columns of the table, and what of it the table does not carry."""
    decided = request.decided_scope()
    if decided is None or listing.table is None:
        return request.scope(), ()
    missing: tuple[str, ...] = ()
    if request.resource_id is None:
        decided, missing = offers.in_columns(decided, listing)
    if not missing:
        missing = tuple(rules.beyond_offer(decided, queries.facts_of(request, listing)))
    if not missing:
        offers.check_scope(listing, decided)
    return decided, missing


def _settle_on(request: SharingRequest, scope: Scope, listing: offers.Listing) -> None:
    """What was asked for by data items is from now on what the table calls its columns."""
    if request.resource_id is not None:
        return
    columns = {label: name for name, label in listing.labels().items()}
    request.items = [{**item, "name": columns.get(item["name"], item["name"])} for item in request.items]
    request.where = [
        {**predicate, "column": columns.get(predicate["column"], predicate["column"])}
        for predicate in request.where
    ]
    request.decided = scope.to_json()
    request.resource_id = listing.resource_id


@transaction.atomic
def remind_provider(*, actor: Actor, request_id: UUID, note: str = "", on: date) -> SharingRequest:
    """Whoever asked reminds the provider (催促), at most once a day. Once the term has passed, the bureau is told too
    (Decree 21, 38)."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_DRAFT, lock=True)
    if len(note) > 200:
        raise InvalidInput.one("附言", "最多 200 个字")
    decision = rules.may_remind(
        queries.waiting_of(request),
        queries.regime_for(request, on),
        sharing_type=request.sharing_type,
        on=on,
    ).or_raise()
    case, term = request.case_ref(), procedures_queries.open_term_of(request.case_ref())
    left = term.clock().days_left(on) if term else None
    # Not a change of the request: whoever is answering it has not to start anew.
    SharingRequest.objects.filter(id=request.id).update(reminded_on=on)
    request.reminded_on = on
    what = "提供数据" if request.status != Status.SUBMITTED else "答复申请"
    clock = (
        "" if left is None else f"（还剩 {left} 个工作日）" if left >= 0 else f"（已逾期 {-left} 个工作日）"
    )
    said = f"{request.requester.name}催促{what}{clock}：{request.title}" + (
        f"。{note.strip()}" if note else ""
    )
    told = [request.provider_id]
    if left is not None and left < 0:
        told.append(organizations.bureau_of(request.division_id).id)
    for department_id in dict.fromkeys(told):
        procedures.notify(case=case, department_id=department_id, text=said)
    events.record(
        E.REQUEST_REMINDED,
        actor=actor,
        case=case,
        department_id=request.requester_id,
        on=on,
        decision=decision,
        data={"note": note.strip(), "days_left": left},
    )
    return request
