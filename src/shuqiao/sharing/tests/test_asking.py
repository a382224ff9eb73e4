"""Steps of the asking side: unconditional data, what cannot be asked for, drafts, withdrawing, lists."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao.catalog.models import DataItem
from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Notice
from shuqiao.sharing import queries, services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import MONDAY, day, draft_of, inbox_of, table_of, term_of, types_of
from shuqiao.sharing.types import Scope, Status


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "20")
@pytest.mark.article("national-2025", "21")
@pytest.mark.parametrize("place", ["provider", "shenyang_provider", "dongchangfu_provider"])
def test_unconditional_data_is_granted_at_once_and_logged(city, place):
    table = table_of(getattr(city, place), sharing="unconditional")
    use = {"entry_id": table.entry_id, "department_id": city.consumer.id, "draft": draft_of(), "on": MONDAY}
    with pytest.raises(NotAllowed):
        services.use_unconditional(actor=city.actor("consumer-cataloguer"), **use)
    assert not SharingRequest.objects.exists()
    done = services.use_unconditional(actor=city.actor("consumer-approver"), **use)
    assert (done.status, done.answered_by_name) == (Status.APPROVED, "平台")
    assert Grant.objects.get().case_number == done.number
    assert types_of(done) == [
        "sharing.request.drafted",
        "sharing.request.submitted",
        "sharing.request.approved",
    ]
    assert Event.objects.get(type="sharing.request.approved").data["automatic"] is True
    assert not InboxItem.objects.filter(done_at=None).exists()


def test_one_conditional_item_makes_the_request_conditional(city):
    table = table_of(city.provider, sharing="unconditional")
    DataItem.objects.filter(revision__entry=table.entry_id, name="联系电话").update(
        sharing_type="conditional"
    )
    with pytest.raises(RuleRefused):
        services.use_unconditional(
            actor=city.actor("consumer-approver"),
            entry_id=table.entry_id,
            department_id=city.consumer.id,
            draft=draft_of(),
            on=MONDAY,
        )
    free = draft_of(items=(("企业名称", "none"),))
    done = services.use_unconditional(
        actor=city.actor("consumer-approver"),
        entry_id=table.entry_id,
        department_id=city.consumer.id,
        draft=free,
        on=MONDAY,
    )
    assert done.status == Status.APPROVED


@pytest.mark.article("yingkou-2022", "17")
def test_what_is_not_shared_cannot_be_asked_for(city, drafted):
    with pytest.raises(RuleRefused) as refused:
        drafted(table_of(city.provider, sharing="none"))
    assert refused.value.decision.rule == "catalog.none.basis"
    assert "统计法 第二十五条" in refused.value.decision.reason
    with pytest.raises(RuleRefused):
        drafted(table_of(city.provider, closed_items=("企业名称",)))


@pytest.mark.article("shenyang-2020", "23")
@pytest.mark.article("yingkou-2022", "22")
def test_a_request_that_names_passing_on(city, drafted, submitted):
    onward = {"onward": True, "onward_to": "受托核算机构"}
    shenyang = drafted(table_of(city.shenyang_provider), **onward)
    with pytest.raises(RuleRefused) as refused:
        services.submit_request(actor=city.actor("consumer-approver"), request_id=shenyang.id, on=MONDAY)
    assert refused.value.decision.rule == "sharing.onward_transfer"
    yingkou = submitted(**onward)
    provider = city.actor("provider-approver")
    services.approve_request(
        actor=provider, request_id=yingkou.id, onward_consent="同意，限核算期间", on=day(1)
    )
    grant = Grant.objects.get()
    assert (grant.onward, grant.onward_to) == ("with_consent", "受托核算机构")
    other = submitted(**onward)
    done = services.approve_request(actor=provider, request_id=other.id, reason="不同意转交", on=day(1))
    assert done.status == Status.APPROVED_NARROWER
    assert Grant.objects.get(case_id=other.id).onward == "never"


def test_an_incomplete_draft_is_kept_but_not_submitted(city, drafted):
    draft = drafted(purpose="", legal_basis="", items=())
    with pytest.raises(RuleRefused) as refused:
        services.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=MONDAY)
    for part in ("用途", "使用依据", "使用范围"):
        assert part in refused.value.decision.reason
    draft.refresh_from_db()
    assert (draft.status, draft.number) == (Status.DRAFT, "")
    services.save_draft(
        actor=city.actor("consumer-cataloguer"), request_id=draft.id, draft=draft_of(), on=MONDAY
    )
    services.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=MONDAY)


def test_what_is_wrong_in_a_draft_is_named_at_once(drafted):
    with pytest.raises(InvalidInput) as wrong:
        drafted(
            items=(("没有的", "none"), ("企业名称", "none"), ("企业名称", "hash")),
            valid_until=date(2020, 1, 1),
            daily_quota=0,
            legal_basis_level="nonsense",
            purpose="长" * 301,
        )
    assert {problem.where for problem in wrong.value.problems} == {
        "信息项",
        "使用时限",
        "每日限额",
        "依据层级",
        "用途",
    }
    with pytest.raises(InvalidInput):
        drafted(where=({"column": "成立日期", "op": "gte", "values": ["不是日子"]},))


def test_what_was_signed_is_not_edited(city, asked):
    with pytest.raises(IllegalMove):
        services.save_draft(
            actor=city.actor("consumer-cataloguer"), request_id=asked.id, draft=draft_of(), on=MONDAY
        )
    with pytest.raises(IllegalMove):
        services.submit_request(actor=city.actor("consumer-approver"), request_id=asked.id, on=MONDAY)


def test_withdrawing(city, asked, drafted):
    consumer = city.actor("consumer-approver")
    with pytest.raises(RuleRefused):
        services.withdraw_request(actor=consumer, request_id=asked.id, reason=" ", on=day(1))
    services.withdraw_request(actor=consumer, request_id=asked.id, reason="不再需要", on=day(1))
    assert term_of(asked).closed_on == day(1)
    assert inbox_of(city.provider) == []
    assert Notice.objects.filter(department=city.provider, text__contains="不再需要").exists()
    with pytest.raises(IllegalMove):
        services.approve_request(actor=city.actor("provider-approver"), request_id=asked.id, on=day(1))
    draft = drafted()
    services.withdraw_request(actor=consumer, request_id=draft.id, reason="写错了", on=day(1))
    assert Notice.objects.filter(department=city.provider).count() == 1


def test_lists_by_side(city, asked, drafted):
    drafted()

    def numbers(who: str, which: str) -> list[str]:
        return [one.number for one in queries.list_requests_for(city.actor(who), which=which)]

    assert sorted(numbers("consumer-approver", "by_us")) == ["", asked.number]
    assert numbers("consumer-approver", "of_us") == []
    assert numbers("provider-approver", "of_us") == [asked.number]
    assert numbers("bureau-supervisor", "all") == [asked.number]
    assert numbers("auditor", "all") == [asked.number]
    assert numbers("stranger", "all") == []
    assert numbers("bureau-reviewer", "consent") == []
    services.ask_extension(
        actor=city.actor("provider-approver"), request_id=asked.id, days=1, reason="x", on=MONDAY
    )
    assert numbers("bureau-reviewer", "consent") == [asked.number]
    assert queries.counts_for(city.actor("provider-approver")) == {"by_us": 0, "of_us": 1, "consent": 0}


def test_a_scope_survives_its_json(asked):
    assert Scope.from_json(asked.scope().to_json()) == asked.scope()
