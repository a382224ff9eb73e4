"""The reference page tells the truth: its worked example verifies, its table of rules is complete."""

from __future__ import annotations

import re
from pathlib import Path

from shuqiao.gateway import citing
from shuqiao.gateway.signing import HmacKey, Message, sign, signature_base
from shuqiao.gateway.verify import check_claim, read_claim

PACKAGE = Path(__file__).parents[1]
PAGE = PACKAGE.parents[2] / "docs" / "reference" / "gateway.md"
SECRET = "an-example-secret-shown-once-000000000000000"
URL = "https://gateway.example/v1/resources/r1/rows/91210800000000001X?select=name"
CREATED = 1767225600


def blocks() -> list[str]:
    return re.findall(r"```text\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_worked_example_is_what_the_client_signs_and_the_gateway_accepts() -> None:
    base, headers = blocks()
    fields = dict(line.split(": ", 1) for line in headers.splitlines())
    message = Message.of_url("GET", URL, fields)
    claim = read_claim(message)
    assert signature_base(message, claim.covered).decode() == base
    check_claim(claim, message, HmacKey(SECRET.encode()), body=b"", now=CREATED, skew=300)
    assert SECRET in PAGE.read_text(encoding="utf-8")
    again = sign(
        method="GET", url=URL, key_id="k-demo", secret=SECRET, created=CREATED, nonce="example-nonce-0001"
    )
    assert again == fields


def test_every_rule_a_refusal_can_name_is_in_the_table() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    rules = set(re.findall(r'"(gateway\.[a-z_]+(?:\.[a-z_]+)?)"', source)) - {"gateway.failure"}
    rules |= {citing.SCOPE, citing.SUSPENDED, citing.ENDED, citing.EVIDENCE}
    table = PAGE.read_text(encoding="utf-8").partition("| status | rule |")[2]
    named = set()
    for cell in re.findall(r"^\| [\d, ]+ \| ([^|]+) \|", table, flags=re.MULTILINE):
        words = re.findall(r"`([^`]+)`", cell)
        stem = words[0].rpartition(".")[0]
        named |= {stem + word if word.startswith(".") else word for word in words}
    assert rules == named
