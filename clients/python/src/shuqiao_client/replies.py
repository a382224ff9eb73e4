"""Answers of the gateway as values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shuqiao_client.errors import GatewayError, Refused

Row = dict[str, Any]


@dataclass(frozen=True)
class Basis:
    """An article that a refusal rests on."""

    article: str
    title: str
    summary: str


@dataclass(frozen=True)
class Page:
    """One page of rows. `next` is the cursor of the following page, `count` is there when it was asked for;
    `receipt` is the evidence of this read, `version` the immutable version it came from."""

    rows: Sequence[Row]
    next: str | None
    count: int | None
    version: str
    receipt: str


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body of a good answer. Raises Refused for a refusal."""
        if self.status >= 400:
            raise refusal_of(self)
        try:
            content = json.loads(self.body)
        except ValueError:
            raise GatewayError(f"the answer is no JSON: {self.body[:200]!r}") from None
        if not isinstance(content, dict):
            raise GatewayError(f"the answer is no JSON object: {self.body[:200]!r}")
        return content

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait, where the gateway says so."""
        text = self.headers.get("retry-after", "")
        return int(text) if text.isdigit() else None

    def page(self) -> Page:
        """The answer as a page of rows. Raises Refused for a refusal."""
        content = self.json()
        return Page(
            rows=content["rows"],
            next=content.get("next"),
            count=content.get("count"),
            version=self.headers.get("shuqiao-version", ""),
            receipt=self.headers.get("shuqiao-receipt", ""),
        )


def refusal_of(reply: Reply) -> Refused:
    """The error that a refusing answer stands for, also one that did not come from the gateway itself."""
    try:
        problem = json.loads(reply.body)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "rule" not in problem:
        text = reply.body[:200].decode("utf-8", "replace")
        return Refused(reply.status, "http", text or "没有说明", retry_after=reply.retry_after)
    return Refused(
        reply.status,
        str(problem["rule"]),
        str(problem.get("reason", "")),
        basis=[Basis(one["article"], one["title"], one["summary"]) for one in problem.get("basis", [])],
        receipt=str(problem.get("receipt") or ""),
        retry_after=reply.retry_after,
    )
