"""Carrying out what was agreed, decided or ruled: the platform does it, through the functions of sharing and delivery,
never wider than what was asked for nor than the entry allows now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, P
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround, GrantOrder, Mode, Onward
from shuqiao.kernel import Decision, IllegalMove
from shuqiao.kernel.time import in_chinese
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import offers, services
from shuqiao.sharing import queries as sharing
from shuqiao.sharing import rules as sharing_rules
from shuqiao.sharing.disputes import queries
from shuqiao.sharing.disputes.types import WITH_SCOPE, Outcome, Result
from shuqiao.sharing.models import Dispute, SharingRequest
from shuqiao.sharing.types import Scope, Status

if TYPE_CHECKING:
    from shuqiao.delivery.models import Grant

Done = dict[str, Any]


def check_result(dispute: Dispute, result: Result, regime: law.Regime) -> None:
    """Raises RuleRefused when a result gives more than was asked for or than the entry allows now; InvalidInput when
    its row condition cannot be one of the table."""
    if result.outcome not in WITH_SCOPE:
        return
    facts, listing = queries.limit_of(dispute)
    scope = result.scope or facts.scope
    offers.check_scope(listing, scope)
    sharing_rules.may_approve(facts, scope, regime).or_raise()


def carry_out(*, dispute: Dispute, decision: Decision, on: date) -> None:
    """What the result says is done, both sides are told, the event names what was done. The caller saves."""
    result = dispute.result()
    if result is None:
        raise ValueError(f"dispute {dispute.number} has no result to carry out")
    check_result(dispute, result, queries.regime_for(dispute, on))
    done = {"outcome": result.outcome.value} | _DOING[result.outcome](dispute, result, decision, on)
    dispute.done = done
    case = dispute.case_ref()
    text = f"争议处理结果已执行：{result.outcome.label}。{result.text}"
    for department_id in (dispute.requester_id, dispute.provider_id):
        procedures.notify(case=case, department_id=department_id, text=text)
    events.record(E.DISPUTE_CARRIED_OUT, actor=PLATFORM, case=case, on=on, decision=decision, data=done)


def _keep(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    return {}


def _answer(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    """The request waits in its provider's inbox already; the day by which it is to be answered is told."""
    request = _request(dispute)
    _demand_waiting(request, Outcome.ANSWER)
    text = f"请于{in_chinese(result.due_on)}前答复：{result.text}"
    procedures.notify(case=request.case_ref(), department_id=request.provider_id, text=text)
    return {"request": request.number, "due_on": str(result.due_on)}


