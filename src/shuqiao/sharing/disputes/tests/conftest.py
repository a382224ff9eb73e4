"""A refused request, a grant, and disputes about them in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table, order_of
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.law import BasisLevel
from shuqiao.organizations.models import Department
from shuqiao.sharing import services as sharing
from shuqiao.sharing.disputes import services
from shuqiao.sharing.disputes.types import Outcome, Result
from shuqiao.sharing.models import Dispute, SharingRequest
from shuqiao.sharing.tests.conftest import draft_of
from shuqiao.sharing.types import Scope

if TYPE_CHECKING:
    from shuqiao.organizations.tests.factories import City

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
YES = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))
CLAIM = "申请范围都在目录所列之内，应当开通"
KEEP = Result(Outcome.KEEP, "各自维持")
OPEN = Result(Outcome.OPEN, "按申请开通")
NARROW = Scope(
    items=(("企业名称", "none"),),
    where=({"column": "地区", "op": "eq", "values": ["营口"]},),
    modes=("interface",),
    valid_until=MONDAY + timedelta(days=365),
    daily_quota=2000,
)


def asked_of(city: City, provider: Department, *, on: date = MONDAY) -> SharingRequest:
    """A request of the consumer that waits for the answer of `provider`."""
    table = make_table(make_entry(provider))
    draft = sharing.create_draft(
        actor=city.actor("consumer-cataloguer"),
        entry_id=table.entry_id,
        resource_id=table.id,
        department_id=city.consumer.id,
        draft=draft_of(valid_until=on + timedelta(days=365)),
        on=on,
    )
    return sharing.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=on)


def refused_of(city: City, provider: Department, by: str, *, on: date = MONDAY) -> SharingRequest:
    """The same, refused with a legal basis."""
    request = asked_of(city, provider, on=on)
    return sharing.refuse_request(
        actor=city.actor(by), request_id=request.id, reason="无关", basis="统计法 第二十五条",
        level=BasisLevel.LAW, on=on,
    )  # fmt: skip


@pytest.fixture
def refused(city: City) -> SharingRequest:
    return refused_of(city, city.provider, "provider-approver")


@pytest.fixture
def grant(city: City) -> Grant:
    table = make_table(make_entry(city.provider))
    order = order_of(table, city.consumer.id)
    return delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=MONDAY)


@pytest.fixture
def raised(city: City, refused: SharingRequest) -> Dispute:
    return raise_about(city, refused)


def raise_about(city: City, request: SharingRequest, *, on: date = MONDAY) -> Dispute:
    return services.raise_dispute(
        actor=city.actor("consumer-approver"), request_id=request.id, claim=CLAIM, on=on
    )


@pytest.fixture
def referred(city: City, raised: Dispute) -> Dispute:
    answer(city, raised)
    return services.refer_dispute(
        actor=city.actor("consumer-approver"), dispute_id=raised.id, why="谈了两次", on=TUESDAY
    )


def answer(city: City, dispute: Dispute, *, by: str = "provider-approver", **more: Any) -> Dispute:
    return services.speak(
        actor=city.actor(by), dispute_id=dispute.id, text="不同意", on=more.pop("on", MONDAY), **more
    )


@pytest.fixture
def decided(city: City, referred: Dispute) -> Dispute:
    return decide(city, referred)


def decide(
    city: City, dispute: Dispute, result: Result = OPEN, *, by: str = "bureau-supervisor", on: date = TUESDAY
) -> Dispute:
    return services.decide_dispute(
        actor=city.actor(by), dispute_id=dispute.id, result=result, reason="符合履职需要",
        basis="政务数据共享条例 第二十条", on=on,
    )  # fmt: skip


Step = Callable[..., Dispute]
