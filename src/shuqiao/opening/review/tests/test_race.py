"""Two officers decide on one review at the same moment, or one decides while the provider cancels: one stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shuqiao.kernel import IllegalMove
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import services
from shuqiao.opening.review.types import ReviewStatus
from shuqiao.opening.tests.opened import MONDAY, opened, submitted, table_in
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import Step, race, shared_database, winners
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.resources import queries as resources

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ENDS = ("opening.review.done", "opening.review.blocked", "opening.review.cancelled")


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


def passing(city: City, review: OpeningReview) -> Step:
    return lambda: services.pass_review(actor=city.actor("bureau-reviewer"), review_id=review.id, on=MONDAY)


def returning(city: City, review: OpeningReview) -> Step:
    return lambda: services.return_review(
        actor=city.actor("bureau-reviewer"), review_id=review.id, reason="列名不清", on=MONDAY
    )


def cancelling(city: City, review: OpeningReview) -> Step:
    return lambda: services.cancel_review(
        actor=city.actor("provider-approver"), review_id=review.id, reason="不开放了", on=MONDAY
    )


def is_open(review: OpeningReview) -> bool:
    return resources.published_table(review.resource_id).open_columns is not None


def lines_of(review: OpeningReview) -> int:
    return InboxItem.objects.filter(case_id=review.id, done_at=None).count()


def test_of_a_yes_and_a_no_one_stands_and_only_the_yes_opens(city: City) -> None:
    review = submitted(city, table_in(city, opening="unconditional"))
    steps = [passing(city, review), returning(city, review)]
    (won,) = winners(race(*steps, *steps), IllegalMove)
    now = OpeningReview.objects.get(id=review.id)
    assert now.status == won.status
    assert is_open(now) is (now.status == ReviewStatus.OPENED)
    assert lines_of(now) == (0 if now.status == ReviewStatus.OPENED else 1)
    assert Event.objects.filter(case_id=review.id, type__in=ENDS).count() == 1


def test_passed_while_the_provider_cancels(city: City) -> None:
    review = submitted(city, table_in(city, opening="unconditional"))
    (won,) = winners(race(passing(city, review), cancelling(city, review)), IllegalMove)
    now = OpeningReview.objects.get(id=review.id)
    assert now.status == won.status
    assert is_open(now) is (now.status == ReviewStatus.OPENED)
    assert lines_of(now) == 0


def test_stopped_while_a_newer_review_passes_the_table_is_as_the_last_word_says(city: City) -> None:
    table = table_in(city, opening="unconditional")
    old = opened(city, table)
    new = submitted(city, table)

    def stop() -> OpeningReview:
        return services.stop_opening(
            actor=city.actor("bureau-reviewer"), review_id=old.id, reason="投诉属实", ground="某法", on=MONDAY
        )

    stopped, passed = race(stop, passing(city, new))
    assert isinstance(passed, OpeningReview), passed
    winners([stopped], IllegalMove)
    before = OpeningReview.objects.get(id=old.id).status
    assert before == (ReviewStatus.STOPPED if isinstance(stopped, OpeningReview) else ReviewStatus.REPLACED)
    assert OpeningReview.objects.get(id=new.id).status == ReviewStatus.OPENED
    assert is_open(new), "the newer yes was passed, so its columns are open"
