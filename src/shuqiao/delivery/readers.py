"""Who read a row in a stretch of time: those who have to be told when it was wrong. Asked of the evidence by steps of
the platform, not by a person, so that no question is recorded; called through `queries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shuqiao import journal, store
from shuqiao.delivery import secrets, usage
from shuqiao.delivery.models import Grant
from shuqiao.gateway.sealing import grant_context, unseal
from shuqiao.kernel.time import CHINA


@dataclass(frozen=True, slots=True)
class Reader:
    """A grant under which the row was read. `named`: a read named its key; otherwise it may have been among the rows
    of a page or a file. `rows`: of all these reads together, `last_at` of the newest."""

    grant: Grant
    named: bool
    reads: int
    rows: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Readers:
    """All of them, and how many reads were nobody's grant: of open columns, or of a grant that is not in the book."""

    grants: tuple[Reader, ...]
    without_grant: int


@dataclass(frozen=True, slots=True)
class RowKey:
    """A row by its key: the values, the columns they stand in, and the first declared key of the resource."""

    values: tuple[str, ...]
    by: tuple[str, ...]
    first: tuple[str, ...]


def readers_of_row(resource_id: UUID, row: RowKey, *, since: datetime, until: datetime) -> Readers:
    """Who read the row of this key between two moments, or may have (Yingkou 23; Decree 26).

    Where a record names a key, only those of this row count; any other read counts as one that may have contained it.
    Raises JournalDamaged.
    """
    return _gathered(_accesses(resource_id, row, since, until))


def readers_of(resource_id: UUID, *, since: datetime, until: datetime) -> Readers:
    """Who read anything of a resource between two moments. Raises JournalDamaged."""
    everything = RowKey((), (), ())
    return _gathered(_accesses(resource_id, everything, since, until))


def _accesses(resource_id: UUID, row: RowKey, since: datetime, until: datetime) -> Iterator[journal.Access]:
    first, last = since.astimezone(CHINA), until.astimezone(CHINA)
    for year in range(first.year, last.year + 1):
        asked = journal.Question(str(resource_id), row.values, year, row.by, row.first)
        for found in journal.search_from(usage.folder(), asked, archive=usage.archive()):
            if not isinstance(found, journal.Access) or found.how is journal.How.ASKED:
                continue
            if first <= _moment(found) <= last:
                yield found


def _moment(found: journal.Access) -> datetime:
    at = datetime.fromisoformat(found.at)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _gathered(found: Iterable[journal.Access]) -> Readers:
    by_grant: dict[str, list[journal.Access]] = {}
    for one in found:
        by_grant.setdefault(one.grant, []).append(one)
    grants = _grants(by_grant)
    readers = tuple(
        Reader(
            grant=grants[grant_id],
            named=any(one.how is journal.How.READ for one in reads),
            reads=len(reads),
            rows=sum(one.rows for one in reads),
            last_at=max(_moment(one) for one in reads),
        )
        for grant_id, reads in by_grant.items()
        if grant_id in grants
    )
    unknown = sum(len(reads) for grant_id, reads in by_grant.items() if grant_id not in grants)
    return Readers(tuple(sorted(readers, key=lambda one: one.grant.number)), unknown)


def _grants(ids: Collection[str]) -> dict[str, Grant]:
    wanted = []
    for one in ids:
        try:
            wanted.append(UUID(one))
        except ValueError:
            continue  # the mark of an anonymous read
    return {str(grant.id): grant for grant in Grant.objects.for_page().filter(id__in=wanted)}


def scope_of(grant: Grant) -> store.Scope:
    """What a grant shows, as the store takes it and as the gateway holds it. Raises SealError, InvalidInput."""
    sealed = bytes(grant.hash_key)
    key = unseal(secrets.master_key(), sealed, context=grant_context(str(grant.id))) if sealed else b""
    columns = tuple(store.ColumnScope(one["name"], store.Mask(one["mask"])) for one in grant.columns)
    return store.Scope(columns, store.Condition.from_json(list(grant.where)), key)
