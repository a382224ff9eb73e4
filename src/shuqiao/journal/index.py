"""Asking the evidence: by grant, key, resource or case, newest first; reads per grant and day; how a long answer
ended.

Each node has `index.sqlite` beside its segments. It is derived and never the truth: before a query it is
caught up from the last place it knows, along the checked chain; when that place is no longer in the log, or
the file is not readable, it is built anew. Every record given out is read from the log, its link checked.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from shuqiao.journal.archived import end_in
from shuqiao.journal.ledger import Ledger
from shuqiao.journal.reading import opened, read_at
from shuqiao.journal.record import Entry, parse_receipt_id
from shuqiao.journal.segments import Line, Segment, list_nodes, list_segments, parse_line
from shuqiao.journal.sm3 import ZERO
from shuqiao.journal.walking import Walk, raise_damage
from shuqiao.kernel import InvalidInput

VERSION = 2
MOST = 1000
"""The most entries one search gives."""
_AT_ONCE = 50_000
_PLACE = 'segment, before, start, "end"'

_SCHEMA = """
DROP TABLE IF EXISTS place; DROP TABLE IF EXISTS records; DROP TABLE IF EXISTS days;
CREATE TABLE place (segment INTEGER, last INTEGER, "end" INTEGER, seq INTEGER, prev BLOB);
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, segment INTEGER, before INTEGER, start INTEGER, "end" INTEGER, at_ms INTEGER,
  kind TEXT, "grant" TEXT, key TEXT, resource TEXT, "case" TEXT, begun TEXT);
CREATE INDEX by_grant ON records ("grant", seq) WHERE "grant" != '';
CREATE INDEX by_key ON records (key, seq) WHERE key != '';
CREATE INDEX by_resource ON records (resource, seq) WHERE resource != '';
CREATE INDEX by_case ON records ("case", seq) WHERE "case" != '';
CREATE INDEX by_begun ON records (begun) WHERE begun != '';
CREATE INDEX by_moment ON records (at_ms);
CREATE TABLE days ("grant" TEXT, day TEXT, reads INTEGER, refusals INTEGER, rows INTEGER, broken INTEGER,
  taken INTEGER, PRIMARY KEY ("grant", day)) WITHOUT ROWID;
"""


class DayCount(msgspec.Struct, frozen=True, order=True):
    """What happened under one grant on one day in China. `rows`: rows sent, those of exports counted when they ended.
    `broken`: long answers that did not arrive whole. `taken`: reads as a quota counts them, a batch by its keys."""

    grant: str
    day: date
    reads: int
    refusals: int
    rows: int
    broken: int = 0
    taken: int = 0


class _Extra(msgspec.Struct, frozen=True):
    """What the index reads of `extra`; of any type, for the log holds what older and newer programs wrote."""

    begun: Any = ""
    complete: Any = True
    keys: Any = ()


class _Facts(msgspec.Struct):
    """What the index keeps of a record."""

    kind: str
    at: str
    grant: str = ""
    key: str = ""
    resource: str = ""
    case: str = ""
    rows: int = 0
    extra: _Extra = _Extra()


_facts = msgspec.json.Decoder(_Facts)


def search(
    dir: Path,  # noqa: A002
    *,
    grant: str | None = None,
    key: str | None = None,
    resource: str | None = None,
    case: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    node: str | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest records that match everything asked for, newest first, from all nodes (or one).

    `since`: aware. `limit`: 1 to 1000. Raises InvalidInput on either, JournalDamaged where the log does not
    hold.
    """
    if not 1 <= limit <= MOST:
        raise InvalidInput.one("limit", f"一次最多取 {MOST} 条：{limit}")
    if since is not None and since.tzinfo is None:
        raise InvalidInput.one("since", f"时刻缺少时区：{since}")
    asked = {"grant": grant, "key": key, "resource": resource, "case": case, "kind": kind}
    wanted = {column: value for column, value in asked.items() if value is not None}
    since_ms = int(since.timestamp() * 1000) if since else None
    root = Path(dir)
    streams = [_search_node(root, name, wanted, since_ms, limit) for name in _nodes(root, node)]
    return list(islice(heapq.merge(*streams, key=lambda entry: entry.record.at, reverse=True), limit))


