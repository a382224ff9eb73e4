"""An emergency ended twice at the same moment, and data opened in it while it ends: no grant outlives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import race, shared_database, winners
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E
from shuqiao.sharing.emergencies import services
from shuqiao.sharing.emergencies.tests.conftest import BUREAU, MONDAY, declare, lines_of, share
from shuqiao.sharing.emergencies.types import EmergencyStatus
from shuqiao.sharing.models import EmergencyShare, SharingEmergency

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


def end(city: City, emergency: SharingEmergency) -> SharingEmergency:
    return services.end_emergency(
        actor=city.actor(BUREAU), emergency_id=emergency.id, reason="水退了", on=MONDAY
    )


def test_it_ends_once_and_is_reviewed_once(city: City) -> None:
    emergency = declare(city)
    share(city, emergency, make_table(make_entry(city.provider)))
    winners_of = winners(race(*[lambda: end(city, emergency)] * 3), IllegalMove)
    assert len(winners_of) == 1
    assert lines_of(emergency) == ["审查应急共享"]
    assert Event.objects.filter(case_id=emergency.id, type=E.CRISIS_ENDED).count() == 1

    def review() -> SharingEmergency:
        return services.review_emergency(
            actor=city.actor(BUREAU), emergency_id=emergency.id, findings="均用于应急", on=MONDAY
        )

    assert len(winners(race(review, review), IllegalMove)) == 1
    assert lines_of(emergency) == []
    assert Event.objects.filter(case_id=emergency.id, type=E.CRISIS_REVIEWED).count() == 1


def test_nothing_opened_while_it_ends_outlives_it(city: City) -> None:
    emergency, table = declare(city), make_table(make_entry(city.provider))

    def open_() -> list[EmergencyShare]:
        return share(city, emergency, table)

    ended, opened, again = race(lambda: end(city, emergency), open_, open_)
    assert isinstance(ended, SharingEmergency), ended
    # What came after the end is refused, and so is what had been opened a moment before.
    given = winners([opened, again], IllegalMove, RuleRefused)
    assert len(given) <= 1
    assert SharingEmergency.objects.get(id=emergency.id).status == EmergencyStatus.ENDED
    assert not Grant.objects.filter(state="active").exists()
    assert Grant.objects.count() == EmergencyShare.objects.count() == sum(len(one) for one in given)
