"""What the worker does for delivery. Safe in many workers at once and after kill -9."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import book
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import BookState, Grant
from shuqiao.delivery.queries import LIVE
from shuqiao.delivery.types import GrantState
from shuqiao.delivery.use.jobs import ask_for_use, remind_of_expiry, tell_of_late_corrections
from shuqiao.delivery.use.records import grant_is_over
from shuqiao.delivery.withdrawn import tell_of_withdrawn_entries
from shuqiao.kernel.time import day_of
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E

__all__ = [
    "ask_for_use",
    "expire_grants",
    "reconcile_book",
    "remind_of_expiry",
    "tell_of_late_corrections",
    "tell_of_withdrawn_entries",
]
BATCH = 500


def reconcile_book(now: datetime) -> int:
    """Write the grant book when the database has moved past it: two small queries and a glance at the file when
    it has not. Called every half second, so that neither a killed web process nor a publication below this app
    leaves the gateway behind. Returns 1 when a book was written."""
    book.refresh_if_resources_changed()
    wanted = BookState.objects.filter(id=1).values_list("revision", flat=True).first() or 0
    if book.revision_in_place() >= wanted:
        return 0
    book.write_book(now)
    return 1


def expire_grants(now: datetime) -> int:
    """Grants whose last day has passed are over (the gateway refuses them from midnight on, with or without this).
    Both sides are told. Returns how many."""
    day = day_of(now)
    done = 0
    for grant_id in Grant.objects.filter(state__in=LIVE, valid_until__lt=day).values_list("id", flat=True)[
        :BATCH
    ]:
        done += _expire(grant_id, now)
    return done


@transaction.atomic
def _expire(grant_id: UUID, now: datetime) -> int:
    """One grant in its own transaction; the row lock makes a second worker find nothing left to do."""
    grant = (
        Grant.objects.select_for_update()
        .filter(id=grant_id, state__in=LIVE, valid_until__lt=day_of(now))
        .first()
    )
    if grant is None:
        return 0
    grant.move_to(GrantState.EXPIRED)
    grant.stopped_at = now
    grant.save(update_fields=["state", "stopped_at"])
    case = grant.case_ref()
    text = f"授权已到期：{grant.title}，{grant.number}"
    tell_holder(grant, text)
    procedures.notify(case=case, department_id=grant.provider_id, text=text)
    grant_is_over(grant, actor=PLATFORM, on=day_of(now))
    events.record(
        E.GRANT_EXPIRED,
        actor=PLATFORM,
        case=case,
        department_id=grant.provider_id,
        on=day_of(now),
        decision=grant.decision(),
        data={"until": str(grant.valid_until)},
    )
    book.changed()
    return 1
