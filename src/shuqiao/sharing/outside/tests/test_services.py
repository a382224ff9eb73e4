"""A body outside government applies, the provider consents, both sides confirm, and only then is there access."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services as catalog
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.delivery.types import EndGround
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import in_chinese, today
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import OutgoingMail, OwnCase
from shuqiao.sharing.outside import jobs, services, telling
from shuqiao.sharing.outside.tests.conftest import (
    APPROVER,
    COMPANY,
    MONDAY,
    OFFICER,
    UNTIL,
    agree,
    confirm,
    consent,
    consult,
    draft_of,
    lines_of,
    types_of,
)
from shuqiao.sharing.outside.types import Consent
from shuqiao.sharing.types import Scope

pytestmark = pytest.mark.article("dongchangfu-2020", "20")


def acts(city, who, case) -> set[str]:
    case.refresh_from_db()
    return {act.name for act in telling.acts_for(city.actor(who), case, MONDAY) if act.decision.allowed}


def test_from_the_first_step_to_the_last(city, apply):
    case = apply()
    assert lines_of(case) == ["审查机关以外单位的申请"]
    assert OwnCase.objects.get(case_id=case.id).case_url == f"/open/sharing/{case.id}/"
    consult(city, case)
    assert lines_of(case) == ["答复主管部门的征求意见"]
    consent(city, case)
    agree(city, case, conditions="不得用于营销")
    assert not Grant.objects.exists(), "no access before both have confirmed"
    confirm(city, case, OFFICER)
    assert not Grant.objects.exists()
    case = confirm(city, case, COMPANY)
    grant = Grant.objects.get()
    assert (case.status, grant.party_id, grant.case_id) == ("opened", case.party_id, case.id)
    assert grant.columns == [
        {"name": "企业名称", "mask": "none"},
        {"name": "联系电话", "mask": "keep_ends"},
    ]
    assert (grant.valid_until, grant.modes) == (UNTIL, ["interface"])
    assert grant.conditions == ["不得用于营销"]
    assert lines_of(case) == []
    assert types_of(case) == [
        "submitted", "consulted", "consented", "approved", "signed", "signed", "opened",
    ]  # fmt: skip


def test_the_agreement_is_frozen_and_says_everything(city, agreed):
    text = agreed.agreement.text
    for part in (
        agreed.number,
        "企业信用核验",
        "两人可见",
        "2027年3月1日",
        "东昌府办法 第二十条",
        "outside-use-1",
    ):
        assert part in text
    confirm(city, agreed, COMPANY)
    agreed.agreement.refresh_from_db()
    assert agreed.agreement.text == text
    assert agreed.agreement.party_by_name == city.user(COMPANY).name
    assert agreed.agreement.party_at is not None


def test_each_side_confirms_once_and_nobody_for_the_other(city, agreed):
    confirm(city, agreed, COMPANY)
    with pytest.raises(RuleRefused, match="已经确认过"):
        confirm(city, agreed, COMPANY)
    with pytest.raises(NotAllowed):
        confirm(city, agreed, APPROVER)
    with pytest.raises(NotFound):
        confirm(city, agreed, "bureau-reviewer")


@pytest.mark.parametrize(("place", "article"), [("yingkou", "yingkou-2022"), ("shenyang", "shenyang-2020")])
def test_where_the_texts_are_silent_there_is_no_such_way(city, apply, place, article):
    provider = city.provider if place == "yingkou" else city.shenyang_provider
    table = make_table(make_entry(provider))
    with pytest.raises(RuleRefused, match="在开放平台申请开放") as refused:
        apply(of=table)
    assert refused.value.decision.basis[0].pack == article, "it shows the way that there is"


@pytest.mark.article("national-2025", "20")
@pytest.mark.parametrize("on", [date(2025, 7, 31), date(2025, 8, 1), date(2026, 2, 13), date(2026, 12, 31)])
def test_the_decree_changes_nothing_for_bodies_outside(apply, on):
    assert apply(on=on).status == "submitted"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario": " "}, "使用场景"),
        ({"safeguards": ""}, "安全保障措施"),
        ({"items": ()}, "信息项"),
        ({"modes": ()}, "共享方式"),
        ({"valid_until": MONDAY}, "晚于今天"),
        ({"modes": ("batch",)}, "超出目录条目"),
        ({"items": (("企业名称", "blur"),)}, "不能这样脱敏"),
    ],
)
def test_what_is_missing_or_too_much_is_refused(apply, changes, words):
    with pytest.raises(RuleRefused, match=words) as refused:
        apply(**changes)
    assert refused.value.decision.basis


def test_a_person_an_unknown_column_and_what_is_not_shared(city, apply, table):
    make_party(city, "person", "citizen")
    with pytest.raises(RuleRefused, match="由单位申请"):
        services.submit_outside(
            actor=city.actor("citizen"), entry_id=table.entry_id, draft=draft_of(), on=MONDAY
        )
    with pytest.raises(NotAllowed):
        services.submit_outside(
            actor=city.actor("stranger"), entry_id=table.entry_id, draft=draft_of(), on=MONDAY
        )
    with pytest.raises(InvalidInput, match="没有"):
        apply(items=(("身份证号", "none"),))
    closed = make_table(make_entry(city.dongchangfu_provider, sharing="none"))
    with pytest.raises(RuleRefused, match="不予共享"):
        apply(of=closed)


def test_one_supplement_and_the_application_goes_on(city, apply):
    case, officer = apply(), city.actor(OFFICER)
    services.ask_supplement(actor=officer, request_id=case.id, points=("写明存放地点",), on=MONDAY)
    assert lines_of(case) == []
    assert acts(city, COMPANY, case) == {"supplement", "withdraw"}
    services.supplement_outside(
        actor=city.actor(COMPANY),
        request_id=case.id,
        draft=draft_of(scenario="柜面"),
        note="补充了",
        on=MONDAY,
    )
    case.refresh_from_db()
    assert (case.status, case.scenario) == ("submitted", "柜面")
    with pytest.raises(RuleRefused, match="只能要求一次"):
        services.ask_supplement(actor=officer, request_id=case.id, points=("再来",), on=MONDAY)


def test_without_the_providers_consent_there_is_only_a_no(city, apply):
    case = consult(city, apply())
    with pytest.raises(RuleRefused, match="写明理由"):
        consent(city, case, Consent.NO)
    consent(city, case, Consent.NO, "数据敏感，场景不足")
    with pytest.raises(RuleRefused, match="没有同意"):
        agree(city, case)
    with pytest.raises(RuleRefused, match="依据"):
        services.refuse_outside(
            actor=city.actor(OFFICER), request_id=case.id, reason="提供部门不同意", ground="", on=MONDAY
        )
    done = services.refuse_outside(
        actor=city.actor(OFFICER), request_id=case.id, reason="提供部门不同意", ground="某办法", on=MONDAY
    )
    assert done.status == "refused"
    assert done.decision().basis
    assert OutgoingMail.objects.filter(subject__startswith="未同意使用申请").exists()
    with pytest.raises(IllegalMove):
        agree(city, case)


def test_a_yes_is_never_wider_and_less_needs_a_reason(city, decided):
    wider = Scope((("企业名称", "none"), ("地区", "none")), (), ("interface",), UNTIL)
    with pytest.raises(RuleRefused, match="不能超出申请"):
        agree(city, decided, given=wider)
    longer = Scope((("企业名称", "none"),), (), ("interface",), UNTIL + timedelta(days=1))
    with pytest.raises(RuleRefused, match="时限"):
        agree(city, decided, given=longer)
    less = Scope((("企业名称", "none"),), (), ("interface",), UNTIL)
    with pytest.raises(RuleRefused, match="写明理由"):
        agree(city, decided, given=less)
    assert agree(city, decided, given=less, reason="够用").given().items == (("企业名称", "none"),)


def test_the_provider_sees_it_only_when_asked(city, apply):
    case = apply()
    with pytest.raises(NotFound):
        consent(city, case)
    consult(city, case)
    assert consent(city, case).consent == "yes"
    with pytest.raises(NotAllowed):
        services.refuse_outside(
            actor=city.actor(APPROVER), request_id=case.id, reason="不", ground="某法", on=MONDAY
        )


def test_a_breach_ends_access_at_once(city, opened):
    with pytest.raises(RuleRefused, match="依据"):
        services.revoke_outside(
            actor=city.actor(OFFICER), request_id=opened.id, breach="转售", ground="", on=MONDAY
        )
    done = services.revoke_outside(
        actor=city.actor(OFFICER), request_id=opened.id, breach="转售", ground="协议第五条", on=MONDAY
    )
    assert (done.status, Grant.objects.get().state) == ("revoked", "ended")
    assert acts(city, OFFICER, done) == set()


@pytest.mark.parametrize("by_grant", [False, True])
def test_the_case_ends_with_its_agreement_or_its_grant(opened, by_grant):
    on = MONDAY if by_grant else UNTIL + timedelta(days=1)
    if by_grant:
        delivery.end_grant(
            actor=PLATFORM, grant_id=Grant.objects.get().id, ground=EndGround.NEEDLESS, reason="不用了", on=on
        )
    moment = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    assert jobs.end_agreements(moment) == 1
    assert jobs.end_agreements(moment) == 0
    opened.refresh_from_db()
    assert opened.status == "ended"
    assert opened.end_reason


def test_what_is_no_longer_offered_cannot_be_confirmed_and_the_yes_falls(city, agreed):
    entry = agreed.entry
    entry.published.sharing_type = "none"
    entry.published.save()
    with pytest.raises(RuleRefused, match="有变化"):
        confirm(city, agreed, COMPANY)
    done = services.refuse_outside(
        actor=city.actor(OFFICER), request_id=agreed.id, reason="条目已不予共享", ground="目录", on=MONDAY
    )
    assert done.status == "refused"
    assert not lines_of(done)


def test_withdrawn_until_it_is_open(city, agreed):
    with pytest.raises(RuleRefused, match="原因"):
        services.withdraw_outside(actor=city.actor(COMPANY), request_id=agreed.id, reason="", on=MONDAY)
    services.withdraw_outside(actor=city.actor(COMPANY), request_id=agreed.id, reason="不需要", on=MONDAY)
    with pytest.raises(IllegalMove):
        confirm(city, agreed, COMPANY)


def test_what_has_left_the_catalogue_is_not_completed(city, apply):
    case = apply()
    catalog.withdraw_entry(actor=city.actor(APPROVER), entry_id=case.entry_id, reason="职责取消", on=MONDAY)
    said = f"目录条目已于{in_chinese(today())}撤下（职责取消）"
    told = {act.name: act.decision for act in telling.acts_for(city.actor(OFFICER), case, MONDAY)}
    assert told["consult"].basis
    assert said in told["consult"].reason
    assert acts(city, OFFICER, case) == {"refuse"}
    assert acts(city, COMPANY, case) == {"withdraw"}
    with pytest.raises(RuleRefused):
        services.ask_supplement(actor=city.actor(OFFICER), request_id=case.id, points=("证明",), on=MONDAY)


def test_a_supplement_of_what_has_gone_is_no_longer_awaited(city, apply):
    case = apply()
    officer = {"actor": city.actor(OFFICER), "request_id": case.id, "on": MONDAY}
    services.ask_supplement(points=("证明",), **officer)
    assert "refuse" not in acts(city, OFFICER, case)
    with pytest.raises(RuleRefused, match="补正之后再答复"):
        services.refuse_outside(reason="不宜", ground="某法", **officer)
    catalog.withdraw_entry(actor=city.actor(APPROVER), entry_id=case.entry_id, reason="职责取消", on=MONDAY)
    with pytest.raises(RuleRefused, match="撤下（职责取消）"):
        services.supplement_outside(
            actor=city.actor(COMPANY), request_id=case.id, draft=draft_of(), note="有了", on=MONDAY
        )
    assert acts(city, OFFICER, case) == {"refuse"}
    done = services.refuse_outside(reason="条目已撤下", ground="目录", **officer)
    assert done.status == "refused"
    assert not lines_of(done)
