"""Finding entries that may be one: pure comparison, the worker's rounds, decisions, merging."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.catalog import duplicates, search, services
from shuqiao.catalog.models import DuplicatePair, Entry, EntryChange
from shuqiao.catalog.onesource import pairs as reads
from shuqiao.catalog.tests import factories, hangzhou
from shuqiao.catalog.types import EntryFilters, PairStatus, Status
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event, Notice
from shuqiao.procedures.types import E

ON = factories.ON
PLACES = duplicates.Places.of({"杭州市", "拱墅区", "西湖区", "淳安县"}, {"湖滨街道办事处"})


def card(number: int, title: str, holder: str = "市教育局", **said):
    given_ = {"scope": "330100", "division": "杭州市", "places": PLACES} | said
    return duplicates.Card(id=UUID(int=number), title=title, holder=holder, **given_)


def alike(one, other):
    return duplicates.compare(one, other)


@pytest.mark.parametrize(
    ("title", "place", "key"),
    [
        ("拱墅区加油站信息", "拱墅区", "加油站"),
        ("拱墅_加油站（信息）", "拱墅区", "加油站"),
        ("杭州市淳安县加油站基本情况一览表", "淳安县", "加油站"),
        ("湖滨街道停车场", "湖滨街道", "停车场"),
        ("全市加油站数据", "", "加油站"),
        ("信息", "", "信息"),
    ],
)
def test_a_title_without_its_place_and_empty_words(title, place, key):
    assert duplicates.title_key(title, PLACES) == (place, key)


@given(st.text(max_size=40))
def test_any_title_has_a_key_and_blocks(title):
    _, key = duplicates.title_key(title, PLACES)
    assert len(key) <= len(duplicates.normal_title(title))
    made = card(1, title)
    assert bool(duplicates.block_keys(made)) == bool(key)
    assert duplicates.block_keys(made) == duplicates.block_keys(card(2, title))


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_comparison_is_symmetric_and_explained(one, other):
    a, b = card(1, one, "甲局"), card(2, other, "乙局")
    there, back = alike(a, b), alike(b, a)
    assert there.score == back.score
    assert 0 <= there.score <= 1
    assert bool(there.reasons) == (there.score > 0) or there.score == 0


@pytest.mark.article("dongchangfu-2020", "15")
def test_formats_of_one_dataset_are_one():
    found = alike(card(1, "企业信息", format="api"), card(2, "企业信息", format="data"))
    assert found.score == 1.0
    assert {reason.kind for reason in found.reasons} == {"title", "holder", "formats"}


def test_the_same_title_in_several_districts_is_proposed_with_both_named():
    found = alike(card(1, "拱墅区加油站信息", "拱墅区商务局"), card(2, "西湖区加油站信息", "西湖区商务局"))
    assert found.score >= duplicates.KEPT_FROM
    assert "拱墅区" in found.reasons[0].text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2019年项目信息", "2020年项目信息"),
        ("小学教师任职资格证书", "高等学校教师任职资格证书"),
        ("第二类经营备案证书", "第三类经营备案证书"),
        ("拱墅区房源信息", "西湖区房源信息"),  # of one department: parts, not doubles
    ],
)
def test_what_only_looks_alike_is_not_proposed(one, other):
    assert alike(card(1, one), card(2, other)).score < duplicates.KEPT_FROM


def test_items_bear_out_a_title_or_speak_against_it():
    many, few = frozenset("甲乙丙丁戊己"), frozenset("子丑寅卯辰巳")
    base = alike(card(1, "企业信息", "甲局"), card(2, "企业信息", "乙局")).score
    with_items = alike(card(1, "企业信息", "甲局", items=many), card(2, "企业信息", "乙局", items=many))
    against = alike(card(1, "企业信息", "甲局", items=many), card(2, "企业信息", "乙局", items=few))
    assert with_items.score > base > against.score
    assert "items_differ" in {reason.kind for reason in against.reasons}


def test_a_title_that_hundreds_hold_does_not_grow_with_the_square():
    cards = [card(n, "公共厕所", f"第{n}局") for n in range(600)]
    found = list(duplicates.find_pairs(cards))
    assert 599 <= len(found) <= 600 * 40


def test_jurisdictions_are_not_mixed():
    pair = [card(1, "公共厕所"), card(2, "公共厕所", scope="210100")]
    assert not list(duplicates.find_pairs(pair))


@pytest.mark.shared_data
def test_the_known_pairs_of_hangzhou_are_found(shared_data):
    rows = hangzhou.records(shared_data / "catalog_hangzhou_2023.json")
    places = duplicates.Places.of({row["所属区县"] for row in rows}, {row["发布部门"] for row in rows})
    cards = [
        card(
            n, row["资源名称"], f"{row['所属区县']}{row['发布部门']}",
            division=row["所属区县"], format=row["数据格式"], places=places,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip
    found = {(pair.first.id.int, pair.second.id.int): pair for pair in duplicates.find_pairs(cards)}
    groups: dict[str, list[int]] = {}
    for n, one in enumerate(cards):
        groups.setdefault(one.plain, []).append(n)
    wanted = {(a, b) for group in groups.values() for a in group for b in group if a < b}
    assert len(wanted) > 3_000
    assert wanted <= found.keys()


# -- rows -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(city):
    one = factories.published(city, title="加油站信息")
    other = factories.published(city, title="加油站情况")
    services.find_changed_duplicates(at=now())
    found = DuplicatePair.objects.get()
    return found, one, other


@pytest.mark.django_db
@pytest.mark.article("dongchangfu-2020", "15")
def test_the_worker_finds_what_changed_and_only_that(city, pair):
    found, one, other = pair
    assert {found.first_id, found.second_id} == {one.pk, other.pk}
    assert found.reasons
    assert services.find_changed_duplicates(at=now()) == 0
    services.withdraw_entry(actor=city.actor("bureau-reviewer"), entry_id=one.pk, reason="停用", on=ON)
    assert services.find_changed_duplicates(at=now()) == 1
    assert not DuplicatePair.objects.exists()


@pytest.mark.django_db
def test_in_full_and_by_changes_come_to_the_same(city, pair):
    before = set(DuplicatePair.objects.values_list("first_id", "second_id", "score"))
    assert services.find_all_duplicates(at=now()) == 1
    assert set(DuplicatePair.objects.values_list("first_id", "second_id", "score")) == before


@pytest.mark.django_db
def test_likely_duplicates_of_a_draft_by_the_index_of_blocks(city, pair):
    _, one, other = pair
    draft = factories.draft(city, title="营口市加油站信息")
    with CaptureQueriesContext(connection) as queries:
        found = reads.likely_duplicates(draft)
    assert {line.entry.pk for line in found} == {one.pk, other.pk}
    assert len(queries) <= 9
    assert all(line.reasons and line.score >= duplicates.KEPT_FROM for line in found)


@pytest.mark.django_db
def test_a_decision_is_kept_until_the_content_changes_much(city, pair):
    found, one, _ = pair
    bureau = city.actor("bureau-reviewer")
    services.keep_both(actor=bureau, pair_id=found.pk, note="口径不同", on=ON)
    services.find_all_duplicates(at=now())
    found.refresh_from_db()
    assert (found.status, found.note) == (PairStatus.DISTINCT, "口径不同")
    revision = services.start_revision(actor=city.actor("provider-cataloguer"), entry_id=one.pk, on=ON)
    services.save_draft(
        actor=city.actor("provider-cataloguer"), revision_id=revision.pk,
        content=factories.content(title="加油站情况"), on=ON,
    )  # fmt: skip
    services.submit_revision(actor=city.actor("provider-approver"), revision_id=revision.pk, on=ON)
    services.publish_revision(actor=bureau, revision_id=revision.pk, on=ON)
    services.find_changed_duplicates(at=now())
    found.refresh_from_db()
    assert found.status == PairStatus.FOUND
    assert Event.objects.filter(type=E.PAIR_DECIDED).count() == 1


@pytest.mark.django_db
@pytest.mark.article("dongchangfu-2020", "15")
def test_merging_keeps_identities_and_leads_on(city, pair):
    found, one, other = pair
    kept = services.merge_entries(
        actor=city.actor("bureau-reviewer"), pair_id=found.pk, keep_id=one.pk, note="同一批数据", on=ON
    )
    assert kept.pk == one.pk
    gone = Entry.objects.get(pk=other.pk)
    assert (gone.published_id, gone.merged_into_id, gone.code) == (None, one.pk, other.code)
    assert gone.revisions.get().status == Status.WITHDRAWN
    assert reads.merge_target(other.pk).pk == one.pk
    assert [entry.pk for entry in reads.merged_codes(one.pk)] == [other.pk]
    by_code = search.find(city.actor("stranger"), EntryFilters(words=other.code))
    assert by_code.entry_ids == [one.pk]
    assert {change.kind for change in EntryChange.objects.order_by("-seq")[:2]} == {"D", "U"}
    assert Event.objects.filter(type=E.ENTRY_MERGED).count() == 2
    assert "已并入" in Notice.objects.filter(department=city.provider).order_by("-at")[0].text
    with pytest.raises(IllegalMove):
        services.merge_entries(
            actor=city.actor("bureau-reviewer"), pair_id=found.pk, keep_id=one.pk, note="再来", on=ON
        )


@pytest.mark.django_db
def test_who_may_decide(city, pair):
    found, one, _ = pair
    step = {"pair_id": found.pk, "keep_id": one.pk, "note": "同一批数据", "on": ON}
    with pytest.raises(NotFound):
        services.merge_entries(actor=city.actor("stranger"), **step)
    with pytest.raises(NotAllowed):
        services.merge_entries(actor=city.actor("provider-cataloguer"), **step)
    with pytest.raises(RuleRefused) as refused:
        services.merge_entries(actor=city.actor("provider-approver"), **(step | {"note": " "}))
    assert refused.value.decision.rule == "catalog.duplicates"
    with pytest.raises(InvalidInput):
        services.keep_both(actor=city.actor("provider-approver"), pair_id=found.pk, note="", on=ON)
    services.merge_entries(actor=city.actor("provider-approver"), **step)


@pytest.mark.django_db
def test_an_entry_before_the_bureau_is_not_merged_away(city, pair):
    found, one, other = pair
    begun = services.start_revision(actor=city.actor("provider-cataloguer"), entry_id=other.pk, on=ON)
    services.submit_revision(actor=city.actor("provider-approver"), revision_id=begun.pk, on=ON)
    with pytest.raises(RuleRefused):
        services.merge_entries(
            actor=city.actor("bureau-reviewer"), pair_id=found.pk, keep_id=one.pk, note="同", on=ON
        )


@pytest.mark.django_db
def test_a_merged_entry_is_separated_by_a_new_revision(city, pair):
    found, one, other = pair
    bureau = city.actor("bureau-reviewer")
    services.merge_entries(actor=bureau, pair_id=found.pk, keep_id=one.pk, note="同一批数据", on=ON)
    cataloguer = city.actor("provider-cataloguer")
    with pytest.raises(NotAllowed):
        services.separate_entry(actor=bureau, entry_id=other.pk, reason="并错了", on=ON)
    with pytest.raises(NotFound):
        services.separate_entry(actor=cataloguer, entry_id=one.pk, reason="并错了", on=ON)
    revision = services.separate_entry(actor=cataloguer, entry_id=other.pk, reason="并错了", on=ON)
    with pytest.raises(IllegalMove):
        services.separate_entry(actor=cataloguer, entry_id=other.pk, reason="并错了", on=ON)
    services.submit_revision(actor=city.actor("provider-approver"), revision_id=revision.pk, on=ON)
    assert search.find(city.actor("stranger"), EntryFilters(words=other.code)).entry_ids == [one.pk]
    services.publish_revision(actor=bureau, revision_id=revision.pk, on=ON + timedelta(days=1))
    again = Entry.objects.get(pk=other.pk)
    assert (again.merged_into, again.published_id, again.code) == (None, revision.pk, other.code)
    found.refresh_from_db()
    assert found.status == PairStatus.DISTINCT
    assert search.find(city.actor("stranger"), EntryFilters(words=other.code)).entry_ids == [other.pk]
