"""Several entries in one application: filled like a basket, signed once, each part answered by its own provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, Problem
from shuqiao.kernel.decision import allow
from shuqiao.law import article_titles
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing import offers, queries, rules
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.services import asking
from shuqiao.sharing.services.asking import TEXTS, Draft
from shuqiao.sharing.types import OPEN, JointStatus, Status

PARTS_MAX = 50
COMMON_TEXTS = {name: said for name, said in TEXTS.items() if name != "legal_basis_level"}


@dataclass(frozen=True, slots=True)
class Common:
    """What all entries of a joint application share."""

    purpose: str = ""
    scenario: str = ""
    legal_basis: str = ""
    legal_basis_level: str = ""
    legal_basis_text: str = ""
    service_item: str = ""
    modes: tuple[str, ...] = ()
    valid_until: date | None = None
    onward: bool = False
    onward_to: str = ""


SHARED = tuple(field.name for field in fields(Common))


@transaction.atomic
def add_part(
    *,
    actor: Actor,
    department_id: UUID,
    entry_id: UUID,
    resource_id: UUID | None = None,
    items: tuple[tuple[str, str], ...] = (),
    on: date,
) -> SharingRequest:
    """An entry goes into the department's basket, which is begun with the first one. An entry that is in it already
    stays as it is: adding it twice changes nothing. What the entry does not share is refused with its basis."""
    actor.demand(P.SHARING_REQUEST_DRAFT, department_id=department_id)
    organizations.get_department(department_id)
    joint = _basket(department_id)
    listing = offers.listing_of(entry_id, resource_id)
    drafts = joint.parts.filter(status=Status.DRAFT)
    already = drafts.filter(entry=entry_id, resource=listing.resource_id).first()
    if already:
        return already
    if drafts.count() >= PARTS_MAX:
        raise InvalidInput.one("申请篮", f"一次最多申请 {PARTS_MAX} 个目录条目")
    return asking.create_draft(
        actor=actor,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        department_id=department_id,
        draft=Draft(items=items),
        joint_id=joint.id,
        on=on,
    )


def _basket(department_id: UUID) -> JointRequest:
    """The department's basket, locked; made when there is none. It has never two."""
    mine = JointRequest.objects.select_for_update().filter(requester=department_id, status=JointStatus.DRAFT)
    basket = mine.first()
    if basket is None:
        try:
            with transaction.atomic():
                JointRequest.objects.create(requester_id=department_id)
        except IntegrityError:
            pass  # somebody else has begun it at the same moment
        basket = mine.get()
    return basket


