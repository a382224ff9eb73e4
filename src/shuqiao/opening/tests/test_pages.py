"""The open platform as a citizen meets it: nobody is signed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.tests.factories import City
from shuqiao.resources.tests import factories as tables


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode().replace("<mark>", "").replace("</mark>", "")


def open_table(city: City, folder: Path) -> str:
    """An open table of two rows with a personal column. Returns the entry's address."""
    resource = tables.mount(city, opening="unconditional")
    tables.publish(city, tables.upload_text(city, resource, tables.SMALL, folder))
    return f"/open/{resource.entry_id}/"


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "25")
@pytest.mark.article("dongchangfu-2020", "24")
def test_open_data_is_found_previewed_and_offered_for_download_without_login(
    city: City, client: Client, tmp_path: Path
) -> None:
    address = open_table(city, tmp_path)
    assert address in page(client, "/open/")
    shown = page(client, address)
    for kind in ("csv", "xlsx", "json"):
        assert f"/export.{kind}" in shown
    assert "<td>001</td>" in shown, "codes keep their leading zeros"
    assert "引用本数据" in shown


@pytest.mark.article("yingkou-2022", "28")
def test_personal_columns_are_not_in_the_preview(city: City, client: Client, tmp_path: Path) -> None:
    shown = page(client, open_table(city, tmp_path))
    assert "13800138000" not in shown
    assert "联系手机</th>" not in shown.split('id="dl"')[0]
    assert shown.count("不提供") == 1, "the list of items says that it is not given"


@pytest.mark.article("yingkou-2022", "30")
@pytest.mark.article("shenyang-2020", "27")
@pytest.mark.article("dongchangfu-2020", "22")
def test_of_a_closed_entry_only_name_and_legal_basis_are_public(city: City, client: Client) -> None:
    entry = entries.published(
        city,
        title="未成年人信息",
        summary="不该公开的摘要",
        opening_type="closed",
        opening_basis="《中华人民共和国未成年人保护法》",
        opening_basis_level="law",
    )
    for address in (f"/open/{entry.id}/", "/open/basis/", "/open/?q=未成年人"):
        shown = page(client, address)
        assert "未成年人信息" in shown
        assert "《中华人民共和国未成年人保护法》" in shown
        assert "不该公开的摘要" not in shown
    assert "法律" in page(client, "/open/basis/"), "the level of the basis is shown"
    assert "没有找到" in page(client, "/open/?q=不该公开的摘要"), "and cannot be found by what is not public"


@pytest.mark.article("yingkou-2022", "29")
def test_data_on_application_shows_the_term_of_the_answer(city: City, client: Client) -> None:
    entry = entries.published(
        city,
        opening_type="conditional",
        opening_method="download",
        opening_condition="用于研究",
        opening_basis="《中华人民共和国个人信息保护法》",
        opening_basis_level="law",
    )
    shown = page(client, f"/open/{entry.id}/")
    assert "10 个工作日内答复" in shown
    assert "依申请开放" in shown, "in the words of the regime"


def test_drafts_and_unknown_entries_are_not_there(city: City, client: Client) -> None:
    draft = entries.draft(city)
    for entry_id in (draft.entry_id, new_id()):
        assert client.get(f"/open/{entry_id}/").status_code == 404
    assert "没有找到" in page(client, "/open/")


@pytest.mark.article("yingkou-2022", "31")
@pytest.mark.article("shenyang-2020", "28")
def test_home_counts_what_is_open_and_says_why_the_rest_is_not(
    city: City, client: Client, tmp_path: Path
) -> None:
    assert "还没有开放的数据" in page(client, "/")
    open_table(city, tmp_path)
    entries.published(
        city,
        theme="信用",
        opening_type="closed",
        opening_basis="《保守国家秘密法》",
        opening_basis_level="law",
    )
    shown = page(client, "/")
    assert "企业登记信息" in shown
    assert "《保守国家秘密法》" in shown


def test_search_narrows_by_opening_type_and_survives_nonsense(city: City, client: Client) -> None:
    entries.published(city, opening_type="closed", opening_basis="某法", opening_basis_level="law")
    assert "共 <b>1</b>" in page(client, "/open/?opening=closed")
    assert "没有找到" in page(client, "/open/?opening=unconditional")
    for nonsense in (
        "?page=abc",
        "?page=999",
        "?departments=x",
        "?opening=%F0%9F%92%A9",
        "?order=;drop",
        "?q=" + "长" * 500,
    ):
        assert client.get(f"/open/{nonsense}").status_code == 200


def test_lists_ask_a_bounded_number_of_questions(
    city: City, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(12):
        entries.published(
            city,
            title=f"条目 {number}",
            opening_type="closed",
            opening_basis="某法",
            opening_basis_level="law",
        )
    page(client, "/open/")  # whoever searches first after a change brings the index up to date
    for address in ("/", "/open/", "/open/basis/"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            page(client, address)
