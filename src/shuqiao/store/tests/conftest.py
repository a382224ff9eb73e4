"""Object stores for tests: a folder, memory, and S3 as moto serves it on a free port of this machine."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from shuqiao.kernel.ids import new_id
from shuqiao.store.objects import ObjectStore, open_objects

KEYS = {"SHUQIAO_OBJECTS_ACCESS_KEY": "test", "SHUQIAO_OBJECTS_SECRET_KEY": "test-secret"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 service of this machine."""
    if importlib.util.find_spec("moto") is None:
        if os.environ.get("CI"):
            pytest.fail("missing in CI: moto")
        pytest.skip("moto is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with suppress(httpx.HTTPError):
                httpx.get(address + "/moto-api/", trust_env=False)
                break
            time.sleep(0.1)
        else:
            pytest.fail("moto does not answer")
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(s3_server: str) -> str:
    """A fresh bucket of that service."""
    name = f"b-{new_id()}"
    # moto knows no credentials unless it is told to check them, so an unsigned request makes the bucket
    made = httpx.put(f"{s3_server}/{name}", content=b"", headers=_as_s3(), trust_env=False)
    assert made.status_code == 200, made.text
    return name


def _as_s3() -> dict[str, str]:
    scope = "test/20260101/us-east-1/s3/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def s3_url(server: str, bucket: str, **options: str) -> str:
    """The address as an operator writes it; one try a request and short waits."""
    query = "&".join(
        f"{name}={value}" for name, value in ({"retries": "0", "timeout": "5"} | options).items()
    )
    return f"s3://{bucket}/city/a?endpoint={server}&{query}"


KINDS = ["memory", "folder", "s3"]


def objects_of_kind(kind: str, request: pytest.FixtureRequest, folder: Path) -> ObjectStore:
    """A fresh object store of that kind."""
    if kind == "memory":
        return open_objects("memory:")
    if kind == "folder":
        return open_objects(f"file://{folder}/objects")
    server, name = request.getfixturevalue("s3_server"), request.getfixturevalue("bucket")
    return open_objects(s3_url(server, name), KEYS)


@pytest.fixture(params=KINDS)
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """The same tests on every kind of object store."""
    return objects_of_kind(request.param, request, tmp_path)


class CuttingProxy:
    """Stands before the service and cuts connections: `answers` after that many bytes of answers, `requests` of
    requests; each cut uses up one of `cuts`."""

    def __init__(self, address: str) -> None:
        self.target = ("127.0.0.1", int(address.rpartition(":")[2]))
        self.cuts, self.answers, self.requests = 0, 1 << 60, 1 << 60
        self.done = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for source, sink, limit in ((client, server, "requests"), (server, client, "answers")):
                thread = threading.Thread(target=self._copy, args=(source, sink, limit), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _copy(self, source: socket.socket, sink: socket.socket, limit: str) -> None:
        over = 0
        with suppress(OSError):
            while data := source.recv(65_536):
                over += len(data)
                if over > getattr(self, limit) and self.done < self.cuts:
                    self.done += 1
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def close(self) -> None:
        """Stop listening."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def proxy(s3_server: str) -> Iterator[CuttingProxy]:
    """A proxy before the S3 service whose connections break where a test says."""
    one = CuttingProxy(s3_server)
    yield one
    one.close()
