"""The provider answers while the applicant withdraws: one of them stands. On PostgreSQL, where two really can."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.kernel import IllegalMove
from shuqiao.opening.applications import services
from shuqiao.opening.applications.tests.conftest import draft_of
from shuqiao.opening.models import OpenAgreement, OpenApplication
from shuqiao.opening.tests.opened import MONDAY, opened, table_in
from shuqiao.organizations.tests.factories import make_city, make_party


@pytest.mark.race
@pytest.mark.postgresql  # SQLite in memory has one writer by construction
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_step_stands(home, attempt):
    city = make_city()
    make_party(city)
    table = table_in(city)
    opened(city, table)
    officer, citizen = city.actor("provider-approver"), city.actor("citizen")
    made, _ = services.submit_application(actor=citizen, entry_id=table.entry_id, draft=draft_of(), on=MONDAY)
    barrier = Barrier(4)

    def agree() -> None:
        services.agree_application(actor=officer, application_id=made.id, on=MONDAY)

    def refuse() -> None:
        services.refuse_application(
            actor=officer, application_id=made.id, reason="涉密", ground="某法", on=MONDAY
        )

    def ask() -> None:
        services.ask_supplement(actor=officer, application_id=made.id, points=("材料",), on=MONDAY)

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
        stood = list(pool.map(run, [agree, refuse, agree, ask]))
    case = OpenApplication.objects.get()
    # An agreement or a request to supplement ends the matter for the others; so does a no.
    assert stood.count(True) == 1
    assert OpenAgreement.objects.count() == (1 if case.status == "agreed" else 0)
