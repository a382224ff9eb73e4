"""A person's due days as a calendar (RFC 5545), under a secret address; the secret is kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations.queries import actor_of
from shuqiao.procedures import queries
from shuqiao.procedures.models import CalendarFeed, Term
from shuqiao.procedures.types import CaseKind

if TYPE_CHECKING:
    from icalendar import Event

MOST = 500


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_feed(*, actor: Actor, at: datetime) -> str:
    """A new secret address for the person's calendar; an earlier one stops working. Returns the secret, shown once."""
    if actor.user_id is None or not actor.posts:
        raise NotAllowed("procedures:feed:make", "只有在部门任职的人员有办理期限")
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user_id=actor.user_id, defaults={"secret_sha256": _hash(secret), "made_at": at, "used_at": None}
    )
    return secret


@transaction.atomic
def revoke_feed(*, actor: Actor) -> bool:
    """The address stops working at once. Returns whether there was one."""
    return CalendarFeed.objects.filter(user=actor.user_id).delete()[0] > 0


def feed_of(actor: Actor) -> CalendarFeed | None:
    """Whether, and since when, the person has an address."""
    return CalendarFeed.objects.filter(user=actor.user_id).first()


def calendar_of(secret: str, *, at: datetime, on: date) -> bytes:
    """The calendar behind a secret address: one whole-day entry for each running term the person has to answer.

    Titles hold the case's kind and number and nothing else. Raises NotFound for a secret that is not, or no longer,
    anybody's, and for a person who has left.
    """
    from icalendar import Calendar

    feed = CalendarFeed.objects.select_related("user").filter(secret_sha256=_hash(secret)).first()
    actor = actor_of(feed.user, on=on) if feed else None
    if feed is None or actor is None or not actor.posts:
        raise NotFound("日历")
    CalendarFeed.objects.filter(id=feed.id).update(used_at=at)
    calendar = Calendar()
    calendar.add("prodid", "-//Shuqiao//Due days//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "办理期限")
    calendar.add("refresh-interval", timedelta(hours=1))
    seen: set[str] = set()
    for item in queries.list_inbox_for(actor).filter(term__closed_on=None, term__paused=False)[:MOST]:
        if item.term is not None and str(item.term.id) not in seen:
            seen.add(str(item.term.id))
            calendar.add_component(_event(item.term, at))
    return bytes(calendar.to_ical())


def _event(term: Term, at: datetime) -> Event:
    from icalendar import Event

    due = term.due_on or term.opened_on
    mark = "（待定）" if term.provisional else ""
    event = Event()
    event.add("uid", f"{term.id}@shuqiao")
    event.add("dtstamp", at)
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))
    event.add("summary", f"{CaseKind(term.case_kind).label} {term.case_number} 到期{mark}")
    event.add("status", "TENTATIVE" if term.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("url", f"{settings.PUBLIC_URL}{term.case_url}")
    return event
