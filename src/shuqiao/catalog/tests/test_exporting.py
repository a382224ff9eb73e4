"""What a search found as a file: whole or said to be cut, in the order of the search."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.catalog import exporting, search
from shuqiao.catalog.models import Entry
from shuqiao.catalog.search import View
from shuqiao.catalog.tests.factories import published
from shuqiao.catalog.types import EntryFilters

pytestmark = pytest.mark.django_db
READER = "stranger"


@pytest.fixture
def many(city):
    return [published(city, title=f"第{number}批企业名录") for number in range(7)] + [
        published(city, title="=1+1 公厕")
    ]


def rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def titles(found: list[dict[str, str]]) -> list[str]:
    name = next(one for one in found[0] if one.endswith("信息资源名称"))
    return list(dict.fromkeys(row[name] for row in found))


@pytest.mark.parametrize("order", ["newest", "title", "code", "relevance"])
def test_in_parts_it_is_whole_and_in_the_order_of_the_search(city, many, monkeypatch, order):
    monkeypatch.setattr(exporting, "PART", 2)
    asked = EntryFilters(words="企业名录", order=order)
    actor = city.actor(READER)
    wanted = [hit.title for hit in search.find(actor, asked, view=View.SHARED, limit=50).hits]
    assert [one.content.title for one in exporting.found(actor, asked)] == wanted
    assert [one.content.title for one in exporting.found(actor, asked, 3)] == wanted[:3]


def test_the_whole_as_csv_with_every_item_and_no_formula(client_of, city, many):
    response = client_of(READER).get(reverse("catalog:export-whole"), {"order": "code"})
    assert response.streaming
    assert "目录导出.csv" in unquote(response["Content-Disposition"])
    found = rows(response)
    assert len(found) == 4 * len(many)
    shown = list(Entry.objects.order_by("code").values_list("published__title", flat=True))
    assert titles(found) == [f"'{title}" if title.startswith("=") else title for title in shown]


def test_deeper_than_the_index_goes_the_database_is_read(client_of, city, many, monkeypatch):
    monkeypatch.setattr(exporting, "PART", 2)
    monkeypatch.setattr(exporting, "DEEPEST", 3)
    client, address = client_of(READER), reverse("catalog:export-whole")
    whole = client.get(address, {"order": "code"})
    assert whole["Shuqiao-Export"] == "8/8"
    shown = list(Entry.objects.order_by("code").values_list("published__title", flat=True))
    assert [title.removeprefix("'") for title in titles(rows(whole))] == shown
    cut = client.get(address, {"q": "企业名录"})  # only the index knows what words find
    assert cut["Shuqiao-Export"] == "3/8"
    assert "前3条，共8条" in unquote(cut["Content-Disposition"])
    assert len(titles(rows(cut))) == 3


def test_a_small_workbook_is_made_at_once(client_of, many):
    whole = client_of(READER).get(reverse("catalog:export"), {"layout": "c"})
    assert whole["Shuqiao-Export"] == "8/8"
    sheet = load_workbook(io.BytesIO(b"".join(whole.streaming_content)))["目录"]
    assert sheet.max_row >= 8
