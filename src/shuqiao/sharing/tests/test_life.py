"""The whole life of a request: random walks under each regime, and the clocks of the regimes over feasts and year's
end and over the day the Decree comes into force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.sharing import acting, rules, services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import draft_of
from shuqiao.sharing.types import AGREED, DeliveryState, ExtensionState, Status

BEGUN = date(2026, 2, 9)  # the week before Spring Festival
REFUSED = (IllegalMove, RuleRefused, NotAllowed, InvalidInput)


def steps_of(world: dict[str, Any], request_id: object, on: date) -> dict[str, Any]:
    """Every step by name, with who takes it."""
    asker, provider, bureau = world["asker"], world["provider"], world["bureau"]
    asked = SharingRequest.objects.get(id=request_id).scope()
    narrower = replace(asked, items=asked.items[:1])
    wider = replace(asked, where=())
    at: dict[str, Any] = {"request_id": request_id, "on": on}
    yes = {"actor": provider, **at}
    return {
        "submit": lambda: services.submit_request(actor=asker, **at),
        "approve": lambda: services.approve_request(**yes),
        "approve narrower": lambda: services.approve_request(decided=narrower, reason="够用", **yes),
        "approve wider": lambda: services.approve_request(decided=wider, reason="多给", **yes),
        "approve later": lambda: services.approve_request(prepare="开通接口", **yes),
        "refuse": lambda: services.refuse_request(
            actor=provider, reason="超出", basis="某法 第三条", level=BasisLevel.LAW, **at
        ),
        "refuse bare": lambda: services.refuse_request(actor=provider, reason="", basis="", level=None, **at),
        "ask": lambda: services.ask_supplement(actor=provider, points=("材料",), **at),
        "supplement": lambda: services.supplement_request(
            actor=asker, draft=world["draft"], note="补齐", **at
        ),
        "extend": lambda: services.ask_extension(actor=provider, days=2, reason="人手", **at),
        "consent": lambda: services.consent_extension(actor=bureau, **at),
        "deny": lambda: services.deny_extension(actor=bureau, note="不必", **at),
        "deliver": lambda: services.confirm_delivery(actor=provider, **at),
        "remind": lambda: services.remind_provider(actor=asker, **at),
        "withdraw": lambda: services.withdraw_request(actor=asker, reason="不再需要", **at),
    }


def check(request: SharingRequest, taken: int, on: date) -> None:
    """What holds after every step."""
    status, due = Status(request.status), request.delivery_state == DeliveryState.DUE
    events = Event.objects.filter(case_id=request.id)
    assert events.count() == taken + 1, "every step is an event row"
    waiting = InboxItem.objects.filter(case_id=request.id, done_at=None).count()
    running = Term.objects.filter(case_id=request.id, closed_on=None)
    regime = organizations.regime_of(request.division_id, on)
    if status in {Status.SUBMITTED, Status.SUPPLEMENT_ASKED}:
        asking = request.extension_state == ExtensionState.ASKED and status == Status.SUBMITTED
        assert waiting == 1 + asking, "somebody has it"
        has_term = regime.term(rules.reply_term(request.sharing_type)) is not None
        assert running.count() == int(has_term), "exactly one clock where the regime has one"
        assert all(term.paused == (status == Status.SUPPLEMENT_ASKED) for term in running)
    elif due:
        assert waiting == 1
        assert running.count() == int(regime.term(rules.DELIVERY) is not None)
    else:
        assert waiting == 0, "nobody is asked for what is over"
        assert not running.exists()
    grants = list(Grant.objects.filter(case_id=request.id))
    assert len(grants) == int(status in AGREED and not due), (
        "a grant for each delivered yes, and for nothing else"
    )
    asked = request.scope()
    for grant in grants:
        assert {(column["name"], column["mask"]) for column in grant.columns} <= set(asked.items)
        assert all(predicate in grant.where for predicate in asked.where)
        assert grant.valid_until <= asked.valid_until
        assert set(grant.modes) <= set(asked.modes)
    if status == Status.REFUSED:
        assert request.answer_reason
        assert request.answer_basis
        assert request.decision().basis


def walk(city: Any, who: tuple[str, str], owner: Any) -> None:
    table = make_table(make_entry(owner))
    until = BEGUN + timedelta(days=365)
    draft = draft_of(valid_until=until)
    world = {
        "asker": city.actor("consumer-approver"),
        "provider": city.actor(who[0]),
        "bureau": city.actor(who[1]),
        "draft": draft,
    }
    names = list(steps_of_names())

    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.save, self.on, self.taken = transaction.savepoint(), BEGUN, 0

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.save)

        @initialize()
        def draft(self) -> None:
            made = services.create_draft(
                actor=world["asker"],
                entry_id=table.entry_id,
                resource_id=table.id,
                department_id=city.consumer.id,
                draft=draft,
                on=BEGUN,
            )
            services.submit_request(actor=world["asker"], request_id=made.id, on=BEGUN)
            self.id, self.taken = made.id, 1

        @rule(days=st.integers(0, 9))
        def wait(self, days: int) -> None:
            self.on += timedelta(days=days)

        @rule(name=st.sampled_from(names))
        def step(self, name: str) -> None:
            before = SharingRequest.objects.get(id=self.id)
            try:
                with transaction.atomic():
                    steps_of(world, self.id, self.on)[name]()
            except REFUSED:
                assert SharingRequest.objects.get(id=self.id).mark() == before.mark()
                return
            assert name not in {"approve wider", "refuse bare"}
            # a supplement is signed and submitted again: one event
            self.taken += 1

        @invariant()
        def holds(self) -> None:
            if self.taken:
                request = SharingRequest.objects.select_related("joint", "renews").get(id=self.id)
                check(request, self.taken, self.on)
                for said in acting.acts_of(world["asker"], request, self.on).values():
                    assert said.reason

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def steps_of_names() -> tuple[str, ...]:
    return (
        *("approve", "approve narrower", "approve wider", "approve later", "refuse", "refuse bare", "ask"),
        *("supplement", "extend", "consent", "deny", "deliver", "remind", "withdraw", "submit"),
    )


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "21")
def test_walks_under_yingkou(city):
    walk(city, ("provider-approver", "bureau-supervisor"), city.provider)


@pytest.mark.article("shenyang-2020", "20")
def test_walks_under_shenyang(city):
    walk(city, ("shenyang-approver", "shenyang-bureau"), city.shenyang_provider)


# ---- the clocks of the regimes ----

APPROVERS = {
    "yingkou": ("provider", "provider-approver"),
    "shenyang": ("shenyang_provider", "shenyang-approver"),
    "dongchangfu": ("dongchangfu_provider", "dongchangfu-approver"),
}
LAST_DAYS = [
    # (regime, received, last day of the answer, last day of the delivery after a yes on that day)
    pytest.param(
        "yingkou", date(2026, 2, 12), date(2026, 2, 26), None, marks=pytest.mark.article("yingkou-2022", "20")
    ),
    pytest.param(
        "shenyang",
        date(2026, 9, 24),
        date(2026, 10, 9),
        None,
        marks=pytest.mark.article("shenyang-2020", "20"),
    ),
    pytest.param(
        "dongchangfu",
        date(2025, 12, 29),
        date(2026, 1, 13),
        None,
        marks=pytest.mark.article("dongchangfu-2020", "20"),
    ),
    pytest.param(
        "dongchangfu", date(2025, 7, 31), None, None, marks=pytest.mark.article("national-2025", "44")
    ),
    pytest.param(
        "dongchangfu",
        date(2025, 8, 1),
        date(2025, 8, 15),
        date(2025, 8, 29),
        marks=pytest.mark.article("national-2025", "22"),
    ),
    pytest.param(
        "yingkou", date(2025, 7, 31), date(2025, 8, 7), None, marks=pytest.mark.article("yingkou-2022", "20")
    ),
]


@pytest.mark.parametrize(("where", "received", "answer", "delivery"), LAST_DAYS)
def test_clocks_over_feasts_and_the_decrees_first_day(city, where, received, answer, delivery):
    """Spring Festival 2026 with its make-up days, National Day, year's end; and before 2025-08-01 the Decree's terms
    do not hold, on it they do."""
    owner, approver = APPROVERS[where]
    table = make_table(make_entry(getattr(city, owner)))
    made = services.create_draft(
        actor=city.actor("consumer-approver"),
        entry_id=table.entry_id,
        resource_id=table.id,
        department_id=city.consumer.id,
        draft=draft_of(valid_until=date(2028, 1, 1)),
        on=received,
    )
    services.submit_request(actor=city.actor("consumer-approver"), request_id=made.id, on=received)
    term = Term.objects.filter(closed_on=None).first()
    assert (term.due_on if term else None) == answer
    services.approve_request(actor=city.actor(approver), request_id=made.id, prepare="开通接口", on=received)
    due = Term.objects.filter(closed_on=None).first()
    national = received >= date(2025, 8, 1)
    assert (due is not None) == national
    if delivery:
        assert due.due_on == delivery
