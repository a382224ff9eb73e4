"""The pages in a browser's order, with real forms."""

from __future__ import annotations

import gc
import gzip
import io
import re
import zipfile

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shuqiao.organizations.tests.factories import City
from shuqiao.procedures.models import InboxItem
from shuqiao.resources import jobs, queries
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT, SMALL, SMALL_ITEMS
from shuqiao.resources.types import Status

pytestmark = pytest.mark.django_db


def send(client: Client, resource: Resource, content: bytes, name: str = "表.csv"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("resources:upload", args=[resource.id]), {"file": file})


def answers(version: Version, **changes: str) -> dict[str, str]:
    """The preview page's form as a browser sends it back, unchanged but for `changes`."""
    from shuqiao.catalog import queries as catalog
    from shuqiao.resources import previews, structure, wizard

    preview = previews.from_json(version.preview)
    items = catalog.published_items(version.resource.entry_id)
    data: dict[str, str] = {}
    for row in wizard.rows_of(preview, structure.propose(preview, items), items):
        data |= {f"name-{row.index}": row.choice.name, f"item-{row.index}": row.choice.item}
        data |= {f"type-{row.index}": row.type_value, f"check-{row.index}": row.choice.check}
        data |= {f"key-{row.index}": row.key, f"nulls-{row.index}": "1"}
        if row.choice.keep:
            data[f"keep-{row.index}"] = "1"
    return data | changes


@pytest.mark.article("yingkou-2022", "18")
@pytest.mark.article("yingkou-2022", "28")
def test_from_mounting_to_publication(city: City, client_of):
    provider, bureau = client_of("provider-cataloguer"), client_of("bureau-reviewer")
    entry = factories.make_entry(city.provider, SMALL_ITEMS)
    page = provider.get(reverse("resources:mount"), {"entry": entry.id})
    assert entry.code in page.content.decode()
    data = {"entry": entry.id, "kind": "table", "name": "登记表", "modes": ["interface"]}
    sent = provider.post(reverse("resources:mount"), data)
    resource = Resource.objects.get()
    assert sent.url == reverse("resources:upload", args=[resource.id])
    assert provider.get(sent.url).status_code == 200

    sent = send(provider, resource, SMALL.encode())
    version = Version.objects.get()
    assert sent.url == reverse("resources:reading", args=[version.id])
    text = provider.get(sent.url).content.decode()
    assert "有前导零，保持文本" in text
    assert "疑似电话号码" in text
    sent = provider.post(sent.url, answers(version))
    assert sent.url == version.get_absolute_url()
    assert "正在生成" in provider.get(version.get_absolute_url()).content.decode()
    assert "HX-Refresh" not in provider.get(reverse("resources:state", args=[version.id])).headers
    assert jobs.build_versions(AT) == 1
    assert provider.get(reverse("resources:state", args=[version.id])).headers["HX-Refresh"] == "true"

    text = provider.get(version.get_absolute_url()).content.decode()
    assert "2 行" in text
    assert "13800138000" not in text
    submit = reverse("resources:submit", args=[version.id])
    refused = provider.post(submit, {"secrecy_checked": "1", "decision-0": "keep"})
    assert refused.status_code == 400
    for words in ("如实提供须写明理由", "已作个人信息审查"):
        assert words in refused.content.decode()
    good = {"secrecy_checked": "1", "personal_checked": "1", "decision-0": "sensitive", "note": "安全员已审"}
    assert provider.post(submit, good).status_code == 302
    assert InboxItem.objects.filter(department=city.bureau, done_at=None, case_id=version.id).count() == 1

    assert "复核通过并发布" in bureau.get(version.get_absolute_url()).content.decode()
    assert bureau.post(reverse("resources:publish", args=[version.id])).status_code == 302
    text = client_of("stranger").get(resource.get_absolute_url()).content.decode()
    assert f"/v1/resources/{resource.id}/rows" in text
    assert "隔离" not in text


def test_wrong_choices_come_back_with_every_column_named(city: City, client_of, tmp_path):
    client = client_of("provider-cataloguer")
    resource = factories.mount(city)
    version = factories.upload_text(city, resource, SMALL.replace("代码", "编号"), tmp_path)
    page = reverse("resources:reading", args=[version.id])
    assert "未对应信息项" in client.get(page).content.decode()
    wrong = answers(version, **{"keep-0": "1", "item-1": "没有的项", "type-2": "date|随便|0"})
    answer = client.post(page, wrong)
    assert answer.status_code == 400
    text = answer.content.decode()
    for words in ("没有对应的信息项", "目录里没有信息项“没有的项”", "没有这种写法"):
        assert words in text
    version.refresh_from_db()
    assert version.status == Status.UPLOADED