@transaction.atomic
def save_part(
    *,
    actor: Actor,
    request_id: UUID,
    items: tuple[tuple[str, str], ...],
    where: tuple[Mapping[str, Any], ...] = (),
    daily_quota: int | None = None,
    seen: str | None = None,
    on: date,
) -> SharingRequest:
    """Which items and rows of one entry in the basket are asked for."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_DRAFT)
    _demand_in_basket(request)
    draft = Draft(items=items, where=where, daily_quota=daily_quota)
    return asking.save_draft(actor=actor, request_id=request_id, draft=draft, on=on, seen=seen)


@transaction.atomic
def remove_part(*, actor: Actor, request_id: UUID, on: date) -> SharingRequest:
    """An entry is taken out of the basket. It was never asked for, so it ends as a withdrawn draft."""
    request = queries.get_request_for(actor, request_id, P.SHARING_REQUEST_DRAFT, lock=True)
    _demand_in_basket(request)
    request.move_to(Status.WITHDRAWN)
    request.answer_reason = "移出申请篮"
    request.save()
    decision = allow(rules.CONTENT, request.answer_reason)
    events.record(
        E.REQUEST_WITHDRAWN,
        actor=actor,
        case=request.case_ref(),
        department_id=request.requester_id,
        on=on,
        decision=decision,
    )
    return request


@transaction.atomic
def save_joint(
    *, actor: Actor, joint_id: UUID, common: Common, on: date, seen: str | None = None
) -> JointRequest:
    """What all entries share is written. `seen` is the mark of the state the writer started from."""
    joint = queries.get_joint_for(actor, joint_id, P.SHARING_REQUEST_DRAFT, lock=True)
    _demand_draft(joint)
    if seen and seen != joint.mark():
        raise InvalidInput.one("申请篮", "您打开以后，别人保存过。请重新打开，把您的改动合进去再保存")
    problems = [
        Problem(label, f"最多 {most} 个字")
        for name, (label, most) in COMMON_TEXTS.items()
        if len(getattr(common, name).strip()) > most
    ]
    if common.valid_until and common.valid_until < on:
        problems.append(Problem("使用时限", "不能早于今天"))
    if problems:
        raise InvalidInput(problems)
    for name in SHARED:
        said = getattr(common, name)
        setattr(joint, name, said.strip() if isinstance(said, str) else said)
    joint.modes = list(common.modes)
    if not joint.onward:
        joint.onward_to = ""
    joint.save()
    return joint


@transaction.atomic
def submit_joint(*, actor: Actor, joint_id: UUID, on: date, seen: str | None = None) -> JointRequest:
    """The head of the sharing body signs once; each part goes to its provider under the regime of its division, or is
    granted at once where its data is unconditional. All that is wrong is named, entry by entry (Decree 20)."""
    joint = queries.get_joint_for(actor, joint_id, P.SHARING_REQUEST_SIGN, lock=True)
    _demand_draft(joint)
    if seen and seen != joint.mark():
        raise InvalidInput.one("申请篮", "您打开以后，别人保存过。请重新看过再签署")
    parts = queries.parts_of(joint)
    if not parts:
        raise InvalidInput.one("申请篮", "还没有放入目录条目")
    for part in parts:
        _share(joint, part, on)
    verdicts = check_joint(joint, parts, on)
    wrong = [(part, verdict) for part, verdict in verdicts if not verdict.allowed]
    if wrong:
        raise InvalidInput([Problem(part.title, in_words(verdict)) for part, verdict in wrong])
    joint.move_to(JointStatus.SUBMITTED)
    joint.number = procedures.next_case_number(
        kind=CaseKind.JOINT_REQUEST, division=joint.requester.division_id, on=on
    )
    joint.signed_by_id, joint.signed_by_name, joint.signed_on = actor.user_id, actor.name, on
    joint.save()
    numbers = [asking.submit_request(actor=actor, request_id=part.id, on=on).number for part in parts]
    events.record(
        E.JOINT_SUBMITTED,
        actor=actor,
        case=joint.case_ref(),
        department_id=joint.requester_id,
        on=on,
        decision=_whole(verdicts),
        data={"parts": numbers},
    )
    joint.refresh_from_db()
    return joint


def check_joint(
    joint: JointRequest, parts: list[SharingRequest], on: date
) -> list[tuple[SharingRequest, Decision]]:
    """Each part with the verdict on submitting it, as it would stand with what the application shares. Writes
    nothing."""
    found = []
    for part in parts:
        listing = queries.listing_for(part)
        offered = listing.offer().modes
        for name in SHARED:
            setattr(part, name, getattr(joint, name))
        part.modes = _modes(joint, offered)
        facts = queries.facts_of(part, listing, signed=True)
        found.append((part, rules.may_submit(facts, queries.regime_for(part, on))))
    return found


def _modes(joint: JointRequest, offered: frozenset[str]) -> list[str]:
    """Of the ways asked for, those that the entry offers; all of them where it offers none, so that the rule names
    what does not fit."""
    return [mode for mode in joint.modes if mode in offered] or list(joint.modes)


def _share(joint: JointRequest, part: SharingRequest, on: date) -> None:
    """What the application shares goes into a part, which is then a whole request."""
    listing = queries.listing_for(part)
    common = Common(**{name: getattr(joint, name) for name in SHARED})
    draft = Draft(
        items=part.scope().items,
        where=part.scope().where,
        daily_quota=part.daily_quota,
        **{name: getattr(common, name) for name in SHARED if name != "modes"},
        modes=tuple(_modes(joint, listing.offer().modes)),
    )
    asking.write(part, draft, listing, on)
    part.save()


def in_words(verdict: Decision) -> str:
    """A verdict as a sentence with its articles, for a list of problems."""
    cited = article_titles(verdict.basis)
    return f"{verdict.reason}（{cited}）" if cited else verdict.reason


def _whole(verdicts: list[tuple[SharingRequest, Decision]]) -> Decision:
    basis = dict.fromkeys(article for _, verdict in verdicts for article in verdict.basis)
    return allow(rules.CONTENT, f"{len(verdicts)} 个目录条目内容齐全，负责人已签署", *basis)


@transaction.atomic
def withdraw_joint(*, actor: Actor, joint_id: UUID, reason: str, on: date) -> JointRequest:
    """The department asks for none of it any more: every part that is not answered is withdrawn. An emptied basket is
    gone; an application of which parts were answered is decided."""
    joint = queries.get_joint_for(actor, joint_id, P.SHARING_REQUEST_SIGN, lock=True)
    parts = queries.parts_of(joint)
    open_parts = [part for part in parts if part.status in OPEN | {Status.DRAFT}]
    if joint.status not in {JointStatus.DRAFT, JointStatus.SUBMITTED}:
        joint.move_to(JointStatus.WITHDRAWN)  # raises IllegalMove
    if joint.status == JointStatus.SUBMITTED and len(open_parts) < len(parts):
        for part in open_parts:  # the last one ends the application
            asking.withdraw_request(actor=actor, request_id=part.id, reason=reason, on=on)
        joint.refresh_from_db()
        return joint
    regime = organizations.regime_of(joint.requester.division_id, on)
    rules.may_withdraw(reason=reason, regime=regime).or_raise()
    joint.move_to(JointStatus.WITHDRAWN)
    joint.ended_on = on
    joint.save()
    for part in open_parts:
        asking.withdraw_request(actor=actor, request_id=part.id, reason=reason, on=on)
    events.record(
        E.REQUEST_WITHDRAWN,
        actor=actor,
        case=joint.case_ref(),
        department_id=joint.requester_id,
        on=on,
        decision=allow(rules.CONTENT, reason.strip()),
    )
    return joint


def _demand_draft(joint: JointRequest) -> None:
    if joint.status != JointStatus.DRAFT:
        raise IllegalMove(f"联合申请 {joint.number}", JointStatus(joint.status).label, "修改或签署")


def _demand_in_basket(request: SharingRequest) -> None:
    if request.joint is None or request.joint.status != JointStatus.DRAFT:
        label = Status(request.status).label
        raise IllegalMove(f"共享申请 {request.number or '草稿'}", label, "在申请篮中修改")
