"""Before a grant expires: the department that uses it asks for longer, in a request filled from the old one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import NotFound
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.sharing import queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import asking
from shuqiao.sharing.services.asking import Draft
from shuqiao.sharing.types import OPEN, Scope, Status


@transaction.atomic
def renew_request(
    *, actor: Actor, request_id: UUID, valid_until: date | None = None, on: date
) -> SharingRequest:
    """A new request for the grant that an earlier one led to, within its scope and for longer, as a draft to be
    checked and signed. A renewal already under way is returned instead of a second one. Refused when the grant has
    ended, or when it would become wider: that is asked for anew (Decree 25)."""
    old = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_DRAFT, lock=True)
    grant = queries.grant_to_renew(old)
    if grant is None:
        raise NotFound("这件申请的授权")
    under_way = SharingRequest.objects.filter(renews=grant, status__in=[Status.DRAFT, *OPEN]).first()
    if under_way:
        return under_way
    running = queries.running_of(grant)
    wanted = Scope(
        items=running.scope.items,
        where=running.scope.where,
        modes=running.scope.modes,
        valid_until=valid_until,
        daily_quota=running.scope.daily_quota,
        rate_per_minute=running.scope.rate_per_minute,
    )
    decision = rules.may_renew(running, wanted, queries.regime_for(old, on), gone=old.gone()).or_raise()
    made = asking.create_draft(
        actor=actor,
        entry_id=old.entry_id,
        resource_id=grant.resource_id,
        department_id=old.requester_id,
        draft=_filled(old, wanted),
        renews_id=grant.id,
        on=on,
    )
    events.record(
        E.REQUEST_RENEWED,
        actor=actor,
        case=old.case_ref(),
        department_id=old.requester_id,
        on=on,
        decision=decision,
        data={"grant": grant.number, "request": str(made.id)},
    )
    return made


def _filled(old: SharingRequest, wanted: Scope) -> Draft:
    """The content of the earlier request, with the scope of the grant it led to."""
    return Draft(
        items=wanted.items,
        where=wanted.where,
        purpose=old.purpose,
        scenario=old.scenario,
        legal_basis=old.legal_basis,
        legal_basis_level=old.legal_basis_level,
        legal_basis_text=old.legal_basis_text,
        modes=wanted.modes,
        valid_until=wanted.valid_until,
        daily_quota=wanted.daily_quota,
        service_item=old.service_item,
        onward=old.onward,
        onward_to=old.onward_to,
    )
