"""The supervisor restarts what dies and stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def supervise(tmp_path: Path, part: str) -> subprocess.Popen[str]:
    script = tmp_path / "up.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        from shuqiao.cli.supervisor import Part, Supervisor
        supervisor = Supervisor([Part("part", [sys.executable, "-c", {part!r}, {str(tmp_path)!r}])])
        supervisor.start()
        sys.exit(supervisor.watch())
        """)
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen([sys.executable, str(script)], env=env, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, lines: int, within: float = 15.0) -> list[str]:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if path.exists() and len(found := path.read_text().splitlines()) >= lines:
            return found
        time.sleep(0.05)
    pytest.fail(f"{path.name} has not {lines} lines after {within} s")


NOTES_ITS_PID = "import os,sys,time;open(sys.argv[1]+'/pids','a').write(f'{os.getpid()}\\n');time.sleep(600)"


@pytest.mark.crash
def test_a_killed_part_comes_back_and_sigint_stops_all(tmp_path: Path) -> None:
    up = supervise(tmp_path, NOTES_ITS_PID)
    first = int(wait_for(tmp_path / "pids", 1)[0])
    os.kill(first, signal.SIGKILL)
    second = int(wait_for(tmp_path / "pids", 2)[1])
    assert second != first
    up.send_signal(signal.SIGINT)
    _, said = up.communicate(timeout=20)
    assert up.returncode == 0
    assert "重新启动" in said
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {**os.environ, "SHUQIAO_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
        ran = subprocess.run(
            [sys.executable, "-m", "shuqiao.cli", "up", "--port", str(port)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    assert ran.returncode == 2
    assert str(port) in ran.stderr
    assert not (tmp_path / "shuqiao.sqlite3").exists(), "nothing was begun"


def test_founding_a_division_prints_the_first_password_once_or_says_what_is_wrong(tmp_path: Path) -> None:
    from shuqiao.organizations.tests.factories import credit_code

    def found(packs: str) -> subprocess.CompletedProcess[str]:
        options = {
            "code": "210800", "name": "营口市", "short": "营口", "prefix": "营", "packs": packs,
            "bureau": "营口市大数据管理局", "bureau-short": "市大数据局", "credit-code": credit_code(1),
            "admin": "admin", "admin-name": "张三",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        env = {**os.environ, "SHUQIAO_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
        env.pop("SHUQIAO_DATABASE_URL", None)
        command = [sys.executable, "-m", "shuqiao.cli", "found", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=240)

    unknown = found("atlantis-1")
    assert (unknown.returncode, "atlantis-1" in unknown.stderr) == (1, True)
    first = found("yingkou-2022,national-2025")
    assert first.returncode == 0, first.stderr
    assert "只显示这一次" in first.stdout
    again = found("yingkou-2022,national-2025")
    assert (again.returncode, "已经建立" in again.stderr) == (1, True), "a division is founded once"


def free_ports(count: int) -> list[int]:
    import socket

    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def node_at(port: int) -> str:
    """Which process's chain stands behind the answer of a fresh connection; empty while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return str(json.load(answer)["node"])
    except OSError:
        return ""


def nodes_at(port: int, count: int, within: float = 60.0) -> set[str]:
    """The chains of all processes behind a port, once `count` of them have answered."""
    seen: set[str] = set()
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        seen |= {node_at(port)} - {""}
        if len(seen) == count:
            return seen
        time.sleep(0.02)
    pytest.fail(f"only {seen} answered within {within} s")


@pytest.mark.crash
def test_up_with_two_gateway_processes_answers_from_both_and_stops_both(tmp_path: Path) -> None:
    web, gateway = free_ports(2)
    env = {**os.environ, "SHUQIAO_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    env.pop("SHUQIAO_DATABASE_URL", None)
    words = ["--port", str(web), "--gateway-port", str(gateway), "--gateway-processes", "2"]
    up = subprocess.Popen(
        [sys.executable, "-m", "shuqiao.cli", "up", *words],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        nodes = nodes_at(gateway, 2, within=300.0)
        held = {node: int((tmp_path / "journal" / node / "LOCK").read_text()) for node in nodes}
        assert len(set(held.values())) == 2, "each process writes a chain of its own"
        killed = min(nodes)
        os.kill(held[killed], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while (back := int((tmp_path / "journal" / killed / "LOCK").read_text() or 0)) in (0, held[killed]):
            assert time.monotonic() < deadline, "the killed process did not come back"
            time.sleep(0.1)
        assert nodes_at(gateway, 2) == nodes
        up.send_signal(signal.SIGINT)
        _, said = up.communicate(timeout=60)
    finally:
        up.kill()
    assert up.returncode == 0, said
    for pid in (back, *held.values()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not node_at(gateway)


def test_links_lead_to_the_ports_of_this_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from shuqiao.cli.run import name_addresses

    monkeypatch.setenv("SHUQIAO_GATEWAY_URL", "https://data.example.cn")
    monkeypatch.setenv("SHUQIAO_PUBLIC_URL", "")
    monkeypatch.delenv("SHUQIAO_PUBLIC_URL")
    name_addresses("127.0.0.1", 9000, 9001)
    assert os.environ["SHUQIAO_PUBLIC_URL"] == "http://127.0.0.1:9000"
    assert os.environ["SHUQIAO_GATEWAY_URL"] == "https://data.example.cn"
