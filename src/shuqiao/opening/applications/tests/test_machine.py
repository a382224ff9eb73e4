"""Random walks over applications: no illegal move, never wider than asked, never without a next actor or an end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.opening.applications import services, telling
from shuqiao.opening.applications.tests.conftest import draft_of
from shuqiao.opening.applications.types import ApplicationStatus, Given
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.tests.opened import MONDAY, opened, table_in
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import Event, InboxItem, Term

OVER = {"refused", "withdrawn", "revoked", "ended"}
NAMES = ("企业名称", "地区", "联系电话")


class Walk(RuleBasedStateMachine):
    """One application, its applicant and its officer; `people` and `entry_id` are set by the test."""

    people: ClassVar[dict[str, Any]] = {}
    entry_id: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.on = MONDAY
        self.id = services.submit_application(
            actor=self.people["citizen"], entry_id=self.entry_id, draft=draft_of(), on=self.on
        )[0].id

    def case(self) -> OpenApplication:
        return OpenApplication.objects.get(id=self.id)

    def step(self, verb, **given) -> None:
        before, events = self.case().status, Event.objects.filter(case_id=self.id).count()
        try:
            verb(application_id=self.id, on=self.on, **given)
        except (IllegalMove, RuleRefused) as error:
            assert self.case().status == before
            refusals = [error.decision] if isinstance(error, RuleRefused) else []
            bare = [one for one in refusals if not (one.reason and one.basis)]
            assert not bare, "every refusal has reason and basis"
            return
        assert Event.objects.filter(case_id=self.id).count() > events, "every step is an event row"

    @rule(days=st.integers(0, 20))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)

    @rule(
        names=st.lists(st.sampled_from((*NAMES, "成立日期")), unique=True),
        reason=st.sampled_from(("", "可")),
    )
    def agree(self, names, reason) -> None:
        masks = {"联系电话": "keep_ends"}
        given = Given(tuple((name, masks.get(name, "none")) for name in names), date(2027, 3, 1))
        self.step(services.agree_application, actor=self.people["officer"], given=given, reason=reason)

    @rule(ground=st.sampled_from(("", "某法")))
    def refuse(self, ground) -> None:
        self.step(services.refuse_application, actor=self.people["officer"], reason="不宜", ground=ground)

    @rule()
    def ask(self) -> None:
        self.step(services.ask_supplement, actor=self.people["officer"], points=("材料",))

    @rule()
    def supply(self) -> None:
        self.step(
            services.supplement_application, actor=self.people["citizen"], draft=draft_of(), note="有了"
        )

    @rule(who=st.sampled_from(("officer", "citizen")))
    def confirm(self, who) -> None:
        self.step(services.confirm_agreement, actor=self.people[who])

    @rule()
    def withdraw(self) -> None:
        self.step(services.withdraw_application, actor=self.people["citizen"], reason="不用了")

    @rule()
    def report(self) -> None:
        self.step(services.report_use, actor=self.people["citizen"], usage="地图")

    @rule()
    def revoke(self) -> None:
        self.step(services.revoke_application, actor=self.people["officer"], breach="转售", ground="协议")

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        case = self.case()
        acts = [act for who in self.people.values() for act in telling.acts_for(who, case, self.on)]
        waits = InboxItem.objects.filter(case_id=self.id, done_at=None).count()
        if case.status in OVER:
            assert waits == 0
            assert not [act for act in acts if act.name != "reply"]
        else:
            assert acts
            assert waits == 1 or case.status in {"supplement_asked", "agreed", "opened"}

    @invariant()
    def one_clock_while_an_answer_is_owed(self) -> None:
        case = self.case()
        running = Term.objects.filter(case_id=self.id, closed_on=None)
        owed = case.status in {ApplicationStatus.SUBMITTED, ApplicationStatus.SUPPLEMENT_ASKED}
        assert running.count() == (1 if owed else 0)
        if owed:
            assert running.get().paused == (case.status == "supplement_asked")

    @invariant()
    def access_only_under_a_signed_agreement_and_never_wider(self) -> None:
        case = self.case()
        grants = Grant.objects.filter(case_id=self.id, state="active")
        assert grants.count() == (1 if case.status == "opened" else 0)
        for grant in grants:
            assert case.agreement.is_signed
            assert {one["name"] for one in grant.columns} <= {one["name"] for one in case.items}


@pytest.mark.article("yingkou-2022", "29")
def test_random_walks(city):
    make_party(city)
    table = table_in(city)
    opened(city, table)
    Walk.people = {"officer": city.actor("provider-approver"), "citizen": city.actor("citizen")}
    Walk.entry_id = table.entry_id
    quiet = settings(
        max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
