"""A demand in every state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from shuqiao.sharing.demands import services
from shuqiao.sharing.demands.types import Wanted
from shuqiao.sharing.models import Demand

if TYPE_CHECKING:
    from shuqiao.organizations.tests.factories import City

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
WANTED = Wanted(
    title="餐饮从业人员健康证明",
    items=("姓名", "证明编号", "有效期至"),
    purpose="核验上岗条件",
    service_item="食品经营许可",
)


def post(city: City, wanted: Wanted = WANTED, *, by: str = "consumer-approver", on: date = MONDAY) -> Demand:
    actor = city.actor(by)
    return services.post_demand(actor=actor, department_id=actor.posts[0].department_id, wanted=wanted, on=on)


def assign(city: City, demand: Demand, *, to: str = "provider", note: str = "", on: date = MONDAY) -> Demand:
    return services.assign_demand(
        actor=city.actor("bureau-reviewer"),
        demand_id=demand.id,
        department_id=getattr(city, to).id,
        note=note,
        on=on,
    )


def accept(city: City, demand: Demand, *, on: date = MONDAY, until: date | None = None) -> Demand:
    return services.accept_demand(
        actor=city.actor("provider-approver"),
        demand_id=demand.id,
        promised_on=until or on + timedelta(days=30),
        on=on,
    )


@pytest.fixture
def posted(city: City) -> Demand:
    return post(city)


@pytest.fixture
def assigned(city: City, posted: Demand) -> Demand:
    return assign(city, posted)


@pytest.fixture
def accepted(city: City, assigned: Demand) -> Demand:
    return accept(city, assigned)
