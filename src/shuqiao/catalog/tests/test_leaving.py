"""Drafts given up, withdrawn entries brought back, and what a merge does with what is under way."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shuqiao.catalog import queries, search, services, spreadsheet
from shuqiao.catalog.models import CampaignEntry, DuplicatePair, Entry, EntryChange, Revision
from shuqiao.catalog.search import View
from shuqiao.catalog.services import Occasion
from shuqiao.catalog.tests import factories
from shuqiao.catalog.tests.factories import ON, content, draft, published, submitted
from shuqiao.catalog.tests.test_importing_any import check, confirm, sheet
from shuqiao.catalog.types import Confirmation, EntryFilters, PairStatus, Status, Trigger
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, Problem, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event, InboxItem, Notice
from shuqiao.procedures.types import E

pytestmark = pytest.mark.django_db
PC, PA, BR, OTHER = "provider-cataloguer", "provider-approver", "bureau-reviewer", "stranger"


def give_up(city, revision, by=PC, **more):
    return services.give_up_revision(actor=city.actor(by), revision_id=revision.id, on=ON, **more)


def returned(city, **changes):
    revision = submitted(city, **changes)
    return services.return_revision(
        actor=city.actor(BR), revision_id=revision.id, reasons=[Problem("摘要", "太短")], on=ON
    )


def revise(city, entry):
    return services.start_revision(actor=city.actor(PC), entry_id=entry.pk, on=ON)


@pytest.mark.parametrize("begun", [draft, returned])
def test_what_was_never_published_leaves_every_list(city, client_of, begun):
    revision = begun(city, title="写错的条目")
    services.ask_sign_off(actor=city.actor(PC), revision_id=revision.id, on=ON)
    give_up(city, revision, reason="重复起草")
    revision.refresh_from_db()
    assert revision.status == Status.GIVEN_UP
    reader = city.actor(PC)
    assert not queries.list_revisions_for(reader).exists()
    assert queries.entry_titles_of(city.provider.id) == []
    assert search.find(reader, EntryFilters(words="写错的条目"), view=View.SEEN).total == 0
    assert not InboxItem.objects.filter(case_id=revision.id, done_at=None).exists()
    assert list(queries.list_revisions_for(reader, status=Status.GIVEN_UP)) == [revision]
    said = Event.objects.get(type=E.ENTRY_GIVEN_UP)
    assert said.data["reason"] == "重复起草"
    page = client_of(PC).get(reverse("catalog:mine")).content.decode()
    assert "写错的条目" not in page
    assert client_of(PC).get(reverse("catalog:revision", args=[revision.id])).status_code == 200


def test_a_draft_nobody_outside_saw_stays_unseen_and_one_that_was_submitted_can_be_read(city):
    unseen, seen = draft(city), returned(city, title="退回过的")
    for one in (unseen, seen):
        give_up(city, one)
    bureau = city.actor(BR)
    with pytest.raises(NotFound):
        queries.get_revision_for(bureau, unseen.id)
    assert queries.get_revision_for(bureau, seen.id).status == Status.GIVEN_UP


def test_a_started_revision_given_up_leaves_the_published_one_as_it_is(city, client_of):
    entry = published(city)
    code, revision = entry.code, revise(city, entry)
    give_up(city, revision, by=PA)
    entry.refresh_from_db()
    assert (entry.code, entry.published.number) == (code, 1)
    assert queries.open_revision_of(entry.pk) is None
    assert revise(city, entry).number == 3  # numbers are not given twice


def test_only_its_department_and_only_before_submission(city):
    revision, sent = draft(city), submitted(city, title="在审")
    for by in (OTHER,):
        with pytest.raises(NotFound):
            give_up(city, revision, by=by)
    with pytest.raises(NotAllowed):
        give_up(city, sent, by=BR)
    with pytest.raises(IllegalMove):
        give_up(city, sent)
    give_up(city, revision)
    with pytest.raises(IllegalMove):
        give_up(city, revision)
    with pytest.raises(IllegalMove):
        services.save_draft(actor=city.actor(PC), revision_id=revision.id, content=content(), on=ON)
    with pytest.raises(IllegalMove):
        services.submit_revision(actor=city.actor(PA), revision_id=revision.id, on=ON)
    assert Event.objects.filter(type=E.ENTRY_GIVEN_UP).count() == 1


def test_a_code_a_sheet_gave_is_free_again_but_never_one_that_was_in_force(city):
    revision = draft(city)
    Entry.objects.update(code="307001/000900")
    give_up(city, revision)
    assert Entry.objects.get().code is None
    assert Event.objects.get(type=E.ENTRY_GIVEN_UP).data["code_freed"] == "307001/000900"
    entry = published(city, title="公开过的")
    services.withdraw_entry(actor=city.actor(PA), entry_id=entry.pk, reason="误撤", on=ON)
    again = services.restore_entry(actor=city.actor(PC), entry_id=entry.pk, reason="误撤", on=ON)
    give_up(city, again)
    entry.refresh_from_db()
    assert entry.code
    assert entry.withdrawn_at


def test_given_up_by_page_with_confirmation_and_by_rest(city, client_of):
    one, two = draft(city), draft(city, title="另一份")
    client = client_of(PC)
    page = client.get(reverse("catalog:revision", args=[one.id])).content.decode()
    assert "确认放弃第 1 版" in page
    answer = client.post(reverse("catalog:give-up", args=[one.id]), {"reason": "不编了"}, follow=True)
    assert "已放弃" in answer.content.decode()
    rest = client.post(f"/api/v1/catalog/revisions/{two.id}/give-up", "{}", content_type="application/json")
    assert rest.json()["status"] == "given_up"
    again = client.post(f"/api/v1/catalog/revisions/{two.id}/give-up", "{}", content_type="application/json")
    assert again.status_code == 409


def test_a_withdrawn_entry_comes_back_under_its_code_after_review(city, client_of):
    entry = published(city)
    code, said = entry.code, entry.published.content()
    services.withdraw_entry(actor=city.actor(PA), entry_id=entry.pk, reason="误撤", on=ON)
    page = client_of(PC).get(reverse("catalog:entry", args=[entry.pk])).content.decode()
    assert "恢复本条目" in page
    with pytest.raises(InvalidInput):
        services.restore_entry(actor=city.actor(PC), entry_id=entry.pk, reason=" ", on=ON)
    with pytest.raises(NotAllowed):
        services.restore_entry(actor=city.actor(BR), entry_id=entry.pk, reason="误撤", on=ON)
    with pytest.raises(NotFound):
        services.restore_entry(actor=city.actor(OTHER), entry_id=entry.pk, reason="误撤", on=ON)
    client_of(PC).post(reverse("catalog:restore", args=[entry.pk]), {"reason": "误撤"})
    revision = queries.open_revision_of(entry.pk)
    assert (revision.number, revision.content()) == (2, said)
    with pytest.raises(IllegalMove):
        services.restore_entry(actor=city.actor(PC), entry_id=entry.pk, reason="误撤", on=ON)
    services.submit_revision(actor=city.actor(PA), revision_id=revision.id, on=ON)
    services.publish_revision(actor=city.actor(BR), revision_id=revision.id, on=ON)
    entry.refresh_from_db()
    assert (entry.code, entry.published_id, entry.withdrawn_at) == (code, revision.id, None)
    kinds = [
        row.kind for row in EntryChange.objects.filter(entry_id=entry.pk, kind__in="IUD").order_by("seq")
    ]
    assert kinds == ["I", "D", "I"]
    with pytest.raises(IllegalMove):
        services.restore_entry(actor=city.actor(PC), entry_id=entry.pk, reason="误撤", on=ON)


def test_restored_by_rest_copies_what_was_in_force_not_what_was_given_up(city, client_of):
    entry = published(city, summary="撤下前的摘要，写明了范围。")
    services.withdraw_entry(actor=city.actor(PA), entry_id=entry.pk, reason="误撤", on=ON)
    address = f"/api/v1/catalog/entries/{entry.pk}/restore"
    for number in (2, 3):
        answer = client_of(PC).post(address, {"reason": "误撤"}, content_type="application/json")
        assert (answer.status_code, answer.json()["number"]) == (201, number)
        revision = Revision.objects.get(pk=answer.json()["revision"])
        assert revision.summary == "撤下前的摘要，写明了范围。"
        Revision.objects.filter(pk=revision.pk).update(summary="改坏了")
        give_up(city, revision)


def test_an_import_taken_back_says_which_of_its_drafts_were_given_up_before(city, client_of, tmp_path):
    reading = spreadsheet.read(sheet(tmp_path, "a", content(), content(title="企业注销信息")))
    record = confirm(city, check(city, reading), reading)
    gone, other = Revision.objects.filter(imported_by=record).order_by("title")
    give_up(city, gone)
    answer = client_of(PC).post(f"/api/v1/catalog/imports/{record.pk}/undo")
    assert [(one["title"], one["why"]) for one in answer.json()["left"]] == [(gone.title, "已是“已放弃”")]
    assert not Revision.objects.filter(pk=other.pk).exists()
    page = client_of(PC).get(reverse("catalog:import", args=[record.pk])).content.decode()
    assert "已是“已放弃”" in page
    again = confirm(city, check(city, reading), reading)  # what is gone or given up stands in nobody's way
    assert again.imported == 2


# merging


def of_other(city, **changes):
    revision = factories.draft(city, by=OTHER, department=city.other, **changes)
    services.submit_revision(actor=city.actor(OTHER), revision_id=revision.id, on=ON)
    services.publish_revision(actor=city.actor(BR), revision_id=revision.id, on=ON)
    return Entry.objects.get(pk=revision.entry_id)


def pair_of(one, other):
    first, second = sorted((one, other), key=lambda entry: entry.pk)
    return DuplicatePair.objects.create(first=first, second=second, score=0.9, found_at=now())


def merge(city, keep, leave, by=BR):
    return services.merge_entries(
        actor=city.actor(by), pair_id=pair_of(keep, leave).pk, keep_id=keep.pk, note="同一数据", on=ON
    )


@pytest.mark.article("dongchangfu-2020", "15")
def test_a_department_s_draft_does_not_hold_up_the_bureau(city, client_of):
    keep, leave = of_other(city, title="保留的"), published(city, title="并入的")
    revision = revise(city, leave)
    pair = pair_of(keep, leave)
    page = client_of(BR).get(reverse("catalog:pair", args=[pair.pk])).content.decode()
    assert "第 2 版草稿" in page
    services.merge_entries(actor=city.actor(BR), pair_id=pair.pk, keep_id=keep.pk, note="同一数据", on=ON)
    revision.refresh_from_db()
    assert revision.status == Status.GIVEN_UP
    assert any("草稿已放弃" in one.text for one in Notice.objects.filter(department=city.provider))
    assert Event.objects.get(type=E.ENTRY_GIVEN_UP).data["reason"].startswith("条目并入")
    merged = Event.objects.get(type=E.ENTRY_MERGED, case_id=keep.published_id)
    assert merged.data["draft_given_up"] == 2


def test_what_waits_for_review_is_reviewed_first(city):
    keep, leave = of_other(city, title="保留的"), published(city, title="并入的")
    services.submit_revision(actor=city.actor(PA), revision_id=revise(city, leave).id, on=ON)
    with pytest.raises(RuleRefused, match="正待审核"):
        merge(city, keep, leave)


def test_a_separation_given_up_leaves_the_entry_merged(city):
    keep, leave = published(city, title="保留的"), published(city, title="并入的")
    merge(city, keep, leave)
    revision = services.separate_entry(actor=city.actor(PC), entry_id=leave.pk, reason="口径不同", on=ON)
    assert DuplicatePair.objects.get().status == PairStatus.DISTINCT
    give_up(city, revision)
    assert DuplicatePair.objects.get().status == PairStatus.MERGED
    leave.refresh_from_db()
    assert leave.merged_into_id == keep.pk
    assert (
        services.separate_entry(actor=city.actor(PC), entry_id=leave.pk, reason="口径不同", on=ON).number == 3
    )


def duty(city, *entries):
    (one,) = services.record_duties(
        actor=city.actor(PC), department_ids=[city.provider.id],
        occasion=Occasion(Trigger.DUTY, "职责调整", ON), entry_ids=[entry.pk for entry in entries], on=ON,
    )  # fmt: skip
    return one


def test_a_merged_entry_hands_its_duty_to_the_one_that_stays(city):
    keep, leave = published(city, title="保留的"), published(city, title="并入的")
    one = duty(city, leave)
    merge(city, keep, leave)
    rows = {row.entry_id: row for row in one.entries.all()}
    assert rows[leave.pk].outcome == Confirmation.CHANGED
    assert keep.code in rows[leave.pk].note
    assert (rows[keep.pk].outcome, rows[keep.pk].revision_before_id) == ("pending", keep.published_id)
    assert Event.objects.filter(type=E.ENTRY_MERGED, case_id=one.pk).exists()
    with pytest.raises(RuleRefused):
        services.report_duty(actor=city.actor(PC), duty_id=one.pk, report="已更新", on=ON)
    services.mark_unchanged(actor=city.actor(PC), duty_id=one.pk, entry_ids=[keep.pk], note="已含", on=ON)
    services.report_duty(actor=city.actor(PC), duty_id=one.pk, report="已更新", on=ON)
    services.confirm_duty(actor=city.actor(BR), duty_id=one.pk, on=ON)


def test_merged_into_another_department_s_entry_the_duty_is_settled_and_that_department_told(city):
    keep, leave = of_other(city, title="保留的"), published(city, title="并入的")
    one = duty(city, leave)
    merge(city, keep, leave)
    assert [row.outcome for row in one.entries.all()] == [Confirmation.CHANGED]
    assert any(one.case_number in notice.text for notice in Notice.objects.filter(department=city.other))
    said = Event.objects.get(type=E.ENTRY_MERGED, case_id=keep.published_id)
    assert said.data["duties_told_of"] == [one.case_number]
    services.report_duty(actor=city.actor(PC), duty_id=one.pk, report="已并入", on=ON)


def test_a_merged_entry_no_longer_waits_in_the_quarter_s_maintenance(city):
    keep, leave = of_other(city, title="保留的"), published(city, title="并入的")
    campaign = services.open_campaign(actor=city.actor(BR), division="210800", quarter="2026-Q4", on=ON)
    merge(city, keep, leave)
    outcomes = dict(CampaignEntry.objects.values_list("entry_id", "outcome"))
    assert outcomes == {leave.pk: Confirmation.CHANGED, keep.pk: Confirmation.PENDING}
    open_for = InboxItem.objects.filter(case_id=campaign.pk, done_at=None).values_list(
        "department_id", flat=True
    )
    assert list(open_for) == [city.other.pk]
