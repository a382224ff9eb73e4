"""What becomes of open cases of opening when their entry leaves the catalogue."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shuqiao.catalog import services as catalog
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.opening.applications import jobs, services, telling
from shuqiao.opening.applications.tests.conftest import MONDAY, apply, lines_of, party, term_of
from shuqiao.opening.feedback.types import Edition
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.review import services as reviews
from shuqiao.opening.review import telling as review_telling
from shuqiao.opening.tests.opened import submitted, table_in
from shuqiao.procedures.models import Event, OutgoingMail
from shuqiao.procedures.types import E

__all__ = ["apply", "party"]
NOTE = "请向市场监管局的条目申请"


def withdrawn(city, entry_id):
    catalog.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=entry_id, reason="职责取消", on=MONDAY
    )


@pytest.fixture
def gone(city, apply) -> OpenApplication:
    made = apply()
    withdrawn(city, made.entry_id)
    return OpenApplication.objects.get(id=made.id)


def test_the_provider_is_asked_once_and_the_applicant_told(gone):
    assert jobs.tell_of_withdrawn_entries(now()) == 1
    assert jobs.tell_of_withdrawn_entries(now()) == 0
    assert lines_of(gone) == ["办结目录已撤下的申请"]
    assert OutgoingMail.objects.filter(subject__contains="撤下").count() == 1


@pytest.mark.article("yingkou-2022", "29")
def test_it_cannot_be_agreed_to_and_ends_with_a_reason(city, gone):
    officer = city.actor("provider-approver")
    with pytest.raises(RuleRefused, match="撤下"):
        services.agree_application(actor=officer, application_id=gone.id, on=MONDAY)
    with pytest.raises(RuleRefused, match="写明"):
        services.lapse_application(actor=officer, application_id=gone.id, note="", on=MONDAY)
    with pytest.raises(NotAllowed):
        services.lapse_application(actor=city.actor("citizen"), application_id=gone.id, note=NOTE, on=MONDAY)
    with pytest.raises(NotFound):
        services.lapse_application(actor=city.actor("stranger"), application_id=gone.id, note=NOTE, on=MONDAY)
    done = services.lapse_application(actor=officer, application_id=gone.id, note=NOTE, on=MONDAY)
    assert (done.status, done.ended_on) == ("lapsed", MONDAY)
    assert "职责取消" in done.end_reason
    assert NOTE in done.end_reason
    assert lines_of(gone) == []
    assert term_of(gone).closed_on == MONDAY
    assert Event.objects.get(type=E.APPLICATION_LAPSED).decision["rule"]
    with pytest.raises(IllegalMove):
        services.lapse_application(actor=officer, application_id=gone.id, note=NOTE, on=MONDAY)


def test_it_can_be_refused_and_not_ended_while_in_force(city, apply):
    officer, made = city.actor("provider-approver"), apply()
    with pytest.raises(RuleRefused, match="仍然有效"):
        services.lapse_application(actor=officer, application_id=made.id, note=NOTE, on=MONDAY)
    withdrawn(city, made.entry_id)
    done = services.refuse_application(
        actor=officer, application_id=made.id, reason="涉密", ground="保守国家秘密法", on=MONDAY
    )
    assert done.status == "refused"


def test_an_agreement_that_can_no_longer_open_ends_too(city, apply):
    officer, made = city.actor("provider-approver"), apply()
    services.agree_application(actor=officer, application_id=made.id, on=MONDAY)
    withdrawn(city, made.entry_id)
    made = OpenApplication.objects.get(id=made.id)
    acts = {act.name: act for act in telling.acts_for(city.actor("citizen"), made, MONDAY)}
    assert not acts["confirm"].ready
    assert jobs.tell_of_withdrawn_entries(now()) == 1
    assert (
        services.lapse_application(actor=officer, application_id=made.id, note=NOTE, on=MONDAY).status
        == "lapsed"
    )


def test_every_step_says_its_rule_and_article_before_it_is_taken(city, apply):
    made = apply()
    for name in ("provider-approver", "citizen"):
        acts = telling.acts_for(city.actor(name), made, MONDAY)
        assert acts
        assert all(act.decision and act.decision.rule and act.decision.basis for act in acts)


def test_pages_and_rest(city, gone, client):
    page = reverse("opening:application", args=[gone.id])
    for name in ("citizen", "provider-approver"):
        client.force_login(city.user(name))
        assert "目录已撤下" in client.get(page).content.decode()
    shown = client.get(f"/api/v1/opening/applications/{gone.id}").json()
    assert "职责取消" in shown["gone"]
    assert {step["step"] for step in shown["steps"]} >= {"lapse", "refuse"}
    ready = {step["step"] for step in shown["steps"] if step["decision"]["allowed"]}
    assert "lapse" in ready
    assert "ask-supplement" not in ready
    assert "告知补正" not in client.get(page).content.decode()
    with pytest.raises(RuleRefused, match="撤下"):
        services.ask_supplement(
            actor=city.actor("provider-approver"), application_id=gone.id, points=("材料",), on=MONDAY
        )


def test_a_review_of_it_is_cancelled_not_passed(city):
    table = table_in(city)
    review = submitted(city, table)
    withdrawn(city, table.entry_id)
    bureau = city.actor("bureau-reviewer")
    acts = {act.name: act for act in review_telling.acts_for(bureau, review, MONDAY)}
    assert not acts["pass"].ready
    with pytest.raises(RuleRefused):
        reviews.pass_review(actor=bureau, review_id=review.id, on=MONDAY)
    returned = reviews.return_review(actor=bureau, review_id=review.id, reason="目录已撤下", on=MONDAY)
    assert returned.status == "returned"
    assert (
        reviews.cancel_review(
            actor=city.actor("provider-approver"), review_id=review.id, reason="目录已撤下", on=MONDAY
        ).status
        == "cancelled"
    )


def test_a_correction_is_done_when_the_entry_is_no_longer_there():
    assert Edition(0, {}).newer_than(Edition(2, {"a": 1}))
    assert not Edition(2, {"a": 1}).newer_than(Edition(2, {"a": 1}))
