"""What follows a signature: conditions of a yes, delivery in its term, reminders, renewal, wider use, one form once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shuqiao.delivery.models import Grant, GrantKey
from shuqiao.delivery.services import change_grant, end_grant, issue_key
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.delivery.types import EndGround
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import today
from shuqiao.procedures.models import Event, Notice, Term
from shuqiao.sharing import services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import MONDAY, day, draft_of, inbox_of, table_of, term_of, types_of
from shuqiao.sharing.types import DeliveryState, Status


def approve(city, request, on: date | None = None, **more: object) -> SharingRequest:
    return services.approve_request(
        actor=city.actor("provider-approver"), request_id=request.id, on=on or day(1), **more
    )


# ---- conditions ----


@pytest.mark.article("national-2025", "15")
def test_conditions_of_a_yes_want_a_reason_and_are_kept(city, asked):
    with pytest.raises(RuleRefused) as refused:
        approve(city, asked, conditions=["每季度报告一次使用情况"])
    assert refused.value.decision.rule == "catalog.conditional.basis"
    done = approve(city, asked, conditions=["每季度报告一次使用情况", " "], reason="含联系电话")
    assert done.conditions == ["每季度报告一次使用情况"]
    assert Event.objects.get(type="sharing.request.approved").data["conditions"] == done.conditions
    assert Grant.objects.get().conditions == done.conditions
    assert Event.objects.get(type="delivery.grant.issued").data["conditions"] == done.conditions


def test_unconditional_data_carries_no_conditions(city, submitted):
    request = submitted(table_of(city.provider, sharing="unconditional"), onward=True, onward_to="某协会")
    with pytest.raises(RuleRefused) as refused:
        approve(city, request, conditions=["另签协议"], reason="慎重", onward_consent="同意")
    assert "无条件" in refused.value.decision.reason
    with pytest.raises(InvalidInput):
        approve(city, request, conditions=[str(n) for n in range(21)], reason="x")


# ---- delivery ----


@pytest.mark.article("national-2025", "22")
def test_what_is_not_ready_is_delivered_within_its_term(city, asked):
    done = approve(city, asked, prepare="开通批量交换")
    assert (done.status, done.delivery_state) == (Status.APPROVED, DeliveryState.DUE)
    assert not Grant.objects.exists()
    term = Term.objects.get(closed_on=None)
    assert (term.term_id, term.due_on) == ("sharing.delivery", date(2026, 12, 22))
    assert inbox_of(city.provider) == ["提供数据"]
    with pytest.raises(NotAllowed):
        services.confirm_delivery(actor=city.actor("consumer-approver"), request_id=asked.id, on=day(2))
    with pytest.raises(NotFound):
        services.confirm_delivery(actor=city.actor("stranger"), request_id=asked.id, on=day(2))
    services.confirm_delivery(
        actor=city.actor("provider-approver"), request_id=asked.id, note="已开通", on=day(9)
    )
    grant = Grant.objects.get()
    assert (grant.valid_from, grant.case_id) == (day(9), asked.id)
    assert not Term.objects.filter(closed_on=None).exists()
    assert inbox_of(city.provider) == []
    assert types_of(asked)[-2:] == ["sharing.request.approved", "sharing.delivery.confirmed"]
    with pytest.raises(RuleRefused):
        services.confirm_delivery(actor=city.actor("provider-approver"), request_id=asked.id, on=day(9))


@pytest.mark.article("national-2025", "20")
def test_asked_for_by_data_items_and_delivered_when_mounted(city, drafted):
    """An entry without data can be asked for; the grant waits until a table carries what was agreed to."""
    entry = make_entry(city.provider)
    draft = services.create_draft(
        actor=city.actor("consumer-cataloguer"),
        entry_id=entry.id,
        resource_id=None,
        department_id=city.consumer.id,
        draft=draft_of(),
        on=MONDAY,
    )
    assert draft.resource_id is None
    services.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=MONDAY)
    done = approve(city, draft)
    assert done.delivery_state == DeliveryState.DUE
    confirm = {"actor": city.actor("provider-approver"), "request_id": draft.id, "on": day(5)}
    with pytest.raises(RuleRefused) as refused:
        services.confirm_delivery(**confirm)
    assert refused.value.decision.rule == "sharing.delivery"
    table = make_table(entry)
    services.confirm_delivery(**confirm)
    assert Grant.objects.get().resource_id == table.id
    assert SharingRequest.objects.get().resource_id == table.id


def test_unconditional_data_not_mounted_yet_is_agreed_to_at_once_and_delivered_later(city):
    entry = make_entry(city.provider, sharing="unconditional")
    made = services.use_unconditional(
        actor=city.actor("consumer-approver"),
        entry_id=entry.id,
        department_id=city.consumer.id,
        draft=draft_of(),
        on=MONDAY,
    )
    assert (made.status, made.delivery_state) == (Status.APPROVED, DeliveryState.DUE)
    assert inbox_of(city.provider) == ["提供数据"]


def test_what_is_agreed_to_and_not_delivered_can_be_given_up(city, asked):
    head = city.actor("consumer-approver")
    approve(city, asked, prepare="挂载")
    done = services.withdraw_request(actor=head, request_id=asked.id, reason="不再需要", on=day(3))
    assert (done.status, done.delivery_state) == (Status.WITHDRAWN, "")
    assert inbox_of(city.provider) == []
    assert not Term.objects.filter(closed_on=None).exists()
    with pytest.raises(RuleRefused):
        services.confirm_delivery(actor=city.actor("provider-approver"), request_id=asked.id, on=day(4))


def test_what_is_delivered_is_not_withdrawn(city, asked):
    approve(city, asked)
    with pytest.raises(IllegalMove):
        services.withdraw_request(
            actor=city.actor("consumer-approver"), request_id=asked.id, reason="x", on=day(2)
        )


# ---- silence ----


@pytest.mark.article("national-2025", "21")
def test_whoever_asked_reminds_once_a_day(city, asked):
    clerk = city.actor("consumer-cataloguer")
    mark = SharingRequest.objects.get().mark()
    services.remind_provider(actor=clerk, request_id=asked.id, note="请尽快", on=day(1))
    assert Notice.objects.filter(department=city.provider, text__contains="催促").count() == 1
    with pytest.raises(RuleRefused):
        services.remind_provider(actor=clerk, request_id=asked.id, on=day(1))
    assert SharingRequest.objects.get().mark() == mark  # whoever answers need not start anew
    services.remind_provider(actor=clerk, request_id=asked.id, on=day(9))
    assert Notice.objects.filter(department=city.bureau, text__contains="逾期").count() == 1
    with pytest.raises(NotAllowed):
        services.remind_provider(actor=city.actor("provider-approver"), request_id=asked.id, on=day(2))
    with pytest.raises(NotFound):
        services.remind_provider(actor=city.actor("stranger"), request_id=asked.id, on=day(2))
    approve(city, asked, on=day(10))
    with pytest.raises(RuleRefused):
        services.remind_provider(actor=clerk, request_id=asked.id, on=day(11))


@pytest.mark.article("national-2025", "38")
def test_notices_before_the_last_day_and_to_the_bureau_after_it(city, asked):
    assert term_of(asked).due_on == day(7)  # Monday to Monday: five working days
    told = [services.tell_of_last_days(on=day(offset)) for offset in range(10)]
    #        Mo Tu We Th Fr Sa Su Mo Tu We
    assert told == [0, 0, 1, 0, 1, 0, 0, 0, 1, 0]
    provider = Notice.objects.filter(department=city.provider, text__contains="最后一天")
    assert provider.count() == 2
    late = Notice.objects.filter(text__contains="已逾期 1 个工作日")
    assert {notice.department_id for notice in late} == {city.bureau.id, city.consumer.id}
    assert services.tell_of_last_days(on=day(9)) == 0


def test_a_paused_clock_reminds_nobody(city, asked):
    services.ask_supplement(
        actor=city.actor("provider-approver"), request_id=asked.id, points=("材料",), on=day(1)
    )
    assert services.tell_of_last_days(on=day(30)) == 0


# ---- renewal and wider use ----


@pytest.fixture
def running(city, asked) -> Grant:
    approve(city, asked)
    return Grant.objects.get()


@pytest.mark.article("national-2025", "25")
def test_a_renewal_follows_without_gap_for_the_same_keys(city, asked, running):
    clerk, head = city.actor("consumer-cataloguer"), city.actor("consumer-approver")
    issue_key(
        actor=city.actor("consumer-developer"),
        department_id=city.consumer.id,
        system="社保系统",
        grant_id=running.id,
        on=MONDAY,
    )
    until = running.valid_until + timedelta(days=365)
    draft = services.renew_request(actor=clerk, request_id=asked.id, valid_until=until, on=day(300))
    draft.refresh_from_db()
    assert draft.scope() == replace(asked.scope(), valid_until=until)
    again = services.renew_request(actor=clerk, request_id=asked.id, on=day(301))
    assert again.id == draft.id
    services.submit_request(actor=head, request_id=draft.id, on=day(301))
    approve(city, draft, on=day(305))
    old, new = Grant.objects.order_by("valid_from")
    assert new.valid_from == old.valid_until + timedelta(days=1)
    assert new.valid_until == until
    assert set(GrantKey.objects.values_list("grant_id", flat=True)) == {old.id, new.id}
    assert "sharing.request.renewed" in types_of(asked)


@pytest.mark.article("national-2025", "25")
def test_a_renewal_is_not_wider_and_a_running_grant_is_not_widened(city, asked, running):
    clerk, head = city.actor("consumer-cataloguer"), city.actor("consumer-approver")
    until = running.valid_until + timedelta(days=30)
    draft = services.renew_request(actor=clerk, request_id=asked.id, valid_until=until, on=day(9))
    wider = draft_of(valid_until=until, items=(("企业名称", "none"), ("联系电话", "none")))
    services.save_draft(actor=clerk, request_id=draft.id, draft=wider, on=day(9))
    with pytest.raises(RuleRefused) as refused:
        services.submit_request(actor=head, request_id=draft.id, on=day(9))
    assert "另行提出申请" in refused.value.decision.reason
    with pytest.raises(RuleRefused, match="行条件") as refused:
        change_grant(actor=head, grant_id=running.id, where=(), reason="需要", on=day(9))
    assert refused.value.decision.basis


def test_what_has_ended_is_asked_for_anew(city, asked, running):
    end_grant(
        actor=city.actor("consumer-approver"),
        grant_id=running.id,
        ground=EndGround.FULFILLED,
        reason="已办完",
        on=day(5),
    )
    renew = {"actor": city.actor("consumer-cataloguer"), "request_id": asked.id, "on": day(6)}
    with pytest.raises(RuleRefused):
        services.renew_request(**renew)
    with pytest.raises(NotAllowed):
        services.renew_request(**renew | {"actor": city.actor("provider-approver")})


# ---- one form, one request; what was seen ----


def test_impatient_clicking_makes_one_request(city, table, client_of):
    once = new_id()
    make = {
        "actor": city.actor("consumer-cataloguer"),
        "entry_id": table.entry_id,
        "resource_id": table.id,
        "department_id": city.consumer.id,
        "draft": draft_of(),
        "once": once,
        "on": MONDAY,
    }
    assert services.create_draft(**make).id == services.create_draft(**make).id
    assert SharingRequest.objects.count() == 1
    with pytest.raises(InvalidInput):  # not another person's
        services.create_draft(**make | {"actor": city.actor("consumer-approver")})
    clerk = client_of("consumer-cataloguer")
    assert 'name="once"' in clerk.get(f"/sharing/new/{table.entry_id}/").content.decode()


def test_unconditional_data_used_twice_by_one_form_is_one_grant(city):
    table = table_of(city.provider, sharing="unconditional")
    use = {
        "actor": city.actor("consumer-approver"),
        "entry_id": table.entry_id,
        "department_id": city.consumer.id,
        "draft": draft_of(),
        "once": new_id(),
        "on": MONDAY,
    }
    assert services.use_unconditional(**use).id == services.use_unconditional(**use).id
    assert Grant.objects.count() == 1


def test_an_answer_is_to_what_was_seen(city, asked):
    seen = SharingRequest.objects.get().mark()
    services.ask_extension(
        actor=city.actor("provider-approver"), request_id=asked.id, days=1, reason="人手", on=day(1)
    )
    with pytest.raises(InvalidInput):
        approve(city, asked, seen=seen)
    assert approve(city, asked, seen=SharingRequest.objects.get().mark()).status == Status.APPROVED


# ---- pages and REST ----


def test_pages_deliver_remind_renew(city, submitted, client_of):
    request = submitted(on=today(), valid_until=today() + timedelta(days=300))
    clerk, provider = client_of("consumer-cataloguer"), client_of("provider-approver")
    address = f"/sharing/{request.id}/"
    assert "催促提供部门" in clerk.get(address).content.decode()
    assert clerk.post(f"{address}remind/", {"note": "请尽快"}).status_code == 302
    assert "今天已经催促过" in clerk.get(address).content.decode()
    assert clerk.post(f"{address}remind/").status_code == 409
    yes = {
        "level-统一社会信用代码": "full",
        "level-企业名称": "full",
        "level-联系电话": "mask",
        "where-column": ["地区"],
        "where-op": ["eq"],
        "where-value": ["营口"],
        "modes": ["interface"],
        "valid_until": str(today() + timedelta(days=300)),
        "daily_quota": "2000",
        "conditions": "只用于核定\n不得留存",
        "prepare": "开通接口",
        "reason": "含联系电话",
    }
    assert provider.post(f"{address}approve/", yes).status_code == 302
    page = provider.get(address).content.decode()
    for part in ("待提供", "开通接口", "确认已可提供并开通", "不得留存"):
        assert part in page, part
    assert provider.post(f"{address}deliver/", {"note": "好了"}).status_code == 302
    assert "到期前续期" in clerk.get(address).content.decode()
    renewed = clerk.post(f"{address}renew/")
    assert renewed.status_code == 302
    assert "续期不能扩大范围" in clerk.get(renewed["Location"]).content.decode()
    wider = clerk.get(f"/sharing/new/{request.entry_id}/?resource={request.resource_id}&from={request.id}")
    assert "社会保险费核定" in wider.content.decode()


def test_rest_says_what_can_be_done_next(city, submitted, client_of):
    request = submitted(on=today(), valid_until=today() + timedelta(days=300))
    base, clerk = f"/api/v1/sharing/requests/{request.id}", client_of("consumer-approver")
    provider = client_of("provider-approver")
    acts = {act["act"]: act for act in clerk.get(base).json()["next"]}
    assert set(acts) == {"withdraw", "remind"}
    assert acts["remind"]["basis"]
    offered = {act["act"]: act["allowed"] for act in provider.get(base).json()["next"]}
    assert offered == {"answer": True, "ask-supplement": True, "ask-extension": True}

    def send(who: object, step: str, **body: object) -> int:
        return who.post(f"{base}/{step}", body, content_type="application/json").status_code

    assert send(clerk, "remind") == 200
    assert send(clerk, "remind") == 409
    assert send(provider, "approve", seen="old") == 400
    assert send(provider, "approve", prepare="开通", seen=provider.get(base).json()["mark"]) == 200
    assert provider.get(base).json()["next"][0]["act"] == "deliver"
    assert send(provider, "deliver", note="好了") == 200
    assert send(clerk, "renew", valid_until=str(today() + timedelta(days=400))) == 201


def test_the_preview_shows_rows_of_unconditional_data_only(city, table, client_of):
    clerk = client_of("consumer-cataloguer")
    body = {"level-企业名称": "mask", "level-联系电话": "full"}
    shown = clerk.post(f"/sharing/new/{table.entry_id}/preview/", body).content.decode()
    assert "虚构的例子" in shown
    assert "示**字" in shown
