"""Processes of their own for the tests of full disks and kills: `python -m … full_world prepare|send|form|build`."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

LINES = 120_000
BODY = ("代码,名称\n" + "".join(f"{n:08},第 {n} 行的名称\n" for n in range(LINES))).encode()
TUS = {"Tus-Resumable": "1.0.0"}


def prepare() -> dict[str, Any]:
    """A city and a mounted table."""
    from django.core.management import call_command

    from shuqiao.organizations.tests.factories import make_city
    from shuqiao.resources.tests import factories

    call_command("migrate", verbosity=0)
    factories.mount(make_city(), ("代码", "名称"))
    return {}


def _client() -> Any:
    from django.test import Client

    from shuqiao.accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="provider-cataloguer"))
    return client


def send() -> dict[str, Any]:
    """A file in one piece (`begin`), the rest of it (`go-on`), or a sender whose server is killed (`killed`)."""
    from django.urls import reverse

    from shuqiao.kernel.time import now
    from shuqiao.resources import parts
    from shuqiao.resources.models import Resource, Transfer

    parts.room_for = lambda size: True  # the disk fills up while the file comes
    client = _client()
    if sys.argv[2] != "go-on":
        name = base64.b64encode("表.csv".encode()).decode()
        headers = TUS | {"Upload-Length": str(len(BODY)), "Upload-Metadata": f"filename {name}"}
        client.post(reverse("resources:transfers", args=[Resource.objects.get().id]), headers=headers)
    transfer = Transfer.objects.get()
    if sys.argv[2] == "killed":
        return _killed(transfer)
    if transfer.held_until is not None:  # whoever was killed held it; half a minute later it is free
        Transfer.objects.update(held_until=now() - timedelta(seconds=1))
    address = reverse("resources:transfer", args=[transfer.id])
    offset = int(client.head(address, headers=TUS)["Upload-Offset"])
    answer = client.generic(
        "PATCH",
        address,
        BODY[offset:],
        "application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": str(offset)},
    )
    told: dict[str, Any] = {"status": answer.status_code, "first_offset": offset}
    told["offset"] = int(answer["Upload-Offset"])
    if answer.status_code != 204:
        return told | {"detail": json.loads(answer.content)["detail"]}
    return told | client.get(address).json() | {"expected": hashlib.sha256(BODY).hexdigest()}


def _killed(transfer: Any) -> dict[str, Any]:
    from shuqiao.kernel.time import now
    from shuqiao.organizations import queries as organizations
    from shuqiao.resources import services
    from shuqiao.resources.services import transferring

    transferring.SYNC_BYTES = 1024 * 1024
    place = 0

    def read(size: int) -> bytes:
        nonlocal place
        if place >= 1536 * 1024:
            os.kill(os.getpid(), signal.SIGKILL)
        block = BODY[place : place + size]
        place += len(block)
        return block

    services.receive_piece(
        actor=organizations.actor_of(transfer.started_by),
        transfer_id=transfer.id,
        piece=services.Piece(0, len(BODY)),
        read=read,
        now=now,
    )
    raise AssertionError("nobody was killed")


def form() -> dict[str, Any]:
    """The same file by the plain form."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from shuqiao.resources.models import Resource
    from shuqiao.resources.receiving import staging_root

    address = reverse("resources:upload", args=[Resource.objects.get().id])
    answer = _client().post(address, {"file": SimpleUploadedFile("表.csv", BODY)})
    staged = [path.name for path in staging_root().iterdir()]
    return {"status": answer.status_code, "page": answer.content.decode(), "staged": staged}


def build() -> dict[str, Any]:
    """What the worker makes of the version that waits (`build`), or of one that failed (`build-again`)."""
    from shuqiao.kernel.time import now
    from shuqiao.resources import jobs, queries
    from shuqiao.resources.models import Version
    from shuqiao.resources.types import Status

    version = Version.objects.get()
    if version.status == Status.FAILED:
        version.move_to(Status.CONFIRMED)
        version.save()
    jobs.build_versions(now())
    version.refresh_from_db()
    return {
        "status": version.status,
        "error": version.error,
        "tables": len(queries.shelf().list_versions()),
        "staging": len(list((Path(queries.store_root()) / ".staging").glob("*"))),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")
    django.setup()
    scenes = {"prepare": prepare, "send": send, "form": form, "build": build, "build-again": build}
    sys.stdout.write(json.dumps(scenes[sys.argv[1]]()) + "\n")
