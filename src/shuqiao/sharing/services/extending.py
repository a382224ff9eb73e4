"""More time for an answer: the provider asks, the bureau consents or not, the requester is told (Decree 21)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove, InvalidInput
from shuqiao.kernel.decision import allow
from shuqiao.kernel.time import in_chinese
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import ExtensionState, Status


@transaction.atomic
def ask_extension(*, actor: Actor, request_id: UUID, days: int, reason: str, on: date) -> SharingRequest:
    """The provider asks the bureau for `days` more working days, once. The clock runs on until the bureau consents."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    _demand_submitted(request, "提请延长")
    term = procedures_queries.open_term_of(request.case_ref())
    decision = rules.may_extend(
        clock=term.clock() if term else None,
        days=days,
        reason=reason,
        asked_before=bool(request.extension_state),
        on=on,
        gone=queries.listing_for(request).gone,
    ).or_raise()
    request.extension_state = ExtensionState.ASKED
    request.extension_days, request.extension_reason = days, reason.strip()[:300]
    request.save()
    procedures.assign(
        case=request.case_ref(),
        department=organizations.bureau_of(request.division_id),
        permission=P.SHARING_EXTENSION_CONSENT,
        action="同意延长答复",
        detail=f"{request.provider.name}提请延长 {days} 个工作日：{request.extension_reason}",
        basis=decision.basis,
        term=term,
    )
    _record(E.REQUEST_EXTENSION_ASKED, actor, request, decision, on)
    return request


@transaction.atomic
def consent_extension(*, actor: Actor, request_id: UUID, note: str = "", on: date) -> SharingRequest:
    """The bureau consents: the due day moves, the requester is told."""
    request = _asked(actor, request_id)
    term = procedures_queries.open_term_of(request.case_ref())
    days = request.extension_days or 0
    decision = rules.may_extend(
        clock=term.clock() if term else None,
        days=days,
        reason=request.extension_reason,
        asked_before=False,
        on=on,
    ).or_raise()
    if term:
        term = procedures.extend_term(term_id=term.id, days=days, on=on)
    request.extension_state, request.extension_note = ExtensionState.GIVEN, note.strip()[:300]
    request.save()
    _settle_bureau(request)
    due = f"至{in_chinese(term.due_on)}" if term else ""
    text = f"答复期限延长 {days} 个工作日{due}：{request.extension_reason}"
    procedures.notify(case=request.case_ref(), department_id=request.requester_id, text=text)
    procedures.notify(case=request.case_ref(), department_id=request.provider_id, text=text)
    _record(E.REQUEST_EXTENDED, actor, request, decision, on)
    return request


@transaction.atomic
def deny_extension(*, actor: Actor, request_id: UUID, note: str, on: date) -> SharingRequest:
    """The bureau does not consent, and says why; the clock is as it was."""
    request = _asked(actor, request_id)
    if not note.strip():
        raise InvalidInput.one("意见", "写明不同意延长的理由")
    term = procedures_queries.open_term_of(request.case_ref())
    basis = (term.clock().rule.extension_source or term.clock().source,) if term else ()
    request.extension_state, request.extension_note = ExtensionState.DENIED, note.strip()[:300]
    request.save()
    _settle_bureau(request)
    procedures.notify(
        case=request.case_ref(),
        department_id=request.provider_id,
        text=f"主管部门未同意延长答复：{request.extension_note}",
    )
    decision = allow(rules.REPLY, request.extension_note, *basis)
    _record(E.REQUEST_EXTENSION_DENIED, actor, request, decision, on)
    return request


def _asked(actor: Actor, request_id: UUID) -> SharingRequest:
    """The request with an extension that waits for the bureau's word."""
    request = queries.get_request_for(actor, request_id, P.SHARING_EXTENSION_CONSENT, lock=True)
    _demand_submitted(request, "延长答复")
    if request.extension_state != ExtensionState.ASKED:
        current = ExtensionState(request.extension_state).label if request.extension_state else "未提请延长"
        raise IllegalMove(f"共享申请 {request.number} 的延长", current, "答复延长")
    return request


def _settle_bureau(request: SharingRequest) -> None:
    bureau = organizations.bureau_of(request.division_id)
    procedures.settle(case=request.case_ref(), department_id=bureau.id)


def _demand_submitted(request: SharingRequest, wanted: str) -> None:
    if request.status != Status.SUBMITTED:
        raise IllegalMove(f"共享申请 {request.number}", Status(request.status).label, wanted)


def _record(event: E, actor: Actor, request: SharingRequest, decision: Decision, on: date) -> None:
    events.record(
        event,
        actor=actor,
        case=request.case_ref(),
        department_id=None if event != E.REQUEST_EXTENSION_ASKED else request.provider_id,
        on=on,
        decision=decision,
        data={
            "days": request.extension_days,
            "reason": request.extension_reason,
            "note": request.extension_note,
        },
    )
