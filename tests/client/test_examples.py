"""The examples of clients/examples run as they stand, each where its runtime is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shuqiao.gateway.tests.city import code
from tests.client.conftest import key_of

EXAMPLES = Path(__file__).parents[2] / "clients" / "examples"
COMMANDS = {
    "shell": (("sh", "curl", "openssl"), ["sh", "lookup.sh"]),
    "python": ((), [sys.executable, "lookup.py"]),
    "java": (("java",), ["java", "Lookup.java"]),
}


def run(name: str, server, *arguments: str, secret: str = "") -> subprocess.CompletedProcess:
    """Run an example against the gateway."""
    needed, command = COMMANDS[name]
    missing = [one for one in needed if shutil.which(one) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not on this machine")
    key_id, own = key_of(server.city, "k-counter")
    environment = {**os.environ, "GATEWAY": server.url, "KEY_ID": key_id, "SECRET": secret or own}
    return subprocess.run(
        [*command, *arguments],
        check=False,
        cwd=EXAMPLES,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_reads_one_row(name, server):
    ran = run(name, server, "enterprises", code(2))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    row = json.loads(ran.stdout)["row"]
    assert (row["统一社会信用代码"], row["名称"], row["地区"]) == (code(2), "企业02有限公司", "营口")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_key_of_chinese_and_odd_characters_is_signed_rightly(name, server):
    ran = run(name, server, "enterprises", "企业 a+b/c,d?")
    problem = json.loads(ran.stdout)
    assert ran.returncode != 0
    assert problem["status"] in (400, 404), problem  # one key column, two parts: asked and understood


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_secret_is_refused(name, server):
    ran = run(name, server, "enterprises", code(2), secret="another-secret-000000000000000000000000")
    assert ran.returncode != 0
    assert json.loads(ran.stdout)["rule"] == "gateway.signature.invalid"


@pytest.mark.parametrize("name", ["shell", "python"])
def test_sm3(name, server):
    ran = run(name, server, "enterprises", code(2), "hmac-sm3")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["row"]["名称"] == "企业02有限公司"
