"""What the evidence says of a grant: reads by day, the last reads, one receipt. Called through `queries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from shuqiao import journal
from shuqiao.delivery import secrets
from shuqiao.delivery.models import Grant
from shuqiao.kernel import Article
from shuqiao.organizations import queries as organizations

DAYS = 30
LATEST = 5
WIDTH, HEIGHT = 600, 96


@dataclass(frozen=True, slots=True)
class DayUse:
    """One day of a grant. `x`, `height` and `refused_height` place its bar in a box of 600 by 96."""

    day: date
    reads: int
    refusals: int
    x: float
    width: float
    height: float
    refused_height: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a long answer ended: rows and bytes sent, SM3 of the whole, and why it was broken off (empty: whole)."""

    at: str
    rows: int
    bytes: int
    answer: str
    reason: str

    @property
    def in_words(self) -> str:
        """Whole, or why not."""
        return f"中断：{self.reason}" if self.reason else "全部交付"


@dataclass(frozen=True, slots=True)
class Latest:
    """One of the newest records of a grant. `rows` None: of a delivery that has no end yet."""

    receipt: str
    at: str
    text: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Thirty days of a grant, today included. `rows`: those of answers and of what exports delivered; `broken`:
    deliveries that did not arrive whole; `today`: reads as the quota counts them; `latest`: newest first."""

    days: tuple[DayUse, ...]
    reads: int
    refusals: int
    rows: int
    broken: int
    today: int
    latest: tuple[Latest, ...]

    @property
    def in_words(self) -> str:
        """The chart for a screen reader."""
        if not self.reads and not self.refusals:
            return f"近 {DAYS} 日没有读取"
        if not self.reads:
            return f"近 {DAYS} 日没有成功的读取，{self.refusals:,} 次被拒绝"
        most = max(self.days, key=lambda one: one.reads)
        return (
            f"近 {DAYS} 日共 {self.reads:,} 次读取、{self.refusals:,} 次拒绝，"
            f"读取最多的一天是 {most.day.month} 月 {most.day.day} 日，{most.reads:,} 次"
        )


def folder() -> Path:
    """Where the gateways keep their evidence."""
    return secrets.home() / "journal"


def usage_of(grant: Grant, on: date) -> Usage:
    """How a grant was used in the thirty days up to `on` (Yingkou 16, 22; Decree 29)."""
    since = on - timedelta(days=DAYS - 1)
    if not folder().is_dir():
        return _usage({}, since, on, ())
    counted = {one.day: one for one in journal.counts(folder(), grant=str(grant.id), since=since, until=on)}
    return _usage(counted, since, on, _latest(grant) if counted else ())


@dataclass(frozen=True, slots=True)
class Sum:
    """What a grant gave between two days: answered reads, their rows, refusals."""

    reads: int
    rows: int
    refusals: int


def use_between(grant: Grant, since: date, until: date) -> Sum:
    """How a grant was used from one day to another, both counted, however far they are apart (Yingkou 22, 33)."""
    found: list[journal.DayCount] = []
    if folder().is_dir():
        found = journal.counts(folder(), grant=str(grant.id), since=since, until=until)
    return Sum(
        reads=sum(one.reads for one in found),
        rows=sum(one.rows for one in found),
        refusals=sum(one.refusals for one in found),
    )


def archive() -> Path | None:
    """Where evidence lies that has left the log; None while there is none."""
    place = secrets.home() / "journal-archive"
    return place if place.is_dir() else None


def _latest(grant: Grant) -> tuple[Latest, ...]:
    """The newest reads and refusals, long answers with their end."""
    found = [
        entry
        for kind in ("read", "refusal")
        for entry in journal.search(folder(), grant=str(grant.id), kind=kind, limit=LATEST)
    ]
    found = sorted(found, key=lambda entry: entry.record.at, reverse=True)[:LATEST]
    begun = [entry.receipt.id for entry in found if _is_begun(entry.record)]
    ends = {receipt: _ended(end) for receipt, end in journal.ends_of(folder(), begun).items()}
    return tuple(_line(entry, ends.get(entry.receipt.id)) for entry in found)


def _line(entry: journal.Entry, end: Ended | None) -> Latest:
    record, receipt, rows = entry.record, entry.receipt.id, entry.record.rows
    if record.kind == "refusal":
        return Latest(receipt, record.at, f"拒绝：{(record.decision or {}).get('reason', '')}", rows)
    if not _is_begun(record):
        return Latest(receipt, record.at, "读取", rows)
    return Latest(
        receipt, record.at, f"导出，{end.in_words if end else '尚未结束'}", end.rows if end else None
    )


def _is_begun(record: journal.Record) -> bool:
    """Is this the beginning of a long answer, whose end is a record of its own?"""
    return record.kind == "read" and record.extra.get("phase") == "begun"


def _ended(entry: journal.Entry) -> Ended:
    record = entry.record
    whole = record.extra.get("complete") is True
    reason = "" if whole else str(record.extra.get("reason") or "没有说明")
    return Ended(record.at, record.rows, int(record.extra.get("bytes", 0)), record.answer, reason)


def _usage(counted: dict[date, journal.DayCount], since: date, on: date, latest: tuple[Latest, ...]) -> Usage:
    most = max((one.reads + one.refusals for one in counted.values()), default=0) or 1
    step = WIDTH / DAYS
    days = []
    for place in range(DAYS):
        day = since + timedelta(days=place)
        one = counted.get(day)
        reads, refusals = (one.reads, one.refusals) if one else (0, 0)
        days.append(
            DayUse(
                day=day,
                reads=reads,
                refusals=refusals,
                x=round(place * step + 2, 1),
                width=round(step - 4, 1),
                height=round(reads / most * HEIGHT, 1),
                refused_height=round(refusals / most * HEIGHT, 1),
            )
        )
    return Usage(
        days=tuple(days),
        reads=sum(one.reads for one in counted.values()),
        refusals=sum(one.refusals for one in counted.values()),
        rows=sum(one.rows for one in counted.values()),
        broken=sum(one.broken for one in counted.values()),
        today=counted[on].taken if on in counted else 0,
        latest=latest,
    )


@dataclass(frozen=True, slots=True)
class Attested:
    """What a receipt attests to anybody who holds its id: no query, no value, no person, no key. `rows` and `answer`
    of a long answer are those of its end; `rows` None: no read, or one that has not ended. `begun`: the receipt of the
    beginning, when this is an end."""

    id: str
    at: str
    kind: str
    sequence: int
    chain_hash: str
    rows: int | None
    columns: int | None
    answer: str
    sealed: journal.Statement | None
    seal_due: datetime
    version: str
    grant_number: str
    title: str
    provider: str
    grantee: str
    paper_equal: tuple[Article, ...]
    is_delivery: bool = False
    ended: Ended | None = None
    begun: str = ""


KINDS = {
    "read": "数据读取",
    "delivered": "数据交付的结束",
    "refusal": "拒绝读取",
    "event": "办理事项",
    "journal": "存证记录",
}


def find_receipt(receipt_id: str) -> Attested | None:
    """The record of a receipt id, its link to the chain checked; None when there is none (Yingkou 24).

    Raises JournalDamaged when the log does not hold at that place.
    """
    entry = journal.find_entry(folder(), receipt_id.strip().lower(), archive())
    if entry is None:
        return None
    record, receipt = entry.record, entry.receipt
    grant = _grant(record.grant)
    end = _end_of(entry)
    told = record.kind in ("read", "delivered") and not (_is_begun(record) and end is None)
    seal = journal.seal_of(folder(), receipt.node, receipt.seq, archive())
    return Attested(
        id=receipt.id,
        at=receipt.at,
        kind=KINDS.get(record.kind, record.kind),
        sequence=receipt.seq,
        chain_hash=receipt.hash,
        rows=(end or record).rows if told else None,
        columns=len(record.columns) if record.kind in ("read", "delivered") else None,
        answer=(end or record).answer,
        sealed=seal.statement if seal else None,
        seal_due=_seal_due(receipt),
        version=record.version,
        grant_number=grant.number if grant else "",
        title=grant.title if grant else "",
        provider=grant.provider.name if grant else "",
        grantee=grant.holder_public_name if grant else "",
        paper_equal=_paper_equal(grant, date.fromisoformat(receipt.at[:10])),
        is_delivery=_is_begun(record),
        ended=end,
        begun=str(record.extra.get("begun", "")) if record.kind == "delivered" else "",
    )


def _end_of(entry: journal.Entry) -> Ended | None:
    """How a long answer ended, from the receipt of its beginning or of its end."""
    if entry.record.kind == "delivered":
        return _ended(entry)
    if not _is_begun(entry.record):
        return None
    end = journal.ends_of(folder(), [entry.receipt.id], archive()).get(entry.receipt.id)
    return _ended(end) if end else None


def _seal_due(receipt: journal.Receipt) -> datetime:
    """When the next seal of a receipt's node is due: so long after the last one as is set, or after the record."""
    last = journal.SealBook(folder() / receipt.node).last()
    after = max(receipt.at, last.statement.at) if last else receipt.at
    return datetime.fromisoformat(after) + timedelta(minutes=settings.JOURNAL_SEAL_MINUTES)


def proof_of(receipt_id: str) -> journal.Proof | None:
    """The proof of a receipt, without the record; None when there is no such record (Yingkou 24).

    Raises NotSealed, JournalDamaged.
    """
    return journal.prove(folder(), receipt_id.strip().lower(), archive=archive())


def seal_keys() -> dict[str, journal.PublicKey]:
    """The public keys under which the evidence is sealed, by id."""
    return journal.public_keys(folder())


def _paper_equal(grant: Grant | None, on: date) -> tuple[Article, ...]:
    """Articles by which what was delivered on the day equals paper, in the provider's regime."""
    if grant is None:
        return ()
    rule = organizations.regime_of(grant.provider.division_id, on).rule("evidence.paper_equal")
    return rule.basis if rule else ()


def _grant(grant_id: str) -> Grant | None:
    """The grant that a record names; none for anonymous reads and for ids that are none."""
    from uuid import UUID

    try:
        wanted = UUID(grant_id)
    except ValueError:
        return None
    return Grant.objects.select_related("provider", "grantee", "party").filter(id=wanted).first()
