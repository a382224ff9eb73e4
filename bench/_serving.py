"""What jobs that go through the gateway share: a published table of enterprises, a book with one key and one grant
(4 of 6 columns, a row condition that 9 of 10 rows meet), a gateway, signed requests, a process tree's memory."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import msgspec

from shuqiao import store
from shuqiao.gateway import (
    Book,
    ColumnRow,
    GrantRow,
    KeyRow,
    ResourceRow,
    book_path,
    ensure_master_key,
    mint_key,
    write_book,
)
from shuqiao.gateway.signing import sign

ROOT = Path(__file__).parent.parent
COLUMNS = ["code", "name", "region", "founded", "person", "phone"]
WHERE = [{"column": "region", "op": "eq", "values": ["营口"]}]


def publish(home: Path, rows: int) -> str:
    """The version of a generated table of `rows` enterprises; one already in `home` is used again."""
    present = store.Store(home / "store").list_versions()
    if present:
        return present[0]
    home.mkdir(parents=True, exist_ok=True)
    source = home / "source.csv"
    duckdb.sql(
        "COPY (SELECT printf('91210800%010d', i) AS code, 'enterprise ' || i AS name, "
        "CASE WHEN i % 10 = 9 THEN '沈阳' ELSE '营口' END AS region, "
        "DATE '1990-01-01' + CAST(i % 12000 AS INTEGER) AS founded, 'person ' || (i % 9973) AS person, "
        f"printf('139%08d', i) AS phone FROM range({int(rows)}) t(i) ORDER BY i) TO '{source}' (HEADER)"
    )
    recipe = msgspec.structs.replace(store.sniff(source).recipe(), keys=(("code",),))
    version = store.build(source, recipe, home / "store").id
    source.unlink()
    return version


def write_city(
    home: Path, version: str, *, columns: list[str] | None = None, where: list[dict] | None = None
) -> tuple[str, str]:
    """A book with one key and one grant (4 of the enterprises' columns unless others are named); key id and secret."""
    minted = mint_key(ensure_master_key(home), "k-bench")
    key = KeyRow(
        id=minted.id,
        department="bench",
        system="bench",
        secret_sha256=minted.secret_sha256,
        sealed_secret=minted.sealed_secret,
    )
    grant = GrantRow(
        id="g-bench",
        case="bench",
        resource="enterprises",
        grantee="bench",
        keys=[key.id],
        columns=[ColumnRow(name) for name in columns or COLUMNS[:4]],
        where=where or WHERE,
        purpose="bench",
        legal_basis="bench",
        modes=["interface", "batch", "file"],
        valid_from=date(2020, 1, 1),
        valid_until=None,
    )
    resource = ResourceRow(
        id="enterprises",
        entry="e",
        name="enterprises",
        version=version,
        lookup_keys=[["code"]],
        provider="bench",
        basis=["national-2025:25"],
    )
    book = Book(
        revision=1, written_at="", keys={key.id: key}, grants=[grant], resources={resource.id: resource}
    )
    write_book(book_path(home), book)
    return minted.id, minted.secret


@contextlib.contextmanager
def process(command: list[str], port: int, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that listens on `port`; afterwards neither it nor a process it started is there."""
    environment = {**os.environ, "SHUQIAO_HOME": str(home)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "bench")])
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        for _ in range(1200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if server.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {server.returncode}")
            time.sleep(0.05)
        yield server
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # its own session: whoever did not end with it
        server.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gateway(port: int) -> list[str]:
    """The command of a gateway of one worker."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws", "--workers", "1",
        "--log-level", "warning", "--port", str(port), "shuqiao.gateway.serve:app",
    ]  # fmt: skip


def signed(port: int, path: str, key: tuple[str, str]) -> tuple[str, dict[str, str]]:
    """Address and headers of a signed request."""
    url = f"http://127.0.0.1:{port}{path}"
    return url, sign(method="GET", url=url, key_id=key[0], secret=key[1])


def peak_memory(pid: int) -> float:
    """Peak resident megabytes of a process and its children, each at its own peak."""
    pids, total = [pid], 0
    for one in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{one}/task").iterdir():
                pids += [int(child) for child in (task / "children").read_text().split()]
            status = Path(f"/proc/{one}/status").read_text()
            total += int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    return total / 1024


def peer_python(name: str, *packages: str) -> Path:
    """The interpreter of a peer's own environment, made on first use beside the results."""
    folder = ROOT / "bench" / ".peers" / name
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *packages], check=True)
    return folder / "bin" / "python"
