"""What a person writes is held to the lists, and blank text is no text: on the form, by REST, in a sheet."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.urls import reverse

from shuqiao.catalog import checking, review_checks, services, spreadsheet
from shuqiao.catalog.classification import classes_of
from shuqiao.catalog.models import Classification, Entry, Revision
from shuqiao.catalog.tests.factories import ITEMS, ON, content, draft, published, submitted
from shuqiao.catalog.tests.test_api import BASE, BODY, post
from shuqiao.catalog.tests.test_importing import check, confirm
from shuqiao.catalog.tests.test_pages import ITEM, form
from shuqiao.kernel import InvalidInput, RuleRefused

CATALOGUER, APPROVER = "provider-cataloguer", "provider-approver"
OFF = [
    ({"classification": "307099"}, "classification", "不在分类表中"),
    ({"classification": "102001"}, "classification", "首位与“部门”类不符"),
    ({"format_type": "xlsx"}, "format_type", "不属于数据库"),
    ({"related_codes": "企业!名录"}, "related_codes", "不是代码"),
]


@pytest.mark.parametrize(("changes", "where", "what"), OFF)
def test_what_is_off_the_lists_is_refused_by_service_rest_and_form(client_of, city, changes, where, what):
    with pytest.raises(InvalidInput) as refused:
        draft(city, **changes)
    assert [one.where for one in refused.value.problems] == [where]
    answer = post(client_of(CATALOGUER), "/entries", BODY | {"department": str(city.provider.id)} | changes)
    assert answer.status_code == 400
    assert [(one["where"], what in one["what"]) for one in answer.json()["problems"]] == [(where, True)]
    page = client_of(CATALOGUER).post(reverse("catalog:new"), form(ITEM, **changes))
    assert page.status_code == 400
    assert what in page.content.decode()
    assert not Entry.objects.exists()


def test_a_draft_is_held_to_the_lists_when_it_is_saved(client_of, city):
    revision = draft(city)
    client, at = client_of(CATALOGUER), f"{BASE}/revisions/{revision.id}"
    body = BODY | {"seen": 0, "classification": "307099"}
    assert client.put(at, json.dumps(body), content_type="application/json").status_code == 400
    sent = form(ITEM, classification="307099", lock_version="0")
    assert client.post(reverse("catalog:edit", args=[revision.id]), sent).status_code == 400
    assert Revision.objects.get().classification == "307001"


def test_a_class_of_the_divisions_own_is_on_its_list_alone(city):
    above = Classification.objects.get(code="307001")
    Classification.objects.create(
        division=city.shenyang, level=4, code="307001A", name="市场监管", parent=above
    )
    with pytest.raises(InvalidInput, match="不在分类表中"):
        draft(city, classification="307001A")
    made = services.create_entry(
        actor=city.actor("shenyang-approver"), department_id=city.shenyang_provider.pk,
        content=content(classification="307001A"), on=ON,
    )  # fmt: skip
    assert made.classification == "307001A"


def test_what_came_in_off_the_lists_cannot_be_submitted(city):
    revision = draft(city)
    Revision.objects.filter(pk=revision.pk).update(format_type="xlsx")
    with pytest.raises(RuleRefused, match="格式"):
        services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.pk, on=ON)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": " \u3000\t"}, "title"),
        ({"items": (replace(ITEMS[0], name=" "),)}, "items.1.name"),
        ({"items": (replace(ITEMS[0], name="甲"), replace(ITEMS[1], name="甲 "))}, "items.2.name"),
    ],
)
def test_blank_text_is_no_text(client_of, city, changes, where):
    with pytest.raises(InvalidInput) as refused:
        draft(city, **changes)
    assert [one.where for one in refused.value.problems] == [where]
    sent = dict(changes)
    if "items" in sent:
        sent["items"] = [{"name": item.name, "data_type": "C"} for item in changes["items"]]
    answer = post(client_of(CATALOGUER), "/entries", BODY | {"department": str(city.provider.id)} | sent)
    assert answer.status_code == 400
    assert [one["where"] for one in answer.json()["problems"]] == [where]


def test_spaces_at_the_ends_are_not_kept_and_a_format_is_spelt_as_the_guide_spells_it(city):
    revision = draft(
        city, title="\u3000企业名录 ", summary="摘要\ufeff", format_type="mysql", opening_basis="  "
    )
    kept = revision.content()
    assert (kept.title, kept.summary, kept.format_type, kept.opening_basis) == (
        "企业名录",
        "摘要",
        "MySQL",
        "",
    )
    assert checking.tidied(kept) == kept
    with pytest.raises(RuleRefused, match="依据"):
        services.submit_revision(actor=city.actor(APPROVER), revision_id=revision.pk, on=ON)


@pytest.mark.parametrize(
    "body",
    [{"titel": "错字"}, {"items": [{"name": "甲", "data_type": "C", "typ": "N"}]}, {"published": True}],
)
def test_a_field_nobody_knows_is_refused(client_of, city, body):
    answer = post(client_of(CATALOGUER), "/entries", BODY | {"department": str(city.provider.id)} | body)
    assert answer.status_code == 422
    assert not Entry.objects.exists()


def test_other_bodies_refuse_unknown_fields_too(client_of, city):
    entry, client = published(city), client_of(APPROVER)
    assert post(client, f"/entries/{entry.id}/withdraw", {"reason": "划转", "reasn": "x"}).status_code == 422
    flood = {
        "what": "甲",
        "reason": "乙",
        "basis": "丙",
        "from_on": str(ON),
        "until_on": str(ON),
        "until": "9999",
    }
    assert post(client, "/emergencies", flood | {"department": str(city.provider.id)}).status_code == 422


def test_a_related_code_nobody_has_is_shown_to_the_reviewer(city):
    known = published(city, title="企业名录").code
    revision = submitted(city, related_codes=f"{known},307001/999999")
    facts = review_checks.known_of([revision], ON)[revision.pk]
    assert facts.unknown_related == ("307001/999999",)
    found = [check for check in review_checks.run(facts) if check.id == "catalog.review.related"]
    assert [("307001/999999" in one.what, one.tone.value) for one in found] == [(True, "look")]


def written(tmp_path, *contents, layout="a", code=""):
    entries = [spreadsheet.SheetEntry(one, code, "营口市市场监督管理局", "") for one in contents]
    return spreadsheet.write(entries, tmp_path / f"{layout}.xlsx", spreadsheet.LAYOUTS[layout])


def test_a_sheet_is_held_to_the_list_of_classes(city, tmp_path):
    classes = classes_of("210800")
    off = spreadsheet.read(written(tmp_path, content(classification="307099")), classes=classes)
    assert [("分类代码" in one.what, one.blocks) for one in off.problems] == [(True, True)]
    by_code = written(tmp_path, content(classification="", kind=""), code="107001/000001")
    (left,) = spreadsheet.read(by_code, classes=classes).drafts
    assert left.is_good
    assert left.content.classification == ""
    assert any("107001" in one.what for one in left.problems)


@pytest.mark.article("yingkou-2022", "30")
def test_a_sheet_that_has_the_column_must_say_the_basis(city, tmp_path):
    reading = spreadsheet.read(written(tmp_path, content(opening_basis="")))
    record = check(city, reading)
    (problem,) = record.problems
    letter = reading.drafts[0].letters["opening_basis"]
    assert (problem["where"], problem["blocks"], record.good) == (f"目录!{letter}3", "1", 0)
    assert "营口办法 第三十条" in problem["what"]


@pytest.mark.article("yingkou-2022", "30")
@pytest.mark.parametrize("layout", ["b", "c"])
def test_from_a_sheet_without_the_column_a_draft_comes_in_and_cannot_be_submitted(city, tmp_path, layout):
    path = written(tmp_path, content(opening_basis=""), layout=layout)
    reading = spreadsheet.read(path, classes=classes_of("210800"))
    record = check(city, reading)
    (warning,) = [one for one in record.problems if "依据" in one["what"]]
    assert (warning["where"][:3], warning["where"][-1], warning["blocks"]) == ("目录!", "2", "")
    confirm(city, record, reading)
    with pytest.raises(RuleRefused) as refused:
        services.submit_revision(actor=city.actor(APPROVER), revision_id=Revision.objects.get().pk, on=ON)
    assert "yingkou-2022:30" in {str(one) for one in refused.value.decision.basis}
