"""Entries written in layout A, B or C read back: no errors, and everything the layout can say is as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.catalog import queries, spreadsheet
from shuqiao.catalog.classification import classes_of
from shuqiao.catalog.tests.factories import ITEMS, conditional, content, published
from shuqiao.catalog.tests.test_importing import check
from shuqiao.catalog.types import EntryFilters

PROVIDER = "营口市市场监督管理局"
# What each layout has a column for.
SAID = {
    "b": {
        "english_name", "title", "summary", "format_category", "format_type", "storage_gb", "records_wan",
        "sharing_type", "sharing_condition", "method_category", "method_type", "opening_type", "opening_condition",
        "update_cycle", "update_note", "theme", "priority_domains", "collected", "collection_method",
    },
    "c": {
        "kind", "classification", "title", "format_category", "format_type", "sharing_type", "sharing_condition",
        "method_category", "method_type", "published_on", "opening_type", "management_mode", "source_system",
        "ownership", "summary", "online_address", "update_cycle", "related_codes", "origin_mode", "secrecy_mark",
    },
}  # fmt: skip
SAID_OF_ITEMS = {
    "name", "column", "data_type", "length", "is_key", "nullable", "description", "object_type", "default_value",
    "sharing_type", "sharing_condition", "method_category", "method_type", "opening_type", "opening_condition",
}  # fmt: skip
OPEN = {"opening_type": "unconditional", "opening_method": "download"}
NARROW = (
    *ITEMS[:2],
    replace(ITEMS[2], opening_type="closed"),
    replace(ITEMS[3], sharing_type="conditional", sharing_condition="须说明办理事项"),
)
CONTENTS = (
    content(**OPEN, items=NARROW, related_codes="307001/000009", source_system="登记库"),
    content(
        title="个体工商户登记信息",
        kind="base",
        base_domain="legal_person",
        classification="102002",
        theme="市场监管",
    ),
    conditional(
        title="特种设备登记信息",
        opening_type="conditional",
        opening_condition="限公共安全研究",
        sharing_reason="",
        sharing_basis="",
        sharing_basis_level="",
    ),
    content(
        title="抽检结果",
        format_category="spreadsheet",
        format_type="csv",
        method_type="file",
        update_cycle="monthly",
        storage_gb=Decimal("1.5"),
        records_wan=Decimal("0.042"),
        published_on=date(2026, 3, 1),
        **OPEN,
    ),
    content(
        title="标准文本",
        format_category="electronic_file",
        format_type="pdf",
        method_type="file",
        items=(),
        **OPEN,
    ),
    content(
        title="封存记录",
        sharing_type="none",
        sharing_basis="《中华人民共和国刑事诉讼法》",
        sharing_basis_level="law",
        sharing_reason="依法封存",
    ),
    content(
        title="服务目录",
        format_category="service_interface",
        format_type="REST",
        classification="307008",
        opening_type="conditional",
        opening_condition="限公益应用",
        items=(replace(ITEMS[0], opening_type="closed"), ITEMS[1]),
    ),
)


def read_back(tmp_path, layout, contents=CONTENTS):
    entries = [spreadsheet.SheetEntry(one, "" if layout == "b" else f"{one.classification}/{n:06d}", PROVIDER, "")
               for n, one in enumerate(contents, 1)]  # fmt: skip
    path = spreadsheet.write(entries, tmp_path / f"{layout}.xlsx", spreadsheet.LAYOUTS[layout])
    return spreadsheet.read(path, classes=classes_of("210800"))


@pytest.mark.article("yingkou-2022", "13")
@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_what_is_exported_comes_back_without_errors_and_the_same(city, tmp_path, layout):
    reading = read_back(tmp_path, layout)
    assert [one for one in reading.problems if one.blocks] == []
    assert len(reading.drafts) == len(CONTENTS)
    for before, draft in zip(CONTENTS, reading.drafts, strict=True):
        after = draft.content
        if layout == "a":
            assert after == before
            continue
        for name in SAID[layout]:
            assert getattr(after, name) == getattr(before, name), (before.title, name)
        if before.sharing_type == "none":
            assert after.sharing_basis == before.sharing_basis, (
                "the form says the basis in the column of conditions"
            )
        if layout == "b":
            assert [[getattr(one, name) for name in sorted(SAID_OF_ITEMS)] for one in after.items] == [
                [getattr(one, name) for name in sorted(SAID_OF_ITEMS)] for one in before.items
            ]


def test_what_only_the_form_demands_is_a_hint(city, tmp_path):
    reading = read_back(tmp_path, "b", CONTENTS[3:4])
    hints = {one.what.partition("”")[0].removeprefix("“"): one.blocks for one in reading.problems}
    assert hints == {"具体更新时间": False, "重点领域分类": False}


@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_published_entries_are_exported_and_judged_without_errors(client_of, city, tmp_path, layout):
    for number, one in enumerate(CONTENTS[:4]):
        published(city, **({name: getattr(one, name) for name in one.__dataclass_fields__} | {
            "title": f"{one.title}{'甲乙丙丁'[number]}", "opening_method": one.opening_method or "on_application",
            "sharing_reason": "含个人信息", "sharing_scope": "市级部门", "sharing_use": "核验",
            "sharing_basis": "《某法》", "sharing_basis_level": "law",
            "base_domain": "", "kind": "department", "classification": "307001",
        }))  # fmt: skip
    answer = client_of("provider-cataloguer").get(reverse("catalog:export"), {"layout": layout})
    path = tmp_path / "export.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    found = queries.list_entries_for(city.actor("stranger"), EntryFilters())
    wanted = {entry.code: entry.published.content() for entry in found}
    reading = spreadsheet.read(path, classes=classes_of("210800"))
    errors = [one["what"] for one in check(city, reading).problems if one["blocks"]]
    there = [what for what in errors if "已在目录中" in what or "已有同名" in what]
    assert errors == there, "they are in the catalogue already, and that is all"
    assert len(there) == len(wanted) * (1 if layout == "b" else 2)
    assert {draft.content.title for draft in reading.drafts} == {one.title for one in wanted.values()}
    if layout == "a":
        assert {draft.code: draft.content for draft in reading.drafts} == wanted


def rules_of(path) -> dict[str, str]:
    page = load_workbook(path)[spreadsheet.SHEET]
    return {str(one.sqref).split(":")[0]: one.formula1 for one in page.data_validations.dataValidation}


def test_the_template_of_layout_c_offers_classes_departments_and_systems(client_of, city, tmp_path):
    published(city, source_system="市场主体登记业务库")
    answer = client_of("provider-cataloguer").get(reverse("catalog:template"), {"layout": "c"})
    path = tmp_path / "c.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    found = rules_of(path)
    letters = {
        column.key: f"{chr(65 + index)}2" for index, column in enumerate(spreadsheet.LAYOUTS["c"].columns)
    }
    for key in ("class1", "class2", "class3", "class4", "provider", "source_system"):
        assert letters[key] in found, key
    assert all(len(formula) < 256 for formula in found.values()), "what Excel can hold"
    assert all(f"{letter}2" in found[f"{after}2"] for letter, after in (("A", "B"), ("B", "C"), ("C", "D")))
    book = load_workbook(path)
    listed = [tuple(cell.value for cell in row) for row in book["分类表"].iter_rows(min_row=2)]
    assert [label for above, label in listed if not above] == ["1 基础", "2 主题", "3 部门"]
    below = [index for index, (above, _) in enumerate(listed) if above == "307"]
    assert below == list(range(below[0], below[0] + len(below))), "one block, which a list can show"
    words = {cell.value for row in book["列表"].iter_rows() for cell in row}
    assert {PROVIDER, "市场主体登记业务库"} <= words


def test_what_the_lists_offer_is_read(city, tmp_path):
    path = spreadsheet.write(
        [spreadsheet.SheetEntry(content(), "", PROVIDER, "")], tmp_path / "c.xlsx", spreadsheet.LAYOUTS["c"]
    )
    book = load_workbook(path)
    page = book[spreadsheet.SHEET]
    page["A2"], page["B2"], page["C2"] = "1 基础", "102 法人单位", "102001 企业"
    book.save(path)
    (draft,) = spreadsheet.read(path, classes=classes_of("210800")).drafts
    assert (draft.content.kind, draft.content.classification, draft.is_good) == ("base", "102001", True)
