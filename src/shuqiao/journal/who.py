"""Who read this person's row in a year? Asked of the log and of the archive together, a stretch at a time.

A search goes node by node, oldest first, and says where it is: a page that may take a second only goes on from there
with its next request. What a record says about the row is in naming.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote

import msgspec

from shuqiao.journal.head import head
from shuqiao.journal.ledger import ARCHIVED, Ledger, Part
from shuqiao.journal.naming import Facts, How, Question, how_it_concerns
from shuqiao.journal.reading import bisect, opened
from shuqiao.journal.record import receipt_id
from shuqiao.journal.segments import TAG_RECORD, Segment, list_nodes, list_segments, parse_line, read_lines

__all__ = ["Access", "How", "Place", "Question", "search_from", "who"]

STRIDE = 2_000
"""Records after which a search says where it is."""


@dataclass(frozen=True, slots=True)
class Access:
    """One read (or try) that concerns the row, with the receipt of its record. `keys`: how many keys it named, for a
    batch; `rows` are those of all of them."""

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
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """How far a search has come: all nodes before `node`, and of it all records up to `seq`. `done` of `total`
    records have been passed or left out because of their year."""

    node: str = ""
    seq: int = 0
    done: int = 0
    total: int = 0


_facts = msgspec.json.Decoder(Facts)


def who(
    dir: Path,  # noqa: A002
    *,
    resource: str,
    value: str | tuple[str, ...],
    year: int,
    by: tuple[str, ...] = (),
    first: tuple[str, ...] = (),
    archive: Path | None = None,
) -> Iterator[Access]:
    """Every read of a row of `resource` by its key in a year of China's time, node by node, oldest first.

    `value`: one value, or all parts of a composite key, in the columns `by` where given; `first`: see Question.
    `archive`: what is archived is asked there (DuckDB over its Parquet files), the rest in the log. Raises
    JournalDamaged.
    """
    asked = Question(resource, (value,) if isinstance(value, str) else value, year, by, first)
    for found in search_from(dir, asked, archive=archive):
        if isinstance(found, Access):
            yield found


def search_from(
    dir: Path,  # noqa: A002
    asked: Question,
    *,
    after: Place = Place(),
    archive: Path | None = None,
) -> Iterator[Access | Place]:
    """What `who` gives, from a place on; and again and again the place that has been reached, the last one at the
    end. Raises JournalDamaged."""
    root = Path(dir)
    folders = {path.name for path in archive.iterdir() if path.is_dir()} if archive else set()
    nodes = sorted(folders | set(list_nodes(root)))
    stretches = [_stretch(root, node, archive if node in folders else None) for node in nodes]
    total = sum(one.last for one in stretches)
    passed = 0
    for stretch in stretches:
        if stretch.node >= after.node:
            start = after.seq if stretch.node == after.node else 0
            for found in stretch.search(asked, start):
                reached = passed + min(found, stretch.last) if isinstance(found, int) else 0
                yield Place(stretch.node, found, reached, total) if isinstance(found, int) else found
        passed += stretch.last


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The records of one node: archived ones in files, the others in segments, the newest known one `last`."""

    node: str
    files: tuple[tuple[Part, Path], ...]
    segments: tuple[Segment, ...]
    last: int

    def search(self, asked: Question, after: int) -> Iterator[Access | int]:
        """Reads that concern the row after a sequence, and sequences reached."""
        for part, file in self.files:
            if part.last > after:
                if part.since[:4] <= str(asked.year) <= part.until[:4]:
                    yield from _archived(file, self.node, asked, after)
                yield part.last
        early, late = f"{asked.year - 1:04d}-12-30", f"{asked.year + 1:04d}-01-03"
        for segment, following in zip_longest(self.segments, self.segments[1:]):
            if following and (following.first <= after + 1 or _begins(following) < early):
                continue
            if _begins(segment) > late:
                break
            yield from _live(segment, self.node, asked, after)
        yield max(self.last, after)


def _stretch(root: Path, node: str, archive: Path | None) -> _Stretch:
    parts = Ledger(archive / node).parts(ARCHIVED) if archive else []
    done = parts[-1].last if parts else 0
    segments = tuple(segment for segment in list_segments(root / node) if segment.first > done)
    known = head(root, node)
    files = tuple((part, archive / node / part.file) for part in parts) if archive else ()
    return _Stretch(node, files, segments, max(done, known.seq if known else 0))


def _begins(segment: Segment) -> str:
    """The moment of a segment's first record; the end of time while it has none."""
    with opened(segment, segment.first) as file:
        for offset, raw in read_lines(file):
            line = parse_line(raw, offset)
            if line is not None and line.tag == TAG_RECORD:
                return _facts.decode(line.payload).at
    return "9999"


def _live(segment: Segment, node: str, asked: Question, after: int) -> Iterator[Access | int]:
    resource, period = asked.resource.encode(), b'"at":"%04d-' % asked.year
    with opened(segment, segment.first) as file:
        start = bisect(file, segment, after) if after >= segment.first else 0
        for count, (offset, raw) in enumerate(read_lines(file, start), 1):
            concerns = resource in raw and period in raw
            if not concerns and count % STRIDE:
                continue
            line = parse_line(raw, offset)
            if line is None or line.tag != TAG_RECORD or line.seq <= after:
                continue
            found = (
                _access(_facts.decode(line.payload), node, line.seq, line.hash, asked) if concerns else None
            )
            if found is not None:
                yield found
            if count % STRIDE == 0:
                yield line.seq


_TOLD = (
    "kind",
    "at",
    "grant",
    "key",
    "resource",
    "action",
    "rows",
    "query",
    "purpose",
    "case",
    "client",
)
_SQL = """
SELECT seq, hash, kind, "at", "grant", key, resource, action, "rows", query, purpose, "case", client, extra
FROM read_parquet($file)
WHERE tag = 'R' AND seq > $after AND resource = $resource AND "at" >= $since AND "at" < $until
  AND kind IN ('read', 'refusal')
  AND ($all OR (kind = 'read' AND action <> 'lookup') OR contains(query, $plain) OR contains(query, $quoted)
       OR contains(extra, '"keys"') OR contains(query, '%') OR contains(query, '+') OR contains(query, 'by='))
ORDER BY seq
"""


def _archived(file: Path, node: str, asked: Question, after: int) -> Iterator[Access | int]:
    import duckdb

    parameters = {
        "file": str(file),
        "after": after,
        "resource": asked.resource,
        "since": f"{asked.year:04d}-",
        "until": f"{asked.year + 1:04d}-",
        "all": asked.by != asked.first,
        "plain": asked.values[0],
        "quoted": quote(asked.values[0], safe=""),
    }
    with duckdb.connect() as db:
        result = db.execute(_SQL, parameters)
        while rows := result.fetchmany(STRIDE):
            for seq, digest, *told, extra in rows:
                facts = Facts(**dict(zip(_TOLD, told, strict=True)), extra=json.loads(extra))
                found = _access(facts, node, seq, digest.hex(), asked)
                if found is not None:
                    yield found
            yield rows[-1][0]


def _access(facts: Facts, node: str, seq: int, chain_hash: str, asked: Question) -> Access | None:
    if facts.resource != asked.resource or not facts.at.startswith(f"{asked.year:04d}-"):
        return None
    how = how_it_concerns(facts, asked)
    if how is None:
        return None
    return Access(
        receipt_id(node, seq, chain_hash),
        facts.at,
        how,
        facts.grant,
        facts.key,
        facts.action,
        facts.rows,
        facts.purpose,
        facts.case,
        facts.client,
        len(facts.keys),
    )
