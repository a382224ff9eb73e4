"""The requester's steps: draft, sign and submit, supplement, withdraw; and unconditional data at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing import offers, queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import granting
from shuqiao.sharing.types import AGREED, DeliveryState, JointStatus, Scope, Status
from shuqiao.store import Condition

QUOTA_MAX = 1_000_000_000
# What is written in words, and how long it may be.
TEXTS = {
    "purpose": ("用途", 300),
    "scenario": ("使用场景", 500),
    "legal_basis": ("使用依据", 300),
    "legal_basis_level": ("依据层级", 32),
    "legal_basis_text": ("条文内容", 1000),
    "service_item": ("政务服务事项", 200),
    "onward_to": ("第三方", 200),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a requester writes. `items` are (column, mask); `where` the JSON of a condition."""

    items: tuple[tuple[str, str], ...] = ()
    where: tuple[Mapping[str, Any], ...] = ()
    purpose: str = ""
    scenario: str = ""
    legal_basis: str = ""
    legal_basis_level: str = ""
    legal_basis_text: str = ""
    modes: tuple[str, ...] = ()
    valid_until: date | None = None
    daily_quota: int | None = None
    service_item: str = ""
    onward: bool = False
    onward_to: str = field(default="")


@transaction.atomic
def create_draft(
    *,
    actor: Actor,
    entry_id: UUID,
    resource_id: UUID | None,
    department_id: UUID,
    draft: Draft,
    on: date,
    once: UUID | None = None,
    renews_id: UUID | None = None,
    joint_id: UUID | None = None,
) -> SharingRequest:
    """A department begins to ask for an entry's data. What the entry does not share is refused here, with its
    basis. What is still missing may stay missing until it is signed.

    `once` is the number of the form: sent twice, it makes one request. `renews_id` is the grant it renews, `joint_id`
    the application for several entries it is part of.
    """
    actor.demand(P.SHARING_REQUEST_DRAFT, department_id=department_id)
    if before := _made_before(actor, department_id, once):
        return before
    listing = offers.listing_of(entry_id, resource_id)
    requester = organizations.get_department(department_id)
    request = SharingRequest(
        requester=requester,
        provider_id=listing.provider_id,
        division_id=listing.division,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        revision_id=listing.entry.revision_id,
        title=listing.entry.title,
        sharing_type=listing.entry.sharing_type,
        drafted_by_id=actor.user_id,
        once=once,
        renews_id=renews_id,
        joint_id=joint_id,
    )
    write(request, draft, listing, on)
    rules.may_request(queries.facts_of(request, listing), queries.regime_for(request, on)).or_raise()
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        # The same form came twice at the same moment: the other one has made it.
        if before := _made_before(actor, department_id, once):
            return before
        raise
    events.record(E.REQUEST_DRAFTED, actor=actor, case=request.case_ref(), department_id=requester.id, on=on)
    return request


def _made_before(actor: Actor, department_id: UUID, once: UUID | None) -> SharingRequest | None:
    """What the form of this number has made already, for the same person and department."""
    if once is None:
        return None
    made = SharingRequest.objects.filter(once=once).first()
    if made and (made.drafted_by_id, made.requester_id) != (actor.user_id, department_id):
        raise InvalidInput.one("表单", "这张表单已经用过，请重新打开")
    return made


@transaction.atomic
def save_draft(
    *, actor: Actor, request_id: UUID, draft: Draft, on: date, seen: str | None = None
) -> SharingRequest:
    """The draft is written anew. What has been signed changes only by a supplement, signed again.

    `seen` is the mark of the state the writer started from: when somebody saved in between, nobody's words are
    lost silently (InvalidInput).
    """
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_DRAFT, lock=True)
    _demand_writable(request)
    _demand_unchanged(request, seen)
    write(request, draft, queries.listing_for(request), on)
    request.save()
    return request


