"""Use of shared data: reports, disposal, misuse, passing on. Works, stranger, not allowed, refused, twice; regimes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import jobs
from shuqiao.delivery import services as grants
from shuqiao.delivery.models import Correction, Grant, OnwardConsent, UseRecord, UseReport
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, make_entry, make_table, order_of
from shuqiao.delivery.types import EndGround, GrantState, Onward
from shuqiao.delivery.use import services
from shuqiao.delivery.use.passing import Consent
from shuqiao.delivery.use.types import ConsentOf, DisposalFacts, DisposalWay, Report
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import Event, InboxItem, Notice, OutgoingMail

REPORT = Report("窗口核对", "核定系统逐户查询", "少交材料两份", "不落地")
GONE = DisposalFacts(DisposalWay.DELETED, "核定库相关表已清空", "李开发", TODAY)
CONSENT = Consent(ConsentOf.PROVIDER, "受托核算机构", "核算", "营市监函〔2026〕7号")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def lines(grant: Grant) -> list[str]:
    return list(InboxItem.objects.filter(case_id=grant.use.id, done_at=None).values_list("action", flat=True))


def end(city, grant, on=TODAY):
    return grants.end_grant(
        actor=city.actor("consumer-approver"),
        grant_id=grant.id,
        ground=EndGround.FULFILLED,
        reason="完成",
        on=on,
    )


def grant_in(city, provider, on=TODAY) -> Grant:
    table = make_table(make_entry(provider))
    order = order_of(table, city.consumer.id, valid_from=on, valid_until=on + timedelta(days=365))
    return grants.issue_grant(actor=PLATFORM, order=order, decision=YES, on=on)


@pytest.mark.article("national-2025", "29")
@pytest.mark.article("yingkou-2022", "22")
def test_reports_are_kept_three_years_and_asked_for_again(city, grant):
    written = services.report_use(
        actor=city.actor("consumer-cataloguer"), grant_id=grant.id, report=REPORT, on=TODAY
    )
    assert written.keep_until == date(2029, 11, 23)
    assert grant.use.number == "营数用〔2026〕0001号"
    assert jobs.ask_for_use(at(date(2027, 5, 22))) == 0
    assert jobs.ask_for_use(at(date(2027, 5, 23))) == 1
    assert jobs.ask_for_use(at(date(2027, 5, 23))) == 0
    assert lines(grant) == ["报告使用情况"]
    services.report_use(
        actor=city.actor("consumer-approver"), grant_id=grant.id, report=REPORT, on=date(2027, 5, 24)
    )
    assert lines(grant) == []
    assert UseRecord.objects.get().state == "running"
    assert UseReport.objects.count() == 2
    with pytest.raises(TypeError):
        written.delete()
    with pytest.raises(TypeError):
        UseReport.objects.all().delete()


def test_who_reports(city, grant):
    empty = replace(REPORT, effect=" ", storage="")
    with pytest.raises(InvalidInput) as wrong:
        services.report_use(
            actor=city.actor("consumer-cataloguer"), grant_id=grant.id, report=empty, on=TODAY
        )
    assert {problem.where for problem in wrong.value.problems} == {"应用成效", "存储情况"}
    for who, error in (
        ("stranger", NotFound),
        ("provider-security", NotAllowed),
        ("provider-approver", RuleRefused),  # may report of its own grants, not of this one
    ):
        with pytest.raises(error):
            services.report_use(actor=city.actor(who), grant_id=grant.id, report=REPORT, on=TODAY)


@pytest.mark.article("national-2025", "27")
def test_when_the_purpose_ends_the_data_is_disposed_of(city, grant):
    dispose = {"actor": city.actor("consumer-approver"), "grant_id": grant.id, "on": TODAY}
    with pytest.raises(RuleRefused) as early:
        services.confirm_disposal(facts=GONE, **dispose)
    assert [str(one) for one in early.value.decision.basis] == ["national-2025:27"]
    services.demand_disposal(
        actor=city.actor("provider-approver"), grant_id=grant.id, text="删除并留存删除记录", on=TODAY
    )
    end(city, grant)
    assert lines(grant) == ["处置数据"]
    assert "删除并留存删除记录" in InboxItem.objects.get(done_at=None).detail
    with pytest.raises(RuleRefused):
        services.confirm_disposal(facts=replace(GONE, way=DisposalWay.ARCHIVED), **dispose)
    with pytest.raises(RuleRefused):
        services.confirm_disposal(facts=replace(GONE, done_on=TODAY + timedelta(days=1)), **dispose)
    with pytest.raises(InvalidInput):
        services.confirm_disposal(facts=replace(GONE, done_by=" "), **dispose)
    services.confirm_disposal(facts=GONE, **dispose)
    assert UseRecord.objects.get().state == "closed"
    assert lines(grant) == []
    assert Notice.objects.filter(department=city.provider, text__contains="数据已处置").exists()
    with pytest.raises(RuleRefused):
        services.confirm_disposal(facts=GONE, **dispose)


def test_an_expired_grant_asks_for_disposal_unless_it_was_renewed(city, grant, table):
    after = grant.valid_until + timedelta(days=1)
    order = order_of(table, city.consumer.id, valid_from=after, valid_until=after + timedelta(days=100))
    follower = grants.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    assert jobs.expire_grants(at(after)) == 1
    assert UseRecord.objects.get(grant=grant).state == "continued"
    assert jobs.expire_grants(at(follower.valid_until + timedelta(days=1))) == 1
    assert UseRecord.objects.get(grant=follower).state == "disposal_due"


@pytest.mark.article("national-2025", "27")
@pytest.mark.article("yingkou-2022", "22")
def test_misuse_is_suspended_corrected_and_resumed(city, grant):
    provider, user = city.actor("provider-approver"), city.actor("consumer-cataloguer")
    until = TODAY + timedelta(days=10)
    order = {"actor": provider, "grant_id": grant.id, "demand": "停止批量比对"}
    with pytest.raises(RuleRefused):
        services.order_correction(**order, due_on=until, on=TODAY)
    grants.suspend_grant(actor=provider, grant_id=grant.id, reason="批量比对", on=TODAY)
    with pytest.raises(InvalidInput):
        services.order_correction(**order, due_on=None, on=TODAY)
    services.order_correction(**order, due_on=until, on=TODAY)
    with pytest.raises(RuleRefused):
        services.order_correction(**order, due_on=until, on=TODAY)
    assert lines(grant) == ["报告整改情况"]
    assert jobs.tell_of_late_corrections(at(until)) == 0
    assert jobs.tell_of_late_corrections(at(until + timedelta(days=1))) == 1
    assert jobs.tell_of_late_corrections(at(until + timedelta(days=1))) == 0
    services.report_correction(actor=user, grant_id=grant.id, text="已停", on=TODAY)
    assert lines(grant) == ["核实整改"]
    services.order_correction(**order | {"demand": "还有一个任务"}, due_on=until, on=TODAY)
    services.report_correction(actor=user, grant_id=grant.id, text="都停了", on=TODAY)
    grants.resume_grant(actor=provider, grant_id=grant.id, note="已核实", on=TODAY)
    assert Correction.objects.get().state == "accepted"
    assert lines(grant) == []
    with pytest.raises(RuleRefused):
        services.report_correction(actor=user, grant_id=grant.id, text="x", on=TODAY)


def test_a_correction_that_does_not_suffice_ends_the_grant(city, grant):
    provider = city.actor("provider-approver")
    grants.suspend_grant(actor=provider, grant_id=grant.id, reason="外传", on=TODAY)
    services.order_correction(
        actor=provider, grant_id=grant.id, demand="收回", due_on=TODAY + timedelta(days=5), on=TODAY
    )
    services.report_correction(
        actor=city.actor("consumer-approver"), grant_id=grant.id, text="收不回", on=TODAY
    )
    grants.end_grant(
        actor=provider, grant_id=grant.id, ground=EndGround.MISUSE, reason="整改不到位", on=TODAY
    )
    assert Correction.objects.get().state == "failed"
    assert lines(grant) == ["处置数据"]


@pytest.mark.article("shenyang-2020", "23")
def test_shenyang_never_passes_on(city):
    grant = grant_in(city, city.shenyang_provider)
    with pytest.raises(RuleRefused) as refused:
        services.record_onward_consent(
            actor=city.actor("shenyang-approver"), grant_id=grant.id, consent=CONSENT, on=TODAY
        )
    assert "shenyang-2020:23" in [str(one) for one in refused.value.decision.basis]
    table = make_table(make_entry(city.shenyang_provider))
    order = order_of(table, city.consumer.id, onward=Onward.WITH_CONSENT, onward_to="第三方")
    with pytest.raises(RuleRefused):
        grants.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "25")
def test_yingkou_passes_on_with_recorded_consent(city, grant):
    provider = city.actor("provider-approver")
    record = {"grant_id": grant.id, "on": TODAY}
    with pytest.raises(InvalidInput):
        services.record_onward_consent(actor=provider, consent=replace(CONSENT, evidence=" "), **record)
    with pytest.raises(NotAllowed):
        services.record_onward_consent(actor=city.actor("consumer-approver"), consent=CONSENT, **record)
    row = services.record_onward_consent(actor=provider, consent=CONSENT, **record)
    assert Grant.objects.get().onward_to == "受托核算机构"
    assert Notice.objects.filter(department=city.consumer, text__contains="受托核算机构").exists()
    with pytest.raises(NotFound):
        services.withdraw_onward_consent(
            actor=city.actor("stranger"), consent_id=row.id, reason="x", on=TODAY
        )
    services.withdraw_onward_consent(actor=provider, consent_id=row.id, reason="合同到期", on=TODAY)
    assert Grant.objects.get().onward == "never"
    with pytest.raises(InvalidInput):
        services.withdraw_onward_consent(actor=provider, consent_id=row.id, reason="合同到期", on=TODAY)


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "25")
def test_the_person_concerned_suffices_only_before_the_decree(city):
    """Yingkou takes either consent; since 1 August 2025 the Decree asks for the provider's."""
    before = date(2025, 7, 31)
    grant = grant_in(city, city.provider, before)
    theirs = replace(CONSENT, of=ConsentOf.DATA_SUBJECT)
    user = city.actor("consumer-cataloguer")
    services.record_onward_consent(actor=user, grant_id=grant.id, consent=theirs, on=before)
    with pytest.raises(RuleRefused):
        services.record_onward_consent(
            actor=user, grant_id=grant.id, consent=theirs, on=before + timedelta(days=1)
        )


