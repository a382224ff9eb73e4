"""Layouts B and C, foreign tables through mappings, a whole division at once, part of a file, and taking it back."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.catalog import classification, intake, mappings, services, spreadsheet
from shuqiao.catalog.models import Classification, ColumnMapping, Entry, ImportRecord, Revision
from shuqiao.catalog.tests.factories import ON, content
from shuqiao.catalog.types import Reading
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Notice

CATALOGUER, REVIEWER = "provider-cataloguer", "bureau-reviewer"
PROVIDER = "营口市市场监督管理局"
FOREIGN = {"fields": {"title": "标题", "provider": "来源部门", "summary": "描述", "format": "数据格式",
                      "opening_type": "开放条件", "update_cycle": "更新频率"}}  # fmt: skip
ROWS = [
    {"标题": "公厕", "来源部门": PROVIDER, "描述": "<p>位置</p>", "数据格式": "['xls', 'json']", "开放条件": "无条件",
     "更新频率": "每年(说明)"},
    {"标题": "公园", "来源部门": "市园林局", "描述": "", "数据格式": "mysql", "开放条件": "看情况",
     "更新频率": "每两年"},
]  # fmt: skip


def sheet(tmp_path, layout, *contents):
    entries = [spreadsheet.SheetEntry(one, "", PROVIDER, "") for one in contents]
    return spreadsheet.write(entries, tmp_path / f"{layout}.xlsx", spreadsheet.LAYOUTS[layout])


def foreign(tmp_path, rows=ROWS):
    path = tmp_path / "foreign.csv"
    with path.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def mapped(tmp_path, rules=FOREIGN, rows=ROWS) -> Reading:
    source = mappings.look(foreign(tmp_path, rows), "foreign.csv")
    return mappings.read_mapped(source, mappings.Rules.from_json(rules))


def check(city, reading, by=CATALOGUER, **where):
    asked = where or {"department_id": city.provider.id}
    return services.check_import(
        actor=city.actor(by), reading=reading, file_name="f.csv", sha256="a", at=now(),
        **({"department_id": None} | asked),
    )  # fmt: skip


def confirm(city, record, reading, by=CATALOGUER, **more):
    return services.confirm_import(
        actor=city.actor(by), import_id=record.id, reading=reading, sha256="a", at=now(), on=ON, **more
    )


def undo(city, record, by=CATALOGUER):
    return services.undo_import(actor=city.actor(by), import_id=record.id, at=now(), on=ON)


@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_each_layout_is_known_by_its_headings_and_read_again(db, tmp_path, layout):
    full = content(
        english_name="ent", update_note="每日 2 时", priority_domains="市场监管,信用", collected=True,
        collection_method="接口", opening_type="unconditional", ownership="自有", management_mode="集中管理",
        origin_mode="业务办理", online_address="https://example.invalid/1",
    )  # fmt: skip
    path = sheet(tmp_path, layout, full)
    reading = spreadsheet.read(path, classes=classification.classes_of("210800"))
    assert reading.layout == layout
    assert [problem for problem in reading.problems if problem.blocks] == []
    (draft,) = reading.drafts
    said = {column.key for column in spreadsheet.LAYOUTS[layout].columns}
    for name in (
        "title",
        "summary",
        "format_category",
        "format_type",
        "sharing_type",
        "method_type",
        "update_cycle",
    ):
        assert getattr(draft.content, name) == getattr(full, name)
    for name in said & {"english_name", "update_note", "priority_domains", "collected", "collection_method",
                        "ownership", "management_mode", "origin_mode", "online_address"}:  # fmt: skip
        assert getattr(draft.content, name) == getattr(full, name), name
    if layout == "c":
        assert draft.content.classification == "307001"
    else:
        assert [one.name for one in draft.content.items] == [one.name for one in full.items]
    validated = load_workbook(spreadsheet.template(tmp_path / "t.xlsx", spreadsheet.LAYOUTS[layout]))
    assert validated["目录"].data_validations.count >= 5


def test_layout_b_and_c_have_the_columns_of_the_forms():
    b, c = spreadsheet.LAYOUTS["b"].columns, spreadsheet.LAYOUTS["c"].columns
    assert (len(b), len(c)) == (35, 24)
    assert [one.heading for one in b].count("共享类型") == 2
    assert [b[index].heading for index in (0, 19, 33)] == ["英文名称", "字段名称", "是否向社会开放"]


def test_attributes_of_items_come_in_with_their_conditions(db, tmp_path):
    items = (
        replace(
            content().items[0], sharing_type="conditional", sharing_condition="核验", opening_type="closed"
        ),
        replace(
            content().items[1],
            method_category="platform",
            method_type="file",
            default_value="无",
            object_type="C",
        ),
    )
    for layout in ("a", "b"):
        (draft,) = spreadsheet.read(sheet(tmp_path, layout, content(items=items))).drafts
        first, second = draft.content.items
        # Layout B wants every attribute of every item: one that repeats its entry's says nothing of its own.
        closed = first.opening_type or draft.content.opening_type
        assert (first.sharing_type, first.sharing_condition, closed) == ("conditional", "核验", "closed")
        assert (second.method_type, second.default_value, second.object_type) == ("file", "无", "C")


def test_a_cell_of_layout_c_that_is_wrong_is_named(db, tmp_path):
    path = sheet(tmp_path, "c", content())
    book = load_workbook(path)
    page = book["目录"]
    page["B2"], page["F2"], page["L2"] = "没有的项", "奇怪格式", "电话"
    book.save(path)
    found = {
        one.where: one.what for one in spreadsheet.read(path, classes=classification.classes_of("")).problems
    }
    assert "不在“3”下的分类表中" in found["目录!B2"]
    assert "共享平台/接口" in found["目录!L2"]
    assert "目录!F2" in found


def test_the_national_classification_is_there_and_a_division_adds_to_it(city):
    kinds = Classification.objects.filter(division=None, level=1).order_by("code")
    assert [(one.code, one.name) for one in kinds] == [("1", "基础"), ("2", "主题"), ("3", "部门")]
    levels = classification.levels_of("210800", "307001")
    assert [level.name for level in levels] == ["类", "项", "目"]
    assert classification.path_of("210800", "307001").endswith("／政府部门")
    Classification.objects.create(
        division=city.yingkou,
        level=4,
        code="307001A",
        name="市场监管",
        parent=Classification.objects.get(code="307001"),
    )
    assert classification.path_of("210800", "307001A").endswith("市场监管")
    assert classification.levels_of("210100", "307001A")[-1].chosen == "307001"


def test_a_foreign_table_comes_in_and_says_what_was_assumed(tmp_path):
    reading = mapped(tmp_path)
    one, two = reading.drafts
    assert (one.content.title, one.content.summary) == ("公厕", "位置")
    assert (one.content.format_category, one.content.format_type) == ("spreadsheet", "xls")
    assert (one.content.opening_type, one.content.update_cycle) == ("unconditional", "yearly")
    assert (two.content.opening_type, two.content.update_cycle) == ("", "")
    assert two.is_good
    said = [(problem.where, problem.what) for problem in two.problems]
    assert any(where == "foreign.csv!E3" and "写作“看情况”" in what for where, what in said)
    assert any("每两年" in what for what in (problem.what for problem in two.problems))
    with pytest.raises(InvalidInput, match="没有“标题”列"):
        mapped(tmp_path, rows=[{"名称": "公厕", "乙": "1"}, {"名称": "公园", "乙": "2"}])


def test_rules_are_checked_and_proposed():
    with pytest.raises(InvalidInput) as error:
        mappings.Rules.from_json({"fields": {"nonsense": "甲", "summary": {"form": "x"}}, "per": "z"})
    assert {problem.where for problem in error.value.problems} == {"nonsense", "summary", "title", "per"}
    proposed = mappings.propose(list(ROWS[0]))
    assert {key: rule.sources for key, rule in proposed.fields.items()} == {
        key: (column,) for key, column in FOREIGN["fields"].items()
    }
    assert mappings.Rules.from_json(proposed.to_json()) == proposed


def test_a_mapping_is_saved_in_versions(city):
    def save(rules, by=CATALOGUER):
        return services.save_mapping(
            actor=city.actor(by), division="210800", name="园林系统", rules=rules, at=now()
        )

    first = save(FOREIGN)
    assert save(FOREIGN) == first
    assert save({"fields": {"title": "标题"}}, REVIEWER).version == 2
    with pytest.raises(NotAllowed):
        save(FOREIGN, "shenyang-approver")
    assert [one.version for one in intake.list_mappings_for(city.actor(CATALOGUER))] == [2]
    services.retire_mapping(actor=city.actor(CATALOGUER), mapping_id=first.id)
    assert intake.list_mappings_for(city.actor(CATALOGUER)) == []
    assert ColumnMapping.objects.count() == 2


def test_the_bureau_imports_for_its_departments(city, tmp_path):
    reading = mapped(tmp_path)
    with pytest.raises(NotAllowed):
        check(city, reading, division="210800")
    record = check(city, reading, REVIEWER, division="210800")
    assert (record.found, record.good, record.choices["unknown"]) == (2, 1, {"市园林局": 1})
    record = services.assign_providers(
        actor=city.actor(REVIEWER), import_id=record.id, reading=reading,
        providers={"市园林局": str(city.other.id)}, rest="", sha256="a",
    )  # fmt: skip
    assert record.good == 2
    done = confirm(city, record, reading, REVIEWER)
    assert done.imported == 2
    park = Revision.objects.get(title="公园")
    assert (park.entry.department, park.inner_department) == (city.other, "市园林局")
    assert Notice.objects.filter(department=city.provider, text__contains="主管部门").exists()
    assert any(kind.startswith("提示：") for kind in done.counts)


def test_only_what_was_chosen_comes_in(city, tmp_path):
    reading = spreadsheet.read(
        sheet(tmp_path, "a", content(items=()), content(items=(), title="企业注销信息"))
    )
    record = check(city, reading)
    with pytest.raises(InvalidInput, match="所选的行"):
        confirm(city, record, reading, only={("目录", 99)})
    assert confirm(city, record, reading, only={("目录", 4)}).imported == 1
    assert Revision.objects.get().title == "企业注销信息"


def test_an_import_is_taken_back_except_what_was_worked_on(city, tmp_path):
    reading = spreadsheet.read(
        sheet(tmp_path, "a", content(), content(title="企业注销信息"), content(title="年报"))
    )
    record = check(city, reading)
    confirm(city, record, reading)
    edited = Revision.objects.get(title="年报")
    services.save_draft(
        actor=city.actor(CATALOGUER), revision_id=edited.id, content=content(title="年报信息"), on=ON
    )
    services.submit_revision(
        actor=city.actor("provider-approver"),
        revision_id=Revision.objects.get(title="企业注销信息").id,
        on=ON,
    )
    with pytest.raises(NotAllowed):
        undo(city, record, "provider-approver")
    done = undo(city, record)
    assert done.status == "undone"
    assert {one["title"]: one["why"] for one in done.left} == {
        "年报信息": "导入后有人修改过", "企业注销信息": "已是“待审核”",
    }  # fmt: skip
    assert Entry.objects.count() == 2
    with pytest.raises(IllegalMove):
        undo(city, record)


def test_nothing_is_taken_back_when_all_was_worked_on(city, tmp_path):
    reading = spreadsheet.read(sheet(tmp_path, "a", content()))
    record = check(city, reading)
    confirm(city, record, reading)
    services.ask_sign_off(actor=city.actor(CATALOGUER), revision_id=Revision.objects.get().id, on=ON)
    with pytest.raises(RuleRefused, match="已有人"):
        undo(city, record)
    assert ImportRecord.objects.get().status == "imported"


def test_from_upload_over_mapping_to_import_in_pages(client_of, city, tmp_path):
    client = client_of(CATALOGUER)
    data = "标题,描述,数据格式\n公厕,位置,xlsx\n,无名,xlsx\n".encode()
    answer = client.post(
        reverse("catalog:upload"),
        {"department": str(city.provider.id), "mapping": "new", "file": SimpleUploadedFile("公厕.csv", data)},
    )
    editor = answer["Location"]
    page = client.get(editor).content.decode()
    assert 'value="标题"' in page
    assert client_of("provider-approver").get(editor).status_code == 404
    sent = {
        "name": "园林",
        "per": "entry",
        "from-title": "标题",
        "from-summary": "描述",
        "from-format": "数据格式",
    }
    assert "公厕" in client.post(editor, sent | {"preview": "1"}).content.decode()
    assert "名称</span>：至少要指定" in client.post(editor, {"name": "园林"}).content.decode()
    address = client.post(editor, sent)["Location"]
    report = client.get(address).content.decode()
    assert "园林 第 1 版" in report
    record = ImportRecord.objects.get()
    assert (record.found, record.good) == (1, 1) or (record.found, record.good) == (2, 1)
    assert "公厕" in client.get(reverse("catalog:import-entries", args=[record.id])).content.decode()
    copy = client.get(reverse("catalog:annotated", args=[record.id]))
    book = load_workbook(__import__("io").BytesIO(b"".join(copy.streaming_content)))
    assert book.active.cell(1, book.active.max_column).value == "问题"
    client.post(reverse("catalog:confirm", args=[record.id]), {"some": "1", "rows": "2"})
    assert Revision.objects.get().title == "公厕"
    client.post(reverse("catalog:undo", args=[record.id]))
    assert not Entry.objects.exists()


def test_the_annotated_copy_keeps_the_original_and_marks_cells(client_of, city, tmp_path):
    path = sheet(tmp_path, "a", content(update_cycle=""), content(title="企业注销信息"))
    client = client_of(CATALOGUER)
    client.post(
        reverse("catalog:upload"),
        {"department": str(city.provider.id), "file": SimpleUploadedFile("目录.xlsx", path.read_bytes())},
    )
    record = ImportRecord.objects.get()
    where = next(one["where"] for one in record.problems if one["blocks"]).partition("!")[2]
    copy = client.get(reverse("catalog:annotated", args=[record.id]))
    book = load_workbook(__import__("io").BytesIO(b"".join(copy.streaming_content)))
    page = book["目录"]
    assert page[where].fill.fgColor.rgb.endswith("F6C7B6")
    assert "更新周期" in page.cell(3, page.max_column).value
    assert page["A3"].value == "企业登记信息"
    assert "列表" in book.sheetnames


@pytest.mark.shared_data
@pytest.mark.article("yingkou-2022", "13")
def test_real_portals_come_in_by_their_rules_and_the_rest_by_proposal(city, tmp_path, shared_data):
    assert len(mappings.portal_rules()) >= 10
    wanted = {"sichuan_meishan": 60, "guizhou_guiyang": 60, "anhui_wuhu": 60, "zhejiang_zhoushan": 60}
    kept: dict[str, list[str]] = {name: [] for name in wanted}
    with gzip.open(shared_data / "catalog_china_portals_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            portal = json.loads(line)["_portal"]
            if portal in kept and len(kept[portal]) < wanted[portal]:
                kept[portal].append(line)
    for portal, rows in kept.items():
        path = tmp_path / f"{portal}.jsonl"
        path.write_text("".join(rows), encoding="utf-8")
        source = mappings.look(path, path.name)
        rules = mappings.portal_rules().get(portal) or mappings.propose(source.columns)
        reading = mappings.read_mapped(source, rules)
        titles = {json.loads(row)[rules.fields["title"].sources[0]].strip() for row in rows}
        assert {draft.content.title for draft in reading.drafts} <= titles
        assert len(reading.drafts) == 60
        record = services.check_import(
            actor=city.actor(REVIEWER), department_id=None, division="210800", reading=reading,
            file_name=path.name, sha256=portal, at=now(), choices={"rest": str(city.other.id)},
        )  # fmt: skip
        assert record.good >= 40, Counter(record.counts).most_common(5)


def test_an_entry_is_proposed_from_a_sample_of_its_data(client_of, city):
    data = "编号,名称,日期\n001,公厕,2026-01-02\n002,公园,2026-01-03\n".encode()
    answer = client_of(CATALOGUER).post(
        reverse("catalog:from-file"), {"file": SimpleUploadedFile("公共设施.csv", data)}
    )
    revision = Revision.objects.get()
    assert answer["Location"] == reverse("catalog:edit", args=[revision.id])
    assert revision.title == "公共设施"
    assert [(one.name, one.data_type) for one in revision.items.all()] == [
        ("编号", "C"), ("名称", "C"), ("日期", "D"),
    ]  # fmt: skip
    assert revision.sharing_basis == ""


def test_two_editors_see_both_versions_side_by_side(client_of, city):
    from shuqiao.catalog.tests.factories import draft
    from shuqiao.catalog.tests.test_pages import form

    revision = draft(city)
    client = client_of(CATALOGUER)
    address = reverse("catalog:edit", args=[revision.id])
    assert client.post(address, form(lock_version="1", summary="甲写的")).status_code == 302
    answer = client.post(address, form(lock_version="1", summary="乙写的"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "甲写的" in page
    assert "乙写的" in page
    assert client.post(address, form(lock_version="2", summary="乙写的")).status_code == 302
    revision.refresh_from_db()
    assert revision.summary == "乙写的"


def test_rules_are_said_at_their_fields_while_writing(client_of, city):
    from shuqiao.catalog.tests.test_pages import form

    answer = client_of(CATALOGUER).post(
        reverse("catalog:check") + "?division=210800", form(title="", sharing_type="none", grade="")
    )
    page = answer.content.decode()
    assert 'id="say-title"' in page
    assert "必填" in page
    assert "不予共享，须写明" in page
    assert '<option value="PostgreSQL">' in page and '<option value="xlsx">' not in page  # noqa: PT018
    assert not Revision.objects.exists()
