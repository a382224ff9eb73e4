"""A supervisor for the three parts: starts them, starts again what dies, stops all cleanly."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType

import typer

STOP_WITHIN = 15.0  # seconds a part gets to finish what it is doing
STEADY_AFTER = 30.0  # a part that ran this long is steady: its next death is answered at once


@dataclass
class Part:
    """One process: its name, its command, and how often it has died lately."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = field(default=None)
    started: float = 0.0
    deaths: int = 0
    restart_at: float = 0.0

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it only through us."""
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own commands
        self.started = time.monotonic()

    def died(self) -> bool:
        """Whether the process is gone."""
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Runs parts until told to stop."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.stopping = False

    def start(self) -> None:
        """Start every part and take over SIGINT and SIGTERM."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        for part in self.parts:
            part.start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def watch(self) -> int:
        """Keep all parts running until a signal comes; then stop them. Returns the exit code."""
        while not self.stopping:
            now = time.monotonic()
            for part in self.parts:
                self._mind(part, now)
            time.sleep(0.2)
        return self.stop()

    def _mind(self, part: Part, now: float) -> None:
        if part.process is None:
            if now >= part.restart_at:
                part.start()
            return
        if not part.died():
            return
        code = part.process.returncode
        part.deaths = 1 if now - part.started > STEADY_AFTER else part.deaths + 1
        pause = min(0.5 * 2 ** (part.deaths - 1), 30.0)
        typer.echo(f"{part.name} 退出（{code}），{pause:g} 秒后重新启动", err=True)
        part.process, part.restart_at = None, now + pause

    def stop(self) -> int:
        """Ask every part to end, wait, and kill what does not."""
        running = [part.process for part in self.parts if part.process and part.process.poll() is None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        killed = False
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed = True
        return 1 if killed else 0

    def wait_until_answering(self, addresses: Mapping[str, str], within: float = 60.0) -> None:
        """Return when every address answers; stop all and exit when one does not in time."""
        deadline = time.monotonic() + within
        for name, address in addresses.items():
            while not self.stopping and not _answers(address):
                part = next(part for part in self.parts if part.name == name)
                if time.monotonic() > deadline or part.died():
                    typer.echo(f"{name} 没有在 {within:g} 秒内应答 {address}", err=True)
                    self.stop()
                    sys.exit(1)
                time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_or_exit(host: str, port: int, option: str) -> None:
    """Exit with a clear word when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            typer.echo(f"端口 {host}:{port} 已被占用，请用 {option} 另选一个", err=True)
            raise typer.Exit(2) from None
