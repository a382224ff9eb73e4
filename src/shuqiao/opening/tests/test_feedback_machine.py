"""Random walks over what may be said and done: no illegal state, somebody always has it or it is settled."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shuqiao.accounts.types import Actor
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.opening.feedback import queries, services
from shuqiao.opening.feedback.types import SETTLED, FeedbackKind, FeedbackStatus, Ground, moves_of
from shuqiao.opening.models import Feedback
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures.models import Event, InboxItem, Term

ON = date(2026, 3, 2)
WHO = ("citizen", "provider-cataloguer", "provider-approver", "bureau-reviewer", "auditor")


def attempt(actor: Actor, before: Feedback, name: str) -> bool:
    """Try a step: it goes exactly when it was offered, and where the table says."""
    offered = {one.name for one in queries.steps_for(actor, before)}
    try:
        after = services.take_step(
            actor=actor, feedback_id=before.pk, step=name, text="已核对", ground=Ground.UNRELATED, on=ON
        )
    except (IllegalMove, NotAllowed, NotFound):
        assert name not in offered
        return False
    except RuleRefused:
        assert name == "correct", "only a correction without a new version is refused by a rule"
        return False
    assert name in offered
    assert after.status in moves_of(FeedbackKind(before.kind))[FeedbackStatus(before.status)]
    return True


def check(one: Feedback, steps: int) -> None:
    """What holds after every step: one who has it or an end, an event a step, the clock where there is one."""
    waiting = InboxItem.objects.filter(case_id=one.pk, done_at=None).count()
    demand_done = one.kind == FeedbackKind.DEMAND and one.status == FeedbackStatus.ANSWERED
    assert waiting == (0 if FeedbackStatus(one.status) in SETTLED or demand_done else 1)
    assert Event.objects.filter(case_id=one.pk).count() == steps + 1
    running = Term.objects.filter(case_id=one.pk, closed_on=None).count()
    assert running == int(one.kind == FeedbackKind.CORRECTION and one.status == FeedbackStatus.RECEIVED)
    if one.status in {FeedbackStatus.REJECTED, FeedbackStatus.KEPT}:
        assert one.decision_json["reason"]
        assert not one.decision_json["allowed"]


@pytest.mark.article("yingkou-2022", "23")
def test_walks(city: City) -> None:
    make_party(city)
    entry = entries.published(city, opening_type="unconditional", opening_method="download")
    actors = {who: city.actor(who) for who in WHO}

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.save = transaction.savepoint()
            self.one: Any = None
            self.steps = 0

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.save)

        @precondition(lambda self: self.one is None)
        @rule(kind=st.sampled_from(list(FeedbackKind)))
        def say(self, kind: FeedbackKind) -> None:
            words = services.Words(
                kind, "请核对这一行的内容", uuid4(), entry_id=entry.pk, division="210800", title="公交站点"
            )
            self.one = services.say(actor=actors["citizen"], words=words, on=ON).feedback.pk

        @precondition(lambda self: self.one is not None)
        @rule(index=st.integers(0, 8), who=st.sampled_from(WHO))
        def step(self, index: int, who: str) -> None:
            before = Feedback.objects.get(pk=self.one)
            names = sorted({one.name for one in queries.all_steps(FeedbackKind(before.kind))})
            self.steps += attempt(actors[who], before, names[index % len(names)])

        @invariant()
        def holds(self) -> None:
            if self.one is not None:
                check(Feedback.objects.get(pk=self.one), self.steps)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
