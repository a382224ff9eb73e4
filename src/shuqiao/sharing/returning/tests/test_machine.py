"""Random walks: a lower division reads the rows of its own area and no others; only the law is a ground for a no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning import services, telling
from shuqiao.sharing.returning.tests.conftest import LOWER, MONDAY, PROVIDER, draft_of
from shuqiao.sharing.returning.types import RETURN_MOVES, AreaForm, NoFacts, ReturnStatus

WHO = (LOWER, PROVIDER, "stranger")
LEVELS = (BasisLevel.LAW, BasisLevel.NORMATIVE, None)


class Walk(RuleBasedStateMachine):
    """Flows of one table to one county; `city`, `table` and `lower` are set by the test."""

    city: ClassVar[Any] = None
    table: ClassVar[Any] = None
    lower: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.save = transaction.savepoint()
        self.on = MONDAY

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.save)

    def flows(self) -> dict[Any, ReturnFlow]:
        return {flow.id: flow for flow in ReturnFlow.objects.order_by("id")}

    def tried(self, verb: Any, who: str, **given: Any) -> bool:
        """Whether a step was taken. What was not leaves everything as it was, and says why."""
        before, events = self.flows(), Event.objects.count()
        try:
            verb(actor=self.city.actor(who), on=self.on, **given)
        except (IllegalMove, NotAllowed, NotFound, RuleRefused) as error:
            assert {one: flow.status for one, flow in self.flows().items()} == {
                one: flow.status for one, flow in before.items()
            }
            assert Event.objects.count() == events
            refusals = [error.decision] if isinstance(error, RuleRefused) else []
            bare = [one for one in refusals if not (one.reason and one.basis)]
            assert not bare, "every refusal has reason and basis"
            return False
        for one, flow in self.flows().items():
            was = before[one].status if one in before else "asked"
            assert flow.status == was or ReturnStatus(flow.status) in RETURN_MOVES[ReturnStatus(was)]
        assert Event.objects.count() > events, "every step is an event row"
        return True

    def step(self, verb: Any, name: str, who: str, **given: Any) -> None:
        """A step of the newest flow: taken only when it was offered."""
        flow = ReturnFlow.objects.order_by("id").last()
        if flow is None:
            return
        acts = telling.acts_for(self.city.actor(who), flow, self.on)
        offered = {act.name for act in acts if act.decision.allowed}
        if self.tried(verb, who, flow_id=flow.id, **given):
            assert name in offered, "what is done was offered"

    @rule(days=st.integers(0, 40))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)

    @rule(
        who=st.sampled_from((LOWER, LOWER, "county-cataloguer", "consumer-approver")),
        purpose=st.sampled_from((" ", "本区域企业监管", "本区域企业监管")),
    )
    def ask(self, who: str, purpose: str) -> None:
        department = self.city.consumer if who == "consumer-approver" else self.lower
        given = {"department_id": department.id, "entry_id": self.table.entry_id}
        done = self.tried(services.ask_return, who, draft=draft_of(purpose=purpose), **given)
        assert not done or who == LOWER, "it flows down, and who may sign asks"

    @rule(
        who=st.sampled_from((PROVIDER, LOWER)), column=st.sampled_from(("", "成立日期", "地区", "地区")),
        form=st.sampled_from(list(AreaForm)),
    )  # fmt: skip
    def mark(self, who: str, column: str, form: AreaForm) -> None:
        given = {"entry_id": self.table.entry_id, "column": column, "form": form}
        if self.tried(services.mark_resource, who, **given):
            assert (who, column) == (PROVIDER, "地区")
            assert not ReturnFlow.objects.filter(status="asked").exists(), "what waited opens at once"

    @rule(who=st.sampled_from(WHO))
    def open(self, who: str) -> None:
        self.step(services.open_return, "open", who)

    @rule(
        who=st.sampled_from((PROVIDER, PROVIDER, LOWER)),
        level=st.sampled_from(LEVELS),
        basis=st.sampled_from(("", "某法")),
    )
    def refuse(self, who: str, level: BasisLevel | None, basis: str) -> None:
        self.step(services.refuse_return, "refuse", who, no=NoFacts("涉及国家秘密", basis, level))

    @rule(who=st.sampled_from(WHO), reason=st.sampled_from((" ", "不需要")))
    def withdraw(self, who: str, reason: str) -> None:
        self.step(services.withdraw_return, "withdraw", who, reason=reason)

    @rule()
    def ask_rightly(self) -> None:
        self.ask(LOWER, "本区域企业监管")

    @rule()
    def mark_rightly(self) -> None:
        self.mark(PROVIDER, "地区", AreaForm.NAME)

    @rule()
    def refuse_rightly(self) -> None:
        self.refuse(PROVIDER, BasisLevel.LAW, "某法")

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        flows = self.flows().values()
        waits = InboxItem.objects.filter(case_id__in=list(self.flows()), done_at=None)
        asked = [flow.id for flow in flows if flow.status == "asked"]
        assert sorted(waits.values_list("case_id", flat=True)) == sorted(asked)
        assert len(asked) <= 1, "of one table a department asks once at a time"
        for flow in flows:
            acts = [act for who in WHO for act in telling.acts_for(self.city.actor(who), flow, self.on)]
            assert bool(acts) == (flow.status == "asked")
        assert not Term.objects.filter(case_id__in=list(self.flows())).exists(), "the Decree sets no term"

    @invariant()
    def rows_of_its_own_area_and_no_others(self) -> None:
        opened = [flow for flow in self.flows().values() if flow.status == "opened"]
        grants = {grant.id: grant for grant in Grant.objects.all()}
        assert {flow.grant_id for flow in opened} == set(grants)
        assert not opened or ReturnMark.objects.exists()
        for grant in grants.values():
            assert grant.grantee_id == self.lower.id
            assert [(one["column"], one["values"]) for one in grant.where] in (
                [("地区", ["210882"])],
                [("地区", ["大石桥市", "大石桥"])],
            )
            assert {one["mask"] for one in grant.columns} == {"none"}, "no new conditions"

    @invariant()
    def only_the_law_is_a_ground_for_a_no(self) -> None:
        for flow in self.flows().values():
            assert flow.status != "refused" or (flow.answer_level, flow.answer_basis) == ("law", "某法")


@pytest.mark.article("national-2025", "24")
def test_random_walks(city, lower, table):
    Walk.city, Walk.table, Walk.lower = city, table, lower
    quiet = settings(
        max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
