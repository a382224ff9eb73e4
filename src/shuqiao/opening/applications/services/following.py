"""After the data is open: looking at its use at intervals, the end of its days, taking it back on breach."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.delivery import queries as delivery_queries
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround, GrantState
from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.dates import months_after
from shuqiao.opening.applications.services.telling import assign_to_provider, write_to_applicant
from shuqiao.opening.applications.types import ApplicationStatus, FollowUpStatus
from shuqiao.opening.models import FollowUp, OpenApplication
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E

LIVE = (GrantState.ACTIVE, GrantState.SUSPENDED)


@transaction.atomic
def ask_for_use(*, application_id: UUID, on: date) -> FollowUp | None:
    """The day has come to ask how the data is used (Dongchangfu 25). None when it has been asked already."""
    application = (
        OpenApplication.objects.select_for_update()
        .filter(id=application_id, status=ApplicationStatus.OPENED, next_follow_up_on__lte=on)
        .first()
    )
    given = application.given() if application else None
    if application is None or given is None or application.next_follow_up_on is None:
        return None
    while application.next_follow_up_on <= on:
        application.next_follow_up_on = months_after(application.next_follow_up_on, given.follow_up_months)
    application.save(update_fields=["next_follow_up_on", "changed_at"])
    if waiting := queries.follow_up_of(application, FollowUpStatus.WAITING):
        return _again(application, waiting)
    number = application.follow_ups.count() + 1
    made = FollowUp.objects.create(application=application, number=number, asked_on=on)
    _ask(application)
    decision = rules.follow_up(queries.regime_for(application, on))
    assign_to_provider(
        application, "跟踪利用情况", f"已请{application.party.name}报告第 {number} 次利用情况", decision
    )
    events.record(
        E.APPLICATION_FOLLOWED_UP, actor=PLATFORM, case=application.case_ref(),
        department_id=application.provider_id, on=on, decision=decision, data={"number": number},
    )  # fmt: skip
    return made


def _again(application: OpenApplication, waiting: FollowUp) -> FollowUp:
    """Not reported since the last time: asked again, and the provider hears of it."""
    _ask(application)
    procedures.notify(
        case=application.case_ref(),
        department_id=application.provider_id,
        text=f"{application.party.name}还没有报告第 {waiting.number} 次利用情况，已再次提醒",
    )
    return waiting


def _ask(application: OpenApplication) -> None:
    write_to_applicant(application, "请报告数据利用情况", "按照协议，请报告数据的利用情况和开发的产品。")


@transaction.atomic
def report_use(
    *, actor: Actor, application_id: UUID, usage: str, products: str = "", cited: bool = False, on: date
) -> FollowUp:
    """The applicant reports how the data is used and which products came of it, asked or unasked. Products name source
    and date of the data (Dongchangfu 25)."""
    application = queries.get_own(actor, application_id, lock=True)
    if application.status != ApplicationStatus.OPENED:
        raise IllegalMove(
            f"开放申请 {application.number}", ApplicationStatus(application.status).label, "报告利用情况"
        )
    decision = rules.may_report(usage=usage, regime=queries.regime_for(application, on)).or_raise()
    if products.strip() and not cited:
        raise InvalidInput.one("来源和日期", "开发的产品须注明数据的来源和获取日期")
    report = queries.follow_up_of(application, FollowUpStatus.WAITING) or FollowUp(
        application=application, number=application.follow_ups.count() + 1, asked_on=on
    )
    report.move_to(FollowUpStatus.REPORTED)
    report.usage, report.products, report.cited = usage.strip()[:2000], products.strip()[:1000], cited
    report.reported_on = on
    report.save()
    assign_to_provider(application, "查阅利用情况", f"{application.party.name}报告：{report.usage}", decision)
    events.record(
        E.APPLICATION_USE_REPORTED, actor=actor, case=application.case_ref(), on=on, decision=decision,
        data={"number": report.number, "products": report.products},
    )  # fmt: skip
    return report


@transaction.atomic
def mark_use_seen(*, actor: Actor, application_id: UUID, on: date) -> FollowUp:
    """The provider has read the report."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    report = queries.follow_up_of(application, FollowUpStatus.REPORTED)
    if report is None:
        raise IllegalMove(f"开放申请 {application.number}", "没有待查阅的报告", "查阅")
    report.move_to(FollowUpStatus.SEEN)
    report.seen_by_name, report.seen_on = actor.name, on
    report.save()
    procedures.settle(case=application.case_ref())
    events.record(
        E.APPLICATION_FOLLOWED_UP, actor=actor, case=application.case_ref(),
        department_id=application.provider_id, on=on,
        decision=rules.follow_up(queries.regime_for(application, on)), data={"number": report.number, "seen": True},
    )  # fmt: skip
    return report


@transaction.atomic
def revoke_application(
    *, actor: Actor, application_id: UUID, breach: str, ground: str, on: date
) -> OpenApplication:
    """The data is used against the agreement: the grant ends at once, with the breach and the clause named."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    regime = queries.regime_for(application, on)
    decision = rules.may_revoke(breach=breach, ground=ground, regime=regime).or_raise()
    application.move_to(ApplicationStatus.REVOKED)
    application.end_reason, application.end_ground = breach.strip()[:500], ground.strip()[:500]
    _close(application, on)
    for grant in delivery_queries.grants_of_case(application.case_ref()):
        if grant.state in LIVE:
            delivery.end_grant(
                actor=actor, grant_id=grant.id, ground=EndGround.DECIDED, reason=decision.reason,
                decision=decision, on=on,
            )  # fmt: skip
    said = f"提供部门已收回开放。\n情况：{application.end_reason}\n依据：{application.end_ground}"
    write_to_applicant(application, "数据开放已收回", said)
    events.record(
        E.APPLICATION_REVOKED, actor=actor, case=application.case_ref(), department_id=application.provider_id,
        on=on, decision=decision, data={"ground": application.end_ground},
    )  # fmt: skip
    return application


@transaction.atomic
def end_application(*, application_id: UUID, on: date) -> OpenApplication | None:
    """The last day of the agreement has passed. None when it is over already."""
    application = (
        OpenApplication.objects.select_for_update()
        .filter(id=application_id, status=ApplicationStatus.OPENED)
        .first()
    )
    given = application.given() if application else None
    if application is None or given is None or given.valid_until >= on:
        return None
    application.move_to(ApplicationStatus.ENDED)
    application.end_reason = "协议期限届满"
    _close(application, on)
    write_to_applicant(
        application, "数据开放已到期", "协议期限届满，授权已停止。需要继续使用的，请重新申请。"
    )
    events.record(
        E.APPLICATION_ENDED, actor=PLATFORM, case=application.case_ref(),
        department_id=application.provider_id, on=on,
    )  # fmt: skip
    return application


def _close(application: OpenApplication, on: date) -> None:
    application.ended_on, application.next_follow_up_on = on, None
    application.save()
    for report in application.follow_ups.filter(status__in=[FollowUpStatus.WAITING, FollowUpStatus.REPORTED]):
        report.move_to(FollowUpStatus.LAPSED)
        report.save(update_fields=["status"])
    procedures.settle(case=application.case_ref())
