"""Steps on grants: works, stranger, not allowed, refused, twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, order_of
from shuqiao.delivery.types import EndGround, FilingKind, GrantState, Onward
from shuqiao.delivery.use.services import order_correction
from shuqiao.gateway.sealing import grant_context, unseal
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.decision import refuse
from shuqiao.procedures.models import Event, Notice


def events_of(grant: Grant) -> list[str]:
    return list(Event.objects.filter(case_id=grant.id).order_by("id").values_list("type", flat=True))


def test_a_grant_carries_what_was_decided(city, grant):
    assert grant.number == "营数授〔2026〕0001号"
    assert grant.provider == city.provider
    assert grant.title == "企业登记信息"
    assert grant.decision() == YES
    assert grant.state == GrantState.ACTIVE
    assert events_of(grant) == ["delivery.grant.issued"]
    assert (
        len(unseal(bytes.fromhex("ab" * 32), bytes(grant.hash_key), context=grant_context(str(grant.id))))
        == 32
    )


def test_no_grant_without_a_yes(city, table):
    with pytest.raises(RuleRefused):
        services.issue_grant(
            actor=PLATFORM,
            order=order_of(table, city.consumer.id),
            decision=refuse("sharing.refusal.basis", "不同意"),
            on=TODAY,
        )
    assert not Grant.objects.exists()


def test_everything_wrong_with_an_order_is_named_at_once(city, table):
    order = order_of(
        table,
        city.provider.id,
        columns=(("没有的列", "none"), ("企业名称", "nonsense")),
        where=({"column": "另一个", "op": "eq", "values": ["x"]},),
        modes=(),
        valid_until=TODAY - timedelta(days=1),
    )
    with pytest.raises(InvalidInput) as refused:
        services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    said = str(refused.value)
    for part in ("没有的列", "nonsense", "另一个", "至少选一种", "不能授权给自己", "到期日早于"):
        assert part in said


@pytest.mark.article("national-2025", "27")
@pytest.mark.article("yingkou-2022", "22")
def test_provider_suspends_with_a_reason_and_resumes(city, grant):
    provider = city.actor("provider-approver")
    services.suspend_grant(actor=provider, grant_id=grant.id, reason="批量比对，超出约定用途", on=TODAY)
    grant.refresh_from_db()
    assert grant.state == GrantState.SUSPENDED
    assert grant.state_basis == ["national-2025:27"]
    assert Notice.objects.filter(department=city.consumer, text__contains="超出约定用途").exists()
    services.resume_grant(actor=provider, grant_id=grant.id, note="已删除批量任务", on=TODAY)
    grant.refresh_from_db()
    assert (grant.state, grant.state_reason) == (GrantState.ACTIVE, "")
    assert events_of(grant)[1:] == ["delivery.grant.suspended", "delivery.grant.resumed"]


def test_the_bureau_suspends_too(city, grant):
    services.suspend_grant(
        actor=city.actor("bureau-supervisor"), grant_id=grant.id, reason="监测到异常", on=TODAY
    )
    assert Event.objects.get(type="delivery.grant.suspended").data["side"] == "bureau"


def test_suspending_needs_a_reason(city, grant):
    with pytest.raises(RuleRefused) as refused:
        services.suspend_grant(actor=city.actor("provider-approver"), grant_id=grant.id, reason=" ", on=TODAY)
    assert refused.value.decision.rule == "delivery.misuse.suspend"
    assert refused.value.decision.basis


def test_the_grantee_cannot_suspend_the_stranger_sees_nothing_the_clerk_may_not(city, grant):
    with pytest.raises(RuleRefused):
        services.suspend_grant(actor=city.actor("consumer-approver"), grant_id=grant.id, reason="x", on=TODAY)
    with pytest.raises(NotFound):
        services.suspend_grant(actor=city.actor("stranger"), grant_id=grant.id, reason="x", on=TODAY)
    with pytest.raises(NotAllowed):
        services.suspend_grant(
            actor=city.actor("provider-cataloguer"), grant_id=grant.id, reason="x", on=TODAY
        )
    with pytest.raises(NotFound):
        services.suspend_grant(actor=city.actor("shenyang-bureau"), grant_id=grant.id, reason="x", on=TODAY)


def test_suspending_twice_does_not_follow(city, grant):
    provider = city.actor("provider-approver")
    services.suspend_grant(actor=provider, grant_id=grant.id, reason="核查", on=TODAY)
    with pytest.raises(IllegalMove):
        services.suspend_grant(actor=provider, grant_id=grant.id, reason="核查", on=TODAY)


@pytest.mark.article("national-2025", "27")
def test_the_provider_ends_only_after_negotiation_and_filing(city, grant):
    provider = city.actor("provider-approver")
    with pytest.raises(RuleRefused) as refused:
        services.end_grant(
            actor=provider, grant_id=grant.id, ground=EndGround.NECESSARY, reason="系统下线", on=TODAY
        )
    assert refused.value.decision.rule == "delivery.end.filing"
    services.file_stop(
        actor=provider,
        grant_id=grant.id,
        kind=FilingKind.END,
        reason="系统下线",
        negotiation="已与市人社局协商",
        effective_on=TODAY,
        on=TODAY,
    )
    services.end_grant(
        actor=provider, grant_id=grant.id, ground=EndGround.NECESSARY, reason="系统下线", on=TODAY
    )
    grant.refresh_from_db()
    assert grant.state == GrantState.ENDED
    assert Notice.objects.filter(department=city.bureau, text__contains="备案").exists()


@pytest.mark.article("national-2025", "27")
def test_before_the_decree_no_filing_was_asked_for(city, table):
    order = order_of(table, city.consumer.id, valid_from=date(2025, 7, 1), valid_until=date(2026, 7, 1))
    grant = services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=date(2025, 7, 1))
    end = {"actor": city.actor("provider-approver"), "grant_id": grant.id, "ground": EndGround.NECESSARY}
    with pytest.raises(RuleRefused):
        services.end_grant(**end, reason="系统下线", on=date(2025, 8, 1))
    services.end_grant(**end, reason="系统下线", on=date(2025, 7, 31))


@pytest.mark.article("national-2025", "27")
def test_misuse_is_suspended_before_it_is_ended(city, grant):
    end = {
        "actor": city.actor("provider-approver"),
        "grant_id": grant.id,
        "ground": EndGround.MISUSE,
        "on": TODAY,
    }
    with pytest.raises(RuleRefused):
        services.end_grant(**end, reason="转给第三方")
    services.suspend_grant(
        actor=city.actor("provider-approver"), grant_id=grant.id, reason="转给第三方", on=TODAY
    )
    with pytest.raises(RuleRefused):
        services.end_grant(**end, reason="拒不整改")
    order_correction(
        actor=city.actor("provider-approver"),
        grant_id=grant.id,
        demand="收回已经转出的数据",
        due_on=TODAY + timedelta(days=10),
        on=TODAY,
    )
    with pytest.raises(RuleRefused):
        services.end_grant(**end | {"on": TODAY + timedelta(days=10)}, reason="拒不整改")
    services.end_grant(**end | {"on": TODAY + timedelta(days=11)}, reason="拒不整改")


def test_the_grantee_ends_when_the_purpose_does(city, grant):
    consumer = city.actor("consumer-approver")
    with pytest.raises(RuleRefused):
        services.end_grant(
            actor=consumer,
            grant_id=grant.id,
            ground=EndGround.NECESSARY,
            reason="x",
            on=TODAY,
        )
    services.end_grant(
        actor=consumer, grant_id=grant.id, ground=EndGround.FULFILLED, reason="核定完成", on=TODAY
    )
    assert Notice.objects.filter(department=city.provider, text__contains="核定完成").exists()
    with pytest.raises(IllegalMove):
        services.end_grant(
            actor=consumer, grant_id=grant.id, ground=EndGround.FULFILLED, reason="核定完成", on=TODAY
        )


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "suspended"},
        {"state": "anything", "state_reason": "x"},
        {"daily_quota": 0},
        {"rate_per_minute": 0},
        {"purpose": ""},
        {"onward": "with_consent"},
        {"case_number": "营数享〔2026〕0001号"},
        {"valid_until": date(2020, 1, 1)},
    ],
)
def test_the_database_refuses_what_must_never_be(grant, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(id=grant.id).update(**broken)


def test_onward_transfer_is_named(city, table):
    order = replace(order_of(table, city.consumer.id), onward=Onward.WITH_CONSENT, onward_to="受托核算机构")
    grant = services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    assert grant.onward_to == "受托核算机构"
