"""Any order of steps by anybody: no illegal move, always a next actor or an end, each step an event row."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.kernel import IllegalMove
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import services
from shuqiao.sharing.verification.jobs import notice_corrections
from shuqiao.sharing.verification.tests.conftest import KEY, ON, accept, asked_of
from shuqiao.sharing.verification.types import (
    VERIFICATION_MOVES,
    VERIFICATION_OPEN,
    Citizen,
    Finding,
    VerificationStatus,
)

pytestmark = pytest.mark.django_db


class Steps(RuleBasedStateMachine):
    """Steps in any order, on one case after the other. The world is set by the test."""

    city: Any = None
    table: Any = None
    grant: Any = None
    names = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.day: date = ON
        self.case: Verification | None = None
        self.seen = VerificationStatus.ASKED
        self.steps = 0
        self.wanted = ""

    @rule(citizen=st.booleans())
    def ask(self, citizen: bool) -> None:
        if self.case and self.case.status in VERIFICATION_OPEN:
            return
        self.case = services.ask_verification(
            actor=self.city.actor("consumer-cataloguer"),
            grant_id=self.grant.id,
            asked=asked_of(citizen=Citizen("写错了", "赵某") if citizen else None),
            on=self.day,
        )
        self.seen, self.steps = VerificationStatus.ASKED, 1

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    def _try(self, wanted: VerificationStatus, step) -> None:
        if self.case is None:
            return
        allowed = wanted in VERIFICATION_MOVES[self.seen]
        if allowed:
            step()
            self.steps += 1
            return
        with pytest.raises(IllegalMove):
            step()

    def _by(self, who: str) -> dict[str, object]:
        return {"actor": self.city.actor(who), "verification_id": self.case.id, "on": self.day}

    @rule()
    def confirm(self) -> None:
        self._try(
            VerificationStatus.CONFIRMED,
            lambda: services.confirm_verification(**self._by("provider-approver"), reason="一致"),
        )

    @rule()
    def reject(self) -> None:
        self._try(
            VerificationStatus.REJECTED,
            lambda: services.reject_verification(
                **self._by("provider-approver"), reason="不属登记", basis="某条例"
            ),
        )

    @rule()
    def withdraw(self) -> None:
        self._try(
            VerificationStatus.WITHDRAWN,
            lambda: services.withdraw_verification(**self._by("consumer-approver"), reason="误会"),
        )

    @rule()
    def accept(self) -> None:
        name = f"赵{next(self.names)}"
        before = self.seen
        self._try(
            VerificationStatus.ACCEPTED,
            lambda: accept(self.city, self.case, Finding("wrong", name), on=self.day, correct_by=self.day),
        )
        if VerificationStatus.ACCEPTED in VERIFICATION_MOVES[before]:
            self.wanted = name

    @rule()
    def publish(self) -> None:
        if self.case is None or self.seen != VerificationStatus.ACCEPTED:
            notice_corrections(now())
            return
        self.table.publish(**{KEY: self.wanted})
        notice_corrections(now())
        self.steps += 2

    @rule()
    def serve(self) -> None:
        if self.case and self.case.for_citizen and self.case.served_on is None:
            services.record_served(**self._by("consumer-approver"), document="执照", service_item="参保")
            self.steps += 1

    @invariant()
    def the_case_is_whole(self) -> None:
        if self.case is None:
            return
        self.case.refresh_from_db()
        status = VerificationStatus(self.case.status)
        assert status == self.seen or status in VERIFICATION_MOVES[self.seen]
        self.seen = status
        lines = InboxItem.objects.filter(case_id=self.case.id, done_at=None).count()
        terms = Term.objects.filter(case_id=self.case.id, closed_on=None).count()
        assert (lines, terms) == ((1, 1) if status in VERIFICATION_OPEN else (0, 0))
        assert Event.objects.filter(case_id=self.case.id).count() == self.steps
        if status in {"confirmed", "rejected", "accepted"}:
            assert self.case.decision().basis
            assert self.case.answer_reason


def test_any_order_of_steps(city, table, grant):
    Steps.city, Steps.table, Steps.grant = city, table, grant
    found = settings(
        max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Steps, settings=found)
    assert Verification.objects.exclude(status="asked").exists(), "the walks have to get anywhere"
