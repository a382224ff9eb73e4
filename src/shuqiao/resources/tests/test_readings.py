"""Where the last file had its table and what its columns were held to: looked for in the next file, and told as the
build will find it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse

from shuqiao.catalog import queries as catalog
from shuqiao.organizations.tests.factories import City
from shuqiao.resources import jobs, previews, services, structure
from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT
from shuqiao.resources.types import Status

pytestmark = pytest.mark.django_db
ITEMS = ("代码", "名称")


def workbook(folder: Path, name: str, **sheets: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def archive(folder: Path, name: str, **members: str) -> Path:
    with zipfile.ZipFile(folder / name, "w") as packed:
        for member, text in members.items():
            packed.writestr(f"{member}.csv", text)
    return folder / name


def confirmed_elsewhere(city: City, path: Path, resource: object, **reading: object) -> Version:
    version = factories.upload(city, resource, path)
    services.reread_upload(
        actor=city.actor("provider-cataloguer"), version_id=version.id, reading=dict(reading)
    )
    jobs.build_versions(AT)  # a big file is looked at by the worker
    version.refresh_from_db()
    return factories.build(city, version)


SHORT = "代码\n1\n"
SMALL = [["代码", "名称"], ["001", "甲"], ["002", "乙"]]
OTHER = [["说明", "页"], ["一", "二"], ["三", "四"], ["五", "六"]]


@pytest.mark.parametrize("inline", [0, previews.INLINE_BYTES], ids=["by the worker", "at once"])
def test_the_sheet_of_the_recipe_is_read_again_however_big_the_file(city, tmp_path, monkeypatch, inline):
    monkeypatch.setattr(previews, "INLINE_BYTES", inline)
    resource = factories.mount(city, ITEMS)
    first = workbook(tmp_path, "一月.xlsx", 说明=OTHER, 数据=SMALL)
    assert confirmed_elsewhere(city, first, resource, sheet="数据").status == Status.BUILT
    second = factories.upload(
        city, resource, workbook(tmp_path, "二月.xlsx", 说明=OTHER, 数据=[*SMALL, ["3", "丙"]])
    )
    assert (second.preview["sheet"], second.preview["rows"], second.changes) == ("数据", 3, [])
    assert second.reading == {"sheet": "数据"}
    third = factories.upload(city, resource, workbook(tmp_path, "三月.xlsx", 数据三月=SMALL))
    assert (third.status, third.preview["sheet"], third.reading) == (Status.UPLOADED, "数据三月", {})
    said = [one["detail"] for one in third.changes if one["kind"] == "place"]
    assert len(said) == 2
    assert "不能照上次的读法读" in said[0]
    assert "数据" in said[0]
    assert said[1] == "上次读“数据”，这次是“数据三月”"


def test_the_member_of_the_recipe_is_read_again_or_said_to_be_gone(city, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "INLINE_BYTES", 0)
    resource = factories.mount(city, ITEMS)
    big = "说明,页\n" + "一,二\n" * 50
    table = "代码,名称\n001,甲\n002,乙\n"
    first = archive(tmp_path, "一.zip", readme=big, data=table)
    confirmed_elsewhere(city, first, resource, member="data.csv")
    second = factories.upload(
        city, resource, archive(tmp_path, "二.zip", readme=big, data=table + "003,丙\n")
    )
    assert (second.preview["member"], second.preview["rows"], second.changes) == ("data.csv", 3, [])
    third = factories.upload(city, resource, archive(tmp_path, "三.zip", neu=table, b=SHORT))
    assert (third.status, third.preview["member"]) == (Status.UPLOADED, "neu.csv")
    assert [one["column"] for one in third.changes] == ["读法", "压缩包里的文件"]


def with_check(city: City, version: Version, source: str, check: str) -> Version:
    items = catalog.published_items(version.resource.entry_id)
    choices = structure.propose(previews.from_json(version.preview), items)
    columns = tuple(
        replace(column, check=check) if column.source == source else column for column in choices.columns
    )
    services.confirm_recipe(
        actor=city.actor("provider-cataloguer"),
        version_id=version.id,
        choices=replace(choices, columns=columns),
        at=AT,
    )
    jobs.build_versions(AT)
    version.refresh_from_db()
    return version


def next_of(city: City, resource: object, text: str, folder: Path) -> tuple[list[dict[str, str]], Version]:
    version = factories.upload_text(city, resource, text, folder)
    told = version.changes
    services.accept_recipe(actor=city.actor("provider-cataloguer"), version_id=version.id, at=AT)
    jobs.build_versions(AT)
    version.refresh_from_db()
    assert version.status == Status.BUILT, version.error
    return told, version


@pytest.mark.parametrize(
    ("check", "value"),
    [("postcode", "1150{:02}"), ("mobile", "138001380{:02}"), ("division_code", "2108{:02}")],
)
def test_a_check_that_every_value_passes_is_not_told_though_the_header_does_not_name_it(
    city, tmp_path, check, value
):
    resource = factories.mount(city, ITEMS)
    table = "代码,名称\n" + "".join(f"{value.format(place)},甲{place}\n" for place in range(50))
    with_check(city, factories.upload_text(city, resource, table, tmp_path), "代码", check)
    told, version = next_of(city, resource, table.replace("甲", "乙"), tmp_path)
    assert (told, version.quarantined, version.rows) == ([], 0, 50)


def test_what_is_told_of_a_check_is_what_the_build_does(city, tmp_path):
    resource = factories.mount(city, ("邮编", "名称"))
    sound = [f"115{place:03}" for place in range(200)]
    table = "邮编,名称\n" + "".join(f"{code},甲\n" for code in sound)
    first = factories.build(city, factories.upload_text(city, resource, table, tmp_path))
    assert first.recipe["columns"][0]["checks"] == ["postcode"]
    spoiled = [code if place % 20 else f"{place}-坏" for place, code in enumerate(sound)]
    told, version = next_of(city, resource, "邮编,名称\n" + "".join(f"{c},甲\n" for c in spoiled), tmp_path)
    assert version.quarantined == 10
    assert [(one["kind"], one["detail"]) for one in told] == [
        ("check", "“邮编”有 10 个值不符合邮政编码校验，这些行将被隔离")
    ]


def test_a_sign_for_nothing_that_the_recipe_does_not_know_is_told(city, tmp_path):
    resource = factories.mount(city, ("户数", "名称"))
    factories.build(city, factories.upload_text(city, resource, "户数,名称\n1,甲\n22,乙\n", tmp_path))
    told, version = next_of(city, resource, "户数,名称\n1,甲\n-,乙\n3,丙\n-,丁\n", tmp_path)
    assert version.quarantined == 2
    assert [one["detail"] for one in told] == [
        "“户数”有 2 处写作“-”，读取方案没有把它当作缺值，这些行将被隔离"
    ]


def test_an_explicit_choice_that_is_not_there_is_said_and_not_replaced(city, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "INLINE_BYTES", 0)
    resource = factories.mount(city, ITEMS)
    version = factories.upload(city, resource, workbook(tmp_path, "一月.xlsx", 数据=SMALL))
    services.reread_upload(
        actor=city.actor("provider-cataloguer"), version_id=version.id, reading={"sheet": "没有的"}
    )
    jobs.build_versions(AT)
    version.refresh_from_db()
    assert version.status == Status.FAILED
    assert "没有的" in str(version.error)


def test_encoding_and_delimiter_are_chosen_on_the_page_and_stay_with_the_recipe(city, client_of, tmp_path):
    resource = factories.mount(city, ("地區", "人口"))
    path = tmp_path / "港.csv"
    text = "地區#人口\n灣仔#1\n鰂魚涌#2\n"
    path.write_bytes(text.encode("big5hkscs"))
    version = factories.upload(city, resource, path)
    provider, address = client_of("provider-cataloguer"), reverse("resources:reread", args=[version.id])
    wrong = provider.post(address, {"header_row": "1", "encoding": "big5hkscs", "delimiter": ";"})
    assert wrong.status_code == 400
    assert "没有分号，不能用它分列" in wrong.content.decode()
    unnamed = provider.post(address, {"header_row": "1", "delimiter": "other"})
    assert "请填写分隔符" in unnamed.content.decode()
    chosen = {"header_row": "1", "encoding": "big5hkscs", "delimiter": "other", "delimiter_other": "#"}
    assert provider.post(address, {**chosen, "quote": "none"}).status_code == 302
    page = provider.get(reverse("resources:reading", args=[version.id])).content.decode()
    assert "鰂魚涌" in page
    assert "BIG5HKSCS（选定）" in page
    assert '<option value="big5hkscs" selected>' in page
    version.refresh_from_db()
    assert version.reading == {"header_row": 1, "encoding": "big5hkscs", "delimiter": "#", "quote": ""}
    assert factories.build(city, version).rows == 2
    path.write_bytes(f"{text}銅鑼灣#3\n".encode("big5hkscs"))
    again = factories.upload(city, resource, path)
    assert (again.changes, again.preview["rows"], again.preview["quote"]) == ([], 3, "")
    path.write_text("地區#人口\n" + "".join(f"灣仔{n}#1\n" for n in range(40)), encoding="utf-8")
    other = factories.upload(city, resource, path)
    assert [one["column"] for one in other.changes] == ["读法", "编码"]
    assert "合规的 UTF-8" in other.changes[0]["detail"]


def test_the_reading_is_asked_for_and_changed_by_programs(city, client_of, tmp_path):
    version = factories.upload_text(
        city, factories.mount(city, ITEMS), "代码;名称,x\n1;甲,2\n2;乙,3\n", tmp_path
    )
    provider = client_of("provider-cataloguer")
    address = reverse("api:resources-version-reading", args=[version.id])
    seen = provider.get(address).json()
    assert len(seen["preview"]["columns"]) == 2
    answer = provider.post(address, {"delimiter": ";"}, content_type="application/json")
    assert answer.status_code == 200
    assert [one["source"] for one in answer.json()["preview"]["columns"]] == ["代码", "名称,x"]
    assert answer.json()["reading"] == {"delimiter": ";"}
    for body in ({"encoding": "klingon"}, {"delimiter": "|"}, {"quote": "x"}, {"header": 1}):
        assert provider.post(address, body, content_type="application/json").status_code in (400, 422)