def zipped(body: bytes, *, locked: bool = False) -> bytes:
    """A ZIP archive of one CSV file; `locked`: its directory says that a password is needed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", body)
    content = bytearray(made.getvalue())
    if locked:
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("表.csv", b"", "0 字节"),
        ("表.csv", b"%PDF-1.7 ...", "PDF 文档"),
        ("表.docx", b"PK\x03\x04word/document.xml", "不是能读取的格式"),
        ("表.xlsx", b"PK\x03\x04word/document.xml", "Word 文档"),
        ("表.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        ("表.csv.gz", b"a,b\n1,2\n", "不是 gzip"),
        ("表.csv.gz", gzip.compress(b"a,b\n1,2\n" * 999)[:40], "不完整或已损坏"),
        ("表.csv", "代码,名".encode() + b"\xff\xfe\n" + "001,甲\n".encode() * 9, "第 2 列"),
        ("表.csv", "代码\x00,名\n".encode() + "001,甲\n".encode() * 90, "第 1 列"),
        ("表.exe", b"MZ\x90\x00", "不是能读取的格式"),
        ("表.zip", zipped(SMALL.encode(), locked=True), "密码"),
        ("表.zip", zipped(b"0" * (64 * 1024 * 1024)), "压缩比异常"),
        ("表.csv.gz", gzip.compress(b"0" * (64 * 1024 * 1024)), "压缩比异常"),
        ("表.csv.zst", pa.compress(b"0" * (64 << 20), codec="zstd", asbytes=True), "压缩比异常"),
        ("表.csv", b"\n\n\r\n", "没有"),
        ("表.csv", b"\xef\xbb\xbf", "没有"),
    ],
    ids=[
        "empty",
        "pdf",
        "docx",
        "word-as-xlsx",
        "encrypted",
        "not-gzip",
        "cut-gzip",
        "bad-header",
        "nul-header",
        "program",
        "locked-zip",
        "bomb",
        "gzip-bomb",
        "zstd-bomb",
        "no-columns",
        "byte-order-mark",
    ],
)
def test_what_is_no_table_is_refused_by_name_and_leaves_nothing(city, client_of, home, name, content, found):
    resource = factories.mount(city)
    answer = send(client_of("provider-cataloguer"), resource, content, name)
    assert answer.status_code == 400
    said = re.search(r'id="id_file-error".*?</div>', answer.content.decode(), re.S)
    assert said, "nothing is said at the field"
    assert found in said[0]
    assert not Version.objects.exists()
    assert list((home / "staging").iterdir()) == []


def test_a_file_over_the_limit_is_refused_before_it_is_stored(city, client_of, home, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    resource = factories.mount(city)
    answer = send(client_of("provider-cataloguer"), resource, b"a,b\n" * 600_000)
    assert answer.status_code == 400
    assert "文件超过 1 MB" in answer.content.decode()
    answer = send(client_of("provider-cataloguer"), resource, b"a,b\n" * 270_000)
    assert answer.status_code == 400
    assert list((home / "staging").iterdir()) == []


class Broken:
    """A sender that goes away in the middle of the file."""

    def __init__(self) -> None:
        head = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        self.parts = iter([head + b"a,b\n" * 50_000])

    def read(self, size: int = -1) -> bytes:
        try:
            return next(self.parts)
        except StopIteration:
            raise OSError("connection lost") from None


def test_a_sender_that_goes_away_leaves_nothing(city, home):
    from django.core.files.uploadhandler import load_handler
    from django.http import HttpRequest
    from django.http.multipartparser import MultiPartParser

    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=XX", "CONTENT_LENGTH": "900000"}
    request = HttpRequest()
    handler = load_handler("shuqiao.resources.receiving.StagingUploadHandler", request)
    with pytest.raises(OSError, match="connection lost"):
        MultiPartParser(meta, Broken(), [handler]).parse()
    del handler, request
    gc.collect()
    assert list((home / "staging").iterdir()) == []


def test_no_file_at_all(city, client_of):
    resource = factories.mount(city)
    answer = client_of("provider-cataloguer").post(reverse("resources:upload", args=[resource.id]), {})
    assert answer.status_code == 400
    assert "数据文件" in answer.content.decode()


def test_the_upload_page_wants_its_token(city):
    resource = factories.mount(city)
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.user("provider-cataloguer"))
    assert send(client, resource, SMALL.encode()).status_code == 403
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(city.user("stranger"))
    assert send(stranger, resource, SMALL.encode()).status_code == 404
    assert send(Client(), resource, SMALL.encode()).status_code == 302


def test_quarantine_pages_and_file(city, client_of, tmp_path):
    resource = factories.mount(city)
    spoiled = "".join(f"{n:03},坏\x00行,=1+1,多\n" for n in range(60))
    version = factories.build(city, factories.upload_text(city, resource, SMALL + spoiled, tmp_path))
    assert (version.rows, version.quarantined) == (2, 60)
    client = client_of("provider-cataloguer")
    page = reverse("resources:quarantine", args=[version.id])
    text = client.get(page).content.decode()
    assert "第 1 / 2 页" in text
    assert "第 2 / 2 页" in client.get(page, {"page": "99"}).content.decode()
    answer = client.get(reverse("resources:quarantine-csv", args=[version.id]))
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert body.count("隔离的数据行") == 60
    assert client_of("stranger").get(page).status_code == 404


def test_reading_anew_with_another_header_line(city, client_of, tmp_path):
    resource = factories.mount(city)
    version = factories.upload_text(city, resource, "全市,登记,情况\n" + SMALL, tmp_path)
    assert version.preview["header_row"] == 1
    client = client_of("provider-cataloguer")
    answer = client.post(reverse("resources:reread", args=[version.id]), {"header_row": "2"})
    assert answer.status_code == 302
    version.refresh_from_db()
    assert version.preview["header_row"] == 2
    assert [column["source"] for column in version.preview["columns"]] == list(SMALL_ITEMS)
    assert (
        client.post(reverse("resources:reread", args=[version.id]), {"header_row": "77"}).status_code == 400
    )


def test_the_list_asks_the_database_a_fixed_number_of_times(
    city, client_of, tmp_path, django_assert_max_num_queries
):
    client = client_of("provider-cataloguer")
    for number in range(6):
        resource = factories.mount(city, name=f"表{number}")
        factories.upload_text(city, resource, SMALL, tmp_path)
    with django_assert_max_num_queries(16):
        text = client.get(reverse("resources:list")).content.decode()
    assert "表5" in text


def test_the_entry_page_shows_others_only_open_columns(city, client_of, tmp_path):
    resource = factories.mount(city, opening="unconditional")
    factories.publish(city, factories.upload_text(city, resource, SMALL, tmp_path))
    fragment = reverse("resources:of-entry", args=[resource.entry_id])
    own = client_of("provider-cataloguer").get(fragment).content.decode()
    assert "联系手机" in own
    assert "13800138000" not in own
    assert "138" in own
    others = client_of("stranger").get(fragment).content.decode()
    assert "甲" in others
    assert "138" not in others.replace(str(resource.id), "").replace(str(resource.entry_id), "")
    facts = queries.published_table(resource.id)
    assert facts.open_columns == ("代码", "名称")


def test_nothing_of_a_closed_table_is_previewed_by_others(city, client_of, tmp_path):
    resource = factories.mount(city, opening="closed")
    factories.publish(city, factories.upload_text(city, resource, SMALL, tmp_path))
    others = (
        client_of("stranger").get(reverse("resources:of-entry", args=[resource.entry_id])).content.decode()
    )
    assert "甲" not in others
    assert "内容须申请后读取" in others


def test_the_reviewer_finds_what_waits_and_nothing_when_nothing_does(city: City, client_of):
    reviewer, address = client_of("bureau-reviewer"), reverse("resources:list")
    assert "没有待复核的版本" in reviewer.get(f"{address}?state=review").content.decode()
    others = client_of("provider-cataloguer").get(f"{address}?state=review").content.decode()
    assert "待复核" not in others


def test_two_thousand_columns_and_items_are_one_page_and_one_answer(city, client_of, home, tmp_path):
    names = [f"第{number}项指标" for number in range(2_000)]
    resource = factories.mount(city, names)
    version = factories.upload_text(
        city, resource, ",".join(names) + "\n" + ",".join(["1"] * 2_000) + "\n", tmp_path
    )
    client, address = client_of("provider-cataloguer"), reverse("resources:reading", args=[version.id])
    page = client.get(address).content
    assert page.count(b'list="items"') == 2_000
    assert page.count(b"<option") < 2_000 * 30, (
        "a list of all items in every row is more than a browser bears"
    )
    fields = dict(re.findall(r'name="((?:name|item)-\d+)"[^>]*? value="([^"]*)"', page.decode()))
    answer = {**fields, "keep-0": "1", "keep-1999": "1", "type-0": "integer||0", "type-1999": "text||0"}
    assert client.post(address, answer).status_code == 302
    version.refresh_from_db()
    assert [plan["name"] for plan in version.recipe["columns"] if plan.get("keep", True)] == [
        names[0],
        names[-1],
    ]
