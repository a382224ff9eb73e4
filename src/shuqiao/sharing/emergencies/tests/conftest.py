"""An emergency, and a table that can be opened in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.resources.models import Resource
from shuqiao.sharing.emergencies import services
from shuqiao.sharing.emergencies.types import Declaration, Sharing
from shuqiao.sharing.models import EmergencyShare, SharingEmergency
from shuqiao.sharing.types import Scope

MONDAY = date(2026, 3, 2)
UNTIL = MONDAY + timedelta(days=10)
BUREAU = "bureau-supervisor"


def said(**changes: object) -> Declaration:
    values: dict[str, object] = {
        "event": "城区内涝",
        "reason": "转移安置需要核对人员",
        "divisions": ("210800",),
        "until": UNTIL,
    }
    return Declaration(**(values | changes))  # type: ignore[arg-type]


def declare(city: City, *, on: date = MONDAY, **changes: object) -> SharingEmergency:
    return services.declare_emergency(
        actor=city.actor(BUREAU), division="210800", said=said(**changes), on=on
    )


def sharing_of(city: City, table: Resource, **changes: object) -> Sharing:
    scope = Scope((("企业名称", "none"), ("地区", "none")), (), ("interface",))
    values: dict[str, object] = {
        "entry_id": table.entry_id,
        "resource_id": table.id,
        "departments": (city.consumer.id, city.other.id),
        "scope": scope,
        "purpose": "核对安置对象",
    }
    return Sharing(**(values | changes))  # type: ignore[arg-type]


def share(
    city: City, emergency: SharingEmergency, table: Resource, *, on: date = MONDAY, **changes: object
) -> list[EmergencyShare]:
    return services.share_in_emergency(
        actor=city.actor(BUREAU), emergency_id=emergency.id, sharing=sharing_of(city, table, **changes), on=on
    )


@pytest.fixture
def table(city: City) -> Resource:
    return make_table(make_entry(city.provider))


@pytest.fixture
def emergency(city: City) -> SharingEmergency:
    return declare(city)


def lines_of(case: SharingEmergency) -> list[str]:
    return list(InboxItem.objects.filter(case_id=case.id, done_at=None).values_list("action", flat=True))


def types_of(case: SharingEmergency) -> list[str]:
    rows = Event.objects.filter(case_id=case.id).order_by("id").values_list("type", flat=True)
    return [one.rsplit(".", 1)[1] for one in rows]
