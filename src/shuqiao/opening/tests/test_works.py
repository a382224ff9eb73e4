"""Works built on open data: pictures, moderation, gallery."""

from __future__ import annotations

import struct
import zlib
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog.models import Entry
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.opening.models import Work, WorkPicture
from shuqiao.opening.works import queries, services
from shuqiao.opening.works.pictures import BadPicture, read_picture
from shuqiao.opening.works.types import WorkStatus
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures.models import Event, InboxItem, OutgoingMail
from shuqiao.procedures.types import E

ON = date(2026, 3, 2)
SAYS = "一张地图，告诉市民最近的便民服务点在哪里，数据来自登记信息。"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + pixels + chunk(b"IEND", b"")


def jpeg(*extra: bytes) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 1, 1, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00" + b"\x12\x34"
    return b"\xff\xd8" + b"".join(extra) + frame + scan + b"\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def test_pictures_lose_what_is_not_picture() -> None:
    found = read_picture(png(chunk(b"tEXt", b"GPS\0 120.1,40.6"), chunk(b"eXIf", b"camera")))
    assert (found.media_type, found.width, found.height) == ("image/png", 1, 1)
    assert found.content == png()
    assert read_picture(png() + b"<script>alert(1)</script>").content == png()
    found = read_picture(jpeg(segment(0xE1, b"Exif GPS"), segment(0xFE, b"comment")))
    assert found.media_type == "image/jpeg"
    assert found.content == jpeg()
    assert read_picture(jpeg() + b"<?php ?>").content == jpeg()


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        png()[:40],
        png().replace(b"IDAT", b"IDAX"),
        jpeg()[:12],
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024),
    ],
)
def test_what_is_no_picture_is_refused(given: bytes) -> None:
    with pytest.raises(BadPicture):
        read_picture(given)


@pytest.fixture
def entry(city: City) -> Entry:
    make_party(city)
    make_party(city, "legal_person", "firm")
    return entries.published(city, opening_type="unconditional", opening_method="download")


def content(*used: Entry, title: str = "便民地图") -> services.WorkContent:
    return services.WorkContent(
        title=title,
        description=SAYS,
        once=uuid4(),
        address="https://map.example.cn",
        entries=tuple(one.pk for one in used),
        picture=read_picture(png()),
    )


def submitted(city: City, entry: Entry) -> Work:
    return services.submit_work(actor=city.actor("citizen"), content=content(entry), on=ON)[0]


def step(city: City, work: Work, who: str, name: str, reason: str = "") -> Work:
    return services.take_step(actor=city.actor(who), work_id=work.pk, step=name, reason=reason, on=ON)


@pytest.mark.article("dongchangfu-2020", "26")
def test_a_work_is_shown_with_the_data_it_uses(city: City, entry: Entry) -> None:
    work = submitted(city, entry)
    assert list(queries.list_works_for(ANONYMOUS)) == []
    with pytest.raises(NotFound):
        queries.get_work_for(ANONYMOUS, work.pk)
    assert InboxItem.objects.get(case_id=work.pk, done_at=None).department_id == city.bureau.id
    step(city, work, "bureau-reviewer", "publish")
    assert [one.pk for one in queries.list_works_for(ANONYMOUS)] == [work.pk]
    assert [one.pk for one in queries.works_of_entry(entry.pk)] == [work.pk]
    assert [one.id for one in queries.entries_of(work)] == [entry.pk]
    assert not InboxItem.objects.filter(case_id=work.pk, done_at=None).exists()


def test_a_work_sent_back_says_why_and_comes_again(city: City, entry: Entry) -> None:
    work = submitted(city, entry)
    with pytest.raises(InvalidInput):
        step(city, work, "bureau-reviewer", "return")
    work = step(city, work, "bureau-reviewer", "return", "截图看不清")
    assert work.decision_json["reason"] == "截图看不清（平台规则，不出自条文）"
    with pytest.raises(NotFound):
        services.resubmit_work(actor=city.actor("firm"), work_id=work.pk, content=content(entry), on=ON)
    again = services.resubmit_work(
        actor=city.actor("citizen"), work_id=work.pk, content=content(entry, title="新名"), on=ON
    )
    assert (again.status, again.title) == (WorkStatus.SUBMITTED, "新名")
    step(city, work, "bureau-reviewer", "publish")
    step(city, work, "bureau-reviewer", "remove", "网站已停")
    with pytest.raises(IllegalMove):
        step(city, work, "bureau-reviewer", "publish")


