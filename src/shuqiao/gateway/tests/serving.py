"""A real gateway process on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from shuqiao.gateway.tests.city import MASTER, City


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A granian process over a city; `kill` ends it like a power cut, `stop` as an operator does."""

    def __init__(
        self,
        city: City,
        port: int | None = None,
        *,
        app: str = "shuqiao.gateway.serve:app",
        workers: int = 1,
        **variables: str,
    ) -> None:
        self.city, self.port = city, port or free_port()
        self._app, self._workers, self._variables = app, workers, variables
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = city.home / "gateway.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "SHUQIAO_HOME": str(self.city.home),
            "SHUQIAO_NODE": self.city.settings.node,
            "SHUQIAO_MASTER_KEY": MASTER.hex(),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "SHUQIAO_GATEWAY_PROCESSES": str(self._workers),
            **self._variables,
        }
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws"]
        command += ["--port", str(self.port), "--workers", str(self._workers), self._app]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 90  # several processes load at once, perhaps beside other tests
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=1).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
            assert self._process.poll() is None, self.log.read_text()
        self.kill()
        raise AssertionError(f"the gateway did not get ready:\n{self.log.read_text()}")

    def kill(self) -> None:
        """SIGKILL to the whole group at once: supervisor and worker."""
        os.killpg(self._process.pid, 9)
        self._process.wait(10)

    def stop(self) -> int:
        """SIGTERM, then wait for a clean end."""
        self._process.terminate()
        return self._process.wait(15)

    @property
    def pid(self) -> int:
        """The supervisor's process id; the workers are its children."""
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None
