"""Random walks over a demand: no illegal move, nobody forgotten, every step an event, met only by a published entry."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import ShuqiaoError
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing.demands import services, telling
from shuqiao.sharing.demands.tests.conftest import MONDAY, WANTED, post
from shuqiao.sharing.demands.types import OPEN_DEMANDS, NoFacts, NoKind
from shuqiao.sharing.models import Demand

PEOPLE = ("consumer-approver", "provider-approver", "provider-cataloguer", "bureau-reviewer", "stranger")
NO = NoFacts(NoKind.NOT_HELD, "不掌握", "三定方案", BasisLevel.NORMATIVE)


@pytest.mark.article("yingkou-2022", "4")
def test_random_walks(city):  # noqa: C901 - the machine is one class with a step each
    entry = entries.published(city, title="已有的条目")
    titles = (f"需求{place}" for place in itertools.count())

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.case = post(city, replace(WANTED, title=next(titles)))
            self.steps = 1

        def attempt(self, name: str, who: str, step, *, more: int = 0, **data) -> None:
            actor = city.actor(who)
            demand = Demand.objects.get(id=self.case.id)
            offered = {act.name for act in telling.acts_for(actor, demand, MONDAY) if act.decision.allowed}
            try:
                step(actor=actor, demand_id=self.case.id, on=MONDAY, **data)
            except ShuqiaoError:
                assert name not in offered, f"{who} was offered {name}"
            else:
                assert name in offered, f"{who} was not offered {name}"
                self.steps += 1 + more

        @rule(who=st.sampled_from(PEOPLE))
        def assign(self, who):
            note = "仍分给它"
            self.attempt("assign", who, services.assign_demand, department_id=city.provider.id, note=note)

        @rule(who=st.sampled_from(PEOPLE))
        def give_back(self, who):
            self.attempt("return", who, services.return_demand, reason="不是职责")

        @rule(who=st.sampled_from(PEOPLE))
        def accept(self, who):
            self.attempt("accept", who, services.accept_demand, promised_on=MONDAY + timedelta(days=9))

        @rule(who=st.sampled_from(PEOPLE))
        def link(self, who):
            self.attempt("link", who, services.link_entry, entry_id=entry.id, more=1)

        @rule(who=st.sampled_from(PEOPLE))
        def meet(self, who):
            self.attempt("meet", who, services.meet_with_entry, entry_id=entry.id)

        @rule(who=st.sampled_from(PEOPLE))
        def refuse(self, who):
            self.attempt("refuse", who, services.refuse_demand, no=NO)

        @rule(who=st.sampled_from(PEOPLE))
        def withdraw(self, who):
            self.attempt("withdraw", who, services.withdraw_demand, reason="不用了")

        @invariant()
        def nobody_is_forgotten(self):
            case = Demand.objects.get(id=self.case.id)
            waiting = InboxItem.objects.filter(case_id=case.id, done_at=None).count()
            assert waiting == (1 if case.status in OPEN_DEMANDS else 0)
            assert not Term.objects.filter(case_id=case.id).exists()  # no regime has one
            assert Event.objects.filter(case_id=case.id).count() == self.steps
            if case.status == "met":
                assert case.entry.published_id
            if case.status == "refused":
                assert case.answer_reason
                assert case.answer_basis

    quiet = settings(
        max_examples=5, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
