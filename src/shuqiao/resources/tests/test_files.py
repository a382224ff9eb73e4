"""Resources that are no tables: mounted, received, checked, published and offered whole."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shuqiao.delivery import book
from shuqiao.kernel import InvalidInput
from shuqiao.organizations.tests.factories import City
from shuqiao.resources import contents, jobs, queries, receiving, services
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT
from shuqiao.resources.types import WHOLE_FILE, Kind, Mode, Status

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + b"a plan of the town\n" * 40


def mount_file(city: City, items=("图名",), **entry: object) -> Resource:
    made = factories.make_entry(city.provider, items, **entry)
    return services.mount_resource(
        actor=city.actor("provider-cataloguer"),
        entry_id=made.id,
        name="规划图",
        modes=(Mode.INTERFACE, Mode.BATCH),
        kind=Kind.FILE,
        at=AT,
    )


def send(client, resource: Resource, content: bytes = PDF, name: str = "城区 规划图（2026）.pdf"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("resources:upload", args=[resource.id]), {"file": file})


@pytest.mark.article("yingkou-2022", "18")
@pytest.mark.article("yingkou-2022", "28")
def test_a_file_from_mounting_to_the_open_platform(city: City, client_of):
    provider, bureau = client_of("provider-cataloguer"), client_of("bureau-reviewer")
    resource = mount_file(city, opening="unconditional")
    assert resource.modes == ["file"]
    resource.entry.published.items.update(opening_type="unconditional")
    sent = send(provider, resource)
    version = Version.objects.get()
    assert sent.url == version.get_absolute_url()
    assert version.status == Status.CONFIRMED
    assert "正在保存文件" in provider.get(sent.url).content.decode()
    assert jobs.build_versions(AT) == 1
    version.refresh_from_db()
    assert version.content == {
        "filename": "城区 规划图（2026）.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    shown = provider.get(reverse("resources:content", args=[version.id]))
    assert b"".join(shown.streaming_content) == PDF
    assert shown["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"].startswith("attachment")

    submit = reverse("resources:submit", args=[version.id])
    assert provider.post(submit, {}).status_code == 400  # the checks are not confirmed
    checked = {"secrecy_checked": "1", "personal_checked": "1", "note": "安全员已审"}
    assert provider.post(submit, checked).status_code == 302
    page = bureau.get(version.get_absolute_url()).content.decode()
    assert "复核通过并发布" in page
    assert bureau.post(reverse("resources:publish", args=[version.id])).status_code == 302

    assert queries.published_table(resource.id).open_columns is None, "nothing opens before its review"
    factories.open_up(resource.id)
    facts = queries.published_table(resource.id)
    assert facts.kind is Kind.FILE
    assert facts.column_names == (WHOLE_FILE,)
    assert facts.open_columns == (WHOLE_FILE,)
    row = book.compile_book(1, AT).resources[str(resource.id)]
    assert (row.kind, row.file.filename, row.file.size) == ("file", "城区 规划图（2026）.pdf", len(PDF))
    assert row.open_columns == [WHOLE_FILE]
    with queries.shelf().open(row.version) as handle:
        assert handle.open_content().path.read_bytes() == PDF
    public = client_of("stranger").get(reverse("opening:entry", args=[resource.entry_id])).content.decode()
    assert f"/v1/resources/{resource.id}/file" in public
    assert "/rows" not in public
    for page in (resource.get_absolute_url(), reverse("resources:list"), version.get_absolute_url()):
        assert provider.get(page).status_code == 200
    entry = provider.get(reverse("resources:of-entry", args=[resource.entry_id])).content.decode()
    assert "整份提供" in entry


def test_a_file_is_open_only_when_every_item_is(city: City, client_of):
    resource = mount_file(city, ("图名", "绘图人"), opening="unconditional", sensitive=("绘图人",))
    resource.entry.published.items.update(opening_type="unconditional")
    send(client_of("provider-cataloguer"), resource)
    jobs.build_versions(AT)
    version = factories.submit(city, Version.objects.get())
    services.publish_version(actor=city.actor("bureau-reviewer"), version_id=version.id, on=AT.date())
    facts = queries.published_table(resource.id)
    assert facts.open_columns is None
    assert facts.columns[0].sensitive


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("图.svg", b"<svg onload='x'/>", "不是能接收的格式"),
        ("页.html", b"<html></html>", "不是能接收的格式"),
        ("图.png", b"%PDF-1.7", "PDF 文档，与扩展名不符"),
        ("表.pdf", b"a,b\n1,2\n", "文本，与扩展名不符"),
        ("包.zip", b"MZ\x90\x00", "可执行程序，与扩展名不符"),
        ("空.pdf", b"", "0 字节"),
        ("图.pdf.gz", b"\x1f\x8b\x08", "不是能接收的格式"),
    ],
)
def test_what_is_not_what_its_name_says_comes_back_at_the_field(city, client_of, home, name, content, found):
    resource = mount_file(city)
    answer = send(client_of("provider-cataloguer"), resource, content, name)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert found in text
    assert 'type="file"' in text
    assert not Version.objects.exists()
    assert list((home / "staging").iterdir()) == []


def test_names_fit_what_carries_them() -> None:
    assert contents.plain_name("C:\\文件\\图.pdf") == "图.pdf"
    assert contents.plain_name("../../etc/passwd") == "passwd"
    long = contents.plain_name("图" * 300 + ".pdf")
    assert long.endswith("图.pdf")
    assert len(long.encode()) <= 255
    assert contents.plain_name("a\u202e\x00\nfdp.exe") == "afdp.exe"


def test_a_table_is_no_document(city: City, tmp_path, home):
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    with pytest.raises(InvalidInput, match="不是能读取的格式"):
        receiving.take_path(path, "a.pdf")
    assert receiving.take_path(path, "a.pdf", Kind.FILE).size == len(PDF)
