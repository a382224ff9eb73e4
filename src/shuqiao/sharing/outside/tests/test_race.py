"""Both sides confirm at the same moment, twice each: one grant. On PostgreSQL, where two really can."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.organizations.tests.factories import make_city, make_party
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import services
from shuqiao.sharing.outside.tests.conftest import COMPANY, MONDAY, OFFICER, agree, consent, consult, draft_of


@pytest.mark.race
@pytest.mark.postgresql  # SQLite in memory has one writer by construction
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_grant_opens(home, attempt):
    city = make_city()
    make_party(city, "legal_person", COMPANY)
    table = make_table(make_entry(city.dongchangfu_provider))
    made, _ = services.submit_outside(
        actor=city.actor(COMPANY), entry_id=table.entry_id, draft=draft_of(), on=MONDAY
    )
    agree(city, consent(city, consult(city, made)))
    people = [city.actor(OFFICER), city.actor(COMPANY)] * 2
    barrier = Barrier(4)

    def confirm(actor) -> bool:
        barrier.wait(10)
        try:
            services.confirm_agreement(actor=actor, request_id=made.id, on=MONDAY)
        except (IllegalMove, RuleRefused):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        stood = list(pool.map(confirm, people))
    assert stood.count(True) == 2
    assert (Grant.objects.count(), OutsideRequest.objects.get().status) == (1, "opened")
