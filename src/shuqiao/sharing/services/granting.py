"""From a yes to a grant: shared by the provider's answer and the platform's automatic one."""

from __future__ import annotations

from datetime import date, timedelta

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import GrantOrder, GrantState, Mode, Onward
from shuqiao.kernel import Decision, IllegalMove
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import rules
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.types import ENDED, DeliveryState, JointStatus, Scope, Status


def open_grant(
    *, actor: Actor, request: SharingRequest, decided: Scope, decision: Decision, on: date
) -> None:
    """The grant in exactly the decided scope, naming the request it comes from."""
    if request.resource_id is None:
        raise IllegalMove(f"共享申请 {request.number}", "还没有挂载数据", "开通授权")
    order = GrantOrder(
        resource_id=request.resource_id,
        grantee_id=request.requester_id,
        columns=decided.items,
        where=tuple(dict(predicate) for predicate in decided.where),
        purpose=request.purpose,
        scenario=request.scenario,
        legal_basis=request.legal_basis,
        legal_basis_level=law.BasisLevel(request.legal_basis_level),
        modes=tuple(Mode(mode) for mode in decided.modes),
        valid_from=_first_day(request, on),
        valid_until=decided.valid_until,
        service_item=request.service_item,
        daily_quota=decided.daily_quota,
        rate_per_minute=decided.rate_per_minute,
        onward=Onward.WITH_CONSENT if request.onward_consent else Onward.NEVER,
        onward_to=request.onward_to if request.onward_consent else "",
        case=request.case_ref(),
        conditions=tuple(request.conditions),
    )
    if request.renews_id:
        delivery.renew_grant(actor=actor, grant_id=request.renews_id, order=order, decision=decision, on=on)
        return
    delivery.issue_grant(actor=actor, order=order, decision=decision, on=on)


def _first_day(request: SharingRequest, on: date) -> date:
    """The day of the yes; of a renewal the day after the grant renewed, so that neither a gap nor two at once."""
    old = request.renews
    if old is None or old.valid_until is None or old.state not in {GrantState.ACTIVE, GrantState.SUSPENDED}:
        return on
    return max(on, old.valid_until + timedelta(days=1))


def close_reply(request: SharingRequest, on: date) -> None:
    """The answer has been given, or is no longer wanted: its clock stops, its lines leave every inbox."""
    if term := procedures_queries.open_term_of(request.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=request.case_ref())


def begin_delivery(
    request: SharingRequest, regime: law.Regime, on: date, *, prepare: str = ""
) -> dict[str, object]:
    """What was agreed to is handed over: with the grant itself, on the day, or, where something has to be set up or
    nothing is mounted yet, within the term of the regime, by `confirm_delivery` (Decree 22). Returns what the event
    says of it."""
    resolved = regime.term(rules.DELIVERY)
    case = request.case_ref()
    said: dict[str, object] = {"days": resolved.days, "source": str(resolved.source)} if resolved else {}
    term = None
    if resolved:
        term = procedures.open_term(case=case, resolved=resolved, received_on=on, department=request.provider)
    if is_ready(request, prepare):
        if term:
            procedures.close_term(term_id=term.id, on=on)
        request.delivered_on = on
        request.save(update_fields=["delivered_on"])
        return {"delivered_on": on.isoformat(), **said}
    request.delivery_state = DeliveryState.DUE
    request.delivery_note = prepare.strip()[:300] or "条目下还没有已发布的数据，须先挂载"
    request.save(update_fields=["delivery_state", "delivery_note"])
    procedures.assign(
        case=case,
        department=request.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="提供数据",
        detail=f"已同意{request.requester.name}使用：{request.delivery_note}",
        basis=[resolved.source] if resolved else (),
        term=term,
        stage="grant",
    )
    return {"delivery_due": str(term.due_on) if term else "", "prepare": request.delivery_note, **said}


def is_ready(request: SharingRequest, prepare: str = "") -> bool:
    """Whether the grant can be opened with the yes."""
    return request.resource_id is not None and not prepare.strip()


def end_joint(request: SharingRequest, *, actor: Actor, on: date) -> None:
    """When the last part of a joint application has its answer, the application is over and its department is told."""
    if request.joint_id is None:
        return
    joint = JointRequest.objects.select_for_update().select_related("requester").get(id=request.joint_id)
    parts = SharingRequest.objects.filter(joint=joint).exclude(number="")
    statuses = [Status(status) for status in parts.values_list("status", flat=True)]
    if joint.status != JointStatus.SUBMITTED or not statuses or not set(statuses) <= ENDED:
        return
    if SharingRequest.objects.filter(joint=joint, status=Status.DRAFT).exists():
        return  # being submitted part by part
    joint.move_to(JointStatus.DECIDED)
    joint.ended_on = on
    joint.save(update_fields=["status", "ended_on", "changed_at"])
    counts = {status.label: statuses.count(status) for status in Status if status in statuses}
    said = "，".join(f"{label} {count} 项" for label, count in counts.items())
    case = joint.case_ref()
    procedures.notify(case=case, department_id=joint.requester_id, text=f"联合申请已全部答复：{said}")
    events.record(
        E.JOINT_DECIDED,
        actor=actor,
        case=case,
        department_id=joint.requester_id,
        on=on,
        data={"parts": counts},
    )
