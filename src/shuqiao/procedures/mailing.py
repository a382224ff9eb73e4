"""Outgoing mail: a row in the step's transaction, sent by the worker over SMTP, with retries.

A worker killed between the server's yes and our note of it sends again; the Message-ID is the row's, so that the
receiving side may drop the second copy.
"""

from __future__ import annotations

import re
import smtplib
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import now
from shuqiao.procedures.models import OutgoingMail
from shuqiao.procedures.models.mails import WAITING
from shuqiao.procedures.types import CaseRef

TRIES = 10  # one minute, two, four … with the last ones eight hours apart: about a day and a half
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=8)
LEASE = timedelta(minutes=5)
AT_ONCE = 20
LATE = timedelta(minutes=15)
NO_SUCH_ADDRESS = range(550, 560)


def configured() -> bool:
    """Whether this installation has a mail server (SHUQIAO_SMTP_HOST)."""
    return bool(settings.SMTP_HOST)


@dataclass(frozen=True, slots=True)
class Outbox:
    """How outgoing mail stands, in nothing that names a person or a server. `oldest_seconds`: since the oldest waiting
    mail was written; `last_error`: the newest failure by its kind."""

    configured: bool
    state: str
    waiting: int
    oldest_seconds: int
    given_up: int
    last_error: str


def outbox(at: datetime) -> Outbox:
    """What waits, what was given up in the last day, and whether it is late: `off` without a mail server, `late` when
    the oldest has waited longer than a few tries take, `failing` when tries fail, else `ok`. Two queries."""
    waiting = OutgoingMail.objects.filter(WAITING).aggregate(
        count=Count("id"), oldest=Min("queued_at"), tried=Max("attempts")
    )
    day = Q(given_up_at__gte=at - timedelta(days=1))
    failed = OutgoingMail.objects.filter(day | WAITING).exclude(last_error="").order_by("-next_try_at")
    errors = list(failed.values_list("given_up_at", "last_error")[:AT_ONCE])
    oldest = int((at - waiting["oldest"]).total_seconds()) if waiting["oldest"] else 0
    state = "late" if oldest > LATE.total_seconds() else "failing" if waiting["tried"] else "ok"
    return Outbox(
        configured=configured(),
        state=state if configured() else "off",
        waiting=waiting["count"],
        oldest_seconds=max(0, oldest),
        given_up=sum(1 for given_up_at, _ in errors if given_up_at),
        last_error=_kind_of(errors[0][1]) if errors else "",
    )


def _kind_of(words: str) -> str:
    """The code of the mail server's answer, or that there was none: the words may name people and servers."""
    code = re.search(r"(?<![0-9])[45][0-9]{2}(?![0-9])", words)
    return f"SMTP {code.group()}" if code else "no answer of the mail server"


@transaction.atomic
def queue_mail(*, to: str, subject: str, text: str, case: CaseRef | None = None) -> OutgoingMail:
    """Write a mail for the worker to send, in the caller's transaction: undone with it, sent only after it.

    Raises InvalidInput when `to` is no address. Line ends in the subject become spaces.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise InvalidInput.one("电子邮箱", "不是有效的电子邮箱地址") from None
    at = now()
    return OutgoingMail.objects.create(
        to=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        case_kind=case.kind if case else "",
        case_id=case.id if case else None,
        case_number=case.number if case else "",
        queued_at=at,
        next_try_at=at,
    )


@transaction.atomic
def forget_address(*, to: str, case: CaseRef) -> None:
    """Somebody ends a registration: what waits for the address, or was written about the registration to an earlier
    one, is not sent; what was sent keeps no address and no words."""
    theirs = OutgoingMail.objects.filter(Q(to=to) | Q(case_kind=case.kind, case_id=case.id))
    theirs.filter(WAITING).delete()
    theirs.update(to="", subject="", text="")


def send_waiting(*, at: datetime) -> int:
    """Send what is due. Returns how many rows were dealt with; 0 without a mail server: the rows stay."""
    if not configured():
        return 0
    done = 0
    due = OutgoingMail.objects.filter(WAITING, next_try_at__lte=at).order_by("next_try_at")
    for mail in list(due[:AT_ONCE]):
        if _claim(mail, at):
            _send(mail, at)
            done += 1
    return done


def _claim(mail: OutgoingMail, at: datetime) -> bool:
    """Take the row for the time of the lease; False when another worker has it."""
    mine = OutgoingMail.objects.filter(WAITING, id=mail.id, next_try_at=mail.next_try_at)
    return mine.update(next_try_at=at + LEASE, attempts=mail.attempts + 1) == 1


def _send(mail: OutgoingMail, at: datetime) -> None:
    rows = OutgoingMail.objects.filter(WAITING, id=mail.id)
    attempts = mail.attempts + 1
    try:
        deliver(mail)
    except (smtplib.SMTPException, OSError) as error:
        if attempts >= TRIES or _is_final(error):
            rows.update(given_up_at=at, last_error=_words(error))
            return
        pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        rows.update(next_try_at=at + pause, last_error=_words(error))
    else:
        rows.update(sent_at=at, last_error="")


def deliver(mail: OutgoingMail) -> None:
    """Hand one mail to the server. Raises SMTPException or OSError when it does not take it."""
    domain = parseaddr(settings.SMTP_FROM)[1].rpartition("@")[2] or "localhost"
    connection = EmailBackend(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        username=settings.SMTP_USER,
        password=settings.SMTP_PASSWORD,
        use_tls=settings.SMTP_SECURITY == "starttls",
        use_ssl=settings.SMTP_SECURITY == "tls",
        timeout=settings.SMTP_TIMEOUT,
    )
    with closing(connection):
        EmailMessage(
            subject=mail.subject,
            body=mail.text,
            from_email=settings.SMTP_FROM,
            to=[mail.to],
            headers={"Message-ID": f"<{mail.id}@{domain}>", "Auto-Submitted": "auto-generated"},
            connection=connection,
        ).send()


def _is_final(error: Exception) -> bool:
    """The server says that there is no such mailbox: trying again changes nothing."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code in NO_SUCH_ADDRESS for code, _ in error.recipients.values())


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def list_mail_for(actor: Actor, *, waiting: bool) -> QuerySet[OutgoingMail]:
    """Mail not sent yet, or given up, for the system administrator; newest first. Never its text."""
    actor.demand(P.ORGANIZATIONS_ADMIN)
    mails = OutgoingMail.objects.defer("text")
    return mails.filter(WAITING) if waiting else mails.exclude(given_up_at=None)


@transaction.atomic
def retry_mail(*, actor: Actor, mail_id: UUID) -> OutgoingMail:
    """The administrator has a mail that was given up, or waits, tried again at once."""
    actor.demand(P.ORGANIZATIONS_ADMIN)
    mail = OutgoingMail.objects.select_for_update().filter(id=mail_id, sent_at=None).first()
    if mail is None:
        raise NotFound("邮件")
    mail.given_up_at, mail.attempts, mail.next_try_at = None, 0, now()
    mail.save(update_fields=["given_up_at", "attempts", "next_try_at"])
    return mail
