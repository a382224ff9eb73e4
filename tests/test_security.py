"""What a hostile file, number, name or header must not do. The why is in docs/explanation/security.md."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shuqiao import store
from shuqiao.accounts.models import LoginFailure
from shuqiao.catalog import spreadsheet
from shuqiao.catalog.models import Entry
from shuqiao.catalog.tests import factories as entries
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import PASSWORD, City
from shuqiao.resources.tests import factories as mounted
from shuqiao.sharing import services as sharing
from shuqiao.sharing.models import SharingRequest
from tests.access_world import draft_of

READERS = (spreadsheet.read, store.sniff)


def two_corners(path: Path) -> Path:
    """A workbook of five kilobytes whose two cells span seventeen thousand million."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "信息资源名称", "x"
    book.save(path)
    return path


@pytest.mark.parametrize("read", READERS)
def test_two_cells_at_opposite_corners_are_refused(read, tmp_path):
    with pytest.raises(InvalidInput, match="远离数据"):
        read(two_corners(tmp_path / "a.xlsx"))


@pytest.mark.parametrize("read", READERS)
def test_places_written_oddly_are_seen_too(read, tmp_path):
    path = two_corners(tmp_path / "a.xlsx")
    odd = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(odd, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            text = given.read(name).replace(b'r="XFD1048576"', b"r" + b" " * 300_000 + b"= 'xfd1048576'")
            made.writestr(name, text)
    with pytest.raises(InvalidInput, match="远离数据"):
        read(odd)


def lying(path: Path, megabytes: int) -> Path:
    """A workbook with a part of many megabytes that its directory calls ten bytes long."""
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/sharedStrings.xml", b"\0" * (megabytes << 20))
    data = bytearray(two.getvalue())
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    path.write_bytes(data)
    return path


def test_the_stated_size_of_a_part_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr("shuqiao.store.reading.source.MAX_WORKBOOK", 8 << 20)
    monkeypatch.setattr("shuqiao.catalog.spreadsheet.reading.MAX_UNPACKED", 8 << 20)
    for read in READERS:
        with pytest.raises(InvalidInput, match="解开后超过"):
            read(lying(tmp_path / "b.xlsx", 16))


@pytest.mark.parametrize("read", READERS)
def test_an_open_document_is_not_taken_for_a_workbook(read, tmp_path):
    path = tmp_path / "c.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("xl/content.xml", "<x/>")
    with pytest.raises(InvalidInput, match=r"\.xlsx"):
        read(path)


def test_one_stray_nul_does_not_make_a_file_utf16(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,x\0y\n")
    assert store.sniff(path).encoding.startswith("utf-8")


@pytest.mark.parametrize("written", ["²", "9" * 30, "9" * 5000, "-1", "x"])
def test_odd_numbers_in_addresses_and_forms_are_no_defect(city: City, client_of, tmp_path, written):
    version = mounted.upload_text(city, mounted.mount(city), mounted.SMALL, tmp_path)
    mounted.build(city, version)
    provider, consumer = client_of("provider-cataloguer"), client_of("consumer-cataloguer")
    page = reverse("resources:quarantine", args=[version.id])
    answers = [
        provider.get(page, {"page": written}),
        provider.get(reverse("catalog:item-row"), {"items-TOTAL_FORMS": written}),
        provider.get(reverse("catalog:list"), {"page": written}),
        provider.get(reverse("api:list_entries"), {"page": written}),
        provider.get(reverse("api:resources-list"), {"page": written}),
        consumer.get(reverse("api:delivery-grants"), {"offset": written}),
        consumer.get(reverse("api:sharing-requests"), {"offset": written}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 400, 422}


def drafted(city: City, **changes: object) -> SharingRequest:
    table = make_table(make_entry(city.provider))
    return sharing.create_draft(
        actor=city.actor("consumer-cataloguer"), entry_id=table.entry_id, resource_id=table.id,
        department_id=city.consumer.id, draft=draft_of(**changes), on=today(),
    )  # fmt: skip


AREA = {"column": "地区", "op": "in", "values": ["营口"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"daily_quota": 10**30},
        {"where": (AREA,) * 31},
        {"where": ({**AREA, "values": ["营口"] * 1001},)},
        {"where": ({**AREA, "values": ["营" * 201]},)},
    ],
)
def test_what_a_request_says_is_bounded(city: City, changes):
    with pytest.raises(InvalidInput):
        drafted(city, **changes)


@pytest.mark.parametrize("written", ["-1", "1e30", "0.0000001", "NaN"])
def test_census_figures_are_bounded(city: City, client_of, written):
    body = {"title": "企业登记信息", "department": str(city.provider.id), "storage_gb": written}
    answer = client_of("provider-cataloguer").post(
        reverse("api:create_entry"), json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in {400, 422}


def test_nul_is_refused_wherever_it_is_written(city: City, client_of):
    clerk = client_of("provider-approver")
    published = entries.published(city, on=today())
    withdraw = reverse("catalog:withdraw", args=[published.id])
    body = json.dumps({"reason": "x\0"})
    answers = [
        clerk.get(reverse("catalog:list"), {"q": "a\0b"}),
        Client().get(reverse("opening:search"), {"q": "a\0b"}),
        Client().get("/receipts/a%00b/"),
        clerk.post(withdraw, {"reason": "a\0b"}),
        clerk.post(f"/api/v1/catalog/entries/{published.id}/withdraw", body, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [400] * 5


@pytest.mark.parametrize("body", ["[" * 100_000, '{"reason": NaN}', '{"reason": "\\ud800"}'])
def test_json_that_is_none_is_refused(city: City, client_of, body):
    published = entries.published(city, on=today())
    address = f"/api/v1/catalog/entries/{published.id}/withdraw"
    answer = client_of("provider-approver").post(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: object) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("who", ["stranger", "provider-security"])
@pytest.mark.parametrize("token", [True, False])
def test_a_rest_upload_is_refused_before_its_body_is_read(city: City, who, token):
    resource = mounted.mount(city)
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.user(who))
    client.get("/account/password/")  # sets the cookie of the token
    answer = client.post(
        f"/api/v1/resources/{resource.id}/upload",
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": client.cookies["csrftoken"].value} if token else {},
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": "1000000000"},
    )
    assert answer.status_code == (404 if token and who == "stranger" else 403)


def test_the_header_token_lets_a_rest_call_through(city: City):
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.user("provider-approver"))
    client.get("/account/password/")
    address = reverse("api:withdraw_entry", args=[entries.published(city, on=today()).id])
    token = client.cookies["csrftoken"].value
    for sent, status in (("x" * 32, 403), (token, 204)):
        answer = client.post(
            address, '{"reason": "停用"}', content_type="application/json", headers={"X-CSRFToken": sent}
        )
        assert answer.status_code == status


def test_a_login_leads_nowhere_else_and_gets_a_session_of_its_own(city: City, client: Client):
    client.get("/account/login/")
    planted = client.session.session_key or "planted"
    client.cookies["sessionid"] = planted
    who = {"username": "provider-approver", "password": PASSWORD}
    answer = client.post("/account/login/?next=https://evil.example/", {**who, "next": "//evil.example/x"})
    assert (answer.status_code, answer["Location"]) == (302, "/work/")
    assert client.cookies["sessionid"].value != planted
    assert client.cookies["sessionid"]["httponly"]
    assert client.post("/account/logout/?next=https://evil.example/")["Location"] == "/"


def test_a_new_password_ends_the_other_sessions(city: City):
    here, there = Client(), Client()
    for one in (here, there):
        one.force_login(city.user("provider-approver"))
    new = "another-Password-2026"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/account/password/", sent).status_code == 302
    assert here.get("/work/").status_code == 200
    assert there.get("/work/").status_code == 302


@pytest.mark.parametrize(("behind", "counted"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_whose_failures_are_counted(city: City, client: Client, behind, counted):
    with override_settings(BEHIND_PROXY=behind):
        client.post(
            "/account/login/",
            {"username": "nobody", "password": "x"},
            headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"},
        )
    assert LoginFailure.objects.get().address == counted


def test_a_download_with_a_chinese_name_is_named_whole(client_of):
    answer = client_of("provider-cataloguer").get(reverse("catalog:template"))
    list(answer)
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%9B%AE%E5%BD%95")


def test_a_defect_tells_a_machine_nothing_of_itself(rf, settings):
    from shuqiao.portal.views import server_error

    request: HttpRequest = rf.get("/api/v1/catalog/entries")
    answer = server_error(request)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")


def test_every_error_page_of_django_is_problem_json_for_a_machine(city: City, client_of):
    answer = client_of("provider-approver").get("/nowhere/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


LISTS = (
    ("provider-cataloguer", "resources:list"),
    ("provider-cataloguer", "organizations:filings"),
    ("provider-cataloguer", "portal:notices"),
    ("bureau-reviewer", "portal:inbox"),
    ("bureau-reviewer", "catalog:review"),
    ("bureau-reviewer", "api:review"),
    ("provider-cataloguer", "api:resources-list"),
    ("provider-cataloguer", "api:list_entries"),
    ("consumer-approver", "api:sharing-requests"),
    ("", "opening:home"),
    ("", "opening:search"),
    ("", "opening:basis"),
)


def test_lists_ask_no_more_for_many_lines_than_for_one(city: City, client_of):
    def more() -> None:
        make_table(make_entry(city.provider, opening="unconditional", theme="市场"))
        make_entry(city.provider, opening="closed", opening_basis="某法", opening_basis_level="law")
        entries.submitted(city, on=today(), title=f"数据{Entry.objects.count()}")
        entries.published(city, on=today(), title=f"数据{Entry.objects.count()}")
        drafted(city)

    def asked(who: str, name: str) -> int:
        client = client_of(who) if who else Client()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name)).status_code == 200
        return len(queries)

    more()
    one = {name: asked(who, name) for who, name in LISTS}
    for _ in range(4):
        more()
    many = {name: asked(who, name) for who, name in LISTS}
    assert {name: count for name, count in many.items() if count > one[name]} == {}


def test_the_settings_of_an_installation_pass_djangos_check_for_deployment(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("SHUQIAO_")}
    source = str(Path(__file__).parent.parent / "src")
    env |= {"PYTHONPATH": source, "SHUQIAO_HOME": str(tmp_path), "SHUQIAO_HTTPS": "1"}
    command = [sys.executable, "-m", "shuqiao.cli", "manage", "check", "--deploy", "--fail-level", "WARNING"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
