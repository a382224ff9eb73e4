"""The provider's steps: yes as asked or narrower, no with a legal basis, and once what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, InvalidInput
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing import offers, queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import granting
from shuqiao.sharing.types import RefusalFacts, Scope, Status

CONDITIONS_MAX, CONDITION_LENGTH = 20, 300


@transaction.atomic
def approve_request(
    *,
    actor: Actor,
    request_id: UUID,
    decided: Scope | None = None,
    reason: str = "",
    onward_consent: str = "",
    conditions: Sequence[str] = (),
    prepare: str = "",
    seen: str | None = None,
    on: date,
) -> SharingRequest:
    """The provider says yes, as asked or narrower: the request is approved, its clock stops, a grant in exactly this
    scope is opened (Yingkou 20). A narrower yes says why, and so does one with `conditions`. `onward_consent` is the
    consent to the named third party. `prepare` names what has to be set up first: then the term of delivery runs, and
    the grant opens when the provider confirms (Decree 22). `seen`: the mark of the request that was answered."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    demand_seen(request, seen)
    listing = queries.listing_for(request)
    facts = queries.facts_of(request, listing)
    regime = queries.regime_for(request, on)
    scope = decided or facts.scope
    offers.check_scope(listing, scope)
    consent = bool(onward_consent.strip())
    decision = rules.may_approve(facts, scope, regime, onward_consent=consent).or_raise()
    whole = rules.is_whole(facts, scope, onward_consent=consent)
    if not whole and not reason.strip():
        raise InvalidInput.one("理由", "部分同意须写明理由，对方可见")
    attached = conditions_of(conditions)
    rules.may_attach(attached, sharing_type=request.sharing_type, reason=reason, regime=regime).or_raise()
    request.move_to(Status.APPROVED if whole else Status.APPROVED_NARROWER)
    request.conditions = list(attached)
    request.decided = scope.to_json()
    request.onward_consent = onward_consent.strip()[:300]
    request.answer_reason = reason.strip()[:1000] or decision.reason
    _sign(request, actor, on)
    request.decision_json = decision.as_json()
    request.save()
    granting.close_reply(request, on)
    delivered = granting.begin_delivery(request, regime, on, prepare=prepare)
    _tell_of_yes(request)
    said = {"scope": scope.to_json(), "whole": whole, "conditions": list(attached), **delivered}
    _record_yes(actor, request, decision, said, on)
    if granting.is_ready(request, prepare):
        granting.open_grant(actor=actor, request=request, decided=scope, decision=decision, on=on)
    granting.end_joint(request, actor=actor, on=on)
    return request


def _record_yes(
    actor: Actor, request: SharingRequest, decision: Decision, data: dict[str, Any], on: date
) -> None:
    events.record(
        E.REQUEST_APPROVED,
        actor=actor,
        case=request.case_ref(),
        department_id=request.provider_id,
        on=on,
        decision=decision,
        data=data,
    )


def _tell_of_yes(request: SharingRequest) -> None:
    said = Status(request.status).label
    procedures.notify(
        case=request.case_ref(),
        department_id=request.requester_id,
        text=f"{request.provider.name}{said}：{request.answer_reason}",
    )


def conditions_of(written: Sequence[str]) -> tuple[str, ...]:
    """Conditions as written, one each, without empty ones. Raises InvalidInput on too many or too long ones."""
    attached = tuple(dict.fromkeys(line.strip() for line in written if line.strip()))
    if len(attached) > CONDITIONS_MAX or any(len(line) > CONDITION_LENGTH for line in attached):
        most = f"最多 {CONDITIONS_MAX} 条，每条最多 {CONDITION_LENGTH} 字"
        raise InvalidInput.one("附加条件", most)
    return attached


def demand_seen(request: SharingRequest, seen: str | None) -> None:
    """Raises InvalidInput when the request has changed since whoever answers looked at it."""
    if seen and seen != request.mark():
        raise InvalidInput.one("申请", "您打开以后，这件申请有了变化。请重新打开，看过再答复")


@transaction.atomic
def refuse_request(
    *,
    actor: Actor,
    request_id: UUID,
    reason: str,
    basis: str,
    level: law.BasisLevel | None,
    seen: str | None = None,
    on: date,
) -> SharingRequest:
    """The provider says no, with a reason and a legal basis of sufficient level. There is no other way to a no."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    demand_seen(request, seen)
    regime = queries.regime_for(request, on)
    decision = rules.may_refuse(RefusalFacts(reason, basis, level), regime).or_raise()
    request.move_to(Status.REFUSED)
    request.answer_reason = reason.strip()[:1000]
    request.answer_basis = basis.strip()[:500]
    request.answer_basis_level = level.value if level else ""
    _sign(request, actor, on)
    request.decision_json = decision.as_json()
    request.save()
    granting.close_reply(request, on)
    procedures.notify(
        case=request.case_ref(),
        department_id=request.requester_id,
        text=f"{request.provider.name}不同意共享：{request.answer_reason}（{request.answer_basis}）",
    )
    events.record(
        E.REQUEST_REFUSED,
        actor=actor,
        case=request.case_ref(),
        department_id=request.provider_id,
        on=on,
        decision=decision,
        data={"basis": request.answer_basis, "level": request.answer_basis_level},
    )
    granting.end_joint(request, actor=actor, on=on)
    return request


@transaction.atomic
def ask_supplement(*, actor: Actor, request_id: UUID, points: tuple[str, ...], on: date) -> SharingRequest:
    """The provider says once everything that is missing; the clock rests until it is there (Decree 21)."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_ANSWER, lock=True)
    said = tuple(point.strip() for point in points if point.strip())
    decision = rules.may_ask_supplement(
        asked_before=bool(request.supplements),
        points=said,
        regime=queries.regime_for(request, on),
        gone=queries.listing_for(request).gone,
    ).or_raise()
    request.move_to(Status.SUPPLEMENT_ASKED)
    request.supplements = [*request.supplements, {"asked_on": on.isoformat(), "points": list(said)}]
    request.save()
    case = request.case_ref()
    procedures.settle(case=case)
    term = procedures_queries.open_term_of(case)
    if term:
        term = procedures.pause_term(term_id=term.id, on=on)
    procedures.assign(
        case=case,
        department=request.requester,
        permission=P.SHARING_REQUEST_SIGN,
        action="补正申请",
        detail="；".join(said),
        basis=decision.basis,
        term=term,
    )
    events.record(
        E.REQUEST_SUPPLEMENT_ASKED,
        actor=actor,
        case=case,
        department_id=request.provider_id,
        on=on,
        decision=decision,
        data={"points": list(said)},
    )
    return request


def _sign(request: SharingRequest, actor: Actor, on: date) -> None:
    request.answered_by_id, request.answered_by_name, request.answered_on = actor.user_id, actor.name, on
