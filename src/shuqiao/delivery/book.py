"""Compiling the grant book from the database, and having it written after every change.

The revision is a row of the database, raised in the transaction of each change; the file carries the revision it
was compiled from, and `gateway.book.write_book` lets no older one replace a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F, Q, QuerySet

from shuqiao.catalog import queries as catalog
from shuqiao.delivery import secrets
from shuqiao.delivery.models import ApplicationKey, BookState, Grant, GrantKey
from shuqiao.delivery.types import GrantState
from shuqiao.gateway import book as pages
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import E
from shuqiao.resources import queries as resources
from shuqiao.resources.types import FileFacts, ResourceFacts

# What is over stays in the book for a while, so that a system that still calls is told why it is refused.
REMEMBERED = timedelta(days=90)
CHUNK = 500
# Events of the apps below that change what the book says of a resource.
WATCHED = (
    E.RESOURCE_MOUNTED,
    E.VERSION_CONFIRMED,
    E.VERSION_BUILT,
    E.VERSION_PUBLISHED,
    E.ENTRY_PUBLISHED,
    E.ENTRY_WITHDRAWN,
    E.OPENING_REVIEWED,
    E.OPENING_STOPPED,
)


_STATES: dict[GrantState, Literal["active", "suspended", "ended"]] = {
    GrantState.ACTIVE: "active",
    GrantState.SUSPENDED: "suspended",
    GrantState.ENDED: "ended",
    GrantState.EXPIRED: "ended",
}


def path() -> Path:
    """Where the gateway looks for the book."""
    return pages.book_path(secrets.home())


def changed() -> None:
    """Part of the caller's transaction: the book needs a new revision. It is written after the commit."""
    BookState.objects.get_or_create(id=1)
    BookState.objects.filter(id=1).update(revision=F("revision") + 1)
    transaction.on_commit(_write_after_commit, robust=True)


def _write_after_commit() -> None:
    """Write at once, so that a suspension is effective within the second; what fails here the worker repeats."""
    write_book()


def write_book(at: datetime | None = None) -> int:
    """Compile the book as the database stands and put it in place. Returns its revision.

    A writer that comes late finds a newer book and leaves it. Raises BookError when a row cannot be served.
    """
    moment = at or now()
    with transaction.atomic():
        BookState.objects.get_or_create(id=1)
        state = BookState.objects.select_for_update().get(id=1)
        compiled = compile_book(state.revision, moment)
    try:
        pages.write_book(path(), compiled)
    except pages.StaleBook:
        return pages.read_book(path()).revision
    return compiled.revision


_seen: dict[Path, tuple[tuple[int, int, int], int]] = {}


def revision_in_place() -> int:
    """The revision of the file; -1 when there is none or it cannot be read. The file is read only when it changed."""
    place = path()
    try:
        stat = place.stat()
    except FileNotFoundError:
        return -1
    mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    if place in _seen and _seen[place][0] == mark:
        return _seen[place][1]
    try:
        revision = pages.read_book(place).revision
    except (FileNotFoundError, pages.BookError):
        return -1
    _seen[place] = (mark, revision)
    return revision


def refresh_if_resources_changed() -> bool:
    """Raise the revision when resources or entries moved since the book was last compiled. One cheap query."""
    mark = procedures.event_mark(WATCHED)
    if BookState.objects.filter(id=1, fingerprint=mark).exists():
        return False
    BookState.objects.get_or_create(id=1)
    moved = BookState.objects.filter(id=1).exclude(fingerprint=mark)
    return bool(moved.update(fingerprint=mark, revision=F("revision") + 1))


def compile_book(revision: int, at: datetime) -> pages.Book:
    """The book as the database stands: keys, grants that are live or were until lately, published resources."""
    return pages.Book(
        revision=revision,
        written_at=at.isoformat(timespec="milliseconds"),
        keys={key.id: _key_row(key) for key in ApplicationKey.objects.filter(_recent("revoked_at", at))},
        grants=_grant_rows(at),
        resources=_resource_rows(resources.list_published()),
    )


def _recent(column: str, at: datetime) -> Q:
    return Q(**{column: None}) | Q(**{f"{column}__gt": at - REMEMBERED})


def _key_row(key: ApplicationKey) -> pages.KeyRow:
    return pages.KeyRow(
        id=key.id,
        department=str(key.holder_id),
        system=key.system,
        secret_sha256=key.secret_sha256,
        sealed_secret=bytes(key.sealed_secret),
        state="active" if key.state == "active" else "revoked",
        not_after=key.not_after,
    )


