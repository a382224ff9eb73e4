"""Who read this record? Asked of the evidence by those who may, a stretch at a time; the question is an event too."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

import msgspec
from django.core import signing
from django.db import transaction

from shuqiao import journal
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import secrets, usage
from shuqiao.delivery.models import ApplicationKey, Grant
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.resources import queries as resources
from shuqiao.resources.types import KeptTable

SALT = "delivery.who"
LASTS = 900
"""Seconds within which a search may be gone on with."""
WITHIN = 0.7
"""Seconds that one request searches."""
MOST_MAY = 100
"""Reads that may have contained the row are counted; so many are listed."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question that has been recorded, and how far its search has come. `told`: counts by `How`."""

    question: journal.Question
    person: str
    place: journal.Place
    told: dict[str, int]

    def token(self) -> str:
        """The form in which the page carries it: signed, so that nothing is asked that was not recorded."""
        return signing.dumps([asdict(self.question), self.person, asdict(self.place), self.told], salt=SALT)

    @property
    def percent(self) -> int:
        """How far, of all records."""
        return min(99, self.place.done * 100 // self.place.total) if self.place.total else 0


@dataclass(frozen=True, slots=True)
class Found:
    """One read in the words of the page."""

    access: journal.Access
    what: str
    grantee: str
    grant: Grant | None
    system: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one request found, and the search to go on with; None when all has been searched."""

    lines: tuple[Found, ...]
    search: Search
    is_over: bool


def tables_for(actor: Actor) -> list[KeptTable]:
    """Tables of whose evidence the actor may ask: those of the own department, or of the divisions overseen."""
    actor.demand(P.JOURNAL_READ)
    return resources.list_kept_tables(actor, P.JOURNAL_READ)


@transaction.atomic
def ask_who_read(
    *, actor: Actor, resource_id: UUID, key: int, values: Iterable[str], year: int, reason: str, on: date
) -> Search:
    """Ask who read the row with these values of the resource's key number `key` in a year (Yingkou 22; Decree 29).

    Who asked, about which table and why is recorded; of the row only a keyed digest. Raises NotFound where the actor
    may not ask of that table, InvalidInput.
    """
    table = resources.get_kept_table(actor, resource_id, P.JOURNAL_READ)
    values = tuple(value.strip() for value in values)
    if not 0 <= key < len(table.lookup_keys):
        raise InvalidInput.one("键", "这份数据没有这个查询键")
    by = table.lookup_keys[key]
    problems = []
    if len(values) != len(by) or not all(values):
        problems.append(Problem("键值", f"要给出 {len(by)} 个值：{'、'.join(by)}"))
    if not reason.strip():
        problems.append(Problem("事由", "必填"))
    if not 2000 <= year <= on.year:
        problems.append(Problem("年份", f"2000 至 {on.year} 年"))
    if problems:
        raise InvalidInput(problems)
    question = journal.Question(str(table.id), values, year, by, table.lookup_keys[0])
    events.record(
        E.EVIDENCE_ASKED,
        actor=actor,
        case=CaseRef(CaseKind.RESOURCE_VERSION, table.id, table.code, table.name, table.url),
        on=on,
        data={"by": list(by), "year": year, "reason": reason.strip(), "row": _digest(question)},
    )
    return Search(question, str(actor.user_id), journal.Place(), {})


def _digest(question: journal.Question) -> str:
    """What tells that two questions meant the same row, without naming it."""
    text = "\0".join((question.resource, *question.by, *question.values))
    return hmac.digest(secrets.master_key(), f"shuqiao.who\0{text}".encode(), "sha256").hex()[:32]


def search_of(actor: Actor, token: str) -> Search:
    """The search a page goes on with. Raises NotAllowed, InvalidInput when it is not this person's, or too old."""
    actor.demand(P.JOURNAL_READ)
    try:
        question, person, place, told = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        raise InvalidInput.one("查询", "这次查询已经过期，请重新提出") from None
    if person != str(actor.user_id):
        raise InvalidInput.one("查询", "这次查询是别人提出的")
    return Search(msgspec.convert(question, journal.Question), person, journal.Place(**place), told)


def go_on(search: Search, *, within: float = WITHIN) -> Findings:
    """Search on for `within` seconds. Raises JournalDamaged."""
    ends = time.monotonic() + within
    listed: list[journal.Access] = []
    told, place, pending, is_over = dict(search.told), search.place, [], True
    for found in journal.search_from(
        usage.folder(), search.question, after=search.place, archive=usage.archive()
    ):
        if time.monotonic() > ends and place != search.place:
            is_over = False  # there is more; only with the end reached is nothing found here
            break
        if isinstance(found, journal.Access):
            pending.append(found)
            continue
        for one in pending:
            told[one.how] = told.get(one.how, 0) + 1
            if one.how is not journal.How.MAY or told[one.how] <= MOST_MAY:
                listed.append(one)
        place, pending = found, []
    return Findings(_lines(listed), replace(search, place=place, told=told), is_over)


def _lines(listed: list[journal.Access]) -> tuple[Found, ...]:
    ids = {one.grant for one in listed if one.grant}
    grants = {str(grant.id): grant for grant in Grant.objects.for_page().filter(id__in=ids)}
    named = ApplicationKey.objects.filter(id__in={one.key for one in listed if one.key})
    systems = dict(named.values_list("id", "system"))
    return tuple(
        Found(one, _what(one), _by_whom(one, grants), grants.get(one.grant), systems.get(one.key, ""))
        for one in listed
    )


WAYS = {"lookup": "按键查询", "rows": "翻页", "aggregate": "统计", "file": "文件"}


def _what(one: journal.Access) -> str:
    if one.keys:
        return f"批量查询 {one.keys} 个键，共 {one.rows} 行"
    if one.action not in WAYS:
        return "导出"
    return f"{WAYS[one.action]}，{one.rows} 行" if one.rows else WAYS[one.action]


def _by_whom(one: journal.Access, grants: dict[str, Grant]) -> str:
    if not one.grant:
        return "公开读取" if one.how is not journal.How.ASKED else "未经授权者"
    grant = grants.get(one.grant)
    return grant.holder_short_name if grant else "授权已不在册"