def test_where_no_text_speaks_nothing_is_passed_on(city):
    before = date(2025, 7, 31)
    grant = grant_in(city, city.dongchangfu_provider, before)
    step = {"actor": city.actor("dongchangfu-approver"), "grant_id": grant.id, "consent": CONSENT}
    with pytest.raises(RuleRefused):
        services.record_onward_consent(**step, on=before)
    services.record_onward_consent(**step, on=before + timedelta(days=1))


def test_reminders_before_expiry_come_once_each(city, table):
    party = make_party(city, "legal_person", "firm")
    order = order_of(table, None, party_id=party.id)
    grant = grants.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    OutgoingMail.objects.all().delete()
    told = [
        jobs.remind_of_expiry(at(grant.valid_until - timedelta(days=left)))
        for left in (31, 30, 29, 8, 7, 6, 0)
    ]
    assert told == [0, 1, 0, 0, 1, 0, 0]
    assert OutgoingMail.objects.filter(to=party.email, text__contains="到期").count() == 2


def test_a_suspended_grant_expires_and_its_correction_with_it(city, grant):
    provider = city.actor("provider-approver")
    grants.suspend_grant(actor=provider, grant_id=grant.id, reason="外传", on=TODAY)
    services.order_correction(
        actor=provider, grant_id=grant.id, demand="收回", due_on=TODAY + timedelta(days=5), on=TODAY
    )
    jobs.expire_grants(at(grant.valid_until + timedelta(days=1)))
    grant.refresh_from_db()
    assert grant.state == GrantState.EXPIRED
    assert Correction.objects.get().state == "failed"
    with pytest.raises(IllegalMove):
        grants.resume_grant(actor=provider, grant_id=grant.id, note="已改", on=TODAY)


def test_the_database_keeps_use_whole(city, grant):
    for broken in ({"state": "closed"}, {"state": "nonsense"}, {"way": "archived"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            UseRecord.objects.filter(grant=grant).update(**broken)
    services.record_onward_consent(
        actor=city.actor("provider-approver"), grant_id=grant.id, consent=CONSENT, on=TODAY
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        OnwardConsent.objects.update(evidence="")
    assert Event.objects.filter(type="delivery.grant.onward_consented").exists()
