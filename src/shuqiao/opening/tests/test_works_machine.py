"""Random walks over works: shown only when the bureau has looked, gone when maker or bureau say so, never forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.opening.models import Work
from shuqiao.opening.tests.opened import MONDAY, table_in
from shuqiao.opening.works import queries, services
from shuqiao.opening.works.types import MOVES, STEPS, WorkStatus
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures.models import Event, InboxItem, OutgoingMail, Term

SAYS = "一张地图，告诉市民最近的便民服务点在哪里，数据来自登记信息。"
NAMES = sorted({step.name for step in STEPS} - {"resubmit"})
REASONED = {step.name for step in STEPS if step.wants_reason}


def content(entry: Any, *, says: str = SAYS) -> services.WorkContent:
    return services.WorkContent("便民地图", says, uuid4(), entries=(entry,))


class Walk(RuleBasedStateMachine):
    """One work; `people` and `entry` are set by the test."""

    people: ClassVar[dict[str, Any]] = {}
    entry: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.save = transaction.savepoint()
        self.on = MONDAY
        made, code = services.submit_work(
            actor=self.people["citizen"], content=content(self.entry), on=self.on
        )
        assert code
        self.id = made.id

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.save)

    def work(self) -> Work:
        return Work.objects.get(id=self.id)

    def tried(self, verb: Any, who: str, name: str, *, right: bool, **given: Any) -> None:
        """A step goes exactly when it was offered and is filled in right; what does not go changes nothing."""
        before, events = self.work(), Event.objects.filter(case_id=self.id).count()
        offered = {step.name for step in queries.steps_for(self.people[who], before)}
        try:
            after = verb(actor=self.people[who], work_id=self.id, on=self.on, **given)
        except (IllegalMove, InvalidInput, NotAllowed, NotFound):
            assert name not in offered or not right
            assert self.work().status == before.status
            assert Event.objects.filter(case_id=self.id).count() == events
            return
        assert name in offered
        assert right
        assert WorkStatus(after.status) in MOVES[WorkStatus(before.status)]
        assert Event.objects.filter(case_id=self.id).count() == events + 1, "every step is an event row"

    @rule(days=st.integers(0, 30))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)

    @rule(
        who=st.sampled_from(("bureau", "bureau", "citizen", "other", "stranger")),
        name=st.sampled_from(NAMES),
        reason=st.sampled_from((" ", "看不出用了哪份数据", "看不出用了哪份数据")),
    )
    def step(self, who: str, name: str, reason: str) -> None:
        right = bool(reason.strip()) or name not in REASONED
        self.tried(services.take_step, who, name, right=right, step=name, reason=reason)

    @rule(who=st.sampled_from(("citizen", "citizen", "other", "bureau")), says=st.sampled_from((SAYS, "短")))
    def resubmit(self, who: str, says: str) -> None:
        given = content(self.entry, says=says)
        self.tried(services.resubmit_work, who, "resubmit", right=says == SAYS, content=given)

    @rule(name=st.sampled_from(("publish", "return")))
    def look(self, name: str) -> None:
        self.tried(services.take_step, "bureau", name, right=True, step=name, reason="看过")

    @rule()
    def mend(self) -> None:
        self.tried(services.resubmit_work, "citizen", "resubmit", right=True, content=content(self.entry))

    @rule()
    def take_down(self) -> None:
        self.look("publish")
        self.tried(services.take_step, "bureau", "remove", right=True, step="remove", reason="网址失效")

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        work = self.work()
        waits = InboxItem.objects.filter(case_id=self.id, done_at=None).values_list("action", flat=True)
        assert list(waits) == ["审核应用成果"] * (work.status == "submitted")
        steps = [step for actor in self.people.values() for step in queries.steps_for(actor, work)]
        assert bool(steps) == bool(MOVES[WorkStatus(work.status)])
        assert not Term.objects.filter(case_id=self.id).exists()

    @invariant()
    def strangers_see_what_is_shown_and_nothing_else(self) -> None:
        shown = self.work().status == "published"
        for actor in (ANONYMOUS, self.people["other"], self.people["stranger"]):
            assert queries.list_works_for(actor).filter(id=self.id).exists() == shown
        assert [one.id for one in queries.works_of_entry(self.entry)] == [self.id] * shown

    @invariant()
    def a_no_says_why_and_on_what_it_rests_and_the_maker_hears(self) -> None:
        work = self.work()
        if work.status in {"returned", "removed"}:
            said = work.decision_json
            assert not said["allowed"]
            assert said["reason"].strip()
            assert said["basis"]
        moderated = Event.objects.filter(case_id=self.id, type="opening.work.moderated").count()
        assert OutgoingMail.objects.filter(case_id=self.id).count() == moderated


def walk(city: City, entry: Any, bureau: str) -> None:
    make_party(city)
    make_party(city, username="other")
    who = {"citizen": "citizen", "other": "other", "bureau": bureau, "stranger": "stranger"}
    Walk.people = {name: city.actor(username) for name, username in who.items()}
    Walk.entry = entry
    quiet = settings(
        max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)


@pytest.mark.article("dongchangfu-2020", "26")
def test_random_walks(city: City) -> None:
    table = table_in(city, "dongchangfu", opening="unconditional", opening_method="download")
    walk(city, table.entry_id, "dongchangfu-bureau")
