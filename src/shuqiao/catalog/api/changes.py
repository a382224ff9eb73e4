"""The change feed of the catalogue, for upper and lower levels (级联) and for mirrors (Yingkou 11).

How to follow it: ask with `since=0`, take the records over in their order, ask again with `since` = `last` of the
answer; when `more` is false you are up to date. Numbers are given in the order of the commits, so that whoever has
seen n has missed nothing before it. They rise, but not by one: what happens to drafts is numbered too and not shown.
Systems come with an application key (`Authorization: Bearer`), people with their session; the face of the public
(`face=public`) is for everybody. A `since` that was never given as `last` (400) means that this catalogue was set
back: begin again with 0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Query, Router, Schema

from shuqiao.accounts.access import Request
from shuqiao.catalog import feed
from shuqiao.catalog.api.doors import BOUND, READERS
from shuqiao.catalog.api.paging import PAGE_MAX
from shuqiao.catalog.types import EntryFacts

router = Router()


class ChangesIn(Schema):
    """Changes after the number `since`, at most `limit` (200); of one division; `face`: `shared` is what departments
    see, `public` what the open platform shows (of a closed entry its name and legal basis only)."""

    since: int = 0
    limit: int = PAGE_MAX
    division: str = ""
    face: Literal["shared", "public"] = "shared"


class ChangeOut(Schema):
    """One change. `change`: I came into the catalogue, U was revised, D left it. `content`: the entry as it stands now;
    null for D, and for an I or U of an entry that has left since (its D follows). `merged_into`: the entry to which
    id and code of one that left now lead."""

    number: int
    change: Literal["I", "U", "D"]
    entry: UUID
    code: str
    division: str
    at: datetime
    content: EntryFacts | None
    merged_into: UUID | None


class ChangesOut(Schema):
    """Changes in their order. `last`: the `since` to ask with next; `more`: whether there already is more."""

    changes: list[ChangeOut]
    last: int
    more: bool


@router.get(
    "/changes", response=ChangesOut, url_name="catalog-changes", auth=READERS, throttle=BOUND,
    summary="目录变更流（级联）",
)  # fmt: skip
def changes(request: Request, asked: Query[ChangesIn]) -> feed.Part:
    """What came into the catalogue, was revised or left it since a number."""
    return feed.read(
        request.actor,
        since=max(asked.since, 0),
        limit=min(max(asked.limit, 1), PAGE_MAX),
        division=asked.division,
        public=asked.face == "public",
    )
