"""What a search found as a file: whole or said to be cut, in the order of the search."""

from __future__ import annotations

import csv
import gc
import io
import tracemalloc
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.catalog import exporting, search, streaming
from shuqiao.catalog.models import Entry
from shuqiao.catalog.search import View
from shuqiao.catalog.spreadsheet import LAYOUTS
from shuqiao.catalog.tests.factories import published, published_copies
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


def test_few_at_a_time_are_written_while_they_are_read(client_of, city, many, monkeypatch):
    monkeypatch.setattr(streaming, "MOST", 2)
    address = reverse("catalog:export-whole")
    mine = client_of(READER).get(address)
    again = client_of(READER).get(address)
    assert again.status_code == 400
    assert "您有一份 CSV 正在下载" in again.content.decode()
    other = client_of("provider-cataloguer").get(address)
    assert "人较多" in client_of("provider-approver").get(address).content.decode()
    assert len(titles(rows(mine))) == len(many)  # to its end: the place is free
    third = client_of("provider-approver").get(address)
    assert third.status_code == 200
    for one in (other, third):  # broken off by whoever reads: free as well
        for close in one._resource_closers:  # `one.close()` would end the test's connection too
            close()
    slow = client_of(READER).get(address)
    monkeypatch.setattr(streaming.time, "monotonic", lambda: float("inf"))
    with pytest.raises(TimeoutError):
        list(slow.streaming_content)
    assert not streaming._open


def test_a_small_workbook_is_made_at_once(client_of, many):
    whole = client_of(READER).get(reverse("catalog:export"), {"layout": "c"})
    assert whole["Shuqiao-Export"] == "8/8"
    sheet = load_workbook(io.BytesIO(b"".join(whole.streaming_content)))["目录"]
    assert sheet.max_row >= 8


def test_characters_no_sheet_takes_do_not_keep_a_workbook_from_being_made(client_of, city):
    published(city, title="企业\x01名录", summary="全市\x0b企业的登记事项\ufffe，\n含名称。")
    whole = client_of(READER).get(reverse("catalog:export"), {"layout": "c"})
    sheet = load_workbook(io.BytesIO(b"".join(whole.streaming_content)))["目录"]
    cells = {value for row in sheet.values for value in row}
    assert {"企业名录", "全市企业的登记事项，\n含名称。"} <= cells


@pytest.mark.parametrize("deepest", [100_000, 100])
def test_memory_does_not_grow_with_the_number_of_entries(city, monkeypatch, deepest):
    """From the index or from the database: the second two thirds of a CSV take no more memory than the first."""
    published_copies(city, 1_800)
    monkeypatch.setattr(exporting, "PART", 200)
    monkeypatch.setattr(exporting, "DEEPEST", deepest)
    actor = city.actor(READER)
    search.find(actor, EntryFilters(), facets=False)  # the index and what it keeps are there
    lines = exporting.as_csv(exporting.found(actor, EntryFilters()), LAYOUTS["a"])
    read, held = 0, []
    tracemalloc.start()
    try:
        for piece in lines:
            read += piece.count("\n")
            gc.collect()
            held.append((read, tracemalloc.get_traced_memory()[0]))
    finally:
        tracemalloc.stop()
    assert read == 1_800 + 1
    first = next(bytes_ for count, bytes_ in held if count >= 600)
    assert max(bytes_ for _, bytes_ in held) - first < 512 * 1024, held
