"""Random walks: data opens only while the emergency lasts, ends with it at once, and only a review closes the case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing.emergencies import jobs, services, telling
from shuqiao.sharing.emergencies.tests.conftest import BUREAU, MONDAY, declare, sharing_of
from shuqiao.sharing.emergencies.types import EMERGENCY_MOVES, EmergencyStatus
from shuqiao.sharing.models import EmergencyShare, SharingEmergency

WHO = (BUREAU, BUREAU, BUREAU, "provider-approver", "stranger")


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 4, tzinfo=UTC)


class Walk(RuleBasedStateMachine):
    """One emergency of ten days; `city` and `table` are set by the test."""

    city: ClassVar[Any] = None
    table: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.save = transaction.savepoint()
        self.on = MONDAY
        self.id = declare(self.city).id

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.save)

    def case(self) -> SharingEmergency:
        return SharingEmergency.objects.get(id=self.id)

    def step(self, verb: Any, name: str, who: str, **given: Any) -> None:
        before, events = self.case(), Event.objects.filter(case_id=self.id).count()
        actor = self.city.actor(who)
        offered = {act.name for act in telling.acts_for(actor, before, self.on) if act.decision.allowed}
        try:
            verb(actor=actor, emergency_id=self.id, on=self.on, **given)
        except (IllegalMove, NotAllowed, NotFound, RuleRefused) as error:
            assert self.case().status == before.status
            refusals = [error.decision] if isinstance(error, RuleRefused) else []
            bare = [one for one in refusals if not (one.reason and one.basis)]
            assert not bare, "every refusal has reason and basis"
            return
        assert name in offered, "what is done was offered"
        after = self.case().status
        moves = EMERGENCY_MOVES[EmergencyStatus(before.status)]
        assert after == before.status or EmergencyStatus(after) in moves
        assert Event.objects.filter(case_id=self.id).count() == events + 1, "every step is an event row"

    @rule(days=st.integers(0, 6))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)
        ran_out = self.case().status == "running" and self.on > self.case().until
        assert jobs.end_emergencies(noon(self.on)) == int(ran_out)

    @rule(who=st.sampled_from(WHO), to=st.sampled_from(("consumer", "other", "shenyang_bureau")))
    def share(self, who: str, to: str) -> None:
        sharing = sharing_of(self.city, self.table, departments=(getattr(self.city, to).id,))
        self.step(services.share_in_emergency, "share", who, sharing=sharing)

    @rule(who=st.sampled_from(WHO), reason=st.sampled_from(("", "水退了")))
    def end(self, who: str, reason: str) -> None:
        self.step(services.end_emergency, "end", who, reason=reason)

    @rule(who=st.sampled_from(WHO), findings=st.sampled_from((" ", "均用于本次应急")))
    def review(self, who: str, findings: str) -> None:
        self.step(services.review_emergency, "review", who, findings=findings)

    @rule()
    def share_and_end(self) -> None:
        sharing = sharing_of(self.city, self.table)
        self.step(services.share_in_emergency, "share", BUREAU, sharing=sharing)
        self.step(services.end_emergency, "end", BUREAU, reason="水退了")

    @rule()
    def look_back(self) -> None:
        self.step(services.review_emergency, "review", BUREAU, findings="均用于本次应急")

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        case = self.case()
        acts = telling.acts_for(self.city.actor(BUREAU), case, self.on)
        waits = list(InboxItem.objects.filter(case_id=self.id, done_at=None).values_list("action", flat=True))
        wanted = {"running": ["管理应急共享"], "ended": ["审查应急共享"], "reviewed": []}
        assert waits == wanted[case.status]
        assert bool(acts) == bool(waits)
        assert not Term.objects.filter(case_id=self.id).exists(), "Yingkou sets no term for the review"
        if case.status == "reviewed":
            assert len(case.review_json) == case.shares.count()

    @invariant()
    def access_only_while_it_lasts_and_never_wider(self) -> None:
        case = self.case()
        shares = EmergencyShare.objects.filter(emergency=case)
        grants = Grant.objects.filter(id__in=shares.values("grant_id"))
        assert {one.state for one in grants} <= ({"active"} if case.status == "running" else {"ended"})
        assert {one.grantee.division_id for one in grants} <= set(case.divisions)
        assert all(one.valid_until <= case.until for one in grants)
        assert len({(one.resource_id, one.grantee_id) for one in grants}) == len(grants)


@pytest.mark.article("yingkou-2022", "33")
def test_random_walks(city, table, home):
    Walk.city, Walk.table = city, table
    quiet = settings(
        max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
