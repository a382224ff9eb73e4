"""Several entries in one application: one basket, one signature, each part with its own provider, clock and answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import today
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event, Notice, Term
from shuqiao.sharing import queries, services
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.tests.conftest import MONDAY, day, inbox_of
from shuqiao.sharing.types import JointStatus, Status

ITEMS = (("统一社会信用代码", "none"), ("企业名称", "none"))


def common(**changes: object) -> services.Common:
    values: dict[str, object] = {
        "purpose": "企业开办一件事",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": "law",
        "service_item": "企业开办",
        "modes": ("interface",),
        "valid_until": MONDAY + timedelta(days=365),
    } | changes
    return services.Common(**values)


@pytest.fixture
def tables(city):
    """Of our own division and of another one with another regime."""
    return (
        make_table(make_entry(city.provider, title="企业登记信息")),
        make_table(make_entry(city.shenyang_provider, title="纳税信用信息")),
    )


@pytest.fixture
def basket(city, tables):
    """Two entries of two providers, and what they share."""
    clerk = city.actor("consumer-cataloguer")
    for table in tables:
        part = services.add_part(
            actor=clerk, department_id=city.consumer.id, entry_id=table.entry_id, items=ITEMS, on=MONDAY
        )
    return services.save_joint(actor=clerk, joint_id=part.joint_id, common=common(), on=MONDAY)


def submit(city, joint) -> JointRequest:
    return services.submit_joint(actor=city.actor("consumer-approver"), joint_id=joint.id, on=MONDAY)


def parts(joint) -> list[SharingRequest]:
    return queries.parts_of(JointRequest.objects.get(id=joint.id))


@pytest.mark.article("national-2025", "20")
@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
def test_signed_once_each_part_has_its_own_number_clock_and_inbox(city, basket):
    joint = submit(city, basket)
    assert (joint.status, joint.number) == (JointStatus.SUBMITTED, "营数联〔2026〕0001号")
    ours, theirs = parts(joint)
    assert ours.number.startswith("营数享")
    assert theirs.number.startswith("沈数享")
    assert {ours.purpose, theirs.purpose} == {"企业开办一件事"}
    assert ours.signed_by_name == theirs.signed_by_name == "李局长"
    terms = {term.case_id: term for term in Term.objects.filter(closed_on=None)}
    assert set(terms) == {ours.id, theirs.id}
    assert inbox_of(city.provider) == ["答复共享申请"] == inbox_of(city.shenyang_provider)
    said = Event.objects.get(type="sharing.joint.submitted")
    assert said.data["parts"] == [ours.number, theirs.number]


@pytest.mark.article("national-2025", "21")
def test_it_ends_with_the_last_answer_and_not_before(city, basket):
    joint = submit(city, basket)
    ours, theirs = parts(joint)
    services.approve_request(actor=city.actor("provider-approver"), request_id=ours.id, on=day(1))
    joint.refresh_from_db()
    assert joint.status == JointStatus.SUBMITTED
    services.refuse_request(
        actor=city.actor("shenyang-approver"),
        request_id=theirs.id,
        reason="超出履职所需",
        basis="某法 第三条",
        level=BasisLevel.LAW,
        on=day(2),
    )
    joint.refresh_from_db()
    assert (joint.status, joint.ended_on) == (JointStatus.DECIDED, day(2))
    decided = Event.objects.get(type="sharing.joint.decided")
    assert decided.data["parts"] == {"已同意": 1, "未同意": 1}
    assert Notice.objects.filter(department=city.consumer, text__contains="联合申请已全部答复").count() == 1
    assert Grant.objects.count() == 1


def test_unconditional_parts_open_at_once(city, basket):
    open_table = make_table(make_entry(city.provider, title="公示信息", sharing="unconditional"))
    services.add_part(
        actor=city.actor("consumer-cataloguer"),
        department_id=city.consumer.id,
        entry_id=open_table.entry_id,
        items=ITEMS,
        on=MONDAY,
    )
    joint = submit(city, basket)
    assert [part.status for part in parts(joint)] == ["submitted", "submitted", "approved"]
    assert Grant.objects.get().resource_id == open_table.id
    assert joint.status == JointStatus.SUBMITTED


def test_only_unconditional_parts_end_it_at_once(city):
    table = make_table(make_entry(city.provider, sharing="unconditional"))
    clerk = city.actor("consumer-cataloguer")
    part = services.add_part(
        actor=clerk, department_id=city.consumer.id, entry_id=table.entry_id, items=ITEMS, on=MONDAY
    )
    services.save_joint(actor=clerk, joint_id=part.joint_id, common=common(), on=MONDAY)
    assert submit(city, part.joint).status == JointStatus.DECIDED


def test_every_entry_that_is_wrong_is_named_at_once(city, basket, tables):
    clerk = city.actor("consumer-cataloguer")
    first, _ = parts(basket)
    services.save_part(actor=clerk, request_id=first.id, items=(), on=MONDAY)
    services.save_joint(actor=clerk, joint_id=basket.id, common=common(modes=("batch",)), on=MONDAY)
    with pytest.raises(InvalidInput) as wrong:
        submit(city, basket)
    named = {problem.where: problem.what for problem in wrong.value.problems}
    assert set(named) == {"企业登记信息", "纳税信用信息"}
    assert "使用范围" in named["企业登记信息"] or "信息项" in named["企业登记信息"]
    assert "batch" in named["纳税信用信息"]
    assert "条例" in named["纳税信用信息"]
    assert not SharingRequest.objects.exclude(status=Status.DRAFT).exists()
    assert JointRequest.objects.get().status == JointStatus.DRAFT


@pytest.mark.article("shenyang-2020", "23")
def test_passing_on_is_refused_for_the_part_whose_regime_forbids_it(city, basket):
    services.save_joint(
        actor=city.actor("consumer-cataloguer"),
        joint_id=basket.id,
        common=common(onward=True, onward_to="某公司"),
        on=MONDAY,
    )
    with pytest.raises(InvalidInput) as wrong:
        submit(city, basket)
    assert [problem.where for problem in wrong.value.problems] == ["纳税信用信息"]


def test_one_basket_and_one_line_per_entry(city, basket, tables):
    again = services.add_part(
        actor=city.actor("consumer-approver"),
        department_id=city.consumer.id,
        entry_id=tables[0].entry_id,
        on=MONDAY,
    )
    assert again.joint_id == basket.id
    assert len(parts(basket)) == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        JointRequest.objects.create(requester=city.consumer)


def test_an_entry_can_be_taken_out_and_the_rest_goes_on(city, basket):
    first, _ = parts(basket)
    services.remove_part(actor=city.actor("consumer-cataloguer"), request_id=first.id, on=MONDAY)
    joint = submit(city, basket)
    assert [part.title for part in parts(joint)] == ["纳税信用信息"]
    with pytest.raises(IllegalMove):
        services.remove_part(
            actor=city.actor("consumer-cataloguer"), request_id=parts(joint)[0].id, on=MONDAY
        )


def test_what_is_not_shared_does_not_go_into_the_basket(city):
    table = make_table(make_entry(city.provider, sharing="none"))
    with pytest.raises(RuleRefused) as refused:
        services.add_part(
            actor=city.actor("consumer-cataloguer"),
            department_id=city.consumer.id,
            entry_id=table.entry_id,
            on=MONDAY,
        )
    assert refused.value.decision.basis


def test_a_part_is_signed_with_its_application_only(city, basket):
    with pytest.raises(IllegalMove):
        services.submit_request(
            actor=city.actor("consumer-approver"), request_id=parts(basket)[0].id, on=MONDAY
        )


def test_strangers_viewers_and_twice(city, basket):
    with pytest.raises(NotFound):
        services.submit_joint(actor=city.actor("stranger"), joint_id=basket.id, on=MONDAY)
    with pytest.raises(NotFound):  # a basket is its department's alone
        queries.get_joint_for(city.actor("provider-approver"), basket.id, queries.P.SHARING_REQUEST_READ)
    with pytest.raises(NotAllowed):
        services.submit_joint(actor=city.actor("consumer-cataloguer"), joint_id=basket.id, on=MONDAY)
    joint = submit(city, basket)
    with pytest.raises(IllegalMove):
        submit(city, joint)
    seen = queries.get_joint_for(city.actor("provider-approver"), joint.id, queries.P.SHARING_REQUEST_READ)
    assert seen.id == joint.id
    assert queries.list_joint_for(city.actor("provider-approver")).count() == 1
    assert queries.list_joint_for(city.actor("stranger")).count() == 0


def test_an_empty_basket_cannot_be_signed_and_can_be_emptied(city, basket):
    for part in parts(basket):
        services.remove_part(actor=city.actor("consumer-cataloguer"), request_id=part.id, on=MONDAY)
    with pytest.raises(InvalidInput):
        submit(city, basket)
    gone = services.withdraw_joint(
        actor=city.actor("consumer-approver"), joint_id=basket.id, reason="不再需要", on=MONDAY
    )
    assert gone.status == JointStatus.WITHDRAWN


def test_withdrawn_as_a_whole_or_the_rest_of_it(city, basket):
    joint, head = submit(city, basket), city.actor("consumer-approver")
    ours, _ = parts(joint)
    services.approve_request(actor=city.actor("provider-approver"), request_id=ours.id, on=day(1))
    done = services.withdraw_joint(actor=head, joint_id=joint.id, reason="其余不再需要", on=day(2))
    assert done.status == JointStatus.DECIDED
    assert [part.status for part in parts(joint)] == ["approved", "withdrawn"]
    assert not Term.objects.filter(closed_on=None).exists()
    with pytest.raises(IllegalMove):
        services.withdraw_joint(actor=head, joint_id=joint.id, reason="再来", on=day(3))


def test_two_writers_do_not_overwrite_each_other(city, basket):
    clerk = city.actor("consumer-cataloguer")
    seen = basket.mark()
    services.save_joint(actor=clerk, joint_id=basket.id, common=common(purpose="甲"), seen=seen, on=MONDAY)
    with pytest.raises(InvalidInput):
        services.save_joint(
            actor=clerk, joint_id=basket.id, common=common(purpose="乙"), seen=seen, on=MONDAY
        )
    assert JointRequest.objects.get().purpose == "甲"


# ---- pages and REST ----

FORM = {
    "purpose": "企业开办一件事",
    "scenario": "窗口逐户核对",
    "legal_basis": "社会保险法 第五十七条",
    "legal_basis_level": "law",
    "modes": ["interface"],
}


def test_pages_from_the_entry_to_the_signed_application(city, tables, client_of):
    clerk, head = client_of("consumer-cataloguer"), client_of("consumer-approver")
    for table in tables:
        assert "放入申请篮" in clerk.get(f"/sharing/of-entry/{table.entry_id}/").content.decode()
        put = clerk.post(f"/sharing/joint/add/{table.entry_id}/")
        chosen = {"level-企业名称": "full", "daily_quota": "100"}
        assert "要哪些信息项" in clerk.get(put["Location"]).content.decode()
        assert clerk.post(put["Location"], chosen | {"daily_quota": "0"}).status_code == 400
        assert clerk.post(put["Location"], chosen).status_code == 302
    joint = JointRequest.objects.get()
    address = joint.get_absolute_url()
    page = clerk.get(address).content.decode()
    assert "还不能提出" in page
    assert "签署并提出" not in page
    form = FORM | {"valid_until": str(today() + timedelta(days=100))}
    assert clerk.post(address, form | {"valid_until": "某天"}).status_code == 400
    assert clerk.post(address, form).status_code == 302
    page = head.get(address).content.decode()
    assert page.count("可以提出") == 2
    assert "签署并提出" in page
    assert "申请篮（2）" in clerk.get("/sharing/").content.decode()
    assert clerk.post(f"{address}submit/", form).status_code == 403
    assert head.post(f"{address}submit/", form | {"purpose": ""}).status_code == 400
    assert head.post(f"{address}submit/", form).status_code == 302
    joint.refresh_from_db()
    page = client_of("provider-approver").get(address).content.decode()
    assert joint.number in page.replace("<wbr>", "") or "营数联" in page
    assert "纳税信用信息" in page  # whoever answers one part sees who answers the others
    assert client_of("stranger").get(address).status_code == 404
    assert joint.number[:4] in head.get("/sharing/joint/").content.decode()


def test_rest_from_the_basket_to_the_signed_application(city, tables, client_of):
    head = client_of("consumer-approver")
    base = "/api/v1/sharing/joint"

    def send(method: str, path: str, body: object) -> dict:
        made = getattr(head, method)(f"{base}{path}", body, content_type="application/json")
        assert made.status_code in {200, 201}, made.content.decode()
        return made.json()

    for table in tables:
        body = {"entry_id": str(table.entry_id), "department_id": str(city.consumer.id)}
        part = send("post", "/parts", body)
        send("put", f"/parts/{part['id']}", {"items": [{"name": "企业名称"}], "seen": part["mark"]})
    joint = part["joint_id"]
    shown = head.get(f"{base}/{joint}").json()
    assert [one["verdict"]["allowed"] for one in shown["parts"]] == [False, False]
    assert all(one["verdict"]["rule"] for one in shown["parts"])
    wrong = head.post(f"{base}/{joint}/submit", {}, content_type="application/json")
    assert wrong.status_code == 400
    assert len(wrong.json()["problems"]) == 2
    saved = send("put", f"/{joint}", FORM | {"valid_until": str(today() + timedelta(days=100))})
    done = send("post", f"/{joint}/submit", {"seen": saved["mark"]})
    assert done["status"] == "submitted"
    assert all(one["due_on"] for one in done["parts"])
    assert head.get(base).json()["count"] == 1
