"""Steps of an emergency: declared, data opened, ended, reviewed. The only code that writes emergencies."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround, GrantOrder, GrantState, Mode
from shuqiao.kernel import Decision, InvalidInput, Problem
from shuqiao.kernel.decision import allow
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing import offers
from shuqiao.sharing.emergencies import queries, rules
from shuqiao.sharing.emergencies.queries import DECLARE
from shuqiao.sharing.emergencies.types import Declaration, EmergencyStatus, Sharing
from shuqiao.sharing.models import EmergencyShare, SharingEmergency

LIVE = (GrantState.ACTIVE, GrantState.SUSPENDED)
AT_ONCE_MOST = 50


@transaction.atomic
def declare_emergency(*, actor: Actor, division: str, said: Declaration, on: date) -> SharingEmergency:
    """The bureau declares an emergency in divisions it oversees, until a day (Yingkou 33)."""
    actor.demand(DECLARE, division=division)
    _check_lengths((("事件", said.event, 200), ("理由", said.reason, 500)))
    if strange := [code for code in said.divisions if code not in actor.divisions_with(DECLARE)]:
        raise InvalidInput.one("适用的区划", f"不在您的职责范围：{'、'.join(strange)}")
    regime = organizations.regime_of(division, on)
    decision = rules.may_declare(said, regime, on).or_raise()
    assert said.until is not None  # the rule refuses a declaration without a last day
    emergency = SharingEmergency.objects.create(
        number=procedures.next_case_number(kind=CaseKind.EMERGENCY_SHARING, division=division, on=on),
        division_id=division,
        bureau=organizations.bureau_of(division),
        event=said.event.strip(),
        reason=said.reason.strip(),
        divisions=list(dict.fromkeys(said.divisions)),
        until=said.until,
        declared_by_id=actor.user_id,
        declared_by_name=actor.name,
        declared_on=on,
    )
    _ask(emergency, "管理应急共享", f"开通所需数据；{said.until} 到期自动结束，之后须审查", decision)
    events.record(
        E.CRISIS_DECLARED, actor=actor, case=emergency.case_ref(), department_id=emergency.bureau_id, on=on,
        decision=decision, data={"divisions": emergency.divisions, "until": str(emergency.until)},
    )  # fmt: skip
    return emergency


def _check_lengths(texts: tuple[tuple[str, str, int], ...]) -> None:
    problems = [
        Problem(label, f"最多 {most} 个字") for label, text, most in texts if len(text.strip()) > most
    ]
    if problems:
        raise InvalidInput(problems)


def _ask(
    emergency: SharingEmergency, action: str, detail: str, decision: Decision, term: Term | None = None
) -> None:
    procedures.settle(case=emergency.case_ref())
    procedures.assign(
        case=emergency.case_ref(),
        department=emergency.bureau,
        permission=DECLARE,
        action=action,
        detail=detail,
        basis=[term.clock().source] if term else decision.basis,
        term=term,
        stage="grant",
    )


@transaction.atomic
def share_in_emergency(
    *, actor: Actor, emergency_id: UUID, sharing: Sharing, on: date
) -> list[EmergencyShare]:
    """The bureau opens a table to departments at once, until the emergency's last day at the latest. The provider and
    every department are told."""
    emergency = queries.get_emergency_for(actor, emergency_id, DECLARE, lock=True)
    listing = offers.listing_of(sharing.entry_id, sharing.resource_id)
    actor.demand(
        DECLARE, division=listing.division
    )  # the data of a division the bureau does not oversee is not its
    _check_lengths((("用途", sharing.purpose, 300),))
    if len(sharing.departments) > AT_ONCE_MOST or len(set(sharing.departments)) != len(sharing.departments):
        raise InvalidInput.one("使用部门", f"一次最多 {AT_ONCE_MOST} 个，不能重复")
    if listing.resource_id is None:
        raise InvalidInput.one("数据", "这个条目下还没有已发布的数据")
    offers.check_scope(listing, sharing.scope)
    facts = queries.facts_of(emergency, sharing, listing, on)
    decision = rules.may_share(facts, queries.regime_for(emergency, on)).or_raise()
    shares = [
        _open(emergency, one, sharing, listing, decision, actor=actor, on=on) for one in sharing.departments
    ]
    names = "、".join(organizations.get_department(one).short_name for one in sharing.departments)
    procedures.notify(
        case=emergency.case_ref(),
        department_id=listing.provider_id,
        text=f"应急共享“{emergency.event}”：“{listing.entry.title}”已向{names}开通，至 {emergency.until}",
    )
    events.record(
        E.CRISIS_GRANTED, actor=actor, case=emergency.case_ref(), department_id=emergency.bureau_id, on=on,
        decision=decision,
        data={
            "entry": str(sharing.entry_id),
            "departments": [str(one) for one in sharing.departments],
            "scope": sharing.scope.to_json(),
        },
    )  # fmt: skip
    return shares


def _open(
    emergency: SharingEmergency,
    department_id: UUID,
    sharing: Sharing,
    listing: offers.Listing,
    decision: Decision,
    *,
    actor: Actor,
    on: date,
) -> EmergencyShare:
    assert listing.resource_id is not None  # checked by the caller
    titles = law.article_titles(decision.basis)
    order = GrantOrder(
        resource_id=listing.resource_id,
        grantee_id=department_id,
        columns=sharing.scope.items,
        where=tuple(dict(predicate) for predicate in sharing.scope.where),
        purpose=sharing.purpose.strip(),
        scenario=f"应急共享：{emergency.event}",
        legal_basis=f"应急共享 {emergency.number}" + (f"，{titles}" if titles else ""),
        legal_basis_level=_level_of(decision),
        modes=tuple(Mode(mode) for mode in sharing.scope.modes),
        valid_from=on,
        valid_until=min(sharing.scope.valid_until or emergency.until, emergency.until),
        daily_quota=sharing.scope.daily_quota,
        case=emergency.case_ref(),
    )
    grant = delivery.issue_grant(actor=actor, order=order, decision=decision, on=on)
    return EmergencyShare.objects.create(
        emergency=emergency,
        grant=grant,
        resource_id=listing.resource_id,
        department_id=department_id,
        provider_id=listing.provider_id,
        opened_by_name=actor.name,
        opened_on=on,
    )


def _level_of(decision: Decision) -> BasisLevel:
    packs = law.load_packs()
    found = [packs[article.pack].level for article in decision.basis if article.pack in packs]
    return found[0] if found else BasisLevel.NORMATIVE


@transaction.atomic
def end_emergency(*, actor: Actor, emergency_id: UUID, reason: str, on: date) -> SharingEmergency:
    """The emergency is over: every grant under it ends at once, and the review is due."""
    emergency = queries.get_emergency_for(actor, emergency_id, DECLARE, lock=True)
    emergency.move_to(EmergencyStatus.ENDED)
    decision = rules.may_end(reason, queries.regime_for(emergency, on)).or_raise()
    return _end(emergency, decision, actor, on)


@transaction.atomic
def end_if_due(*, emergency_id: UUID, on: date) -> SharingEmergency | None:
    """Its last day has passed. None when it is over already."""
    emergency = (
        SharingEmergency.objects.select_for_update(of=("self",))
        .select_related("bureau")
        .filter(id=emergency_id, status=EmergencyStatus.RUNNING, until__lt=on)
        .first()
    )
    if emergency is None:
        return None
    emergency.move_to(EmergencyStatus.ENDED)
    # The regime may have changed since; what was begun under it ends all the same.
    said = rules.articles(organizations.regime_of(emergency.division_id, emergency.declared_on))
    return _end(emergency, allow(rules.RULE, "应急期限届满", *said), PLATFORM, on)


def _end(emergency: SharingEmergency, decision: Decision, actor: Actor, on: date) -> SharingEmergency:
    emergency.ended_on, emergency.end_reason = on, decision.reason[:500]
    emergency.save()
    ended = []
    for share in emergency.shares.select_related("grant"):
        if share.grant.state in LIVE:
            delivery.end_grant(
                actor=PLATFORM, grant_id=share.grant_id, ground=EndGround.DECIDED,
                reason=f"应急共享 {emergency.number} 已结束", decision=decision, on=on,
            )  # fmt: skip
            ended.append(share.grant.number)
    resolved = queries.regime_for(emergency, on).term(rules.REVIEW)
    term = (
        procedures.open_term(
            case=emergency.case_ref(), resolved=resolved, received_on=on, department=emergency.bureau
        )
        if resolved
        else None
    )
    detail = f"“{emergency.event}”已结束，共开通 {emergency.shares.count()} 项授权，审查后办结"
    _ask(emergency, "审查应急共享", detail, decision, term)
    events.record(
        E.CRISIS_ENDED, actor=actor, case=emergency.case_ref(), department_id=emergency.bureau_id, on=on,
        decision=decision, data={"grants": ended},
    )  # fmt: skip
    return emergency


@transaction.atomic
def review_emergency(
    *, actor: Actor, emergency_id: UUID, findings: str, measures: str = "", on: date
) -> SharingEmergency:
    """The bureau looks back: the list of every grant with its reads is kept with what it found. Only this closes the
    case; providers and departments are told."""
    emergency = queries.get_emergency_for(actor, emergency_id, DECLARE, lock=True)
    _check_lengths((("审查结论", findings, 2000), ("后续措施", measures, 1000)))
    emergency.move_to(EmergencyStatus.REVIEWED)
    decision = rules.may_review(findings, queries.regime_for(emergency, on)).or_raise()
    emergency.findings, emergency.measures = findings.strip(), measures.strip()
    emergency.review_json = queries.accounts_of(emergency, on)
    emergency.reviewed_by_name, emergency.reviewed_on = actor.name, on
    emergency.save()
    if term := procedures_queries.open_term_of(emergency.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=emergency.case_ref())
    told: set[UUID] = set()
    for share in emergency.shares.all():
        told |= {share.department_id, share.provider_id}
    for one in sorted(told):
        procedures.notify(
            case=emergency.case_ref(), department_id=one, text=f"应急共享“{emergency.event}”已完成事后审查"
        )
    events.record(
        E.CRISIS_REVIEWED, actor=actor, case=emergency.case_ref(), department_id=emergency.bureau_id, on=on,
        decision=decision,
        data={"grants": [{"grant": one["grant"], "reads": one["reads"]} for one in emergency.review_json]},
    )  # fmt: skip
    return emergency
