"""When the entry of an open request leaves the catalogue: both sides and the bureau are told, the provider ends it.

The catalogue lies below and knows no requests, so it is noticed here. A withdrawal ends no request by itself: else a
provider could rid itself of one without a word. The clock runs on until it refuses with a legal basis, or ends the
request because of the withdrawal and says what follows; the requester can dispute either.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.kernel import IllegalMove
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing import queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import granting
from shuqiao.sharing.types import AGREED, OPEN, DeliveryState, Status

AT_ONCE = 200


@transaction.atomic
def lapse_request(*, actor: Actor, request_id: UUID, note: str, on: date) -> SharingRequest:
    """The provider ends a request whose entry, or whose table, is no longer offered: when and why it was withdrawn, and
    what the provider says to it, are what the requester is told. Not for a request that still can be answered
    (RuleRefused), nor for one that has been delivered (IllegalMove)."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    if request.status in AGREED and request.delivery_state != DeliveryState.DUE:
        raise IllegalMove(f"共享申请 {request.number}", Status(request.status).label, Status.LAPSED.label)
    gone = queries.listing_for(request).gone
    decision = rules.may_lapse(gone=gone, note=note, regime=queries.regime_for(request, on)).or_raise()
    before = Status(request.status)
    request.move_to(Status.LAPSED)
    request.delivery_state, request.decided, request.conditions = "", None, []
    request.answered_by_id, request.answered_by_name, request.answered_on = actor.user_id, actor.name, on
    request.answer_reason, request.decision_json = decision.reason[:1000], decision.as_json()
    request.save()
    granting.close_reply(request, on)
    case, bureau = request.case_ref(), organizations.bureau_of(request.division_id)
    text = f"{request.provider.name}因目录撤下办结申请：{request.answer_reason}"
    for department_id in dict.fromkeys([request.requester_id, bureau.id]):
        procedures.notify(case=case, department_id=department_id, text=text)
    entry = request.entry
    events.record(
        E.REQUEST_LAPSED, actor=actor, case=case, department_id=request.provider_id, on=on, decision=decision,
        data={
            "from": before.value, "entry": str(entry.pk), "code": entry.code,
            "withdrawn_at": entry.withdrawn_at.isoformat() if entry.withdrawn_at else "",
            "withdrawn_reason": entry.withdrawn_reason,
            "merged_into": str(entry.merged_into_id or ""),
        },
    )  # fmt: skip
    granting.end_joint(request, actor=actor, on=on)
    return request


def tell_of_withdrawn_entries(*, on: date) -> int:
    """Tell of open requests on entries withdrawn since the request was last told of. Returns how many requests."""
    told = Event.objects.filter(
        type=E.REQUEST_ENTRY_WITHDRAWN, case_kind=CaseKind.SHARING_REQUEST, case_id=OuterRef("pk"),
        at__gte=OuterRef("entry__withdrawn_at"),
    )  # fmt: skip
    waiting = (
        SharingRequest.objects.filter(_open(), entry__withdrawn_at__isnull=False, entry__published=None)
        .exclude(Exists(told))
        .values_list("id", flat=True)[:AT_ONCE]
    )
    return sum(_tell(request_id, on) for request_id in list(waiting))


def _open() -> Q:
    return Q(status__in=OPEN) | Q(delivery_state=DeliveryState.DUE)


@transaction.atomic
def _tell(request_id: UUID, on: date) -> int:
    """One request in its own transaction; the row lock makes a second worker find it told."""
    found = SharingRequest.objects.select_for_update(of=("self",)).filter(_open(), id=request_id)
    request = found.select_related("requester", "provider", "entry", "division").first()
    if request is None or not (gone := request.gone()):
        return 0
    case, since = request.case_ref(), request.entry.withdrawn_at
    if Event.objects.filter(type=E.REQUEST_ENTRY_WITHDRAWN, case_id=request.id, at__gte=since).exists():
        return 0
    basis = rules.may_lapse(gone=gone, note="—", regime=queries.regime_for(request, on)).basis
    bureau = organizations.bureau_of(request.division_id)
    text = f"{gone}，{request.requester.name}的申请还没有办结：{request.title}"
    for department_id in dict.fromkeys([request.provider_id, request.requester_id, bureau.id]):
        procedures.notify(case=case, department_id=department_id, text=text)
    term = procedures_queries.open_term_of(case)
    procedures.settle(case=case, department_id=request.provider_id)
    procedures.assign(
        case=case,
        department=request.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="办结目录已撤下的申请",
        detail=f"{gone}：写明依据不同意，或者说明后办结",
        basis=basis,
        term=term,
    )
    events.record(
        E.REQUEST_ENTRY_WITHDRAWN, actor=PLATFORM, case=case, department_id=request.provider_id, on=on,
        data={"entry": str(request.entry_id), "code": request.entry.code},
    )  # fmt: skip
    return 1
