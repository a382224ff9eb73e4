"""A whole installation on free ports, and people with browsers in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from shuqiao.organizations.tests.factories import PASSWORD

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installation:
    """Web, gateway and worker under their supervisor, with the cast of the tests in the database."""

    home: Path
    web: str
    gateway: str
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")


def environment(home: Path, **more: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SHUQIAO_", "DJANGO_", "PYTEST_"))}
    return {
        **env,
        "SHUQIAO_HOME": str(home),
        "SHUQIAO_HTTPS": "0",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        **more,
    }


def start(home: Path) -> Installation:
    """Migrate, put the cast in, start everything, wait until it answers."""
    web_port, gateway_port = free_port(), free_port()
    env = environment(home, SHUQIAO_GATEWAY_URL=f"http://127.0.0.1:{gateway_port}")
    subprocess.run([sys.executable, "-m", "tests.e2e.cast"], cwd=ROOT, env=env, check=True)
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "shuqiao.cli",
                "up",
                "--port",
                str(web_port),
                "--gateway-port",
                str(gateway_port),
            ],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
        )
    running = Installation(home, f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{gateway_port}", process)
    deadline = time.monotonic() + 90
    for address in (f"{running.web}/healthz", f"{running.gateway}/readyz"):
        while True:
            try:
                if httpx.get(address, timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline or process.poll() is not None:
                process.kill()
                pytest.fail(f"{address} does not answer:\n{running.log()[-4000:]}")
            time.sleep(0.2)
    return running


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all journeys."""
    running = start(tmp_path_factory.mktemp("installation"))
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(40) == 0, f"no clean stop:\n{running.log()[-4000:]}"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("missing in CI: Chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def sign_in(installation: Installation, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """`sign_in("provider-approver")` gives that person's browser, already at the workbench."""
    contexts = []

    def signed_in(username: str, *, width: int = 1440) -> Page:
        context = browser.new_context(
            base_url=installation.web,
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto("/account/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/work/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
