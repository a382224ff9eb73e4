"""Steps of the review before opening, and what they open and close."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shuqiao.catalog.models import DataItem
from shuqiao.delivery import book
from shuqiao.gateway import book as pages
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import CHINA
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.review import jobs, queries, services
from shuqiao.opening.review.types import ColumnChoice, ReviewStatus
from shuqiao.opening.tests.opened import MONDAY, PLACES, draft_of, opened, real_table, submitted, table_in
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.resources import queries as resources
from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories as mounted

NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)


def lines(review) -> list[tuple[str, str]]:
    found = InboxItem.objects.filter(case_id=review.id, done_at=None).select_related("department")
    return [(one.action, one.department.name) for one in found]


def facts(resource):
    return resources.published_table(resource.id)


@pytest.mark.article("yingkou-2022", "28")
@pytest.mark.article("dongchangfu-2020", "21")
@pytest.mark.article("dongchangfu-2020", "28")
@pytest.mark.article("shenyang-2020", "24")
@pytest.mark.article("shenyang-2020", "25")
@pytest.mark.parametrize("place", list(PLACES))
def test_nothing_is_open_before_the_review_and_exactly_what_it_let_open_afterwards(city, home, place):
    table = table_in(city, place, opening="unconditional")
    assert facts(table).open_columns is None
    review = submitted(city, table, place)
    assert facts(table).open_columns is None
    assert [action for action, _ in lines(review)] == ["审查开放"]
    review = services.pass_review(actor=city.actor(PLACES[place][1]), review_id=review.id, on=MONDAY)
    assert (review.status, lines(review)) == (ReviewStatus.OPENED, [])
    assert facts(table).open_columns == ("统一社会信用代码", "企业名称", "地区", "成立日期", "联系电话")
    assert facts(table).open_masks == {"联系电话": "keep_ends"}
    types = list(Event.objects.filter(case_id=review.id).order_by("id").values_list("type", flat=True))
    assert types == ["opening.review.begun", "opening.review.submitted", "opening.review.done"]
    assert review.decision().basis, "every decision rests on an article"


@pytest.mark.article("yingkou-2022", "28")
def test_the_gateway_gets_columns_and_masks(city, home):
    table = table_in(city, opening="unconditional")
    book.changed()
    book.write_book()
    assert pages.read_book(book.path()).resources[str(table.id)].open_columns is None
    opened(city, table)
    assert book.refresh_if_resources_changed(), "the review changes the book"
    book.write_book()
    row = pages.read_book(book.path()).resources[str(table.id)]
    assert row.open_masks == {"联系电话": "keep_ends"}
    assert "联系电话" in row.open_columns


@pytest.mark.article("yingkou-2022", "28")
@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ColumnChoice("keep"), "涉及或疑似个人信息"),
        (ColumnChoice(), "还没有决定"),
        (ColumnChoice("mask", "hash"), "不适用"),
        (ColumnChoice("mask"), "不适用"),
        (ColumnChoice("justify", reason="依法公示"), "理由和法律依据"),
        (ColumnChoice("nonsense"), "还没有决定"),
    ],
)
def test_a_personal_column_blocks_until_masked_dropped_or_justified(city, choice, said):
    table = table_in(city, opening="unconditional")
    columns = {**draft_of(table).columns, "联系电话": choice}
    with pytest.raises(RuleRefused, match=said) as caught:
        submitted(city, table, columns=columns)
    assert "联系电话" in str(caught.value)
    assert caught.value.decision.basis
    assert OpeningReview.objects.get().status == ReviewStatus.PREPARING


@pytest.mark.parametrize(
    ("choice", "masks"),
    [
        (ColumnChoice("drop"), None),
        (ColumnChoice("mask", "keep_ends"), {"联系电话": "keep_ends"}),
        (ColumnChoice("justify", reason="企业公示的联系电话", basis="企业信息公示暂行条例 第九条"), {}),
    ],
)
def test_the_three_ways_out(city, choice, masks):
    table = table_in(city, opening="unconditional")
    opened(city, table, columns={**draft_of(table).columns, "联系电话": choice})
    found = facts(table)
    assert ("联系电话" in found.open_columns) == (masks is not None)
    assert found.open_masks == (masks or {})


def test_everything_missing_is_named_at_once(city):
    table = table_in(city, opening="unconditional")
    with pytest.raises(RuleRefused) as caught:
        submitted(city, table, licence="", secrecy_checked=False, personal_checked=False)
    for word in ("保密审查", "个人信息审查", "开放许可"):
        assert word in str(caught.value)
    with pytest.raises(InvalidInput) as wrong:
        submitted(city, table, licence="mit", domains=("credit", "credit", "sport"))
    assert len(wrong.value.problems) == 3
    with pytest.raises(InvalidInput, match="没有这一列"):
        submitted(city, table, columns={"不存在": ColumnChoice("keep")})


def test_a_closed_entry_is_not_reviewed_and_closed_items_do_not_open(city):
    closed = table_in(city, opening="closed")
    with pytest.raises(RuleRefused, match="不予开放") as caught:
        submitted(city, closed)
    assert str(caught.value.decision.basis[0]) == "yingkou-2022:30"
    table = table_in(city, opening="unconditional")
    DataItem.objects.filter(revision=table.entry.published, name="地区").update(opening_type="closed")
    opened(city, table)
    assert "地区" not in facts(table).open_columns
    other = table_in(city, opening="unconditional")
    DataItem.objects.filter(revision=other.entry.published, name="地区").update(opening_type="closed")
    with pytest.raises(RuleRefused, match="目录列为不开放"):
        submitted(city, other, columns={**draft_of(other).columns, "地区": ColumnChoice("keep")})


def test_who_may_what(city):
    table = table_in(city, opening="unconditional")
    review = submitted(city, table)
    with pytest.raises(NotFound):
        queries.get_review_for(city.actor("stranger"), review.id, services.P.OPENING_CASE_READ)
    with pytest.raises(NotAllowed):
        services.pass_review(actor=city.actor("provider-approver"), review_id=review.id, on=MONDAY)
    with pytest.raises(NotAllowed):
        services.begin_review(actor=city.actor("stranger"), resource_id=table.id, on=MONDAY)
    with pytest.raises(NotFound):
        services.pass_review(actor=city.actor("shenyang-bureau"), review_id=review.id, on=MONDAY)


def test_twice(city):
    table = table_in(city, opening="unconditional")
    review = opened(city, table)
    with pytest.raises(IllegalMove):
        services.pass_review(actor=city.actor("bureau-reviewer"), review_id=review.id, on=MONDAY)
    with pytest.raises(IllegalMove):
        services.submit_review(
            actor=city.actor("provider-approver"), review_id=review.id, draft=draft_of(table), on=MONDAY
        )
    services.stop_opening(
        actor=city.actor("provider-approver"), review_id=review.id, reason="停用", ground="某法", on=MONDAY
    )
    with pytest.raises(IllegalMove):
        services.stop_opening(
            actor=city.actor("provider-approver"),
            review_id=review.id,
            reason="停用",
            ground="某法",
            on=MONDAY,
        )


def test_a_no_comes_back_with_its_reason_and_can_be_put_right(city):
    table = table_in(city, opening="unconditional")
    review = submitted(city, table)
    reviewer = city.actor("bureau-reviewer")
    with pytest.raises(RuleRefused, match="理由"):
        services.return_review(actor=reviewer, review_id=review.id, reason=" ", on=MONDAY)
    review = services.return_review(actor=reviewer, review_id=review.id, reason="电话应不开放", on=MONDAY)
    assert lines(review) == [("提交开放审查", city.provider.name)]
    columns = {**draft_of(table).columns, "联系电话": ColumnChoice("drop")}
    again = submitted(city, table, columns=columns)
    assert again.id == review.id
    services.pass_review(actor=reviewer, review_id=review.id, on=MONDAY)
    assert "联系电话" not in facts(table).open_columns


@pytest.mark.article("yingkou-2022", "30")
def test_stopping_closes_at_once_with_reason_and_basis(city):
    table = table_in(city, opening="unconditional")
    review = opened(city, table)
    actor = city.actor("bureau-reviewer")
    with pytest.raises(RuleRefused, match="理由和依据"):
        services.stop_opening(actor=actor, review_id=review.id, reason="", ground="", on=MONDAY)
    services.stop_opening(
        actor=actor,
        review_id=review.id,
        reason="发现可识别个人",
        ground="个人信息保护法 第四十七条",
        on=MONDAY,
    )
    assert facts(table).open_columns is None
    assert jobs.begin_due_reviews(NOON) == 0, "who stopped is not asked to open again"


@pytest.mark.article("dongchangfu-2020", "28")
@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({}, True),
        ({"schema": "new column"}, False),
        ({"type": "decimal"}, False),
        ({"personal": "name"}, False),
    ],
)
def test_a_new_version_stays_open_only_while_it_looks_as_reviewed(city, change, stays):
    table = table_in(city, opening="unconditional")
    opened(city, table)
    version = Version.objects.get(id=table.current_version_id)
    if "schema" in change:
        version.schema = [*version.schema, {"name": "法定代表人", "type": "text"}]
    if "type" in change:
        version.schema = [
            {**one, "type": "integer"} if one["name"] == "地区" else one for one in version.schema
        ]
    if "personal" in change:
        version.personal = [*version.personal, {"column": "企业名称", "kind": "name", "decision": "keep"}]
    version.save()
    assert (facts(table).open_columns is not None) is stays
    assert jobs.begin_due_reviews(NOON) == (0 if stays else 1)
    assert jobs.begin_due_reviews(NOON + timedelta(minutes=1)) == 0, "once"
    if not stays:
        review = OpeningReview.objects.get(status=ReviewStatus.PREPARING)
        assert lines(review) == [("提交开放审查", city.provider.name)]
        assert "新版本" in review.why


def test_a_version_published_meanwhile_sends_the_review_back(city):
    table = table_in(city, opening="unconditional")
    review = submitted(city, table)
    version = Version.objects.get(id=table.current_version_id)
    version.schema = [*version.schema, {"name": "法定代表人", "type": "text"}]
    version.save()
    with pytest.raises(RuleRefused, match="新的数据版本"):
        services.pass_review(actor=city.actor("bureau-reviewer"), review_id=review.id, on=MONDAY)


def test_a_new_review_replaces_the_one_in_force(city):
    table = table_in(city, opening="unconditional")
    first = opened(city, table)
    second = opened(city, table, columns={**draft_of(table).columns, "联系电话": ColumnChoice("drop")})
    first.refresh_from_db()
    assert (first.status, second.status) == (ReviewStatus.REPLACED, ReviewStatus.OPENED)
    last = Event.objects.filter(case_id=first.id).order_by("id").last()
    assert (last.type, last.data) == ("opening.review.replaced", {"by": second.number})
    assert facts(table).open_masks == {}


def test_cancelling_ends_the_case_and_leaves_what_is_open(city):
    table = table_in(city, opening="unconditional")
    opened(city, table)
    actor = city.actor("provider-approver")
    review = services.begin_review(actor=actor, resource_id=table.id, on=MONDAY)
    review = services.cancel_review(actor=actor, review_id=review.id, reason="不再调整", on=MONDAY)
    assert (review.status, lines(review)) == (ReviewStatus.CANCELLED, [])
    assert facts(table).open_columns


def test_on_application_the_review_offers_and_opens_nothing_to_everybody(city):
    table = table_in(city, opening="conditional")
    opened(city, table)
    assert facts(table).open_columns is None
    assert {one.name: one.mask for one in facts(table).offer}["联系电话"] == "keep_ends"


def test_the_platform_begins_what_nobody_began(city):
    table = table_in(city, opening="unconditional")
    table_in(city, opening="closed")
    assert jobs.begin_due_reviews(NOON) == 1
    assert lines(OpeningReview.objects.get(resource=table))


@pytest.mark.article("yingkou-2022", "28")
def test_the_rows_the_public_reads_are_masked(city, client, tmp_path):
    table = real_table(city, tmp_path)
    opened(city, table, on=mounted.TODAY)
    shown = client.get(f"/open/{table.entry_id}/").content.decode()
    assert "13800138000" not in shown
    assert "联系手机</th>" in shown
    assert "<td>1" in shown.split("联系手机</th>")[1]
