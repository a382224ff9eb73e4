"""Two hands at once: nothing is lost, exactly one wins, and whoever loses is told so.

On both databases, each thread with a connection of its own. SQLite in memory has one connection for all, so
there the tests run on a file beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shuqiao import journal
from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services as catalog
from shuqiao.catalog import spreadsheet
from shuqiao.catalog.models import DuplicatePair, Entry, ImportRecord, Revision
from shuqiao.catalog.tests import factories as entries
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import BookState, Grant
from shuqiao.delivery.tests.factories import make_entry, make_table, order_of
from shuqiao.gateway.book import book_path, read_book
from shuqiao.kernel import IllegalMove, InvalidInput, ShuqiaoError
from shuqiao.kernel.time import now, today
from shuqiao.law import BasisLevel
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import Step, race, shared_database, winners
from shuqiao.procedures import services as procedures
from shuqiao.procedures.jobs import seal_events
from shuqiao.procedures.models import Event, EventSeal, Term, UnsealedEvent
from shuqiao.procedures.types import CaseKind, E
from shuqiao.resources import jobs
from shuqiao.resources import services as resources
from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories as mounted
from shuqiao.sharing import services as sharing
from shuqiao.sharing.models import SharingRequest
from tests.access_world import YES, draft_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


def asked(city: City) -> SharingRequest:
    table = make_table(make_entry(city.provider))
    draft = sharing.create_draft(
        actor=city.actor("consumer-cataloguer"), entry_id=table.entry_id, resource_id=table.id,
        department_id=city.consumer.id, draft=draft_of(), on=today(),
    )  # fmt: skip
    return sharing.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=today())


def test_one_of_several_answers_stands(city: City) -> None:
    request = asked(city)
    provider, consumer = city.actor("provider-approver"), city.actor("consumer-approver")

    def approve() -> SharingRequest:
        return sharing.approve_request(actor=provider, request_id=request.id, on=today())

    def refuse() -> SharingRequest:
        return sharing.refuse_request(
            actor=provider, request_id=request.id, reason="超出", basis="某法 第一条", level=BasisLevel.LAW, on=today()
        )  # fmt: skip

    def withdraw() -> SharingRequest:
        return sharing.withdraw_request(actor=consumer, request_id=request.id, reason="不再需要", on=today())

    (winner,) = winners(race(approve, refuse, withdraw, approve), IllegalMove)
    request.refresh_from_db()
    assert request.status == winner.status
    assert Grant.objects.count() == (1 if request.status == "approved" else 0)
    said = Event.objects.filter(type__in=[E.REQUEST_APPROVED, E.REQUEST_REFUSED, E.REQUEST_WITHDRAWN])
    assert said.count() == 1
    assert not Term.objects.filter(case_id=request.id, closed_on=None).exists()


def test_one_reviewer_publishes_and_the_other_is_told(city: City) -> None:
    revision = entries.submitted(city, on=today())
    reviewer = city.actor("bureau-reviewer")

    def publish() -> Revision:
        return catalog.publish_revision(actor=reviewer, revision_id=revision.id, on=today())

    assert len(winners(race(publish, publish, publish), IllegalMove)) == 1
    assert Event.objects.filter(type=E.ENTRY_PUBLISHED).count() == 1


def test_two_reviewers_give_two_codes(city: City) -> None:
    waiting = [entries.submitted(city, on=today(), title=f"第{place}种登记信息") for place in range(4)]
    reviewer = city.actor("bureau-reviewer")
    outcomes = race(
        *(
            lambda one=one: catalog.publish_revision(actor=reviewer, revision_id=one.id, on=today())
            for one in waiting
        )
    )
    assert len(winners(outcomes)) == 4
    assert len(set(Entry.objects.values_list("code", flat=True))) == 4


def test_nobodys_words_in_a_catalogue_draft_are_overwritten_silently(city: City) -> None:
    draft = entries.draft(city)
    clerk = city.actor("provider-cataloguer")

    def save(title: str) -> Step:
        return lambda: catalog.save_draft(
            actor=clerk,
            revision_id=draft.id,
            content=entries.content(title=title),
            on=today(),
            lock_version=1,
        )

    (winner,) = winners(race(save("甲写的"), save("乙写的"), save("丙写的")), InvalidInput)
    kept = Revision.objects.get(id=draft.id)
    assert (kept.title, kept.lock_version, kept.items.count()) == (winner.title, 2, len(entries.ITEMS))


def test_nobodys_words_in_a_request_are_overwritten_silently(city: City) -> None:
    table = make_table(make_entry(city.provider))
    clerk = city.actor("consumer-cataloguer")
    draft = sharing.create_draft(
        actor=clerk, entry_id=table.entry_id, resource_id=table.id, department_id=city.consumer.id,
        draft=draft_of(), on=today(),
    )  # fmt: skip

    def save(purpose: str) -> Step:
        return lambda: sharing.save_draft(
            actor=clerk, request_id=draft.id, draft=draft_of(purpose=purpose), on=today(), seen=draft.mark()
        )

    (winner,) = winners(race(save("甲写的"), save("乙写的"), save("丙写的")), InvalidInput)
    assert SharingRequest.objects.get(id=draft.id).purpose == winner.purpose


def sheet(city: City, tmp_path: Path, title: str, code: str) -> tuple[ImportRecord, Any]:
    line = spreadsheet.SheetEntry(entries.content(title=title), code, city.provider.name, "")
    reading = spreadsheet.read(spreadsheet.write([line], tmp_path / f"{title}.xlsx"))
    record = catalog.check_import(
        actor=city.actor("provider-cataloguer"), department_id=city.provider.id, reading=reading,
        file_name="目录.xlsx", sha256=title, at=now(),
    )  # fmt: skip
    return record, reading


def confirming(city: City, record: ImportRecord, reading: Any) -> Step:
    clerk = city.actor("provider-cataloguer")
    return lambda: catalog.confirm_import(
        actor=clerk, import_id=record.id, reading=reading, sha256=record.sha256, at=now(), on=today()
    )


def test_a_sheet_is_imported_once_or_given_up(city: City, tmp_path: Path) -> None:
    record, reading = sheet(city, tmp_path, "甲", "")
    confirm, clerk = confirming(city, record, reading), city.actor("provider-cataloguer")

    def discard() -> ImportRecord:
        return catalog.discard_import(actor=clerk, import_id=record.id)

    (winner,) = winners(race(confirm, discard, confirm, discard), IllegalMove)
    record.refresh_from_db()
    assert record.status == winner.status
    assert Entry.objects.count() == (1 if record.status == "imported" else 0)


def test_an_import_during_review_takes_no_code_twice(city: City, tmp_path: Path) -> None:
    """The sheets bring the code that the review is about to give, and each other's entry."""
    submitted = entries.submitted(city, on=today(), title="待审核的")
    confirms = [confirming(city, *sheet(city, tmp_path, name, "307001/000001")) for name in ("甲", "乙")]
    reviewer = city.actor("bureau-reviewer")
    outcomes = race(
        *confirms, lambda: catalog.publish_revision(actor=reviewer, revision_id=submitted.id, on=today())
    )
    winners(outcomes, InvalidInput)
    assert not isinstance(outcomes[2], Exception)
    codes = list(Entry.objects.exclude(code=None).values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    assert codes.count("307001/000001") == 1


def test_two_sheets_with_the_same_entry(city: City, tmp_path: Path) -> None:
    one, reading = sheet(city, tmp_path, "甲", "")
    same = ImportRecord.objects.get(id=one.id)
    same.pk = None
    same.id = one.id.__class__(int=one.id.int + 1)
    same.save(force_insert=True)
    won = winners(race(confirming(city, one, reading), confirming(city, same, reading)), InvalidInput)
    assert (len(won), Entry.objects.count()) == (1, 1)


def test_two_workers_seal_every_event_once(city: City, home: Path) -> None:
    for place in range(20):
        entries.draft(city, title=f"第{place}条")
    race(*[lambda: [seal_events(now()) for _ in range(4)]] * 3)
    while seal_events(now()):
        pass
    assert not UnsealedEvent.objects.exists()
    assert EventSeal.objects.count() == Event.objects.count() == 20
    logged = [one.record.extra["event"] for one in journal.search(home / "journal", kind="event", limit=100)]
    assert sorted(logged) == sorted(Event.objects.values_list("id", flat=True))


def test_two_workers_build_a_version_once(city: City, tmp_path: Path) -> None:
    version = mounted.upload_text(city, mounted.mount(city), mounted.SMALL, tmp_path)
    mounted.confirm(city, version)
    outcomes = race(*[lambda: jobs.build_versions(now())] * 3)
    assert sum(winners(outcomes)) == 1
    version.refresh_from_db()
    assert (version.status, version.attempts) == ("built", 1)
    assert Event.objects.filter(type=E.VERSION_BUILT).count() == 1


def test_one_version_is_published_while_another_file_comes(city: City, tmp_path: Path) -> None:
    version = mounted.upload_text(city, mounted.mount(city), mounted.SMALL, tmp_path)
    mounted.submit(city, mounted.build(city, version))
    reviewer = city.actor("bureau-reviewer")

    def publish() -> Version:
        return resources.publish_version(actor=reviewer, version_id=version.id, on=today())

    def upload() -> Version:
        return mounted.upload_text(city, version.resource, mounted.SMALL, tmp_path)

    outcomes = race(publish, upload, publish)
    winners(outcomes, ShuqiaoError)
    assert sum(isinstance(one, Exception) for one in (outcomes[0], outcomes[2])) == 1
    version.refresh_from_db()
    assert version.status == "published"
    assert Version.objects.filter(status="published").count() == 1
    version.resource.refresh_from_db()
    assert version.resource.current_version_id == version.id


def granted(city: City) -> Grant:
    table = make_table(make_entry(city.provider))
    order = order_of(table, city.consumer.id, valid_from=today())
    return delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=today())