def counts(
    dir: Path,  # noqa: A002
    *,
    grant: str | None = None,
    since: date | None = None,
    until: date | None = None,
    node: str | None = None,
) -> list[DayCount]:
    """Reads and refusals per grant per day, all nodes summed, ordered by grant and day; days inclusive.

    Records without a grant (anonymous open reads) count under the empty grant. 营口办法 第二十二条.
    """
    sums: dict[tuple[str, str], list[int]] = {}
    sql = 'SELECT "grant", day, reads, refusals, rows, broken, taken FROM days WHERE day >= ? AND day <= ?'
    bounds = [str(since or date.min), str(until or date.max)]
    if grant is not None:
        sql += ' AND "grant" = ?'
        bounds.append(grant)
    root = Path(dir)
    for name in _nodes(root, node):
        with closing(_caught_up(root, name)) as db:
            for of_grant, day, *counted in db.execute(sql, bounds):
                _add(sums, (of_grant, day), counted)
    return [DayCount(of, date.fromisoformat(day), *sums[of, day]) for of, day in sorted(sums)]


def ends_of(
    dir: Path,  # noqa: A002
    receipts: Iterable[str],
    archive: Path | None = None,
) -> dict[str, Entry]:
    """How long answers ended, by the receipt of their beginning: their "delivered" records, in the log or the archive.
    A receipt whose answer is still under way, or was no long one, is left out. Raises JournalDamaged."""
    root, ends = Path(dir), {}
    for receipt in receipts:
        parts = parse_receipt_id(receipt)
        found = _end(root, parts[0], receipt) if parts else None
        found = found or (end_in(archive, receipt) if archive else None)
        if found:
            ends[receipt] = found
    return ends


def _end(root: Path, node: str, receipt: str) -> Entry | None:
    if not list_segments(root / node):
        return None
    sql = f"SELECT {_PLACE} FROM records WHERE begun = ? AND begun != ''"  # noqa: S608 - fixed names
    with closing(_caught_up(root, node)) as db:
        place = db.execute(sql, [receipt]).fetchone()
    if place is None:
        return None
    first, *offsets = place
    return read_at(root, node, first, tuple(offsets))


def _add(sums: dict[tuple[str, str], list[int]], at: tuple[str, str], counted: Sequence[int]) -> None:
    before = sums.setdefault(at, [0] * len(counted))
    for place, number in enumerate(counted):
        before[place] += number


def _nodes(root: Path, node: str | None) -> list[str]:
    names = [node] if node is not None else list_nodes(root)
    return [name for name in names if list_segments(root / name)]


def _search_node(
    root: Path, node: str, wanted: dict[str, str], since_ms: int | None, limit: int
) -> Iterator[Entry]:
    # The names are the fixed ones of `search`; "!= ''" lets SQLite use the partial index.
    conditions = [
        f'"{column}" = ?' + (f""" AND "{column}" != ''""" if value and column != "kind" else "")
        for column, value in wanted.items()
    ]
    values: list[str | int] = list(wanted.values())
    if since_ms is not None:
        conditions.append("at_ms >= ?")
        values.append(since_ms)
    where = " AND ".join(conditions) or "1"
    sql = f"SELECT {_PLACE} FROM records WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - fixed names
    with closing(_caught_up(root, node)) as db:
        places = db.execute(sql, [*values, limit]).fetchall()
    for first, *offsets in places:
        yield read_at(root, node, first, tuple(offsets))


def _caught_up(root: Path, node: str) -> sqlite3.Connection:
    """The node's index, holding all that is in the log at this moment."""
    path = root / node / "index.sqlite"
    try:
        return _open(path, root, node)
    except sqlite3.OperationalError:
        raise  # locked for a minute, or no right to write: building anew would not help
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open(path, root, node)


