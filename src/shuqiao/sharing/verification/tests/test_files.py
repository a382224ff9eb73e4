"""Files that prove a verification: taken by content, bounded, kept outside the database, for the two parties alone."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import now, today
from shuqiao.procedures.models import Event
from shuqiao.sharing.models import VerificationFile
from shuqiao.sharing.verification import attaching, jobs

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def home(settings):
    return Path(settings.HOME)


@pytest.fixture
def asked(ask):
    return ask(on=today())


def office(folder: str, extra: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", extra):
            if name:
                archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, "pdf"), (b"\x89PNG\r\n\x1a\nrest", "png"), (b"\xff\xd8\xff\xe0", "jpg"),
        (office("word"), "docx"), (office("xl"), "xlsx"),
    ],
)  # fmt: skip
def test_what_is_taken(content, ending):
    assert attaching.kind_of(content)[1] == ending


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html><script>", b"MZ\x90", b"PK\x03\x04broken", office("ppt"), office("word", "word/vbaProject.bin"),
        PDF + b"0" * attaching.MOST_BYTES,
    ],
)  # fmt: skip
def test_what_is_not_taken(content):
    with pytest.raises(InvalidInput):
        attaching.kind_of(content)


def test_attached_by_who_asks_with_its_hash_and_read_by_the_parties(city, asked, home):
    asker = city.actor("consumer-cataloguer")
    made = attaching.attach_file(
        actor=asker, verification_id=asked.id, name="../../执照.exe", content=PDF, on=today()
    )
    assert made.name == "执照.pdf"
    again = attaching.attach_file(actor=asker, verification_id=asked.id, name="b", content=PDF, on=today())
    assert again.id == made.id
    event = Event.objects.get(type="sharing.verification.attached")
    assert event.decision["basis"]
    assert event.data["sha256"] == hashlib.sha256(PDF).hexdigest()
    for name in ("consumer-cataloguer", "provider-approver"):
        assert attaching.file_for(city.actor(name), made.id)[1] == PDF
    for name in ("bureau-supervisor", "stranger"):
        with pytest.raises(NotFound):
            attaching.file_for(city.actor(name), made.id)
    with pytest.raises(NotAllowed):
        attaching.attach_file(
            actor=city.actor("provider-approver"), verification_id=asked.id, name="a", content=PDF, on=today()
        )
    for number in range(attaching.MOST_FILES - 1):
        attaching.attach_file(
            actor=asker, verification_id=asked.id, name="a", content=PDF + bytes([number]), on=today()
        )
    with pytest.raises(InvalidInput, match="最多附"):
        attaching.attach_file(actor=asker, verification_id=asked.id, name="a", content=PDF + b"9", on=today())
    next(home.glob(f"attachments/*/{made.id.hex}")).write_bytes(b"%PDF-other")
    with pytest.raises(NotFound, match="摘要"):
        attaching.file_for(asker, made.id)


def test_pages(city, asked, client):
    client.force_login(city.user("consumer-cataloguer"))
    url = f"/sharing/verification/{asked.id}/"
    assert client.post(f"{url}attach/", {}).status_code == 400
    wrong = SimpleUploadedFile("x.pdf", b"<script>")
    assert client.post(f"{url}attach/", {"file": wrong}).status_code == 400
    assert client.post(f"{url}attach/", {"file": SimpleUploadedFile("执照.pdf", PDF)}).status_code == 302
    made = VerificationFile.objects.get()
    assert "执照.pdf" in client.get(url).content.decode()
    client.force_login(city.user("provider-approver"))
    answer = client.get(f"/sharing/verification/file/{made.id}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    client.force_login(city.user("bureau-supervisor"))
    assert "当事双方可见" in client.get(url).content.decode()
    assert client.get(f"/sharing/verification/file/{made.id}/").status_code == 404


def test_rest(city, asked, client):
    client.force_login(city.user("consumer-cataloguer"))
    url = reverse("api:sharing-verification-attach", args=[asked.id])
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"file": SimpleUploadedFile("x.pdf", b"MZ")}).status_code == 400
    answer = client.post(url, {"file": SimpleUploadedFile("执照.pdf", PDF)})
    assert (answer.status_code, answer.json()["sha256"]) == (201, hashlib.sha256(PDF).hexdigest())
    file = reverse("api:sharing-verification-file", args=[answer.json()["id"]])
    client.force_login(city.user("provider-approver"))
    assert [one["name"] for one in client.get(url).json()] == ["执照.pdf"]
    assert client.get(file).content == PDF
    assert client.post(url, {"file": SimpleUploadedFile("b.pdf", PDF + b"2")}).status_code == 403
    client.force_login(city.user("consumer-cataloguer"))
    one = client.get(reverse("api:sharing-verification", args=[asked.id])).json()
    assert all(act["allowed"] and act["rule"] and act["reason"] and act["basis"] for act in one["acts"])
    assert {"attach", "withdraw"} <= {act["act"] for act in one["acts"]}
    client.force_login(city.user("bureau-supervisor"))
    assert (client.get(url).status_code, client.get(file).status_code) == (200, 404)
    client.force_login(city.user("stranger"))
    assert (client.get(url).status_code, client.get(file).status_code) == (404, 404)


def test_what_an_undone_step_left_behind_is_swept_after_a_day(city, asked, settings, tmp_path):
    settings.HOME = home = tmp_path
    kept = attach(city, asked, PDF)
    with transaction.atomic():
        attach(city, asked, PDF + b"undone")
        transaction.set_rollback(True)
    half = home / "attachments" / "ab" / f"ab{'0' * 30}.part"
    foreign = half.with_name("readme")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    foreign.write_bytes(b"not ours")
    assert jobs.sweep_attachments(now()) == 0, "a step may still be under way"
    old = (now() - timedelta(days=2)).timestamp()
    for path in home.glob("attachments/*/*"):
        os.utime(path, (old, old))
    assert jobs.sweep_attachments(now()) == 2
    assert jobs.sweep_attachments(now()) == 0
    assert {path.name for path in home.glob("attachments/*/*")} == {kept.id.hex, "readme"}
    assert attaching.file_for(city.actor("consumer-cataloguer"), kept.id)[1] == PDF


def attach(city, asked, content):
    asker = city.actor("consumer-cataloguer")
    return attaching.attach_file(
        actor=asker, verification_id=asked.id, name="执照.pdf", content=content, on=today()
    )
