"""Two people answer at the same moment: one answer stands. On PostgreSQL, where two really can."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.delivery.models import BookState, Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove
from shuqiao.law import BasisLevel
from shuqiao.organizations.tests.factories import make_city
from shuqiao.sharing import services
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import MONDAY, draft_of


@pytest.mark.race
@pytest.mark.postgresql  # SQLite in memory has one writer by construction
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_answer_stands(home, attempt):
    city = make_city()
    table = make_table(make_entry(city.provider))
    draft = services.create_draft(
        actor=city.actor("consumer-cataloguer"),
        entry_id=table.entry_id,
        resource_id=table.id,
        department_id=city.consumer.id,
        draft=draft_of(),
        on=MONDAY,
    )
    services.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=MONDAY)
    provider, barrier = city.actor("provider-approver"), Barrier(4)

    def approve() -> None:
        services.approve_request(actor=provider, request_id=draft.id, on=MONDAY)

    def refuse() -> None:
        services.refuse_request(
            actor=provider, request_id=draft.id, reason="超出", basis="某法", level=BasisLevel.LAW, on=MONDAY
        )

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
        stood = list(pool.map(run, [approve, refuse, approve, refuse]))
    assert stood.count(True) == 1
    request = SharingRequest.objects.get()
    assert Grant.objects.count() == (1 if request.status == "approved" else 0)
    assert BookState.objects.count() <= 1
