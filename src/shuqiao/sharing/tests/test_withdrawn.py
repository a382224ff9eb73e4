"""Requests whose entry leaves the catalogue: readable to both sides, with a next actor and an end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shuqiao.accounts.types import P
from shuqiao.catalog import services as catalog
from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now, today
from shuqiao.procedures.models import Event, Notice
from shuqiao.procedures.types import E
from shuqiao.sharing import acting, jobs, queries, services
from shuqiao.sharing.disputes import queries as disputes
from shuqiao.sharing.disputes import rules as dispute_rules
from shuqiao.sharing.disputes.types import Side
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import day, inbox_of, term_of
from shuqiao.sharing.tests.test_services import LAW
from shuqiao.sharing.types import Status

NOTE = "职责已划转，请向市场监管局的条目申请"


@pytest.fixture
def withdraw(city):
    def leave(request, on=None):
        catalog.withdraw_entry(
            actor=city.actor("provider-approver"),
            entry_id=request.entry_id,
            reason="职责取消",
            on=on or day(1),
        )
        return SharingRequest.objects.select_related("entry").get(id=request.id)

    return leave


def test_both_sides_and_the_bureau_learn_once_and_the_clock_runs_on(city, asked, withdraw):
    assert jobs.tell_of_withdrawn_entries(now()) == 0
    withdraw(asked)
    assert jobs.tell_of_withdrawn_entries(now()) == 1
    assert jobs.tell_of_withdrawn_entries(now()) == 0
    told = Notice.objects.filter(case_id=asked.id, text__contains="职责取消")
    assert {one.department_id for one in told} == {city.bureau.id, city.provider.id, city.consumer.id}
    assert inbox_of(city.provider) == ["办结目录已撤下的申请"]
    assert term_of(asked).closed_on is None
    assert Event.objects.filter(type=E.REQUEST_ENTRY_WITHDRAWN, case_id=asked.id).count() == 1


def test_it_shows_the_entry_it_was_asked_by(asked, withdraw):
    kept = queries.listing_for(withdraw(asked))
    assert kept.entry.revision_id == asked.revision_id
    assert kept.gone.endswith("撤下（职责取消）")
    assert {item["name"] for item in asked.items} <= set(kept.labels())


@pytest.mark.article("yingkou-2022", "20")
def test_a_yes_is_refused_and_a_no_with_its_basis_stands(city, asked, withdraw):
    withdraw(asked)
    provider = city.actor("provider-approver")
    with pytest.raises(RuleRefused, match="撤下") as refused:
        services.approve_request(actor=provider, request_id=asked.id, on=day(2))
    assert refused.value.decision.basis
    assert not Grant.objects.exists()
    done = services.refuse_request(actor=provider, request_id=asked.id, on=day(2), **LAW)
    assert done.status == Status.REFUSED


def test_the_provider_ends_it_and_the_requester_reads_both_records(city, asked, withdraw):
    withdraw(asked)
    jobs.tell_of_withdrawn_entries(now())
    provider = city.actor("provider-approver")
    seen = queries.get_request_for(provider, asked.id, P.SHARING_REQUEST_READ)
    assert acting.acts_of(provider, seen, day(2))["lapse"].allowed
    with pytest.raises(RuleRefused, match="写明"):
        services.lapse_request(actor=provider, request_id=asked.id, note=" ", on=day(2))
    done = services.lapse_request(actor=provider, request_id=asked.id, note=NOTE, on=day(2))
    assert done.status == Status.LAPSED
    assert inbox_of(city.provider) == []
    assert term_of(asked).closed_on == day(2)
    said = Notice.objects.filter(case_id=asked.id, department=city.consumer).order_by("-at").first().text
    assert "职责取消" in said
    assert NOTE in said
    event = Event.objects.get(type=E.REQUEST_LAPSED)
    assert event.data["withdrawn_reason"] == "职责取消"
    assert event.decision["rule"]
    with pytest.raises(IllegalMove):
        services.lapse_request(actor=provider, request_id=asked.id, note=NOTE, on=day(2))


def test_only_the_provider_and_only_when_it_is_gone(city, asked, withdraw):
    with pytest.raises(RuleRefused, match="仍然有效"):
        services.lapse_request(
            actor=city.actor("provider-approver"), request_id=asked.id, note=NOTE, on=day(1)
        )
    withdraw(asked)
    for name, error in (("consumer-approver", NotAllowed), ("stranger", NotFound)):
        with pytest.raises(error):
            services.lapse_request(actor=city.actor(name), request_id=asked.id, note=NOTE, on=day(1))


def test_what_waits_for_a_supplement_or_for_delivery_ends_too(city, submitted, withdraw):
    provider = city.actor("provider-approver")
    first, second, third = submitted(), submitted(), submitted()
    services.ask_supplement(actor=provider, request_id=first.id, points=("材料",), on=day(1))
    services.approve_request(actor=provider, request_id=second.id, prepare="开通接口", on=day(1))
    services.approve_request(actor=provider, request_id=third.id, on=day(1))
    withdraw(first)
    assert jobs.tell_of_withdrawn_entries(now()) == 2
    with pytest.raises(RuleRefused, match="撤下"):
        services.confirm_delivery(actor=provider, request_id=second.id, on=day(2))
    for one in (first, second):
        services.lapse_request(actor=provider, request_id=one.id, note=NOTE, on=day(2))
    with pytest.raises(IllegalMove):
        services.lapse_request(actor=provider, request_id=third.id, note=NOTE, on=day(2))
    assert Grant.objects.get().state == "active"
    assert inbox_of(city.provider) == []
    assert inbox_of(city.consumer) == []


def test_an_ending_can_be_disputed_and_a_renewal_says_why_not(city, submitted, withdraw):
    provider, clerk = city.actor("provider-approver"), city.actor("consumer-cataloguer")
    asked, given = submitted(), submitted()
    services.approve_request(actor=provider, request_id=given.id, on=day(1))
    withdraw(asked)
    services.lapse_request(actor=provider, request_id=asked.id, note=NOTE, on=day(2))
    head = city.actor("consumer-approver")
    subject = disputes.subject_for(head, request_id=asked.id, grant_id=None)
    facts = disputes.facts_of(subject, Side.REQUESTER, day(2))
    assert dispute_rules.ground_of(facts) == "refused"
    with pytest.raises(RuleRefused, match="撤下"):
        services.renew_request(actor=clerk, request_id=given.id, on=day(2))


def test_a_draft_stays_readable_and_is_not_submitted(city, drafted, withdraw, client):
    draft = drafted()
    withdraw(draft)
    client.force_login(city.user("consumer-approver"))
    assert "目录已撤下" in client.get(reverse("sharing:request", args=[draft.id])).content.decode()
    with pytest.raises((RuleRefused, InvalidInput), match="撤下"):
        services.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=day(2))


def test_neither_a_supplement_nor_more_time_is_offered_or_taken(city, submitted, withdraw):
    provider, clerk = city.actor("provider-approver"), city.actor("consumer-approver")
    asked, incomplete = submitted(), submitted()
    services.ask_supplement(actor=provider, request_id=incomplete.id, points=("材料",), on=day(1))
    withdraw(asked)
    acts = acting.acts_of(provider, SharingRequest.objects.get(id=asked.id), day(2))
    for name in ("ask-supplement", "ask-extension"):
        assert not acts[name].allowed
        assert "撤下" in acts[name].reason
        assert acts[name].basis
    assert "只能" in acts["answer"].reason
    with pytest.raises(RuleRefused, match="撤下"):
        services.ask_supplement(actor=provider, request_id=asked.id, points=("材料",), on=day(2))
    with pytest.raises(RuleRefused, match="撤下"):
        services.ask_extension(actor=provider, request_id=asked.id, days=1, reason="资料多", on=day(2))
    waiting = acting.acts_of(clerk, SharingRequest.objects.get(id=incomplete.id), day(2))
    assert not waiting["supplement"].allowed
    assert "撤下" in waiting["supplement"].reason
    with pytest.raises((RuleRefused, InvalidInput), match="撤下"):
        services.submit_request(actor=clerk, request_id=incomplete.id, on=day(2))


def test_an_answered_request_has_no_answer_page(city, asked, client):
    services.refuse_request(actor=city.actor("provider-approver"), request_id=asked.id, on=day(1), **LAW)
    client.force_login(city.user("provider-approver"))
    assert client.get(reverse("sharing:answer", args=[asked.id])).status_code == 409


def test_pages_and_rest(city, submitted, withdraw, client):
    asked = submitted(on=today())
    withdraw(asked, today())
    page = reverse("sharing:request", args=[asked.id])
    for name in ("consumer-approver", "provider-approver", "bureau-reviewer"):
        client.force_login(city.user(name))
        assert "目录已撤下" in client.get(page).content.decode()
    client.force_login(city.user("provider-approver"))
    answer = client.get(reverse("sharing:answer", args=[asked.id])).content.decode()
    for offered in ("签署并同意", "签署后会发生什么", "修改行条件", "告知补正"):
        assert offered not in answer
    assert "签署不同意" in answer
    shown = client.get(f"/api/v1/sharing/requests/{asked.id}").json()
    assert "职责取消" in shown["gone"]
    allowed = {act["act"] for act in shown["next"] if act["allowed"]}
    assert allowed == {"lapse", "answer"}
    assert client.post(reverse("sharing:lapse", args=[asked.id]), {"note": ""}).status_code == 409
    assert client.post(reverse("sharing:lapse", args=[asked.id]), {"note": NOTE}).status_code == 302
    client.force_login(city.user("consumer-approver"))
    said = client.get(page).content.decode()
    assert NOTE in said
    assert "职责取消" in said
    assert client.get(f"/api/v1/sharing/requests/{asked.id}").json()["status"] == "lapsed"
