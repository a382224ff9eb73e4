"""Both sides confirm the agreement; with the second confirmation the data opens to the applicant."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import GrantOrder, Mode
from shuqiao.kernel import Decision, IllegalMove
from shuqiao.kernel.time import now
from shuqiao.law import BasisLevel, Regime
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.dates import months_after
from shuqiao.opening.applications.types import ApplicationStatus, Given
from shuqiao.opening.models import OpenAgreement, OpenApplication
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.resources import queries as resources


@transaction.atomic
def confirm_agreement(*, actor: Actor, application_id: UUID, on: date) -> OpenApplication:
    """The applicant, or the provider, confirms the agreement as it stands. When both have, the data opens in exactly
    the scope that was given (Dongchangfu 25)."""
    application = queries.get_application_for(actor, application_id, lock=True)
    by_party = queries.is_applicant(actor, application)
    if not by_party:
        actor.demand(P.OPENING_APPLICATION_ANSWER, department_id=application.provider_id)
    if application.status != ApplicationStatus.AGREED:
        raise IllegalMove(
            f"开放申请 {application.number}", ApplicationStatus(application.status).label, "确认协议"
        )
    agreement = OpenAgreement.objects.select_for_update().get(application=application)
    regime = queries.regime_for(application, on)
    given = application.given()
    if given is None:  # the database demands a scope of every yes
        raise IllegalMove(f"开放申请 {application.number}", "没有给予的范围", "确认协议")
    already = agreement.party_at if by_party else agreement.department_at
    decision = rules.may_confirm(
        already=already is not None, ready=still_offered(application, on), regime=regime
    ).or_raise()
    if by_party:
        agreement.party_by_id, agreement.party_by_name, agreement.party_at = actor.user_id, actor.name, now()
    else:
        agreement.department_by_id, agreement.department_by_name = actor.user_id, actor.name
        agreement.department_at = now()
        procedures.settle(case=application.case_ref())
    agreement.save()
    events.record(
        E.APPLICATION_SIGNED, actor=actor, case=application.case_ref(),
        department_id=None if by_party else application.provider_id, on=on, decision=decision,
        data={"side": "party" if by_party else "department", "digest": agreement.digest},
    )  # fmt: skip
    if agreement.is_signed:
        _open(application, given, regime, actor, on)
    return application


def still_offered(application: OpenApplication, on: date) -> bool:
    """Whether all that was given is still offered under the same masks, to somebody still registered, in time."""
    given = application.given()
    if given is None:
        return False
    masks = queries.offer_now(application).masks
    fits = all(rules.within(masks.get(name), mask) for name, mask in given.items)
    return fits and application.party.may_apply and given.valid_until > on


def _open(application: OpenApplication, given: Given, regime: Regime, actor: Actor, on: date) -> None:
    decision = application.decision()
    if decision is None:  # the database demands a decision of every yes
        raise IllegalMove(f"开放申请 {application.number}", "没有决定", "开放")
    application.move_to(ApplicationStatus.OPENED)
    application.opened_on = on
    application.next_follow_up_on = months_after(on, given.follow_up_months)
    application.save()
    procedures.settle(case=application.case_ref())
    table = resources.published_table(application.resource_id)
    order = GrantOrder(
        resource_id=application.resource_id,
        grantee_id=None,
        party_id=application.party_id,
        columns=given.items,
        where=tuple(dict(one) for one in given.where),
        purpose=application.purpose,
        scenario=application.scenario[:500],
        legal_basis=_basis_in_words(application, decision),
        legal_basis_level=_level_of(decision),
        modes=tuple(Mode(mode) for mode in table.modes),
        valid_from=on,
        valid_until=given.valid_until,
        conditions=(given.conditions,) if given.conditions else (),
        case=application.case_ref(),
    )
    delivery.issue_grant(actor=actor, order=order, decision=decision, on=on)
    procedures.notify(
        case=application.case_ref(),
        department_id=application.provider_id,
        text=f"协议已由双方确认，向{application.party.name}开放",
    )
    events.record(
        E.APPLICATION_OPENED, actor=actor, case=application.case_ref(), department_id=application.provider_id,
        on=on, decision=decision, data=given.to_json(),
    )  # fmt: skip


def _basis_in_words(application: OpenApplication, decision: Decision) -> str:
    titles = law.article_titles(decision.basis)
    return f"开放协议 {application.number}" + (f"，{titles}" if titles else "")


def _level_of(decision: Decision) -> BasisLevel:
    packs = law.load_packs()
    found = [packs[article.pack].level for article in decision.basis if article.pack in packs]
    return found[0] if found else BasisLevel.NORMATIVE
