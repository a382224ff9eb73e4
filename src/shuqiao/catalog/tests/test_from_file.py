"""Entries begun from a sample of their data: what is no table, and whose entry it will be."""

from __future__ import annotations

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM, Role
from shuqiao.catalog.models import Entry
from shuqiao.organizations import services
from shuqiao.organizations.tests.factories import SINCE

pytestmark = pytest.mark.django_db
PC = "provider-cataloguer"
TABLE = "编号,名称\n001,公厕\n002,公园\n".encode()


def send(client, name: str, data: bytes, **more):
    return client.post(reverse("catalog:from-file"), {"file": SimpleUploadedFile(name, data)} | more)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("公厕.xlsx", b"this is no workbook at all"),
        ("公厕.XLSX", TABLE),
        ("公厕.xlsm", b"garbage\nmore garbage\n"),
        ("公厕.xls", b"this is no workbook at all"),
        ("公厕.xlsx", b"PK\x03\x04" + b"\0" * 200),
        ("公厕.xlsx", os.urandom(4_000)),
        ("公厕.csv", bytes(range(256)) * 20),
        ("公厕.csv", b""),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_leaves_no_draft(client_of, city, name, data):
    answer = send(client_of(PC), name, data)
    assert answer.status_code == 400
    assert "处要改" in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_table_in_text_called_xls_is_taken_as_such(client_of, city):
    assert send(client_of(PC), "公厕.xls", TABLE).status_code == 302


def test_whoever_works_for_several_departments_says_for_which(client_of, city):
    services.appoint(
        actor=PLATFORM, user=city.user(PC), department=city.other, role=Role.CATALOGUER, since=SINCE
    )
    client = client_of(PC)
    page = client.get(reverse("catalog:from-file")).content.decode()
    assert city.other.name in page
    for wrong in ({}, {"department": "x"}, {"department": str(city.consumer.id)}):
        answer = send(client, "公厕.csv", TABLE, **wrong)
        assert answer.status_code == 400
        assert "提供部门" in answer.content.decode()
    assert not Entry.objects.exists()
    send(client, "公厕.csv", TABLE, department=str(city.other.id))
    assert Entry.objects.get().department == city.other


@pytest.mark.shared_data
def test_an_old_workbook_is_read_by_its_content(client_of, city, shared_data):
    """The ministry's list of universities, as it is: .xls, titles above the header, separators between rows."""
    answer = send(client_of(PC), "高校名单.xls", (shared_data / "universities_moe_2017.xls").read_bytes())
    assert answer.status_code == 302, answer.content.decode()
    page = client_of(PC).get(answer["Location"]).content.decode()
    assert 'value="学校标识码"' in page


def test_a_day_already_written_stands_in_the_form_as_browsers_read_it(client_of, city):
    """Written otherwise, the browser shows nothing and sends nothing: saving would lose the day."""
    from datetime import date

    from shuqiao.catalog.forms import EntryEditor
    from shuqiao.catalog.types import RevisionContent

    editor = EntryEditor(content=RevisionContent(title="公厕", published_on=date(2026, 6, 2)))
    assert 'value="2026-06-02"' in str(editor.form["published_on"])