def _open(path: Path, root: Path, node: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if not _is_current(db, list_segments(root / node)):
            _catch_up(db, root / node)
    except BaseException:
        db.close()
        raise
    return db


def _is_current(db: sqlite3.Connection, segments: list[Segment]) -> bool:
    place = _place(db)
    if place is None:
        return False
    last = segments[-1]
    oldest = db.execute("SELECT segment FROM records ORDER BY seq LIMIT 1").fetchone()
    if oldest and oldest[0] < segments[0].first:
        return False
    return place.first == last.first and place.end == last.size() and place.holds(segments)


class _Place:
    """How far the index has come: the last line it knows, in which segment, and the state of the chain
    there."""

    def __init__(self, first: int, last: int, end: int, seq: int, prev: bytes) -> None:
        self.first, self.last, self.end, self.seq, self.prev = first, last, end, seq, prev

    def holds(self, segments: list[Segment]) -> bool:
        """Is that line still in the log? Not so after a failed write was taken back."""
        segment = next((segment for segment in segments if segment.first == self.first), None)
        if segment is None:
            return False
        with opened(segment, self.seq) as file:
            file.seek(self.last)
            line = parse_line(file.read(self.end - self.last), self.last)
        return line is not None and line.hash == self.prev.hex()


def _place(db: sqlite3.Connection) -> _Place | None:
    if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return None
    row = db.execute('SELECT segment, last, "end", seq, prev FROM place').fetchone()
    return _Place(*row) if row else None


def _catch_up(db: sqlite3.Connection, folder: Path) -> None:
    """Take in what is new, one segment a transaction. Others may be doing the same: each asks anew where it
    is."""
    while True:
        db.execute("BEGIN IMMEDIATE")
        try:
            # Listed under the lock: an older list could lack the segment where the index already stands.
            more = _next_segment(db, list_segments(folder), folder.name)
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        if not more:
            return


def _next_segment(db: sqlite3.Connection, segments: list[Segment], node: str) -> bool:
    """Take in the rest of the segment the index stands in, or the next. False when that was the last."""
    place = _place(db)
    if place is None or not place.holds(segments):
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        start = Ledger(segments[0].path.parent).start()
        place = _Place(start.seq + 1, 0, 0, start.seq, start.prev or ZERO)
    # What has gone into the archive is asked there.
    db.execute("DELETE FROM records WHERE segment < ?", (segments[0].first,))
    walk = Walk(node, seq=place.seq, prev=place.prev, record_hash="")
    for segment in segments:
        if segment.first > place.first:
            _take_in(db, walk, segment, 0)
            return segment is not segments[-1]
        if segment.first == place.first and segment.size() > place.end:
            walk.last = place.last
            _take_in(db, walk, segment, place.end)
            return segment is not segments[-1]
    return False


def _take_in(db: sqlite3.Connection, walk: Walk, segment: Segment, begin: int) -> None:
    lines = walk.lines(segment, raise_damage(segment, torn_is_damage=False), begin)
    while taken := list(islice(((line, walk.before) for line in lines), _AT_ONCE)):
        days: dict[tuple[str, str], list[int]] = {}
        db.executemany(
            "INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [_row(segment, line, before, days) for line, before in taken],
        )
        db.executemany(
            "INSERT INTO days VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET reads = reads + excluded.reads,"
            " refusals = refusals + excluded.refusals, rows = rows + excluded.rows,"
            " broken = broken + excluded.broken, taken = taken + excluded.taken",
            [(*at, *sums) for at, sums in days.items()],
        )
    db.execute("DELETE FROM place")
    db.execute(
        "INSERT INTO place VALUES (?,?,?,?,?)", (segment.first, walk.last, walk.end, walk.seq, walk.prev)
    )


def _row(
    segment: Segment, line: Line, before: int, days: dict[tuple[str, str], list[int]]
) -> tuple[int | str, ...]:
    facts = _facts.decode(line.payload)
    counted = _counted(facts)
    if counted:
        _add(days, (facts.grant, facts.at[:10]), counted)
    at_ms = int(datetime.fromisoformat(facts.at).timestamp() * 1000)
    place = (line.seq, segment.first, before, line.offset, line.end, at_ms)
    begun = str(facts.extra.begun) if facts.kind == "delivered" else ""
    return (*place, facts.kind, facts.grant, facts.key, facts.resource, facts.case, begun)


def _counted(facts: _Facts) -> tuple[int, ...]:
    """Reads, refusals, rows, broken deliveries and reads taken from a quota; nothing for other records."""
    if facts.kind == "read":
        keys = facts.extra.keys
        return 1, 0, facts.rows, 0, max(1, len(keys)) if isinstance(keys, list) else 1
    if facts.kind == "refusal":
        return 0, 1, 0, 0, 0
    if facts.kind == "delivered":
        return 0, 0, facts.rows, int(facts.extra.complete is not True), 0
    return ()
