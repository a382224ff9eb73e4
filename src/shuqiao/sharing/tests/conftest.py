"""A conditional table in the small world, and a request for it in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.organizations.models import Department
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.resources.models import Resource
from shuqiao.sharing import services
from shuqiao.sharing.models import SharingRequest

if TYPE_CHECKING:
    from shuqiao.organizations.tests.factories import City

MONDAY = date(2026, 11, 23)


def draft_of(**changes: object) -> services.Draft:
    values: dict[str, object] = {
        "items": (("统一社会信用代码", "none"), ("企业名称", "none"), ("联系电话", "keep_ends")),
        "where": ({"column": "地区", "op": "eq", "values": ["营口"]},),
        "purpose": "社会保险费核定",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": "law",
        "modes": ("interface",),
        "valid_until": MONDAY + timedelta(days=365),
        "daily_quota": 2000,
    } | changes
    return services.Draft(**values)


@pytest.fixture
def table(city: City) -> Resource:
    return make_table(make_entry(city.provider))


Ask = Callable[..., SharingRequest]


@pytest.fixture
def drafted(city: City, table: Resource) -> Ask:
    """Draft a request of the consumer: for `of` (a table), changed by keywords."""

    def draft(of: Resource | None = None, *, on: date = MONDAY, **changes: object) -> SharingRequest:
        asked = of or table
        return services.create_draft(
            actor=city.actor("consumer-cataloguer"),
            entry_id=asked.entry_id,
            resource_id=asked.id,
            department_id=city.consumer.id,
            draft=draft_of(**changes),
            on=on,
        )

    return draft


@pytest.fixture
def submitted(city: City, drafted: Ask) -> Ask:
    """Draft and submit."""

    def submit(of: Resource | None = None, *, on: date = MONDAY, **changes: object) -> SharingRequest:
        request = drafted(of, on=on, **changes)
        return services.submit_request(actor=city.actor("consumer-approver"), request_id=request.id, on=on)

    return submit


@pytest.fixture
def asked(submitted: Ask) -> SharingRequest:
    """A request that waits for the answer."""
    return submitted()


def table_of(department: Department, **entry: object) -> Resource:
    return make_table(make_entry(department, **entry))


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def term_of(request) -> Term:
    return Term.objects.get(case_id=request.id, term_id__startswith="sharing.reply")


def inbox_of(department) -> list[str]:
    return list(
        InboxItem.objects.filter(department=department, done_at=None).values_list("action", flat=True)
    )


def types_of(request) -> list[str]:
    return list(Event.objects.filter(case_id=request.id).order_by("id").values_list("type", flat=True))
