"""What the platform does by itself: see that a published version carries what was promised, end the case, and tell
everybody who read the wrong value since it appeared (Yingkou 23, Decree 26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import queries as delivery
from shuqiao.delivery.queries import Reader, RowKey
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import CHINA, day_of
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.resources import queries as resources
from shuqiao.sharing.models import ReaderTold, Verification
from shuqiao.sharing.verification import queries, rows, rules, steps
from shuqiao.sharing.verification.types import VerificationStatus
from shuqiao.store import NotInScope

BATCH = 50
SETTLES = timedelta(seconds=5)
"""Until every gateway reads a version that was published."""
NAMED = 3
"""Records that a notice names; all of them are on the page."""


def notice_corrections(now: datetime) -> int:
    """Compare every newly published version with what was promised. Returns how many verifications were looked at.

    Safe to run in many workers: a case is ended under its row's lock, once. Raises JournalDamaged.
    """
    waiting = (
        Verification.objects.filter(
            status=VerificationStatus.ACCEPTED, resource__current_version__isnull=False
        )
        .exclude(version=F("resource__current_version"))
        .exclude(checked_version=F("resource__current_version"))
        .order_by("answered_on")
        .values_list("id", flat=True)[:BATCH]
    )
    return sum(check_correction(verification_id, now) for verification_id in list(waiting))


def check_correction(verification_id: UUID, now: datetime) -> int:
    """Look at one accepted verification: corrected by the published version, or not yet. Returns 1 when looked at."""
    verification = Verification.objects.for_page().get(id=verification_id)
    versions = queries.kept_versions(verification.resource_id)
    if verification.status != VerificationStatus.ACCEPTED or not versions:
        return 0
    current = versions[0]
    fields = queries.as_fields(verification, queries.fields_of(verification))
    base = next((one for one in versions if one.id == verification.version_id), None)
    missing = [field for field in fields if not _is_carried(field, base, current)]
    if missing:
        return _note_missing(verification_id, current, missing)
    tellings = _tellings(verification, fields, base or current, current, now)
    return _complete(verification_id, current, tellings, now)


def _is_carried(field: rows.Field, base: Any, current: Any) -> bool:
    """Whether the published version carries the correction of a field. A column it no longer has carries none."""
    try:
        return _holds(field, base, current)
    except (InvalidInput, NotInScope):
        return False


def _holds(field: rows.Field, base: Any, current: Any) -> bool:
    wrong: frozenset[str] = frozenset()
    with resources.shelf().open(current.store_version) as version:
        if base is None:
            return not rows.wrong_in(version, field)
        if base.id != current.id:
            with resources.shelf().open(base.store_version) as before:
                wrong = rows.wrong_in(before, field)
        return rows.is_right_in(version, field, wrong)


@transaction.atomic
def _note_missing(verification_id: UUID, current: Any, missing: Sequence[rows.Field]) -> int:
    """The published version does not carry the correction: the provider hears of it, once for each version."""
    verification = Verification.objects.select_for_update(of=("self",)).get(id=verification_id)
    if verification.status != VerificationStatus.ACCEPTED or verification.checked_version_id == current.id:
        return 0
    verification.checked_version_id = current.id
    verification.save()
    names = "、".join(dict.fromkeys(field.column for field in missing))
    procedures.notify(
        case=verification.case_ref(),
        department_id=verification.provider_id,
        text=f"第 {current.number} 版没有更正所承诺的字段：{names}。请再发布新版本，或者更改更正内容",
    )
    return 1


@dataclass(frozen=True, slots=True)
class Telling:
    """What one holder of a grant is to be told."""

    reader: Reader
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Tellings:
    """All of them; and reads that were nobody's grant, whom nobody can tell."""

    readers: tuple[Telling, ...]
    without_grant: int


def _tellings(
    verification: Verification, fields: Sequence[rows.Field], base: Any, current: Any, now: datetime
) -> Tellings:
    """Who read which of the records since the wrong value appeared, until the correction was in place."""
    since = _wrong_since(verification)
    until = min(now, _published_at(current) + SETTLES)
    first = resources.published_table(verification.resource_id).lookup_keys[:1]
    by_key: dict[tuple[str, ...], list[rows.Field]] = {}
    for field in fields:
        by_key.setdefault(field.key, []).append(field)
    found: dict[UUID, tuple[Reader, list[rows.Field]]] = {}
    without = 0
    for key, of_key in by_key.items():
        row = RowKey(key, tuple(verification.key_columns), first[0] if first else ())
        readers = delivery.readers_of_row(verification.resource_id, row, since=since, until=until)
        without = max(without, readers.without_grant)
        for reader in readers.grants:
            before, seen = found.get(reader.grant.id, (reader, []))
            found[reader.grant.id] = (_joined(before, reader), [*seen, *of_key])
    tellings = [
        Telling(reader, lines)
        for reader, seen in found.values()
        if (lines := rows.as_seen_by(reader.grant, base.store_version, seen))
    ]
    return Tellings(tuple(tellings), without)