def test_the_book_has_every_change_of_many_hands(city: City, home: Path) -> None:
    grants = [granted(city) for _ in range(6)]
    keeper = city.actor("provider-approver")
    outcomes = race(
        *(
            lambda one=one: delivery.suspend_grant(
                actor=keeper, grant_id=one.id, reason="用途不符", on=today()
            )
            for one in grants
        )
    )
    assert len(winners(outcomes)) == 6
    book = read_book(book_path(home))
    assert book.revision == BookState.objects.get(id=1).revision
    assert {row.id: row.state for row in book.grants} == {str(one.id): "suspended" for one in grants}


def test_suspending_against_resuming(city: City, home: Path) -> None:
    grant = granted(city)
    keeper, bureau = city.actor("provider-approver"), city.actor("bureau-supervisor")

    def suspend() -> Grant:
        return delivery.suspend_grant(actor=bureau, grant_id=grant.id, reason="用途不符", on=today())

    def resume() -> Grant:
        return delivery.resume_grant(actor=keeper, grant_id=grant.id, note="已整改", on=today())

    assert len(winners(race(suspend, suspend, suspend), IllegalMove)) == 1
    outcomes = race(resume, suspend, resume, suspend)
    assert winners(outcomes, IllegalMove)
    grant.refresh_from_db()
    steps = Event.objects.filter(type__in=[E.GRANT_SUSPENDED, E.GRANT_RESUMED]).order_by("id")
    # Each step that was taken stands in the history, and no two of a kind follow each other.
    kinds = list(steps.values_list("type", flat=True))
    assert len(kinds) == 1 + len(winners(outcomes, IllegalMove))
    assert all(one != two for one, two in pairwise(kinds))
    assert grant.state == ("suspended" if kinds[-1] == E.GRANT_SUSPENDED else "active")
    (row,) = read_book(book_path(home)).grants
    assert row.state == grant.state


