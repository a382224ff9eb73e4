"""Open applications: the applicant, the provider, and who oversees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.catalog import services as catalog
from shuqiao.kernel.time import today
from shuqiao.opening.applications import services
from shuqiao.opening.applications.types import Draft
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.replies import services as replies
from shuqiao.opening.tests.opened import opened, table_in
from shuqiao.organizations.tests.factories import City, make_party
from tests.access.rows import PA, PS, WHY, Row, get, post, signed_in

ME = "applicant"
UNTIL = str(today() + timedelta(days=99))
NO = {"reason": "涉密", "ground": "某法 第一条"}
BREACH = {"breach": "转售", "ground": "协议第五条"}
YES = {"items": ["企业名称"], "valid_until": UNTIL, "follow_up_months": "6", "reason": "够用"}
ROWS: tuple[Row, ...] = (
    get("opening:apply", "asked_entry", 403, (PS, 403), (ME, 200)),
    post("opening:apply", "asked_entry", 403, (PS, 403), (ME, 400)),
    signed_in("opening:applications"),
    get("opening:application", "application", 404, (PS, 200), (ME, 200)),
    get("opening:application-supplement", "incomplete_application", 404, (PA, 403), (ME, 200)),
    post("opening:application-supplement", "incomplete_application", 404, (PA, 403), (ME, 400)),
    post("opening:application-withdraw", "application", 404, (PA, 403), (ME, 302), **WHY),
    post("opening:application-agree", "application", 404, (ME, 403), (PA, 302), **YES),
    post("opening:application-refuse", "application", 404, (ME, 403), (PA, 302), **NO),
    post("opening:application-ask-supplement", "application", 404, (ME, 403), (PA, 302), points="材料"),
    post("opening:application-confirm", "agreed_application", 404, (PS, 403), (ME, 302)),
    post("opening:application-report", "open_application", 404, (PA, 403), (ME, 302), usage="地图"),
    post("opening:application-seen", "open_application", 404, (ME, 403), (PA, 302)),
    post("opening:application-revoke", "open_application", 404, (ME, 403), (PA, 302), **BREACH),
    post("opening:application-lapse", "unlisted_application", 404, (ME, 403), (PA, 302), note="职责已划转"),
    post("opening:application-reply", "agreed_application", 404, (PS, 403), (ME, 302)),
    get("opening:application-reply-docx", "open_application", 404, (PS, 200), (ME, 200)),
    get("opening:application-reply-pdf", "open_application", 404, (PS, 200), (ME, 200)),
    get("opening:application-agreement", "open_application", 404, (PS, 200), (ME, 200)),
    signed_in("opening:competitions"),
    post("opening:competitions", "", 400, (PS, 400), (PA, 400)),
    signed_in("api:opening-applications"),
    post("api:opening-apply", "", 403, (PS, 403), (ME, 409), entry_id="@asked_entry"),
    get("api:opening-application", "application", 404, (PS, 200), (ME, 200)),
    post("api:opening-supplement", "incomplete_application", 404, (PA, 403), (ME, 400)),
    post("api:opening-withdraw", "application", 404, (PA, 403), (ME, 200), **WHY),
    post("api:opening-agree", "application", 404, (ME, 403), (PA, 200)),
    post("api:opening-preview", "application", 404, (ME, 403), (PA, 200)),
    post("api:opening-refuse", "application", 404, (ME, 403), (PA, 200), **NO),
    post("api:opening-ask-supplement", "application", 404, (ME, 403), (PA, 200), points=["材料"]),
    post("api:opening-confirm", "agreed_application", 404, (PS, 403), (ME, 200)),
    post("api:opening-report", "open_application", 404, (PA, 403), (ME, 200), usage="地图"),
    post("api:opening-seen", "open_application", 404, (ME, 403), (PA, 200)),
    post("api:opening-revoke", "open_application", 404, (ME, 403), (PA, 200), reason="转售", ground="协议"),
    post("api:opening-lapse", "unlisted_application", 404, (ME, 403), (PA, 200), reason="职责已划转"),
    post("api:opening-reply", "agreed_application", 404, (PS, 403), (ME, 204)),
    post(
        "api:opening-competition", "", 403, (PS, 403), (PA, 201), entry_id="@asked_entry", number="招1",
        method="公开招标", held_on=str(today()), winner_id="@applicant_party",
    ),
)  # fmt: skip


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """Applications of one party, in every state."""
    party = make_party(city, "person", ME)
    on, me, provider = today(), city.actor(ME), city.actor(PA)
    table = table_in(city)
    opened(city, table, on=on)

    def asked() -> OpenApplication:
        draft = Draft(
            items=("企业名称",), purpose="地图", scenario="网站", safeguards="本机",
            valid_until=on + timedelta(days=99),
        )  # fmt: skip
        return services.submit_application(actor=me, entry_id=table.entry_id, draft=draft, on=on)[0]

    def agreed() -> OpenApplication:
        return services.agree_application(actor=provider, application_id=asked().id, on=on)

    incomplete, done = asked(), agreed()
    services.ask_supplement(actor=provider, application_id=incomplete.id, points=("材料",), on=on)
    for actor in (me, provider):
        services.confirm_agreement(actor=actor, application_id=done.id, on=on)
    services.report_use(actor=me, application_id=done.id, usage="地图", on=on)
    replies.ask_reply(actor=me, application_id=done.id, on=on)
    gone = table_in(city)
    opened(city, gone, on=on)
    draft = Draft(
        items=("企业名称",), purpose="地图", scenario="网站", safeguards="本机", valid_until=on + timedelta(days=99)
    )  # fmt: skip
    unlisted, _ = services.submit_application(actor=me, entry_id=gone.entry_id, draft=draft, on=on)
    catalog.withdraw_entry(actor=provider, entry_id=gone.entry_id, reason="职责划转", on=on)
    return {
        "unlisted_application": unlisted.id,
        "applicant_party": party.id,
        "asked_entry": table.entry_id,
        "application": asked().id,
        "incomplete_application": incomplete.id,
        "agreed_application": agreed().id,
        "open_application": done.id,
    }
