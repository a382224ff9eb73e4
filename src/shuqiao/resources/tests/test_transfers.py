"""Files in pieces by tus 1.0.0: what a program or a browser says, and what stays when it goes wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from django.test import Client
from django.urls import reverse

from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E
from shuqiao.resources import jobs, parts, services
from shuqiao.resources.models import Transfer, Version
from shuqiao.resources.receiving import staging_root
from shuqiao.resources.services import transferring
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import SMALL
from shuqiao.resources.types import Status, TransferState

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}
BODY = SMALL.encode()


def b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def announce(client: Client, resource, length: int = len(BODY), name: str = "表.csv", **more: str):
    said = ",".join(f"{key} {b64(value)}" for key, value in ({"filename": name} | more).items())
    return client.post(
        reverse("resources:transfers", args=[resource.id]),
        headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": said},
    )


def send(client: Client, address: str, offset: int, data: bytes, **headers: str):
    return client.generic(
        "PATCH",
        address,
        data,
        "application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": str(offset)} | headers,
    )


def offset_of(client: Client, address: str) -> int:
    answer = client.head(address, headers=TUS)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return int(answer["Upload-Offset"])


@pytest.fixture
def provider(client_of) -> Client:
    return client_of("provider-cataloguer")


@pytest.mark.parametrize("rest", [False, True], ids=["pages", "rest"])
def test_a_file_in_three_pieces_becomes_a_version(city: City, provider: Client, home, rest):
    resource = factories.mount(city)
    if rest:
        address = f"/api/v1/resources/{resource.id}/uploads"
        answer = provider.post(
            address,
            headers=TUS | {"Upload-Length": str(len(BODY)), "Upload-Metadata": f"filename {b64('表.csv')}"},
        )
    else:
        answer = announce(provider, resource)
    assert answer.status_code == 201
    assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["Upload-Expires"].endswith("GMT")
    address = answer["Location"]
    assert address.startswith("/api/v1/" if rest else "/resources/uploads/")
    for start, end in ((0, 10), (10, 11), (11, len(BODY))):
        assert offset_of(provider, address) == start
        answer = send(provider, address, start, BODY[start:end])
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
    told = provider.get(address).json()
    version = Version.objects.get()
    assert told["state"] == "received"
    assert told["sha256"] == hashlib.sha256(BODY).hexdigest() == version.upload.sha256
    assert told["version"] == str(version.id)
    assert version.upload.size == len(BODY)
    assert version.preview["rows"] == 2
    assert [path.name for path in staging_root().iterdir()] == [version.upload.path]
    assert Event.objects.filter(type=E.UPLOAD_RECEIVED, case_id=version.id).count() == 1
    assert offset_of(provider, address) == len(
        BODY
    )  # a client that missed the last answer learns that it is done
    assert send(provider, address, len(BODY) - 1, b"x").status_code == 409


def test_what_is_not_the_protocol_is_refused_by_its_own_status(city: City, provider: Client):
    resource = factories.mount(city)
    create = reverse("resources:transfers", args=[resource.id])
    answer = provider.post(create)
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert provider.post(create, headers=TUS).status_code == 400
    assert provider.post(create, headers=TUS | {"Upload-Defer-Length": "1"}).status_code == 400
    for length in ("-1", "1.5", "１２", "9" * 19):
        wrong = TUS | {"Upload-Length": length, "Upload-Metadata": f"filename {b64('a.csv')}"}
        assert provider.post(create, headers=wrong).status_code == 400
    assert announce(provider, resource, 0).status_code == 400
    assert announce(provider, resource, name="a.exe").status_code == 400
    assert announce(provider, resource, sha256="ab").status_code == 400
    broken = TUS | {"Upload-Length": "4", "Upload-Metadata": "filename ***"}
    assert provider.post(create, headers=broken).status_code == 400
    options = provider.options(create)
    assert options["Tus-Extension"] == "creation,termination,expiration,checksum"
    assert options["Tus-Checksum-Algorithm"] == "sha256,sm3,sha1"

    address = announce(provider, resource)["Location"]
    wrong_type = provider.generic("PATCH", address, b"abc", "text/csv", headers=TUS | {"Upload-Offset": "0"})
    assert wrong_type.status_code == 415
    no_offset = provider.generic("PATCH", address, b"a", "application/offset+octet-stream", headers=TUS)
    assert no_offset.status_code == 400
    ahead = send(provider, address, 5, b"abc")
    assert (ahead.status_code, ahead["Upload-Offset"]) == (409, "0")
    assert send(provider, address, 0, BODY + b"more").status_code == 413
    assert provider.head(address).status_code == 412
    assert offset_of(provider, address) == 0
    assert not Version.objects.exists()


def test_a_file_over_the_limit_is_refused_before_it_comes(city: City, provider: Client, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = announce(provider, factories.mount(city), 1024 * 1024 + 1)
    assert answer.status_code == 413
    assert "文件超过 1 MB" in answer.json()["detail"]
    assert not Transfer.objects.exists()


def test_middlemen_that_let_only_post_through(city: City, provider: Client):
    address = announce(provider, factories.mount(city))["Location"]
    posted = provider.post(
        address,
        BODY[:5],
        content_type="application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )
    assert (posted.status_code, posted["Upload-Offset"]) == (204, "5")


def sm3(data: bytes) -> bytes:
    total = hashes.Hash(hashes.SM3())
    total.update(data)
    return total.finalize()


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("sha256", lambda data: hashlib.sha256(data).digest()),
        ("sm3", sm3),
        ("sha1", lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    ],
)
def test_a_piece_with_a_sum_counts_whole_or_not_at_all(city: City, provider: Client, algorithm, digest):
    address = announce(provider, factories.mount(city))["Location"]
    good = f"{algorithm} {b64(digest(BODY[:20]))}"
    assert send(provider, address, 0, BODY[:20], **{"Upload-Checksum": good}).status_code == 204
    wrong = send(provider, address, 20, BODY[20:30], **{"Upload-Checksum": good})
    assert wrong.status_code == 460
    assert offset_of(provider, address) == 20
    assert send(provider, address, 20, b"x", **{"Upload-Checksum": "md5 AAAA"}).status_code == 400
    assert send(provider, address, 20, b"x", **{"Upload-Checksum": f"{algorithm} *"}).status_code == 400
    assert send(provider, address, 20, BODY[20:]).status_code == 204
    assert Version.objects.get().upload.sha256 == hashlib.sha256(BODY).hexdigest()


def test_a_promised_sum_that_does_not_hold_is_told(city: City, provider: Client):
    resource = factories.mount(city)
    address = announce(provider, resource, sha256="0" * 64)["Location"]
    answer = send(provider, address, 0, BODY)
    assert answer.status_code == 400
    assert "与发送方给出的摘要不符" in answer.json()["detail"]
    assert provider.get(address).json()["state"] == "failed"
    assert provider.head(address, headers=TUS).status_code == 410
    assert send(provider, address, 0, BODY).status_code == 410
    assert list(staging_root().iterdir()) == []
    address = announce(provider, resource, sha256=hashlib.sha256(BODY).hexdigest())["Location"]
    assert send(provider, address, 0, BODY).status_code == 204


def test_what_is_no_table_is_told_at_its_end(city: City, provider: Client):
    body = b"%PDF-1.7 not a table"
    address = announce(provider, factories.mount(city), len(body))["Location"]
    answer = send(provider, address, 0, body)
    assert answer.status_code == 400
    assert "PDF 文档" in provider.get(address).json()["problems"][0]["what"]
    assert not Version.objects.exists()
    assert list(staging_root().iterdir()) == []


def piece(offset: int, data: bytes) -> services.Piece:
    return services.Piece(offset, len(data))


def reader(*blocks: bytes | Exception):
    left = list(blocks)

    def read(size: int) -> bytes:
        if not left:
            return b""
        block = left.pop(0)
        if isinstance(block, Exception):
            raise block
        return block

    return read


def take(city: City, transfer: Transfer, offset: int, length: int, *blocks: bytes | Exception) -> Transfer:
    return services.receive_piece(
        actor=city.actor("provider-cataloguer"),
        transfer_id=transfer.id,
        piece=services.Piece(offset, length),
        read=reader(*blocks),
        now=now,
    )


@pytest.mark.parametrize("end", [b"", ConnectionResetError()], ids=["ended", "reset"])
def test_a_broken_connection_keeps_what_came(city: City, home, end):
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    taken = take(city, transfer, 0, len(BODY), BODY[:7], BODY[7:20], end)
    assert (taken.offset, taken.state, taken.holder) == (20, "receiving", "")
    assert parts.path_of(taken.part).read_bytes() == BODY[:20]
    taken = take(city, transfer, 20, len(BODY) - 20, BODY[20:])
    assert taken.state == TransferState.RECEIVED
    assert taken.sha256 == hashlib.sha256(BODY).hexdigest()


def test_the_sum_is_right_where_another_process_took_a_piece(city: City, home):
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    take(city, transfer, 0, 20, BODY[:20])
    parts._sums.clear()  # as in a process that has just started
    taken = take(city, transfer, 20, len(BODY) - 20, BODY[20:])
    assert taken.sha256 == hashlib.sha256(BODY).hexdigest()


def test_what_a_killed_request_left_behind_the_offset_is_cut_off(city: City, home):
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    take(city, transfer, 0, 20, BODY[:20])
    with parts.path_of(transfer.part).open("ab") as file:
        file.write(b"garbage that was never counted")
    taken = take(city, transfer, 20, len(BODY) - 20, BODY[20:])
    assert taken.sha256 == hashlib.sha256(BODY).hexdigest()


def test_two_at_once_one_waits(city: City, home):
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    seen = []

    def read(size: int) -> bytes:
        if not seen:
            with pytest.raises(services.TransferHeld):
                take(city, transfer, 0, len(BODY), BODY)
            seen.append(True)
            return BODY[:10]
        return b""

    taken = services.receive_piece(
        actor=city.actor("provider-cataloguer"),
        transfer_id=transfer.id,
        piece=piece(0, BODY),
        read=read,
        now=now,
    )
    assert (seen, taken.offset) == ([True], 10)


def test_a_request_that_hangs_is_overtaken_and_can_spoil_nothing(city: City, home):
    """The cable was pulled: the server still waits for bytes while the sender is back on another connection."""
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    take(city, transfer, 0, 10, BODY[:10])
    seen = []

    def read(size: int) -> bytes:
        if not seen:
            Transfer.objects.filter(id=transfer.id).update(held_until=now() - timedelta(seconds=1))
            seen.append(take(city, transfer, 10, 10, BODY[10:20]))
            return b"late bytes that belong nowhere"
        return b""

    with pytest.raises(services.TransferHeld):
        services.receive_piece(
            actor=city.actor("provider-cataloguer"),
            transfer_id=transfer.id,
            piece=services.Piece(10, len(BODY) - 10),
            read=read,
            now=now,
        )
    assert seen[0].offset == 20
    taken = take(city, transfer, 20, len(BODY) - 20, BODY[20:])
    assert taken.sha256 == hashlib.sha256(BODY).hexdigest()
    assert len(list(staging_root().iterdir())) == 1


def test_a_part_that_the_disk_lost_begins_anew(city: City, home):
    transfer = factories.begin(city, factories.mount(city), len(BODY))
    take(city, transfer, 0, 20, BODY[:20])
    parts.path_of(transfer.part).unlink()
    with pytest.raises(services.WrongOffset) as told:
        take(city, transfer, 20, 5, BODY[20:25])
    assert told.value.offset == 0
    assert take(city, transfer, 0, len(BODY), BODY).state == TransferState.RECEIVED


def test_a_killed_finish_is_finished_by_the_worker_at_every_point(city: City, home, monkeypatch):
    class Killed(BaseException):
        """What no handler catches."""

    def killed(*args: object, **kwargs: object) -> None:
        raise Killed

    for number, where in enumerate(("sum_of", "look", "record_upload"), 1):
        resource = factories.mount(city, name=f"表 {where}")
        transfer = factories.begin(city, resource, len(BODY))
        with monkeypatch.context() as patch:
            patch.setattr(transferring.parts if where == "sum_of" else transferring, where, killed)
            with pytest.raises(Killed):
                take(city, transfer, 0, len(BODY), BODY)
        transfer.refresh_from_db()
        assert (transfer.state, transfer.offset) == ("receiving", len(BODY))
        assert services.finish_complete_transfers(now=now()) == 0  # whoever holds it may still be alive
        jobs.build_versions(now() + timedelta(minutes=5))
        transfer.refresh_from_db()
        assert transfer.state == TransferState.RECEIVED
        assert transfer.sha256 == hashlib.sha256(BODY).hexdigest()
        assert Version.objects.count() == number


def test_giving_up_and_expiry_leave_nothing(
    city: City, provider: Client, home, django_capture_on_commit_callbacks
):
    resource = factories.mount(city)
    address = announce(provider, resource)["Location"]
    send(provider, address, 0, BODY[:9])
    page = provider.get(reverse("resources:upload", args=[resource.id])).content.decode()
    assert "没有传完的文件" in page
    assert "9 字节，共" in page.replace("\xa0", " ")
    with django_capture_on_commit_callbacks(execute=True):
        assert provider.delete(address, headers=TUS).status_code == 204
    assert list(staging_root().iterdir()) == []
    assert provider.head(address, headers=TUS).status_code == 410
    assert send(provider, address, 9, b"x").status_code == 410
    second = factories.begin(city, resource)
    with django_capture_on_commit_callbacks(execute=True):
        assert provider.post(reverse("resources:give-up", args=[second.id])).status_code == 302
    third = factories.begin(city, resource)
    assert services.expire_transfers(now=now() + timedelta(days=6)) == 0
    assert services.expire_transfers(now=now() + timedelta(days=8)) == 1
    third.refresh_from_db()
    assert third.state == TransferState.EXPIRED
    with pytest.raises(services.TransferOver):
        take(city, third, 0, 4, b"abcd")
    with pytest.raises(IllegalMove):
        services.end_transfer(actor=city.actor("provider-cataloguer"), transfer_id=third.id)


def test_ten_at_once_and_none_while_a_version_is_re_checked(city: City, home, tmp_path):
    resource = factories.mount(city)
    for _ in range(10):
        factories.begin(city, resource)
    with pytest.raises(InvalidInput, match="10 个文件没有传完"):
        factories.begin(city, resource)
    busy = factories.mount(city, name="复核中")
    factories.submit(city, factories.build(city, factories.upload_text(city, busy, SMALL, tmp_path)))
    with pytest.raises(IllegalMove):
        factories.begin(city, busy)


def test_no_room_is_said_before_the_file_comes(city: City, provider: Client, monkeypatch):
    monkeypatch.setattr(parts, "room_for", lambda size: False)
    answer = announce(provider, factories.mount(city))
    assert answer.status_code == 507
    assert "磁盘已满" in answer.json()["detail"]


def test_the_next_page_after_the_end(city: City, provider: Client):
    resource = factories.mount(city)
    address = announce(provider, resource)["Location"]
    send(provider, address, 0, BODY)
    told = json.loads(provider.get(address).content)
    assert told["next"] == reverse("resources:reading", args=[told["version"]])
    assert Version.objects.get().status == Status.UPLOADED
