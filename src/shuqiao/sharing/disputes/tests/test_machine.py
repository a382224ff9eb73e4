"""Random walks over a dispute: no illegal move, nobody forgotten, every step an event, nothing wider than asked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.kernel import ShuqiaoError
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing.disputes import services, telling
from shuqiao.sharing.disputes.tests.conftest import KEEP, MONDAY, OPEN, TUESDAY, raise_about, refused_of
from shuqiao.sharing.disputes.types import OPEN_DISPUTES, RulingFacts
from shuqiao.sharing.models import Dispute

PEOPLE = ("consumer-approver", "provider-approver", "bureau-supervisor", "stranger")
RULING = RulingFacts("市政府", "1号", "照办", MONDAY, TUESDAY)


@pytest.mark.article("national-2025", "28")
def test_random_walks(city):  # noqa: C901 - the machine is one class with a step each
    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.case = raise_about(city, refused_of(city, city.provider, "provider-approver"))
            self.steps = 1

        def attempt(self, name: str, who: str, step, **data) -> None:
            actor = city.actor(who)
            seen = Dispute.objects.visible_to(actor).filter(id=self.case.id).exists()
            offered = {
                act.name for act in telling.acts_for(actor, self.now(), TUESDAY) if act.decision.allowed
            }
            try:
                step(actor=actor, dispute_id=self.case.id, on=TUESDAY, **data)
            except ShuqiaoError:
                assert name not in offered or not seen, f"{who} was offered {name}"
            else:
                assert name in offered, f"{who} was not offered {name}"
                self.steps += 1

        def now(self) -> Dispute:
            return Dispute.objects.get(id=self.case.id)

        @rule(who=st.sampled_from(PEOPLE), result=st.sampled_from([None, OPEN, KEEP]))
        def speak(self, who, result):
            self.attempt("speak", who, services.speak, text="意见", proposal=result)

        @rule(who=st.sampled_from(PEOPLE))
        def agree(self, who):
            self.attempt("agree", who, services.agree)

        @rule(who=st.sampled_from(PEOPLE))
        def refer(self, who):
            self.attempt("refer", who, services.refer_dispute, why="谈不拢")

        @rule(who=st.sampled_from(PEOPLE), result=st.sampled_from([OPEN, KEEP]))
        def decide(self, who, result):
            self.attempt("decide", who, services.decide_dispute, result=result, reason="理由", basis="依据")

        @rule(who=st.sampled_from(PEOPLE))
        def accept(self, who):
            self.attempt("accept", who, services.accept_opinion)

        @rule(who=st.sampled_from(PEOPLE))
        def object_(self, who):
            self.attempt("object", who, services.object_to_opinion, reason="不服")

        @rule(who=st.sampled_from(PEOPLE))
        def rule_(self, who):
            self.attempt("rule", who, services.record_ruling, result=OPEN, ruling=RULING)

        @rule(who=st.sampled_from(PEOPLE))
        def withdraw(self, who):
            self.attempt("withdraw", who, services.withdraw_dispute, reason="算了")

        @invariant()
        def nobody_is_forgotten(self):
            case = self.now()
            waiting = InboxItem.objects.filter(case_id=case.id, done_at=None).count()
            assert (waiting > 0) is (case.status in OPEN_DISPUTES)
            assert not Term.objects.filter(case_id=case.id).exists()  # no regime has one
            events = Event.objects.filter(case_id=case.id).exclude(type="sharing.dispute.carried_out")
            assert events.count() == self.steps
            carried = Event.objects.filter(case_id=case.id, type="sharing.dispute.carried_out").count()
            assert carried == (case.status in {"settled", "upheld", "ruled"})
            for grant in Grant.objects.filter(case_id=case.request_id):
                asked = [{"name": one["name"], "mask": one["mask"]} for one in case.request.items]
                assert grant.columns == asked

    quiet = settings(
        max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
