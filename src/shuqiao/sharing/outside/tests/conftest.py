"""A shared table in each place, a body outside government, and its application in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.resources.models import Resource
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import services
from shuqiao.sharing.outside.types import Consent, Draft

MONDAY = date(2026, 3, 2)
UNTIL = date(2027, 3, 1)
OFFICER, APPROVER, COMPANY = "dongchangfu-bureau", "dongchangfu-approver", "company"
Apply = Callable[..., OutsideRequest]


def draft_of(**changes: object) -> Draft:
    values: dict[str, object] = {
        "items": (("企业名称", "none"), ("联系电话", "keep_ends")),
        "modes": ("interface",),
        "purpose": "企业信用核验",
        "scenario": "贷款受理时核对登记信息",
        "safeguards": "专网存放，两人可见，用后三十日内删除",
        "valid_until": UNTIL,
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def table(city: City) -> Resource:
    make_party(city, "legal_person", COMPANY)
    return make_table(make_entry(city.dongchangfu_provider))


@pytest.fixture
def apply(city: City, table: Resource) -> Apply:
    """Apply, changed by keywords."""

    def submit(*, on: date = MONDAY, of: Resource | None = None, **changes: object) -> OutsideRequest:
        asked = of or table
        return services.submit_outside(
            actor=city.actor(COMPANY), entry_id=asked.entry_id, draft=draft_of(**changes), on=on
        )[0]

    return submit


def consult(city: City, case: OutsideRequest, *, on: date = MONDAY) -> OutsideRequest:
    return services.consult_provider(actor=city.actor(OFFICER), request_id=case.id, on=on)


def consent(
    city: City, case: OutsideRequest, said: Consent = Consent.YES, reason: str = ""
) -> OutsideRequest:
    return services.say_consent(
        actor=city.actor(APPROVER), request_id=case.id, consent=said, reason=reason, on=MONDAY
    )


def agree(city: City, case: OutsideRequest, **changes: object) -> OutsideRequest:
    return services.agree_outside(actor=city.actor(OFFICER), request_id=case.id, on=MONDAY, **changes)


def confirm(city: City, case: OutsideRequest, who: str, *, on: date = MONDAY) -> OutsideRequest:
    return services.confirm_agreement(actor=city.actor(who), request_id=case.id, on=on)


@pytest.fixture
def decided(city: City, apply: Apply) -> OutsideRequest:
    """The provider has agreed; the bureau is to answer."""
    return consent(city, consult(city, apply()))


@pytest.fixture
def agreed(city: City, decided: OutsideRequest) -> OutsideRequest:
    return agree(city, decided)


@pytest.fixture
def opened(city: City, agreed: OutsideRequest) -> OutsideRequest:
    confirm(city, agreed, OFFICER)
    return confirm(city, agreed, COMPANY)


def lines_of(case: OutsideRequest) -> list[str]:
    return list(InboxItem.objects.filter(case_id=case.id, done_at=None).values_list("action", flat=True))


def types_of(case: OutsideRequest) -> list[str]:
    rows = Event.objects.filter(case_id=case.id).order_by("id").values_list("type", flat=True)
    return [one.rsplit(".", 1)[1] for one in rows]
