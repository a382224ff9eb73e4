"""What an actor may do next with a request: from the same states, permissions and rules that enforce it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.procedures import queries as procedures
from shuqiao.sharing import queries, rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import AGREED, MOVES, OPEN, DeliveryState, ExtensionState, JointStatus, Status

LABELS = {
    "edit": "修改草稿",
    "submit": "签署并提出",
    "supplement": "补正",
    "withdraw": "撤回",
    "remind": "催促",
    "renew": "续期",
    "answer": "答复",
    "ask-supplement": "一次性告知补正",
    "ask-extension": "提请延长",
    "deliver": "确认提供",
    "lapse": "因目录撤下办结",
    "consent": "同意或不同意延长",
}


def acts_of(actor: Actor, request: SharingRequest, on: date) -> dict[str, Decision]:
    """The next steps that are the actor's, by name, each with what its rule says: a step whose rule says no is listed
    with the reason. A step that is not the actor's, or not possible in this state, is not listed."""
    regime = queries.regime_for(request, on)
    found = dict(_of_requester(actor, request, regime, on))
    found |= dict(_of_provider(actor, request, regime, on))
    if (
        request.extension_state == ExtensionState.ASKED
        and request.status == Status.SUBMITTED
        and queries.may_on(actor, request, P.SHARING_EXTENSION_CONSENT)
    ):
        found["consent"] = _stated(rules.REPLY, "提供部门提请延长，须经主管部门同意", regime)
    return found


def _of_requester(
    actor: Actor, request: SharingRequest, regime: law.Regime, on: date
) -> Iterator[tuple[str, Decision]]:
    status = Status(request.status)
    may_draft = queries.may_on(actor, request, P.SHARING_REQUEST_DRAFT)
    may_sign = queries.may_on(actor, request, P.SHARING_REQUEST_SIGN)
    in_basket = request.joint is not None and request.joint.status == JointStatus.DRAFT
    if status == Status.DRAFT and may_draft:
        yield "edit", _stated(rules.CONTENT, "草稿可以修改", regime)
    if status == Status.DRAFT and may_sign and not in_basket:
        facts = queries.facts_of(request, queries.listing_for(request), signed=True)
        yield "submit", rules.may_submit(facts, regime)
    if status == Status.SUPPLEMENT_ASKED and may_sign:
        yield (
            "supplement",
            rules.may_supplement(queries.facts_of(request, queries.listing_for(request)), regime),
        )
    if may_sign and Status.WITHDRAWN in MOVES[status] and not (status in AGREED and not _due(request)):
        yield "withdraw", rules.may_withdraw(reason="写明原因", regime=regime)
    waiting = queries.waiting_of(request)
    if may_draft and (waiting.answer_due or waiting.delivery_due):
        yield "remind", rules.may_remind(waiting, regime, sharing_type=request.sharing_type, on=on)
    if may_draft and status in AGREED and (grant := queries.grant_to_renew(request)):
        running = queries.running_of(grant)
        yield (
            "renew",
            rules.may_renew(running, replace(running.scope, valid_until=None), regime, gone=request.gone()),
        )


def _of_provider(
    actor: Actor, request: SharingRequest, regime: law.Regime, on: date
) -> Iterator[tuple[str, Decision]]:
    if not queries.may_on(actor, request, P.SHARING_REQUEST_ANSWER):
        return
    gone = queries.listing_for(request).gone if request.status in OPEN or _due(request) else ""
    if gone:
        yield "lapse", rules.may_lapse(gone=gone, note="写明说明", regime=regime)
    if _due(request):
        said = _stated(rules.DELIVERY, "已同意共享，数据待提供", regime)
        yield "deliver", refuse(rules.DELIVERY, gone, *said.basis) if gone else said
    if request.status != Status.SUBMITTED:
        return
    no = "写明理由和依据不同意"
    answering = _stated(rules.REFUSAL, f"{gone}，只能{no}" if gone else f"同意、部分同意，或者{no}", regime)
    signed = _stated(rules.SIGN_OFF, "由共享工作机构负责人签署", regime)
    words = "；".join(one.reason for one in (answering, signed) if one.basis or one is answering)
    yield "answer", allow(rules.REFUSAL, words, *dict.fromkeys([*answering.basis, *signed.basis]))
    yield (
        "ask-supplement",
        rules.may_ask_supplement(
            asked_before=bool(request.supplements), points=("全部需要补充的内容",), regime=regime, gone=gone
        ),
    )
    term = procedures.open_term_of(request.case_ref())
    yield (
        "ask-extension",
        rules.may_extend(
            clock=term.clock() if term else None,
            days=1,
            reason="写明特殊原因",
            asked_before=bool(request.extension_state),
            on=on,
            gone=gone,
        ),
    )


def _due(request: SharingRequest) -> bool:
    return request.delivery_state == DeliveryState.DUE


def _stated(rule_id: str, reason: str, regime: law.Regime) -> Decision:
    """A step that its state alone allows, with the article of its rule or term."""
    if rule_id in {rules.REPLY, rules.DELIVERY}:
        term = regime.term(rule_id)
        return allow(rule_id, reason, *((term.source,) if term else ()))
    rule = regime.rule(rule_id)
    return allow(rule_id, reason, *(rule.basis if rule else ()))
