"""A process of its own for the kill and memory tests: `python -m … crash_world prepare|work|state|receive`.

The environment names home and database. The lease is two seconds here, so that a killed worker is replaced soon.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import django

ROWS = 150_000


def prepare() -> None:
    """A city, a table of 150,000 rows, confirmed and waiting for the worker."""
    from django.core.management import call_command

    from shuqiao.organizations.tests.factories import make_city
    from shuqiao.resources.tests import factories

    call_command("migrate", verbosity=0)
    city = make_city()
    resource = factories.mount(city, ("代码", "名称"))
    path = Path(os.environ["SHUQIAO_HOME"]) / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("代码,名称\n")
        file.writelines(f"{n:08},第 {n} 行的名称\n" for n in range(ROWS))
    factories.confirm(city, factories.upload(city, resource, path))


def work() -> None:
    """A worker that goes on until it is killed, or until nothing waits any more."""
    import time

    from shuqiao.kernel.time import now
    from shuqiao.resources import jobs
    from shuqiao.resources.models import Version
    from shuqiao.resources.types import Status

    shorten()
    while Version.objects.filter(status=Status.CONFIRMED).exists():
        jobs.build_versions(now())
        time.sleep(0.05)


def shorten() -> None:
    """Lease and heartbeat of the test."""
    from shuqiao.resources import jobs, services

    for step in (services.claim_version, services.renew_claim):
        step.__kwdefaults__["lease"] = timedelta(seconds=2)
    jobs.HEARTBEAT, jobs.PROGRESS = 0.3, 0.1


class Body:
    """A multipart body of `size` bytes of CSV that nobody ever holds whole, as a server's input stream."""

    def __init__(self, size: int) -> None:
        line = "00000001,一行的名称,13800138000\n".encode()
        head = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
        self.block = line * (65_536 // len(line))
        count = size // len(self.block)
        self.length = len(head) + count * len(self.block) + len(b"\r\n--XX--\r\n")
        self.parts = self._parts(head, count)
        self.ready = b""

    def _parts(self, head: bytes, count: int):
        yield head
        for _ in range(count):
            yield self.block
        yield b"\r\n--XX--\r\n"

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self.ready) < size:
            part = next(self.parts, None)
            if part is None:
                break
            self.ready += part
        answer, self.ready = (self.ready, b"") if size < 0 else (self.ready[:size], self.ready[size:])
        return answer

    def readline(self, size: int = -1) -> bytes:
        raise NotImplementedError("nothing reads a multipart body line by line")


def receive() -> None:
    """One upload of argv[2] bytes through the whole application; says how much memory it took at its height."""
    import re
    from io import BytesIO

    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from shuqiao.organizations.tests.factories import make_city
    from shuqiao.resources.models import Upload
    from shuqiao.resources.tests import factories
    from shuqiao.wsgi import application

    call_command("migrate", verbosity=0)
    city = make_city()
    table = factories.mount(city)
    client = Client()
    client.force_login(city.user("provider-cataloguer"))
    token = "a" * 32
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={token}"

    def peak() -> int:  # MiB; not ru_maxrss, in which a child begins with its parent's
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024

    def post(size: int) -> tuple[str, int]:
        body = Body(size)
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/resources/{table.id}/upload/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.errors": BytesIO(),
            "CONTENT_LENGTH": str(body.length),
            "CONTENT_TYPE": "multipart/form-data; boundary=XX",
            "HTTP_COOKIE": cookies,
            "HTTP_X_CSRFTOKEN": token,
        }
        statuses: list[str] = []
        answer = application(environ, lambda status, headers: statuses.append(status))
        for _ in answer:
            pass
        answer.close()
        return statuses[0], peak()

    _, before = post(1 << 20)
    status, after = post(int(sys.argv[2]))
    upload = Upload.objects.latest("at")
    seen = {"status": status, "before": before, "after": after, "size": upload.size, "sha256": upload.sha256}
    seen["staged"] = (Path(os.environ["SHUQIAO_HOME"]) / "staging" / upload.path).stat().st_size
    sys.stdout.write(json.dumps(seen) + "\n")


def state() -> None:
    """What is visible: the version, and every table in the store with what is damaged of it."""
    from shuqiao.resources import queries
    from shuqiao.resources.models import Version
    from shuqiao.store import Store

    store = Store(queries.store_root())
    version = Version.objects.get()
    tables = {name: [store.meta(name).rows, *store.damaged_files(name)] for name in store.list_versions()}
    seen = {
        "status": version.status,
        "claimed": bool(version.claimed_by),
        "attempts": version.attempts,
        "rows_done": version.rows_done,
        "store_version": version.store_version,
        "rows": version.rows,
        "tables": tables,
        "staging": len(list((queries.store_root() / ".staging").glob("*"))),
    }
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")
    django.setup()
    {"prepare": prepare, "work": work, "state": state, "receive": receive}[sys.argv[1]]()