@transaction.atomic
def submit_request(*, actor: Actor, request_id: UUID, on: date) -> SharingRequest:
    """The head of the sharing body signs and submits (Decree 20). Unconditional data is granted at once; else the
    clock of the provider's regime starts."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_SIGN, lock=True)
    _demand_own_signature(request)
    listing = queries.listing_for(request)
    regime = queries.regime_for(request, on)
    facts = queries.facts_of(request, listing, signed=True)
    decision = rules.may_submit(facts, regime).or_raise()
    if request.renews:
        rules.may_renew(queries.running_of(request.renews), facts.scope, regime).or_raise()
    again = request.status == Status.SUPPLEMENT_ASKED
    request.revision_id = listing.entry.revision_id
    request.move_to(Status.SUBMITTED)
    request.sharing_type = facts.offer.type_of(tuple(name for name, _ in facts.scope.items))
    request.signed_by_id, request.signed_by_name, request.signed_on = actor.user_id, actor.name, on
    if not request.number:
        request.number = procedures.next_case_number(
            kind=CaseKind.SHARING_REQUEST, division=request.division_id, on=on
        )
    request.save()
    events.record(
        E.REQUEST_SUPPLEMENTED if again else E.REQUEST_SUBMITTED,
        actor=actor,
        case=request.case_ref(),
        department_id=request.requester_id,
        on=on,
        decision=decision,
        data={"scope": request.scope().to_json(), "sharing_type": request.sharing_type},
    )
    if rules.grants_itself(facts):
        return _grant_at_once(actor, request, rules.use_unconditional(facts, regime).or_raise(), regime, on)
    _start_clock(request, regime, on, again=again)
    return request


def _start_clock(request: SharingRequest, regime: law.Regime, on: date, *, again: bool) -> None:
    """The provider's term opens, or goes on after a supplement; its line goes into the provider's inbox."""
    case = request.case_ref()
    procedures.settle(case=case)
    term = procedures_queries.open_term_of(case)
    if again and term:
        term = procedures.resume_term(term_id=term.id, on=on)
    elif term is None and (resolved := regime.term(rules.reply_term(request.sharing_type))):
        term = procedures.open_term(case=case, resolved=resolved, received_on=on, department=request.provider)
    procedures.assign(
        case=case,
        department=request.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="答复共享申请",
        detail=f"{request.requester.name}申请 {len(request.items)} 个信息项，用于{request.purpose}",
        basis=[term.clock().source] if term else (),
        term=term,
    )


def _grant_at_once(
    actor: Actor, request: SharingRequest, decision: Decision, regime: law.Regime, on: date
) -> SharingRequest:
    """The platform's own yes: a logged request and a grant satisfy both texts (Yingkou 20, Decree 21)."""
    scope = request.scope()
    _answer_yes(request, scope, decision, on)
    request.save()
    delivered = granting.begin_delivery(request, regime, on)
    events.record(
        E.REQUEST_APPROVED,
        actor=actor,
        case=request.case_ref(),
        department_id=request.requester_id,
        on=on,
        decision=decision,
        data={"scope": scope.to_json(), "automatic": True, **delivered},
    )
    if granting.is_ready(request):
        granting.open_grant(actor=actor, request=request, decided=scope, decision=decision, on=on)
    granting.end_joint(request, actor=actor, on=on)
    procedures.notify(
        case=request.case_ref(),
        department_id=request.provider_id,
        text=f"{request.requester.name}即时获取无条件共享的数据：{request.title}",
    )
    return request


def _answer_yes(request: SharingRequest, scope: Scope, decision: Decision, on: date) -> None:
    request.move_to(Status.APPROVED)
    request.decided = scope.to_json()
    request.decision_json = decision.as_json()
    request.answered_on = on
    request.answered_by_name = "平台"
    request.answer_reason = decision.reason


@transaction.atomic
def use_unconditional(
    *,
    actor: Actor,
    entry_id: UUID,
    resource_id: UUID | None = None,
    department_id: UUID,
    draft: Draft,
    on: date,
    once: UUID | None = None,
) -> SharingRequest:
    """Unconditional data in one step: drafted, signed, submitted and granted, all logged (Yingkou 20, Decree 21)."""
    request = create_draft(
        actor=actor,
        entry_id=entry_id,
        resource_id=resource_id,
        department_id=department_id,
        draft=draft,
        on=on,
        once=once,
    )
    if request.status != Status.DRAFT:
        return request  # the same form, sent twice
    facts = queries.facts_of(request, queries.listing_for(request), signed=True)
    rules.use_unconditional(facts, queries.regime_for(request, on)).or_raise()
    return submit_request(actor=actor, request_id=request.id, on=on)


