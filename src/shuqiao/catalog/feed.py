"""The numbered changes of published entries, as somebody may see them: what other levels follow (Yingkou 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries
from shuqiao.catalog.models import ChangeCounter, Entry, EntryChange
from shuqiao.catalog.types import Change
from shuqiao.kernel import InvalidInput

SHOWN = (Change.INSERTED, Change.UPDATED, Change.DELETED)


@dataclass(frozen=True, slots=True)
class Said:
    """One change. `content` is the entry as it stands now: null when it left the catalogue, by this change or since."""

    number: int
    change: str
    entry: UUID
    code: str
    division: str
    at: datetime
    content: dict[str, Any] | None
    merged_into: UUID | None


@dataclass(frozen=True, slots=True)
class Part:
    """Changes in the order of their numbers; `last` is where the next part begins."""

    changes: tuple[Said, ...] = field(default=())
    last: int = 0
    more: bool = False


def read(actor: Actor, *, since: int, limit: int, division: str = "", public: bool = False) -> Part:
    """What happened to published entries after the number `since`, at most `limit` changes. Six queries.

    A number is committed before any higher one (`services.changes`), so everything up to the counter as it stands now
    can be read; what is being written meanwhile comes with the next part. `public`: entries as the open platform
    shows them. What everybody could see and what left the catalogue is told to everybody: entries out of the actor's
    sight (`visible_to`) come without content. Raises InvalidInput for a number that was never given: whoever went on
    from it would miss what comes before it, and perhaps has read of a database set back since.
    """
    top = ChangeCounter.objects.values_list("last", flat=True).first() or 0
    if since > top:
        what = f"还没有编到这个号，最新的是 {top}；如果您确实读到过它，本平台的数据曾回退，请从 0 重新取"
        raise InvalidInput.one("since", what)
    rows = EntryChange.objects.filter(seq__gt=since, seq__lte=top, kind__in=SHOWN)
    if division:
        rows = rows.filter(division_id=division)
    found = list(rows.order_by("seq")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    contents = _contents(actor, {row.entry_id for row in found if row.kind != Change.DELETED}, public)
    entries = Entry.objects.in_bulk([row.entry_id for row in found])
    said = tuple(_said(row, entries.get(row.entry_id), contents) for row in found)
    return Part(said, found[-1].seq if more else top, more)


def _said(row: EntryChange, entry: Entry | None, contents: dict[UUID, dict[str, Any]]) -> Said:
    gone = row.kind == Change.DELETED
    return Said(
        number=row.seq,
        change=row.kind,
        entry=row.entry_id,
        code=(entry.code if entry else "") or "",
        division=row.division_id,
        at=row.at,
        content=None if gone else contents.get(row.entry_id),
        merged_into=entry.merged_into_id if gone and entry else None,
    )


def _contents(actor: Actor, entry_ids: Iterable[UUID], public: bool) -> dict[UUID, dict[str, Any]]:
    seen = Entry.objects.all().visible_to(actor).published().filter(pk__in=entry_ids)
    facts = queries.facts_of_many(list(seen.values_list("pk", flat=True)))
    return {key: asdict(queries.public_face(one) if public else one) for key, one in facts.items()}
