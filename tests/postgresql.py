"""A PostgreSQL server of the tests' own: started on a free port as an unprivileged user, stopped at the end.

`python -m tests.postgresql [pytest's arguments]` runs on it all tests that touch the database. Where the machine
has no PostgreSQL it says so and ends well; in CI that is a failure.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")


def binaries() -> Path | None:
    """The directory with initdb and postgres: on the path, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return (
            Path(found).resolve().parent
            if (Path(found).resolve().parent / "postgres").exists()
            else Path(found).parent
        )
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


def missing_part() -> str:
    """What is missing for these tests, or an empty string."""
    if binaries() is None:
        return "no PostgreSQL server binaries (initdb) on this machine"
    return ""


def _user() -> str | None:
    """Whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError(f"PostgreSQL cannot run as root and none of {UNPRIVILEGED} exists")


@dataclass
class Cluster:
    """One running server with an empty database."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://shuqiao:@127.0.0.1:{self.port}/postgres"

    @classmethod
    def start(cls) -> Cluster:
        """Make a cluster in a temporary directory and wait until it answers."""
        where, user = binaries(), _user()
        assert where is not None
        folder = Path(tempfile.mkdtemp(prefix="shuqiao-pg-"))
        if user:
            shutil.chown(folder, user)
        run: dict[str, Any] = {
            "user": user,
            "cwd": folder,
            "env": {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)},
        }
        initdb = f"{where}/initdb -D data -U shuqiao -A trust -E UTF8 --no-sync --locale=C.UTF-8"
        subprocess.run(shlex.split(initdb), check=True, stdout=subprocess.DEVNULL, **run)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # The data is thrown away with the tests, so nothing needs to reach the disk.
        fast = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        serve = f"{where}/postgres -D data -p {port} -k {folder} -h 127.0.0.1 {fast}"
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(shlex.split(serve), stdout=log, stderr=log, **run)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return cls(folder, process, port)
            if process.poll() is not None:
                break
            time.sleep(0.1)
        process.kill()
        raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Start the server, run pytest on it, stop it. Answers pytest's exit code."""
    if missing := missing_part():
        print(f"skipped: tests on PostgreSQL ({missing})")
        return 1 if os.environ.get("CI") else 0
    cluster = Cluster.start()
    try:
        env = {**os.environ, "SHUQIAO_DATABASE_URL": cluster.url}
        command = [sys.executable, "-m", "pytest", "--database=postgresql", *arguments]
        return subprocess.run(command, env=env, check=False).returncode
    finally:
        cluster.stop()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
