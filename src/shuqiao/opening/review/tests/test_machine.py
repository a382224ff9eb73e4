"""Random walks over reviews: nothing opens that two people did not look at, and what is personal never opens bare."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import jobs, services, telling
from shuqiao.opening.review.types import REVIEW_MOVES, UNDER_WAY, ColumnChoice, ReviewStatus
from shuqiao.opening.tests.opened import MONDAY, draft_of, table_in
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.resources import queries as resources

PROVIDER, BUREAU = "provider-approver", "bureau-reviewer"
WHO = (PROVIDER, BUREAU, "stranger")
PHONES = (
    ColumnChoice("mask", "keep_ends"),
    ColumnChoice("drop"),
    ColumnChoice("justify", reason="法定公示", basis="某法 第一条"),
    ColumnChoice("justify", reason="法定公示"),
    ColumnChoice("keep"),
    ColumnChoice("mask", "year"),
    ColumnChoice(),
)


class Walk(RuleBasedStateMachine):
    """Reviews of one table; `city` and `table` are set by the test."""

    city: ClassVar[Any] = None
    table: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.save = transaction.savepoint()
        self.on = MONDAY

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.save)

    def states(self) -> dict[Any, str]:
        return dict(OpeningReview.objects.values_list("id", "status"))

    def tried(self, verb: Any, who: str, **given: Any) -> bool:
        """Whether a step was taken. What was not leaves everything as it was, and says why."""
        before, events = self.states(), Event.objects.count()
        done = Counter(Event.objects.values_list("case_id", flat=True))
        try:
            verb(actor=self.city.actor(who), on=self.on, **given)
        except (IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused) as error:
            assert (self.states(), Event.objects.count()) == (before, events)
            refusals = [error.decision] if isinstance(error, RuleRefused) else []
            bare = [one for one in refusals if not (one.reason and one.basis)]
            assert not bare, "every refusal has reason and basis"
            return False
        for one, status in self.states().items():
            was = before.get(one, status)
            if status != was:
                assert ReviewStatus(status) in REVIEW_MOVES[ReviewStatus(was)]
                assert Event.objects.filter(case_id=one).count() == done[one] + 1, (
                    "every step is an event row"
                )
        return True

    def step(self, verb: Any, name: str, who: str, **given: Any) -> None:
        """A step of the newest review: taken only when it was offered, and an event row."""
        review = OpeningReview.objects.order_by("id").last()
        if review is None:
            return
        events = Event.objects.filter(case_id=review.id).count()
        acts = telling.acts_for(self.city.actor(who), review, self.on)
        offered = {act.name for act in acts if act.ready}
        if self.tried(verb, who, review_id=review.id, **given):
            assert name in offered, "what is done was offered"
            assert Event.objects.filter(case_id=review.id).count() == events + 1

    @rule(days=st.integers(0, 20))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)

    @rule(who=st.sampled_from(WHO))
    def begin(self, who: str) -> None:
        done = self.tried(services.begin_review, who, resource_id=self.table.id)
        assert done == (who == PROVIDER)

    @rule()
    def platform_begins(self) -> None:
        noon = datetime(self.on.year, self.on.month, self.on.day, 4, tzinfo=UTC)
        begun = jobs.begin_due_reviews(noon)
        assert begun == 0 or OpeningReview.objects.count() == 1, (
            "after a word of the provider nobody is asked"
        )
        assert jobs.begin_due_reviews(noon) == 0, "once"

    @rule(
        who=st.sampled_from((PROVIDER, PROVIDER, BUREAU)),
        phone=st.sampled_from((*PHONES[:3], *PHONES)),
        secrecy=st.sampled_from((True, True, False)),
    )
    def submit(self, who: str, phone: ColumnChoice, secrecy: bool) -> None:
        whole = draft_of(self.table)
        draft = replace(whole, columns={**whole.columns, "联系电话": phone}, secrecy_checked=secrecy)
        self.step(services.submit_review, "submit", who, draft=draft)

    @rule(who=st.sampled_from((BUREAU, BUREAU, PROVIDER)))
    def let_open(self, who: str) -> None:
        self.step(services.pass_review, "pass", who)

    @rule()
    def the_whole_way(self) -> None:
        self.begin(PROVIDER)
        self.step(services.submit_review, "submit", PROVIDER, draft=draft_of(self.table))
        self.let_open(BUREAU)

    @rule(who=st.sampled_from((BUREAU, PROVIDER)), reason=st.sampled_from((" ", "再核对")))
    def send_back(self, who: str, reason: str) -> None:
        self.step(services.return_review, "return", who, reason=reason)

    @rule(who=st.sampled_from(WHO), ground=st.sampled_from(("", "数据安全法 第二十一条")))
    def stop(self, who: str, ground: str) -> None:
        self.step(services.stop_opening, "stop", who, reason="误开放", ground=ground)

    @rule(who=st.sampled_from((PROVIDER, BUREAU)), reason=st.sampled_from(("", "不再开放")))
    def cancel(self, who: str, reason: str) -> None:
        self.step(services.cancel_review, "cancel", who, reason=reason)

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        under_way = [one for one in OpeningReview.objects.all() if one.status in UNDER_WAY]
        assert len(under_way) <= 1
        assert not Term.objects.exists(), "no text sets a term for the review"
        for one in OpeningReview.objects.all():
            waits = InboxItem.objects.filter(case_id=one.id, done_at=None).values_list("action", flat=True)
            wanted = {"preparing": "提交开放审查", "returned": "提交开放审查", "submitted": "审查开放"}
            assert list(waits) == ([wanted[one.status]] if one.status in wanted else [])
            acts = [act for who in WHO for act in telling.acts_for(self.city.actor(who), one, self.on)]
            assert bool(acts) == bool(REVIEW_MOVES[ReviewStatus(one.status)])

    @invariant()
    def open_is_what_two_people_looked_at_and_nothing_personal_bare(self) -> None:
        offer = resources.published_table(self.table.id).offer
        found = list(OpeningReview.objects.filter(status="opened"))
        assert len(found) == (1 if offer else 0)
        for one in found:
            assert one.submitted_by_id
            assert one.decided_by_id not in {None, one.submitted_by_id}
            assert one.secrecy_checked
            assert one.personal_checked
            columns = {column.name: column for column in one.reviewed() if column.opens}
            assert {column.name: column.mask for column in offer} == {
                name: column.mask or "none" for name, column in columns.items()
            }
            bare = [column for column in columns.values() if column.personal and not column.mask]
            assert all(column.reason and column.basis for column in bare)

    @invariant()
    def a_no_has_its_reason(self) -> None:
        for one in OpeningReview.objects.filter(status__in=["returned", "stopped", "cancelled"]):
            assert one.reason
            assert one.ground or one.status != "stopped"


@pytest.mark.article("yingkou-2022", "28")
@pytest.mark.article("yingkou-2022", "30")
def test_random_walks(city):
    Walk.city, Walk.table = city, table_in(city)
    quiet = settings(
        max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
