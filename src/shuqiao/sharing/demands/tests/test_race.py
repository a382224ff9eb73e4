"""Two answers to one demand at the same moment, or an answer while it is withdrawn or given back: one stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shuqiao.kernel import IllegalMove, NotAllowed, NotFound
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import Step, race, shared_database, winners
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.procedures.types import E
from shuqiao.sharing.demands import services
from shuqiao.sharing.demands.tests.conftest import MONDAY, assign, post
from shuqiao.sharing.demands.tests.test_services import NO
from shuqiao.sharing.demands.types import DemandStatus
from shuqiao.sharing.models import Demand

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ANSWERS = {E.DEMAND_ACCEPTED, E.DEMAND_REFUSED, E.DEMAND_RETURNED, E.DEMAND_WITHDRAWN}


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


def lines_of(demand: Demand) -> list[str]:
    return list(InboxItem.objects.filter(case_id=demand.id, done_at=None).values_list("action", flat=True))


def promise(city: City, demand: Demand) -> Step:
    return lambda: services.accept_demand(
        actor=city.actor("provider-approver"),
        demand_id=demand.id,
        promised_on=MONDAY + timedelta(days=30),
        on=MONDAY,
    )


def refuse(city: City, demand: Demand) -> Step:
    return lambda: services.refuse_demand(
        actor=city.actor("provider-approver"), demand_id=demand.id, no=NO, on=MONDAY
    )


def test_of_a_promise_and_a_no_each_is_given_once(city: City) -> None:
    demand = assign(city, post(city))
    steps = [promise(city, demand), refuse(city, demand)]
    answers = winners(race(*steps, *steps), IllegalMove)
    won = {one.status for one in answers}
    assert len(answers) == len(won), "each answer is given once"
    demand = Demand.objects.get(id=demand.id)
    # A promise may be taken back by a no that comes second; nothing follows a no.
    assert demand.status == (DemandStatus.REFUSED if DemandStatus.REFUSED in won else DemandStatus.ACCEPTED)
    assert lines_of(demand) == (["按承诺编目"] if demand.status == DemandStatus.ACCEPTED else [])
    assert Event.objects.filter(case_id=demand.id, type__in=ANSWERS).count() == len(answers)


def test_a_promise_while_the_demand_is_withdrawn_leaves_nobody_waiting(city: City) -> None:
    demand = assign(city, post(city))

    def withdraw() -> Demand:
        return services.withdraw_demand(
            actor=city.actor("consumer-approver"), demand_id=demand.id, reason="不用了", on=MONDAY
        )

    withdrawn, promised = race(withdraw, promise(city, demand))
    winners([withdrawn, promised], IllegalMove)
    now = Demand.objects.get(id=demand.id)
    # A promise may still be withdrawn from, so withdrawing wins whenever it comes second.
    assert isinstance(withdrawn, Demand)
    assert (now.status, lines_of(now)) == (DemandStatus.WITHDRAWN, [])
    promises = Event.objects.filter(case_id=demand.id, type=E.DEMAND_ACCEPTED).count()
    assert promises == int(isinstance(promised, Demand))


def test_a_promise_while_a_colleague_gives_the_demand_back(city: City) -> None:
    demand = assign(city, post(city))

    def give_back() -> Demand:
        return services.return_demand(
            actor=city.actor("provider-approver"), demand_id=demand.id, reason="不归我局", on=MONDAY
        )

    (won,) = winners(race(give_back, promise(city, demand)), IllegalMove, NotAllowed, NotFound)
    now = Demand.objects.get(id=demand.id)
    assert now.status == won.status
    assert lines_of(now) == (["按承诺编目"] if now.status == DemandStatus.ACCEPTED else ["分办数据需求"])
