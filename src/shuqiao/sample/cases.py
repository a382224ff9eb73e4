"""Sharing requests in every state and clock colour, and what became of the grants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from shuqiao import law
from shuqiao.delivery import queries as delivery_queries
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround
from shuqiao.sample.specs import CaseSpec
from shuqiao.sample.world import World
from shuqiao.sharing import services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import Draft
from shuqiao.sharing.types import Scope


def play_cases(world: World) -> None:
    """Every case as far as its spec says, the oldest first."""
    for case in sorted(world.spec.cases, key=lambda one: -one.asked):
        request = _ask(world, case)
        ANSWERS[case.answer](world, case, request)
        _after(world, case, request)


def _provider(world: World, case: CaseSpec) -> str:
    return world.entry(case.entry).dept


def _until(world: World, case: CaseSpec) -> date:
    return world.days.ahead(6 if case.after == "expiring" else case.days)


def _draft_of(world: World, case: CaseSpec) -> Draft:
    return Draft(
        items=case.items,
        where=case.where,
        purpose=case.purpose,
        scenario=case.scenario,
        legal_basis=case.basis,
        legal_basis_level=case.level,
        legal_basis_text=case.basis_text,
        modes=case.modes,
        valid_until=_until(world, case),
        daily_quota=case.quota,
        service_item=case.service_item,
    )


def _ask(world: World, case: CaseSpec) -> UUID:
    """The clerk drafts; the head signs and submits, unless it stays a draft."""
    on = world.days.back(case.asked)
    request = services.create_draft(
        actor=world.clerk(case.by),
        entry_id=world.entries[case.entry],
        resource_id=world.resources[case.entry],
        department_id=world.departments[case.by].id,
        draft=_draft_of(world, case),
        on=on,
    )
    if case.answer != "draft":
        services.submit_request(actor=world.head(case.by), request_id=request.id, on=on)
    return request.id


def _nothing(world: World, case: CaseSpec, request: UUID) -> None:
    """Nobody has done anything yet, or the platform has answered by itself."""


def _supplement(world: World, case: CaseSpec, request: UUID) -> None:
    services.ask_supplement(
        actor=world.head(_provider(world, case)),
        request_id=request,
        points=case.points,
        on=world.days.back(case.answered),
    )


def _supplemented(world: World, case: CaseSpec, request: UUID) -> None:
    asked_back = world.days.back(case.asked - 1)
    services.ask_supplement(
        actor=world.head(_provider(world, case)), request_id=request, points=case.points, on=asked_back
    )
    services.supplement_request(
        actor=world.head(case.by),
        request_id=request,
        draft=_draft_of(world, case),
        note="已补充业务流程说明和经办岗位清单",
        on=world.days.back(case.answered),
    )


def _extension_asked(world: World, case: CaseSpec, request: UUID) -> None:
    services.ask_extension(
        actor=world.head(_provider(world, case)),
        request_id=request,
        days=case.extension_days,
        reason=case.reason,
        on=world.days.back(case.answered),
    )


def _extended(world: World, case: CaseSpec, request: UUID) -> None:
    _extension_asked(world, case, request)
    services.consent_extension(
        actor=world.reviewer(_provider(world, case)),
        request_id=request,
        note="涉及数据量大，同意",
        on=world.days.back(case.answered),
    )


def _extension_denied(world: World, case: CaseSpec, request: UUID) -> None:
    _extension_asked(world, case, request)
    services.deny_extension(
        actor=world.reviewer(_provider(world, case)),
        request_id=request,
        note="所述情形不属于特殊原因，请按期答复",
        on=world.days.back(case.answered),
    )


def _approved(world: World, case: CaseSpec, request: UUID) -> None:
    services.approve_request(
        actor=world.head(_provider(world, case)), request_id=request, on=world.days.back(case.answered)
    )


def _narrower(world: World, case: CaseSpec, request: UUID) -> None:
    scope = Scope(
        items=case.decided,
        where=case.where if case.decided_where is None else case.decided_where,
        modes=case.modes,
        valid_until=_until(world, case),
        daily_quota=case.quota,
    )
    services.approve_request(
        actor=world.head(_provider(world, case)),
        request_id=request,
        decided=scope,
        reason=case.reason,
        on=world.days.back(case.answered),
    )


def _refused(world: World, case: CaseSpec, request: UUID) -> None:
    services.refuse_request(
        actor=world.head(_provider(world, case)),
        request_id=request,
        reason=case.reason,
        basis=case.refusal_basis,
        level=law.BasisLevel(case.refusal_level),
        on=world.days.back(case.answered),
    )


def _withdrawn(world: World, case: CaseSpec, request: UUID) -> None:
    services.withdraw_request(
        actor=world.head(case.by), request_id=request, reason=case.reason, on=world.days.back(case.answered)
    )


ANSWERS: dict[str, Callable[[World, CaseSpec, UUID], None]] = {
    "draft": _nothing,
    "waiting": _nothing,
    "automatic": _nothing,
    "supplement": _supplement,
    "supplemented": _supplemented,
    "extension_asked": _extension_asked,
    "extended": _extended,
    "extension_denied": _extension_denied,
    "approved": _approved,
    "narrower": _narrower,
    "refused": _refused,
    "withdrawn": _withdrawn,
}


def _after(world: World, case: CaseSpec, request_id: UUID) -> None:
    """The system's key is bound to the grant; some grants have been suspended or ended since."""
    if case.answer not in {"approved", "narrower", "automatic"}:
        return
    request = SharingRequest.objects.get(id=request_id)
    grant = delivery_queries.grants_of_case(request.case_ref())[0]
    on = world.days.back(max(0, case.answered - 1))
    if case.system:
        key_id, _ = _key(world, case, on)
        developer = world.actors[f"{case.by}-developer"]
        delivery.bind_key(actor=developer, grant_id=grant.id, key_id=key_id, on=on)
    if case.after == "suspended":
        delivery.suspend_grant(
            actor=world.head(_provider(world, case)),
            grant_id=grant.id,
            reason="查询结果被另用于内部报表，超出申请的用途，请说明并整改",
            on=world.days.back(1),
        )
    elif case.after == "ended":
        delivery.end_grant(
            actor=world.head(case.by),
            grant_id=grant.id,
            ground=EndGround.FULFILLED,
            reason="专项核查已经结束，不再需要",
            on=world.days.back(1),
        )


def _key(world: World, case: CaseSpec, on: date) -> tuple[str, str]:
    """The key of a system, made when first needed. Its secret stays in memory until the city is loaded."""
    if case.system not in world.keys:
        issued = delivery.issue_key(
            actor=world.actors[f"{case.by}-developer"],
            department_id=world.departments[case.by].id,
            system=case.system,
            not_after=world.days.ahead(700),
            on=on,
        )
        world.keys[case.system] = (issued.id, issued.secret)
    return world.keys[case.system]
