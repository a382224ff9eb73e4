"""Steps of open applications under the three regimes of opening."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import CHINA
from shuqiao.opening.applications import jobs, queries, services
from shuqiao.opening.applications.tests.conftest import UNTIL, draft_of, lines_of, term_of, types_of
from shuqiao.opening.applications.types import Given
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.tests.opened import MONDAY, PLACES, table_in
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import OutgoingMail, OwnCase

NARROW = Given((("企业名称", "none"),), UNTIL, "只用于展示", 6)


def officer(city, place="yingkou"):
    return city.actor(PLACES[place][0])


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
@pytest.mark.parametrize("place", list(PLACES))
def test_from_the_application_to_data_under_an_agreement(city, apply, place):
    made = apply(place)
    assert (made.status, lines_of(made)) == ("submitted", ["答复开放申请"])
    answered = services.agree_application(actor=officer(city, place), application_id=made.id, on=MONDAY)
    assert (answered.status, lines_of(made)) == ("agreed", ["确认开放协议"])
    assert not Grant.objects.exists(), "no access before the agreement"
    services.confirm_agreement(actor=city.actor("citizen"), application_id=made.id, on=MONDAY)
    assert not Grant.objects.exists()
    done = services.confirm_agreement(actor=officer(city, place), application_id=made.id, on=MONDAY)
    assert (done.status, lines_of(made)) == ("opened", [])
    grant = Grant.objects.get()
    assert (grant.party_id, grant.grantee_id, grant.case_id) == (made.party_id, None, made.id)
    assert grant.columns == [
        {"name": "企业名称", "mask": "none"},
        {"name": "地区", "mask": "none"},
        {"name": "联系电话", "mask": "keep_ends"},
    ]
    assert grant.valid_until == UNTIL
    assert types_of(made) == ["submitted", "granted", "signed", "signed", "opened"]
    agreement = done.agreement
    assert agreement.party_by_name == "周公民"
    assert "联系电话（保留首尾）" in agreement.text
    assert OutgoingMail.objects.filter(to="citizen@example.cn").count() == 2


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.parametrize(
    ("place", "on", "due"),
    [
        # Spring Festival 2026: off 15 to 23 February; Saturdays 14 and 28 February are worked.
        ("yingkou", date(2026, 2, 9), date(2026, 2, 28)),
        ("shenyang", date(2026, 2, 9), date(2026, 3, 6)),
        # 28 February 2026, a Saturday, is a make-up day and counts.
        ("yingkou", date(2026, 2, 24), date(2026, 3, 9)),
        # Over the end of the year, without a published calendar: provisional.
        ("yingkou", date(2026, 12, 28), date(2027, 1, 12)),
        ("shenyang", date(2026, 12, 28), date(2027, 1, 19)),
        ("dongchangfu", date(2026, 2, 9), None),
        ("dongchangfu", date(2021, 3, 1), None),
    ],
)
def test_the_clock_of_each_regime(city, apply, place, on, due):
    made = apply(place, on=on, valid_until=on + timedelta(days=300))
    term = term_of(made)
    assert (term.due_on if term else None) == due
    if term and on.year == 2026 and due.year == 2027:
        assert term.provisional
    services.refuse_application(
        actor=officer(city, place), application_id=made.id, reason="涉及商业秘密", ground="某法 第一条", on=on
    )
    if term:
        term.refresh_from_db()
        assert term.closed_on == on, "answered on the spot"


@pytest.mark.article("national-2025", "2")
@pytest.mark.parametrize("on", [date(2025, 7, 31), date(2025, 8, 1)])
def test_the_decree_is_silent_on_opening(city, apply, on):
    made = apply("yingkou", on=on, valid_until=on + timedelta(days=100))
    sources = [str(one.article) for one in term_of(made).clock().rule.considered]
    assert sources == ["yingkou-2022:29"]


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
@pytest.mark.parametrize("place", list(PLACES))
def test_a_no_needs_reasons_and_a_basis(city, apply, place):
    made = apply(place)
    actor = officer(city, place)
    with pytest.raises(RuleRefused, match="理由和依据") as caught:
        services.refuse_application(actor=actor, application_id=made.id, reason="", ground=" ", on=MONDAY)
    assert caught.value.decision.basis
    done = services.refuse_application(
        actor=actor, application_id=made.id, reason="涉及商业秘密", ground="反不正当竞争法 第九条", on=MONDAY
    )
    assert (done.status, lines_of(done)) == ("refused", [])
    assert done.decision().basis
    assert "反不正当竞争法" in OutgoingMail.objects.get().text


def test_one_notice_of_what_is_missing_with_the_clock_paused(city, apply):
    made = apply()
    due = term_of(made).due_on
    actor = officer(city)
    services.ask_supplement(
        actor=actor, application_id=made.id, points=("数据用在哪里", " "), on=date(2026, 3, 3)
    )
    assert (term_of(made).paused, lines_of(made)) == (True, [])
    done = services.supplement_application(
        actor=city.actor("citizen"),
        application_id=made.id,
        draft=draft_of(scenario="手机应用"),
        note="写明了",
        on=date(2026, 3, 10),
    )
    assert (done.status, done.scenario, lines_of(made)) == ("submitted", "手机应用", ["答复开放申请"])
    assert term_of(made).due_on > due
    with pytest.raises(RuleRefused, match="只能要求一次"):
        services.ask_supplement(actor=actor, application_id=made.id, points=("再来",), on=date(2026, 3, 11))


def test_a_narrower_yes_says_why_and_never_goes_beyond_what_was_asked(city, apply):
    made = apply()
    actor = officer(city)
    cases = (
        (NARROW, "", "较小范围"),
        (replace(NARROW, items=(("统一社会信用代码", "none"),)), "可", "没有申请"),
        (replace(NARROW, items=(("联系电话", "none"),)), "可", "脱敏"),
        (replace(NARROW, valid_until=UNTIL + timedelta(days=1)), "可", "期限比申请的长"),
        (replace(NARROW, items=()), "可", "至少给一个"),
        (replace(NARROW, valid_until=MONDAY), "可", "晚于今天"),
        (replace(NARROW, follow_up_months=60), "可", "个月跟踪一次"),
    )
    for given, reason, said in cases:
        with pytest.raises(RuleRefused, match=said):
            services.agree_application(
                actor=actor, application_id=made.id, given=given, reason=reason, on=MONDAY
            )
    done = services.agree_application(
        actor=actor, application_id=made.id, given=NARROW, reason="电话不必要", on=MONDAY
    )
    assert done.given() == NARROW
    assert "只用于展示" in done.agreement.text


def test_everything_missing_is_named_at_once(city, apply):
    with pytest.raises(RuleRefused) as caught:
        apply(items=(), purpose=" ", scenario="", safeguards="", valid_until=None)
    for word in ("信息项", "用途", "使用场景", "安全保障", "使用期限"):
        assert word in str(caught.value)
    with pytest.raises(InvalidInput) as wrong:
        apply(purpose="长" * 301, items=("地区", "地区"), purpose_kind="fun")
    assert len(wrong.value.problems) == 3
    with pytest.raises(RuleRefused, match="不在开放范围"):
        apply(items=("住址",))
    with pytest.raises(RuleRefused, match="晚于今天"):
        apply(valid_until=MONDAY)


@pytest.mark.article("yingkou-2022", "28")
def test_only_what_is_open_on_application_and_reviewed_is_applied_for(city, party):
    def ask(table):
        services.submit_application(
            actor=city.actor("citizen"), entry_id=table.entry_id, draft=draft_of(), on=MONDAY
        )

    unreviewed = table_in(city)
    with pytest.raises(RuleRefused, match="开放前的审查"):
        ask(unreviewed)
    with pytest.raises(RuleRefused, match="无需申请"):
        ask(table_in(city, opening="unconditional"))
    with pytest.raises(RuleRefused, match="不予开放"):
        ask(table_in(city, opening="closed", opening_basis="保密法", opening_basis_level="law"))


@pytest.mark.article("dongchangfu-2020", "25")
def test_dongchangfu_knows_kinds_of_purpose(city, apply):
    with pytest.raises(RuleRefused, match="用途的类别须为"):
        apply("dongchangfu", purpose_kind="general")
    with pytest.raises(RuleRefused, match="用途的类别须为"):
        apply("yingkou", purpose_kind="innovation")
    for kind in ("innovation", "governance", "service"):
        assert apply("dongchangfu", purpose_kind=kind).purpose_kind == kind


@pytest.mark.article("dongchangfu-2020", "25")
def test_research_is_for_institutes_and_the_public_good(city, apply):
    make_party(city, "organisation", "college")
    with pytest.raises(RuleRefused, match="高等院校"):
        apply("dongchangfu", purpose_kind="research", public_benefit=True)
    with pytest.raises(RuleRefused, match="公益"):
        apply("dongchangfu", purpose_kind="research", who="college")
    made = apply("dongchangfu", purpose_kind="research", who="college", public_benefit=True)
    services.agree_application(actor=officer(city, "dongchangfu"), application_id=made.id, on=MONDAY)
    made.refresh_from_db()
    assert "公益性活动" in made.agreement.text


@pytest.mark.article("dongchangfu-2020", "25")
def test_commercial_use_needs_a_recorded_open_competition(city, apply):
    firm = make_party(city, "legal_person", "firm")
    with pytest.raises(RuleRefused, match="公开招标"):
        apply("dongchangfu", purpose_kind="commercial", who="firm")
    entry = OpenApplication(entry_id=apply("dongchangfu").entry_id)
    values = {"number": "东招〔2026〕3号", "method": "公开招标", "held_on": MONDAY, "winner_id": firm.id}
    with pytest.raises(NotAllowed):
        services.record_competition(actor=officer(city), entry_id=entry.entry_id, on=MONDAY, **values)
    actor = officer(city, "dongchangfu")
    with pytest.raises(InvalidInput) as caught:
        services.record_competition(
            actor=actor, entry_id=entry.entry_id, on=MONDAY, number="", method="",
            held_on=MONDAY + timedelta(days=1), winner_id=firm.id,
        )  # fmt: skip
    assert len(caught.value.problems) == 3
    won = services.record_competition(actor=actor, entry_id=entry.entry_id, on=MONDAY, **values)
    made = apply("dongchangfu", purpose_kind="commercial", who="firm")
    assert made.competition == won
    with pytest.raises(InvalidInput, match="已经登记"):
        services.record_competition(actor=actor, entry_id=entry.entry_id, on=MONDAY, **values)
    with pytest.raises(RuleRefused, match="公开招标"):
        apply("dongchangfu", purpose_kind="commercial")


def test_who_may_what(city, apply):
    made = apply()
    make_party(city, "person", "neighbour")
    with pytest.raises(NotFound):
        queries.get_application_for(city.actor("neighbour"), made.id)
    with pytest.raises(NotFound):
        services.agree_application(actor=city.actor("stranger"), application_id=made.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.agree_application(actor=city.actor("bureau-reviewer"), application_id=made.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.agree_application(actor=city.actor("citizen"), application_id=made.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.withdraw_application(actor=officer(city), application_id=made.id, reason="x", on=MONDAY)
    with pytest.raises(NotAllowed):
        services.submit_application(
            actor=city.actor("stranger"), entry_id=made.entry_id, draft=draft_of(), on=MONDAY
        )
    services.agree_application(actor=officer(city), application_id=made.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.confirm_agreement(actor=city.actor("bureau-reviewer"), application_id=made.id, on=MONDAY)


def test_twice(city, apply):
    made = apply()
    services.agree_application(actor=officer(city), application_id=made.id, on=MONDAY)
    for step in (services.agree_application,):
        with pytest.raises(IllegalMove):
            step(actor=officer(city), application_id=made.id, on=MONDAY)
    services.confirm_agreement(actor=officer(city), application_id=made.id, on=MONDAY)
    with pytest.raises(RuleRefused, match="已经确认"):
        services.confirm_agreement(actor=officer(city), application_id=made.id, on=MONDAY)
    services.confirm_agreement(actor=city.actor("citizen"), application_id=made.id, on=MONDAY)
    with pytest.raises(IllegalMove):
        services.confirm_agreement(actor=city.actor("citizen"), application_id=made.id, on=MONDAY)
    assert Grant.objects.count() == 1


def test_an_agreement_opens_nothing_that_is_no_longer_offered(city, apply):
    from shuqiao.opening.models import OpeningReview
    from shuqiao.opening.review.services import stop_opening

    made = apply()
    services.agree_application(actor=officer(city), application_id=made.id, on=MONDAY)
    review = OpeningReview.objects.get(status="opened")
    stop_opening(actor=officer(city), review_id=review.id, reason="停", ground="某法", on=MONDAY)
    with pytest.raises(RuleRefused, match="开放已经停止"):
        services.confirm_agreement(actor=officer(city), application_id=made.id, on=MONDAY)
    done = services.withdraw_application(
        actor=city.actor("citizen"), application_id=made.id, reason="不再需要", on=MONDAY
    )
    assert (done.status, lines_of(made)) == ("withdrawn", [])


@pytest.mark.article("dongchangfu-2020", "25")
def test_use_is_followed_up_at_intervals(city, opened_application):
    made = opened_application("dongchangfu")
    assert made.next_follow_up_on == date(2026, 9, 2)
    assert jobs.ask_for_use(datetime(2026, 9, 1, 12, tzinfo=CHINA)) == 0
    noon = datetime(2026, 9, 2, 12, tzinfo=CHINA)
    assert jobs.ask_for_use(noon) == 1
    assert jobs.ask_for_use(noon) == 0, "once"
    assert lines_of(made) == ["跟踪利用情况"]
    citizen = city.actor("citizen")
    with pytest.raises(RuleRefused, match="利用情况"):
        services.report_use(actor=citizen, application_id=made.id, usage=" ", on=noon.date())
    with pytest.raises(InvalidInput, match="来源和获取日期"):
        services.report_use(
            actor=citizen, application_id=made.id, usage="地图", products="城市地图", on=noon.date()
        )
    report = services.report_use(
        actor=citizen, application_id=made.id, usage="地图", products="城市地图", cited=True, on=noon.date()
    )
    assert (report.number, lines_of(made)) == (1, ["查阅利用情况"])
    services.mark_use_seen(actor=officer(city, "dongchangfu"), application_id=made.id, on=noon.date())
    assert lines_of(made) == []
    with pytest.raises(IllegalMove):
        services.mark_use_seen(actor=officer(city, "dongchangfu"), application_id=made.id, on=noon.date())
    made.refresh_from_db()
    assert made.next_follow_up_on == date(2027, 3, 2)
    assert types_of(made)[-3:] == ["followed_up", "use_reported", "followed_up"]


@pytest.mark.article("dongchangfu-2020", "25")
def test_breach_takes_the_data_back(city, opened_application):
    made = opened_application("dongchangfu")
    actor = officer(city, "dongchangfu")
    with pytest.raises(RuleRefused, match="写明"):
        services.revoke_application(actor=actor, application_id=made.id, breach="转售", ground="", on=MONDAY)
    done = services.revoke_application(
        actor=actor, application_id=made.id, breach="转售给第三方", ground="协议第五条第一项", on=MONDAY
    )
    assert (done.status, lines_of(done)) == ("revoked", [])
    grant = Grant.objects.get()
    assert (grant.state, grant.state_reason) == ("ended", "转售给第三方")
    assert grant.state_basis == ["dongchangfu-2020:25"]
    with pytest.raises(IllegalMove):
        services.revoke_application(actor=actor, application_id=made.id, breach="x", ground="y", on=MONDAY)


def test_agreements_end_with_their_last_day(city, opened_application):
    made = opened_application()
    assert jobs.end_applications(datetime(2027, 3, 1, 12, tzinfo=CHINA)) == 0
    after = datetime(2027, 3, 2, 0, 30, tzinfo=CHINA)
    assert jobs.end_applications(after) == 1
    assert jobs.end_applications(after) == 0
    made.refresh_from_db()
    assert (made.status, lines_of(made)) == ("ended", [])


def test_number_and_code_belong_to_the_applicant(city, apply):
    made = apply()
    own = OwnCase.objects.get()
    assert (own.case_number, own.party_id) == (made.number, made.party_id)
