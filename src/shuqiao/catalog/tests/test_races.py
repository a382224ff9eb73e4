"""Two hands at once in the catalogue: one of them wins, the other is told, and nobody's words are lost silently.

On SQLite (in a file) and on PostgreSQL; each thread has a connection of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from shuqiao.catalog import exports, feed, jobs, services, spreadsheet
from shuqiao.catalog.life.rules import quarter_of
from shuqiao.catalog.models import (
    Entry,
    EntryChange,
    Export,
    ImportRecord,
    Revision,
    ThemeCatalogue,
    UpdateDuty,
)
from shuqiao.catalog.tests import factories
from shuqiao.catalog.types import Confirmation, EntryFilters, ExportStatus, Status, Trigger
from shuqiao.kernel import IllegalMove, InvalidInput, NotFound, Problem, RuleRefused
from shuqiao.kernel.time import now, today
from shuqiao.organizations.tests.factories import City, make_city
from shuqiao.organizations.tests.racing import Step, race, shared_database, winners
from shuqiao.procedures.models import Event, Term
from shuqiao.procedures.types import E

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None, home: Path, tmp_path: Path) -> Iterator[City]:
    """The cast in a database that several connections can write to."""
    with shared_database(tmp_path):
        yield make_city()


def test_one_reviewer_publishes_while_another_returns(city: City) -> None:
    revision = factories.submitted(city, on=today())
    reviewer, reasons = city.actor("bureau-reviewer"), [Problem("摘要", "写明地区")]

    def publish() -> Revision:
        return services.publish_revision(actor=reviewer, revision_id=revision.pk, on=today())

    def send_back() -> Revision:
        return services.return_revision(actor=reviewer, revision_id=revision.pk, reasons=reasons, on=today())

    (winner,) = winners(race(publish, send_back, publish, send_back), IllegalMove)
    revision.refresh_from_db()
    assert revision.status == winner.status
    published = Entry.objects.published().filter(pk=revision.entry_id).exists()
    assert published is (revision.status == Status.PUBLISHED)
    assert Event.objects.filter(type__in=[E.ENTRY_PUBLISHED, E.ENTRY_RETURNED]).count() == 1
    assert not Term.objects.filter(case_id=revision.pk, closed_on=None).exists()


def test_two_editors_of_one_draft_by_rest(city: City) -> None:
    draft = factories.draft(city)
    body = {"summary": "登记事项", "items": [{"name": "企业名称"}], "seen": draft.lock_version}

    def save(title: str) -> Step:
        client = Client()
        client.force_login(city.user("provider-cataloguer"))
        address = f"/api/v1/catalog/revisions/{draft.pk}"
        return lambda: client.put(address, json.dumps(body | {"title": title}), "application/json")

    answers = race(save("甲写的"), save("乙写的"), save("丙写的"))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400], answers
    kept = Revision.objects.get(pk=draft.pk)
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (kept.title, kept.lock_version) == (won["content"]["title"], draft.lock_version + 1)
    for told in (answer.json() for answer in answers if answer.status_code == 400):
        assert told["problems"][0]["where"] == "版本"


def test_an_edit_while_the_head_signs_is_in_what_is_signed_or_refused(city: City) -> None:
    draft = factories.draft(city, title="起草的")
    clerk, head = city.actor("provider-cataloguer"), city.actor("provider-approver")

    def save() -> Revision:
        return services.save_draft(
            actor=clerk, revision_id=draft.pk, content=factories.content(title="改过的"), on=today(), lock_version=1
        )  # fmt: skip

    def sign() -> Revision:
        return services.submit_revision(actor=head, revision_id=draft.pk, on=today())

    saved, signed = race(save, sign)
    assert isinstance(signed, Revision), signed
    kept = Revision.objects.get(pk=draft.pk)
    assert kept.status == Status.SUBMITTED
    if isinstance(saved, Revision):
        assert kept.title == signed.title == "改过的"
    else:
        assert isinstance(saved, IllegalMove)
        assert kept.title == "起草的"


def imported(city: City, tmp_path: Path, *titles: str) -> ImportRecord:
    lines = [
        spreadsheet.SheetEntry(factories.content(title=one), "", city.provider.name, "") for one in titles
    ]
    reading = spreadsheet.read(spreadsheet.write(lines, tmp_path / "a.xlsx"))
    return services.import_entries(
        actor=city.actor("provider-cataloguer"), department_id=city.provider.pk, reading=reading,
        file_name="目录.xlsx", sha256="x", at=now(), on=today(),
    )  # fmt: skip


def test_an_import_is_taken_back_while_its_drafts_are_signed(city: City, tmp_path: Path) -> None:
    record = imported(city, tmp_path, "甲", "乙", "丙")
    drafts = list(Revision.objects.order_by("title").values_list("pk", flat=True))
    clerk, head = city.actor("provider-cataloguer"), city.actor("provider-approver")

    def undo() -> ImportRecord:
        return services.undo_import(actor=clerk, import_id=record.pk, at=now(), on=today())

    def sign(revision_id: object) -> Step:
        return lambda: services.submit_revision(actor=head, revision_id=revision_id, on=today())

    outcomes = race(undo, *(sign(one) for one in drafts))
    winners(outcomes, NotFound, RuleRefused)
    signed = {one.pk for one in outcomes[1:] if isinstance(one, Revision)}
    left = set(Revision.objects.values_list("pk", flat=True))
    assert signed <= left, "what was signed is not thrown away"
    if isinstance(outcomes[0], ImportRecord):
        assert left == signed
        assert {one["revision"] for one in outcomes[0].left} == {str(one) for one in signed}
    else:
        assert len(left) == 3


def test_a_sheet_is_confirmed_while_the_same_entry_is_written_and_reviewed(
    city: City, tmp_path: Path
) -> None:
    """The entry of the sheet comes by hand and through review at the same moment: no identity twice, no step lost."""
    line = spreadsheet.SheetEntry(
        factories.content(title="待审核的"), "307001/000001", city.provider.name, ""
    )
    reading = spreadsheet.read(spreadsheet.write([line], tmp_path / "a.xlsx"))
    clerk = city.actor("provider-cataloguer")
    record = services.check_import(
        actor=clerk,
        department_id=city.provider.pk,
        reading=reading,
        file_name="目录.xlsx",
        sha256="x",
        at=now(),
    )
    waiting = factories.submitted(city, on=today(), title="待审核的")
    reviewer = city.actor("bureau-reviewer")

    def confirm() -> ImportRecord:
        return services.confirm_import(
            actor=clerk, import_id=record.pk, reading=reading, sha256="x", at=now(), on=today()
        )

    def publish() -> Revision:
        return services.publish_revision(actor=reviewer, revision_id=waiting.pk, on=today())

    taken, published, again = race(confirm, publish, confirm)
    assert isinstance(published, Revision), published
    assert all(isinstance(one, InvalidInput | IllegalMove) for one in (taken, again)), "it is there already"
    assert Entry.objects.count() == 1


def test_entries_are_confirmed_while_the_quarter_is_closed(city: City) -> None:
    entries = [factories.published(city, on=today(), title=f"第{place}条") for place in range(6)]
    reviewer, clerk = city.actor("bureau-reviewer"), city.actor("provider-cataloguer")
    campaign = services.open_campaign(
        actor=reviewer, division="210800", quarter=quarter_of(today()), on=today()
    )

    def confirm(*some: Entry) -> Step:
        ids = [one.pk for one in some]
        return lambda: services.confirm_entries(
            actor=clerk, campaign_id=campaign.pk, entry_ids=ids, on=today()
        )

    def close() -> object:
        return services.close_campaign(actor=reviewer, campaign_id=campaign.pk, on=today())

    outcomes = race(confirm(*entries[:2]), close, confirm(*entries[2:4]), close)
    winners(outcomes, IllegalMove)
    assert sum(not isinstance(one, Exception) for one in (outcomes[1], outcomes[3])) == 1
    campaign.refresh_from_db()
    confirmed = campaign.entries.filter(outcome=Confirmation.UNCHANGED).count()
    assert confirmed == sum(one for one in (outcomes[0], outcomes[2]) if isinstance(one, int))
    assert campaign.summary["totals"]["unchanged"] == confirmed, "what was written down is what was done"
    assert campaign.summary["totals"]["pending"] == 6 - confirmed


def test_two_people_confirm_the_same_entries(city: City) -> None:
    entry = factories.published(city, on=today())
    campaign = services.open_campaign(
        actor=city.actor("bureau-reviewer"), division="210800", quarter=quarter_of(today()), on=today()
    )

    def confirm(who: str) -> Step:
        actor = city.actor(who)
        return lambda: services.confirm_entries(
            actor=actor, campaign_id=campaign.pk, entry_ids=[entry.pk], on=today()
        )

    steps = [confirm("provider-cataloguer"), confirm("provider-approver"), confirm("provider-cataloguer")]
    assert winners(race(*steps), InvalidInput) == [1]
    assert Event.objects.filter(type=E.CAMPAIGN_CONFIRMED).count() == 1


def duty_of(city: City) -> UpdateDuty:
    (duty,) = services.record_duties(
        actor=city.actor("bureau-reviewer"),
        department_ids=[city.provider.pk],
        occasion=services.Occasion(Trigger.LAW, "条例修改", today()),
        on=today(),
    )
    return duty


def test_a_duty_is_reported_once(city: City) -> None:
    duty = duty_of(city)

    def report(who: str) -> Step:
        actor = city.actor(who)
        return lambda: services.report_duty(actor=actor, duty_id=duty.pk, report=f"{who} 报告", on=today())

    steps = [report("provider-cataloguer"), report("provider-approver"), report("provider-cataloguer")]
    (winner,) = winners(race(*steps), IllegalMove)
    duty.refresh_from_db()
    assert (duty.status, duty.report) == ("reported", winner.report)
    assert Event.objects.filter(type=E.DUTY_REPORTED).count() == 1
    assert Term.objects.get(case_id=duty.pk, closed_on=None).paused


def test_a_report_is_confirmed_or_sent_back(city: City) -> None:
    duty = duty_of(city)
    clerk, reviewer = city.actor("provider-cataloguer"), city.actor("bureau-reviewer")
    services.report_duty(actor=clerk, duty_id=duty.pk, report="已更新", on=today())

    def confirm() -> UpdateDuty:
        return services.confirm_duty(actor=reviewer, duty_id=duty.pk, on=today())

    def send_back() -> UpdateDuty:
        return services.send_duty_back(actor=reviewer, duty_id=duty.pk, reason="没有列明", on=today())

    (winner,) = winners(race(confirm, send_back, confirm, send_back), IllegalMove)
    duty.refresh_from_db()
    assert duty.status == winner.status
    running = Term.objects.filter(case_id=duty.pk, closed_on=None)
    assert [term.paused for term in running] == ([] if duty.status == "done" else [False])


def test_a_theme_is_established_or_returned(city: City) -> None:
    entry = factories.published(city, on=today())
    clerk, reviewer = city.actor("provider-cataloguer"), city.actor("bureau-reviewer")
    theme = services.create_theme(
        actor=clerk, department_id=city.provider.pk, name="营商", purpose="", on=today()
    )
    services.change_members(actor=clerk, theme_id=theme.pk, add=[entry.pk], on=today())
    services.submit_theme(actor=city.actor("provider-approver"), theme_id=theme.pk, on=today())

    def establish() -> ThemeCatalogue:
        return services.establish_theme(actor=reviewer, theme_id=theme.pk, on=today())

    def send_back() -> ThemeCatalogue:
        return services.return_theme(actor=reviewer, theme_id=theme.pk, reason="名称", on=today())

    (winner,) = winners(race(establish, send_back, establish), IllegalMove)
    theme.refresh_from_db()
    assert theme.status == winner.status


def test_a_revision_begins_once_and_not_after_withdrawal(city: City) -> None:
    entry = factories.published(city, on=today())
    clerk, head = city.actor("provider-cataloguer"), city.actor("provider-approver")

    def revise() -> Revision:
        return services.start_revision(actor=clerk, entry_id=entry.pk, on=today())

    def withdraw() -> Entry:
        return services.withdraw_entry(actor=head, entry_id=entry.pk, reason="划转", on=today())

    outcomes = race(revise, withdraw, revise)
    winners(outcomes, IllegalMove)
    assert isinstance(outcomes[1], Entry), outcomes[1]
    assert (
        sum(isinstance(one, Revision) for one in outcomes) == Revision.objects.filter(number=2).count() <= 1
    )


def test_a_button_pressed_twice_begins_one_revision_and_leads_to_it(city: City) -> None:
    entry = factories.published(city, on=today())
    clerk = city.actor("provider-cataloguer")

    def reach() -> tuple[Revision, bool]:
        return services.reach_revision(actor=clerk, entry_id=entry.pk, on=today())

    reached = winners(race(reach, reach, reach))
    assert sorted(begun for _, begun in reached) == [False, False, True]
    assert {revision.pk for revision, _ in reached} == {Revision.objects.get(number=2).pk}


def test_who_follows_the_feed_misses_nothing_while_others_publish(city: City) -> None:
    """Numbers are given in the order of the commits: a reader that has seen n has seen everything before it."""
    waiting = [factories.submitted(city, on=today(), title=f"第{place}条") for place in range(9)]
    reviewer, reader = city.actor("bureau-reviewer"), city.actor("stranger")

    def publish(some: list[Revision]) -> Step:
        return lambda: [
            services.publish_revision(actor=reviewer, revision_id=one.pk, on=today()) for one in some
        ]

    def follow() -> list[int]:
        seen, since = [], 0
        for _ in range(4_000):
            part = feed.read(reader, since=since, limit=2)
            seen += [change.number for change in part.changes]
            since = part.last
            if len(seen) >= len(waiting):
                break
        return seen

    outcomes = race(*(publish(waiting[place::3]) for place in range(3)), follow)
    winners(outcomes)
    numbers = list(EntryChange.objects.filter(kind="I").order_by("seq").values_list("seq", flat=True))
    assert outcomes[3] == numbers
    assert len(numbers) == len(waiting)


def test_a_person_who_asks_many_times_at_once_has_three_exports_made_once_each(city: City) -> None:
    for number in range(5):
        factories.published(city, on=today(), title=f"第{number}批企业名录")

    def ask(words: str) -> Step:
        asked = EntryFilters(words=words)
        return lambda: services.ask_export(actor=city.actor("stranger"), filters=asked, layout="a", at=now())

    same = winners(race(*[ask("企业名录")] * 3))
    assert len({export.pk for export in same}) == 1
    winners(race(*[ask(f"第{number}批") for number in range(5)]), InvalidInput)
    assert Export.objects.count() == 3
    assert sum(winners(race(*[lambda: jobs.make_exports(now())] * 3))) == 3
    assert set(Export.objects.values_list("status", "attempts")) == {(ExportStatus.DONE, 1)}
    assert {path.name for path in exports.folder().glob("*.xlsx")} == set(
        Export.objects.values_list("file", flat=True)
    )