def test_case_numbers_are_never_given_twice(city: City) -> None:
    def take() -> list[str]:
        return [
            procedures.next_case_number(kind=CaseKind.SHARING_REQUEST, division="210800", on=today())
            for _ in range(10)
        ]

    numbers = [number for taken in winners(race(*[take] * 6)) for number in taken]
    assert len(set(numbers)) == 60
    assert sorted(numbers)[-1].endswith("0060号")


def test_two_people_decide_one_pair_and_one_of_them_wins(city: City) -> None:
    one = entries.published(city, on=today(), title="加油站信息")
    other = entries.published(city, on=today(), title="加油站情况")
    catalog.find_changed_duplicates(at=now())
    pair = DuplicatePair.objects.get()

    def merge(who: str, keep: Entry) -> Step:
        return lambda: catalog.merge_entries(
            actor=city.actor(who), pair_id=pair.pk, keep_id=keep.pk, note="同一批", on=today()
        )

    outcomes = race(merge("bureau-reviewer", one), merge("provider-approver", other))
    assert len(winners(outcomes, IllegalMove)) == 1
    published = Entry.objects.filter(pk__in=[one.pk, other.pk], published__isnull=False)
    assert published.count() == 1
    assert Entry.objects.get(merged_into__isnull=False).merged_into_id == published.get().pk
    assert Event.objects.filter(type=E.ENTRY_MERGED).count() == 2
