"""A flow back asked for, marked, refused and withdrawn at the same moment: one end, and at most one grant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import race, shared_database, winners
from shuqiao.procedures.models import Event
from shuqiao.resources.models import Resource
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning import services
from shuqiao.sharing.returning.tests.conftest import (
    LOWER,
    MONDAY,
    PROVIDER,
    ask,
    lines_of,
    make_county_department,
    mark,
)
from shuqiao.sharing.returning.types import NoFacts, ReturnStatus

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


@pytest.fixture
def lower(city: City) -> Department:
    return make_county_department(city)


@pytest.fixture
def table(city: City) -> Resource:
    return make_table(make_entry(city.provider))


def refuse(city: City, flow: ReturnFlow) -> ReturnFlow:
    no = NoFacts("涉及国家秘密", "保守国家秘密法 第一条", BasisLevel.LAW)
    return services.refuse_return(actor=city.actor(PROVIDER), flow_id=flow.id, no=no, on=MONDAY)


def withdraw(city: City, flow: ReturnFlow) -> ReturnFlow:
    return services.withdraw_return(actor=city.actor(LOWER), flow_id=flow.id, reason="不需要", on=MONDAY)


def test_refused_by_two_while_it_is_withdrawn_one_stands(
    city: City, lower: Department, table: Resource
) -> None:
    flow = ask(city, table, lower)
    no = lambda: refuse(city, flow)  # noqa: E731 - one step, twice
    (won,) = winners(race(no, no, lambda: withdraw(city, flow)), IllegalMove)
    assert ReturnFlow.objects.get(id=flow.id).status == won.status
    assert lines_of(flow) == []
    ends = ("sharing.return.refused", "sharing.return.withdrawn")
    assert Event.objects.filter(case_id=flow.id, type__in=ends).count() == 1


def test_marked_while_it_is_withdrawn_it_opens_or_it_does_not(
    city: City, lower: Department, table: Resource
) -> None:
    flow = ask(city, table, lower)
    marked, withdrawn = race(lambda: mark(city, table), lambda: withdraw(city, flow))
    assert isinstance(marked, ReturnMark), marked
    winners([withdrawn], IllegalMove)
    status = ReturnStatus(ReturnFlow.objects.get(id=flow.id).status)
    assert status == (ReturnStatus.WITHDRAWN if isinstance(withdrawn, ReturnFlow) else ReturnStatus.OPENED)
    assert Grant.objects.count() == int(status == ReturnStatus.OPENED)
    assert lines_of(flow) == []


def test_two_clicks_ask_once_and_two_marks_open_once(city: City, lower: Department, table: Resource) -> None:
    (flow,) = winners(race(*[lambda: ask(city, table, lower)] * 2), RuleRefused)
    marks = winners(race(*[lambda: mark(city, table)] * 2))
    assert {one.id for one in marks} == {ReturnMark.objects.get().id}
    assert Grant.objects.count() == 1
    assert ReturnFlow.objects.get(id=flow.id).status == ReturnStatus.OPENED


def test_asked_while_the_table_is_marked_nobody_waits_in_vain(
    city: City, lower: Department, table: Resource
) -> None:
    asked, marked = race(lambda: ask(city, table, lower), lambda: mark(city, table))
    assert isinstance(asked, ReturnFlow), asked
    assert isinstance(marked, ReturnMark), marked
    flow = ReturnFlow.objects.get()
    assert (flow.status, lines_of(flow)) == (ReturnStatus.OPENED, [])
    assert Grant.objects.count() == 1
