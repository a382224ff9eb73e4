"""Steps on entries: works, stranger, not allowed, rule refused, twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from shuqiao.accounts.types import P
from shuqiao.catalog import queries, search, services
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.tests.factories import ON, content, draft, published, submitted
from shuqiao.catalog.types import EntryFilters, Status
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, Problem, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.procedures.types import E

CATALOGUER, APPROVER, REVIEWER = "provider-cataloguer", "provider-approver", "bureau-reviewer"


def test_create_works_and_leaves_an_event(city):
    revision = draft(city)
    assert revision.status == Status.DRAFT
    assert revision.items.count() == 4
    assert revision.content() == content()
    assert Event.objects.get(type=E.ENTRY_DRAFTED).case_id == revision.id


def test_create_is_only_for_the_department(city):
    with pytest.raises(NotAllowed):
        draft(city, by="stranger")
    with pytest.raises(NotAllowed):
        draft(city, by=APPROVER)
    assert not Entry.objects.exists()


def test_create_names_everything_that_cannot_be_stored(city):
    bad = replace(content(), title="", kind="nonsense", items=(content().items[0], content().items[0]))
    with pytest.raises(InvalidInput) as caught:
        services.create_entry(
            actor=city.actor(CATALOGUER), department_id=city.provider.id, content=bad, on=ON
        )
    assert {problem.where for problem in caught.value.problems} == {"title", "kind", "items.2.name"}


def test_save_draft_changes_and_says_what(city):
    revision = draft(city)
    services.save_draft(
        actor=city.actor(CATALOGUER), revision_id=revision.id, content=content(summary="另一段"), on=ON
    )
    assert Revision.objects.get().summary == "另一段"
    assert Event.objects.get(type=E.ENTRY_EDITED).data == {"changed": ["summary"]}


def test_save_draft_loses_nobodys_words(city):
    revision = draft(city)
    save = {"actor": city.actor(CATALOGUER), "revision_id": revision.id, "on": ON, "lock_version": 1}
    services.save_draft(content=content(summary="甲写的"), **save)
    with pytest.raises(InvalidInput, match="别人保存过"):
        services.save_draft(content=content(summary="乙写的"), **save)
    assert Revision.objects.get().summary == "甲写的"


def test_save_draft_stranger_and_colleague(city):
    revision = draft(city)
    with pytest.raises(NotFound):
        services.save_draft(actor=city.actor("stranger"), revision_id=revision.id, content=content(), on=ON)
    with pytest.raises(NotAllowed):
        services.save_draft(actor=city.actor(APPROVER), revision_id=revision.id, content=content(), on=ON)
    sent = services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    with pytest.raises(IllegalMove):
        services.save_draft(actor=city.actor(CATALOGUER), revision_id=sent.id, content=content(), on=ON)


@pytest.mark.article("national-2025", "13")
@pytest.mark.article("national-2025", "16")
@pytest.mark.article("yingkou-2022", "11")
def test_submit_is_signed_numbered_clocked_and_in_the_bureaus_inbox(city):
    revision = submitted(city)
    assert revision.status == Status.SUBMITTED
    assert revision.signed_by_id == city.user(APPROVER).id
    assert revision.case_number == "营数目〔2026〕0001号"
    term = Term.objects.get(case_id=revision.id)
    assert (term.term_id, term.department_id) == ("catalog.review", city.bureau.id)
    assert term.due_on == date(2026, 11, 24)  # Friday; two working days: Monday, Tuesday
    item = InboxItem.objects.get(case_id=revision.id, done_at=None)
    assert (item.department_id, item.permission) == (city.bureau.id, P.CATALOG_ENTRY_REVIEW)
    assert item.case_url == f"/catalog/revisions/{revision.id}/"


def test_submit_before_the_decree_has_no_clock(city):
    revision = submitted(city, on=date(2025, 7, 31))
    assert not Term.objects.filter(case_id=revision.id).exists()
    item = InboxItem.objects.get(case_id=revision.id, done_at=None)
    assert item.basis == [
        "yingkou-2022:11",
        "yingkou-2022:12",
    ]  # the decree is not cited before it is in force


@pytest.mark.article("national-2025", "13")
def test_submit_is_the_heads_alone_and_once(city):
    revision = draft(city)
    with pytest.raises(NotAllowed):
        services.submit_revision(actor=city.actor(CATALOGUER), revision_id=revision.id, on=ON)
    with pytest.raises(NotFound):
        services.submit_revision(actor=city.actor("stranger"), revision_id=revision.id, on=ON)
    services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    with pytest.raises(IllegalMove):
        services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    assert Event.objects.filter(type=E.ENTRY_SUBMITTED).count() == 1


@pytest.mark.article("yingkou-2022", "14")
def test_submit_refused_by_rule_changes_nothing(city):
    revision = draft(city, update_cycle="", contact_phone="", secrecy_assessed=False)
    with pytest.raises(RuleRefused) as caught:
        services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    for word in ("更新周期", "联系", "保密风险评估"):
        assert word in caught.value.decision.reason
    assert Revision.objects.get().status == Status.DRAFT
    assert not InboxItem.objects.exists()


@pytest.mark.article("yingkou-2022", "17")
@pytest.mark.article("national-2025", "15")
def test_the_same_entry_is_judged_otherwise_on_the_day_the_decree_comes_into_force(city):
    by_rule = {
        "sharing_type": "none",
        "sharing_reason": "涉及商业秘密",
        "sharing_basis": "某部门规章",
        "sharing_basis_level": "rule",
    }
    first = draft(city, **by_rule)
    second = draft(city, **by_rule)
    sent = services.submit_revision(actor=city.actor(APPROVER), revision_id=first.id, on=date(2025, 7, 31))
    with pytest.raises(RuleRefused, match="层级不足"):
        services.submit_revision(actor=city.actor(APPROVER), revision_id=second.id, on=date(2025, 8, 1))
    with pytest.raises(RuleRefused, match="层级不足"):
        services.publish_revision(actor=city.actor(REVIEWER), revision_id=sent.id, on=date(2025, 8, 1))


def test_return_carries_all_reasons_and_goes_back_to_the_department(city):
    revision = submitted(city)
    reasons = [Problem("摘要", "写明数据范围"), Problem("", "补一个联系电话")]
    services.return_revision(actor=city.actor(REVIEWER), revision_id=revision.id, reasons=reasons, on=ON)
    revision.refresh_from_db()
    assert revision.status == Status.RETURNED
    assert [reason["what"] for reason in revision.return_reasons] == ["写明数据范围", "补一个联系电话"]
    assert Term.objects.get(case_id=revision.id).closed_on == ON
    decision = Event.objects.get(case_id=revision.id, type=E.ENTRY_RETURNED).decision
    assert (decision["rule"], decision["allowed"]) == ("catalog.bureau_review", False)
    assert "yingkou-2022:11" in decision["basis"]
    assert "补一个联系电话" in decision["reason"]
    item = InboxItem.objects.get(case_id=revision.id, done_at=None)
    assert item.department_id == city.provider.id
    again = services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    assert again.case_number == revision.case_number
    assert again.return_reasons == []


def test_return_without_reasons_cannot_be_made(city):
    revision = submitted(city)
    with pytest.raises(InvalidInput):
        services.return_revision(
            actor=city.actor(REVIEWER), revision_id=revision.id, reasons=[Problem("摘要", " ")], on=ON
        )
    with pytest.raises(NotAllowed):
        services.return_revision(
            actor=city.actor(APPROVER), revision_id=revision.id, reasons=[Problem("", "不")], on=ON
        )


@pytest.mark.article("yingkou-2022", "11")
@pytest.mark.article("yingkou-2022", "13")
@pytest.mark.article("shenyang-2020", "12")
@pytest.mark.article("national-2025", "16")
def test_publish_gives_a_code_and_shows_it_to_everybody(city):
    entry = published(city)
    assert entry.code == "307001/000001"
    assert entry.published.published_on == ON
    assert Term.objects.get(case_id=entry.published_id).closed_on == ON
    assert not InboxItem.objects.filter(case_id=entry.published_id, done_at=None).exists()
    assert "307001/000001" in Notice.objects.get(department=city.provider).text
    assert list(queries.list_entries_for(city.actor("stranger"))) == [entry]
    assert published(city, title="企业注销信息").code == "307001/000002"


def test_publish_is_the_bureaus_once_and_never_the_signers(city):
    revision = submitted(city)
    for username in (APPROVER, CATALOGUER, "bureau-supervisor"):
        with pytest.raises(NotAllowed):
            services.publish_revision(actor=city.actor(username), revision_id=revision.id, on=ON)
    with pytest.raises(NotFound):
        services.publish_revision(actor=city.actor("shenyang-bureau"), revision_id=revision.id, on=ON)
    Revision.objects.filter(id=revision.id).update(signed_by=city.user(REVIEWER))
    with pytest.raises(NotAllowed, match="审签人"):
        services.publish_revision(actor=city.actor(REVIEWER), revision_id=revision.id, on=ON)
    Revision.objects.filter(id=revision.id).update(signed_by=city.user(APPROVER))
    services.publish_revision(actor=city.actor(REVIEWER), revision_id=revision.id, on=ON)
    with pytest.raises(IllegalMove):
        services.publish_revision(actor=city.actor(REVIEWER), revision_id=revision.id, on=ON)


def test_a_code_that_a_sheet_gave_is_not_given_again(city):
    Entry.objects.create(division=city.yingkou, department=city.other, code="307001/000001")
    assert published(city).code == "307001/000002"


@pytest.mark.article("yingkou-2022", "15")
def test_the_published_revision_stays_visible_while_the_next_is_under_review(city):
    entry = published(city)
    first = entry.published
    following = services.start_revision(actor=city.actor(CATALOGUER), entry_id=entry.id, on=ON)
    assert (following.number, following.content().items) == (2, first.content().items)
    with pytest.raises(IllegalMove):
        services.start_revision(actor=city.actor(CATALOGUER), entry_id=entry.id, on=ON)
    services.save_draft(
        actor=city.actor(CATALOGUER),
        revision_id=following.id,
        content=content(title="企业登记信息（新）"),
        on=ON,
    )
    services.submit_revision(actor=city.actor(APPROVER), revision_id=following.id, on=ON)
    assert queries.facts_of(entry.id).title == "企业登记信息"
    services.publish_revision(actor=city.actor(REVIEWER), revision_id=following.id, on=ON)
    assert queries.facts_of(entry.id).title == "企业登记信息（新）"
    first.refresh_from_db()
    assert first.status == Status.SUPERSEDED
    assert queries.facts_of(entry.id).code == "307001/000001"


def test_withdraw_takes_it_out_and_keeps_its_history(city):
    entry = published(city)
    with pytest.raises(NotAllowed):
        services.withdraw_entry(
            actor=city.actor("consumer-approver"), entry_id=entry.id, reason="不要了", on=ON
        )
    with pytest.raises(InvalidInput):
        services.withdraw_entry(actor=city.actor(APPROVER), entry_id=entry.id, reason=" ", on=ON)
    services.withdraw_entry(actor=city.actor(APPROVER), entry_id=entry.id, reason="职责已划转", on=ON)
    with pytest.raises(NotFound):
        queries.get_entry_for(city.actor("consumer-approver"), entry.id)
    assert queries.get_entry_for(city.actor(CATALOGUER), entry.id).withdrawn_reason == "职责已划转"
    with pytest.raises(IllegalMove):
        services.withdraw_entry(actor=city.actor(APPROVER), entry_id=entry.id, reason="再撤", on=ON)


def test_batches_do_what_they_can_and_tell_the_rest(city):
    good, lacking = draft(city), draft(city, title="缺周期", update_cycle="")
    result = services.submit_revisions(actor=city.actor(APPROVER), revision_ids=[good.id, lacking.id], on=ON)
    assert [one.id for one in result.done] == [good.id]
    assert [one.id for one, _ in result.refused] == [lacking.id]
    assert "更新周期" in str(result.refused[0][1])
    second = services.publish_revisions(actor=city.actor(REVIEWER), revision_ids=[good.id], on=ON)
    assert second.done[0].entry.code == "307001/000001"
    assert not second.refused


def test_a_cataloguer_asks_the_head_to_sign(city):
    revision = draft(city)
    services.ask_sign_off(actor=city.actor(CATALOGUER), revision_id=revision.id, on=ON)
    item = InboxItem.objects.get(done_at=None)
    assert (item.department_id, item.permission) == (city.provider.id, P.CATALOG_ENTRY_SIGN)
    services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    assert not InboxItem.objects.filter(department=city.provider, done_at=None).exists()


def test_a_countys_entries_go_to_the_citys_bureau_and_regime(city):
    from shuqiao.organizations.models import Department
    from shuqiao.organizations.tests.factories import credit_code, make_user

    county = Department.objects.create(
        division=city.county, name="大石桥市教育局", short_name="市教育局", credit_code=credit_code(77)
    )
    from shuqiao.accounts.types import Role

    city.users["county"] = make_user("county", "石局长", county, Role.CATALOGUER, Role.APPROVER)
    revision = draft(city, by="county", department=county)
    services.submit_revision(actor=city.actor("county"), revision_id=revision.id, on=ON)
    assert InboxItem.objects.get(done_at=None).department_id == city.bureau.id
    done = services.publish_revision(actor=city.actor(REVIEWER), revision_id=revision.id, on=ON)
    assert done.entry.division_id == city.county.code


def test_the_database_refuses_what_must_never_be_true(city):
    entry = published(city)
    for change in (
        {"status": "published", "secrecy_mark": "state_secret"},
        {"status": "submitted", "case_number": "", "signed_on": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Revision.objects.filter(id=entry.published_id).update(**change)
    Revision.objects.create(entry=entry, number=2, title="甲")
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(entry=entry, number=3, title="乙")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(id=entry.id).update(code=None)


def test_visibility_of_drafts_and_reviews(city):
    revision = draft(city)
    assert queries.get_revision_for(city.actor(APPROVER), revision.id)
    for username in ("consumer-approver", REVIEWER, "admin"):
        with pytest.raises(NotFound):
            queries.get_revision_for(city.actor(username), revision.id)
    services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.id, on=ON)
    assert queries.get_revision_for(city.actor(REVIEWER), revision.id)
    for username in ("consumer-approver", "shenyang-bureau"):
        with pytest.raises(NotFound):
            queries.get_revision_for(city.actor(username), revision.id)


def test_list_is_narrowed_by_words_and_filters(city):
    entry = published(city)
    other = published(
        city, title="房屋产权信息", summary="全市房屋", classification="307002", sharing_type="conditional"
    )
    found = lambda **asked: set(queries.list_entries_for(city.actor("stranger"), EntryFilters(**asked)))  # noqa: E731
    assert found() == {entry, other}
    assert found(words="企业 登记") == {entry}
    assert found(words="信用代码") == {entry, other}
    assert found(words="３０７００２") == {other}
    assert found(words="市场监督 房屋") == {other}
    assert found(sharing=("conditional",)) == {other}
    assert found(divisions=("210100",)) == set()
    assert found(departments=(str(city.provider.id), "not-an-id")) == {entry, other}
    asked = EntryFilters(sharing=("conditional",))
    facets = search.page_of(city.actor("stranger"), asked, number=1, per_page=20).facets
    assert {row["value"]: row["count"] for row in facets["sharing"]} == {"conditional": 1, "unconditional": 1}
    assert [row["count"] for row in facets["departments"]] == [1]


@pytest.mark.article("yingkou-2022", "30")
@pytest.mark.article("shenyang-2020", "27")
def test_the_public_reads_of_a_closed_entry_its_name_and_basis_only(city):
    closed = published(city, opening_basis="《某法》第十条", opening_basis_level="law")
    shown = queries.public_facts_of(closed.id)
    assert (shown.title, shown.opening_basis) == ("企业登记信息", "《某法》第十条")
    assert (shown.summary, shown.contact_phone, shown.items) == ("", "", ())
    items = (*content().items[:3], replace(content().items[3], opening_type="closed"))
    opened = published(
        city, title="企业名录", opening_type="unconditional", opening_method="download", items=items
    )
    assert [item.name for item in queries.public_facts_of(opened.id).items] == [
        "统一社会信用代码",
        "企业名称",
        "地区",
    ]
    assert set(queries.list_public_entries(EntryFilters(words="登记事项"))) == {opened}


@pytest.mark.article("dongchangfu-2020", "13")
@pytest.mark.article("dongchangfu-2020", "15")
def test_the_reviewer_sees_entries_of_the_same_title(city):
    first = published(city)
    second = submitted(city)
    assert queries.same_titles(second) == [first]


def test_revisions_are_listed_for_the_department_that_has_the_entry_now(city):
    """Whatever is written with a row, and whoever moves the entry: triggers of the database see to it."""
    first = draft(city, title="甲")
    Entry.objects.filter(pk=first.entry_id).update(department=city.other)
    first.save()  # it was read before the move
    second = draft(city, title="乙")
    Revision.objects.filter(pk=second.pk).update(of_department=city.other.pk)
    rows = Revision.objects.values_list("title", "of_department", "entry__department")
    assert sorted(rows) == [
        ("乙", city.provider.pk, city.provider.pk),
        ("甲", city.other.pk, city.other.pk),
    ]
    reader = city.actor("provider-cataloguer")
    assert [revision.title for revision in queries.list_revisions_for(reader)] == ["乙"]
    assert queries.own_counts_for(reader) == {"draft": 1}