def _reopen(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    request = _reopened(dispute)
    case = request.case_ref()
    regime = sharing.regime_for(request, on)
    resolved = regime.term(sharing_rules.reply_term(request.sharing_type))
    term = (
        procedures.open_term(case=case, resolved=resolved, received_on=on, department=request.provider)
        if resolved
        else None
    )
    procedures.assign(
        case=case,
        department=request.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="答复共享申请",
        detail=f"争议处理后重新办理：{result.text}",
        basis=decision.basis,
        term=term,
    )
    return {"request": request.number}


def _open(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    if dispute.request_id is None:
        return _open_again(dispute, result, decision, on)
    waiting = _request(dispute)
    request = waiting if waiting.status == Status.SUBMITTED else _reopened(dispute)
    services.approve_request(
        actor=PLATFORM, request_id=request.id, decided=result.scope, reason=result.text, on=on
    )
    given = SharingRequest.objects.get(id=request.id)
    given.answered_by_name = f"争议处理 {dispute.number}"
    given.save(update_fields=["answered_by_name"])
    return {"request": request.number, "scope": given.decided}


def _open_again(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    """A grant that was ended is given again, at most as it was."""
    ended = _grant(dispute)
    if ended.grantee_id is None:
        raise ValueError(f"grant {ended.number} is not of a department")
    scope = result.scope or queries.scope_of_grant(ended)
    order = GrantOrder(
        resource_id=ended.resource_id,
        grantee_id=ended.grantee_id,
        columns=scope.items,
        where=tuple(dict(predicate) for predicate in scope.where),
        purpose=ended.purpose,
        scenario=ended.scenario,
        legal_basis=ended.legal_basis,
        legal_basis_level=law.BasisLevel(ended.legal_basis_level),
        modes=tuple(Mode(mode) for mode in scope.modes),
        valid_from=on,
        valid_until=scope.valid_until,
        service_item=ended.service_item,
        daily_quota=scope.daily_quota,
        rate_per_minute=scope.rate_per_minute,
        onward=Onward(ended.onward),
        onward_to=ended.onward_to,
        conditions=tuple(ended.conditions),
        case=dispute.case_ref(),
    )
    grant = delivery.issue_grant(actor=PLATFORM, order=order, decision=decision, on=on)
    return {"grant": grant.number, "scope": scope.to_json()}


def _change(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    """The running grant takes the decided scope; its keys stay bound."""
    grant = _grant(dispute)
    facts, _ = queries.limit_of(dispute)
    scope = result.scope or facts.scope
    delivery.change_grant(actor=PLATFORM, grant_id=grant.id, **_changes(scope), decision=decision, on=on)
    if request := dispute.request:
        request.decided = scope.to_json()
        request.save(update_fields=["decided"])
    return {"grant": grant.number, "scope": scope.to_json()}


def _changes(scope: Scope) -> dict[str, Any]:
    return {
        "columns": scope.items,
        "where": tuple(dict(predicate) for predicate in scope.where),
        "modes": tuple(Mode(mode) for mode in scope.modes),
        "valid_until": scope.valid_until,
        "daily_quota": scope.daily_quota,
        "rate_per_minute": scope.rate_per_minute,
    }


def _resume(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    grant = _grant(dispute)
    delivery.resume_grant(actor=PLATFORM, grant_id=grant.id, note=_note(dispute, result), on=on)
    return {"grant": grant.number}


def _suspend(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    grant = _grant(dispute)
    if grant.state != "suspended":
        delivery.suspend_grant(actor=PLATFORM, grant_id=grant.id, reason=_note(dispute, result), on=on)
    return {"grant": grant.number}


def _end(dispute: Dispute, result: Result, decision: Decision, on: date) -> Done:
    grant = _grant(dispute)
    delivery.end_grant(
        actor=PLATFORM,
        grant_id=grant.id,
        ground=EndGround.DECIDED,
        reason=_note(dispute, result),
        decision=decision,
        on=on,
    )
    return {"grant": grant.number}


_DOING: Mapping[Outcome, Callable[[Dispute, Result, Decision, date], Done]] = {
    Outcome.OPEN: _open,
    Outcome.CHANGE: _change,
    Outcome.RESUME: _resume,
    Outcome.SUSPEND: _suspend,
    Outcome.END: _end,
    Outcome.REOPEN: _reopen,
    Outcome.ANSWER: _answer,
    Outcome.KEEP: _keep,
}


def _note(dispute: Dispute, result: Result) -> str:
    return f"争议处理 {dispute.number}：{result.text}"[:300]


def _request(dispute: Dispute) -> SharingRequest:
    """The disputed request as it stands now, locked."""
    if dispute.request_id is None:
        raise ValueError(f"dispute {dispute.number} is not about a request")
    return sharing.get_request_for(PLATFORM, dispute.request_id, P.SHARING_REQUEST_READ, lock=True)


def _grant(dispute: Dispute) -> Grant:
    grant = queries.grant_in_dispute(dispute)
    if grant is None:
        raise IllegalMove(f"共享争议 {dispute.number} 所涉的授权", "没有有效的授权", "变更")
    return grant


def _reopened(dispute: Dispute) -> SharingRequest:
    """The answer no longer stands; the request waits again, with no clock left over."""
    request = _request(dispute)
    request.reopen()
    request.save()
    if term := procedures_queries.open_term_of(request.case_ref()):
        procedures.close_term(term_id=term.id, on=term.opened_on)
    procedures.settle(case=request.case_ref())
    return request


def _demand_waiting(request: SharingRequest, wanted: Outcome) -> None:
    if request.status != Status.SUBMITTED:
        raise IllegalMove(f"共享申请 {request.number}", Status(request.status).label, wanted.label)
