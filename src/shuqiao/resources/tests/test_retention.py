"""What was published stays for its years, and goes afterwards; what anything names never goes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shuqiao.organizations.tests.factories import City
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E
from shuqiao.resources import queries, receiving, retention, services
from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT, SMALL
from shuqiao.resources.types import Status, UploadState

YEAR = timedelta(days=366)
WEEK = timedelta(days=8)


@pytest.mark.parametrize(
    ("day", "years", "last"),
    [(date(2026, 3, 2), 3, date(2029, 3, 2)), (date(2028, 2, 29), 3, date(2031, 2, 28))],
)
def test_whole_years_to_the_day(day: date, years: int, last: date) -> None:
    assert retention.kept_until(day, years) == last
    assert not retention.is_over(day, years, last)
    assert retention.is_over(day, years, last + timedelta(days=1))


def collected_at(monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    """The store reckons by the clock of the machine; here it is that many seconds later."""
    import time as clock

    real = clock.time
    monkeypatch.setattr("shuqiao.store.retention.time.time", lambda: real() + moment)


@pytest.mark.django_db
def test_old_versions_go_after_their_years_and_shared_content_stays(
    city: City, client_of, tmp_path, home, monkeypatch
):
    resource = factories.mount(city)
    texts = (SMALL, SMALL.replace("甲", "丙"), SMALL.replace("甲", "丁"), SMALL)
    one, two, three, four = (
        factories.publish(city, factories.upload_text(city, resource, text, tmp_path)) for text in texts
    )
    shelf = queries.shelf()
    assert one.store_version == four.store_version  # the same content is the same version in the store
    two.refresh_from_db()
    assert two.superseded_on is not None
    page = client_of("provider-cataloguer").get(two.get_absolute_url()).content.decode()
    assert "保存到 2029年3月2日" in page

    inside, outside = AT + 2 * YEAR, AT + 3 * YEAR + WEEK
    assert services.versions_to_keep(now=inside) == {v.store_version for v in (one, two, three, four)}
    assert services.versions_to_keep(now=outside) == {four.store_version}
    assert services.retire_versions(now=inside) == 0
    assert services.retire_versions(now=outside) == 0  # marked now, removed a week later
    assert shelf.has(two.store_version)
    collected_at(monkeypatch, WEEK.total_seconds())
    assert services.retire_versions(now=outside) == 2
    assert [shelf.has(v.store_version) for v in (one, two, three, four)] == [True, False, False, True]
    gone = Version.objects.filter(removed_on__isnull=False)
    assert set(gone.values_list("number", flat=True)) == {2, 3}
    assert Event.objects.filter(type=E.VERSION_REMOVED).count() == 2
    assert services.retire_versions(now=outside) == 0
    page = client_of("provider-cataloguer").get(two.get_absolute_url())
    assert page.status_code == 200
    assert "按期清除" in page.content.decode()

    assert services.retire_uploads(now=outside) == 2
    staged = receiving.staging_root()
    assert [(staged / v.upload.path).exists() for v in (one, two, three, four)] == [True, False, False, True]
    two.upload.refresh_from_db()
    assert two.upload.state == UploadState.REMOVED
    assert four.status == Status.PUBLISHED


@pytest.mark.django_db
def test_a_given_up_file_goes_after_a_day(city: City, tmp_path, home):
    version = factories.upload_text(city, factories.mount(city), SMALL, tmp_path)
    path = receiving.staging_root() / version.upload.path
    services.discard_version(actor=city.actor("provider-cataloguer"), version_id=version.id, at=AT)
    assert services.retire_uploads(now=AT + timedelta(hours=20)) == 0
    assert path.exists()
    assert services.retire_uploads(now=AT + timedelta(days=2)) == 1
    assert not path.exists()
