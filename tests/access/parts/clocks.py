"""Inbox, watch, working days, personal settings, substitutes, mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.kernel.time import now, today
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import feeds, mailing, substituting
from tests.access.rows import ADMIN, BR, BS, PA, PC, PS, Row, everybody, get, post, signed_in

ROWS: tuple[Row, ...] = (
    post("portal:remind-many", "", 404, (PA, 403), (BS, 302), term="@term"),
    get("portal:statistics", "", 403, (BR, 403), (BS, 200)),
    get("portal:working-days", "", 403, (BR, 403), (BS, 200)),
    post("portal:working-days", "", 403, (BR, 403), (BS, 400)),
    signed_in("portal:settings"),
    signed_in("portal:settings", status=302, method="POST", email="a@example.cn", rhythm="daily"),
    signed_in("portal:make-feed", status=201, method="POST"),
    signed_in("portal:revoke-feed", status=302, method="POST"),
    everybody("portal:feed", "feed"),
    signed_in("portal:substitutes"),
    signed_in("portal:substitutes", status=400, method="POST"),
    post("portal:end-substitution", "substitution", 404, (BS, 404), (PC, 302)),
    post("portal:end-substitution", "substitution", 404, (BR, 404), (PS, 302)),
    get("portal:mails", "", 403, (BS, 403), (ADMIN, 200)),
    post("portal:retry-mail", "mail", 403, (BS, 403), (ADMIN, 302)),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A substitution of the provider's head, a mail that waits, and somebody's calendar address."""
    row = substituting.name_substitute(
        actor=city.actor(PA),
        department_id=city.provider.id,
        absent_id=city.user("provider-security").id,
        substitute_id=city.user(PC).id,
        since=today() + timedelta(days=30),  # not yet: nobody else's row changes by it
        until=today() + timedelta(days=31),
        reason="外出学习",
        on=today(),
    )
    mail = mailing.queue_mail(to="a@example.cn", subject="通知", text="正文")
    return {
        "substitution": row.id,
        "mail": mail.id,
        "feed": (feeds.make_feed(actor=city.actor("auditor"), at=now()),),
    }
