"""The provider's steps: yes, no, and once what is missing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.opening.agreements import services as agreements
from shuqiao.opening.applications import queries, rules, scoping
from shuqiao.opening.applications.services.asking import close_reply
from shuqiao.opening.applications.services.telling import assign_to_provider, write_to_applicant
from shuqiao.opening.applications.types import ApplicationStatus, Given
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.replies import services as replies
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


@transaction.atomic
def agree_application(
    *, actor: Actor, application_id: UUID, given: Given | None = None, reason: str = "", on: date
) -> OpenApplication:
    """The provider agrees, to all or to less: the clock stops, an agreement is drawn up, both sides are to confirm it.
    `given` None: everything as asked."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    facts = queries.facts_of(application)
    whole = Given(
        tuple((name, facts.offer.masks.get(name, "none")) for name in facts.items), application.valid_until
    )
    decided = given or whole
    application.move_to(ApplicationStatus.AGREED)
    regime = queries.regime_for(application, on)
    scoping.check(application.resource_id, decided)
    decision = rules.may_agree(facts, decided, regime, on, reason=reason).or_raise()
    application.given_json = decided.to_json()
    application.answer_ground = ""
    _answer(application, actor, decision, on)
    agreements.draw_up(application, decided, on)
    assign_to_provider(
        application, "确认开放协议", f"与{application.party.name}的协议，双方确认后开放", decision
    )
    _tell(application, "已同意开放申请", "提供部门已同意开放，请查看并确认协议。双方确认后即可读取数据。")
    events.record(
        E.APPLICATION_GRANTED, actor=actor, case=application.case_ref(), department_id=application.provider_id,
        on=on, decision=decision, data={"given": decided.to_json(), "whole": rules.is_whole(facts, decided)},
    )  # fmt: skip
    replies.issue_if_wanted(actor=actor, application=application, on=on)
    return application


@transaction.atomic
def refuse_application(
    *, actor: Actor, application_id: UUID, reason: str, ground: str, on: date
) -> OpenApplication:
    """The provider says no, with its reasons and the basis. There is no other way to a no."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    regime = queries.regime_for(application, on)
    decision = rules.may_refuse(reason=reason, ground=ground, regime=regime).or_raise()
    application.move_to(ApplicationStatus.REFUSED)
    application.answer_ground = ground.strip()[:500]
    _answer(application, actor, decision, on)
    said = f"提供部门不同意开放。\n理由：{application.answer_reason}\n依据：{application.answer_ground}"
    _tell(application, "未同意开放申请", said)
    events.record(
        E.APPLICATION_REFUSED, actor=actor, case=application.case_ref(), department_id=application.provider_id,
        on=on, decision=decision, data={"ground": application.answer_ground},
    )  # fmt: skip
    replies.issue_if_wanted(actor=actor, application=application, on=on)
    return application


def _answer(application: OpenApplication, actor: Actor, decision: Decision, on: date) -> None:
    application.answered_by_id, application.answered_by_name = actor.user_id, actor.name
    application.answered_on, application.answer_reason = on, decision.reason[:1000]
    application.decision_json = decision.as_json()
    application.save()
    close_reply(application, on)


def _tell(application: OpenApplication, subject: str, text: str) -> None:
    write_to_applicant(application, subject, text)


@transaction.atomic
def ask_supplement(
    *, actor: Actor, application_id: UUID, points: tuple[str, ...], on: date
) -> OpenApplication:
    """The provider says once everything that is missing; the clock rests until it is there."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    said = tuple(point.strip() for point in points if point.strip())
    application.move_to(ApplicationStatus.SUPPLEMENT_ASKED)
    decision = rules.may_ask_supplement(
        asked_before=bool(application.supplements),
        points=said,
        regime=queries.regime_for(application, on),
        gone=queries.offer_now(application).gone,
    ).or_raise()
    application.supplements = [*application.supplements, {"asked_on": on.isoformat(), "points": list(said)}]
    application.save()
    case = application.case_ref()
    procedures.settle(case=case)
    if term := procedures_queries.open_term_of(case):
        procedures.pause_term(term_id=term.id, on=on)
    write_to_applicant(
        application, "开放申请需要补正", "需要补充：\n" + "\n".join(f"· {one}" for one in said)
    )
    events.record(
        E.APPLICATION_SUPPLEMENT_ASKED, actor=actor, case=case, department_id=application.provider_id, on=on,
        decision=decision, data={"points": list(said)},
    )  # fmt: skip
    return application
