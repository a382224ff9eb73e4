"""Steps of a demand: each works, and is refused to strangers, to the wrong hands, by the rule, and twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services as catalog
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, RuleRefused
from shuqiao.kernel.time import CHINA
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.sharing.demands import jobs, queries, services, telling
from shuqiao.sharing.demands.tests.conftest import MONDAY, TUESDAY, WANTED, accept, assign, post
from shuqiao.sharing.demands.types import NoFacts, NoKind
from shuqiao.sharing.models import Demand

NO = NoFacts(NoKind.NOT_HELD, "健康证明由卫生部门掌握", "食品安全法 第四十五条", BasisLevel.LAW)


def inbox_of(demand) -> list[tuple[str, str]]:
    rows = InboxItem.objects.filter(case_id=demand.id, done_at=None).select_related("department")
    return sorted((row.department.short_name, row.action) for row in rows)


def events_of(demand) -> list[str]:
    found = Event.objects.filter(case_id=demand.id).order_by("id").values_list("type", flat=True)
    return [one.removeprefix("sharing.demand.") for one in found]


def told(demand, department) -> list[str]:
    return list(
        Notice.objects.filter(case_id=demand.id, department=department)
        .order_by("at")
        .values_list("text", flat=True)
    )


@pytest.mark.article("yingkou-2022", "4")
@pytest.mark.article("shenyang-2020", "6")
def test_posted_assigned_promised_and_met_when_the_entry_is_published(city, posted):
    assert posted.number.startswith("营数需〔2026〕")
    assert inbox_of(posted) == [("市大数据局", "分办数据需求")]
    assign(city, posted)
    assert inbox_of(posted) == [("市市场监管局", "答复数据需求")]
    assert not Term.objects.filter(
        case_id=posted.id
    ).exists()  # no text sets a term: no clock, but a next actor
    accept(city, posted)
    assert inbox_of(posted) == [("市市场监管局", "按承诺编目")]
    draft = entries.draft(city, title="健康证明")
    linked = services.link_entry(
        actor=city.actor("provider-cataloguer"), demand_id=posted.id, entry_id=draft.entry_id, on=TUESDAY
    )
    assert linked.status == "accepted"
    at = datetime(2026, 11, 24, 9, tzinfo=CHINA)
    assert jobs.follow_demands(at) == 0
    catalog.submit_revision(actor=city.actor("provider-approver"), revision_id=draft.id, on=TUESDAY)
    catalog.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=draft.id, on=TUESDAY)
    assert jobs.follow_demands(at) == 1
    assert jobs.follow_demands(at) == 0
    posted.refresh_from_db()
    assert (posted.status, posted.closed_on, inbox_of(posted)) == ("met", TUESDAY, [])
    assert "已有目录条目" in told(posted, city.consumer)[-1]
    assert events_of(posted) == ["posted", "assigned", "accepted", "linked", "met"]


def test_what_is_missing_is_named_at_once_and_the_same_is_not_posted_twice(city, posted):
    with pytest.raises(RuleRefused, match="名称、需要的信息项、用途"):
        post(city, replace(WANTED, title=" ", items=(), purpose=""))
    with pytest.raises(RuleRefused, match="已经提出同名需求"):
        post(city)
    assert post(city, by="stranger").department == city.other
    with pytest.raises(NotAllowed):
        services.post_demand(
            actor=city.actor("stranger"), department_id=city.consumer.id, wanted=WANTED, on=MONDAY
        )
    with pytest.raises(InvalidInput, match="最多 200 个字"):
        post(city, replace(WANTED, title="长" * 201))


def test_what_the_catalogue_has_is_asked_for_there_unless_it_will_not_do(city):
    entry = entries.published(city, title="企业登记信息")
    wanted = replace(WANTED, title="企业名录", items=("企业名称", "地区"))
    found = queries.already_there(city.actor("consumer-approver"), "210800", wanted)
    assert [(one.entry, one.items) for one in found] == [(str(entry.id), ("企业名称", "地区"))]
    with pytest.raises(RuleRefused, match="目录中已有“企业登记信息”"):
        post(city, wanted)
    kept = post(city, replace(wanted, not_enough="只有本市，需要全省"))
    assert kept.found[0]["title"] == "企业登记信息"
    met = services.meet_with_entry(
        actor=city.actor("bureau-reviewer"), demand_id=kept.id, entry_id=entry.id, note="就用它", on=MONDAY
    )
    assert (met.status, met.entry_id) == ("met", entry.id)


def test_only_the_bureau_assigns_and_only_downwards(city, posted):
    for who in ("stranger", "consumer-approver", "shenyang-bureau"):
        with pytest.raises(NotAllowed):
            services.assign_demand(
                actor=city.actor(who), demand_id=posted.id, department_id=city.provider.id, on=MONDAY
            )
    with pytest.raises(InvalidInput, match="本级或下级"):
        assign(city, posted, to="shenyang_provider")
    with pytest.raises(InvalidInput, match="不能分给提出"):
        assign(city, posted, to="consumer")
    assign(city, posted)
    with pytest.raises(IllegalMove):
        assign(city, posted, to="other")


def test_not_ours_once(city, assigned):
    give_back = {"demand_id": assigned.id, "reason": "卫健部门的职责", "on": MONDAY}
    with pytest.raises(NotAllowed):
        services.return_demand(actor=city.actor("stranger"), **give_back)
    with pytest.raises(RuleRefused, match="不是本部门的职责"):
        services.return_demand(actor=city.actor("provider-approver"), **(give_back | {"reason": ""}))
    back = services.return_demand(actor=city.actor("provider-approver"), **give_back)
    assert (back.status, back.returned_by, back.assigned_to) == ("posted", city.provider, None)
    assert inbox_of(back) == [("市大数据局", "分办数据需求")]
    with pytest.raises(RuleRefused, match="仍分给它的须写明理由"):
        assign(city, assigned)
    assign(city, assigned, note="三定方案第五条")
    with pytest.raises(RuleRefused, match="已经退回过一次"):
        services.return_demand(actor=city.actor("provider-approver"), **give_back)


@pytest.mark.article("yingkou-2022", "17")
@pytest.mark.article("national-2025", "15")
def test_a_no_has_kind_reason_basis_and_where_it_is_closed_a_sufficient_level(city, assigned):
    refuse = {"actor": city.actor("provider-approver"), "demand_id": assigned.id, "on": MONDAY}
    with pytest.raises(RuleRefused, match="类别、理由、依据、依据的层级"):
        services.refuse_demand(**refuse, no=NoFacts(None, "", "", None))
    with pytest.raises(RuleRefused, match="规章不足以作为不予共享的依据"):
        services.refuse_demand(**refuse, no=replace(NO, kind=NoKind.CLOSED, level=BasisLevel.RULE))
    refused = services.refuse_demand(**refuse, no=NO)
    assert (refused.status, refused.answer_basis, inbox_of(refused)) == (
        "refused",
        "食品安全法 第四十五条",
        [],
    )
    assert "不能满足：健康证明由卫生部门掌握" in told(refused, city.consumer)[-1]
    with pytest.raises(IllegalMove):
        services.refuse_demand(**refuse, no=NO)
    with pytest.raises(NotAllowed):
        services.refuse_demand(actor=city.actor("consumer-approver"), demand_id=assigned.id, no=NO, on=MONDAY)


def test_a_promise_has_a_day_is_followed_and_told_late_once(city, assigned):
    for until, said in ((None, "哪一天之前"), (MONDAY - timedelta(days=1), "不能早于今天")):
        with pytest.raises(RuleRefused, match=said):
            services.accept_demand(
                actor=city.actor("provider-approver"), demand_id=assigned.id, promised_on=until, on=MONDAY
            )
    accept(city, assigned, until=TUESDAY)
    wednesday = datetime(2026, 11, 25, 9, tzinfo=CHINA)
    assert jobs.remind_promises(datetime(2026, 11, 24, 9, tzinfo=CHINA)) == 0
    assert jobs.remind_promises(wednesday) == 1
    assert jobs.remind_promises(wednesday) == 0
    assert "已过期" in told(assigned, city.bureau)[-1]
    bureau = city.actor("bureau-reviewer")
    late = queries.list_demands_for(bureau, {"which": "late"}, on=wednesday.date())
    assert [one.id for one in late] == [assigned.id]
    figures = queries.statistics_for(bureau, on=wednesday.date())
    assert (figures["late"], figures["promised"], figures["kept"], figures["days"]) == (1, 1, 0, None)
    services.refuse_demand(
        actor=city.actor("provider-approver"),
        demand_id=assigned.id,
        no=replace(NO, kind=NoKind.NOT_FEASIBLE),
        on=wednesday.date(),
    )
    assert queries.statistics_for(bureau, on=wednesday.date())["days"] == 2


def test_an_entry_is_begun_from_the_demand_and_must_be_the_departments_own(city, accepted):
    strange = entries.published(city, title="别的")
    Entry.objects.filter(id=strange.id).update(department=city.other)
    with pytest.raises(InvalidInput, match="自己的条目"):
        services.link_entry(
            actor=city.actor("provider-approver"), demand_id=accepted.id, entry_id=strange.id, on=MONDAY
        )
    with pytest.raises(NotAllowed):
        services.start_entry(actor=city.actor("provider-approver"), demand_id=accepted.id, on=MONDAY)
    services.start_entry(actor=city.actor("provider-cataloguer"), demand_id=accepted.id, on=MONDAY)
    accepted.refresh_from_db()
    draft = Revision.objects.get(entry=accepted.entry_id)
    assert (draft.title, [item.name for item in draft.items.all()]) == (WANTED.title, list(WANTED.items))
    assert accepted.status == "accepted"
    second = assign(city, post(city, replace(WANTED, title="第二项")))
    with pytest.raises(RuleRefused, match="发布之后"):
        services.meet_with_entry(
            actor=city.actor("provider-approver"), demand_id=second.id, entry_id=draft.entry_id, on=MONDAY
        )


def test_others_join_are_counted_and_told(city, posted):
    join = {"demand_id": posted.id, "on": MONDAY}
    services.support_demand(
        actor=city.actor("stranger"), department_id=city.other.id, note="入学体检", **join
    )
    with pytest.raises(RuleRefused, match="已经表示需要"):
        services.support_demand(actor=city.actor("stranger"), department_id=city.other.id, **join)
    with pytest.raises(RuleRefused, match="本部门提出的需求"):
        services.support_demand(actor=city.actor("consumer-approver"), department_id=city.consumer.id, **join)
    with pytest.raises(NotAllowed):
        services.support_demand(actor=city.actor("stranger"), department_id=city.provider.id, **join)
    listed = queries.list_demands_for(city.actor("stranger"), {"which": "supported"}, on=MONDAY)
    assert [one.also for one in listed] == [1]
    assign(city, posted)
    assert told(posted, city.other) == ["已分办给营口市市场监督管理局：餐饮从业人员健康证明"]
    provider = city.actor("provider-approver")
    with pytest.raises(RuleRefused, match="由本部门答复"):
        services.support_demand(actor=provider, department_id=city.provider.id, **join)
    posted.refresh_from_db()
    assert "support" not in {act.name for act in telling.acts_for(provider, posted, MONDAY)}


def test_a_duplicate_is_merged_keeps_its_number_and_its_followers(city, posted):
    twin = post(city, replace(WANTED, title="健康证"), by="stranger")
    services.support_demand(
        actor=city.actor("provider-approver"), demand_id=twin.id, department_id=city.provider.id, on=MONDAY
    )
    merge = {"actor": city.actor("bureau-reviewer"), "on": MONDAY}
    with pytest.raises(RuleRefused, match="并入自己"):
        services.merge_demand(**merge, demand_id=twin.id, into_id=twin.id)
    with pytest.raises(NotAllowed):
        services.merge_demand(actor=city.actor("stranger"), demand_id=twin.id, into_id=posted.id, on=MONDAY)
    services.merge_demand(**merge, demand_id=twin.id, into_id=posted.id)
    twin.refresh_from_db()
    assert (twin.status, twin.merged_into, inbox_of(twin)) == ("merged", posted, [])
    joined = {(one.department, one.came_from) for one in queries.supporters_of(posted)}
    assert joined == {(city.other, twin), (city.provider, twin)}
    assert posted.number in told(twin, city.other)[-1]
    with pytest.raises(RuleRefused, match="正在办理的需求"):
        services.merge_demand(**merge, demand_id=posted.id, into_id=twin.id)
    with pytest.raises(IllegalMove):
        services.merge_demand(**merge, demand_id=twin.id, into_id=posted.id)


def test_withdrawn_by_whoever_posted_it(city, posted):
    leave = {"demand_id": posted.id, "reason": "已经拿到", "on": MONDAY}
    with pytest.raises(NotAllowed):
        services.withdraw_demand(actor=city.actor("stranger"), **leave)
    with pytest.raises(RuleRefused, match="撤回的原因"):
        services.withdraw_demand(actor=city.actor("consumer-approver"), **(leave | {"reason": " "}))
    services.withdraw_demand(actor=city.actor("consumer-cataloguer"), **leave)
    assert inbox_of(posted) == []
    with pytest.raises(IllegalMove):
        assign(city, posted)
    assert post(city).id != posted.id  # the title is free again


def test_the_public_asks_through_the_bureau_and_finds_it_again_by_number_and_code(city):
    wanted = replace(WANTED, title="公厕位置")
    public = {"wanted": wanted, "division": "210800", "on": MONDAY}
    with pytest.raises(NotAllowed):
        services.post_demand(actor=city.actor("stranger"), from_public="市民", **public)
    with pytest.raises(InvalidInput, match="是谁提出的"):
        services.post_demand(actor=PLATFORM, **public)
    demand = services.post_demand(actor=PLATFORM, from_public="市民，意见 3 号", code="K7Q2", **public)
    assert (demand.department, demand.wanted_by()) == (None, "市民，意见 3 号")
    assert queries.get_public_demand(demand.number, "K7Q2") == demand
    assert queries.get_public_demand(demand.number, "") is None
    assert queries.get_public_demand(demand.number, "other") is None
    assign(city, demand, to="consumer")
    services.withdraw_demand(
        actor=city.actor("bureau-reviewer"), demand_id=demand.id, reason="市民撤回", on=MONDAY
    )
    assert Demand.objects.get().status == "withdrawn"


def test_an_entry_that_has_gone_answers_no_demand(city, assigned):
    entry = entries.published(city, title="健康证明")
    catalog.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=entry.id, reason="职责取消", on=MONDAY
    )
    with pytest.raises(RuleRefused, match="请另选仍在目录中的条目") as refused:
        services.meet_with_entry(
            actor=city.actor("provider-approver"), demand_id=assigned.id, entry_id=entry.id, on=MONDAY
        )
    assert refused.value.decision.basis