# What a grant gives changes seldom, and then its count of changes does, so its row is made once per change and
# process; only what is not active (state, reason) and the keys are read anew. Thousands take tens of milliseconds.
_issued: dict[UUID, tuple[int, pages.GrantRow]] = {}


def _grant_rows(at: datetime) -> list[pages.GrantRow]:
    keys: dict[UUID, list[str]] = {}
    for grant_id, key_id in GrantKey.objects.order_by("id").values_list("grant_id", "key_id"):
        keys.setdefault(grant_id, []).append(key_id)
    listed = Grant.objects.filter(_recent("stopped_at", at) | Q(state=GrantState.SUSPENDED)).order_by("id")
    states = {one: (state, changes) for one, state, changes in listed.values_list("id", "state", "changes")}
    for gone in _issued.keys() - states.keys():
        del _issued[gone]
    unknown = [one for one, now_is in states.items() if not _is_known(one, *now_is)]
    rows = {}
    for grant in _load(listed, unknown, len(states)):
        rows[grant.id] = _grant_row(grant)
        if grant.state == GrantState.ACTIVE:
            _issued[grant.id] = (grant.changes, rows[grant.id])
    found = (rows.get(grant_id) or _issued[grant_id][1] for grant_id in states)
    return [
        msgspec.structs.replace(row, keys=keys[grant_id]) if grant_id in keys else row
        for grant_id, row in zip(states, found, strict=True)
    ]


def _is_known(grant_id: UUID, state: str, changes: int) -> bool:
    return state == GrantState.ACTIVE and grant_id in _issued and _issued[grant_id][0] == changes


def _load(listed: QuerySet[Grant], wanted: list[UUID], total: int) -> Iterable[Grant]:
    """The wanted grants; all of them in one go when most are wanted."""
    if len(wanted) * 2 > total:
        yield from listed.filter(id__in=wanted) if len(wanted) <= CHUNK else listed.iterator()
        return
    for start in range(0, len(wanted), CHUNK):
        yield from listed.filter(id__in=wanted[start : start + CHUNK])


def _grant_row(grant: Grant) -> pages.GrantRow:
    expired = grant.state == GrantState.EXPIRED
    state = _STATES[GrantState(grant.state)]
    return pages.GrantRow(
        id=str(grant.id),
        case=grant.case_number or grant.number,
        resource=str(grant.resource_id),
        grantee=str(grant.holder_id),
        keys=[],
        columns=[pages.ColumnRow(column["name"], column["mask"]) for column in grant.columns],
        where=list(grant.where),
        purpose=grant.purpose,
        legal_basis=grant.legal_basis,
        modes=list(grant.modes),
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        state=state,
        state_reason="授权已到期" if expired else grant.state_reason,
        state_basis=list(grant.state_basis),
        daily_quota=grant.daily_quota,
        rate_per_minute=grant.rate_per_minute,
        hash_key=bytes(grant.hash_key),
        basis=list(grant.basis["basis"]),
    )


def _resource_rows(tables: Sequence[ResourceFacts]) -> dict[str, pages.ResourceRow]:
    entries = catalog.facts_of_many({table.entry_id for table in tables})
    basis = _bases({table.division for table in tables})
    rows = {}
    for table in tables:
        entry = entries.get(table.entry_id)
        rows[str(table.id)] = pages.ResourceRow(
            id=str(table.id),
            entry=str(table.entry_id),
            name=table.name,
            version=table.store_version,
            lookup_keys=[list(key) for key in table.lookup_keys],
            open_columns=list(table.open_columns) if table.open_columns else None,
            open_masks=table.open_masks,
            provider=entry.department_name if entry else str(table.department_id),
            basis=basis[table.division],
            kind="file" if table.file else "table",
            file=_file_row(table.file) if table.file else None,
        )
    return rows


def _file_row(file: FileFacts) -> pages.FileRow:
    return pages.FileRow(file.filename, file.media_type, file.size, file.sha256)


def _bases(divisions: Iterable[str]) -> dict[str, list[str]]:
    """For each division the articles on which reads there rest: scope, purpose and the record of use."""
    day = now().date()
    found = {}
    for division in divisions:
        regime = organizations.regime_of(division, day)
        stated = [regime.rule(rule) for rule in ("sharing.scope.not_wider", "evidence.use_log")]
        found[division] = [str(article) for rule in stated if rule for article in rule.basis]
    return found
