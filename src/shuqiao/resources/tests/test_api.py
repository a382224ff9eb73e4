"""REST: the same reads and steps, errors as problem JSON."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shuqiao.kernel.ids import new_id
from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import SMALL

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/resources"


def test_upload_and_read(city, client_of, tmp_path):
    resource = factories.mount(city)
    client = client_of("provider-cataloguer")
    answer = client.post(
        f"{ROOT}/{resource.id}/upload", {"file": SimpleUploadedFile("表.csv", SMALL.encode())}
    )
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["status"], made["number"], made["filename"]) == ("uploaded", 1, "表.csv")
    version = Version.objects.get(id=made["id"])
    factories.publish(city, version)
    assert client.get(f"{ROOT}/versions/{version.id}").json()["rows"] == 2
    assert client.get(f"{ROOT}/").json()["items"][0]["current_version"] == made["id"]
    report = client.get(f"{ROOT}/versions/{version.id}/quarantine").json()
    assert (report["total"], report["lines"]) == (0, [])
    assert [one["number"] for one in client.get(f"{ROOT}/{resource.id}/versions").json()] == [1]
    others = client_of("stranger")
    assert others.get(f"{ROOT}/{resource.id}").json()["lookup_keys"]
    assert others.get(f"{ROOT}/{resource.id}/versions").json() == []
    assert others.get(f"{ROOT}/").json()["items"] == []


def test_quarantine_lines(city, client_of, tmp_path):
    version = factories.upload_text(city, factories.mount(city), SMALL + "003,丙,1,多出\n", tmp_path)
    factories.build(city, version)
    client = client_of("provider-cataloguer")
    report = client.get(f"{ROOT}/versions/{version.id}/quarantine").json()
    assert report["total"] == 1
    line = report["lines"][0]
    assert (line["line"], line["raw"], line["reasons"][0]["rule"]) == (4, "003,丙,1,多出", "fields")
    assert client.get(f"{ROOT}/versions/{version.id}/quarantine?kind=x").status_code == 400


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 404), ("provider-approver", 403), ("bureau-reviewer", 403)]
)
def test_who_may_not_upload(city, client_of, who, status):
    resource = factories.mount(city)
    answer = client_of(who).post(
        f"{ROOT}/{resource.id}/upload", {"file": SimpleUploadedFile("a.csv", b"a\n1\n")}
    )
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_bad_input_and_nobody(city, client_of):
    resource = factories.mount(city)
    client = client_of("provider-cataloguer")
    answer = client.post(f"{ROOT}/{resource.id}/upload", {})
    assert (answer.status_code, json.loads(answer.content)["problems"][0]["where"]) == (400, "file")
    answer = client.post(f"{ROOT}/{resource.id}/upload", {"file": SimpleUploadedFile("a.csv", b"%PDF-1.4")})
    assert "PDF" in json.loads(answer.content)["detail"]
    assert Client().get(f"{ROOT}/").status_code == 401
    assert client.get(f"{ROOT}/{new_id()}").status_code == 404
    assert client.get(f"{ROOT}/versions/{new_id()}").status_code == 404
