"""What the worker does for the use of data. Safe in many workers at once and after kill -9: each row in its own
transaction under the grant's lock, looked at again there."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import Resolver404, resolve

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery.holders import ask_holder, tell_holder
from shuqiao.delivery.models import Correction, ExpiryReminder, Grant, UseRecord
from shuqiao.delivery.queries import LIVE
from shuqiao.delivery.rules import basis_of
from shuqiao.delivery.types import GrantState
from shuqiao.delivery.use import rules
from shuqiao.delivery.use.records import REPORTING, grant_is_over, record_of, regime_of
from shuqiao.delivery.use.types import CorrectionState, UseState
from shuqiao.kernel.time import day_of
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E

BATCH = 500
BEFORE_EXPIRY = (30, 7)
"""Days before its last one on which the holder of a grant is reminded."""
OVER = (GrantState.ENDED, GrantState.EXPIRED)


def ask_for_use(now: datetime) -> int:
    """Ask for the reports that are due and for the disposal of what is over; open the records of grants that have
    none. Returns how many grants."""
    day = day_of(now)
    due = UseRecord.objects.filter(state=UseState.RUNNING, report_due_on__lte=day, grant__state__in=LIVE)
    over = UseRecord.objects.filter(state__in=(UseState.RUNNING, UseState.REPORT_DUE), grant__state__in=OVER)
    without = Grant.objects.filter(use=None)
    ids = [
        *without.values_list("id", flat=True)[:BATCH],
        *over.values_list("grant_id", flat=True)[:BATCH],
        *due.values_list("grant_id", flat=True)[:BATCH],
    ]
    return sum(_ask(grant_id, now) for grant_id in ids)


def _locked(grant_id: UUID) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",)).select_related("provider", "grantee", "party")
    return rows.get(id=grant_id)


@transaction.atomic
def _ask(grant_id: UUID, now: datetime) -> int:
    grant, day = _locked(grant_id), day_of(now)
    record = record_of(grant, day)
    if grant.state in OVER:
        grant_is_over(grant, actor=PLATFORM, on=day)
        return 1
    if record.state != UseState.RUNNING or record.report_due_on > day:
        return 1
    record.move_to(UseState.REPORT_DUE)
    record.save(update_fields=["state"])
    ask_holder(
        grant,
        case=record.case_ref(),
        action=REPORTING[0],
        detail=f"请报告 {grant.title} 的使用场景、过程、成效和存储情况",
        basis=basis_of(regime_of(grant, day), rules.LOG, rules.REPORT),
    )
    return 1


def remind_of_expiry(now: datetime) -> int:
    """Remind the holders of grants that end within thirty and within seven days, once each. Returns how many."""
    day, done = day_of(now), 0
    for days in sorted(BEFORE_EXPIRY):
        told = ExpiryReminder.objects.filter(days__lte=days).values("grant_id", "until")
        ending = Grant.objects.filter(
            state__in=LIVE, valid_until__gte=day, valid_until__lte=day + timedelta(days=days)
        )
        said = {(one["grant_id"], one["until"]) for one in told.filter(grant__in=ending)}
        for grant_id, until in list(ending.values_list("id", "valid_until")):
            if (grant_id, until) not in said:
                done += _remind(grant_id, days, now)
    return done


@transaction.atomic
def _remind(grant_id: UUID, days: int, now: datetime) -> int:
    grant, day = _locked(grant_id), day_of(now)
    until = grant.valid_until
    if grant.state not in LIVE or until is None or not day <= until <= day + timedelta(days=days):
        return 0
    _, made = ExpiryReminder.objects.get_or_create(grant=grant, until=until, days=days, defaults={"at": now})
    if not made:
        return 0
    left = (until - day).days
    text = f"授权还有 {left} 天到期：{grant.title}，{grant.number}。"
    if renewal := renewal_url(grant):
        text += f"需要继续使用的，到期前办理续期：{renewal}"
    tell_holder(grant, text)
    events.record(
        E.GRANT_EXPIRY_REMINDED,
        actor=PLATFORM,
        case=grant.case_ref(),
        department_id=grant.grantee_id,
        on=day,
        data={"until": str(until), "days_left": left},
    )
    return 1


def renewal_url(grant: Grant) -> str:
    """Where the holder asks for the grant to go on, when it came from a request; else empty."""
    if grant.case_kind != CaseKind.SHARING_REQUEST or not grant.case_url:
        return ""
    url = f"{grant.case_url}renew/"
    try:
        resolve(url)
    except Resolver404:
        return ""
    return url


def tell_of_late_corrections(now: datetime) -> int:
    """Tell both sides and nobody twice of a correction whose day has passed without a report."""
    day = day_of(now)
    late = Correction.objects.filter(state=CorrectionState.ORDERED, due_on__lt=day, late_told_at=None)
    ids = list(late.values_list("record__grant_id", "id")[:BATCH])
    return sum(_tell_late(grant_id, correction_id, now) for grant_id, correction_id in ids)


@transaction.atomic
def _tell_late(grant_id: UUID, correction_id: UUID, now: datetime) -> int:
    grant = _locked(grant_id)
    mine = Correction.objects.filter(
        id=correction_id, state=CorrectionState.ORDERED, due_on__lt=day_of(now), late_told_at=None
    )
    if not mine.update(late_told_at=now):
        return 0
    record = record_of(grant, day_of(now))
    text = f"整改已逾期：{grant.title}，{grant.number}，使用方{grant.holder_name}"
    tell_holder(grant, text, case=record.case_ref())
    procedures.notify(case=record.case_ref(), department_id=grant.provider_id, text=text)
    return 1
