"""Steps of a dispute: each works, and is refused to strangers, to the wrong hands, by the rule, and twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import EndGround
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.sharing import services as sharing
from shuqiao.sharing.disputes import services
from shuqiao.sharing.disputes.tests.conftest import (
    CLAIM,
    KEEP,
    MONDAY,
    NARROW,
    OPEN,
    TUESDAY,
    answer,
    asked_of,
    decide,
    raise_about,
)
from shuqiao.sharing.disputes.types import Outcome, Result, RulingFacts, Side
from shuqiao.sharing.models import SharingRequest

RULING = RulingFacts("营口市人民政府", "营政函〔2026〕12号", "应当共享", MONDAY, TUESDAY)


def inbox_of(dispute) -> list[tuple[str, str]]:
    rows = InboxItem.objects.filter(case_id=dispute.id, done_at=None).select_related("department")
    return sorted((row.department.short_name, row.action) for row in rows)


def events_of(dispute) -> list[str]:
    found = Event.objects.filter(case_id=dispute.id).order_by("id").values_list("type", flat=True)
    return [one.removeprefix("sharing.dispute.") for one in found]


@pytest.mark.article("yingkou-2022", "27")
@pytest.mark.article("national-2025", "28")
def test_raised_negotiated_and_settled_opens_the_grant(city, raised, refused):
    assert raised.number.startswith("营数争〔2026〕")
    assert (raised.ground, raised.raised_by, raised.claim) == ("refused", Side.REQUESTER, CLAIM)
    assert inbox_of(raised) == [("市市场监管局", "协商共享争议")]
    answer(city, raised, proposal=replace(OPEN, scope=NARROW))
    assert inbox_of(raised) == [("市人社局", "协商共享争议")]
    settled = services.agree(actor=city.actor("consumer-approver"), dispute_id=raised.id, on=TUESDAY)
    assert (settled.status, settled.closed_on) == ("settled", TUESDAY)
    assert inbox_of(raised) == []
    given = Grant.objects.get(grantee=city.consumer)
    assert given.columns == [{"name": "企业名称", "mask": "none"}]
    request = SharingRequest.objects.get(id=refused.id)
    assert (request.status, request.answered_by_name) == ("approved_narrower", f"争议处理 {raised.number}")
    assert events_of(raised) == ["raised", "answered", "settled", "carried_out"]
    carried = Event.objects.get(case_id=raised.id, type="sharing.dispute.carried_out")
    assert carried.data["outcome"] == "open"
    assert carried.data["scope"]["items"] == [{"name": "企业名称", "mask": "none"}]
    assert not Term.objects.filter(case_id__in=[raised.id, refused.id], closed_on=None).exists()


def test_nobody_raises_what_is_not_theirs_nor_twice(city, refused, raised):
    for who in ("stranger", "shenyang-approver"):
        with pytest.raises(NotFound):
            services.raise_dispute(actor=city.actor(who), request_id=refused.id, claim="x", on=MONDAY)
    with pytest.raises(NotAllowed):
        services.raise_dispute(
            actor=city.actor("consumer-cataloguer"), request_id=refused.id, claim="x", on=MONDAY
        )
    with pytest.raises(RuleRefused, match="不能重复提出"):
        raise_about(city, refused)
    with pytest.raises(NotFound):
        services.raise_dispute(actor=city.actor("consumer-approver"), claim="x", on=MONDAY)


def test_a_running_request_and_an_active_grant_give_the_requester_nothing_to_dispute(city, grant):
    waiting = asked_of(city, city.provider)
    with pytest.raises(RuleRefused, match="现在没有可以争议的决定"):
        raise_about(city, waiting)
    with pytest.raises(RuleRefused, match="现在没有可以争议的决定"):
        services.raise_dispute(actor=city.actor("consumer-approver"), grant_id=grant.id, claim="x", on=MONDAY)
    with pytest.raises(RuleRefused, match="写明主张"):
        services.raise_dispute(actor=city.actor("provider-approver"), grant_id=grant.id, claim=" ", on=MONDAY)


def test_an_overdue_request_is_disputed_and_answered_by_a_day(city):
    # Five working days from 9 February 2026; Saturday the 14th is made up for Spring Festival and counts.
    waiting = asked_of(city, city.provider, on=date(2026, 2, 9))
    with pytest.raises(RuleRefused):
        raise_about(city, waiting, on=date(2026, 2, 14))
    dispute = raise_about(city, waiting, on=date(2026, 2, 24))
    assert dispute.ground == "overdue"
    by = Result(Outcome.ANSWER, "三日内答复", due_on=date(2026, 3, 2))
    answer(city, dispute, proposal=by, on=date(2026, 2, 24))
    services.agree(actor=city.actor("consumer-approver"), dispute_id=dispute.id, on=date(2026, 2, 27))
    assert Notice.objects.filter(case_id=waiting.id, text__contains="2026年3月2日前答复").exists()
    assert SharingRequest.objects.get(id=waiting.id).status == "submitted"


def test_the_one_who_proposed_cannot_agree_to_itself(city, raised):
    with pytest.raises(RuleRefused, match="还没有人提出"):
        services.agree(actor=city.actor("consumer-approver"), dispute_id=raised.id, on=MONDAY)
    answer(city, raised, by="consumer-approver", proposal=OPEN)
    with pytest.raises(RuleRefused, match="须由对方同意"):
        services.agree(actor=city.actor("consumer-approver"), dispute_id=raised.id, on=MONDAY)
    with pytest.raises(NotFound):
        services.agree(actor=city.actor("stranger"), dispute_id=raised.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.agree(actor=city.actor("provider-cataloguer"), dispute_id=raised.id, on=MONDAY)
    services.agree(actor=city.actor("provider-approver"), dispute_id=raised.id, on=MONDAY)
    with pytest.raises(IllegalMove):
        services.agree(actor=city.actor("provider-approver"), dispute_id=raised.id, on=MONDAY)
    assert Grant.objects.filter(grantee=city.consumer).count() == 1


def test_no_result_gives_more_than_was_asked(city, raised):
    wider = replace(NARROW, items=(("企业名称", "none"), ("成立日期", "none")))
    with pytest.raises(RuleRefused, match="“成立日期”没有申请"):
        answer(city, raised, proposal=replace(OPEN, scope=wider))
    longer = replace(NARROW, valid_until=MONDAY + timedelta(days=999))
    with pytest.raises(RuleRefused, match="时限比申请的长"):
        answer(city, raised, proposal=replace(OPEN, scope=longer))
    with pytest.raises(RuleRefused, match="不能是“终止授权”"):
        answer(city, raised, proposal=Result(Outcome.END, "终止"))
    with pytest.raises(RuleRefused, match="写明怎样处理"):
        answer(city, raised, proposal=Result(Outcome.OPEN, ""))


@pytest.mark.article("national-2025", "28")
def test_the_bureau_is_asked_only_after_negotiating(city, raised):
    refer = {"actor": city.actor("consumer-approver"), "dispute_id": raised.id}
    with pytest.raises(RuleRefused, match="应当先协商") as caught:
        services.refer_dispute(**refer, why="谈不拢", on=MONDAY)
    assert [str(one) for one in caught.value.decision.basis][-1:] == ["national-2025:28"]
    with pytest.raises(RuleRefused, match="没有谈成"):
        services.refer_dispute(**refer, why=" ", on=TUESDAY)
    referred = services.refer_dispute(**refer, why="对方一直没有答复", on=TUESDAY)
    assert (referred.status, referred.coordinator) == ("referred", city.bureau)
    assert inbox_of(referred) == [("市大数据局", "协调共享争议")]
    assert not Term.objects.filter(
        case_id=raised.id
    ).exists()  # no text sets a term: no clock, but a next actor


def test_the_opinion_is_accepted_by_both_and_carried_out(city, decided, refused):
    assert decided.status == "decided"
    assert inbox_of(decided) == [("市人社局", "对协调意见表态"), ("市市场监管局", "对协调意见表态")]
    one = services.accept_opinion(actor=city.actor("consumer-approver"), dispute_id=decided.id, on=TUESDAY)
    assert one.status == "decided"
    assert not Grant.objects.exists()
    with pytest.raises(IllegalMove):
        services.accept_opinion(actor=city.actor("consumer-approver"), dispute_id=decided.id, on=TUESDAY)
    done = services.accept_opinion(actor=city.actor("provider-approver"), dispute_id=decided.id, on=TUESDAY)
    assert (done.status, inbox_of(done)) == ("upheld", [])
    assert SharingRequest.objects.get(id=refused.id).status == "approved"
    assert Grant.objects.get().grantee == city.consumer


def test_only_the_coordinating_bureau_decides_with_reason_and_basis(city, referred):
    for who, error in (
        ("stranger", NotFound),
        ("provider-approver", NotAllowed),
        ("bureau-reviewer", NotAllowed),
    ):
        with pytest.raises(error):
            decide(city, referred, by=who)
    with pytest.raises(RuleRefused, match="理由、依据"):
        services.decide_dispute(
            actor=city.actor("bureau-supervisor"), dispute_id=referred.id, result=OPEN, reason="", basis="", on=TUESDAY
        )  # fmt: skip
    decide(city, referred)
    with pytest.raises(IllegalMove):
        decide(city, referred)


@pytest.mark.article("national-2025", "28")
def test_an_objection_goes_to_the_government_whose_decision_is_carried_out(city, decided, refused):
    with pytest.raises(RuleRefused, match="不接受的理由"):
        services.object_to_opinion(
            actor=city.actor("provider-approver"), dispute_id=decided.id, reason="", on=TUESDAY
        )
    up = services.object_to_opinion(
        actor=city.actor("provider-approver"), dispute_id=decided.id, reason="涉及秘密", on=TUESDAY
    )
    assert (up.status, inbox_of(up)) == ("escalated", [("市大数据局", "报请人民政府决定并记录")])
    record = {"actor": city.actor("bureau-supervisor"), "dispute_id": decided.id, "on": TUESDAY}
    with pytest.raises(RuleRefused, match="文号、决定日期"):
        services.record_ruling(**record, result=OPEN, ruling=replace(RULING, number="", decided_on=None))
    later = replace(RULING, decided_on=TUESDAY + timedelta(days=1))
    with pytest.raises(RuleRefused, match="不能晚于今天"):
        services.record_ruling(**record, result=OPEN, ruling=later)
    reopened = Result(Outcome.REOPEN, "重新办理")
    ruled = services.record_ruling(**record, result=reopened, ruling=RULING)
    assert (ruled.status, ruled.ruling_number) == ("ruled", "营政函〔2026〕12号")
    request = SharingRequest.objects.get(id=refused.id)
    assert (request.status, request.answer_reason, request.decision_json) == ("submitted", "", None)
    term = Term.objects.get(case_id=request.id, closed_on=None)
    assert (term.opened_on, term.department) == (TUESDAY, city.provider)
    again = sharing.approve_request(actor=city.actor("provider-approver"), request_id=request.id, on=TUESDAY)
    assert again.status == "approved"


def test_a_suspended_grant_is_resumed_and_an_ended_one_opened_again(city, grant):
    provider, consumer = city.actor("provider-approver"), city.actor("consumer-approver")
    delivery.suspend_grant(actor=provider, grant_id=grant.id, reason="情况不明", on=MONDAY)
    dispute = services.raise_dispute(actor=consumer, grant_id=grant.id, claim="没有违规", on=MONDAY)
    answer(city, dispute, proposal=Result(Outcome.RESUME, "查明没有违规"))
    services.agree(actor=consumer, dispute_id=dispute.id, on=MONDAY)
    assert Grant.objects.get(id=grant.id).state == "active"
    delivery.end_grant(
        actor=consumer, grant_id=grant.id, ground=EndGround.NEEDLESS, reason="不用了", on=MONDAY
    )
    second = services.raise_dispute(actor=consumer, grant_id=grant.id, claim="误操作", on=MONDAY)
    assert second.ground == "ended"
    answer(city, second, proposal=Result(Outcome.OPEN, "重新开通"))
    services.agree(actor=consumer, dispute_id=second.id, on=MONDAY)
    anew = Grant.objects.exclude(id=grant.id).get()
    assert (anew.columns, anew.case_number, anew.state) == (grant.columns, second.number, "active")


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.END, "ended"), (Outcome.SUSPEND, "suspended"), (Outcome.CHANGE, "active")]
)
def test_the_provider_disputes_the_use_and_the_grant_is_ended_suspended_or_changed(
    city, grant, outcome, state
):
    dispute = services.raise_dispute(
        actor=city.actor("provider-approver"), grant_id=grant.id, claim="超出用途", on=MONDAY
    )
    assert (dispute.ground, dispute.raised_by) == ("use", Side.PROVIDER)
    scope = replace(NARROW, daily_quota=None) if outcome is Outcome.CHANGE else None
    answer(city, dispute, by="consumer-approver", proposal=Result(outcome, "照办", scope))
    services.agree(actor=city.actor("provider-approver"), dispute_id=dispute.id, on=MONDAY)
    now = Grant.objects.get(id=grant.id)
    assert now.state == state
    if outcome is Outcome.CHANGE:
        assert now.columns == [{"name": "企业名称", "mask": "none"}]


def test_a_narrowed_grant_is_widened_to_at_most_what_was_asked(city):
    waiting = asked_of(city, city.provider)
    sharing.approve_request(
        actor=city.actor("provider-approver"),
        request_id=waiting.id,
        decided=NARROW,
        reason="只给名称",
        on=MONDAY,
    )
    dispute = raise_about(city, waiting)
    assert dispute.ground == "narrowed"
    answer(city, dispute, proposal=Result(Outcome.CHANGE, "按申请给"))
    services.agree(actor=city.actor("consumer-approver"), dispute_id=dispute.id, on=MONDAY)
    assert [one["name"] for one in Grant.objects.get().columns] == [
        "统一社会信用代码",
        "企业名称",
        "联系电话",
    ]
    assert len(SharingRequest.objects.get(id=waiting.id).decided["items"]) == 3


def test_what_cannot_be_carried_out_is_not_agreed(city, grant):
    provider, consumer = city.actor("provider-approver"), city.actor("consumer-approver")
    delivery.suspend_grant(actor=provider, grant_id=grant.id, reason="情况不明", on=MONDAY)
    dispute = services.raise_dispute(actor=consumer, grant_id=grant.id, claim="没有违规", on=MONDAY)
    answer(city, dispute, proposal=Result(Outcome.RESUME, "恢复"))
    delivery.resume_grant(actor=provider, grant_id=grant.id, note="已查明", on=MONDAY)
    with pytest.raises(IllegalMove):
        services.agree(actor=consumer, dispute_id=dispute.id, on=MONDAY)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.closed_on) == ("negotiating", None)


def test_withdrawn_by_the_raiser_only_until_there_is_an_opinion(city, raised):
    with pytest.raises(RuleRefused, match="只有提出争议的一方"):
        services.withdraw_dispute(
            actor=city.actor("provider-approver"), dispute_id=raised.id, reason="x", on=MONDAY
        )
    gone = services.withdraw_dispute(
        actor=city.actor("consumer-approver"), dispute_id=raised.id, reason="另行申请", on=MONDAY
    )
    assert (gone.status, inbox_of(gone)) == ("withdrawn", [])
    for step in (
        lambda: answer(city, raised),
        lambda: services.refer_dispute(
            actor=city.actor("consumer-approver"), dispute_id=raised.id, why="x", on=TUESDAY
        ),
        lambda: decide(city, raised),
    ):
        with pytest.raises((IllegalMove, NotAllowed)):
            step()


def test_one_with_posts_on_both_sides_says_for_which(city, raised):
    with pytest.raises(InvalidInput, match="代表哪一方"):
        services.speak(actor=PLATFORM, dispute_id=raised.id, text="x", on=MONDAY)
    services.speak(actor=PLATFORM, dispute_id=raised.id, text="x", side=Side.PROVIDER, on=MONDAY)
    assert raised.statements.get().side == Side.PROVIDER
    assert answer(city, raised, by="consumer-approver", proposal=KEEP).statements.count() == 2
