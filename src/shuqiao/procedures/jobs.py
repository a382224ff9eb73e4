"""Duties of the worker: sealing event rows into the evidence log, sealing and compressing that log, and
watching the clocks."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from shuqiao import journal
from shuqiao.kernel.time import CHINA, day_of
from shuqiao.procedures import calendars, mailing, reminding, services, workdays
from shuqiao.procedures.models import Event, EventSeal, JournalAnchor, UnsealedEvent

NODE = "control"
BATCH = 500
SEALS_AT_ONCE = 50
SEGMENTS_AT_ONCE = 20

log = logging.getLogger("shuqiao.worker")


def note_overdue(now: datetime) -> int:
    """Note the terms whose day has passed."""
    return services.note_overdue(on=day_of(now))


def recompute_provisional(now: datetime) -> int:
    """Compute provisional due days anew."""
    return calendars.recompute(on=day_of(now))


def follow_calendar(now: datetime) -> int:
    """Hear of imported working days. Nothing is left to do after it."""
    workdays.current()
    return 0


def remind_of_due(now: datetime) -> int:
    """Remind of what is due today or in two working days."""
    return reminding.remind_of_due(at=now)


def mail_people(now: datetime) -> int:
    """Mail to those who want it at once, and the digest of the morning."""
    return reminding.mail_at_once(at=now) + reminding.mail_digests(at=now)


def send_mail(now: datetime) -> int:
    """Send the mail that waits."""
    return mailing.send_waiting(at=now)


def seal_events(now: datetime) -> int:
    """Write event rows that are not yet in the evidence log into it, in order. Returns how many.

    Killed between the log and the seal rows, the next run writes them again: an event may then stand in the
    log twice, with the same event number, and never not at all. Another worker may be at it: then none.
    """
    if not UnsealedEvent.objects.exists():
        return 0
    try:
        with journal.Writer(Path(settings.HOME) / "journal", NODE) as writer:
            return _seal(writer, now)
    except journal.JournalLocked:
        return 0


def _seal(writer: journal.Writer, now: datetime) -> int:
    """What waits is read, written and ticked off while the log is ours: nobody writes the same events again."""
    waiting = list(UnsealedEvent.objects.order_by("event_id").values_list("event_id", flat=True)[:BATCH])
    events = list(Event.objects.filter(id__in=waiting).order_by("id"))
    receipts = writer.append_many_sync([record_of(event) for event in events])
    with transaction.atomic():
        EventSeal.objects.bulk_create(
            [
                EventSeal(event_id=event.id, receipt=receipt.id, at=now)
                for event, receipt in zip(events, receipts, strict=True)
            ],
            ignore_conflicts=True,
        )
        UnsealedEvent.objects.filter(event_id__in=waiting).delete()
    return len(events)


def anchor_journal(now: datetime) -> int:
    """Keep the head of every node's log in the database, where whoever rewrites the log cannot reach it too.

    A node whose head is damaged is said so and does not keep the others from it.
    """
    kept, root = 0, Path(settings.HOME) / "journal"
    for node in journal.list_nodes(root):
        try:
            head = journal.head(root, node)
        except journal.JournalDamaged:
            log.exception("the head of the evidence log of %s is not kept", node)
            continue
        if head is None:
            continue
        _, made = JournalAnchor.objects.get_or_create(
            node=head.node, seq=head.seq, defaults={"head": msgspec.to_builtins(head), "at": now}
        )
        kept += made
    return kept


def seal_journal(now: datetime) -> int:
    """Seal the records of every node that are due for it (SHUQIAO_JOURNAL_SEAL_MINUTES). Returns how many seals.

    A node whose log does not hold is not sealed and does not keep the others from it.
    """
    root, every = Path(settings.HOME) / "journal", timedelta(minutes=settings.JOURNAL_SEAL_MINUTES)
    secrets = Path(settings.HOME) / "secrets"
    made = 0
    for node in journal.list_nodes(root):
        try:
            if journal.seal_due(root, node, every=every, at=now):
                key = journal.seal_key(secrets)
                sm2 = journal.sm2_key(secrets) if settings.JOURNAL_SM2 else None
                made += len(journal.seal(root, node, key, sm2=sm2, at=now, limit=SEALS_AT_ONCE))
        except journal.JournalDamaged:
            log.exception("the evidence log of %s is not sealed", node)
    return made


def compress_journal(now: datetime) -> int:
    """Compress closed segments of the evidence log, a few at a time. Returns how many."""
    return len(journal.compress(Path(settings.HOME) / "journal", most=SEGMENTS_AT_ONCE))


def record_of(event: Event) -> journal.Record:
    """The evidence of one event row. Names of people stay in the database; the log holds their ids."""
    return journal.Record(
        kind="event",
        at=event.at.astimezone(CHINA).isoformat(timespec="milliseconds"),
        action=event.type,
        case=event.case_number,
        decision=event.decision,
        client=str(event.actor_id or "platform"),
        extra={
            "event": event.id,
            "on": event.on.isoformat(),
            "case_kind": event.case_kind,
            "case_id": str(event.case_id),
            "department": str(event.department_id or ""),
            "data": event.data,
        },
    )
