"""Two hands at the same moment: one opinion stands, a double click settles once, a withdrawal or an assignment wins.
On PostgreSQL, where two really can."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.delivery.models import Grant
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.organizations.tests.factories import make_city
from shuqiao.procedures.models import Event
from shuqiao.sharing.demands import services as demands
from shuqiao.sharing.demands.tests.conftest import post
from shuqiao.sharing.disputes import services
from shuqiao.sharing.disputes.tests.conftest import (
    KEEP,
    MONDAY,
    OPEN,
    TUESDAY,
    answer,
    raise_about,
    refused_of,
)
from shuqiao.sharing.models import Demand, Dispute

pytestmark = [
    pytest.mark.race,
    pytest.mark.postgresql,  # SQLite in memory has one writer by construction
    pytest.mark.django_db(transaction=True),
]


def at_once(*steps: Callable[[], object]) -> int:
    """How many of these, begun together, stood."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], object]) -> bool:
        barrier.wait(10)
        try:
            step()
        except (IllegalMove, RuleRefused):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps)).count(True)


def test_one_opinion_stands_and_a_dispute_is_raised_once(home):
    city = make_city()
    refused = refused_of(city, city.provider, "provider-approver")
    assert at_once(*[lambda: raise_about(city, refused)] * 3) == 1
    dispute = Dispute.objects.get()
    answer(city, dispute)
    user, bureau = city.actor("consumer-approver"), city.actor("bureau-supervisor")
    services.refer_dispute(actor=user, dispute_id=dispute.id, why="谈不拢", on=TUESDAY)
    opinion = {"actor": bureau, "dispute_id": dispute.id, "reason": "理由", "basis": "依据", "on": TUESDAY}
    stood = at_once(
        lambda: services.decide_dispute(**opinion, result=OPEN),
        lambda: services.decide_dispute(**opinion, result=KEEP),
        lambda: services.withdraw_dispute(actor=user, dispute_id=dispute.id, reason="算了", on=TUESDAY),
    )
    assert stood == 1


def test_impatient_clicking_settles_once(home):
    city = make_city()
    dispute = raise_about(city, refused_of(city, city.provider, "provider-approver"))
    answer(city, dispute, proposal=OPEN)
    user = city.actor("consumer-approver")
    assert at_once(*[lambda: services.agree(actor=user, dispute_id=dispute.id, on=TUESDAY)] * 4) == 1
    assert Grant.objects.count() == 1
    assert Event.objects.filter(type="sharing.dispute.carried_out").count() == 1


def test_assigned_or_withdrawn_and_posted_once(home):
    city = make_city()
    assert at_once(*[lambda: post(city)] * 3) == 1
    demand = Demand.objects.get()
    assign = {"actor": city.actor("bureau-reviewer"), "demand_id": demand.id, "on": MONDAY}
    stood = at_once(
        lambda: demands.assign_demand(**assign, department_id=city.provider.id),
        lambda: demands.assign_demand(**assign, department_id=city.other.id),
    )
    assert stood == 1
    at_once(
        lambda: (
            demands.return_demand(
                actor=city.actor("provider-approver"), demand_id=demand.id, reason="不是", on=MONDAY
            )
            if Demand.objects.get().assigned_to == city.provider
            else None
        ),
        lambda: demands.withdraw_demand(
            actor=city.actor("consumer-approver"), demand_id=demand.id, reason="不用了", on=MONDAY
        ),
    )
    assert Demand.objects.get().status == "withdrawn"