@pytest.mark.article("dongchangfu-2020", "26")
def test_a_no_names_its_article_or_the_platforms_own_rule(city: City, entry: Entry, client: Client) -> None:
    local = entries.published(city, opening_type="unconditional", opening_method="download")
    Entry.objects.filter(pk=local.pk).update(division=city.dongchangfu, department=city.dongchangfu_provider)
    for used, who, article, said in (
        (entry, "bureau-reviewer", [], "平台规则，不出自条文"),
        (local, "dongchangfu-bureau", ["dongchangfu-2020:26"], "东昌府办法 第二十六条"),
    ):
        work = services.submit_work(actor=city.actor("citizen"), content=content(used), on=ON)[0]
        client.force_login(city.user(who))
        assert said in client.get(f"/open/works/{work.pk}/").content.decode()
        step(city, work, who, "publish")
        removed = step(city, work, who, "remove", "网站已停")
        assert removed.decision_json["basis"] == article
        client.force_login(city.user("citizen"))
        assert said in client.get(f"/open/works/{work.pk}/").content.decode()
        assert said in OutgoingMail.objects.latest("id").text
        decided = Event.objects.filter(case_id=work.pk, type=E.WORK_MODERATED).latest("id").decision
        assert decided["basis"] == article
        assert decided["reason"].startswith("网站已停")


def test_who_may_not(city: City, entry: Entry) -> None:
    for actor in (ANONYMOUS, city.actor("provider-approver")):
        with pytest.raises(NotAllowed):
            services.submit_work(actor=actor, content=content(entry), on=ON)
    work = submitted(city, entry)
    for who in ("firm", "stranger", "shenyang-bureau", "provider-approver"):
        with pytest.raises(NotFound):
            step(city, work, who, "publish")
    with pytest.raises(NotAllowed):
        step(city, work, "citizen", "publish")
    with pytest.raises(NotAllowed):
        step(city, work, "bureau-reviewer", "withdraw")
    assert step(city, work, "citizen", "withdraw").status == WorkStatus.WITHDRAWN


def test_only_open_data_can_be_named_and_twice_is_once(city: City, entry: Entry) -> None:
    closed = entries.published(
        city,
        title="不开放的",
        opening_type="closed",
        opening_basis="《某法》第一条",
        opening_basis_level="law",
    )
    for used in ((), (closed,)):
        with pytest.raises(InvalidInput):
            services.submit_work(actor=city.actor("citizen"), content=content(*used), on=ON)
    given = content(entry)
    first, _ = services.submit_work(actor=city.actor("citizen"), content=given, on=ON)
    second, _ = services.submit_work(actor=city.actor("citizen"), content=given, on=ON)
    assert first.pk == second.pk
    assert Work.objects.count() == 1


def test_the_pages_of_a_work(city: City, entry: Entry, client: Client, home: object) -> None:
    client.force_login(city.user("citizen"))
    page = client.get("/open/works/new/").content.decode()
    assert str(entry.pk) in page
    sent = {
        "title": "<b>图</b>",
        "description": SAYS,
        "entries": [str(entry.pk)],
        "once": str(uuid4()),
        "address": "",
    }
    bad = SimpleUploadedFile("a.png", b"<svg/>", "image/png")
    refused = client.post("/open/works/new/", {**sent, "picture": bad})
    assert refused.status_code == 400
    assert "只收 PNG 或 JPEG" in refused.content.decode()
    good = SimpleUploadedFile("a.png", png(chunk(b"tEXt", b"secret")), "image/png")
    assert client.post("/open/works/new/", {**sent, "picture": good}).status_code == 302
    work = Work.objects.get()
    assert bytes(WorkPicture.objects.get().content) == png()
    other = Client()
    assert other.get(f"/open/works/{work.pk}/").status_code == 404
    assert other.get(f"/open/works/{work.pk}/picture/").status_code == 404
    client.force_login(city.user("bureau-reviewer"))
    assert work.number in client.get("/opening/works/").content.decode()
    assert client.post(f"/open/works/{work.pk}/step/", {"step": "publish"}).status_code == 302
    shown = other.get(f"/open/works/{work.pk}/").content.decode()
    assert "<b>图</b>" not in shown
    assert "&lt;b&gt;图" in shown
    assert "&lt;b&gt;图" in other.get("/open/works/").content.decode()
    assert f"/open/works/{work.pk}/" in other.get(f"/open/{entry.pk}/").content.decode()
    picture = other.get(f"/open/works/{work.pk}/picture/")
    assert picture["Content-Type"] == "image/png"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture["Content-Security-Policy"]