@transaction.atomic
def supplement_request(
    *, actor: Actor, request_id: UUID, draft: Draft, note: str, on: date, seen: str | None = None
) -> SharingRequest:
    """What the provider asked for is there; the head signs again and the clock goes on. `seen` as in `save_draft`."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_SIGN, lock=True)
    _demand_unchanged(request, seen)
    if request.status == Status.SUPPLEMENT_ASKED:
        if not note.strip():
            raise InvalidInput.one("补正说明", "写明补充了什么")
        write(request, draft, queries.listing_for(request), on)
        last = {**request.supplements[-1], "answered_on": on.isoformat(), "note": note.strip()}
        request.supplements = [*request.supplements[:-1], last]
        request.save()
    else:
        request.move_to(Status.SUPPLEMENT_ASKED)  # not a state one can supplement from: raises IllegalMove
    return submit_request(actor=actor, request_id=request_id, on=on)


@transaction.atomic
def withdraw_request(*, actor: Actor, request_id: UUID, reason: str, on: date) -> SharingRequest:
    """The requester no longer asks. Possible until there is an answer, and after a yes until it is delivered."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_SIGN, lock=True)
    decision = rules.may_withdraw(reason=reason, regime=queries.regime_for(request, on)).or_raise()
    was_draft, was_agreed = request.status == Status.DRAFT, request.status in AGREED
    if was_agreed and request.delivery_state != DeliveryState.DUE:
        raise IllegalMove(f"共享申请 {request.number}", Status(request.status).label, Status.WITHDRAWN.label)
    request.move_to(Status.WITHDRAWN)
    request.delivery_state = ""
    request.answer_reason = decision.reason[:1000]
    request.save()
    granting.close_reply(request, on)
    if not was_draft:
        text = f"申请已撤回：{decision.reason}"
        procedures.notify(case=request.case_ref(), department_id=request.provider_id, text=text)
    events.record(
        E.REQUEST_WITHDRAWN,
        actor=actor,
        case=request.case_ref(),
        department_id=request.requester_id,
        on=on,
        decision=decision,
    )
    granting.end_joint(request, actor=actor, on=on)
    return request


def _demand_unchanged(request: SharingRequest, seen: str | None) -> None:
    if seen is not None and seen != request.mark():
        raise InvalidInput.one("草稿", "您打开以后，别人保存过这份草稿。请重新打开，把您的改动合进去再保存")


def _demand_own_signature(request: SharingRequest) -> None:
    """Raises IllegalMove for what lies in a basket: it is signed with the others of its application."""
    if request.joint and request.joint.status == JointStatus.DRAFT:
        raise IllegalMove(f"申请篮中的{request.title}", "未随联合申请签署", "单独提出")


def _demand_writable(request: SharingRequest) -> None:
    """Raises IllegalMove when the content may not change any more."""
    if request.status != Status.DRAFT:
        request.move_to(Status.DRAFT)


def write(request: SharingRequest, draft: Draft, listing: offers.Listing, on: date) -> None:
    """Take over what was written. What cannot be right is named at once; what is missing may stay missing."""
    labels = listing.labels()
    problems = [Problem("信息项", f"没有“{name}”这一列") for name, _ in draft.items if name not in labels]
    names = [name for name, _ in draft.items]
    problems += [
        Problem("信息项", f"“{name}”选了两次") for name in sorted(set(names)) if names.count(name) > 1
    ]
    if draft.valid_until and draft.valid_until < on:
        problems.append(Problem("使用时限", "不能早于今天"))
    if draft.daily_quota is not None and not 1 <= draft.daily_quota <= QUOTA_MAX:
        problems.append(Problem("每日限额", f"1 至 {QUOTA_MAX:,} 次"))
    if draft.legal_basis_level and draft.legal_basis_level not in set(law.BasisLevel):
        problems.append(Problem("依据层级", f"没有这个层级：{draft.legal_basis_level}"))
    problems += [
        Problem(label, f"最多 {most} 个字")
        for column, (label, most) in TEXTS.items()
        if len(getattr(draft, column).strip()) > most
    ]
    if problems:
        raise InvalidInput(problems)
    condition = Condition.from_json([dict(predicate) for predicate in draft.where])
    offers.check_where(listing, condition)
    request.items = [{"name": n, "item": labels[n], "mask": mask} for n, mask in draft.items]
    request.where = condition.to_json()
    for column in TEXTS:
        setattr(request, column, getattr(draft, column).strip())
    request.modes = list(draft.modes)
    request.valid_until = draft.valid_until
    request.daily_quota = draft.daily_quota
    request.onward = draft.onward
    if not draft.onward:
        request.onward_to = ""
