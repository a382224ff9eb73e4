"""The commands of docs/how-to/upload-by-program.md run as they stand, against a server that listens."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import missing
from django.test import Client

from shuqiao.resources.models import Version
from shuqiao.resources.tests import factories

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "upload-by-program.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.S)
LINES = 300_000


@pytest.mark.django_db(transaction=True)
def test_the_commands_bring_a_file_of_two_pieces(city, home, tmp_path, live_server):
    for tool in ("bash", "curl", "openssl", "base64", "sha256sum"):
        if shutil.which(tool) is None:
            missing(f"{tool} is not on this machine")
    resource = factories.mount(city, ("代码", "名称"))
    content = ("代码,名称\n" + "".join(f"{n:08},第 {n} 行的名称\n" for n in range(LINES))).encode()
    assert 8_388_608 < len(content) < 2 * 8_388_608
    (tmp_path / "企业登记.csv").write_bytes(content)
    client = Client()
    client.force_login(city.user("provider-cataloguer"))
    script = "\n".join(BLOCKS).replace("https://data.example.gov.cn", live_server.url)
    known = {
        "SESSION": client.cookies["sessionid"].value,
        "TOKEN": "a" * 32,
        "RESOURCE": str(resource.id),
        "NO_PROXY": "*",
    }
    ran = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert (told["state"], told["sha256"]) == ("received", hashlib.sha256(content).hexdigest())
    assert told["version"] == str(Version.objects.get(resource=resource).id)
