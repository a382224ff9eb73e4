"""Mail is a row of the step's transaction, and reaches a real SMTP server once."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import AuthResult, Envelope, Session
from django.db import transaction

from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import jobs, mailing
from shuqiao.procedures.models import OutgoingMail


class Box(MessageHandler):
    """What the server took; `refuse` is what it says to every recipient instead."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Message] = []
        self.refuse = ""

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 who are you"
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.got.append(message)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    """A mail server on a free port, that the settings name."""
    found = Box()

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"shuqiao", b"geheim"))

    controller = Controller(
        found,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=known,
        auth_require_tls=False,
    )
    controller.start()
    settings.SMTP_HOST = "127.0.0.1"
    settings.SMTP_PORT = controller.port
    settings.SMTP_SECURITY, settings.SMTP_FROM = "none", "数桥 <noreply@data.example.cn>"
    settings.SMTP_USER, settings.SMTP_PASSWORD = "shuqiao", "geheim"
    yield found
    controller.stop()


def queue(**changes: str) -> OutgoingMail:
    return mailing.queue_mail(
        **{"to": "a@example.cn", "subject": "答复\r\nBcc: x@example.cn", "text": "正文\n第二行"} | changes
    )


def test_a_mail_reaches_a_real_server_once(db: None, box: Box) -> None:
    mail = queue()
    assert jobs.send_mail(now()) == 1
    assert jobs.send_mail(now()) == 0
    mail.refresh_from_db()
    assert mail.sent_at is not None
    (got,) = box.got
    assert got["To"] == "a@example.cn"
    assert got["Bcc"] is None
    assert got["Message-ID"] == f"<{mail.id}@data.example.cn>"
    assert "正文\n第二行" in got.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]


def test_a_mail_goes_with_the_step_that_wrote_it(db: None, box: Box) -> None:
    def step() -> None:
        with transaction.atomic():
            queue()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    assert not OutgoingMail.objects.exists()
    with pytest.raises(InvalidInput):
        queue(to="no address")


def test_what_fails_is_tried_again_later_and_later_and_given_up_in_the_end(db: None, box: Box) -> None:
    box.refuse = "451 try later"
    mail, at, pauses = queue(), now(), []
    for _ in range(mailing.TRIES):
        assert jobs.send_mail(at) == 1
        assert jobs.send_mail(at) == 0
        mail.refresh_from_db()
        pauses.append(mail.next_try_at - at)
        at = mail.next_try_at
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert "451" in mail.last_error
    assert mail.given_up_at is not None
    assert jobs.send_mail(at + timedelta(days=9)) == 0


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(db: None, box: Box) -> None:
    box.refuse = "550 no such user"
    mail = queue()
    jobs.send_mail(now())
    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert mail.attempts == 1


def test_a_server_that_is_away_or_does_not_know_us_loses_nothing(db: None, box: Box, settings: Any) -> None:
    mail = queue()
    settings.SMTP_PASSWORD = "wrong"
    jobs.send_mail(now())
    settings.SMTP_PASSWORD, port = "geheim", settings.SMTP_PORT
    settings.SMTP_PORT = 1
    jobs.send_mail(now() + timedelta(minutes=2))
    mail.refresh_from_db()
    assert (mail.attempts, mail.sent_at, mail.given_up_at) == (2, None, None)
    settings.SMTP_PORT = port
    jobs.send_mail(now() + timedelta(hours=1))
    assert len(box.got) == 1


def test_two_workers_send_it_once_and_a_killed_one_is_followed(
    db: None, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    at = now()

    def killed(mail: OutgoingMail) -> None:
        assert jobs.send_mail(at) == 0  # the other worker, meanwhile
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mailing, "deliver", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.send_mail(at)
    assert jobs.send_mail(at + timedelta(minutes=1)) == 0
    assert jobs.send_mail(at + mailing.LEASE) == 1
    assert len(box.got) == 1


def test_without_a_server_rows_stay(db: None) -> None:
    queue()
    assert jobs.send_mail(now()) == 0
    assert not mailing.configured()
    assert OutgoingMail.objects.filter(sent_at=None, attempts=0).count() == 1


def test_the_administrator_sees_what_waits_and_has_it_tried_again(city: City, box: Box) -> None:
    box.refuse = "550 no"
    mail = queue()
    jobs.send_mail(now())
    admin = city.actor("admin")
    assert list(mailing.list_mail_for(admin, waiting=False)) == [mail]
    assert not mailing.list_mail_for(admin, waiting=True)
    box.refuse = ""
    mailing.retry_mail(actor=admin, mail_id=mail.id)
    assert jobs.send_mail(now()) == 1
    assert len(box.got) == 1
    with pytest.raises(NotAllowed):
        mailing.retry_mail(actor=city.actor("bureau-supervisor"), mail_id=mail.id)
    with pytest.raises(NotAllowed):
        mailing.list_mail_for(city.actor("bureau-supervisor"), waiting=True)


def test_only_an_unknown_mailbox_is_final() -> None:
    refused = smtplib.SMTPRecipientsRefused
    assert mailing._is_final(refused({"a@x.cn": (550, b"no")}))
    assert not mailing._is_final(refused({"a@x.cn": (452, b"full")}))
    assert not mailing._is_final(smtplib.SMTPAuthenticationError(535, b"no"))


@pytest.mark.django_db
def test_the_outbox_is_told_without_people_or_servers(client, settings):
    settings.SMTP_HOST = "mail.secret.example"
    assert client.get("/readyz").json()["mail"]["state"] == "ok"
    mail = mailing.queue_mail(to="somebody@example.org", subject="题", text="文")
    OutgoingMail.objects.filter(pk=mail.pk).update(
        queued_at=now() - timedelta(hours=1),
        attempts=2,
        last_error="(554, b'mail.secret.example: somebody@example.org')",
    )
    said = client.get("/readyz")
    told = said.json()["mail"]
    assert (told["state"], told["waiting"], told["last_error"]) == ("late", 1, "SMTP 554")
    assert told["oldest_seconds"] >= 3600
    assert "secret" not in said.content.decode()
    assert "somebody" not in said.content.decode()
    settings.SMTP_HOST = ""
    assert client.get("/readyz").json()["mail"]["state"] == "off"
