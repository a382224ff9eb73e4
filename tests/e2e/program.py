"""The user department's system: signs its requests, and keeps what it was told."""

from __future__ import annotations

import csv
import gzip
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from shuqiao import journal
from shuqiao.gateway import sign
from tests.e2e.conftest import Installation

GRANTED = ["企业名称", "统一社会信用代码", "注册日期", "地区"]


def rows_of(shared_data: Path, area: str) -> list[dict[str, str]]:
    """Good rows of one city, read by the standard library alone."""
    with gzip.open(
        shared_data / "enterprises_liaoning_1980-2004.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        return [
            row for row in csv.DictReader(file) if row["地区"] == area and len(row["统一社会信用代码"]) == 18
        ]


@dataclass
class Program:
    """One program with one key for one resource."""

    installation: Installation
    key_id: str
    secret: str
    resource: str
    receipts: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.installation.gateway}/v1/resources/{self.resource}"

    def get(self, path: str, *, headers: dict[str, str] | None = None, alter: str = "") -> httpx.Response:
        """One signed request. `headers` sends old ones again; `alter` changes the address after signing."""
        url = self.base + path
        signed = headers or sign(method="GET", url=url, key_id=self.key_id, secret=self.secret)
        answer = httpx.get(url + alter, headers=signed, timeout=60)
        body: dict[str, Any] = answer.json() if "json" in answer.headers["content-type"] else {}
        receipt = answer.headers.get("shuqiao-receipt") or body.get("receipt")
        assert receipt, f"no receipt: {answer.status_code} {answer.text[:300]}"
        self.receipts.append(receipt)
        return answer

    def reads_exactly_what_was_granted(self, shared_data: Path) -> None:
        """Single enterprises by credit code, granted columns only; all rows of 营口 and no other; a file too."""
        wanted = rows_of(shared_data, "营口")
        for row in wanted[:20]:
            answer = self.get(f"/rows/{row['统一社会信用代码']}")
            assert answer.status_code == 200, answer.text
            got = answer.json()["row"]
            assert list(got) == GRANTED, got
            assert all(got[name] == row[name] for name in GRANTED)
        answer = self.get("/rows?limit=1000&count=exact")
        assert answer.json()["count"] == len(wanted) == 2359
        assert {row["地区"] for row in answer.json()["rows"]} == {"营口"}
        exported = self.get("/export.csv").content.decode("utf-8-sig").splitlines()
        assert next(csv.reader(exported[:1])) == GRANTED
        assert len(exported) - 1 == len(wanted)
        by_bearer = httpx.get(
            f"{self.base}/rows/{wanted[0]['统一社会信用代码']}",
            headers={"Authorization": f"Bearer {self.key_id}.{self.secret}"},
        )
        assert by_bearer.status_code == 200
        self.receipts.append(by_bearer.headers["shuqiao-receipt"])
        self.other_city = rows_of(shared_data, "沈阳")[0]["统一社会信用代码"]
        self.known = wanted[0]["统一社会信用代码"]

    def refused(self, answer: httpx.Response, status: int, rule: str) -> None:
        """The answer is problem JSON with the rule, its reason and the articles it rests on."""
        body = answer.json()
        assert (answer.status_code, body["rule"]) == (status, rule), body
        assert body["reason"]
        assert body["basis"], body
        assert all(one["title"] and one["summary"] for one in body["basis"])

    def is_refused_with_rule_and_article(self) -> None:
        """Another column, another city, an altered, a replayed and an unsigned request."""
        self.refused(self.get(f"/rows?select={quote('法人代表')}"), 403, "sharing.scope.not_wider")
        self.refused(self.get(f"/rows?{quote('注册资金')}__contains=1"), 403, "sharing.scope.not_wider")
        self.refused(self.get(f"/rows/{self.other_city}"), 404, "sharing.scope.not_wider")
        self.refused(self.get(f"/rows/{self.known}", alter="?select=x"), 401, "gateway.signature.invalid")
        signed = sign(
            method="GET", url=f"{self.base}/rows/{self.known}", key_id=self.key_id, secret=self.secret
        )
        assert self.get(f"/rows/{self.known}", headers=signed).status_code == 200
        self.refused(self.get(f"/rows/{self.known}", headers=signed), 401, "gateway.nonce.replayed")
        wrong = sign(
            method="GET", url=f"{self.base}/rows/{self.known}", key_id=self.key_id, secret="not-the-secret"
        )
        self.refused(self.get(f"/rows/{self.known}", headers=wrong), 401, "gateway.signature.invalid")

    def is_stopped_within_a_second(self) -> None:
        """After the suspension has been signed, reads stop within one second."""
        deadline = time.monotonic() + 1.0
        while (answer := self.get(f"/rows/{self.known}")).status_code == 200:
            assert time.monotonic() < deadline, "still answered a second after the suspension"
        self.refused(answer, 403, "delivery.misuse.suspend")

    def left_evidence_of_everything(self) -> None:
        """Every answer, good or refused, is in the log under its receipt; the chain holds; anybody can check one."""
        log = self.installation.home / "journal"
        for receipt in self.receipts:
            record = journal.find(log, receipt)
            assert record is not None, receipt
            assert record.kind in {"read", "refusal"}
        assert len(set(self.receipts)) == len(self.receipts)
        report = journal.verify(log)
        assert report.ok, report.findings
        page = httpx.get(f"{self.installation.web}/receipts/{self.receipts[0]}/")
        assert page.status_code == 200
        assert self.receipts[0] in page.text
        assert self.known not in page.text, "a receipt shows no query values"
