"""The reviewer's checks run beforehand, batch review with reasons per entry, differences."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shuqiao.catalog import review_checks, services
from shuqiao.catalog.models import Revision
from shuqiao.catalog.review_checks.checks import Known, Other, Tone, run
from shuqiao.catalog.tests.factories import ON, content, published, submitted
from shuqiao.catalog.tests.test_duties import revise
from shuqiao.catalog.types import Status
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.organizations import queries as organizations

BR, PC = "bureau-reviewer", "provider-cataloguer"


def known(city, **changes) -> Known:
    regime = organizations.regime_of("210800", ON)
    given = {"content": content(), "code": "307001/000012", "consented": True, "regime": regime}
    return Known(**(given | changes))


def ids(found) -> set[str]:
    return {check.id for check in found}


def test_a_good_entry_has_no_finding(city):
    assert run(known(city)) == ()


@pytest.mark.parametrize(
    ("changes", "code", "wanted"),
    [
        ({"title": "企业登记管理系统"}, "307001/000012", "catalog.review.title"),
        ({"title": "企业登记信息3"}, "307001/000012", "catalog.review.dragged"),
        ({}, "307", "catalog.review.code"),
        ({"format_type": "xlsx"}, "307001/000012", "catalog.review.format_type"),
        (
            {"shared_storage_gb": Decimal(2), "storage_gb": Decimal(1)},
            "307001/000012",
            "catalog.review.census",
        ),
        ({"storage_gb": Decimal(5_000_000)}, "307001/000012", "catalog.review.census"),
    ],
)
def test_each_check_finds_its_thing(city, changes, code, wanted):
    found = run(known(city, content=replace(content(), **changes), code=code))
    assert wanted in ids(found)
    assert all(check.element for check in found)


@pytest.mark.article("yingkou-2022", "14")
@pytest.mark.article("national-2025", "15")
@pytest.mark.article("national-2025", "14")
def test_what_the_rules_refuse_stands_first_with_its_articles(city):
    bad = replace(content(), update_cycle="", sharing_type="none", title="登记系统")
    found = run(known(city, content=bad))
    assert [check.tone for check in found] == sorted(
        (c.tone for c in found), key=lambda tone: tone is not Tone.STOP
    )
    assert {"catalog.metadata.required", "catalog.none.basis"} <= ids(found)
    assert all(check.basis for check in found if check.tone is Tone.STOP)


@pytest.mark.article("dongchangfu-2020", "15")
def test_same_and_near_titles_are_found_in_the_division(city):
    published(city)
    published(city, title="企业登记信息2", classification="307002")
    again, near = submitted(city), submitted(city, title="企业登记信息 3")
    same = review_checks.known_of([again, near], ON)
    assert [other.title for other in same[again.pk].same] == ["企业登记信息"]
    assert [other.title for other in same[again.pk].near] == ["企业登记信息2"]
    assert {other.title for other in same[near.pk].near} == {"企业登记信息", "企业登记信息2"}
    assert {"catalog.review.same_title", "catalog.review.near_title"} <= ids(run(same[again.pk]))


def test_a_neighbours_code_one_apart_is_pointed_out(city):
    other = Other("x", "307001/000011", "企业登记信息2", "市人社局")
    found = run(
        known(city, content=content(title="企业登记信息3"), near=(other,), neighbour_codes=("307001/000011",))
    )
    assert any("只差末位" in check.what for check in found)


def test_the_review_list_shows_checks_and_takes_no_more_queries_for_more_rows(client_of, city):
    client, counts = client_of(BR), []
    for number in range(3):
        for _ in range(number + 1):
            submitted(city, title=f"信息系统{number}", method_type="file")
        client.get(reverse("catalog:review"))
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("catalog:review")).content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[2]
    assert "数据库经共享平台" in page


def test_batch_review_publishes_some_and_returns_others_each_with_its_reasons(client_of, city):
    good, bad, left = (submitted(city, title=title) for title in ("甲类信息", "乙类信息", "丙类信息"))
    data = {
        "revision": [str(one.id) for one in (good, bad, left)],
        f"verdict-{good.id}": "publish",
        f"verdict-{bad.id}": "return",
        f"reasons-{bad.id}": "摘要太短\n写明地区",
    }
    page = client_of(BR).post(reverse("catalog:decide-many"), data).content.decode()
    assert "已发布 1 件，退回 1 件" in page
    states = dict(Revision.objects.values_list("id", "status"))
    assert [states[one.id] for one in (good, bad, left)] == ["published", "returned", "submitted"]
    bad.refresh_from_db()
    assert [reason["what"] for reason in bad.return_reasons] == ["摘要太短", "写明地区"]


def test_batch_review_without_a_reason_changes_nothing(client_of, city):
    one = submitted(city)
    data = {"revision": [str(one.id)], f"verdict-{one.id}": "return"}
    assert client_of(BR).post(reverse("catalog:decide-many"), data).status_code == 400
    assert client_of(BR).post(reverse("catalog:decide-many"), {"revision": [str(one.id)]}).status_code == 400
    assert Revision.objects.get().status == Status.SUBMITTED
    with pytest.raises(InvalidInput):
        services.return_revision(actor=city.actor(BR), revision_id=one.id, reasons=[Problem("", " ")], on=ON)


def test_what_was_typed_comes_back_with_the_line_that_lacks_a_reason_named(client_of, city):
    good, bad, empty = (submitted(city, title=title) for title in ("甲类信息", "乙类信息", "丙类信息"))
    data = {
        "revision": [str(one.id) for one in (good, bad, empty)],
        f"verdict-{good.id}": "publish",
        f"verdict-{bad.id}": "return",
        f"reasons-{bad.id}": "摘要太短\n写明地区",
        f"verdict-{empty.id}": "return",
        f"reasons-{empty.id}": "  ",
    }
    answer = client_of(BR).post(reverse("catalog:decide-many"), data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "有 1 处要改" in page
    assert "丙类信息</span>：选了退回" in page
    assert "摘要太短\n写明地区</textarea>" in page.replace("\r", "")
    assert f'name="verdict-{good.id}" value="publish" checked' in page
    assert f'aria-describedby="lacks-{empty.id}"' in page
    assert set(Revision.objects.values_list("status", flat=True)) == {Status.SUBMITTED}


def test_an_id_that_is_none_and_an_empty_reason_do_not_hold_up_the_others(client_of, city):
    one, other = submitted(city), submitted(city, title="另一个")
    strange = UUID("00000000-0000-0000-0000-000000000001")
    verdicts = [
        services.Verdict(strange),
        services.Verdict(other.id, (Problem("", " "),)),
        services.Verdict(one.id),
    ]
    result, returned = services.decide_revisions(actor=city.actor(BR), verdicts=verdicts, on=ON)
    assert [done.id for done in result.done] == [one.id]
    assert result.missing == (strange,)
    assert [(refused.id, type(error)) for refused, error in result.refused] == [(other.id, InvalidInput)]
    assert returned == ()
    page = client_of(BR).post(
        reverse("catalog:publish-many"), {"revision": [str(strange), str(other.id), str(other.id)]}
    )
    assert "已发布 1 件" in page.content.decode()
    assert str(strange) in page.content.decode()


def test_what_one_may_not_decide_does_not_hold_up_the_others(city):
    first, second = submitted(city), submitted(city, title="另一个")
    services.publish_revision(actor=city.actor(BR), revision_id=first.id, on=ON)
    verdicts = [services.Verdict(first.id), services.Verdict(second.id)]
    result, returned = services.decide_revisions(actor=city.actor(BR), verdicts=verdicts, on=ON)
    assert [one.id for one in result.done] == [second.id]
    assert [one.id for one, _ in result.refused] == [first.id]
    assert returned == ()


def test_the_reviewer_sees_the_difference_to_what_is_out(client_of, city):
    entry = published(city)
    revision = revise(city, entry, publish=False)
    page = client_of(BR).get(reverse("catalog:revision", args=[revision.id])).content.decode()
    assert "与现行第 1 版的差异" in page
    assert "<ins>改了</ins>" in page
    services.publish_revision(actor=city.actor(BR), revision_id=revision.id, on=ON)
    compare = client_of("stranger").get(reverse("catalog:compare", args=[entry.id])).content.decode()
    assert "<ins>改了</ins>" in compare
    assert "第 1 版与第 2 版的差异" in compare


def test_who_mends_a_returned_revision_has_the_reasons_before_them(client_of, city):
    one = submitted(city)
    said = [Problem("摘要", "写明覆盖年份"), Problem("", "缺少经营范围")]
    services.return_revision(actor=city.actor(BR), revision_id=one.id, reasons=said, on=ON)
    address = reverse("catalog:edit", args=[one.id])
    page = client_of(PC).get(address).content.decode()
    assert "摘要：写明覆盖年份" in page
    assert "缺少经营范围" in page
