"""Who read this person's row in a year? Asked of the log and of the archive together.

A lookup names the key in its address, a filter in its query, a batch in `extra.keys`: those are certain. A page,
an aggregate or an export that did not name the key may have contained the row; they are told apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import msgspec

from shuqiao.journal.ledger import ARCHIVED, Ledger
from shuqiao.journal.reading import opened
from shuqiao.journal.record import receipt_id
from shuqiao.journal.segments import TAG_RECORD, Segment, list_nodes, list_segments, parse_line, read_lines


class How(StrEnum):
    """What a record says about the row."""

    READ = "read"
    ASKED = "asked"
    MAY = "may"

    @property
    def label(self) -> str:
        """The words screens and the command line show."""
        return {How.READ: "读到", How.ASKED: "查过，没有给出", How.MAY: "可能包含"}[self]


@dataclass(frozen=True, slots=True)
class Access:
    """One read (or try) that concerns the row, with the receipt of its record."""

    receipt: str
    at: str
    how: How
    grant: str
    key: str
    action: str
    rows: int
    purpose: str
    case: str
    client: str


class _Facts(msgspec.Struct):
    kind: str
    at: str
    grant: str = ""
    key: str = ""
    resource: str = ""
    action: str = ""
    rows: int = 0
    query: str = ""
    purpose: str = ""
    case: str = ""
    client: str = ""
    extra: dict[str, Any] = {}


_facts = msgspec.json.Decoder(_Facts)


def who(
    dir: Path,  # noqa: A002
    *,
    resource: str,
    value: str,
    year: int,
    archive: Path | None = None,
) -> Iterator[Access]:
    """Every read of a row of `resource` by the key `value` in a year of China's time, node by node, oldest first.

    `archive`: what is archived is asked there (DuckDB over its Parquet files), the rest in the log. Raises
    JournalDamaged.
    """
    root = Path(dir)
    folders = {path.name for path in archive.iterdir() if path.is_dir()} if archive else set()
    for node in sorted(folders | set(list_nodes(root))):
        done = 0
        if archive and node in folders:
            parts = Ledger(archive / node).parts(ARCHIVED)
            done = parts[-1].last if parts else 0
            files = [
                str(archive / node / part.file)
                for part in parts
                if part.since[:4] <= str(year) <= part.until[:4]
            ]
            yield from _archived(files, node, resource, value, year)
        segments = [segment for segment in list_segments(root / node) if segment.first > done]
        for segment in segments:
            yield from _live(segment, node, resource, value, year)


def _live(segment: Segment, node: str, resource: str, value: str, year: int) -> Iterator[Access]:
    wanted, period = resource.encode(), b'"at":"%04d-' % year
    with opened(segment, segment.first) as file:
        for offset, raw in read_lines(file):
            if wanted not in raw or period not in raw:
                continue
            line = parse_line(raw, offset)
            if line is None or line.tag != TAG_RECORD:
                continue
            found = _access(
                _facts.decode(line.payload), receipt_id(node, line.seq, line.hash), resource, value
            )
            if found is not None and found.at.startswith(f"{year:04d}-"):
                yield found


_SQL = """
SELECT seq, hash, kind, "at", "grant", key, resource, action, "rows", query, purpose, "case", client, extra
FROM read_parquet($files)
WHERE tag = 'R' AND resource = $resource AND "at" >= $since AND "at" < $until AND kind IN ('read', 'refusal')
  AND ((kind = 'read' AND action <> 'lookup') OR contains(query, $plain) OR contains(query, $quoted)
       OR contains(extra, $plain) OR contains(query, '%') OR contains(query, '+'))
ORDER BY seq
"""


def _archived(files: list[str], node: str, resource: str, value: str, year: int) -> Iterator[Access]:
    if not files:
        return
    import duckdb

    asked = {
        "files": files,
        "resource": resource,
        "since": f"{year:04d}-",
        "until": f"{year + 1:04d}-",
        "plain": value,
        "quoted": quote(value, safe=""),
    }
    with duckdb.connect() as db:
        result = db.execute(_SQL, asked)
        while rows := result.fetchmany(10_000):
            for (
                seq,
                digest,
                kind,
                at,
                grant,
                key,
                of,
                action,
                count,
                query,
                purpose,
                case,
                client,
                extra,
            ) in rows:
                facts = _Facts(
                    kind, at, grant, key, of, action, count, query, purpose, case, client, json.loads(extra)
                )
                found = _access(facts, receipt_id(node, seq, digest.hex()), resource, value)
                if found is not None:
                    yield found


def _access(facts: _Facts, receipt: str, resource: str, value: str) -> Access | None:
    how = how_it_concerns(facts, value) if facts.resource == resource else None
    if how is None:
        return None
    return Access(
        receipt,
        facts.at,
        how,
        facts.grant,
        facts.key,
        facts.action,
        facts.rows,
        facts.purpose,
        facts.case,
        facts.client,
    )


def how_it_concerns(facts: _Facts, value: str) -> How | None:
    """What a record of the resource says about the row of a key; None when nothing."""
    if facts.kind not in ("read", "refusal"):
        return None
    given = facts.kind == "read" and (facts.rows > 0 or facts.extra.get("phase") == "begun")
    if value in named(facts.query, facts.extra):
        return How.READ if given else How.ASKED
    by_key = facts.action == "lookup" or "keys" in facts.extra
    return How.MAY if given and not by_key else None


def named(query: str, extra: dict[str, Any]) -> set[str]:
    """The values a request names: parts of the key in its path, filter values, keys of a batch."""
    path, _, parameters = query.partition("?")
    _, found, key = path.partition("/rows/")
    values = {unquote(part) for part in key.split(",")} if found else set()
    for _, text in parse_qsl(parameters, keep_blank_values=True):
        values |= {text, *text.split(",")}
    for one in extra.get("keys", []):
        values |= {str(part) for part in one} if isinstance(one, list) else {str(one)}
    return values
