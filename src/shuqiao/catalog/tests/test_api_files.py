"""Files by REST: exports, templates, annotated copies, and entries begun from a sample of their data."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from shuqiao.catalog import spreadsheet
from shuqiao.catalog.models import Revision
from shuqiao.catalog.tests.factories import content, published
from shuqiao.kernel.time import today

pytestmark = pytest.mark.django_db
BASE = "/api/v1/catalog"
CATALOGUER = "provider-cataloguer"
SAMPLE = "统一社会信用代码,企业名称\n91210800MA0,甲\n91210800MB1,乙\n".encode()


def cells(answer) -> set[str]:
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}


@pytest.mark.article("yingkou-2022", "13")
def test_what_a_search_finds_comes_as_a_file(client_of, city):
    for title in ("加油站信息", "道路运输企业"):
        published(city, on=today(), title=title)
    client = client_of("stranger")
    book = client.get(BASE + "/export.xlsx", {"q": "加油站", "layout": "a"})
    assert (book.status_code, book["Shuqiao-Export"]) == (200, "1/1")
    found = cells(book)
    assert "加油站信息" in found
    assert "道路运输企业" not in found
    lines = b"".join(client.get(BASE + "/export.csv").streaming_content).decode("utf-8-sig")
    assert "加油站信息" in lines
    assert "道路运输企业" in lines
    assert client.get(BASE + "/export.xlsx", {"layout": "z"}).status_code == 422
    assert client.get(BASE + "/export.csv", {"sheet": "a"}).status_code == 400


@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_an_empty_template_of_each_layout(client_of, city, layout):
    answer = client_of(CATALOGUER).get(BASE + "/template.xlsx", {"layout": layout})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert cells(answer)


@pytest.mark.article("yingkou-2022", "13")
def test_an_upload_comes_back_with_its_problems_written_in(client_of, city, tmp_path):
    lines = [spreadsheet.SheetEntry(content(title="甲"), "", "别的局", "")]
    data = spreadsheet.write(lines, tmp_path / "a.xlsx").read_bytes()
    client = client_of(CATALOGUER)
    made = client.post(
        f"{BASE}/departments/{city.provider.id}/imports", {"file": SimpleUploadedFile("目录.xlsx", data)}
    ).json()
    at = f"{BASE}/imports/{made['id']}"
    problems = client.get(at + "/problems").json()["items"]
    answer = client.get(at + "/annotated.xlsx")
    assert answer.status_code == 200
    assert problems
    assert cells(answer)
    assert client_of("stranger").get(at + "/annotated.xlsx").status_code == 404


def test_an_entry_is_begun_from_a_sample_of_its_data(client_of, city):
    address = f"{BASE}/departments/{city.provider.id}/from-file"

    def send(who, name, data):
        return client_of(who).post(address, {"file": SimpleUploadedFile(name, data)})

    made = send(CATALOGUER, "企业名录.csv", SAMPLE)
    assert made.status_code == 201, made.content
    revision = Revision.objects.get(pk=made.json()["revision"])
    assert (revision.title, revision.status) == ("企业名录", "draft")
    assert [item.name for item in revision.items.order_by("order")] == ["统一社会信用代码", "企业名称"]
    assert send("stranger", "企业名录.csv", SAMPLE).status_code == 403
    assert send(CATALOGUER, "企业名录.xlsx", SAMPLE).status_code == 400, "text is no workbook"
    assert client_of(CATALOGUER).post(address).status_code == 400
    assert Revision.objects.count() == 1
