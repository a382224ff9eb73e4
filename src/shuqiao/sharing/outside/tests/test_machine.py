"""Random walks: no access without two confirmations, never wider than asked, never without a next actor or an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, NotFound, RuleRefused
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.sharing.models import OutsideAgreement, OutsideRequest
from shuqiao.sharing.outside import services, telling
from shuqiao.sharing.outside.tests.conftest import (
    APPROVER,
    COMPANY,
    MONDAY,
    OFFICER,
    UNTIL,
    draft_of,
)
from shuqiao.sharing.outside.types import OUTSIDE_MOVES, Consent, OutsideStatus
from shuqiao.sharing.types import Scope

NAMES = ("企业名称", "联系电话", "地区")


class Walk(RuleBasedStateMachine):
    """One application; `people` and `entry_id` are set by the test."""

    people: ClassVar[dict[str, Any]] = {}
    entry_id: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.on = MONDAY
        self.id = services.submit_outside(
            actor=self.people["party"], entry_id=self.entry_id, draft=draft_of(), on=self.on
        )[0].id

    def case(self) -> OutsideRequest:
        return OutsideRequest.objects.get(id=self.id)

    def step(self, verb, who: str, **given) -> None:
        before, events = self.case().status, Event.objects.filter(case_id=self.id).count()
        try:
            verb(actor=self.people[who], request_id=self.id, on=self.on, **given)
        except (IllegalMove, RuleRefused, NotFound) as error:
            assert self.case().status == before
            refusals = [error.decision] if isinstance(error, RuleRefused) else []
            bare = [one for one in refusals if not (one.reason and one.basis)]
            assert not bare, "every refusal has reason and basis"
            return
        after = self.case().status
        assert after == before or OutsideStatus(after) in OUTSIDE_MOVES[OutsideStatus(before)]
        assert Event.objects.filter(case_id=self.id).count() > events, "every step is an event row"

    @rule(days=st.integers(0, 200))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)
        services.end_outside(request_id=self.id, on=self.on)

    @rule()
    def ask_and_supply(self) -> None:
        self.step(services.ask_supplement, "officer", points=("材料",))
        self.step(services.supplement_outside, "party", draft=draft_of(), note="有了")

    @rule()
    def consult(self) -> None:
        self.step(services.consult_provider, "officer")

    @rule(said=st.sampled_from((Consent.YES, Consent.YES, Consent.NO)))
    def consent(self, said) -> None:
        self.step(services.say_consent, "provider", consent=said, reason="看过")

    @rule(names=st.lists(st.sampled_from(NAMES), unique=True), reason=st.sampled_from(("", "可")))
    def agree(self, names, reason) -> None:
        masks = {"联系电话": "keep_ends"}
        given = Scope(tuple((name, masks.get(name, "none")) for name in names), (), ("interface",), UNTIL)
        self.step(services.agree_outside, "officer", given=given, reason=reason)

    @rule(ground=st.sampled_from(("", "某法")))
    def refuse(self, ground) -> None:
        self.step(services.refuse_outside, "officer", reason="不宜", ground=ground)

    @rule(who=st.sampled_from(("officer", "party")))
    def confirm(self, who) -> None:
        self.step(services.confirm_agreement, who)

    @rule()
    def withdraw(self) -> None:
        self.step(services.withdraw_outside, "party", reason="不用了")

    @rule()
    def revoke(self) -> None:
        self.step(services.revoke_outside, "officer", breach="转售", ground="协议")

    @invariant()
    def somebody_is_next_or_it_is_over(self) -> None:
        case = self.case()
        acts = [act for who in self.people.values() for act in telling.acts_for(who, case, self.on)]
        waits = InboxItem.objects.filter(case_id=self.id, done_at=None).count()
        if OUTSIDE_MOVES[OutsideStatus(case.status)]:
            assert acts
            assert waits == 1 or case.status in {"supplement_asked", "agreed", "opened"}
        else:
            assert not acts
            assert waits == 0

    @invariant()
    def access_only_under_a_signed_agreement_and_never_wider(self) -> None:
        case = self.case()
        grants = Grant.objects.filter(case_id=self.id, state="active")
        assert grants.count() == (1 if case.status == "opened" else 0)
        for grant in grants:
            assert OutsideAgreement.objects.get(request=case).is_signed
            asked = {(one["name"], one["mask"]) for one in case.items}
            assert {(one["name"], one["mask"]) for one in grant.columns} <= asked


@pytest.mark.article("dongchangfu-2020", "20")
def test_random_walks(city, table):
    Walk.people = {
        "officer": city.actor(OFFICER),
        "provider": city.actor(APPROVER),
        "party": city.actor(COMPANY),
    }
    Walk.entry_id = table.entry_id
    quiet = settings(
        max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Walk, settings=quiet)