def _joined(one: Reader, other: Reader) -> Reader:
    """Reads of two rows under one grant: what may have contained one may have contained the other, so the larger."""
    if one is other:
        return one
    return Reader(
        one.grant,
        one.named or other.named,
        max(one.reads, other.reads),
        max(one.rows, other.rows),
        max(one.last_at, other.last_at),
    )


def _wrong_since(verification: Verification) -> datetime:
    versions = [one.wrong_since for one in queries.fields_of(verification) if one.wrong_since]
    return min(_published_at(version) for version in versions)


def _published_at(version: Any) -> datetime:
    """The moment of publication, from its event row; the beginning of its day where there is none."""
    at = (
        Event.objects.filter(type=E.VERSION_PUBLISHED, case_id=version.id)
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
    return at or datetime.combine(version.published_on, datetime.min.time(), tzinfo=CHINA)


@transaction.atomic
def _complete(verification_id: UUID, current: Any, tellings: Tellings, now: datetime) -> int:
    """The case ends as corrected by the version, and who read the wrong value is told in the same transaction."""
    verification = (
        Verification.objects.select_for_update(of=("self",))
        .select_related("provider", "asker", "resource")
        .get(id=verification_id)
    )
    if verification.status != VerificationStatus.ACCEPTED:
        return 0
    on = day_of(now)
    regime = queries.regime_for(verification, on)
    verification.move_to(VerificationStatus.CORRECTED)
    verification.corrected_version_id, verification.corrected_on = current.id, on
    verification.save()
    steps.close(verification, on)
    case = verification.case_ref()
    for department_id in (verification.asker_id, verification.provider_id):
        text = f"已由第 {current.number} 版更正：{verification.title}，{verification.number}"
        procedures.notify(case=case, department_id=department_id, text=text)
    events.record(
        E.VERIFICATION_CORRECTED, actor=PLATFORM, case=case, department_id=verification.provider_id, on=on,
        data={"version": current.store_version, "number": current.number, "articles": [
            str(article) for article in rules.basis_of(regime, rules.ANSWER)
        ]},
    )  # fmt: skip
    for telling in tellings.readers:
        _tell(verification, telling, now)
    events.record(
        E.READERS_TOLD, actor=PLATFORM, case=case, department_id=verification.provider_id, on=on,
        data={"readers": [_as_json(one) for one in tellings.readers], "without_grant": tellings.without_grant},
    )  # fmt: skip
    return 1


def _as_json(telling: Telling) -> dict[str, Any]:
    """Whom the event names: grant and holder, how often it read, which fields; no key and no value."""
    grant = telling.reader.grant
    return {
        "grant": grant.number,
        "holder": grant.holder_name,
        "named": telling.reader.named,
        "reads": telling.reader.reads,
        "records": len(telling.lines),
        "fields": sorted({name for line in telling.lines for name in line["fields"]}),
    }


def _tell(verification: Verification, telling: Telling, now: datetime) -> None:
    reader, grant = telling.reader, telling.reader.grant
    ReaderTold.objects.create(
        verification=verification,
        grant_id=grant.id,
        named=reader.named,
        reads=reader.reads,
        last_at=reader.last_at,
        lines=telling.lines,
        told_at=now,
    )
    if grant.grantee_id is None:
        return  # somebody outside government sees it on the page of the grant
    url = reverse("sharing:verification-told", args=[grant.id])
    case = CaseRef(CaseKind.GRANT, grant.id, grant.number, grant.title, url)
    named = "；".join(f"{one['key']}的{'、'.join(one['fields'])}" for one in telling.lines[:NAMED])
    more = f"等 {len(telling.lines)} 条" if len(telling.lines) > NAMED else ""
    verb = "读过" if reader.named else "可能读过"
    procedures.notify(
        case=case,
        department_id=grant.grantee_id,
        text=f"您{verb}的数据已更正：{verification.title}，{named}{more}。请改用新版本的值",
    )
