"""Two people at the same moment: one answer stands, and what is withdrawn is not answered. On PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import make_entry, make_table, order_of
from shuqiao.kernel import IllegalMove
from shuqiao.organizations.tests.factories import make_city
from shuqiao.procedures.models import Event, Term
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import services
from shuqiao.sharing.verification.tests.conftest import ON, YES, asked_of
from shuqiao.sharing.verification.types import Claim


@pytest.mark.race
@pytest.mark.postgresql  # SQLite in memory has one writer by construction
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_end_stands(home, attempt):
    city = make_city()
    table = make_table(make_entry(city.provider))
    columns = (("统一社会信用代码", "keep_ends"), ("企业名称", "none"))
    grant = delivery.issue_grant(
        actor=PLATFORM,
        order=order_of(table, city.consumer.id, columns=columns, valid_from=ON),
        decision=YES,
        on=ON,
    )
    case = services.ask_verification(
        actor=city.actor("consumer-approver"),
        grant_id=grant.id,
        asked=asked_of(Claim(("9121",), "企业名称", "甲", shown="乙")),
        on=ON,
    )
    provider, consumer, barrier = city.actor("provider-approver"), city.actor("consumer-approver"), Barrier(4)

    def confirm() -> None:
        services.confirm_verification(actor=provider, verification_id=case.id, reason="一致", on=ON)

    def reject() -> None:
        services.reject_verification(
            actor=provider, verification_id=case.id, reason="不属登记", basis="某条例", on=ON
        )

    def withdraw() -> None:
        services.withdraw_verification(actor=consumer, verification_id=case.id, reason="误会", on=ON)

    def run(step: Callable[[], None]) -> bool:
        barrier.wait(10)
        try:
            step()
        except IllegalMove:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        stood = list(pool.map(run, [confirm, reject, withdraw, confirm]))
    assert stood.count(True) == 1
    assert Verification.objects.get().status in {"confirmed", "rejected", "withdrawn"}
    assert Event.objects.filter(case_id=case.id).count() == 2
    assert not Term.objects.filter(case_id=case.id, closed_on=None).exists()
