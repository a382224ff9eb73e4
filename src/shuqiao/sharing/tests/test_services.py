"""Steps on requests: works, stranger, not allowed, refused, twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from shuqiao.accounts.types import P
from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event, Notice, Term
from shuqiao.sharing import queries, services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import MONDAY, day, draft_of, inbox_of, table_of, term_of, types_of
from shuqiao.sharing.types import Status

LAW = {"reason": "超出履职所需", "basis": "某法 第三条", "level": BasisLevel.LAW}


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "20")
def test_from_request_to_grant(city, asked):
    assert asked.number == "营数享〔2026〕0001号"
    assert asked.status == Status.SUBMITTED
    assert (asked.signed_by_name, asked.signed_on) == ("李局长", MONDAY)
    term = term_of(asked)
    assert term.due_on == date(2026, 11, 30)
    assert inbox_of(city.provider) == ["答复共享申请"]
    done = services.approve_request(actor=city.actor("provider-approver"), request_id=asked.id, on=day(2))
    assert done.status == Status.APPROVED
    assert done.decision().basis
    assert inbox_of(city.provider) == []
    term.refresh_from_db()
    assert term.closed_on == day(2)
    grant = Grant.objects.get()
    assert grant.columns == [
        {"name": "统一社会信用代码", "mask": "none"},
        {"name": "企业名称", "mask": "none"},
        {"name": "联系电话", "mask": "keep_ends"},
    ]
    assert grant.where == [{"column": "地区", "op": "eq", "values": ["营口"]}]
    assert (grant.case_number, grant.daily_quota, grant.valid_until) == (
        asked.number,
        2000,
        asked.valid_until,
    )
    assert grant.grantee == city.consumer
    assert types_of(asked) == [
        "sharing.request.drafted",
        "sharing.request.submitted",
        "sharing.request.approved",
    ]
    assert Notice.objects.filter(department=city.consumer, text__contains="已同意").exists()


@pytest.mark.article("national-2025", "22")
def test_delivery_is_recorded_as_done_with_the_grant(city, asked):
    services.approve_request(actor=city.actor("provider-approver"), request_id=asked.id, on=day(1))
    term = Term.objects.get(term_id="sharing.delivery")
    assert (term.opened_on, term.closed_on) == (day(1), day(1))
    data = Event.objects.get(type="sharing.request.approved").data
    assert (data["days"], data["source"], data["delivered_on"]) == (20, "national-2025:22", str(day(1)))


@pytest.mark.article("yingkou-2022", "20")
def test_a_narrower_yes_says_why_and_opens_a_narrower_grant(city, asked):
    provider = city.actor("provider-approver")
    narrower = replace(asked.scope(), items=(("企业名称", "keep_ends"),), daily_quota=100, rate_per_minute=30)
    with pytest.raises(InvalidInput):
        services.approve_request(actor=provider, request_id=asked.id, decided=narrower, on=day(1))
    done = services.approve_request(
        actor=provider, request_id=asked.id, decided=narrower, reason="核定只需名称", on=day(1)
    )
    assert done.status == Status.APPROVED_NARROWER
    grant = Grant.objects.get()
    assert grant.columns == [{"name": "企业名称", "mask": "keep_ends"}]
    assert (grant.daily_quota, grant.rate_per_minute) == (100, 30)


@pytest.mark.article("national-2025", "25")
@pytest.mark.parametrize(
    "wider",
    [
        {"items": (("企业名称", "none"), ("地区", "none"))},
        {"items": (("联系电话", "none"),)},
        {"where": ()},
        {"daily_quota": None},
        {"rate_per_minute": 0},
        {"valid_until": None},
        {"modes": ("file",)},
        {"items": ()},
    ],
)
def test_the_provider_cannot_give_more_than_was_asked(city, asked, wider):
    with pytest.raises(RuleRefused) as refused:
        services.approve_request(
            actor=city.actor("provider-approver"),
            request_id=asked.id,
            decided=replace(asked.scope(), **wider),
            reason="x",
            on=day(1),
        )
    assert refused.value.decision.rule == "sharing.scope.not_wider"
    assert not Grant.objects.exists()


def test_strangers_see_nothing_and_others_may_not(city, asked, drafted):
    answer = {"request_id": asked.id, "on": MONDAY}
    with pytest.raises(NotFound):
        services.approve_request(actor=city.actor("stranger"), **answer)
    with pytest.raises(NotAllowed):
        services.approve_request(actor=city.actor("provider-cataloguer"), **answer)
    with pytest.raises(NotAllowed):
        services.approve_request(actor=city.actor("consumer-approver"), **answer)
    with pytest.raises(NotAllowed):
        services.refuse_request(actor=city.actor("bureau-reviewer"), **LAW, **answer)
    draft = drafted()
    with pytest.raises(NotAllowed):
        services.submit_request(actor=city.actor("consumer-cataloguer"), request_id=draft.id, on=MONDAY)
    with pytest.raises(NotFound):  # a draft is the requester's alone
        queries.get_request_for(city.actor("provider-approver"), draft.id, P.SHARING_REQUEST_READ)
    with pytest.raises(NotAllowed):
        services.create_draft(
            actor=city.actor("consumer-cataloguer"),
            entry_id=asked.entry_id,
            resource_id=None,
            department_id=city.other.id,
            draft=draft_of(),
            on=MONDAY,
        )


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "21")
@pytest.mark.parametrize("missing", [{"reason": ""}, {"basis": " "}, {"level": None}])
def test_a_refusal_without_legal_basis_cannot_be_made(city, asked, missing):
    with pytest.raises(RuleRefused) as refused:
        services.refuse_request(
            actor=city.actor("provider-approver"), request_id=asked.id, **(LAW | missing), on=MONDAY
        )
    assert refused.value.decision.rule == "sharing.refusal.basis"
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED
    assert term_of(asked).closed_on is None


def test_nor_by_writing_the_row(asked):
    for broken in ({"status": "refused"}, {"status": "approved"}, {"number": ""}, {"signed_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SharingRequest.objects.filter(id=asked.id).update(**broken)


@pytest.mark.article("yingkou-2022", "20")
def test_a_refusal_with_basis_closes_the_case(city, asked):
    done = services.refuse_request(
        actor=city.actor("provider-approver"), request_id=asked.id, **LAW, on=day(1)
    )
    assert (done.status, done.answer_basis_level) == (Status.REFUSED, "law")
    assert term_of(asked).closed_on == day(1)
    assert not Grant.objects.exists()
    with pytest.raises(IllegalMove):
        services.refuse_request(actor=city.actor("provider-approver"), request_id=asked.id, **LAW, on=day(1))
    with pytest.raises(IllegalMove):
        services.approve_request(actor=city.actor("provider-approver"), request_id=asked.id, on=day(1))


@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "20")
@pytest.mark.article("national-2025", "21")
def test_the_same_request_runs_under_three_clocks(city, submitted):
    """Yingkou and Shenyang five days each by their own text, Dongchangfu ten by the decree."""
    due = {}
    for name, department in (
        ("yingkou", city.provider),
        ("shenyang", city.shenyang_provider),
        ("dongchangfu", city.dongchangfu_provider),
    ):
        term = term_of(submitted(table_of(department)))
        clock = term.clock()
        due[name] = (clock.days, str(clock.source), term.due_on)
        considered = {str(source.article): source.applied for source in clock.rule.considered}
        assert considered["national-2025:21"] is (name == "dongchangfu")
    assert due == {
        "yingkou": (5, "yingkou-2022:20", date(2026, 11, 30)),
        "shenyang": (5, "shenyang-2020:20", date(2026, 11, 30)),
        "dongchangfu": (10, "national-2025:21", date(2026, 12, 7)),
    }


@pytest.mark.article("dongchangfu-2020", "19")
@pytest.mark.article("national-2025", "21")
def test_the_last_day_before_the_decree_and_the_first_day_under_it(city, submitted):
    before, after = date(2025, 7, 31), date(2025, 8, 1)
    old = submitted(on=before, valid_until=date(2026, 7, 1))
    new = submitted(on=after, valid_until=date(2026, 7, 1))
    assert len(term_of(old).clock().rule.considered) == 1
    assert len(term_of(new).clock().rule.considered) == 2
    by_rule = {"reason": "超出履职所需", "basis": "某规章 第三条", "level": BasisLevel.RULE}
    provider = city.actor("provider-approver")
    with pytest.raises(RuleRefused):
        services.refuse_request(actor=provider, request_id=new.id, **by_rule, on=after)
    services.refuse_request(actor=provider, request_id=old.id, **by_rule, on=before)
    silent = submitted(table_of(city.dongchangfu_provider), on=before, valid_until=date(2026, 7, 1))
    assert not Term.objects.filter(case_id=silent.id).exists()
    assert inbox_of(city.dongchangfu_provider) == ["答复共享申请"]


@pytest.mark.article("national-2025", "21")
def test_asking_once_pauses_the_clock_and_supplementing_resumes_it(city, asked):
    provider, consumer = city.actor("provider-approver"), city.actor("consumer-approver")
    services.ask_supplement(actor=provider, request_id=asked.id, points=("写明窗口", "缩短时限"), on=day(1))
    term = term_of(asked)
    assert term.paused
    assert inbox_of(city.provider) == []
    assert inbox_of(city.consumer) == ["补正申请"]
    with pytest.raises(InvalidInput):
        services.supplement_request(
            actor=consumer, request_id=asked.id, draft=draft_of(), note=" ", on=day(3)
        )
    again = services.supplement_request(
        actor=consumer,
        request_id=asked.id,
        draft=draft_of(scenario="三号窗口"),
        note="已写明窗口",
        on=day(3),
    )
    assert (again.status, again.scenario) == (Status.SUBMITTED, "三号窗口")
    term.refresh_from_db()
    assert not term.paused
    assert term.due_on == date(2026, 12, 2)  # two working days of the pause later
    assert inbox_of(city.provider) == ["答复共享申请"]
    with pytest.raises(RuleRefused) as refused:
        services.ask_supplement(actor=provider, request_id=asked.id, points=("再补",), on=day(4))
    assert refused.value.decision.rule == "sharing.one_notice"
    with pytest.raises(IllegalMove):
        services.supplement_request(
            actor=consumer, request_id=asked.id, draft=draft_of(), note="x", on=day(4)
        )


@pytest.mark.article("national-2025", "21")
def test_more_time_needs_the_bureau_and_the_requester_hears(city, asked):
    ask = {"actor": city.actor("provider-approver"), "request_id": asked.id, "on": day(1)}
    with pytest.raises(RuleRefused):
        services.ask_extension(**ask, days=11, reason="资料在档案馆")
    services.ask_extension(**ask, days=3, reason="资料在档案馆")
    assert term_of(asked).due_on == date(2026, 11, 30)
    assert inbox_of(city.bureau) == ["同意延长答复"]
    with pytest.raises(RuleRefused):
        services.ask_extension(**ask, days=2, reason="再要")
    with pytest.raises(NotAllowed):
        services.consent_extension(actor=city.actor("provider-approver"), request_id=asked.id, on=day(1))
    with pytest.raises(NotFound):
        services.consent_extension(actor=city.actor("shenyang-bureau"), request_id=asked.id, on=day(1))
    services.consent_extension(actor=city.actor("bureau-reviewer"), request_id=asked.id, on=day(2))
    assert term_of(asked).due_on == date(2026, 12, 3)
    assert inbox_of(city.bureau) == []
    assert inbox_of(city.provider) == ["答复共享申请"]
    assert Notice.objects.filter(department=city.consumer, text__contains="延长 3 个工作日").exists()
    with pytest.raises(IllegalMove):
        services.consent_extension(actor=city.actor("bureau-reviewer"), request_id=asked.id, on=day(2))


def test_the_bureau_may_say_no_to_more_time(city, asked):
    services.ask_extension(
        actor=city.actor("provider-approver"), request_id=asked.id, days=3, reason="忙", on=day(1)
    )
    bureau = city.actor("bureau-reviewer")
    with pytest.raises(InvalidInput):
        services.deny_extension(actor=bureau, request_id=asked.id, note="", on=day(1))
    services.deny_extension(actor=bureau, request_id=asked.id, note="不属特殊原因", on=day(1))
    assert term_of(asked).due_on == date(2026, 11, 30)
    assert Notice.objects.filter(department=city.provider, text__contains="不属特殊原因").exists()
