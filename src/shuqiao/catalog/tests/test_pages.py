"""Pages of the catalogue: what is on them, what they lead to, what they refuse, and how many queries a list takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shuqiao.catalog import spreadsheet
from shuqiao.catalog.models import Entry, ImportRecord, Revision
from shuqiao.catalog.tests.factories import content, draft, published, submitted
from shuqiao.catalog.types import Status

CATALOGUER, APPROVER, REVIEWER = "provider-cataloguer", "provider-approver", "bureau-reviewer"
ITEM = {"name": "企业名称", "data_type": "C", "length": "200", "nullable": "on"}


def form(*items: dict, **changes: str) -> dict[str, str]:
    data = {
        "title": "企业登记信息", "summary": "登记事项", "kind": "department", "classification": "307001",
        "format_category": "database", "format_type": "MySQL", "update_cycle": "daily",
        "sharing_type": "unconditional", "method_category": "platform", "method_type": "interface",
        "opening_type": "closed", "grade": "general", "contact_name": "陈", "contact_phone": "0417",
        "secrecy_assessed": "on", "personal_information_assessed": "on",
        "items-TOTAL_FORMS": str(len(items)), "items-INITIAL_FORMS": "0",
    }  # fmt: skip
    for number, item in enumerate(items):
        data |= {f"items-{number}-{name}": value for name, value in item.items()}
    return data | changes


def text(response) -> str:
    return response.content.decode()


def test_list_shows_published_entries_with_facets(client_of, city):
    published(city)
    published(city, title="房屋产权信息", sharing_type="conditional")
    draft(city, title="还是草稿")
    page = text(client_of("stranger").get(reverse("catalog:list")))
    assert "企业登记信息" in page
    assert "房屋产权信息" in page
    assert "还是草稿" not in page
    narrowed = text(
        client_of("stranger").get(reverse("catalog:list"), {"sharing": "conditional", "q": "房屋"})
    )
    assert "<mark>房屋</mark>产权信息" in narrowed
    assert "企业登记信息" not in narrowed
    empty = text(client_of("stranger").get(reverse("catalog:list"), {"q": "没有这种东西"}))
    assert "没有找到" in empty


def test_list_takes_no_more_queries_for_more_entries(client_of, city, django_assert_max_num_queries):
    client = client_of("stranger")
    published(city)
    client.get(reverse("catalog:list"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        client.get(reverse("catalog:list"))
    for number in range(5):
        published(city, title=f"信息{number}")
    client.get(reverse("catalog:list"))  # the index catches up
    with CaptureQueriesContext(connection) as six:
        client.get(reverse("catalog:list"))
    assert len(six) == len(one)
    with django_assert_max_num_queries(24):
        client.get(reverse("catalog:list"))


@pytest.mark.parametrize(("name", "username"), [("mine", APPROVER), ("review", REVIEWER)])
def test_working_lists_take_no_more_queries_for_more_rows(client_of, city, name, username):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(username)
    counts = []
    for number in range(3):
        submitted(city, title=f"信息{number}")
        with CaptureQueriesContext(connection) as queries:
            assert f"信息{number}" in text(client.get(reverse(f"catalog:{name}")))
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_entry_page_shows_items_conditions_and_history(client_of, city):
    entry = published(city, sharing_type="conditional")
    page = text(client_of("consumer-approver").get(reverse("catalog:entry", args=[entry.id])))
    for words in (
        "统一社会信用代码",
        "有条件共享",
        "核验企业身份",
        "个人信息保护法",
        entry.code,
        "审核通过并发布目录",
    ):
        assert words in page
    assert f"/resources/of-entry/{entry.id}/" in page
    assert "撤下本条目" not in page
    assert "撤下本条目" in text(client_of(APPROVER).get(reverse("catalog:entry", args=[entry.id])))


def test_strangers_find_no_drafts(client_of, city):
    revision = draft(city)
    for name, args in (("revision", [revision.id]), ("edit", [revision.id]), ("entry", [revision.entry_id])):
        assert client_of("stranger").get(reverse(f"catalog:{name}", args=args)).status_code == 404
    assert client_of(APPROVER).get(reverse("catalog:edit", args=[revision.id])).status_code == 403


@pytest.mark.parametrize("name", ["list", "mine", "new", "upload", "review", "template", "export"])
def test_nobody_comes_in_without_signing_in(client, db, name):
    answer = client.get(reverse(f"catalog:{name}"))
    assert answer.status_code == 302
    assert reverse("accounts:login") in answer["Location"]


def test_a_new_entry_from_the_form(client_of, city):
    client = client_of(CATALOGUER)
    assert client.get(reverse("catalog:new")).status_code == 200
    answer = client.post(reverse("catalog:new"), form(ITEM, {"name": ""}, ITEM | {"name": "地区"}))
    revision = Revision.objects.get()
    assert answer["Location"] == reverse("catalog:revision", args=[revision.id])
    assert [item.name for item in revision.items.all()] == ["企业名称", "地区"]
    assert client_of("bureau-reviewer").post(reverse("catalog:new"), form()).status_code == 403


def test_a_bad_form_names_every_field_and_saves_nothing(client_of, city):
    bad = form(ITEM, ITEM, {"name": "", "data_type": "N"}, title="", classification="9", kind="strange")
    answer = client_of(CATALOGUER).post(reverse("catalog:new"), bad)
    assert answer.status_code == 400
    assert not Revision.objects.exists()
    again = client_of(CATALOGUER).post(
        reverse("catalog:new"), form(ITEM, ITEM, {"name": "", "data_type": "N"}, classification="9")
    )
    page = text(again)
    assert again.status_code == 400
    for words in ("例如 307001", "信息项“企业名称”重复", "信息项要有名称"):
        assert words in page


def test_more_rows_with_and_without_scripts(client_of, city):
    client = client_of(CATALOGUER)
    page = text(client.get(reverse("catalog:item-row"), {"items-TOTAL_FORMS": "3"}))
    assert 'name="items-3-name"' in page
    assert 'value="4" hx-swap-oob="true"' in page
    assert client.get(reverse("catalog:item-row"), {"items-TOTAL_FORMS": "x"}).status_code == 400
    answer = client.post(reverse("catalog:new"), form(ITEM, more="1"))
    assert answer.status_code == 200
    assert 'name="items-5-name"' in text(answer)
    assert not Revision.objects.exists()


def test_editing_keeps_what_is_there(client_of, city):
    revision = draft(city)
    client = client_of(CATALOGUER)
    page = text(client.get(reverse("catalog:edit", args=[revision.id])))
    assert 'value="统一社会信用代码"' in page
    changed = form(ITEM, summary="改过", lock_version="1")
    assert client.post(reverse("catalog:edit", args=[revision.id]), changed).status_code == 302
    revision.refresh_from_db()
    assert revision.summary == "改过"
    stale = client.post(
        reverse("catalog:edit", args=[revision.id]), form(ITEM, summary="迟到", lock_version="1")
    )
    assert stale.status_code == 409
    assert "迟到" in text(stale), "nobody's words are lost"
    assert "改过" in text(stale)


@pytest.mark.article("national-2025", "13")
@pytest.mark.article("national-2025", "16")
def test_from_draft_to_publication_by_pages(client_of, city):
    revision = draft(city)
    address = reverse("catalog:revision", args=[revision.id])
    client_of(CATALOGUER).post(reverse("catalog:ask-sign-off", args=[revision.id]))
    assert "签署并报送" not in text(client_of(CATALOGUER).get(address)).split("经过")[-1]
    assert "签署并报送" in text(client_of(APPROVER).get(address))
    client_of(APPROVER).post(reverse("catalog:submit", args=[revision.id]))
    assert "通过并发布" in text(client_of(REVIEWER).get(address))
    assert "企业登记信息" in text(client_of(REVIEWER).get(reverse("catalog:review")))
    back = client_of(REVIEWER).post(
        reverse("catalog:return", args=[revision.id]), {"reasons": "摘要：写明范围\n再核对"}
    )
    assert back.status_code == 302
    assert "写明范围" in text(client_of(APPROVER).get(address))
    client_of(APPROVER).post(reverse("catalog:submit", args=[revision.id]))
    client_of(REVIEWER).post(reverse("catalog:publish", args=[revision.id]))
    entry = Entry.objects.get()
    assert entry.published_id == revision.id
    answer = client_of(CATALOGUER).post(reverse("catalog:revise", args=[entry.id]))
    following = Revision.objects.get(number=2)
    assert answer["Location"] == reverse("catalog:edit", args=[following.id])
    assert (
        client_of(APPROVER).post(reverse("catalog:withdraw", args=[entry.id]), {"reason": ""}).status_code
        == 400
    )
    assert (
        client_of(APPROVER).post(reverse("catalog:withdraw", args=[entry.id]), {"reason": "划转"}).status_code
        == 302
    )


def test_beginning_a_revision_again_leads_to_the_one_in_work(client_of, city):
    """Pressed twice, or on a page opened before a colleague began: the way goes on, and nothing is begun twice."""
    again = reverse("catalog:revise", args=[published(city).id])
    client_of(CATALOGUER).post(again)
    begun = Revision.objects.get(number=2)
    for word in ("草稿", "待审核"):
        answer = client_of(CATALOGUER).post(again, follow=True)
        assert answer.redirect_chain == [(reverse("catalog:revision", args=[begun.id]), 302)]
        assert f"已有第 2 版（{word}）" in text(answer)
        client_of(APPROVER).post(reverse("catalog:submit", args=[begun.id]))
    assert Revision.objects.count() == 2
    assert client_of("stranger").post(again).status_code == 403


def test_a_refused_submission_shows_reason_and_article(client_of, city):
    revision = draft(city, update_cycle="")
    answer = client_of(APPROVER).post(reverse("catalog:submit", args=[revision.id]))
    assert answer.status_code == 409
    assert "更新周期" in text(answer)
    assert "第十四条" in text(answer)


def test_returning_without_reasons_is_refused(client_of, city):
    revision = submitted(city)
    answer = client_of(REVIEWER).post(reverse("catalog:return", args=[revision.id]), {"reasons": " "})
    assert answer.status_code == 400
    assert Revision.objects.get().status == Status.SUBMITTED


def test_batches_by_pages(client_of, city):
    good, lacking = draft(city), draft(city, title="缺周期", update_cycle="")
    signed = text(
        client_of(APPROVER).post(
            reverse("catalog:submit-many"), {"revision": [str(good.id), str(lacking.id)]}
        )
    )
    assert "已报送 1 件" in signed
    assert "更新周期" in signed
    done = text(client_of(REVIEWER).post(reverse("catalog:publish-many"), {"revision": [str(good.id)]}))
    assert "已发布 1 件" in done
    assert client_of(REVIEWER).post(reverse("catalog:publish-many")).status_code == 400
    assert client_of(CATALOGUER).get(reverse("catalog:review")).status_code == 403


def upload(client, city, path: Path):
    file = SimpleUploadedFile("目录.xlsx", path.read_bytes())
    return client.post(reverse("catalog:upload"), {"department": str(city.provider.id), "file": file})


@pytest.mark.article("yingkou-2022", "13")
def test_import_by_pages(client_of, city, tmp_path, home):
    rows = [content(), content(title="企业信用平台"), content(title="企业注销信息")]
    entries = [spreadsheet.SheetEntry(one, "", city.provider.name, "") for one in rows]
    client = client_of(CATALOGUER)
    answer = upload(client, city, spreadsheet.write(entries, tmp_path / "a.xlsx"))
    record = ImportRecord.objects.get()
    assert answer["Location"] == reverse("catalog:import", args=[record.id])
    page = text(client.get(answer["Location"]))
    assert "目录!A7" in page
    assert "系统或平台的名称" in page
    assert "导入可导入的 2 个" in page
    assert client_of("stranger").get(answer["Location"]).status_code == 404
    assert client.post(reverse("catalog:confirm", args=[record.id])).status_code == 302
    assert Revision.objects.count() == 2
    kept = {path.name for path in (home / "staging" / "catalog").iterdir()}
    assert kept <= {f"{record.id}.upload", f"{record.id}.json"}, "the sheet is kept for its annotated copy"
    assert client.post(reverse("catalog:confirm", args=[record.id])).status_code == 409
    assert "目录.xlsx" in text(client.get(reverse("catalog:upload")))


def test_uploads_that_cannot_be_read_leave_nothing_behind(client_of, city, tmp_path, home):
    bad = tmp_path / "a.xlsx"
    bad.write_bytes(b"nothing of the kind")
    answer = upload(client_of(CATALOGUER), city, bad)
    assert answer.status_code == 400
    assert "另存为" in text(answer)
    assert not ImportRecord.objects.exists()
    assert not list((home / "staging" / "catalog").iterdir())


def test_giving_an_import_up_by_page(client_of, city, tmp_path, home):
    entries = [spreadsheet.SheetEntry(content(), "", city.provider.name, "")]
    client = client_of(CATALOGUER)
    upload(client, city, spreadsheet.write(entries, tmp_path / "a.xlsx"))
    assert client.post(reverse("catalog:discard", args=[ImportRecord.objects.get().id])).status_code == 302
    assert ImportRecord.objects.get().status == "discarded"


def test_template_and_export_are_workbooks_of_the_layout(client_of, city, tmp_path):
    published(city)
    published(city, title="房屋产权信息", sharing_type="conditional")
    client = client_of("stranger")
    for address, titles in (
        (reverse("catalog:template"), []),
        (reverse("catalog:export") + "?sharing=conditional", ["房屋产权信息"]),
    ):
        path = tmp_path / "got.xlsx"
        path.write_bytes(b"".join(client.get(address)))
        reading = spreadsheet.read(path)
        assert [one.content.title for one in reading.drafts] == titles
        assert not reading.problems


def test_an_empty_list_leads_only_where_the_person_may_go(client_of, city):
    upload = f'href="{reverse("catalog:upload")}"'
    assert upload in text(client_of(CATALOGUER).get(reverse("catalog:mine")))
    for who in (APPROVER, "consumer-developer", "bureau-supervisor"):
        page = text(client_of(who).get(reverse("catalog:mine")))
        assert "这里还没有条目" in page
        assert upload not in page
